// The thread that owns journal head, vault, projections and policy: takes requests in order, decides, and hands what is
// staged to the commit stage. Runs what falls due by itself, and shreds. docs/ARCHITECTURE.md "Runtime".
//
// Threads:    submit and stop from any thread; core and sink are called as their headers say.
// Owns:       two threads (core, commit) and the queues between them; core, clock and sink must outlive it.
// Order:      replies of one session leave in the order of its requests, except those that wait for a shred or a reading of the history.
// Durability: see commit_stage.h. A read is answered behind every write it could have seen.
// Errors:     after the first error of the core everything is answered with `io` or `unavailable` until the process ends.
#pragma once

#include <atomic>
#include <optional>
#include <thread>
#include <unordered_map>

#include "daemon/runtime/commit_stage.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/limits.h"

namespace taus::runtime {

class CoreLoop {
 public:
  struct Options {
    std::size_t queue_max = limits::core_queue_max;
    std::chrono::milliseconds poll_max{10'000};                  // the wall clock may jump: look at it at least this often
    std::chrono::milliseconds due_net = std::chrono::hours(24);  // at the start and at least this often, whatever next_due() says
  };
  CoreLoop(Core& core, const Clock& clock, ReplySink& sink, const Options& options);
  ~CoreLoop();

  // Starts the core thread. What is due and what shreds a crash left come before the first request.
  void start();
  // queued: a reply will come. full: answer busy. closed: answer shutting_down. Moves from `request` only when queued.
  Pushed submit(Request& request) { return inbox_.try_push(request); }
  // Refuses new requests, finishes those accepted, makes them durable, calls ReplySink::stopped. Does not wait.
  void stop() { inbox_.close(); }
  // Waits for the end after stop().
  void join();

 private:
  using Steady = std::chrono::steady_clock;
  void run() noexcept;
  void handle(Request& request);
  void work_by_itself();
  bool run_due();
  bool run_shreds();
  void read_history();
  void answer(std::vector<service::LateReply>&& late);
  bool flush();
  void hand_over(bool shredded = false);
  void note(const std::vector<CommitStage::Note>& notes);
  void latch(const Error& why);
  void refuse(const ReplyTo& to, const Error& why);
  [[nodiscard]] Steady::time_point wake_time() const;

  Core& core_;
  const Clock& clock_;
  ReplySink& sink_;
  const Options options_;
  BoundedQueue<Request> inbox_;
  CommitStage stage_;

  // The core thread's own.
  std::vector<Reply> replies_;                          // not yet handed over
  std::size_t handled_ = 0;                             // requests since the last hand-over
  std::size_t jobs_under_way_ = 0;                      // handed over, not yet noted
  std::unordered_map<std::uint64_t, ReplyTo> waiting_;  // ticket -> who waits for a shred or a reading
  std::uint64_t last_ticket_ = 0;
  Steady::time_point due_retry_{};  // not before this, so that work left undone does not spin
  Steady::time_point shred_retry_{};
  std::optional<Steady::time_point> last_due_run_;
  bool latched_ = false;
  std::thread thread_;
};

}  // namespace taus::runtime
