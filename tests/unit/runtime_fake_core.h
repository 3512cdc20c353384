// A core that only counts, and a sink that knows what may be told: a reply carries how many writes its request could have seen,
// and must not leave before that many are durable.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "daemon/runtime/bounded_queue.h"
#include "daemon/runtime/core_loop.h"

namespace taus::test {

using runtime::BoundedQueue;
using runtime::Pushed;

// A clock that stands until it is set.
class StandingClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return instant_of_ms(ms_.load()); }
  void set(std::int64_t ms) { ms_ = ms; }

 private:
  std::atomic<std::int64_t> ms_{1'000'000};
};

// Requests are words: "w" writes, "r" reads, "d" writes once everything is durable, "s" shreds, "g" waits for a permit,
// "e" fails, "tN" sets the clock to N, "p" finds a shred pending and needs its receipt durable, "h" waits for a
// reading of the history, which ends when `readings` permits.
class FakeCore final : public runtime::Core {
 public:
  explicit FakeCore(StandingClock& clock) : clock_(clock) {}

  Result<service::Handled> handle(const service::Principal&, ByteView request, std::uint64_t ticket, Bytes& reply) override {
    ++handled;
    const std::string_view word = text(request);
    if (word == "e") return Error(ErrorCode::io, "planned");
    if (word == "g") wait_for(permits);
    if (word == "d" && noted != staged_) return service::Handled::drain;
    if (word == "p" && ticket != drained_) {
      drained_ = ticket;
      shreds_.push_back(0);
      return service::Handled::drain;
    }
    if (word == "p" && noted != staged_) ++receipts_too_early;
    if (word == "w" || word == "d") stage();
    if (word.front() == 't') clock_.set(std::stoll(std::string(word.substr(1))));
    if (word == "s") {
      stage();
      shreds_.push_back(ticket);
      return service::Handled::waits;
    }
    if (word == "h") {
      questions_.push_back(ticket);
      return service::Handled::waits;
    }
    reply = seen();
    return service::Handled::replied;
  }
  [[nodiscard]] bool reads_history() const override { return !questions_.empty(); }
  Result<std::vector<service::LateReply>> read_history() override {
    std::vector<int> ended;
    readings.try_pop(ended, 1);
    if (ended.empty()) return std::vector<service::LateReply>();
    if (reading_fails) return Error(ErrorCode::io, "planned");
    const std::uint64_t ticket = questions_.front();
    questions_.erase(questions_.begin());
    return std::vector<service::LateReply>{{ticket, seen()}};
  }
  Result<std::vector<service::LateReply>> run_shreds() override {
    if (noted != staged_) ++shreds_too_early;
    stage();
    std::vector<service::LateReply> replies;
    for (const std::uint64_t ticket : std::exchange(shreds_, {})) replies.push_back({ticket, seen()});
    return replies;
  }
  [[nodiscard]] bool shreds_pending() const override { return !shreds_.empty(); }
  [[nodiscard]] std::optional<Instant> next_due() const override {
    return due_ms == 0 ? std::nullopt : std::optional(instant_of_ms(due_ms));
  }
  Result<void> run_due() override {
    ++due_runs;
    if (due_ms == 0 || clock_.now() < instant_of_ms(due_ms)) return {};  // looked, and nothing was
    if (!due_stays) due_ms = 0;
    if (due_shreds) shreds_.push_back(0);
    stage();
    return {};
  }
  Commit take_commit() override {
    Commit commit;
    for (; taken_ < staged_; ++taken_) commit.batch.put(storage::Table::leaf, Bytes(8), Bytes(8));
    commit.floor.size = taken_;
    return commit;
  }
  void seal(Commit& commit) override {
    if (commit.floor.size < sealed_.exchange(commit.floor.size)) ++sealed_out_of_order;
  }
  Result<void> make_durable(Commit& commit) override {
    if (commit.floor.size > sealed_) ++durable_before_sealed;
    if (gated) wait_for(syncs);
    if (++commits == fail_commit) return Error(ErrorCode::io, "disk on fire");
    durable = commit.floor.size;
    return {};
  }
  void note_durable(const journal::FloorRecord& floor) override { noted = floor.size; }

