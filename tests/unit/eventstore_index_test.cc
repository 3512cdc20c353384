#include <algorithm>

#include <gtest/gtest.h>

#include "eventstore/crypto/hash.h"
#include "eventstore/request_index.h"

namespace taus {
namespace {

using Place = RequestIndex::Place;
using Places = std::vector<Place>;
constexpr Position era = RequestIndex::era_positions;

RequestIndex::Id id(std::uint64_t n) {
  Bytes number;
  Writer(number).u64(n);
  RequestIndex::Id out;
  const Hash32 hash = crypto::blake2b_256({number});
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

Place row(Position at) { return {.from = at, .to = at + 1}; }

TEST(RequestIndex, KnowsTheRowOfEveryIdAndSeldomErrs) {
  RequestIndex index(10);
  EXPECT_EQ(index.may_hold(id(0)), Places{});
  const auto row_of = [](std::uint64_t n) { return 7 * era + n / 5 * 5; };  // five ids a row, three eras
  for (std::uint64_t n = 0; n < 3 * era; ++n) index.add(id(n), row_of(n), 1);
  std::uint64_t wrong = 0;
  for (std::uint64_t n = 0; n < 3 * era; ++n) {
    const Places places = index.may_hold(id(n));
    ASSERT_NE(std::find(places.begin(), places.end(), row(row_of(n))), places.end()) << n;
    wrong += places.size() - 1 + index.may_hold(id(3 * era + n)).size();
  }
  EXPECT_LT(wrong, 6 * 3 * era / 1500) << "each id was asked for in three eras, and a strange one too";
}

TEST(RequestIndex, ErasMayComeInAnyOrderAndTheLatestIsFirst) {
  RequestIndex index(10);
  for (const Position n : {5U, 9U, 2U, 7U}) index.add(id(1), n * era + n, 1);
  EXPECT_EQ(index.may_hold(id(1)), (Places{row(9 * era + 9), row(7 * era + 7), row(5 * era + 5), row(2 * era + 2)}));
}

TEST(RequestIndex, MoreIdsThanPositionsInAnEraAreKnownToo) {
  RequestIndex index(1);
  const std::uint64_t many = 2 * era;  // of rows with more requests than the era has places for
  for (std::uint64_t n = 0; n < many; ++n) index.add(id(n), n % era, 1);
  for (std::uint64_t n = 0; n < many; n += 97) {
    const Places places = index.may_hold(id(n));
    ASSERT_TRUE(std::ranges::any_of(places, [&](const Place& p) { return p.from <= n % era && n % era < p.to; })) << n;
  }
}

TEST(RequestIndex, OfErasBeyondItsRoomItSaysAnywhere) {
  RequestIndex index(2);
  for (Position n = 0; n < 4; ++n) index.add(id(n), n * era, 1);
  const Places unknown{{.from = 3 * era, .to = 4 * era}, {.from = 2 * era, .to = 3 * era}};
  EXPECT_EQ(index.may_hold(id(100)), unknown);
  EXPECT_EQ(index.may_hold(id(0)), (Places{unknown[0], unknown[1], row(0)}));
}

TEST(RequestIndex, LetsGoOfWholeErasOnly) {
  RequestIndex index(10);
  index.add(id(0), 0, 1);
  index.add(id(1), era, 2);
  index.forget_before(1);
  EXPECT_EQ(index.may_hold(id(0)), Places{row(0)});
  index.forget_before(2);
  EXPECT_EQ(index.may_hold(id(0)), Places{});
  EXPECT_EQ(index.may_hold(id(1)), Places{row(era)});
  index.add(id(2), era + 1, 9);
  index.forget_before(9);
  EXPECT_EQ(index.may_hold(id(1)), Places{row(era)}) << "its era took a younger id since";
}

}  // namespace
}  // namespace taus
