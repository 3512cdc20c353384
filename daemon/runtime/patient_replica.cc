#include "daemon/runtime/patient_replica.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace taus::runtime {
namespace {

using vault::CopyState;

// What is shared with the thread, and outlives whoever waits no longer.
struct Work {
  explicit Work(std::unique_ptr<vault::Replica> one) : replica(std::move(one)) {}
  std::unique_ptr<vault::Replica> replica;
  std::mutex mutex;
  std::condition_variable changed;
  std::function<Result<CopyState>(vault::Replica&)> job;  // wanted and not begun
  std::optional<Result<CopyState>> outcome;
  bool busy = false;
  bool ended = false;
  std::atomic<std::uint64_t> progress{0};
  std::atomic<bool> given_up{false};
};

void work_on(const std::shared_ptr<Work>& work) {
  std::unique_lock hold(work->mutex);
  for (;;) {
    work->changed.wait(hold, [&] { return work->ended || work->job; });
    if (work->ended) return;
    const auto job = std::exchange(work->job, nullptr);
    hold.unlock();
    Result<CopyState> done = job(*work->replica);
    hold.lock();
    work->outcome = std::move(done);
    work->busy = false;
    work->changed.notify_all();
  }
}

// The rows go on being copied only while somebody waits for them.
class WatchedReader final : public storage::KvReader {
 public:
  WatchedReader(const storage::KvReader& inner, Work& work) : inner_(inner), work_(work) {}
  [[nodiscard]] Result<std::optional<Bytes>> get(storage::Table table, ByteView key) const override {
    return inner_.get(table, key);
  }
  Result<void> scan(storage::Table table, ByteView from, ByteView to,
                    const std::function<bool(ByteView, ByteView)>& visit) const override {
    return inner_.scan(table, from, to, [&](ByteView key, ByteView value) {
      ++work_.progress;
      return !work_.given_up && visit(key, value);
    });
  }

 private:
  const storage::KvReader& inner_;
  Work& work_;
};

class PatientReplica final : public vault::Replica {
 public:
  PatientReplica(std::unique_ptr<vault::Replica> inner, const Patience& patience)
      : name_(inner->name()), patience_(patience), work_(std::make_shared<Work>(std::move(inner))) {
    std::thread([work = work_] { work_on(work); }).detach();
  }
  ~PatientReplica() override {
    work_->given_up = true;
    const std::lock_guard hold(work_->mutex);
    work_->ended = true;
    work_->changed.notify_all();
  }
  PatientReplica(const PatientReplica&) = delete;
  PatientReplica& operator=(const PatientReplica&) = delete;

  [[nodiscard]] const std::string& name() const override { return name_; }
  Result<CopyState> look() override {
    return wait_for([](vault::Replica& one) { return one.look(); }, patience_.copy);
  }
  Result<CopyState> append(const vault::KeyBatch& batch) override {
    return wait_for([batch](vault::Replica& one) { return one.append(batch); }, patience_.append);
  }
  Result<CopyState> copy(const vault::CopyHead& head, const storage::KvReader& from, std::uint64_t kseq) override {
    const storage::KvReader* rows = &from;
    return wait_for(
        [work = work_.get(), head, rows, kseq](vault::Replica& one) {
          const WatchedReader watched(*rows, *work);
          return one.copy(head, watched, kseq);
        },
        patience_.copy);
  }

 private:
  Result<CopyState> wait_for(std::function<Result<CopyState>(vault::Replica&)> job, std::chrono::milliseconds most) {
    std::unique_lock hold(work_->mutex);
    if (work_->busy) return silent();
    work_->job = std::move(job);
    work_->outcome.reset();
    work_->busy = true;
    work_->given_up = false;
    work_->changed.notify_all();
    for (std::uint64_t seen = work_->progress;; seen = work_->progress) {
      if (work_->changed.wait_for(hold, most, [&] { return !work_->busy; })) return std::move(*work_->outcome);
      if (seen == work_->progress) break;
    }
    work_->given_up = true;
    return silent();
  }
  [[nodiscard]] Error silent() const { return {ErrorCode::busy, "the replica \"" + name_ + "\" does not answer"}; }

  std::string name_;
  Patience patience_;
  std::shared_ptr<Work> work_;
};

}  // namespace

std::unique_ptr<vault::Replica> patient_replica(std::unique_ptr<vault::Replica> inner, const Patience& patience) {
  return std::make_unique<PatientReplica>(std::move(inner), patience);
}

}  // namespace taus::runtime
