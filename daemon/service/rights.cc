#include <algorithm>

#include "daemon/policy/deadline.h"
#include "daemon/service/commands.h"
#include "daemon/service/notices.h"
#include "daemon/service/rights_desk.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/text_check.h"

namespace taus::service {

namespace {

using schema::RightsKind;
using schema::RightsOutcome;

constexpr std::uint16_t who_opens = colleagues | dpo | client;
constexpr std::uint16_t who_receives = colleagues | dpo;
constexpr std::uint16_t who_extends = leader | dpo;
constexpr std::uint16_t who_decides = assigned | leader | dpo;
constexpr std::uint16_t who_hears_complaints = leader | dpo;
constexpr std::size_t hash_letters = 64;

// The open request that a command is about.
template <class In>
Result<RightsCase> open_case(Core& core, const Call& call, In in, std::uint16_t who, std::string_view who_may, Decision& out) {
  TAUS_TRY_ASSIGN(const RightsCase found, request_named(core, text_of(in.getRequest())));
  const bool complaint = found.request->kind == RightsKind::COMPLAINT;
  TAUS_TRY(require(relations(call, *found.subject), complaint ? who_hears_complaints : who,
                   complaint ? "the leader or the data protection officer hears complaints" : who_may));
  TAUS_TRY(expect_version(*found.subject, in.getExpectedVersion()));
  if (!found.request->open()) return Error(ErrorCode::version_conflict, "this request is decided: see 'rights list'", "/request");
  out.subject = found.subject->ordinal;
  out.request = found.request->number;
  out.number = found.request->number;
  out.due = found.request->due;
  return found;
}

Result<Instant> time_until_now(const Call& call, std::int64_t ms, const char* pointer) {
  if (ms == no_time_ms) return call.now;
  TAUS_TRY_ASSIGN(const Instant at, required_time(ms, pointer));
  if (at > call.now) return Error(ErrorCode::invalid_argument, "this cannot lie in the future", pointer);
  return at;
}

Result<Mask> categories_of(capnp::List<schema::Category>::Reader list) {
  Mask out = 0;
  for (const auto one : list) {
    if (static_cast<Category>(one) == Category::staff || static_cast<Category>(one) == Category::centre)
      return Error(ErrorCode::invalid_argument, "this category is not a client's: name the client's own", "/categories");
    out = static_cast<Mask>(out | bit(static_cast<Category>(one)));
  }
  return out;
}

// Whose request: by her link, or by a member of staff who received it.
Result<const Subject*> requester(const Core& core, const Call& call, api::RightsOpen::Reader in) {
  if (call.actor.kind != schema::ActorKind::CLIENT || in.hasSubject()) return core.client(text_of(in.getSubject()));
  return core.client(core.store->id_of(call.actor.client));
}

Result<void> check_open(const Subject& subject, api::RightsOpen::Reader in) {
  if (in.getKind() == RightsKind::ABSENT)
    return Error(ErrorCode::invalid_argument,
                 "say which right: access, portability, rectify, supplement, erase, restrict, object or complaint", "/kind");
  TAUS_TRY(schema::check_text(text_of(in.getScope()), limits::text_bytes_max, "/scope"));
  TAUS_TRY(schema::check_text(text_of(in.getReplyTo()), limits::name_bytes_max, "/replyTo"));
  const auto open = std::count_if(subject.requests.begin(), subject.requests.end(), [](const auto& one) { return one.open(); });
  if (static_cast<std::size_t>(open) >= limits::open_requests_max)
    return Error(ErrorCode::too_large, "sixteen requests of this client are open: decide some of them first", "/subject");
  return {};
}

void verify(const Subject& subject, std::uint32_t number, RightsKind kind, schema::IdentityMethod method, Instant at,
            Decision& out) {
  auto to = out.event(subject.ordinal, all_categories, &subject).initRightsIdentityVerified().initRights();
  to.setNumber(number);
  to.setKind(kind);
  to.setMethod(method);
  to.setAt(ms_of(at));
}

Result<void> check_outcome(const RightsState& request, api::RightsDecide::Reader in) {
  if (in.getOutcome() == RightsOutcome::ABSENT)
    return Error(ErrorCode::invalid_argument, "say the outcome: fulfilled, partly or refused", "/outcome");
  const bool wholly = in.getOutcome() == RightsOutcome::FULFILLED;
  for (const auto one : in.getGrounds())
    if (one == schema::RightsGround::ABSENT || wholly)
      return Error(ErrorCode::invalid_argument, "grounds are for what is refused: legalClaim, archiveDuty, unfounded, …",
                   "/grounds");
  if (!wholly && in.getGrounds().size() == 0)
    return Error(ErrorCode::invalid_argument, "a refusal, also in part, names its grounds (art. 12(4))", "/grounds");
  TAUS_TRY(schema::check_text(text_of(in.getText()), limits::text_bytes_max, "/text"));
  if (!wholly && schema::blank(text_of(in.getText())))
    return Error(ErrorCode::invalid_argument, "a refusal, also in part, gives the client the reasons in words (art. 12(4))",
                 "/text");
  TAUS_TRY(schema::check_text(text_of(in.getFormat()), limits::name_bytes_max, "/format"));
  TAUS_TRY(schema::check_text(text_of(in.getPaper()), limits::text_bytes_max, "/paper"));
  const std::string_view hash = text_of(in.getManifest());
  const bool is_hash = hash.size() == hash_letters && hash.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (!hash.empty() && !is_hash)
    return Error(ErrorCode::invalid_argument, "the manifest is named by its SHA-256, 64 digits in lower case", "/manifest");
  // Who is asking must be known before anything is done for them; a refusal may be because it is not (art. 12(6)).
  if (in.getOutcome() != RightsOutcome::REFUSED && request.kind != RightsKind::COMPLAINT && !request.verified)
    return Error(ErrorCode::version_conflict, "verify first who is asking ('rights verify-identity')", "/request");
  return {};
}

// What is named, or all that was asked for.
Mask granted_by(const RightsCase& found, api::RightsDecide::Reader in) {
  Mask named = 0;
  for (const auto one : in.getCategories()) named = static_cast<Mask>(named | bit(static_cast<Category>(one)));
  return named == 0 ? found.request->categories : named;
}

// What an erasure is granted for, where the request is one.
Result<void> check_grant(const RightsCase& found, api::RightsDecide::Reader in) {
  TAUS_TRY_ASSIGN(const Mask named, categories_of(in.getCategories()));
  if (found.request->kind != RightsKind::ERASE || in.getOutcome() == RightsOutcome::REFUSED) {
    if (named != 0)
      return Error(ErrorCode::invalid_argument, "categories are named where an erasure is granted: leave them out",
                   "/categories");
    return {};
  }
  if (named == 0 && in.getOutcome() == RightsOutcome::PARTLY)
    return Error(ErrorCode::invalid_argument, "name the categories whose erasure is granted", "/categories");
  if ((named & ~found.request->categories) != 0)
    return Error(ErrorCode::invalid_argument, "the client did not ask for the erasure of all of these", "/categories");
  if ((found.subject->held() & granted_by(found, in) & found.subject->live) != 0)
    return Error(ErrorCode::held, "a legal hold covers some of it: grant it partly, for what the hold does not cover",
                 "/categories");
  return {};
}

void fill_decision(const Core& core, const Call& call, const RightsCase& found, api::RightsDecide::Reader in, Instant delivered,
                   schema::RightsDecision::Builder to) {
  to.setNumber(found.request->number);
  to.setKind(found.request->kind);
  to.setOutcome(in.getOutcome());
  if (in.getGrounds().size() > 0) to.setGrounds(in.getGrounds());
  if (in.hasText()) to.setText(in.getText());
  const bool grants = found.request->kind == RightsKind::ERASE && in.getOutcome() != RightsOutcome::REFUSED;
  if (in.getCategories().size() > 0)
    to.setCategories(in.getCategories());
  else if (grants && found.request->categories != all_categories)
    set_categories(found.request->categories, to);
  to.setDeliveredAt(ms_of(delivered));
  if (in.hasFormat()) to.setFormat(in.getFormat());
  if (in.hasManifest()) to.setManifest(in.getManifest());
  if (in.hasPaper()) to.setPaper(in.getPaper());
  to.setLate(call.now >= deadline_of(core, *found.request));
  to.setComplaintTo(core.profile().rights.complaint.nb);
  to.setReceivedAt(ms_of(found.request->received_at));
}

// What is still to be done by hand.
void remind(const Call& call, const RightsCase& found, api::RightsDecide::Reader in, Decision& out) {
  if (found.subject->withdrawn_at()) tell_due(call, *found.subject, out);  // the record that an open request kept goes with it
  if (in.getOutcome() == RightsOutcome::REFUSED) return;
  switch (found.request->kind) {
    case RightsKind::ERASE:
      tell_all(call, *found.subject, schema::NoticeAction::ERASED, granted_by(found, in), out);
      out.warn("granted, and not done yet: an operator shreds with this position ('shred --reason request --decision')");
      break;
    case RightsKind::RESTRICT:
      if (found.subject->restricted() == 0) out.warn("granted, and not done yet: 'restrict place' does it");
      break;
    case RightsKind::RECTIFY:
    case RightsKind::SUPPLEMENT:
      tell_all(call, *found.subject, schema::NoticeAction::RECTIFIED, found.request->categories, out);
      break;
    default: break;
  }
}

}  // namespace

Result<void> rights_open(Core& core, const Call& call, api::RightsOpen::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, requester(core, call, in));
  TAUS_TRY(require(relations(call, *subject), who_opens, "the client, by link, or the centre's staff open a request"));
  TAUS_TRY(expect_version(*subject, in.getExpectedVersion()));
  TAUS_TRY(check_open(*subject, in));
  TAUS_TRY_ASSIGN(const Mask asked, categories_of(in.getCategories()));
  TAUS_TRY_ASSIGN(const Instant received, time_until_now(call, in.getReceivedAt(), "/receivedAt"));
  TAUS_TRY_ASSIGN(const policy::RightsDeadline deadline,
                  policy::rights_deadline(core.profile(), core.zone->local_date(received)));
  std::uint32_t number = 1;
  for (const RightsState& one : subject->requests) number = std::max(number, one.number + 1);
  out.subject = subject->ordinal;
  out.number = number;
  out.request = number;
  out.due = deadline.due;
  if (in.getKind() == RightsKind::ACCESS || in.getKind() == RightsKind::PORTABILITY)
    TAUS_TRY(take_snapshot(core, *subject, number, asked == 0 ? all_categories : asked, out));
  auto to = out.event(out.subject, all_categories, subject).initRightsRequestReceived().initRights();
  to.setNumber(number);
  to.setKind(in.getKind());
  to.setChannel(in.getChannel());
  to.setReceivedAt(ms_of(received));
  if (in.hasScope()) to.setScope(in.getScope());
  if (asked != 0) set_categories(asked, to);
  if (in.hasReplyTo()) to.setReplyTo(in.getReplyTo());
  to.setDue(deadline.due);
  const RightsState opened{.number = number, .due = deadline.due, .grounds = {}, .decided_at = {}};
  if (call.now >= deadline_of(core, opened)) out.warn("it was due before it was recorded: whatever is answered now is late");
  // Her link is hers: whoever has it has shown who they are.
  if (call.actor.kind == schema::ActorKind::CLIENT)
    verify(*subject, number, in.getKind(), schema::IdentityMethod::LINK, call.now, out);
  return {};
}

