#include "daemon/runtime/worker_pool.h"

#include <algorithm>
#include <limits>

#include "eventstore/base/check.h"

namespace taus::runtime {
namespace {
constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();  // the caller waits for all it gave
constexpr std::size_t processors_max = 8;
}  // namespace

WorkerPool::WorkerPool(std::size_t threads) : jobs_(unlimited), done_(unlimited) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
  jobs_.close();
  for (std::thread& one : threads_) one.join();
}

std::size_t WorkerPool::for_all_processors() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, processors_max) - 1;
}

void WorkerPool::work() noexcept {
  std::vector<const Job*> taken;
  while (jobs_.pop(taken, 1)) {
    for (const Job*& job : taken) {
      (*job)();
      TAUS_CHECK(done_.try_push(job) == Pushed::queued);
    }
    taken.clear();
  }
}

void WorkerPool::run(std::span<const Job> jobs) {
  for (const Job& job : jobs) {
    const Job* one = &job;
    TAUS_CHECK(jobs_.try_push(one) == Pushed::queued);
  }
  std::vector<const Job*> done;
  for (std::vector<const Job*> mine;;) {
    jobs_.try_pop(mine, 1);
    if (mine.empty()) break;
    (*mine.front())();
    done.push_back(mine.front());
    mine.clear();
  }
  while (done.size() < jobs.size()) done_.pop(done, unlimited);
}

}  // namespace taus::runtime
