#include <algorithm>

#include "daemon/service/commands.h"
#include "daemon/service/slots.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/text_check.h"

namespace taus::service {

namespace {

using projections::AppointmentState;

constexpr std::uint16_t who_books = colleagues | client | portal;
constexpr int years_ahead_max = 3;

struct Span {
  Instant start;
  Instant end;
};

Result<Span> span_of(const Core& core, const Call& call, std::int64_t start_ms, std::int32_t minutes) {
  TAUS_TRY_ASSIGN(const Instant start, required_time(start_ms, "/start"));
  if (minutes < 1 || minutes > limits::appointment_minutes_max)
    return Error(ErrorCode::invalid_argument, "an appointment lasts from 1 minute to 12 hours", "/minutes");
  if (start > core.zone->plus_years(call.now, years_ahead_max) || start < core.zone->plus_years(call.now, -years_ahead_max))
    return Error(ErrorCode::invalid_argument, "an appointment lies within three years of now: check the date", "/start");
  return Span{.start = start, .end = start + std::chrono::minutes(minutes)};
}

Result<void> both_free(const Core& core, Ordinal counsellor, const Subject& subject, const Span& span, std::uint32_t moved) {
  TAUS_TRY(check_not_taken(core, counsellor, span.start, span.end, {.subject = subject.ordinal, .number = moved}));
  for (const AppointmentState& one : subject.appointments)
    if (one.number != moved && one.outcome != schema::Outcome::CANCELLED && one.start < span.end && one.end > span.start)
      return Error(ErrorCode::slot_taken, "the client has another appointment then: choose another time", "/start");
  return {};
}

bool open(const AppointmentState& one) { return one.outcome == schema::Outcome::ABSENT; }

// The appointment meant: the one named, or the only one that fits.
Result<const AppointmentState*> meant(const Subject& subject, std::int64_t number, bool (*fits)(const AppointmentState&),
                                      const char* what) {
  if (number >= 0) {
    const AppointmentState* one = subject.appointment(static_cast<std::uint32_t>(number));
    if (one == nullptr)
      return Error(ErrorCode::not_found, "the client has no appointment of this number: see 'subject show'", "/number");
    if (!fits(*one))
      return Error(ErrorCode::version_conflict,
                   std::string("this appointment is not ") + what + ": see 'subject show', or correct its outcome", "/number");
    return one;
  }
  std::vector<const AppointmentState*> found;
  for (const AppointmentState& one : subject.appointments)
    if (fits(one)) found.push_back(&one);
  if (found.empty()) return Error(ErrorCode::not_found, std::string("the client has no appointment that is ") + what, "/number");
  if (found.size() > 1)
    return Error(ErrorCode::invalid_argument, "the client has several such appointments: say which by its number", "/number");
  return found.front();
}

// A command about one open appointment: who, version, which.
template <class In>
Result<const AppointmentState*> open_appointment(Core& core, const Call& call, In in, std::uint16_t who, std::string_view who_may,
                                                 Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  TAUS_TRY(require(relations(call, *subject), who, who_may));
  TAUS_TRY(expect_version(*subject, in.getExpectedVersion()));
  TAUS_TRY(expect_consent_stands(*subject));
  TAUS_TRY_ASSIGN(const AppointmentState* one, meant(*subject, in.getNumber(), open, "open"));
  out.subject = subject->ordinal;
  out.number = one->number;
  return one;
}

// What is told of a closed year is kept, and counted as late.
void warn_late(const Core& core, const AppointmentState& one, Decision& out) {
  if (!late(core, one.start)) return;
  const int year = core.zone->year_of(one.start);
  std::uint64_t told = 0;
  if (core.book.closed.contains(year)) {
    told = late_outcomes(core, year) + 1;
    out.late_for = year;
  }
  out.warn("late for closed year: " + std::to_string(told) + (told == 1 ? " outcome of " : " outcomes of ") +
           std::to_string(year) + " so far; its statistics do not change");
}

schema::Party party_of(const Call& call, schema::Party given) {
  if (call.actor.kind == schema::ActorKind::CLIENT) return schema::Party::CLIENT;  // who comes by link speaks for nobody else
  return given == schema::Party::ABSENT ? schema::Party::CENTRE : given;
}

}  // namespace

namespace {

// What is booked: as given, or as it was published.
struct Wish {
  const Subject* counsellor;
  Span span;
  schema::Channel channel;
  std::string place;
};

Result<Wish> by_slot(const Core& core, const Call& call, api::Book::Reader in) {
  if (in.hasCounsellor() || in.getStart() != no_time_ms || in.getMinutes() != 0 || in.getChannel() != schema::Channel::ABSENT)
    return Error(ErrorCode::invalid_argument, "a published time has its counsellor, start, length and channel: leave them out",
                 "/slot");
  TAUS_TRY_ASSIGN(const SlotCase found, slot_named(core, text_of(in.getSlot())));
  if (found.slot->start <= call.now)
    return Error(ErrorCode::invalid_argument, "this time has begun: choose another ('slots list')", "/slot");
  return Wish{.counsellor = found.counsellor,
              .span = {.start = found.slot->start, .end = found.slot->end},
              .channel = found.slot->channel,
              .place = in.hasPlace() ? std::string(text_of(in.getPlace())) : found.slot->place};
}

Result<Wish> wished(const Core& core, const Call& call, api::Book::Reader in) {
  if (in.hasSlot()) return by_slot(core, call, in);
  TAUS_TRY_ASSIGN(const Subject* counsellor, core.counsellor(text_of(in.getCounsellor())));
  TAUS_TRY_ASSIGN(const Span span, span_of(core, call, in.getStart(), in.getMinutes()));
  if (in.getChannel() != schema::Channel::IN_PERSON && in.getChannel() != schema::Channel::VIDEO &&
      in.getChannel() != schema::Channel::PHONE)
    return Error(ErrorCode::invalid_argument, "an appointment's channel is inPerson, video or phone", "/channel");
  return Wish{.counsellor = counsellor, .span = span, .channel = in.getChannel(), .place = std::string(text_of(in.getPlace()))};
}

}  // namespace

Result<void> booking_book(Core& core, const Call& call, api::Book::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  TAUS_TRY(require(relations(call, *subject), who_books, "the client's own link and the centre's staff book"));
  TAUS_TRY(expect_version(*subject, in.getExpectedVersion()));
  TAUS_TRY(expect_named(*subject));
  TAUS_TRY(expect_open_case(*subject));
  TAUS_TRY(expect_consent(*subject));
  // Whoever is booked with is the one assigned then; who that may be is the leader's to say once there was a session, as with a hand-over.
  if (subject->assigned() == 0 && subject->phase() != schema::Phase::P0)
    TAUS_TRY(require(relations(call, *subject), static_cast<std::uint16_t>(client | portal | leader),
                     "this case has no counsellor any more: its leader assigns one first ('subject assign')"));
  TAUS_TRY(schema::check_text(text_of(in.getPlace()), limits::text_bytes_max, "/place"));
  if (std::count_if(subject->appointments.begin(), subject->appointments.end(), open) >=
      std::ptrdiff_t{limits::open_appointments_max})
    return Error(ErrorCode::too_large, "32 appointments of this client are open: record or cancel some of them first",
                 "/subject");
  TAUS_TRY_ASSIGN(const Wish wish, wished(core, call, in));
  TAUS_TRY(both_free(core, wish.counsellor->ordinal, *subject, wish.span, 0));
  std::uint32_t number = 1;
  for (const AppointmentState& one : subject->appointments) number = std::max(number, one.number + 1);
  out.subject = subject->ordinal;
  out.number = number;
  if (subject->assigned() == 0) {
    auto assignment = out.event(out.subject, all_categories, subject).initCounsellorAssigned().initAppt();
    assignment.setCounsellor(wish.counsellor->ordinal);
  }
  auto to = out.event(out.subject, all_categories, subject).initAppointmentBooked().initAppt();
  to.setNumber(number);
  to.setStart(ms_of(wish.span.start));
  to.setEnd(ms_of(wish.span.end));
  to.setChannel(wish.channel);
  if (in.hasPlace() || !wish.place.empty()) to.setPlace(wish.place);
  to.setCounsellor(wish.counsellor->ordinal);
  to.setKind(in.getKind());
  return {};
}

Result<void> booking_reschedule(Core& core, const Call& call, api::Reschedule::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const AppointmentState* one,
                  open_appointment(core, call, in, who_books, "the client's own link and the centre's staff reschedule", out));
  TAUS_TRY(expect_open_case(*core.projections.subject(out.subject)));
  const Subject* counsellor = core.projections.subject(one->counsellor);
  if (counsellor == nullptr || !counsellor->is_staff() || counsellor->staff->revoked)
    return Error(ErrorCode::invalid_argument,
                 "who was to hold this appointment works here no more: cancel it and book one with somebody else", "/number");
  const auto minutes =
      in.getMinutes() == 0
          ? static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::minutes>(one->end - one->start).count())
          : in.getMinutes();
  TAUS_TRY_ASSIGN(const Span span, span_of(core, call, in.getStart(), minutes));
  TAUS_TRY(schema::check_text(text_of(in.getReason()), limits::text_bytes_max, "/reason"));
  const Subject* subject = core.projections.subject(out.subject);
  TAUS_TRY(both_free(core, one->counsellor, *subject, span, one->number));
  auto to = out.event(out.subject, all_categories, subject).initAppointmentRescheduled().initAppt();
  to.setNumber(one->number);
  to.setStart(ms_of(span.start));
  to.setEnd(ms_of(span.end));
  to.setBy(party_of(call, in.getBy()));
  if (in.hasReason()) to.setReason(in.getReason());
  return {};
}