Result<void> rights_verify(Core& core, const Call& call, api::RightsVerify::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const RightsCase found,
                  open_case(core, call, in, who_receives, "the centre's staff verify who is asking", out));
  if (found.request->verified)
    return Error(ErrorCode::version_conflict, "who is asking was verified before: see 'rights list'", "/request");
  if (in.getMethod() == schema::IdentityMethod::ABSENT || in.getMethod() == schema::IdentityMethod::LINK)
    return Error(ErrorCode::invalid_argument, "say how: known, documentSeen, callBack or electronicId; no document is kept",
                 "/method");
  TAUS_TRY_ASSIGN(const Instant at, time_until_now(call, in.getAt(), "/at"));
  if (at < found.request->received_at)
    return Error(ErrorCode::invalid_argument, "who is asking cannot have been verified before the request was received", "/at");
  verify(*found.subject, found.request->number, found.request->kind, in.getMethod(), at, out);
  return {};
}

Result<void> rights_extend(Core& core, const Call& call, api::RightsExtend::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const RightsCase found,
                  open_case(core, call, in, who_extends, "the leader or the data protection officer extends a deadline", out));
  if (found.request->extended)
    return Error(ErrorCode::version_conflict, "this deadline was extended before, and can be only once", "/request");
  if (core.profile().deadlines.extension_months == 0)
    return Error(ErrorCode::invalid_argument, "this centre extends no deadline: its profile has extension_months = 0",
                 "/request");
  if (call.now >= deadline_of(core, *found.request))
    return Error(ErrorCode::version_conflict, "the deadline has passed: it can be extended only before (art. 12(3))", "/request");
  if (in.getGround() == schema::ExtensionGround::ABSENT)
    return Error(ErrorCode::invalid_argument, "say the ground: complexity, or number of requests (art. 12(3))", "/ground");
  TAUS_TRY(schema::check_text(text_of(in.getReason()), limits::text_bytes_max, "/reason"));
  if (schema::blank(text_of(in.getReason())))
    return Error(ErrorCode::invalid_argument, "the client is told why: give the reason", "/reason");
  if (in.getNotifiedAt() == no_time_ms)
    return Error(ErrorCode::invalid_argument, "the client is told before the deadline (art. 12(3)): say when", "/notifiedAt");
  TAUS_TRY_ASSIGN(const Instant told, time_until_now(call, in.getNotifiedAt(), "/notifiedAt"));
  if (told < found.request->received_at)
    return Error(ErrorCode::invalid_argument, "the client cannot have been told before the request was received", "/notifiedAt");
  TAUS_TRY_ASSIGN(const policy::RightsDeadline deadline,
                  policy::rights_deadline(core.profile(), core.zone->local_date(found.request->received_at)));
  std::string until = deadline.extended;
  if (in.hasUntil()) {
    until = std::string(text_of(in.getUntil()));
    const Result<Zone::Date> date = Zone::parse_date(until);
    if (!date || until <= found.request->due || until > deadline.extended)
      return Error(ErrorCode::invalid_argument, "the new deadline is a date after the old one and not after " + deadline.extended,
                   "/until");
  }
  auto to = out.event(out.subject, all_categories, found.subject).initRightsDeadlineExtended().initRights();
  to.setNumber(found.request->number);
  to.setKind(found.request->kind);
  to.setGround(in.getGround());
  to.setReason(in.getReason());
  to.setDue(until);
  to.setNotifiedAt(ms_of(told));
  out.due = until;
  if (const auto days = core.profile().deadlines.rights_days)
    out.warn("the notice promises an answer within " + std::to_string(*days) + " days");
  return {};
}

