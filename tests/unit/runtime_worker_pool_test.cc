#include <atomic>

#include <gtest/gtest.h>

#include "daemon/runtime/worker_pool.h"

namespace taus::runtime {
namespace {

TEST(WorkerPool, RunsEveryJobOnceAndWaitsForAll) {
  for (const std::size_t threads : {0U, 1U, 3U}) {
    WorkerPool pool(threads);
    std::size_t plain = 0;  // written by one job a round: rounds follow each other
    for (std::size_t round = 0; round < 300; ++round) {
      std::vector<int> ran(round % 9, 0);
      std::atomic<std::size_t> count = 0;
      std::vector<Job> jobs;
      for (int& one : ran)
        jobs.emplace_back([&] {
          ++one;
          if (&one == ran.data()) ++plain;
          ++count;
        });
      pool.run(jobs);
      ASSERT_EQ(count, ran.size());
      ASSERT_EQ(std::count(ran.begin(), ran.end(), 1), static_cast<std::ptrdiff_t>(ran.size()));
    }
    EXPECT_EQ(plain, 300U - 34U);  // every ninth round was empty
  }
}

TEST(WorkerPool, JobsOfARoundRunAtOnce) {
  WorkerPool pool(1);
  std::atomic<int> met = 0;
  const Job wait_for_the_other = [&] {
    ++met;
    met.notify_all();
    for (int seen = met; seen < 2; seen = met) met.wait(seen);
  };
  const std::vector<Job> jobs{wait_for_the_other, wait_for_the_other};
  pool.run(jobs);
  EXPECT_EQ(met, 2);
}

}  // namespace
}  // namespace taus::runtime
