#include <gtest/gtest.h>

#include "tests/support/faulty_store.h"

namespace taus::test {
namespace {

using storage::Table;
using storage::WriteBatch;

WriteBatch put(std::uint8_t key) {
  WriteBatch batch;
  batch.put(Table::meta, Bytes{key}, Bytes{key});
  return batch;
}

TEST(FaultyStore, SyncedCommitsOutliveACrash) {
  FaultyStore store;
  for (std::uint8_t i = 0; i < 5; ++i) ASSERT_TRUE(store.commit(put(i)));
  store.crash();
  EXPECT_EQ(store.rows(Table::meta).size(), 5U);
  EXPECT_EQ(store.commits(), 5U);
}

TEST(FaultyStore, TheChosenCommitFailsAndLatches) {
  for (const auto outcome : {FaultyStore::Failed::lost, FaultyStore::Failed::kept}) {
    FaultyStore store;
    store.fail_commit_at(3, outcome);
    EXPECT_TRUE(store.commit(put(1)));
    EXPECT_TRUE(store.commit(put(2)));
    EXPECT_EQ(store.commit(put(3)).error().code, ErrorCode::io);
    EXPECT_TRUE(store.latched());
    EXPECT_EQ(store.commit(put(4)).error().code, ErrorCode::io);
    store.crash();
    EXPECT_FALSE(store.latched());
    EXPECT_EQ(store.rows(Table::meta).size(), outcome == FaultyStore::Failed::kept ? 3U : 2U);
  }
}

TEST(FaultyStore, APlantedEarlyAnswerLosesTheLastCommit) {
  FaultyStore store;
  store.acknowledge_before_sync = true;
  for (std::uint8_t i = 0; i < 5; ++i) ASSERT_TRUE(store.commit(put(i)));
  EXPECT_EQ(store.rows(Table::meta).size(), 5U);
  store.crash();
  EXPECT_EQ(store.rows(Table::meta).size(), 4U);
}

TEST(FaultyStore, SnapshotsSeeTheirMoment) {
  FaultyStore store;
  ASSERT_TRUE(store.commit(put(1)));
  const auto snapshot = store.snapshot();
  ASSERT_TRUE(store.commit(put(2)));
  EXPECT_FALSE(*snapshot->get(Table::meta, Bytes{2}));
  EXPECT_TRUE(*store.get(Table::meta, Bytes{2}));
}

}  // namespace
}  // namespace taus::test