Result<void> booking_cancel(Core& core, const Call& call, api::Cancel::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const AppointmentState* one,
                  open_appointment(core, call, in, who_books, "the client's own link and the centre's staff cancel", out));
  TAUS_TRY(schema::check_text(text_of(in.getReason()), limits::text_bytes_max, "/reason"));
  auto to = out.event(out.subject, all_categories, core.projections.subject(out.subject)).initAppointmentCancelled().initAppt();
  to.setNumber(one->number);
  to.setBy(party_of(call, in.getBy()));
  if (in.hasReason()) to.setReason(in.getReason());
  to.setAt(ms_of(call.now));
  return {};
}

Result<void> booking_held(Core& core, const Call& call, api::Attendance::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const AppointmentState* one,
                  open_appointment(core, call, in, assigned, "the assigned counsellor records a held session", out));
  if (one->start > call.now)
    return Error(ErrorCode::invalid_argument, "this appointment has not begun: record it once it was held", "/number");
  warn_late(core, *one, out);
  const Subject* subject = core.projections.subject(out.subject);
  const auto before = std::count_if(subject->appointments.begin(), subject->appointments.end(),
                                    [](const AppointmentState& a) { return a.outcome == schema::Outcome::HELD; });
  auto to = out.event(out.subject, all_categories, subject).initSessionHeld().initAppt();
  to.setNumber(one->number);
  to.setStart(ms_of(one->start));
  to.setEnd(ms_of(one->end));
  to.setChannel(one->channel);
  to.setSequence(static_cast<std::uint32_t>(before + 1));
  return {};
}

