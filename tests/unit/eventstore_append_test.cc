#include <algorithm>

#include "eventstore/base/limits.h"
#include "tests/unit/eventstore_support.h"

namespace taus::test {
namespace {

TEST(EventStore, WhatIsAppendedIsReadAgainAlsoAfterARestart) {
  Shop shop(1);
  ASSERT_TRUE(shop.open());
  const Ordinal anna = shop.es->new_subject().value();
  const Ordinal berit = shop.es->new_subject().value();
  EXPECT_EQ(shop.append(anna, {shop.part(0, "Anna"), shop.part(3, "3807")}).version, 1U);
  EXPECT_EQ(shop.append(berit, {shop.part(0, "Berit")}).version, 1U);
  const Appended third = shop.append(anna, {shop.part(7, "Hei")});
  EXPECT_EQ(third.version, 2U);
  EXPECT_EQ(third.position, 2U);
  EXPECT_EQ(shop.show(2), "[busy]") << "staged only";
  shop.commit();
  const auto root = shop.es->journal().tree().root();
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(shop.show(0, 0), "0:Anna");
    EXPECT_EQ(shop.show(0, 1), "3:3807");
    EXPECT_EQ(shop.show(1), "0:Berit");
    EXPECT_EQ(shop.show(2), "7:Hei");
    EXPECT_EQ(shop.show(3), "[not_found]");
    EXPECT_EQ(shop.es->version(anna), 2U);
    EXPECT_EQ(shop.es->journal().tree().root(), root);
    EXPECT_TRUE(shop.es->everything_durable());
    ASSERT_TRUE(shop.restart());
  }
  ASSERT_EQ(shop.seen.size(), 3U);
  EXPECT_EQ(shop.seen[0].parts, (std::vector<std::string>{"0:Anna", "3:3807"}));
  EXPECT_EQ(shop.es->new_subject().value(), berit + 1) << "ordinals are never reused";
}

TEST(EventStore, WhatWasNotCommittedIsGoneWhole) {
  Shop shop(2);
  ASSERT_TRUE(shop.open());
  const Ordinal anna = shop.es->new_subject().value();
  shop.append(anna, {shop.part(0, "Anna")});
  shop.commit();
  shop.append(anna, {shop.part(7, "one")});
  shop.append(anna, {shop.part(7, "two")});
  ASSERT_TRUE(shop.restart());
  EXPECT_EQ(shop.es->journal().next_position(), 1U);
  EXPECT_EQ(shop.es->version(anna), 1U);
  EXPECT_EQ(shop.append(anna, {shop.part(7, "again")}).version, 2U);
  shop.commit();
  ASSERT_TRUE(shop.restart());
  EXPECT_EQ(shop.show(1), "7:again");
}

TEST(EventStore, AShreddedCategoryIsShreddedAndTheOthersLive) {
  Shop shop(3);
  ASSERT_TRUE(shop.open());
  const Ordinal anna = shop.es->new_subject().value();
  shop.append(anna, {shop.part(0, "Anna"), shop.part(7, "Hei")});
  shop.commit();
  shop.shred(anna, 1U << 7);
  shop.append(anna, {shop.part(7, "new mail under a new epoch")});
  shop.commit();
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(shop.show(0, 0), "0:Anna");
    EXPECT_EQ(shop.show(0, 1), "[shredded]");
    EXPECT_EQ(shop.show(1), "-1:receipt");
    EXPECT_EQ(shop.show(2), "7:new mail under a new epoch");
    ASSERT_TRUE(shop.restart());
  }
  shop.shred(anna, 0xffff);
  EXPECT_EQ(shop.show(0, 0), "[shredded]");
  EXPECT_EQ(shop.show(2), "[shredded]");
  const auto again = shop.es->append(anna, std::vector<NewPart>{shop.part(0, "x")});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::not_found);
  ASSERT_TRUE(shop.restart());
  EXPECT_EQ(shop.show(0, 0), "[shredded]");
}

