#include "daemon/runtime/core_loop.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace taus::runtime {
namespace {

using namespace std::chrono_literals;

constexpr int rounds_max = 16;  // of work by itself before requests get their turn again
constexpr int drains_max = 3;   // per request; more is a bug of the service
constexpr auto retry_after = 1s;
constexpr auto rest = 2ms;             // while a step of a long erasure, or a reading of the history, is under way
constexpr auto due_again_after = 5ms;  // what is due at one instant may be more than one round takes on

constexpr std::size_t small_frame_bytes = 1 << 10;

// The answer in the room of the request, so that the thread that made that frame also frees it: a chunk that goes from thread to thread
// makes them wait for each other in the allocator. Longer requests would keep too much while the peer does not read.
Bytes in_room_of(Bytes&& request, Bytes&& answer) {
  if (request.capacity() > small_frame_bytes || request.capacity() < answer.size()) return std::move(answer);
  explicit_bzero(request.data(), request.size());
  request.assign(answer.begin(), answer.end());
  return std::move(request);
}

const char* const unavailable_text = "an earlier write failed; the daemon is restarting, try again";

}  // namespace

CoreLoop::CoreLoop(Core& core, const Clock& clock, ReplySink& sink, const Options& options)
    : core_(core), clock_(clock), sink_(sink), options_(options), inbox_(options.queue_max), stage_(core, sink, [this] {
        inbox_.kick();
      }) {}

CoreLoop::~CoreLoop() {
  stop();
  join();
}

void CoreLoop::start() {
  thread_ = std::thread([this] { run(); });
}

void CoreLoop::join() {
  if (thread_.joinable()) thread_.join();
}

void CoreLoop::run() noexcept {
  std::vector<Request> requests;
  bool open = true;
  work_by_itself();
  while (open) {
    note(stage_.take_notes());
    read_history();
    // While the stage has enough to do, what is staged grows instead: the next sync then carries more.
    if (handled_ >= limits::batch_commands_max || !stage_.full())
      hand_over();
    else if (inbox_.empty() && core_.seal_ahead())
      continue;
    open = inbox_.pop(requests, std::min(limits::turn_commands_max, limits::batch_commands_max - handled_), wake_time());
    for (Request& request : requests) handle(request);
    requests.clear();
    work_by_itself();
  }
  flush();
  stage_.stop();
  for (const auto& [ticket, to] : waiting_)
    refuse(to, Error(ErrorCode::shutting_down,
                     "the daemon stops: an erasure that was accepted is carried out at the next start; ask again then"));
  if (!replies_.empty()) sink_.deliver(std::move(replies_));
  sink_.stopped();
}

void CoreLoop::handle(Request& request) {
  ++handled_;
  const std::uint64_t ticket = ++last_ticket_;
  for (int drains = 0;; ++drains) {
    if (latched_) return refuse(request.to, Error(ErrorCode::unavailable, unavailable_text));
    Bytes frame;
    const Result<service::Handled> handled = core_.handle(*request.who, request.frame, ticket, frame);
    if (!handled) {
      refuse(request.to, Error(ErrorCode::io, "the store failed; retry with the same request id after the restart"));
      return latch(handled.error());
    }
    switch (*handled) {
      case service::Handled::replied:
        replies_.push_back({request.to, in_room_of(std::move(request.frame), std::move(frame)), std::nullopt});
        return;
      case service::Handled::waits: waiting_.emplace(ticket, request.to); return;
      case service::Handled::drain: break;
    }
    TAUS_CHECK(drains < drains_max);
    flush();
    // It may wait for an erasure of its subject rather than for rows: then for the receipt too.
    if (core_.shreds_pending() && run_shreds()) flush();
  }
}

void CoreLoop::work_by_itself() {
  for (int round = 0; round < rounds_max && !latched_; ++round) {
    const bool worked = run_due();
    if (!run_shreds() && !worked) return;
    if (core_.shreds_pending()) return;  // a long erasure: requests get their turn between its steps
  }
}

bool CoreLoop::run_due() {
  const auto steady = Steady::now();
  if (latched_ || steady < due_retry_) return false;
  const auto is_due = [this] {
    const std::optional<Instant> due = core_.next_due();
    return due && *due <= clock_.now();
  };
  const bool net = !last_due_run_ || steady - *last_due_run_ >= options_.due_net;
  if (!is_due() && !net) return false;
  last_due_run_ = steady;
  if (!flush()) return false;
  if (const Result<void> done = core_.run_due(); !done) {
    latch(done.error());
    return false;
  }
  if (is_due()) due_retry_ = Steady::now() + due_again_after;
  hand_over();
  return true;
}

