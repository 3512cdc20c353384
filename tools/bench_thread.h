// One job at a time on a thread of its own, as the daemon has for commits and for flushing files.
//
// Threads: everything on the owner's thread; the job runs on its own. The end of a BenchThread waits for the job.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <thread>

#include "eventstore/base/result.h"

namespace taus::bench {

class BenchThread {
 public:
  BenchThread() = default;
  ~BenchThread() {
    if (thread_.joinable()) thread_.join();
  }
  BenchThread(const BenchThread&) = delete;
  BenchThread& operator=(const BenchThread&) = delete;

  // None may be running.
  void start(std::function<Result<void>()> job) {
    ended_ = false;
    thread_ = std::thread([this, work = std::move(job)] {
      outcome_ = work();
      ended_ = true;
    });
  }
  // Also when it has ended, until its outcome was asked for.
  [[nodiscard]] bool running() const { return thread_.joinable(); }
  // The outcome of a job that has ended; nothing where it goes on.
  std::optional<Result<void>> finished() {
    if (!ended_) return std::nullopt;
    return wait();
  }
  Result<void> wait() {
    thread_.join();
    return std::move(outcome_);
  }

 private:
  std::thread thread_;
  std::atomic<bool> ended_{false};
  Result<void> outcome_;
};

}  // namespace taus::bench
