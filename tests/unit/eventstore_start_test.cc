#include <gmock/gmock.h>

#include "eventstore/store_meta.h"
#include "tests/unit/eventstore_support.h"

namespace taus::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// A store with three acknowledged events.
std::unique_ptr<Shop> lived_in(std::uint64_t seed) {
  auto shop = std::make_unique<Shop>(seed);
  shop->open().value();
  const Ordinal anna = shop->es->new_subject().value();
  for (const char* const one : {"one", "two", "three"}) {
    shop->append(anna, {shop->part(0, one)});
    shop->commit();
  }
  return shop;
}

// The disk forgets the newest event without a word, key rows included or not.
void lose_last_event(Shop& shop) {
  const Position last = shop.es->journal().next_position() - 1;
  shop.store.set(storage::Table::leaf, journal::leaf_row_key(last), std::nullopt);
  shop.store.set(storage::Table::part, journal::part_row_key(last, 0), std::nullopt);
}

TEST(StartUp, ALostTailIsRefused) {
  auto shop = lived_in(1);
  lose_last_event(*shop);
  EXPECT_THAT(shop->refusal(), StartsWith("corrupt"));
}

TEST(StartUp, PlantedFloorNotWrittenLetsALossGoUnnoticed) {
  Shop shop(2);
  shop.floor.ignore_writes = true;
  shop.open().value();
  const Ordinal anna = shop.es->new_subject().value();
  shop.append(anna, {shop.part(0, "one")});
  shop.commit();
  shop.append(anna, {shop.part(0, "two")});
  shop.commit();
  lose_last_event(shop);
  EXPECT_EQ(shop.refusal(), "opened") << "so ALostTailIsRefused can fail";
}

TEST(StartUp, AFloorWithoutAnAcknowledgedSyncIsNotAhead) {
  Shop shop(3);
  shop.open().value();
  const Ordinal anna = shop.es->new_subject().value();
  shop.append(anna, {shop.part(0, "one")});
  shop.commit();
  // Planted: the engine answers before it syncs. The floor then promises what a power cut takes away.
  shop.store.acknowledge_before_sync = true;
  shop.append(anna, {shop.part(0, "two")});
  shop.commit();
  EXPECT_THAT(shop.refusal(), StartsWith("corrupt"));
}

TEST(StartUp, AMissingFloorBesideAJournalIsRefused) {
  auto shop = lived_in(4);
  shop->floor.file.assign(journal::floor_file_bytes, 0);
  EXPECT_THAT(shop->refusal(), HasSubstr("floor"));
}

TEST(StartUp, AnotherStoresFloorIsRefused) {
  auto shop = lived_in(5);
  const auto record = shop->floor.read().value();
  journal::FloorRecord foreign = *record;
  foreign.store_id[0] ^= 1;
  shop->floor.write(foreign).value();
  EXPECT_THAT(shop->refusal(), HasSubstr("another store"));
  foreign = *record;
  foreign.incarnation += 1;
  shop->floor.write(foreign).value();
  EXPECT_THAT(shop->refusal(), HasSubstr("another restore"));
}

TEST(StartUp, AFloorAheadOfTheKeysOrTheRootIsRefused) {
  auto shop = lived_in(6);
  const journal::FloorRecord record = *shop->floor.read().value();
  journal::FloorRecord ahead = record;
  ahead.kseq += 1;
  shop->floor.write(ahead).value();
  EXPECT_THAT(shop->refusal(), HasSubstr("ahead of the key store"));
  ahead = record;
  ahead.generation += 1;
  shop->floor.write(ahead).value();
  EXPECT_THAT(shop->refusal(), HasSubstr("rolled back"));
  shop->floor.write(record).value();
  EXPECT_EQ(shop->refusal(), "opened");
}

TEST(StartUp, AnotherKeysFloorIsTampered) {
  auto shop = lived_in(7);
  const crypto::SigningKey other(crypto::Key::generate(shop->random));
  MemoryFloor foreign(other);
  foreign.file = shop->floor.file;
  const auto done = shop->open(nullptr, &foreign);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::tampered);
}

TEST(StartUp, AnotherProfileOrFormatIsRefusedAndChangesNothing) {
  auto shop = lived_in(8);
  const std::uint64_t commits = shop->store.commits();
  shop->options.profile = "mt";
  EXPECT_THAT(shop->refusal(), StartsWith("invalid_argument: this store belongs to profile 'vt'"));
  shop->options.profile = "vt";
  const Bytes key(view("store").begin(), view("store").end());
  const Bytes row = shop->store.rows(storage::Table::meta).at(key);
  Bytes newer = row;
  newer[20] = store_format + 1;
  shop->store.set(storage::Table::meta, key, newer);
  EXPECT_THAT(shop->refusal(), StartsWith("invalid_argument: this store was written by a newer taus"));
  newer[20] = store_format - 1;
  shop->store.set(storage::Table::meta, key, newer);
  EXPECT_THAT(shop->refusal(), StartsWith("invalid_argument: this store was written by an earlier taus"));
  shop->store.set(storage::Table::meta, key, Bytes{1, 2, 3});
  EXPECT_THAT(shop->refusal(), StartsWith("corrupt"));
  EXPECT_EQ(shop->store.commits(), commits);
  shop->store.set(storage::Table::meta, key, row);
  EXPECT_EQ(shop->refusal(), "opened");
}

