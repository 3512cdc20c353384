#include <algorithm>

#include "daemon/service/notices.h"
#include "daemon/service/queries.h"
#include "daemon/service/rights_desk.h"

namespace taus::service {

namespace {

struct Listed {
  const Subject* subject;
  const RightsState* request;
};

void fill(const Core& core, const Call& call, const Listed& from, api::RightsView::Builder out) {
  const RightsState& request = *from.request;
  out.setRequest(request_name(core, *from.subject, request.number));
  out.setSubject(core.store->id_of(from.subject->ordinal));
  out.setNumber(request.number);
  out.setKind(request.kind);
  out.setState(request.open() ? request.verified ? "verified" : "open" : "decided");
  out.setReceivedAt(ms_of(request.received_at));
  out.setDue(request.due);
  out.setExtended(request.extended);
  out.setPosition(static_cast<std::int64_t>(request.position));
  out.setLate(request.late || (request.open() && call.now >= deadline_of(core, request)));
  if (request.open()) {
    const int left = days_left(core, request, call.now);
    out.setDaysLeft(left);
    if (const std::string_view alarm = alarm_of(left); !alarm.empty())
      out.setAlarm(capnp::Text::Reader(alarm.data(), alarm.size()));
    return;
  }
  const std::vector<Notice> due = notices_due(*from.subject, request);
  auto notify = out.initNotify(static_cast<unsigned>(due.size()));
  for (unsigned i = 0; i < notify.size(); ++i) notify.set(i, due[i].recipient);
  out.setOutcome(request.outcome);
  auto grounds = out.initGrounds(static_cast<unsigned>(request.grounds.size()));
  for (unsigned i = 0; i < grounds.size(); ++i) grounds.set(i, request.grounds[i]);
  out.setDecidedAt(ms_of(*request.decided_at));
  out.setDecision(static_cast<std::int64_t>(request.decision));
}

void collect(const Core& core, const Call& call, const Subject& subject, bool open_only, std::vector<Listed>& out) {
  if (core.shredding.contains(subject.ordinal)) return;
  for (const RightsState& one : subject.requests)
    if ((!open_only || one.open()) && may_read_request(core, call, subject, one))
      out.push_back({.subject = &subject, .request = &one});
}

}  // namespace

Result<void> rights_list(Core& core, const Call& call, api::RightsQuery::Reader in, api::RightsList::Builder out) {
  std::vector<Listed> found;
  const bool own = call.actor.kind == schema::ActorKind::CLIENT;
  if (in.hasSubject() || own) {
    const std::string id = in.hasSubject() ? std::string(text_of(in.getSubject())) : core.store->id_of(call.actor.client);
    TAUS_TRY_ASSIGN(const Subject* subject, core.client(id));
    const bool may = policy::may_read(access_to(core, call, *subject, Category::rights)) ||
                     policy::may_read(access_to(core, call, *subject, Category::rights, true));
    if (!may) return deny(core, call, *subject, bit(Category::rights), "rightsList");
    collect(core, call, *subject, in.getOpen(), found);
  } else {
    TAUS_TRY(require(standing(call), static_cast<std::uint16_t>(any_counsellor | leader | dpo),
                     "counsellors, for their own clients, the leader and the data protection officer see the desk"));
    core.projections.each_subject([&](const Subject& one) { collect(core, call, one, in.getOpen(), found); });
  }
  // What must be answered first stands first; what is decided stands last.
  std::sort(found.begin(), found.end(), [](const Listed& a, const Listed& b) {
    const auto key = [](const Listed& one) {
      return std::tuple(!one.request->open(), std::string_view(one.request->due), one.request->position);
    };
    return key(a) < key(b);
  });
  auto list = out.initRequests(static_cast<unsigned>(found.size()));
  for (unsigned i = 0; i < list.size(); ++i) fill(core, call, found[i], list[i]);
  std::vector<Ordinal> seen;
  seen.reserve(found.size());
  for (const Listed& one : found) seen.push_back(one.subject->ordinal);
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  for (const Ordinal one : seen) TAUS_TRY(journal_read(core, call, *core.projections.subject(one), bit(Category::rights)));
  return {};
}

}  // namespace taus::service
