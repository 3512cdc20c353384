#include "daemon/runtime/commit_stage.h"

#include <iterator>
#include <utility>

#include "eventstore/base/limits.h"

namespace taus::runtime {
namespace {

// A job is noted once and at most commit_queue_max + 1 are under way, so a note always finds room.
constexpr std::size_t notes_max = 2 * limits::commit_queue_max + 2;

void merge(CommitStage::Job& into, CommitStage::Job&& from) {
  into.commit.append(std::move(from.commit));
  into.replies.insert(into.replies.end(), std::make_move_iterator(from.replies.begin()),
                      std::make_move_iterator(from.replies.end()));
  into.shredded = into.shredded || from.shredded;
}

}  // namespace

CommitStage::CommitStage(Core& core, ReplySink& sink, std::function<void()> wake)
    : core_(core), sink_(sink), wake_(std::move(wake)), jobs_(limits::commit_queue_max), notes_(notes_max), thread_([this] {
        run();
      }) {}

CommitStage::~CommitStage() { stop(); }

void CommitStage::stop() {
  jobs_.close();
  if (thread_.joinable()) thread_.join();
}

void CommitStage::submit(Job job) {
  const Pushed pushed = jobs_.push(job);
  TAUS_CHECK(pushed == Pushed::queued);
}

std::vector<CommitStage::Note> CommitStage::take_notes() {
  std::vector<Note> notes;
  notes_.try_pop(notes, notes_max);
  return notes;
}

std::vector<CommitStage::Note> CommitStage::wait_notes() {
  std::vector<Note> notes;
  while (notes.empty()) notes_.pop(notes, notes_max);
  return notes;
}

// An exception in here has nobody to go to: noexcept ends the process, the terminate handler says the type only.
void CommitStage::run() noexcept {
  std::vector<Job> jobs;
  while (jobs_.pop(jobs, limits::commit_queue_max)) {
    if (!jobs.empty()) finish(jobs);
    jobs.clear();
  }
}

void CommitStage::finish(std::vector<Job>& jobs) {
  Job all = std::move(jobs.front());
  for (auto job = std::next(jobs.begin()); job != jobs.end(); ++job) merge(all, std::move(*job));
  Note note{jobs.size(), std::nullopt, latched_};
#ifdef TAUS_PLANT_ACK_BEFORE_SYNC
  sink_.deliver(std::exchange(all.replies, {}));
#endif
  if (latched_) {
    fail(all.replies, Error(ErrorCode::unavailable, "an earlier write failed; the daemon is restarting, try again"));
  } else if (!all.commit.empty()) {
    Result<void> done = core_.make_durable(all.commit);
    if (done) {
      note.durable = std::move(all.commit.floor);
    } else {
      latched_ = note.failed = true;
      // Not the store's own words: what they may quote is not for every caller, and is told to the log once.
      fail(all.replies,
           Error(ErrorCode::io, "the write failed and may or may not have happened; retry with the same request id"));
      sink_.latched(done.error());
    }
  }
  if (!all.replies.empty()) sink_.deliver(std::move(all.replies));
  if (all.shredded && !note.failed) sink_.shredded();
  const Pushed pushed = notes_.try_push(note);
  TAUS_CHECK(pushed == Pushed::queued);
  wake_();
}

void CommitStage::fail(std::vector<Reply>& replies, const Error& why) {
  for (Reply& reply : replies) {
    reply.frame.clear();
    reply.error = why;
  }
}

}  // namespace taus::runtime
