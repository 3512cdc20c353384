#include <gtest/gtest.h>

#include "eventstore/journal/checkpoint.h"
#include "tools/tausctl_local.h"

namespace taus::tools {
namespace {

crypto::SigningKey key_of(std::uint8_t fill) {
  Bytes seed(crypto::Key::size, fill);
  return crypto::SigningKey(crypto::Key(seed));
}

// A note made by the journal's own writer: its checkpoint is a signed note like any other.
std::string note_by(const crypto::SigningKey& key) {
  return journal::format_checkpoint({"taus/0011/1", 5, Hash32{1, 2, 3}}, key);
}

TEST(Note, GoodSignature) {
  const auto key = key_of(7);
  const auto verified = verify_note(note_by(key), key.public_key());
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified.value().signer, "taus/0011/1");
  EXPECT_TRUE(verified.value().text.starts_with("taus/0011/1\n5\n"));
}

TEST(Note, AnyChangedByteIsCaught) {
  const auto key = key_of(7);
  const std::string note = note_by(key);
  for (std::size_t i = 0; i < note.size(); ++i) {
    std::string changed = note;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto verified = verify_note(changed, key.public_key());
    // What is not covered by the signature must not change what is said to be signed.
    if (verified) {
      EXPECT_EQ(verified.value().text, note.substr(0, verified.value().text.size())) << i;
    } else {
      EXPECT_TRUE(verified.error().code == ErrorCode::tampered || verified.error().code == ErrorCode::malformed) << i;
    }
  }
}

TEST(Note, AnotherKeyIsRefused) {
  const auto verified = verify_note(note_by(key_of(7)), key_of(8).public_key());
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, ErrorCode::tampered);
}

TEST(Note, NotANote) {
  const auto key = key_of(7);
  for (const char* text : {"", "\n", "text only\n", "text\n\nno signature\n", "text\n\n\xE2\x80\x94 name !!!!\n", "text\n\n"})
    EXPECT_FALSE(verify_note(text, key.public_key())) << text;
}

TEST(Note, Keys) {
  const auto key = key_of(7);
  const std::string hex = to_hex(key.public_key());
  ASSERT_TRUE(parse_public_key(hex + "\n"));
  EXPECT_EQ(parse_public_key(hex).value(), key.public_key());
  const auto from_vkey = parse_public_key("log+01020304+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
  ASSERT_TRUE(from_vkey);
  EXPECT_EQ(from_vkey.value(), crypto::PublicKey{});
  for (const char* bad : {"", "zz", "00", "log+01020304", "log+01020304+AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "+", "++"})
    EXPECT_FALSE(parse_public_key(bad)) << bad;
}

}  // namespace
}  // namespace taus::tools
