// The two threads that make things durable. One seals what the core has ready; the other writes what is sealed: one batch, one sync and one
// floor write for all of it, and only then the replies. So the processors have work while the disk has. docs/ARCHITECTURE.md "Runtime".
//
// Threads:    submit, full, take_notes, wait_notes: core. The sealing thread calls Core::seal, the writing one Core::make_durable and
//             ReplySink.
// Durability: a reply leaves only after the commit it came with, and every earlier one, is durable.
// Errors:     after the first failed commit every reply becomes `io` or `unavailable`, and the sink is told once.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "daemon/runtime/bounded_queue.h"
#include "daemon/runtime/core.h"
#include "daemon/runtime/message.h"

namespace taus::runtime {

class CommitStage {
 public:
  // `wake` is called on the writing thread when there are new notes.
  CommitStage(Core& core, ReplySink& sink, std::function<void()> wake);
  ~CommitStage();

  struct Job {
    Commit commit;
    std::vector<Reply> replies;
    bool shredded = false;  // this commit carries receipts
  };
  // What the core thread is told about finished jobs.
  struct Note {
    std::size_t jobs = 0;
    std::optional<journal::FloorRecord> durable;  // nothing: no job had rows, or the commit failed
    bool failed = false;
  };

  // Waits where commit_queue_max jobs wait already.
  void submit(Job job);
  [[nodiscard]] bool full() const { return jobs_.full(); }
  // Notes that have come. wait_notes() waits for at least one.
  std::vector<Note> take_notes();
  std::vector<Note> wait_notes();
  // Ends the threads after everything submitted.
  void stop();

 private:
  void seal_all() noexcept;
  void write_all() noexcept;
  void finish(Job all, std::size_t jobs);
  void fail(std::vector<Reply>& replies, const Error& why);
  // Jobs that became one.
  struct Sealed {
    Job job;
    std::size_t jobs = 0;
  };
  Core& core_;
  ReplySink& sink_;
  std::function<void()> wake_;
  BoundedQueue<Job> jobs_;
  BoundedQueue<Sealed> sealed_;
  BoundedQueue<Note> notes_;
  bool latched_ = false;  // the writing thread's
  std::thread sealing_;
  std::thread writing_;
};

}  // namespace taus::runtime
