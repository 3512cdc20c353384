#include <gtest/gtest.h>

#include "eventstore/journal/checkpoint.h"
#include "tests/unit/journal_vectors.h"

namespace taus::journal {
namespace {

TEST(Checkpoint, Vectors) {
  for (const auto& v : test::vectors("checkpoint")) {
    SCOPED_TRACE(v.at("name"));
    const Bytes bytes = test::bytes_of(v, "note");
    const std::string origin = v.at("origin");
    const auto checkpoint = verify_checkpoint(text(bytes), origin, test::array_of<32>(v, "key"));
    if (v.at("expect") != "ok") {
      ASSERT_FALSE(checkpoint);
      EXPECT_EQ(to_string(checkpoint.error().code), v.at("expect"));
      continue;
    }
    ASSERT_TRUE(checkpoint) << checkpoint.error().message;
    EXPECT_EQ(checkpoint->origin, origin);
    EXPECT_EQ(checkpoint->size, v.at("size").get<std::uint64_t>());
    const crypto::SigningKey key(crypto::Key(test::bytes_of(v, "seed")));
    EXPECT_TRUE(text(bytes).starts_with(format_checkpoint(*checkpoint, key)));
  }
}

TEST(Checkpoint, TheOriginNamesStoreAndIncarnation) {
  EXPECT_EQ(checkpoint_origin({0xab, 1}, 0x01020304), "taus/ab010000000000000000000000000000/01020304");
}

TEST(Checkpoint, NoByteMayChange) {
  const crypto::SigningKey key(crypto::Key(Bytes(32, 3)));
  const std::string origin = checkpoint_origin({}, 1);
  const std::string note = format_checkpoint({origin, 1234, {1, 2, 3}}, key);
  ASSERT_TRUE(verify_checkpoint(note, origin, key.public_key()));
  for (std::size_t i = 0; i < note.size() * 8; ++i) {
    std::string bad = note;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << i % 8));
    EXPECT_FALSE(verify_checkpoint(bad, origin, key.public_key())) << i;
  }
  EXPECT_EQ(verify_checkpoint(std::string(20'000, 'x'), origin, key.public_key()).error().code, ErrorCode::malformed);
}

}  // namespace
}  // namespace taus::journal
