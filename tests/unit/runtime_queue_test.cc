#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "daemon/runtime/bounded_queue.h"

namespace taus::runtime {
namespace {

using namespace std::chrono_literals;

TEST(BoundedQueue, OrderAndLimit) {
  BoundedQueue<int> queue(2);
  int a = 1, b = 2, c = 3;
  EXPECT_EQ(queue.try_push(a), Pushed::queued);
  EXPECT_FALSE(queue.full());
  EXPECT_EQ(queue.try_push(b), Pushed::queued);
  EXPECT_TRUE(queue.full());
  EXPECT_EQ(queue.try_push(c), Pushed::full);
  std::vector<int> out;
  EXPECT_TRUE(queue.pop(out, 1));
  EXPECT_TRUE(queue.pop(out, 9));
  EXPECT_EQ(out, (std::vector<int>{1, 2}));
}

TEST(BoundedQueue, RefusedItemStaysWithItsOwner) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  auto a = std::make_unique<int>(1), b = std::make_unique<int>(2);
  EXPECT_EQ(queue.try_push(a), Pushed::queued);
  EXPECT_EQ(a, nullptr);
  EXPECT_EQ(queue.try_push(b), Pushed::full);
  ASSERT_NE(b, nullptr);
  queue.close();
  EXPECT_EQ(queue.try_push(b), Pushed::closed);
  EXPECT_EQ(queue.push(b), Pushed::closed);
  EXPECT_NE(b, nullptr);
}

TEST(BoundedQueue, CloseLeavesWhatIsThere) {
  BoundedQueue<int> queue(4);
  int a = 1;
  EXPECT_EQ(queue.try_push(a), Pushed::queued);
  queue.close();
  std::vector<int> out;
  EXPECT_TRUE(queue.pop(out, 4));
  EXPECT_EQ(out.size(), 1U);
  EXPECT_FALSE(queue.pop(out, 4));
}

TEST(BoundedQueue, KickAndDeadlineWakeWithoutItems) {
  BoundedQueue<int> queue(1);
  std::vector<int> out;
  queue.kick();  // sticks
  EXPECT_TRUE(queue.pop(out, 1));
  EXPECT_TRUE(queue.pop(out, 1, std::chrono::steady_clock::now() + 1ms));
  queue.try_pop(out, 1);
  EXPECT_TRUE(out.empty());
}

TEST(BoundedQueue, PushWaitsForRoomAndNothingIsLost) {
  BoundedQueue<int> queue(3);
  constexpr int each = 20'000;
  std::vector<std::thread> producers;
  for (int p = 0; p < 2; ++p) {
    producers.emplace_back([&queue, p] {
      for (int i = 0; i < each; ++i) {
        int item = i * 2 + p;
        EXPECT_EQ(queue.push(item), Pushed::queued);
      }
    });
  }
  std::vector<int> out;
  while (out.size() < 2 * each) ASSERT_TRUE(queue.pop(out, 7));
  for (auto& p : producers) p.join();
  int next[2] = {0, 1};
  for (const int item : out) {
    ASSERT_EQ(item, next[item % 2]);
    next[item % 2] += 2;
  }
}

}  // namespace
}  // namespace taus::runtime
