#include <algorithm>

#include "daemon/service/commands.h"
#include "daemon/service/notices.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/text_check.h"

namespace taus::service {

namespace {

constexpr std::uint16_t who_covers = leader | dpo;
constexpr const char* who_may = "the leader or the data protection officer decides on holds and restrictions";

template <class In>
Result<const Subject*> subject_of(Core& core, const Call& call, In in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  TAUS_TRY(require(relations(call, *subject), who_covers, who_may));
  TAUS_TRY(expect_version(*subject, in.getExpectedVersion()));
  out.subject = subject->ordinal;
  return subject;
}

std::uint32_t next_number(const Subject& subject) {
  std::uint32_t number = 1;
  for (const auto& one : subject.covers) number = std::max(number, one.number + 1);
  return number;
}

Mask mask_of(capnp::List<schema::Category>::Reader categories) {
  Mask out = 0;
  for (const auto one : categories) out = static_cast<Mask>(out | bit(static_cast<Category>(one)));
  return out;
}

Result<void> check_categories(capnp::List<schema::Category>::Reader categories) {
  if (categories.size() == 0) return Error(ErrorCode::invalid_argument, "name the categories that are covered", "/categories");
  for (const auto one : categories)
    if (static_cast<Category>(one) == Category::staff || static_cast<Category>(one) == Category::centre)
      return Error(ErrorCode::invalid_argument, "this category is not a client's: name the client's own", "/categories");
  return {};
}

// The open hold or restriction meant: the one named, or the only one.
Result<std::uint32_t> open_cover(const Subject& subject, bool hold, std::int64_t number) {
  std::vector<std::uint32_t> open;
  for (const auto& one : subject.covers)
    if (one.hold == hold && !one.until && !one.by_withdrawal && (number < 0 || one.number == static_cast<std::uint32_t>(number)))
      open.push_back(one.number);
  if (open.empty())
    return Error(ErrorCode::not_found, hold ? "the client has no such open hold" : "the client has no such open restriction",
                 "/number");
  if (open.size() > 1) return Error(ErrorCode::invalid_argument, "there are several: say which by its number", "/number");
  return open.front();
}

}  // namespace

Result<void> hold_place(Core& core, const Call& call, api::HoldPlace::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, subject_of(core, call, in, out));
  if (in.getGround() == schema::HoldGround::ABSENT)
    return Error(ErrorCode::invalid_argument, "say the ground: legalClaim or archiveDuty (art. 17(3))", "/ground");
  TAUS_TRY(check_categories(in.getCategories()));
  TAUS_TRY(schema::check_text(text_of(in.getReference()), limits::text_bytes_max, "/reference"));
  if (in.hasReviewDate()) {
    const Result<Zone::Date> date = Zone::parse_date(text_of(in.getReviewDate()));
    if (!date) return Error(ErrorCode::invalid_argument, "the review date: " + date.error().message, "/reviewDate");
  }
  auto to = out.event(out.subject, all_categories, subject).initLegalHoldPlaced().initRights();
  to.setNumber(next_number(*subject));
  to.setGround(in.getGround());
  to.setReference(in.getReference());
  to.setReviewDate(in.getReviewDate());
  to.setCategories(in.getCategories());
  anchor_rights(core, *subject, call.now, out);
  out.number = to.getNumber();
  return {};
}

Result<void> hold_release(Core& core, const Call& call, api::HoldRelease::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, subject_of(core, call, in, out));
  TAUS_TRY_ASSIGN(const std::uint32_t number, open_cover(*subject, true, in.getNumber()));
  out.event(out.subject, all_categories, subject).initLegalHoldReleased().initRights().setNumber(number);
  out.number = number;
  if (!subject->withdrawn_at()) return {};
  // What the hold alone kept goes now, and with the last hold all knowledge of who had it.
  Subject after = *subject;
  for (auto& one : after.covers)
    if (one.number == number) one.until = call.now;
  tell_all(call, *subject, schema::NoticeAction::ERASED, static_cast<Mask>(subject->held() & ~after.held()), out);
  return {};
}

Result<void> restrict_place(Core& core, const Call& call, api::Restrict::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, subject_of(core, call, in, out));
  if (in.getGround() == schema::RestrictionGround::ABSENT || in.getGround() == schema::RestrictionGround::WITHDRAWN)
    return Error(ErrorCode::invalid_argument,
                 "say the ground: accuracyContested, unlawful, neededForClaim, objection (art. 18(1)) or unnecessary", "/ground");
  TAUS_TRY(check_categories(in.getCategories()));
  if (in.getInformedAt() != no_time_ms) {
    TAUS_TRY_ASSIGN(const Instant informed, required_time(in.getInformedAt(), "/informedAt"));
    if (informed > call.now)
      return Error(ErrorCode::invalid_argument, "the client cannot have been told in the future", "/informedAt");
  }
  auto to = out.event(out.subject, all_categories, subject).initRestrictionImposed().initRights();
  to.setNumber(next_number(*subject));
  to.setGround(in.getGround());
  to.setCategories(in.getCategories());
  to.setInformedAt(in.getInformedAt());
  anchor_rights(core, *subject, call.now, out);
  tell_all(call, *subject, schema::NoticeAction::RESTRICTED, mask_of(in.getCategories()), out);
  out.number = to.getNumber();
  return {};
}

Result<void> restrict_lift(Core& core, const Call& call, api::RestrictLift::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, subject_of(core, call, in, out));
  TAUS_TRY_ASSIGN(const std::uint32_t number, open_cover(*subject, false, in.getNumber()));
  if (in.getInformedAt() == no_time_ms)
    return Error(ErrorCode::invalid_argument, "the client is told before a restriction is lifted (art. 18(3)): say when",
                 "/informedAt");
  TAUS_TRY_ASSIGN(const Instant informed, required_time(in.getInformedAt(), "/informedAt"));
  if (informed > call.now)
    return Error(ErrorCode::invalid_argument, "the client cannot have been told in the future", "/informedAt");
  for (const projections::CoverState& one : subject->covers)
    if (one.number == number && informed < one.from)
      return Error(ErrorCode::invalid_argument, "the client cannot have been told of its end before the restriction began",
                   "/informedAt");
  auto to = out.event(out.subject, all_categories, subject).initRestrictionLifted().initRights();
  to.setNumber(number);
  to.setInformedAt(in.getInformedAt());
  out.number = number;
  return {};
}

}  // namespace taus::service
