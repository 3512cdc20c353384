#include <gtest/gtest.h>

#include "eventstore/crypto/hash.h"

#ifdef TAUS_BLAKE2B_PLAIN
extern "C" {
int blake2b_compress_ref(void*, const unsigned char*);
int blake2b_compress_avx2(void*, const unsigned char*);
}
#endif

namespace taus::crypto {
namespace {

TEST(Hash, Blake2b256OfAbcIsWhatOtherImplementationsSay) {
  EXPECT_EQ(to_hex(blake2b_256({view("abc")})), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  EXPECT_EQ(blake2b_256({view("a"), view(""), view("bc")}), blake2b_256({view("abc")}));
}

// RFC 7693's reference keyed vector: key 00..3f, empty input, 64 bytes.
TEST(Hash, KeyedBlake2bMatchesTheReferenceVector) {
  Bytes key(64);
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  Bytes out(64);
  blake2b_keyed(out, key, {});
  EXPECT_EQ(to_hex(out),
            "10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786"
            "b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568");
}

TEST(Hash, LengthsOfKeyedBlake2bAreDifferentFunctions) {
  const Key key(Bytes(32, 7));
  const auto eight = blake2b<8>(key, {view("taus/kver/1")});
  const auto sixty_four = blake2b<64>(key, {view("taus/kver/1")});
  EXPECT_FALSE(std::equal(eight.begin(), eight.end(), sixty_four.begin()));
}

// FIPS 180-4 examples.
TEST(Hash, Sha256MatchesTheStandard) {
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256({view("abc")})), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256({view("ab"), view("c")}), sha256({view("abc")}));
}

// Every number of bytes in the last block, and of blocks; what Python's hashlib says of the same.
TEST(Hash, KeyedBlake2bIsThatOfAnotherLibraryForEveryLength) {
  Bytes bytes(700);
  std::uint32_t seed = 1;
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>((seed = seed * 1664525 + 1013904223) >> 24);
  Bytes all;
  for (const std::size_t wide : {std::size_t{8}, std::size_t{16}, std::size_t{32}, std::size_t{64}}) {
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
      Bytes out(wide);
      blake2b_keyed(out, ByteView(bytes).first(32),
                    {ByteView(bytes).first(size / 3), ByteView(bytes).subspan(size / 3, size - size / 3)});
      all.insert(all.end(), out.begin(), out.end());
    }
  }
  EXPECT_EQ(to_hex(sha256({all})), "b45d5cb8b90b59651405f9e4f6b3af91ea87e0b1fa112329f4724faef2cfcaff");
}

#ifdef TAUS_BLAKE2B_PLAIN
// Else hashing takes twice as long, and nobody would notice (docs/decisions/0016).
TEST(Hash, Blake2bIsPlainC) { EXPECT_EQ(&blake2b_compress_avx2, &blake2b_compress_ref); }
#endif

}  // namespace
}  // namespace taus::crypto