bool CoreLoop::run_shreds() {
  if (latched_ || !core_.shreds_pending() || Steady::now() < shred_retry_) return false;
  if (core_.shreds_resting() || (!core_.shreds_want_durable() && stage_.full())) {
    shred_retry_ = Steady::now() + rest;
    return false;
  }
  if (core_.shreds_want_durable() && !flush()) return false;
  Result<std::vector<service::LateReply>> done = core_.run_shreds();
  if (!done) {
    latch(done.error());
    return false;
  }
  answer(std::move(*done));
  if (core_.shreds_pending() && core_.shreds_stuck()) shred_retry_ = Steady::now() + retry_after;
  hand_over(!core_.shreds_go_on());
  return true;
}

void CoreLoop::read_history() {
  if (latched_ || !core_.reads_history()) return;
  Result<std::vector<service::LateReply>> done = core_.read_history();
  if (!done) return latch(done.error());
  answer(std::move(*done));
}

void CoreLoop::answer(std::vector<service::LateReply>&& late) {
  for (service::LateReply& reply : late) {
    const auto to = waiting_.find(reply.ticket);
    if (to == waiting_.end()) continue;  // nobody waits: accepted before a restart, or without waiting
    replies_.push_back({to->second, std::move(reply.reply), std::nullopt});
    waiting_.erase(to);
  }
}

// Makes everything staged so far durable, replies included. false: latched.
bool CoreLoop::flush() {
  hand_over();
  while (jobs_under_way_ > 0) note(stage_.wait_notes());
  return !latched_;
}

void CoreLoop::hand_over(bool shredded) {
  handled_ = 0;
  if (latched_) {
    if (!replies_.empty()) sink_.deliver(std::exchange(replies_, {}));
    return;
  }
  CommitStage::Job job{core_.take_commit(), std::exchange(replies_, {}), shredded};
  if (job.commit.empty() && jobs_under_way_ == 0) {
    // Nothing under way that these could have seen.
    if (!job.replies.empty()) sink_.deliver(std::move(job.replies));
    if (shredded) sink_.shredded();
    return;
  }
  if (job.commit.empty() && job.replies.empty() && !shredded) return;
  note(stage_.take_notes());
  stage_.submit(std::move(job));
  ++jobs_under_way_;
}

void CoreLoop::note(const std::vector<CommitStage::Note>& notes) {
  for (const CommitStage::Note& n : notes) {
    TAUS_CHECK(n.jobs <= jobs_under_way_);
    jobs_under_way_ -= n.jobs;
    if (n.durable) core_.note_durable(*n.durable);
    if (n.failed && !latched_) latch(Error(ErrorCode::io, "a commit failed"));
  }
}

void CoreLoop::latch(const Error& why) {
  latched_ = true;
  for (Reply& reply : replies_) {
    reply.frame.clear();
    if (!reply.error) reply.error = Error(ErrorCode::io, "not written; retry with the same request id after the restart");
  }
  for (const auto& [ticket, to] : std::exchange(waiting_, {})) {
    refuse(to, Error(ErrorCode::io, "a write failed; whether it was carried out shows after the restart"));
  }
  sink_.deliver(std::exchange(replies_, {}));
  sink_.latched(why);
}

void CoreLoop::refuse(const ReplyTo& to, const Error& why) { replies_.push_back({to, {}, why}); }

CoreLoop::Steady::time_point CoreLoop::wake_time() const {
  const auto steady = Steady::now();
  auto wake = steady + options_.poll_max;
  if (latched_) return wake;
  if (const std::optional<Instant> due = core_.next_due()) {
    const auto left = std::clamp<std::chrono::milliseconds>(*due - clock_.now(), 0ms, options_.poll_max);
    wake = std::min(wake, std::max(steady + left, due_retry_));
  }
  if (core_.reads_history()) wake = std::min(wake, steady + rest);
  if (core_.shreds_pending()) wake = std::min(wake, std::max(steady, shred_retry_));
  return wake;
}

}  // namespace taus::runtime
