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

TEST(RequestFilter, NeverForgetsAndSeldomErrs) {
  constexpr std::uint64_t ids = 60'000;  // several layers
  RequestFilter filter(1 << 20);
  EXPECT_FALSE(filter.may_hold(id(0)));
  for (std::uint64_t n = 0; n < ids; ++n) filter.add(id(n), 1);
  std::uint64_t wrong = 0;
  for (std::uint64_t n = 0; n < ids; ++n) {
    ASSERT_TRUE(filter.may_hold(id(n))) << n;
    if (filter.may_hold(id(ids + n))) ++wrong;
  }
  EXPECT_LT(wrong, ids / 20);
}

TEST(RequestFilter, FullItSaysMaybeToEverything) {
  RequestFilter filter(5000);
  for (std::uint64_t n = 0; n < 4096; ++n) filter.add(id(n), 1);
  std::uint64_t maybe = 0;
  for (std::uint64_t n = 10'000; n < 10'100; ++n) maybe += filter.may_hold(id(n)) ? 1 : 0;
  EXPECT_LT(maybe, 20U);
  filter.add(id(4096), 1);
  for (std::uint64_t n = 0; n < 10'100; ++n) ASSERT_TRUE(filter.may_hold(id(n))) << n;
}

TEST(RequestFilter, LetsGoOfWholeLayersOnly) {
  RequestFilter filter(1 << 20);
  for (std::uint64_t n = 0; n < 4096; ++n) filter.add(id(n), 1);
  filter.add(id(4096), 2);
  filter.forget_before(1);
  EXPECT_TRUE(filter.may_hold(id(0)));
  filter.forget_before(2);
  EXPECT_FALSE(filter.may_hold(id(0)));
  EXPECT_TRUE(filter.may_hold(id(4096)));
  filter.add(id(5000), 9);
  filter.forget_before(9);
  EXPECT_TRUE(filter.may_hold(id(4096))) << "its layer took a younger id since";
}

}  // namespace
}  // namespace taus
