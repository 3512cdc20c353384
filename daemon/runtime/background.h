// One long job at a time beside everything else: rewriting files after a purge, reading the whole history.
//
// Threads: start, running and finished on the owner's thread; the job on one of its own. Ends: the destructor waits for the job.
// Errors:  the job's own, handed over by finished().
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <thread>

#include "eventstore/base/result.h"

namespace taus::runtime {

class Background {
 public:
  using Job = std::function<Result<void>()>;
  Background() = default;
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  // TAUS_CHECK: none is running.
  void start(Job job);
  [[nodiscard]] bool running() const noexcept {
    return thread_.joinable();
  }  // also when it has ended, until finished() was asked
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  // The outcome of the job that has ended; nothing where none has.
  std::optional<Result<void>> finished();

 private:
  std::thread thread_;
  std::atomic<bool> ended_{false};
  std::optional<Result<void>> outcome_;
};

}  // namespace taus::runtime
