#include <set>

#include <gtest/gtest.h>

#include "eventstore/vault/root_record.h"
#include "eventstore/vault/rows.h"
#include "tests/support/seeded_random.h"

namespace taus::vault {
namespace {

crypto::Key key_of(std::uint8_t byte) { return crypto::Key(Bytes(32, byte)); }

class FixedRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override { std::fill(out.begin(), out.end(), std::uint8_t{0x24}); }
};

StoreId store_id() {
  StoreId id;
  id.fill(0x11);
  return id;
}

Node interior() {
  Node node;
  node.key = key_of(1);
  node.set(63, key_of(3));
  node.set(0, key_of(2));
  return node;
}

Node subject() {
  Node node;
  node.key = key_of(4);
  for (int category = 0; category < slot_count; ++category) {  // reversed: category c in slot 15 - c
    auto& pair = node.perm.at(static_cast<std::size_t>(category) / 2);
    const int slot = 15 - category;
    pair = static_cast<std::uint8_t>(pair | (category % 2 == 0 ? slot : slot << 4));
  }
  node.epochs[15] = 2;
  node.set(15, key_of(5));
  return node;
}

// The bytes of docs/format/keys.md "Key tree", made with an independent program.
TEST(Node, RowsAreTheGoldenBytes) {
  FixedRandom random;
  const NodeId id{2, 7};
  const Node node = interior();
  EXPECT_EQ(to_hex(node_row_key(id, node.key)), "4e0200000000000000076eacbd0c5243a612");
  EXPECT_EQ(to_hex(seal_node(store_id(), id, 9, node, random)),
            "0109000000000000002424242424242424242424242424242424242424242424244add382f69e466fc22cca585a9f908"
            "98ed53fd173b5e484a9a9d1152ee6d885324f62de52cfa5ad6fd41c44bc6339995649a1c3e113ac484584f8a0da229a2"
            "6d0305fdd54596cb19de3947fdf83785cb391ccd1db736d2ea");
  const NodeId leaf{5, 4097};
  EXPECT_EQ(to_hex(node_row_key(leaf, subject().key)), "4e05000000000000100108f4e28f4904e3fe");
  EXPECT_EQ(to_hex(seal_node(store_id(), leaf, 3, subject(), random)),
            "01030000000000000024242424242424242424242424242424242424242424242476794d208f89da6a3451d240e67d62"
            "764d92902330625b5fa59a9564a04f207c13d33e1818e0ee96cffcbd6254bde129bdaf743cbddf9ce8b789fc3c01d49f"
            "cc6a0ba1264c67c6bb1418e83b9ac946f7461d330995a09ac488bf028c8176b4727a4c81d5a4f0900e706030b52f1770"
            "9851827ea04c458590a954");
}

TEST(Node, OpensWhatItSealed) {
  test::SeededRandom random(1);
  const Bytes row = seal_node(store_id(), {5, 9}, 3, subject(), random);
  const auto node = open_node(store_id(), {5, 9}, key_of(4), row);
  ASSERT_TRUE(node);
  EXPECT_EQ(node->slot_of(0), 15);
  EXPECT_EQ(node->category_of(15), 0);
  EXPECT_EQ(node->epochs, subject().epochs);
  EXPECT_TRUE(node->child(15) == key_of(5));
  EXPECT_TRUE(node->key == key_of(4));
}

TEST(Node, EveryChangeOfTheRowOrItsPlaceIsCorrupt) {
  test::SeededRandom random(1);
  const Bytes row = seal_node(store_id(), {5, 9}, 3, subject(), random);
  for (std::size_t i = 0; i < row.size(); ++i) {
    Bytes bad = row;
    bad[i] ^= 1;
    const auto node = open_node(store_id(), {5, 9}, key_of(4), bad);
    ASSERT_FALSE(node);
    EXPECT_EQ(node.error().code, ErrorCode::corrupt);
  }
  EXPECT_FALSE(open_node(store_id(), {5, 8}, key_of(4), row));
  EXPECT_FALSE(open_node(store_id(), {4, 9}, key_of(4), row));
  EXPECT_FALSE(open_node(store_id(), {5, 9}, key_of(5), row));
  EXPECT_FALSE(open_node(StoreId{}, {5, 9}, key_of(4), row));
  EXPECT_FALSE(open_node(store_id(), {5, 9}, key_of(4), {}));
}

TEST(Node, ChildrenStayInOrder) {
  Node node = interior();
  node.set(7, key_of(9));
  node.set(7, key_of(8));
  EXPECT_TRUE(node.child(0) == key_of(2) && node.child(7) == key_of(8) && node.child(63) == key_of(3));
  node.remove(0);
  EXPECT_FALSE(node.has(0));
  EXPECT_TRUE(node.child(7) == key_of(8) && node.child(63) == key_of(3));
}

TEST(Node, PermutationsDiffer) {
  test::SeededRandom random(1);
  std::set<ByteArray<8>> seen;
  for (int i = 0; i < 100; ++i) seen.insert(new_subject_node(random).perm);
  EXPECT_EQ(seen.size(), 100U);
}

TEST(Node, RowKeysParseStrictly) {
  const Bytes key = node_row_key({5, 63ULL << 24}, key_of(1));
  const auto name = parse_node_row_key(key);
  ASSERT_TRUE(name);
  EXPECT_EQ(name->id, (NodeId{5, 63ULL << 24}));
  EXPECT_EQ(name->version, version_of(key_of(1)));
  EXPECT_FALSE(parse_node_row_key(ByteView(key).first(17)));
  EXPECT_FALSE(parse_node_row_key(node_row_key({6, 0}, key_of(1))));
  EXPECT_FALSE(parse_node_row_key(node_row_key({1, 64}, key_of(1))));
}

TEST(Rows, CommitAndPendingRowsReadBackAndRefuseDamage) {
  CommitRow row;
  row.commit.generation = 12;
  row.commit.victims.push_back({5, 3, 2, ByteArray<32>{1}});
  row.commit.requests.push_back({7, 5, 0x0101, Bytes{1, 2, 3}});
  row.written.push_back(node_row_key({0, 0}, key_of(1)));
  row.superseded.push_back(node_row_key({5, 5}, key_of(2)));
  const auto again = decode_commit_row(commit_row_key(12), encode(row));
  ASSERT_TRUE(again);
  EXPECT_EQ(encode(*again), encode(row));
  EXPECT_EQ(again->commit.requests[0].note, (Bytes{1, 2, 3}));
  Bytes shortened = encode(row);
  for (shortened.pop_back(); !shortened.empty(); shortened.pop_back()) {
    EXPECT_FALSE(decode_commit_row(commit_row_key(12), shortened));
  }
  const auto pending = decode_pending_row(pending_row_key(7), encode(row.commit.requests[0]));
  ASSERT_TRUE(pending);
  EXPECT_EQ(pending->id, 7U);
  EXPECT_EQ(pending->categories, 0x0101);
  EXPECT_FALSE(decode_pending_row(commit_row_key(7), encode(row.commit.requests[0])));
}

// Bytes made by another program from docs/format/keys.md "Large shreds".
TEST(Rows, ChunkRowsAreAsWritten) {
  const Bytes told = *from_hex(
      "010100000005000000000000000301000000623e5d17329d20549d5ebe7a2e8688b98ed7db0b8fb983b2b22a644c218313cd"
      "0100000009000000000000000500000000000000ffff0107");
  const auto chunk = decode_chunk_row(chunk_row_key(7, 2), told);
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->generation, 7U);
  EXPECT_EQ(chunk->chunk, 2U);
  EXPECT_EQ(chunk->victims[0].subject, 5U);
  EXPECT_EQ(chunk->requests[0].id, 9U);
  EXPECT_EQ(encode_chunk(*chunk), told);
  const Bytes listed = *from_hex(
      "01010000004e0500000000000000030001020304050607"
      "010000004e0500000000000000030001020304050607");
  const auto work = decode_work_row(listed);
  ASSERT_TRUE(work);
  EXPECT_EQ(work->written, work->superseded);
  EXPECT_EQ(encode(*work), listed);
  const Bytes head = *from_hex(
      "02010000000000000000000000000000000001000000"
      "4e0500000000000000030001020304050607010000004e050000000000000003000102030405060703000000");
  const auto commit = decode_commit_row(commit_row_key(7), head);
  ASSERT_TRUE(commit);
  EXPECT_EQ(commit->commit.chunks, 3U);
  EXPECT_EQ(encode(*commit), head);
  for (const Bytes& whole : {told, listed, head}) {
    const ByteView cut = ByteView(whole).first(whole.size() - 1);
    EXPECT_FALSE(decode_chunk_row(chunk_row_key(7, 2), cut));
    EXPECT_FALSE(decode_work_row(cut));
    EXPECT_FALSE(decode_commit_row(commit_row_key(7), cut));
  }
  EXPECT_EQ(parse_chunk_key(work_row_key(7, 2)), (ChunkName{7, 2}));
  EXPECT_FALSE(parse_chunk_key(commit_row_key(7)));
}

TEST(RootRecord, TornOrDamagedIsNoRecord) {
  RootRecord record;
  record.generation = 3;
  record.root = key_of(1);
  record.escrow = key_of(2);
  const Bytes good = encode(record);
  ASSERT_TRUE(decode_root_record(good));
  EXPECT_EQ(decode_root_record(good)->generation, 3U);
  EXPECT_TRUE(decode_root_record(good)->escrow == record.escrow);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 0x80;
    EXPECT_FALSE(decode_root_record(bad));
  }
  EXPECT_FALSE(decode_root_record(Bytes(good.size(), 0)));
}

}  // namespace
}  // namespace taus::vault