TEST(EventStore, AShredAcceptedBeforeACrashIsStillPendingAndItsReceiptIsNotForgotten) {
  Shop shop(4);
  ASSERT_TRUE(shop.open());
  const Ordinal anna = shop.es->new_subject().value();
  shop.append(anna, {shop.part(0, "Anna")});
  shop.es->accept_shred(anna, 0xffff, Bytes{2}).value();
  shop.commit();
  ASSERT_TRUE(shop.restart());
  ASSERT_TRUE(shop.es->shreds_pending());
  const auto done = shop.es->shred().value();
  ASSERT_EQ(done.requests.size(), 1U);
  EXPECT_EQ(done.requests[0].note, Bytes{2});
  ASSERT_TRUE(shop.restart()) << "killed before the receipt";
  EXPECT_FALSE(shop.es->shreds_pending());
  const auto missing = shop.es->unreceipted().value();
  ASSERT_EQ(missing.size(), 1U);
  EXPECT_EQ(missing[0].generation, done.generation);
  shop.append(centre_stream, {shop.part(-1, "receipt")});
  shop.es->receipted(done.generation);
  shop.commit();
  ASSERT_TRUE(shop.restart());
  EXPECT_TRUE(shop.es->unreceipted().value().empty());
}

TEST(EventStore, APartTooLargeIsRefusedAndLeavesTheStoreAsItWas) {
  Shop shop(5);
  ASSERT_TRUE(shop.open());
  const Ordinal anna = shop.es->new_subject().value();
  shop.append(anna, {shop.part(0, "Anna")});
  shop.commit();
  const auto refused = shop.es->append(anna, std::vector<NewPart>{shop.part(0, std::string(limits::part_bytes_max + 1, 'x'))});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
  EXPECT_EQ(shop.es->version(anna), 1U);
  EXPECT_EQ(shop.append(anna, {shop.part(0, std::string(limits::part_bytes_max, 'x'))}).version, 2U);
}

TEST(EventStore, ACommitUnderWayLeavesWhatCameAfterItStaged) {
  Shop shop(6);
  ASSERT_TRUE(shop.open());
  const Ordinal anna = shop.es->new_subject().value();
  shop.append(anna, {shop.part(0, "Anna")});
  Commit first = shop.es->take_commit(a_day);
  shop.append(anna, {shop.part(0, "later")});
  Commit second = shop.es->take_commit(a_day);
  shop.es->seal(first);
  ASSERT_TRUE(shop.es->make_durable(first));
  shop.es->note_durable(first.floor);
  EXPECT_EQ(shop.show(0), "0:Anna");
  EXPECT_EQ(shop.show(1), "[busy]");
  EXPECT_FALSE(shop.es->everything_durable());
  shop.es->seal(second);
  ASSERT_TRUE(shop.es->make_durable(second));
  shop.es->note_durable(second.floor);
  EXPECT_EQ(shop.show(1), "0:later");
  EXPECT_TRUE(shop.es->everything_durable());
}

TEST(EventStore, AFailedCommitStopsTheStore) {
  Shop shop(7);
  ASSERT_TRUE(shop.open());
  const Ordinal anna = shop.es->new_subject().value();
  shop.append(anna, {shop.part(0, "Anna")});
  shop.store.fail_commit_at(1);
  const auto failed = shop.es->commit(a_day);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::io);
  shop.append(anna, {shop.part(0, "more")});
  EXPECT_FALSE(shop.es->commit(a_day)) << "latched until the restart";
  ASSERT_TRUE(shop.restart());
  EXPECT_EQ(shop.es->journal().next_position(), 0U);
}

TEST(EventStore, ChangedBytesAreTamperedNotServedAndMissingOnesUnavailable) {
  Shop shop(8);
  ASSERT_TRUE(shop.open());
  const Ordinal anna = shop.es->new_subject().value();
  shop.append(anna, {shop.part(0, "Anna"), shop.part(1, "a@b.no")});
  shop.commit();
  Bytes key = journal::part_row_key(0, 0);
  Bytes row = shop.store.rows(storage::Table::part).at(key);
  row[17] ^= 1;
  shop.store.set(storage::Table::part, key, row);
  EXPECT_EQ(shop.show(0, 0), "[tampered]");
  shop.store.set(storage::Table::part, journal::part_row_key(0, 1), std::nullopt);
  EXPECT_EQ(shop.show(0, 1), "[unavailable]");
}

}  // namespace
}  // namespace taus::test