TEST(StartUp, PartsOfTwoStoresTogetherAreRefusedAndNothingIsErased) {
  auto shop = lived_in(9);
  auto other = lived_in(10);
  const auto images = shop->roots.images();
  shop->roots.images() = other->roots.images();
  EXPECT_THAT(shop->refusal(), StartsWith("unavailable"));
  EXPECT_EQ(shop->roots.images(), other->roots.images());
  shop->roots.images() = {MemoryRootStore::blank(), MemoryRootStore::blank()};
  EXPECT_THAT(shop->refusal(), StartsWith("unavailable: the root store is empty"));
  shop->roots.images() = images;
  EXPECT_EQ(shop->refusal(), "opened");
  // A fresh engine beside a root or a floor in use.
  shop->store = FaultyStore();
  EXPECT_THAT(shop->refusal(), StartsWith("corrupt: the floor is ahead"));
  shop->floor.file.assign(journal::floor_file_bytes, 0);
  EXPECT_THAT(shop->refusal(), StartsWith("corrupt: the root store holds the key of another store"));
  EXPECT_EQ(shop->roots.images(), images);
}

TEST(StartUp, AJournalWithoutAnyKeysIsNeverGivenNewOnes) {
  auto shop = lived_in(11);
  const auto keys = shop->store.rows(storage::Table::keys);
  for (const auto& [key, value] : keys) shop->store.set(storage::Table::keys, key, std::nullopt);
  shop->roots.images() = {MemoryRootStore::blank(), MemoryRootStore::blank()};
  const std::uint64_t commits = shop->store.commits();
  EXPECT_THAT(shop->refusal(), StartsWith("corrupt"));
  shop->floor.file.assign(journal::floor_file_bytes, 0);
  EXPECT_THAT(shop->refusal(), StartsWith("corrupt"));
  EXPECT_EQ(shop->store.commits(), commits);
}

// The power goes off at the n-th durable step of making a store; `how`: 0 nothing of it, 1 the commit got there, 2 torn.
struct CutCreation {
  CutCreation(Shop& shop, int n, int how) : shop_(shop) {
    shop.roots.before_write = [this, n, how] {
      if (++steps != n) return MemoryRootStore::Write::done;
      return how == 2 ? MemoryRootStore::Write::torn : MemoryRootStore::Write::refused;
    };
    shop.floor.before_write = [this, n, how] {
      if (++steps != n) return MemoryFloor::Write::done;
      return how == 2 ? MemoryFloor::Write::torn : MemoryFloor::Write::refused;
    };
  }
  ~CutCreation() {
    shop_.roots.before_write = nullptr;
    shop_.floor.before_write = nullptr;
  }
  CutCreation(const CutCreation&) = delete;
  CutCreation& operator=(const CutCreation&) = delete;
  int steps = 0;

 private:
  Shop& shop_;
};

void opens_and_works(Shop& shop, const std::string& what) {
  const std::string outcome = shop.refusal();
  ASSERT_EQ(outcome, "opened") << what;
  const Ordinal anna = shop.es->new_subject().value();
  shop.append(anna, {shop.part(0, "Anna")});
  shop.commit();
  ASSERT_TRUE(shop.restart()) << what;
  EXPECT_EQ(shop.show(0), "0:Anna") << what;
}

TEST(StartUp, CreationInterruptedAtAnyStepIsTakenUpAgain) {
  int cut = 0;
  for (int n = 1; n < 8; ++n) {
    for (int how = 0; how < 3; ++how) {
      Shop in_files(static_cast<std::uint64_t>(100 + n));
      {
        const CutCreation power(in_files, n, how);
        cut += in_files.open() ? 0 : 1;
      }
      opens_and_works(in_files, "root or floor step " + std::to_string(n) + " how " + std::to_string(how));
      Shop in_engine(static_cast<std::uint64_t>(200 + n));
      in_engine.store.fail_commit_at(static_cast<std::uint64_t>(n),
                                     how == 1 ? FaultyStore::Failed::kept : FaultyStore::Failed::lost);
      cut += in_engine.open() ? 0 : 1;
      opens_and_works(in_engine, "commit " + std::to_string(n) + " how " + std::to_string(how));
    }
  }
  EXPECT_GE(cut, 12) << "the steps were met";
}

}  // namespace
}  // namespace taus::test
