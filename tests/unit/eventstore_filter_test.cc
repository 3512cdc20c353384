#include <algorithm>

#include <gtest/gtest.h>

#include "eventstore/crypto/hash.h"
#include "eventstore/request_filter.h"

namespace taus {
namespace {

RequestFilter::Id id(std::uint64_t n) {
  Bytes number;
  Writer(number).u64(n);
  RequestFilter::Id out;
  const Hash32 hash = crypto::blake2b_256({number});
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

using Eras = std::vector<RequestFilter::Era>;

TEST(RequestFilter, NeverForgetsAndSeldomErrs) {
  constexpr std::uint64_t ids = RequestFilter::ids_per_era;
  RequestFilter filter(10);
  EXPECT_EQ(filter.may_hold(id(0)), Eras{});
  for (std::uint64_t n = 0; n < 3 * ids; ++n) filter.add(id(n), static_cast<RequestFilter::Era>(7 + n / ids), 1);
  std::uint64_t wrong = 0;
  for (std::uint64_t n = 0; n < 3 * ids; ++n) {
    const Eras eras = filter.may_hold(id(n));
    const auto own = static_cast<RequestFilter::Era>(7 + n / ids);
    ASSERT_NE(std::find(eras.begin(), eras.end(), own), eras.end()) << n;
    ASSERT_TRUE(std::is_sorted(eras.rbegin(), eras.rend())) << "latest first";
    wrong += eras.size() - 1 + filter.may_hold(id(3 * ids + n)).size();
  }
  EXPECT_LT(wrong, 5 * 3 * ids / 500) << "each id was asked for in two other eras, and a strange one in three";
}

TEST(RequestFilter, ErasMayComeInAnyOrder) {
  RequestFilter filter(10);
  for (const RequestFilter::Era era : {5U, 9U, 2U, 5U, 7U}) filter.add(id(1), era, 1);
  EXPECT_EQ(filter.may_hold(id(1)), (Eras{9, 7, 5, 2}));
}

TEST(RequestFilter, OfErasBeyondItsRoomItSaysMaybe) {
  RequestFilter filter(2);
  for (RequestFilter::Era era = 0; era < 4; ++era) filter.add(id(era), era, 1);
  EXPECT_EQ(filter.may_hold(id(0)), (Eras{3, 2, 0}));
  EXPECT_EQ(filter.may_hold(id(100)), (Eras{3, 2}));
}

TEST(RequestFilter, LetsGoOfWholeErasOnly) {
  RequestFilter filter(10);
  filter.add(id(0), 0, 1);
  filter.add(id(1), 1, 2);
  filter.forget_before(1);
  EXPECT_EQ(filter.may_hold(id(0)), Eras{0});
  filter.forget_before(2);
  EXPECT_EQ(filter.may_hold(id(0)), Eras{});
  EXPECT_EQ(filter.may_hold(id(1)), Eras{1});
  filter.add(id(2), 1, 9);
  filter.forget_before(9);
  EXPECT_EQ(filter.may_hold(id(1)), Eras{1}) << "its era took a younger id since";
}

}  // namespace
}  // namespace taus
