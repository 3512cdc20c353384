// What a start hands on is what the store answers afterwards, with and without threads, across blocks, with holes.
#include <thread>

#include <gtest/gtest.h>

#include "eventstore/base/limits.h"
#include "tests/unit/eventstore_support.h"

namespace taus::test {
namespace {

constexpr int events = 5000;  // more than two blocks, the last not full
constexpr int people = 40;

void each_in_a_thread(std::span<const Job> jobs) {
  std::vector<std::thread> threads;
  threads.reserve(jobs.size());
  for (const Job& job : jobs) threads.emplace_back(job);
  for (std::thread& one : threads) one.join();
}

void backwards(std::span<const Job> jobs) {
  for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) (*job)();
}

struct Replayed : testing::Test {
  Replayed() : shop(11) {
    shop.open().value();
    for (int i = 0; i < people; ++i) subjects.push_back(shop.es->new_subject().value());
    for (int i = 0; i < events; ++i) {
      std::vector<NewPart> parts{Shop::part(i % 3, "content " + std::to_string(i))};
      if (i % 4 == 1) parts.push_back(Shop::part(7, std::string(static_cast<std::size_t>(i % 900), 'm')));
      if (i % 11 == 2) shop.append(centre_stream, {Shop::part(-1, "public " + std::to_string(i))});
      shop.append(subjects[static_cast<std::size_t>(i * 7 % people)], std::move(parts));
    }
    shop.commit();
  }
  // Every part of every event was handed on once, in order, as it is answered now.
  void check() {
    ASSERT_EQ(shop.seen.size(), shop.es->journal().next_position());
    for (Position p = 0; p < shop.seen.size(); ++p) {
      const auto& one = shop.seen[p];
      ASSERT_EQ(one.leaf.position, p);
      ASSERT_EQ(one.parts.size(), one.leaf.parts.size());
      for (std::size_t i = 0; i < one.parts.size(); ++i) ASSERT_EQ(one.parts[i], shop.show(p, i)) << p << " " << i;
    }
  }
  void restart_every_way() {
    for (const Parallel& parallel : {Parallel(), Parallel(backwards), Parallel(each_in_a_thread)}) {
      shop.options.parallel = parallel;
      ASSERT_TRUE(shop.restart());
      check();
    }
  }
  Shop shop;
  std::vector<Ordinal> subjects;
};

TEST_F(Replayed, AsItIsAnswered) { restart_every_way(); }

TEST_F(Replayed, WithShreddedAndPurgedParts) {
  shop.shred(subjects[3], 0xffff);
  shop.shred(subjects[4], 1U << 7);
  for (Position p = 0; p < events; p += 13) shop.store.set(storage::Table::part, journal::part_row_key(p, 0), std::nullopt);
  for (Position p = 512; p < 1100; ++p)
    for (std::uint8_t i = 0; i < 2; ++i) shop.store.set(storage::Table::part, journal::part_row_key(p, i), std::nullopt);
  restart_every_way();
}

TEST_F(Replayed, AChangedPartIsTampered) {
  Bytes row = shop.store.rows(storage::Table::part).at(journal::part_row_key(4321, 0));
  row[9] ^= 1;
  shop.store.set(storage::Table::part, journal::part_row_key(4321, 0), row);
  restart_every_way();
  EXPECT_EQ(shop.seen[4321].parts[0], "[tampered]");
}

TEST_F(Replayed, AHoleEndsTheStartAfterWhatCameBefore) {
  for (const Position hole : {0U, 1U, 2047U, 2048U, 4095U, 4096U, 4700U}) {
    const Bytes row = shop.store.rows(storage::Table::leaf).at(journal::leaf_row_key(hole));
    shop.store.set(storage::Table::leaf, journal::leaf_row_key(hole), std::nullopt);
    for (const Parallel& parallel : {Parallel(), Parallel(each_in_a_thread)}) {
      shop.options.parallel = parallel;
      EXPECT_NE(shop.refusal().find("position " + std::to_string(hole) + " is missing"), std::string::npos) << hole;
      EXPECT_EQ(shop.seen.size(), hole);
    }
    shop.store.set(storage::Table::leaf, journal::leaf_row_key(hole), row);
  }
}

}  // namespace
}  // namespace taus::test
