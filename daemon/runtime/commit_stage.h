// The thread that makes things durable: one batch, one sync and one floor write for everything the core has ready, and only
// then the replies. docs/ARCHITECTURE.md "Runtime".
//
// Threads:    submit, full, take_notes, wait_note: core. The stage's own thread calls Core::make_durable and ReplySink.
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
  // `wake` is called on the stage's thread when there are new notes.
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
  // Ends the thread after everything submitted.
  void stop();

 private:
  void run() noexcept;
  void finish(std::vector<Job>& jobs);
  void fail(std::vector<Reply>& replies, const Error& why);
  Core& core_;
  ReplySink& sink_;
  std::function<void()> wake_;
  BoundedQueue<Job> jobs_;
  BoundedQueue<Note> notes_;
  bool latched_ = false;
  std::thread thread_;
};

}  // namespace taus::runtime