Result<void> rights_decide(Core& core, const Call& call, api::RightsDecide::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(
      const RightsCase found,
      open_case(core, call, in, who_decides, "the assigned counsellor, the leader or the data protection officer decides", out));
  TAUS_TRY(check_outcome(*found.request, in));
  TAUS_TRY(check_grant(found, in));
  TAUS_TRY_ASSIGN(const Instant delivered, time_until_now(call, in.getDeliveredAt(), "/deliveredAt"));
  if (delivered < found.request->received_at)
    return Error(ErrorCode::invalid_argument, "the answer cannot have been delivered before the request was received",
                 "/deliveredAt");
  auto to = out.event(out.subject, all_categories, found.subject).initRightsRequestDecided().initRights();
  fill_decision(core, call, found, in, delivered, to);
  if (to.getLate()) {
    out.warn("the answer is late: it was due on " + found.request->due);
    out.late_answer_in = core.zone->year_of(call.now);
  }
  remind(call, found, in, out);
  const auto& all = found.subject->requests;
  const bool another = std::any_of(all.begin(), all.end(), [&](const RightsState& one) {
    return one.open() && one.wants_copy() && one.number != found.request->number;
  });
  // Answered or refused, the copy goes; with the last request that is answered from it.
  if (found.request->wants_copy() && !another && found.subject->has(Category::copy))
    out.shred(out.subject, bit(Category::copy), schema::ShredReason::MAINTENANCE);
  return {};
}

}  // namespace taus::service
