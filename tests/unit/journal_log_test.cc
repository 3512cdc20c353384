#include <gtest/gtest.h>

#include "eventstore/crypto/hash.h"
#include "eventstore/journal/journal.h"
#include "tests/support/faulty_store.h"
#include "tests/support/seeded_random.h"

namespace taus::journal {
namespace {

using storage::Table;
using test::FaultyStore;

const Journal::Options options{{9, 9, 9}, 77, {}, false};

FloorRecord floor_of(const Journal& journal) {
  return {options.store_id, options.incarnation, journal.tree().size(), journal.tree().root(), journal.tree().frontier(), 0, 0};
}

// A journal over a store, with a floor moved as the commit stage does.
class JournalTest : public testing::Test {
 protected:
  JournalTest() { reopen(); }

  Result<void> append(Ordinal stream, std::string_view plaintext) {
    PartContext context{options.store_id, options.incarnation, stream, journal_->version(stream) + 1, 2, 0, 3, 1};
    const std::array parts = {seal_part(key_, context, view(plaintext), random_), public_part(view("public"))};
    storage::WriteBatch batch;
    journal_->stage(batch, stream, parts);
    TAUS_TRY(store_.commit(batch));
    floor_ = floor_of(*journal_);
    return {};
  }
  void fill(int events) {
    for (int i = 0; i < events; ++i) ASSERT_TRUE(append(static_cast<Ordinal>(i % 3), "event " + std::to_string(i)));
  }
  Result<void> open(std::vector<Leaf>* seen = nullptr) {
    auto journal = Journal::open(store_, floor_, options, [&](const Leaf& leaf) -> Result<void> {
      if (seen != nullptr) seen->push_back(leaf);
      return {};
    });
    if (!journal) return journal.error();
    journal_ = std::move(*journal);
    return {};
  }
  void reopen() { ASSERT_TRUE(open()); }
  void refused(const char* why) {
    const auto opened = open();
    ASSERT_FALSE(opened) << why;
    EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
    EXPECT_NE(opened.error().message.find(why), std::string::npos) << opened.error().message;
  }
  // Changes a leaf that is on disk.
  void rewrite(Position position, const std::function<void(Leaf&)>& change) {
    Leaf leaf = *journal_->read_leaf(position);
    change(leaf);
    store_.set(Table::leaf, leaf_row_key(position), encode(leaf));
  }