  std::atomic<std::uint64_t> durable{0};
  std::atomic<std::uint64_t> handled{0};
  std::atomic<std::uint64_t> commits{0};
  std::atomic<int> due_runs{0};
  std::uint64_t noted = 0;
  std::uint64_t fail_commit = 0;  // the n-th
  std::int64_t due_ms = 0;
  bool due_stays = false;
  bool due_shreds = false;
  bool gated = false;
  std::atomic<int> shreds_too_early{0};
  std::atomic<int> receipts_too_early{0};
  std::atomic<int> sealed_out_of_order{0};
  std::atomic<int> durable_before_sealed{0};
  BoundedQueue<int> permits{1000};   // for "g"
  BoundedQueue<int> syncs{1000};     // for commits, where gated
  BoundedQueue<int> readings{1000};  // for "h"
  std::atomic<bool> reading_fails{false};

  static void wait_for(BoundedQueue<int>& permit) {
    std::vector<int> one;
    while (one.empty() && permit.pop(one, 1)) {
    }
  }
  static void permit(BoundedQueue<int>& queue) {
    int one = 1;
    ASSERT_EQ(queue.try_push(one), Pushed::queued);
  }

 private:
  void stage() { ++staged_; }
  Bytes seen() const {
    Bytes out;
    Writer(out).u64(staged_);
    return out;
  }
  StandingClock& clock_;
  std::uint64_t staged_ = 0;
  std::uint64_t taken_ = 0;
  std::atomic<std::uint64_t> sealed_{0};
  std::uint64_t drained_ = 0;  // the last ticket sent back
  std::vector<std::uint64_t> shreds_;
  std::vector<std::uint64_t> questions_;
};

class CheckingSink final : public runtime::ReplySink {
 public:
  explicit CheckingSink(const FakeCore& core) : core_(core) {}
  void deliver(std::vector<runtime::Reply> replies) override {
    for (runtime::Reply& reply : replies) {
      if (!reply.error && Reader(reply.frame).u64() > core_.durable) ++told_too_early;
      replies_.push(reply);
    }
  }
  void shredded() override { ++shreds; }
  void latched(const Error&) override { ++latches; }
  void stopped() override { replies_.close(); }

  // The next `n` replies. Fewer: stopped before.
  std::vector<runtime::Reply> wait(std::size_t n) {
    std::vector<runtime::Reply> got;
    while (got.size() < n && replies_.pop(got, n - got.size())) {
    }
    return got;
  }
  std::vector<runtime::Reply> wait_for_end() { return wait(1'000'000); }

  std::atomic<int> told_too_early{0};
  std::atomic<int> shreds{0};
  std::atomic<int> latches{0};

 private:
  const FakeCore& core_;
  BoundedQueue<runtime::Reply> replies_{1'000'000};
};

// The three of them, and a way to ask.
struct Running {
  StandingClock clock;
  FakeCore core{clock};
  CheckingSink sink{core};
  service::Principal who;
  std::unique_ptr<runtime::CoreLoop> loop;
  std::uint64_t asked = 0;

  void start(runtime::CoreLoop::Options options = {}) {
    loop = std::make_unique<runtime::CoreLoop>(core, clock, sink, options);
    loop->start();
  }
  Pushed ask(std::string_view word, std::uint64_t session = 1) {
    runtime::Request request{{session, ++asked}, &who, Bytes(word.begin(), word.end())};
    return loop->submit(request);
  }
  std::vector<runtime::Reply> end() {
    loop->stop();
    auto rest = sink.wait_for_end();
    loop->join();
    return rest;
  }
};

}  // namespace taus::test