Result<void> booking_no_show(Core& core, const Call& call, api::Attendance::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const AppointmentState* one,
                  open_appointment(core, call, in, assigned, "the assigned counsellor records a no-show", out));
  if (one->start > call.now)
    return Error(ErrorCode::invalid_argument, "this appointment has not begun: nobody can have stayed away yet", "/number");
  warn_late(core, *one, out);
  out.event(out.subject, all_categories, core.projections.subject(out.subject))
      .initNoShowRecorded()
      .initAppt()
      .setNumber(one->number);
  return {};
}

Result<void> booking_correct(Core& core, const Call& call, api::Correct::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  TAUS_TRY(require(relations(call, *subject), assigned | leader, "the assigned counsellor or the leader corrects outcomes"));
  TAUS_TRY(expect_version(*subject, in.getExpectedVersion()));
  TAUS_TRY(expect_open_case(*subject));
  TAUS_TRY_ASSIGN(const AppointmentState* one,
                  meant(
                      *subject, in.getNumber(), [](const AppointmentState& a) { return !open(a); }, "recorded with an outcome"));
  if (in.getOutcome() == schema::Outcome::ABSENT)
    return Error(ErrorCode::invalid_argument, "say the right outcome: held, noShow or cancelled", "/outcome");
  if (in.getOutcome() != schema::Outcome::CANCELLED && one->start > call.now)
    return Error(ErrorCode::invalid_argument,
                 "this appointment has not begun: it cannot have been held, and nobody can have stayed away yet", "/outcome");
  TAUS_TRY(schema::check_text(text_of(in.getReason()), limits::text_bytes_max, "/reason"));
  out.subject = subject->ordinal;
  out.number = one->number;
  warn_late(core, *one, out);
  if (one->outcome == schema::Outcome::CANCELLED && in.getOutcome() == schema::Outcome::HELD &&
      !both_free(core, one->counsellor, *subject, {.start = one->start, .end = one->end}, one->number))
    out.warn("this time was given to another appointment since: look whether both can have been held");
  auto to = out.event(out.subject, all_categories, subject).initSessionOutcomeCorrected().initAppt();
  to.setNumber(one->number);
  to.setOutcome(in.getOutcome());
  if (in.hasReason()) to.setReason(in.getReason());
  return {};
}

}  // namespace taus::service
