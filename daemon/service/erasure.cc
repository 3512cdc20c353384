#include <algorithm>

#include "daemon/service/commands.h"

namespace taus::service {

namespace {

// The withdrawal itself dies with the consent; what outlives it must know of it (art. 17(3), 18).
void restrict_held(const Subject& subject, Mask held, Decision& out) {
  std::uint32_t number = 1;
  for (const auto& one : subject.covers) number = std::max(number, one.number + 1);
  auto to = out.event(subject.ordinal, all_categories, &subject).initRestrictionImposed().initRights();
  to.setNumber(number);
  to.setGround(schema::RestrictionGround::WITHDRAWN);
  set_categories(static_cast<Mask>(held & ~bit(Category::rights)), to);
}

void withdraw(Core& core, const Call& call, const Subject& subject, schema::Channel method, Decision& out) {
  out.subject = subject.ordinal;
  auto end = out.event(subject.ordinal, all_categories, &subject).initConsentWithdrawn().initConsent();
  end.setMethod(method);
  end.setIndicatedAt(ms_of(call.now));
  if (const Mask held = subject.held(); held != 0) {
    restrict_held(subject, held, out);
    out.warn("a legal hold keeps some data: it is restricted now and shredded when the hold ends");
  }
  plan_shred(core, out, subject, static_cast<Mask>(all_categories & ~subject.held()), schema::ShredReason::WITHDRAWAL);
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
  withdraw(core, call, *subject, in.getMethod(), out);
  return {};
}

Result<void> shred(Core& core, const Call& call, api::Shred::Reader in, Decision& out) {
  TAUS_TRY(require(standing(call), op, "shreds are ordered by an operator"));
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  out.no_wait = in.getNoWait();
  if (in.getReason() == schema::ShredReason::WITHDRAWAL) {
    if (in.getCategories().size() > 0)
      return Error(ErrorCode::invalid_argument, "a withdrawal shreds everything: leave the categories out", "/categories");
    withdraw(core, call, *subject, schema::Channel::ABSENT, out);
    return {};
  }
  if (in.getReason() != schema::ShredReason::REQUEST)
    return Error(ErrorCode::invalid_argument, "the reason of an ordered shred is withdrawal or request", "/reason");
  if (in.getDecision() < 0 || static_cast<Position>(in.getDecision()) >= core.store->journal().next_position())
    return Error(ErrorCode::invalid_argument, "give the position of the decision that grants the request", "/decision");
  Mask categories = in.getCategories().size() == 0 ? all_categories : Mask{0};
  for (const auto one : in.getCategories()) {
    const auto category = static_cast<Category>(one);
    if (category == Category::staff || category == Category::centre)
      return Error(ErrorCode::invalid_argument, "this category is not a client's: name one of the client's own", "/categories");
    categories = static_cast<Mask>(categories | bit(category));
  }
  if ((subject->live & categories) == 0)
    return Error((subject->gone & categories) != 0 ? ErrorCode::shredded : ErrorCode::not_found,
                 "nothing of these categories is held on this subject", "/categories");
  if ((subject->held() & categories & subject->live) != 0)
    return Error(ErrorCode::held,
                 "a legal hold covers some of it: release the hold first, or name only categories it does not cover",
                 "/categories");
  out.subject = subject->ordinal;
  plan_shred(core, out, *subject, categories, schema::ShredReason::REQUEST);
  return {};
}

}  // namespace taus::service
