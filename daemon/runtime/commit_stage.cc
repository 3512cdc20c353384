#include "daemon/runtime/commit_stage.h"

#include <iterator>
#include <utility>

#include "eventstore/base/limits.h"

namespace taus::runtime {
namespace {

// A job is noted once. Under way are at most those waiting to be sealed, those being sealed, those waiting to be written and those being
// written, and one that is handed over: a note always finds room.
constexpr std::size_t notes_max = 2 * limits::commit_queue_max + 2 * limits::sealed_queue_max + 2;

void merge(CommitStage::Job& into, CommitStage::Job&& from) {
  into.commit.append(std::move(from.commit));
  into.replies.insert(into.replies.end(), std::make_move_iterator(from.replies.begin()),
                      std::make_move_iterator(from.replies.end()));
  into.shredded = into.shredded || from.shredded;
}

}  // namespace

CommitStage::CommitStage(Core& core, ReplySink& sink, std::function<void()> wake)
    : core_(core),
      sink_(sink),
      wake_(std::move(wake)),
      jobs_(limits::commit_queue_max),
      sealed_(limits::sealed_queue_max),
      notes_(notes_max),
      sealing_([this] { seal_all(); }),
      writing_([this] { write_all(); }) {}

CommitStage::~CommitStage() { stop(); }

void CommitStage::stop() {
  jobs_.close();
  if (sealing_.joinable()) sealing_.join();
  sealed_.close();
  if (writing_.joinable()) writing_.join();
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
void CommitStage::seal_all() noexcept {
  std::vector<Job> jobs;
  while (jobs_.pop(jobs, limits::commit_queue_max)) {
    if (jobs.empty()) continue;
    Sealed one{.job = std::move(jobs.front()), .jobs = jobs.size()};
    for (auto job = std::next(jobs.begin()); job != jobs.end(); ++job) merge(one.job, std::move(*job));
    jobs.clear();
    core_.seal(one.job.commit);
    const Pushed pushed = sealed_.push(one);
    TAUS_CHECK(pushed == Pushed::queued);
  }
}

void CommitStage::write_all() noexcept {
  std::vector<Sealed> sealed;
  while (sealed_.pop(sealed, limits::sealed_queue_max)) {
    if (sealed.empty()) continue;
    Sealed all = std::move(sealed.front());
    for (auto one = std::next(sealed.begin()); one != sealed.end(); ++one) {
      merge(all.job, std::move(one->job));
      all.jobs += one->jobs;
    }
    sealed.clear();
    finish(std::move(all.job), all.jobs);
  }
}

void CommitStage::finish(Job all, std::size_t jobs) {
  Note note{jobs, std::nullopt, latched_};
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