  FaultyStore store_;
  test::SeededRandom random_{1};
  const crypto::Key key_{Bytes(32, 5)};
  std::optional<FloorRecord> floor_ = FloorRecord{options.store_id, options.incarnation, 0, MerkleTree().root(), {}, 0, 0};
  std::unique_ptr<Journal> journal_;
};

TEST_F(JournalTest, ReopeningChangesNothing) {
  fill(20);
  const Hash32 root = journal_->tree().root();
  std::vector<Leaf> seen;
  ASSERT_TRUE(open(&seen));
  EXPECT_EQ(journal_->tree().root(), root);
  EXPECT_EQ(journal_->next_position(), 20U);
  EXPECT_EQ(journal_->version(0), 7U);
  EXPECT_EQ(journal_->version(2), 6U);
  EXPECT_EQ(journal_->version(99), 0U);
  EXPECT_EQ(journal_->highest_stream(), 2U);
  ASSERT_EQ(seen.size(), 20U);
  for (Position p = 0; p < 20; ++p) EXPECT_EQ(seen[p], *journal_->read_leaf(p));
}

TEST_F(JournalTest, PartsAreReadByPosition) {
  fill(5);
  const Leaf leaf = *journal_->read_leaf(4);
  const Bytes stored = *journal_->read_part(4, 0);
  const PartContext context{options.store_id, options.incarnation, leaf.stream, leaf.version, 2, 0, 3, 1};
  EXPECT_EQ(text(*open_part(key_, context, leaf.parts[0], stored)), "event 4");
  EXPECT_EQ(text(*open_public_part(leaf.parts[1], *journal_->read_part(4, 1))), "public");
  EXPECT_EQ(journal_->read_part(4, 2).error().code, ErrorCode::unavailable);
  EXPECT_EQ(journal_->read_leaf(5).error().code, ErrorCode::not_found);
}

TEST_F(JournalTest, APurgedPartLeavesItsLeafAndTheTree) {
  fill(5);
  store_.set(Table::part, part_row_key(2, 0), std::nullopt);
  ASSERT_TRUE(open());
  EXPECT_EQ(journal_->read_part(2, 0).error().code, ErrorCode::unavailable);
}

TEST_F(JournalTest, ScansPartsOfTheJournalAndStops) {
  fill(10);
  std::vector<Position> seen;
  ASSERT_TRUE(journal_->scan(3, 8, [&](const Leaf& leaf) -> Result<bool> {
    seen.push_back(leaf.position);
    return leaf.position < 6;
  }));
  EXPECT_EQ(seen, (std::vector<Position>{3, 4, 5, 6}));
  const auto failed = journal_->scan(0, 10, [](const Leaf&) -> Result<bool> { return Error(ErrorCode::busy, "no"); });
  EXPECT_EQ(failed.error().code, ErrorCode::busy);
  EXPECT_TRUE(journal_->scan(5, 5, [](const Leaf&) -> Result<bool> { return Error(ErrorCode::busy, "no"); }));
}

TEST_F(JournalTest, ProvesEveryPositionInEverySize) {
  fill(13);
  MerkleTree tree;
  for (std::uint64_t size = 1; size <= 13; ++size) {
    tree.append(leaf_hash(store_.rows(Table::leaf).at(leaf_row_key(size - 1))));
    for (Position p = 0; p < size; ++p) {
      const Hash32 hash = leaf_hash(store_.rows(Table::leaf).at(leaf_row_key(p)));
      EXPECT_TRUE(verify_inclusion(hash, p, size, *journal_->prove(p, size), tree.root()));
    }
  }
  EXPECT_EQ(journal_->prove(5, 5).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(journal_->prove(5, 14).error().code, ErrorCode::not_found);
}

TEST_F(JournalTest, ALostTailIsRefused) {
  fill(12);
  for (Position p : {10, 11}) store_.set(Table::leaf, leaf_row_key(p), std::nullopt);
  refused("holds 10 entries and the floor says 12");
  for (Position p = 0; p < 10; ++p) store_.set(Table::leaf, leaf_row_key(p), std::nullopt);
  refused("holds 0 entries and the floor says 12");
}

TEST_F(JournalTest, ACommitWithoutItsFloorStays) {
  fill(6);
  const auto floor = floor_;
  fill(2);
  floor_ = floor;
  ASSERT_TRUE(open());
  EXPECT_EQ(journal_->next_position(), 8U);
}

TEST_F(JournalTest, AGapIsRefused) {
  fill(12);
  store_.set(Table::leaf, leaf_row_key(5), std::nullopt);
  refused("position 5 is missing");
}

TEST_F(JournalTest, AnyChangedLeafIsRefused) {
  fill(12);
  for (Position p = 0; p < 12; ++p) {
    const Bytes good = store_.rows(Table::leaf).at(leaf_row_key(p));
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
      Bytes bad = good;
      bad[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
      store_.set(Table::leaf, leaf_row_key(p), bad);
      ASSERT_FALSE(open()) << p << " bit " << bit;
    }
    store_.set(Table::leaf, leaf_row_key(p), good);
  }
  EXPECT_TRUE(open());
}

TEST_F(JournalTest, AConsistentRewriteOfHistoryIsRefused) {
  fill(12);
  rewrite(3, [](Leaf& leaf) { leaf.parts[0].content_hash[0] ^= 1; });
  refused("not those that the floor was signed for");
}

TEST_F(JournalTest, ForeignLeavesAreRefused) {
  fill(3);
  const auto good = store_.rows(Table::leaf).at(leaf_row_key(1));
  rewrite(1, [](Leaf& leaf) { leaf.store_id[0] ^= 1; });
  refused("another store");
  store_.set(Table::leaf, leaf_row_key(1), good);
  rewrite(1, [](Leaf& leaf) { leaf.incarnation ^= 1; });
  refused("another store");
  store_.set(Table::leaf, leaf_row_key(1), good);
  rewrite(1, [](Leaf& leaf) { leaf.version = 2; });
  refused("has version 2 where version 1");
  store_.set(Table::leaf, leaf_row_key(1), store_.rows(Table::leaf).at(leaf_row_key(2)));
  refused("says that it belongs to position 2");
  store_.set(Table::leaf, leaf_row_key(1), Bytes{1, 2, 3});
  refused("damaged");
}

TEST_F(JournalTest, AFloorOfAnotherStoreOrAnAbsentOneIsRefused) {
  fill(3);
  const auto good = floor_;
  floor_->store_id[1] ^= 1;
  refused("floor file belongs to another store");
  floor_ = std::nullopt;
  refused("floor file is blank");
  floor_ = good;
  EXPECT_TRUE(open());
}

TEST_F(JournalTest, TheVisitorsErrorEndsOpening) {
  fill(3);
  const auto opened =
      Journal::open(store_, floor_, options, [](const Leaf&) -> Result<void> { return Error(ErrorCode::too_large, "x"); });
  EXPECT_EQ(opened.error().code, ErrorCode::too_large);
}

// The promise behind it all: whatever was acknowledged is there after a power cut, or the store is refused.
bool acknowledged_survive(FaultyStore& store, std::uint64_t* refused) {
  const crypto::Key key{Bytes(32, 5)};
  test::SeededRandom random(1);
  FloorRecord floor{options.store_id, options.incarnation, 0, MerkleTree().root(), {}, 0, 0};
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 20; ++round) {
    auto journal = Journal::open(store, floor, options, {});
    if (!journal) {
      ++*refused;
      return true;
    }
    if ((*journal)->next_position() < acknowledged) return false;
    store.fail_commit_at(static_cast<std::uint64_t>(round % 4 + 1),
                         round % 2 == 0 ? FaultyStore::Failed::kept : FaultyStore::Failed::lost);
    for (int i = 0; i < 5; ++i) {
      PartContext context{options.store_id, options.incarnation, 1, (*journal)->version(1) + 1, 1, 0, 3, 1};
      const std::array parts = {seal_part(key, context, view("x"), random)};
      storage::WriteBatch batch;
      (*journal)->stage(batch, 1, parts);
      if (!store.commit(batch)) break;
      acknowledged = (*journal)->next_position();
      floor = floor_of(**journal);
    }
    store.crash();
  }
  return true;
}

TEST(JournalCrash, WhatWasAcknowledgedSurvivesPowerCuts) {
  FaultyStore store;
  std::uint64_t refused = 0;
  EXPECT_TRUE(acknowledged_survive(store, &refused));
  EXPECT_EQ(refused, 0U);
}

// Planted: the store answers before the sync. The floor, which is outside of it, must find out.
TEST(JournalCrash, AStoreThatAnswersBeforeItsSyncIsFoundOut) {
  FaultyStore store;
  store.acknowledge_before_sync = true;
  std::uint64_t refused = 0;
  EXPECT_TRUE(acknowledged_survive(store, &refused));
  EXPECT_EQ(refused, 1U);
}

}  // namespace
}  // namespace taus::journal
