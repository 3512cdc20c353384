#include <set>

#include <gtest/gtest.h>

#include "eventstore/crypto/aead.h"
#include "eventstore/crypto/sign.h"
#include "eventstore/crypto/system_random.h"

namespace taus::crypto {
namespace {

ByteArray<32> counting(std::uint8_t from) {
  ByteArray<32> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(from + i);
  return out;
}

// draft-irtf-cfrg-xchacha A.3.1.
TEST(Aead, MatchesTheDraftsVector) {
  const std::string_view plain =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
  Nonce24 nonce{};
  for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] = static_cast<std::uint8_t>(0x40 + i);
  const Bytes associated = *from_hex("50515253c0c1c2c3c4c5c6c7");
  const Key key(counting(0x80));
  const Bytes sealed = aead_seal(key, nonce, associated, view(plain));
  EXPECT_EQ(to_hex(ByteView(sealed).first(16)), "bd6d179d3e83d43b9576579493c0e939");
  EXPECT_EQ(to_hex(ByteView(sealed).last(16)), "c0875924c1c7987947deafd8780acf49");
  const auto opened = aead_open(key, nonce, associated, sealed);
  ASSERT_TRUE(opened);
  EXPECT_EQ(text(*opened), plain);
}

TEST(Aead, EveryFlippedByteIsRefused) {
  const Key key(counting(1));
  const Nonce24 nonce{};
  const Bytes associated = {1, 2, 3};
  const Bytes sealed = aead_seal(key, nonce, associated, view("abc"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes bad = sealed;
    bad[i] ^= 1;
    EXPECT_FALSE(aead_open(key, nonce, associated, bad));
  }
  EXPECT_FALSE(aead_open(key, nonce, Bytes{1, 2, 4}, sealed));
  EXPECT_FALSE(aead_open(Key(counting(2)), nonce, associated, sealed));
  EXPECT_FALSE(aead_open(key, nonce, associated, ByteView(sealed).first(15)));
}

// RFC 8032 7.1, test 1.
TEST(Sign, MatchesTheRfcsVector) {
  const SigningKey key{Key(*from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))};
  EXPECT_EQ(to_hex(key.public_key()), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  Signature signature = key.sign({});
  EXPECT_EQ(to_hex(signature),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b");
  EXPECT_TRUE(verify(key.public_key(), {}, signature));
  EXPECT_FALSE(verify(key.public_key(), view("x"), signature));
  signature[0] ^= 1;
  EXPECT_FALSE(verify(key.public_key(), {}, signature));
}

TEST(Key, MovingLeavesZerosBehind) {
  Key a(counting(9));
  const Key b = std::move(a);
  EXPECT_EQ(to_hex(a.view()), std::string(64, '0'));  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(b == Key(counting(9)));
  EXPECT_FALSE(b == Key(counting(8)));
  EXPECT_TRUE(b.clone() == b);
  EXPECT_FALSE(equal(Bytes{1}, Bytes{1, 2}));
}

TEST(SystemRandom, NeverRepeatsAndFillsEveryByte) {
  SystemRandom random;
  std::set<Bytes> seen;
  for (std::size_t i = 0; i < 10'000; ++i) {
    Bytes out(24);
    random.fill(out);
    EXPECT_TRUE(seen.insert(out).second);
  }
  Bytes large(10'000, 0);
  random.fill(large);
  std::size_t zeros = 0;
  for (const auto byte : large) zeros += byte == 0 ? 1 : 0;
  EXPECT_LT(zeros, 120U);  // 39 expected
}

}  // namespace
}  // namespace taus::crypto
