#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "eventstore/base/limits.h"
#include "eventstore/crypto/hash.h"
#include "eventstore/journal/entry.h"
#include "tests/support/seeded_random.h"
#include "tests/unit/journal_vectors.h"

namespace taus::journal {
namespace {

// Hands out given bytes once; anything more is a bug of the code under test.
class GivenRandom final : public Random {
 public:
  explicit GivenRandom(Bytes bytes) : bytes_(std::move(bytes)) {}
  void fill(std::span<std::uint8_t> out) override {
    TAUS_CHECK(out.size() <= bytes_.size());
    std::copy_n(bytes_.begin(), out.size(), out.begin());
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(out.size()));
  }

 private:
  Bytes bytes_;
};

PartContext context_of(const nlohmann::json& v) {
  return {test::array_of<16>(v, "store"),
          v.at("incarnation"),
          v.at("stream"),
          v.at("version"),
          v.at("partCount"),
          v.at("partIndex"),
          v.at("slot"),
          v.at("epoch")};
}

PartRef ref_of(const nlohmann::json& v) {
  return {v.at("slot"), v.at("epoch"), test::array_of<24>(v, "nonce"), test::array_of<32>(v, "com"),
          test::array_of<32>(v, "contentHash")};
}

TEST(Entry, LeafVectors) {
  for (const auto& v : test::vectors("leaf")) {
    const Bytes bytes = test::bytes_of(v, "leaf");
    const auto leaf = decode_leaf(bytes);
    if (v.at("expect") == "ok") {
      ASSERT_TRUE(leaf) << v.at("name");
      EXPECT_EQ(to_hex(encode(*leaf)), to_hex(bytes)) << v.at("name");
      EXPECT_EQ(to_hex(leaf_hash(bytes)), v.at("hash")) << v.at("name");
    } else {
      ASSERT_FALSE(leaf) << v.at("name");
      EXPECT_EQ(to_string(leaf.error().code), v.at("expect")) << v.at("name");
    }
  }
}

// One test a vector would hide which of them a planted bug lets through.
TEST(Entry, PartVectors) {
  for (const auto& v : test::vectors("part")) {
    SCOPED_TRACE(v.at("name"));
    const crypto::Key key(test::bytes_of(v, "key"));
    const Bytes stored = test::bytes_of(v, "stored");
    const auto opened = open_part(key, context_of(v), ref_of(v), stored);
    if (v.at("expect") != "ok") {
      ASSERT_FALSE(opened);
      EXPECT_EQ(to_string(opened.error().code), v.at("expect"));
      continue;
    }
    ASSERT_TRUE(opened);
    EXPECT_EQ(to_hex(*opened), v.at("plaintext"));
    GivenRandom random(test::bytes_of(v, "random"));
    const SealedPart sealed = seal_part(key, context_of(v), *opened, random);
    EXPECT_EQ(sealed.ref, ref_of(v));
    EXPECT_EQ(to_hex(sealed.bytes), to_hex(stored));
  }
}

TEST(Entry, RowKeysSortAsPositionsDo) {
  EXPECT_EQ(to_hex(leaf_row_key(0x0102)), "0000000000000102");
  EXPECT_EQ(to_hex(part_row_key(0x0102, 3)), "000000000000010203");
  EXPECT_LT(leaf_row_key(255), leaf_row_key(256));
}

TEST(Entry, PublicPartsHaveNothingButTheirHash) {
  const SealedPart part = public_part(view("receipt"));
  EXPECT_EQ(part.ref.slot, public_slot);
  EXPECT_EQ(text(*open_public_part(part.ref, part.bytes)), "receipt");
  EXPECT_EQ(open_public_part(part.ref, view("receipT")).error().code, ErrorCode::tampered);
  PartRef with_epoch = part.ref;
  with_epoch.epoch = 1;
  EXPECT_EQ(open_public_part(with_epoch, part.bytes).error().code, ErrorCode::tampered);
  test::SeededRandom random(1);
  EXPECT_EQ(open_part(crypto::Key::generate(random), {}, part.ref, part.bytes).error().code, ErrorCode::tampered);
}

TEST(Entry, PaddingLeaksLittleAndNeverCutsShort) {
  EXPECT_EQ(padded_bytes(0), 256U);
  EXPECT_EQ(padded_bytes(255), 256U);
  EXPECT_EQ(padded_bytes(256), 272U);
  EXPECT_EQ(padded_bytes(100'000), 100'352U);
  std::size_t before = 0;
  for (std::size_t n = 0; n <= limits::part_bytes_max; ++n) {
    const std::size_t padded = padded_bytes(n);
    ASSERT_GT(padded, n);
    ASSERT_GE(padded, before);
    ASSERT_LE(padded, std::max<std::size_t>(256, n + 1 + (n + 1) / 8)) << n;
    before = padded;
  }
}

TEST(Entry, NoncesDifferAlsoWhenTheGeneratorIsStuck) {
  const Bytes stuck(64, 7);
  const auto nonce = [&](std::string_view plaintext, Version version) {
    GivenRandom random(stuck);
    test::SeededRandom keys(1);
    PartContext context;
    context.version = version;
    context.part_count = 1;
    context.epoch = 1;
    return seal_part(crypto::Key::generate(keys), context, view(plaintext), random).ref.nonce;
  };
  EXPECT_EQ(nonce("a", 1), nonce("a", 1));
  EXPECT_EQ((std::set<Nonce24>{nonce("a", 1), nonce("b", 1), nonce("a", 2)}).size(), 3U);
}

PartContext any_context() {
  PartContext context;
  for (auto& byte : context.store_id) byte = *rc::gen::arbitrary<std::uint8_t>();
  context.incarnation = *rc::gen::arbitrary<std::uint32_t>();
  context.stream = *rc::gen::arbitrary<std::uint64_t>();
  context.version = *rc::gen::arbitrary<std::uint64_t>();
  context.part_count = *rc::gen::inRange<std::uint8_t>(1, 17);
  context.part_index = *rc::gen::inRange<std::uint8_t>(0, context.part_count);
  context.slot = *rc::gen::inRange<std::uint8_t>(0, 16);
  context.epoch = *rc::gen::inRange<std::uint32_t>(1, 1000);
  return context;
}

RC_GTEST_PROP(EntryProperty, PartsComeBack, (const Bytes& plaintext, std::uint64_t seed)) {
  test::SeededRandom random(seed);
  const crypto::Key key = crypto::Key::generate(random);
  const PartContext context = any_context();
  const SealedPart part = seal_part(key, context, plaintext, random);
  RC_ASSERT(part.bytes.size() == padded_bytes(plaintext.size()) + 16);
  const auto opened = open_part(key, context, part.ref, part.bytes);
  RC_ASSERT(opened.has_value());
  RC_ASSERT(*opened == plaintext);
}

RC_GTEST_PROP(EntryProperty, NoBitOfContextCommitmentOrCiphertextMayChange, (const Bytes& plaintext, std::uint64_t seed)) {
  test::SeededRandom random(seed);
  const crypto::Key key = crypto::Key::generate(random);
  PartContext context = any_context();
  SealedPart part = seal_part(key, context, plaintext, random);
  const auto bit = static_cast<std::uint8_t>(1 << *rc::gen::inRange(0, 8));
  switch (*rc::gen::inRange(0, 9)) {
    case 0: context.store_id[*rc::gen::inRange<std::size_t>(0, 16)] ^= bit; break;
    case 1: context.incarnation ^= bit; break;
    case 2: context.stream ^= bit; break;
    case 3: context.version ^= bit; break;
    case 4: context.part_count ^= bit; break;
    case 5: context.part_index ^= bit; break;
    case 6: part.ref.nonce[*rc::gen::inRange<std::size_t>(0, 24)] ^= bit; break;
    case 7: part.ref.commitment[*rc::gen::inRange<std::size_t>(0, 32)] ^= bit; break;
    default:  // also with a leaf that agrees with the changed bytes
      part.bytes[*rc::gen::inRange<std::size_t>(0, part.bytes.size())] ^= bit;
      if (*rc::gen::arbitrary<bool>()) part.ref.content_hash = crypto::blake2b_256({part.bytes});
  }
  const auto opened = open_part(key, context, part.ref, part.bytes);
  RC_ASSERT(!opened.has_value());
  RC_ASSERT(opened.error().code == ErrorCode::tampered);
}

RC_GTEST_PROP(EntryProperty, LeavesComeBackAndCutOnesDoNot, (std::uint64_t seed)) {
  test::SeededRandom random(seed);
  Leaf leaf;
  const PartContext context = any_context();
  leaf.store_id = context.store_id;
  leaf.incarnation = context.incarnation;
  leaf.position = *rc::gen::arbitrary<std::uint64_t>();
  leaf.stream = context.stream;
  leaf.version = std::max<Version>(1, context.version);
  for (int i = 0; i < context.part_count; ++i) {
    leaf.parts.push_back(*rc::gen::arbitrary<bool>() ? public_part(view("x")).ref
                                                     : seal_part(crypto::Key::generate(random), context, view("y"), random).ref);
  }
  const Bytes bytes = encode(leaf);
  const auto decoded = decode_leaf(bytes);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == leaf);
  const auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size());
  RC_ASSERT(!decode_leaf(ByteView(bytes).first(cut)).has_value());
}

RC_GTEST_PROP(EntryProperty, WhatDecodesIsWhatWasEncoded, (Bytes bytes)) {
  bytes.resize(46 + 93 * *rc::gen::inRange<std::size_t>(0, 3));
  bytes[0] = 1;
  bytes[45] = static_cast<std::uint8_t>((bytes.size() - 46) / 93);
  if (const auto leaf = decode_leaf(bytes)) RC_ASSERT(encode(*leaf) == bytes);
}

}  // namespace
}  // namespace taus::journal
