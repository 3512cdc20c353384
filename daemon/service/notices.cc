#include "daemon/service/notices.h"

#include <algorithm>

#include "daemon/service/commands.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/text_check.h"

namespace taus::service {

namespace {

using projections::NoticeState;
using projections::PassedOnState;
using projections::RightsState;
using schema::NoticeAction;
using schema::RightsKind;
using schema::RightsOutcome;

constexpr std::uint16_t who_notifies = assigned | leader | dpo;

// Something that was done, and to what.
struct Act {
  NoticeAction action;
  Mask categories;
  Position position;  // whoever was told later is told
  Instant at;         // what was passed on later is passed on as it is
};

bool told_since(const Subject& subject, const std::string& recipient, const Act& act) {
  return std::any_of(subject.notices.begin(), subject.notices.end(), [&](const NoticeState& one) {
    return one.action == act.action && one.position > act.position &&
           std::find(one.recipients.begin(), one.recipients.end(), recipient) != one.recipients.end();
  });
}

void add(std::vector<Notice>& to, const Notice& one) {
  if (std::find(to.begin(), to.end(), one) == to.end()) to.push_back(one);
}

void add_due(const Subject& subject, const Act& act, std::vector<Notice>& out) {
  for (const PassedOnState& one : subject.passed_on)
    if ((one.categories & act.categories) != 0 && one.at <= act.at && !told_since(subject, one.recipient, act))
      add(out, {.recipient = one.recipient, .action = act.action});
}

void add_due(const Subject& subject, const RightsState& request, std::vector<Notice>& out) {
  const bool granted = request.outcome == RightsOutcome::FULFILLED || request.outcome == RightsOutcome::PARTLY;
  if (request.open() || !granted) return;
  const bool corrects = request.kind == RightsKind::RECTIFY || request.kind == RightsKind::SUPPLEMENT;
  if (!corrects && request.kind != RightsKind::ERASE) return;
  add_due(subject,
          {.action = corrects ? NoticeAction::RECTIFIED : NoticeAction::ERASED,
           .categories = corrects ? request.categories : request.granted,
           .position = request.decision,
           .at = *request.decided_at},
          out);
}

void add_due(const Subject& subject, const projections::CoverState& cover, std::vector<Notice>& out) {
  if (cover.hold || cover.until) return;
  const Mask kept = cover.by_withdrawal ? static_cast<Mask>(cover.categories & subject.held()) : Mask{cover.categories};
  Act act{.action = NoticeAction::RESTRICTED, .categories = kept, .position = cover.position, .at = cover.from};
  add_due(subject, act, out);
  if (!cover.by_withdrawal) return;
  act.action = NoticeAction::ERASED;
  act.categories = static_cast<Mask>(all_categories & ~kept);
  add_due(subject, act, out);
}

void answer(const Call& call, const Subject& subject, std::vector<Notice> list, Decision& out) {
  if (list.empty()) return;
  const std::string many = list.size() == 1 ? "one" : std::to_string(list.size());
  if (!may_name_recipients(call, subject)) {
    out.warn(many + " to whom data was passed on must be told of it (art. 19): whoever granted it was told who they are");
    return;
  }
  for (const Notice& one : list) add(out.notify, one);
}

}  // namespace

std::vector<Notice> notices_due(const Subject& subject) {
  std::vector<Notice> out;
  for (const RightsState& one : subject.requests) add_due(subject, one, out);
  for (const projections::CoverState& one : subject.covers) add_due(subject, one, out);
  return out;
}

std::vector<Notice> notices_due(const Subject& subject, const RightsState& request) {
  std::vector<Notice> out;
  add_due(subject, request, out);
  return out;
}

void tell_all(const Call& call, const Subject& subject, NoticeAction action, Mask categories, Decision& out) {
  std::vector<Notice> list;
  for (const PassedOnState& one : subject.passed_on)
    if ((one.categories & categories) != 0) add(list, {.recipient = one.recipient, .action = action});
  answer(call, subject, std::move(list), out);
}

void tell_due(const Call& call, const Subject& subject, Decision& out) { answer(call, subject, notices_due(subject), out); }

bool may_name_recipients(const Call& call, const Subject& subject) {
  return (relations(call, subject) & (colleagues | dpo | client)) != 0;
}

namespace {

// The recipients named, or all who must still be told; each once.
Result<std::vector<std::string>> recipients_of(const Subject& subject, api::RightsNotify::Reader in) {
  std::vector<std::string> out;
  const auto once = [&](const std::string& one) {
    if (std::find(out.begin(), out.end(), one) == out.end()) out.push_back(one);
  };
  for (const auto named : in.getRecipients()) {
    const std::string_view name = text_of(named);
    TAUS_TRY(schema::check_text(name, limits::name_bytes_max, "/recipients"));
    const bool known = std::any_of(subject.passed_on.begin(), subject.passed_on.end(),
                                   [&](const PassedOnState& one) { return one.recipient == name; });
    if (!known)
      return Error(ErrorCode::not_found, "nothing of this client was passed on to them: 'subject show' lists to whom it was",
                   "/recipients");
    once(std::string(name));
  }
  if (!out.empty()) return out;
  for (const Notice& one : notices_due(subject))
    if (one.action == in.getAction()) once(one.recipient);
  if (out.empty() && subject.passed_on.empty())
    return Error(ErrorCode::not_found, "nothing of this client was passed on to anybody ('consent disclosed')", "/subject");
  if (out.empty())
    return Error(ErrorCode::version_conflict, "nobody is left to be told of this: name whom you told all the same",
                 "/recipients");
  return out;
}

Result<Instant> told_at(const Call& call, const Subject& subject, const std::vector<std::string>& recipients, std::int64_t ms) {
  if (ms == no_time_ms) return call.now;
  TAUS_TRY_ASSIGN(const Instant at, required_time(ms, "/at"));
  if (at > call.now) return Error(ErrorCode::invalid_argument, "whoever is told was told in the past: check the time", "/at");
  for (const std::string& one : recipients) {
    const bool had_it = std::any_of(subject.passed_on.begin(), subject.passed_on.end(),
                                    [&](const PassedOnState& gave) { return gave.recipient == one && gave.at <= at; });
    if (!had_it) return Error(ErrorCode::invalid_argument, "nobody is told before the data was passed on to them", "/at");
  }
  return at;
}

}  // namespace

Result<void> rights_notified(Core& core, const Call& call, api::RightsNotify::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  TAUS_TRY(require(relations(call, *subject), who_notifies,
                   "the assigned counsellor, the leader or the data protection officer tells the recipients"));
  TAUS_TRY(expect_version(*subject, in.getExpectedVersion()));
  if (in.getAction() == NoticeAction::ABSENT)
    return Error(ErrorCode::invalid_argument, "say what they were told of: rectified, erased or restricted", "/action");
  TAUS_TRY_ASSIGN(const std::vector<std::string> recipients, recipients_of(*subject, in));
  TAUS_TRY_ASSIGN(const Instant at, told_at(call, *subject, recipients, in.getAt()));
  std::vector<std::uint32_t> under;
  for (const PassedOnState& one : subject->passed_on)
    if (std::find(recipients.begin(), recipients.end(), one.recipient) != recipients.end() &&
        std::find(under.begin(), under.end(), one.consent) == under.end())
      under.push_back(one.consent);
  out.subject = subject->ordinal;
  auto to = out.event(out.subject, all_categories, subject).initRecipientsNotified().initRights();
  to.setAction(in.getAction());
  to.setAt(ms_of(at));
  auto names = to.initRecipients(static_cast<unsigned>(recipients.size()));
  for (unsigned i = 0; i < names.size(); ++i) names.set(i, recipients[i]);
  auto numbers = to.initDisclosures(static_cast<unsigned>(under.size()));
  for (unsigned i = 0; i < numbers.size(); ++i) numbers.set(i, under[i]);
  return {};
}

}  // namespace taus::service
