// Parts read ahead at a start are the rows of the store, in whatever order they are asked for.
#include <gtest/gtest.h>

#include <random>

#include "eventstore/part_rows.h"
#include "tests/support/memory_store.h"

namespace taus {
namespace {

constexpr Position events = 3000;  // with 1 KiB each, several windows

bool purged(Position position) { return position % 7 == 3; }

Bytes content(Position position, std::uint8_t index) {
  Bytes out(1000 + position % 50, index);
  Writer(out).u64(position);
  return out;
}

struct PartRowsTest : testing::Test {
  PartRowsTest() {
    storage::WriteBatch batch;
    for (Position position = 0; position < events; ++position) {
      for (std::uint8_t index = 0; index <= position % 2; ++index) {
        if (purged(position)) continue;
        Bytes key;
        Writer(key).u64_big(position).u8(index);
        batch.put(storage::Table::part, key, content(position, index));
      }
    }
    EXPECT_TRUE(store.commit(batch).has_value());
  }
  void check(Position position, std::uint8_t index) {
    const Result<ByteView> row = rows.at(position, index);
    const bool there = position < events && index <= position % 2 && !purged(position);
    ASSERT_EQ(row.has_value(), there) << position;
    if (!there) {
      EXPECT_EQ(row.error().code, ErrorCode::unavailable);
      return;
    }
    const Bytes expected = content(position, index);
    EXPECT_TRUE(std::equal(row->begin(), row->end(), expected.begin(), expected.end())) << position;
  }
  test::MemoryStore store;
  PartRows rows{store};
};

TEST_F(PartRowsTest, InOrderWithGaps) {
  for (Position position = 0; position < events + 3; ++position)
    for (std::uint8_t index = 0; index < 2; ++index) check(position, index);
}

TEST_F(PartRowsTest, InAnyOrder) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 400; ++i) check(random() % (events + 10), static_cast<std::uint8_t>(random() % 3));
}

TEST_F(PartRowsTest, BackAndForthInOneWindow) {
  for (const Position position : {5U, 6U, 4U, 4U, 100U, 99U, 0U, 2999U, 0U}) check(position, 0);
}

TEST(PartRowsAlone, AnEmptyStore) {
  const test::MemoryStore store;
  PartRows rows(store);
  EXPECT_EQ(rows.at(0, 0).error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace taus
