#include <algorithm>

#include "daemon/service/commands.h"
#include "daemon/service/kept_facts.h"
#include "daemon/service/notices.h"
#include "eventstore/base/limits.h"

namespace taus::service {

namespace {

// The withdrawal itself dies with the consent; what outlives it must know of it (art. 17(3), 18).
// The same where an open request keeps the record of itself.
void restrict_held(const Subject& subject, Mask held, Decision& out) {
  std::uint32_t number = 1;
  for (const auto& one : subject.covers) number = std::max(number, one.number + 1);
  auto to = out.event(subject.ordinal, all_categories, &subject).initRestrictionImposed().initRights();
  to.setNumber(number);
  to.setGround(schema::RestrictionGround::WITHDRAWN);
  set_categories(static_cast<Mask>(held & ~bit(Category::rights)), to);
}

// What is ahead is cancelled (VT-31), where a hold keeps it: the counsellor's time is free, and nobody waits.
void cancel_held(const Subject& subject, Instant now, Decision& out) {
  if (!has(subject.held(), Category::appt)) return;
  std::size_t room = limits::open_appointments_max;  // one client's; two records made one may have more
  for (const projections::AppointmentState& one : subject.appointments) {
    if (one.outcome != schema::Outcome::ABSENT || one.end <= now) continue;
    if (room == 0) break;
    --room;
    auto to = out.event(subject.ordinal, all_categories, &subject).initAppointmentCancelled().initAppt();
    to.setNumber(one.number);
    to.setBy(schema::Party::CLIENT);
    to.setAt(ms_of(now));
  }
}

Result<void> withdraw(Core& core, const Call& call, const Subject& subject, schema::Channel method, Decision& out) {
  if (subject.withdrawn_at())
    return Error(
        ErrorCode::version_conflict,
        "consent was withdrawn already: what is left is kept by a hold ('hold release') or an open request ('rights list') "
        "alone, and goes with it",
        "/subject");
  out.subject = subject.ordinal;
  auto end = out.event(subject.ordinal, all_categories, &subject).initConsentWithdrawn().initConsent();
  end.setMethod(method);
  end.setIndicatedAt(ms_of(call.now));
  const Mask held = subject.held();
  const Mask kept = subject.kept_for_requests();
  cancel_held(subject, call.now, out);
  if ((held | kept) != 0) restrict_held(subject, held, out);
  if (held != 0) out.warn("a legal hold keeps some data: it is restricted now and shredded when the hold ends");
  if (kept != 0) out.warn("an open request is kept until it is decided ('rights list'): answer it, and that goes too");
#ifndef TAUS_PLANT_RECIPIENTS_FORGOTTEN
  tell_all(call, subject, schema::NoticeAction::ERASED, static_cast<Mask>(all_categories & ~held), out);
  tell_all(call, subject, schema::NoticeAction::RESTRICTED, held, out);
#endif
  plan_shred(core, out, subject, static_cast<Mask>(all_categories & ~held & ~kept), schema::ShredReason::WITHDRAWAL);
  return {};
}

}  // namespace

Result<void> consent_withdraw(Core& core, const Call& call, api::Withdraw::Reader in, Decision& out) {
  const Subject* subject = nullptr;
  if (call.actor.kind == schema::ActorKind::CLIENT && !in.hasSubject()) {
    subject = core.projections.subject(call.actor.client);
    if (subject == nullptr) return Error(ErrorCode::shredded, "everything held on this subject was shredded");
  } else {
    TAUS_TRY_ASSIGN(subject, core.client(text_of(in.getSubject())));
  }
  TAUS_TRY(require(relations(call, *subject), colleagues | client,
                   "the client, by link, or the centre's staff on the client's behalf withdraw consent"));
  out.no_wait = in.getNoWait();
  return withdraw(core, call, *subject, in.getMethod(), out);
}

namespace {

// What the decision at this position grants; nothing it says may be taken from another client's, or from a refusal.
Result<Mask> granted_by(const Subject& subject, Position decision) {
#ifdef TAUS_PLANT_ANY_DECISION
  return all_categories;
#endif
  const auto it = std::find_if(subject.requests.begin(), subject.requests.end(),
                               [&](const auto& one) { return !one.open() && one.decision == decision; });
  if (it == subject.requests.end())
    return Error(ErrorCode::invalid_argument,
                 "no decision on a request of this client stands at that position: give the one that 'rights decide' answered",
                 "/decision");
  if (it->kind != schema::RightsKind::ERASE)
    return Error(ErrorCode::invalid_argument, "that decision is not about erasure: give the one on the request to erase",
                 "/decision");
  if (it->granted == 0)
    return Error(ErrorCode::invalid_argument, "that decision refuses the erasure: nothing may be shredded by it", "/decision");
  return it->granted;
}

Result<Mask> named_categories(api::Shred::Reader in) {
  Mask categories = 0;
  for (const auto one : in.getCategories()) {
    const auto category = static_cast<Category>(one);
    if (category == Category::staff || category == Category::centre)
      return Error(ErrorCode::invalid_argument, "this category is not a client's: name one of the client's own", "/categories");
    categories = static_cast<Mask>(categories | bit(category));
  }
  return categories;
}

}  // namespace

Result<void> shred(Core& core, const Call& call, api::Shred::Reader in, Decision& out) {
  TAUS_TRY(require(standing(call), op, "shreds are ordered by an operator"));
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  out.no_wait = in.getNoWait();
  if (in.getReason() == schema::ShredReason::WITHDRAWAL) {
    if (in.getCategories().size() > 0)
      return Error(ErrorCode::invalid_argument, "a withdrawal shreds everything: leave the categories out", "/categories");
    // Nobody else was told of it before, and nobody can look it up afterwards.
    if (!subject->passed_on.empty() && !may_name_recipients(call, *subject))
      return Error(
          ErrorCode::unauthorized,
          "data of this client was passed on, and whoever has it must be told (art. 19), by somebody who may see who that "
          "is: let the centre's staff withdraw it ('consent withdraw')",
          "/subject");
    return withdraw(core, call, *subject, schema::Channel::ABSENT, out);
  }
  if (in.getReason() != schema::ShredReason::REQUEST)
    return Error(ErrorCode::invalid_argument, "the reason of an ordered shred is withdrawal or request", "/reason");
  if (in.getDecision() < 0 || static_cast<Position>(in.getDecision()) >= core.store->journal().next_position())
    return Error(ErrorCode::invalid_argument, "give the position of the decision that grants the request", "/decision");
  TAUS_TRY_ASSIGN(Mask categories, named_categories(in));
  TAUS_TRY_ASSIGN(const Mask granted, granted_by(*subject, static_cast<Position>(in.getDecision())));
  if ((categories & ~granted) != 0)
    return Error(ErrorCode::invalid_argument, "the decision grants the erasure of other categories: name only those it grants",
                 "/categories");
  // What other requests are answered from is kept for them: access first, erasure last.
  if (categories == 0) categories = static_cast<Mask>(granted & ~subject->kept_for_requests());
  if ((subject->live & categories) == 0)
    return Error((subject->gone & categories) != 0 ? ErrorCode::shredded : ErrorCode::not_found,
                 "nothing of these categories is held on this subject", "/categories");
  if ((subject->held() & categories & subject->live) != 0)
    return Error(ErrorCode::held,
                 "a legal hold covers some of it: release the hold first, or name only categories it does not cover",
                 "/categories");
  if ((subject->kept_for_requests() & categories & subject->live) != 0)
    return Error(ErrorCode::version_conflict, "an open request is answered from it: decide that first ('rights list')",
                 "/categories");
  out.subject = subject->ordinal;
  tell_due(call, *subject, out);
  plan_shred(core, out, *subject, categories, schema::ShredReason::REQUEST);
  keep_facts(core, *subject, categories, schema::ShredReason::REQUEST, call.now, out);
  return {};
}

}  // namespace taus::service
