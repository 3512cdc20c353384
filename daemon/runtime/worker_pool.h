// A few threads for independent jobs, the caller's among them. Used at a start, when nothing else runs.
//
// Threads: run() from one thread at a time. Jobs must not throw.
#pragma once

#include <thread>
#include <vector>

#include "daemon/runtime/bounded_queue.h"
#include "eventstore/base/parallel.h"

namespace taus::runtime {

class WorkerPool {
 public:
  explicit WorkerPool(std::size_t threads);  // beside the caller's
  ~WorkerPool();
  // As many as leave one processor to the caller; few are enough for what the disk can give.
  static std::size_t for_all_processors();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  // Begins them in order, and returns when all have ended.
  void run(std::span<const Job> jobs);

 private:
  void work() noexcept;
  BoundedQueue<const Job*> jobs_;
  BoundedQueue<const Job*> done_;
  std::vector<std::thread> threads_;
};

}  // namespace taus::runtime
