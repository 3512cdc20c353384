// Questions that only a reading of the whole history answers (audit verify, audit prove): read beside everything else, one at a time, so
// that nobody waits for an auditor.
//
// Bounds:  limits::history_questions_max wait; more are told busy.
// Threads: the core thread, but for the job that next() hands out: that runs on any thread, while the store it reads goes on and lives.
// Errors:  a question's own travel in its reply; done() fails where the disk does (io): the store must not be served on.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/service/core.h"

namespace taus::service {

// Of what was durable when it was asked.
struct HistoryQuestion {
  using Fill = std::function<void(api::Response::Builder)>;
  using Read = std::function<Result<Fill>(const Stopped&)>;
  std::uint64_t ticket = 0;
  std::uint64_t id = 0;       // of the request
  std::int64_t position = 0;  // that the reply names
  bool shared = false;        // one reading answers all of these that wait
  Read read;
};

// What each of the two reads; unauthorized, busy (not everything is durable) and not_found at once.
Result<HistoryQuestion::Read> audit_verify(const Core& core, const Call& call);
Result<HistoryQuestion::Read> audit_prove(const Core& core, const Call& call, api::ProveQuery::Reader in);

class HistoryReader {
 public:
  // busy: too many wait.
  Result<void> ask(HistoryQuestion question);
  [[nodiscard]] bool waited_for() const noexcept { return !waiting_.empty(); }
  // The next reading. Nothing: none is waited for, or one is under way.
  std::optional<HistoryJob> next();
  // After that job returned: its answers.
  Result<std::vector<LateReply>> done();

 private:
  std::vector<HistoryQuestion> waiting_;
  std::vector<HistoryQuestion> under_way_;
  std::shared_ptr<std::optional<Result<HistoryQuestion::Fill>>> outcome_;
};

}  // namespace taus::service
