#include "daemon/service/slots.h"

#include <algorithm>
#include <charconv>

#include "daemon/service/commands.h"
#include "daemon/service/queries.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/text_check.h"

namespace taus::service {

namespace {

using projections::SlotState;

constexpr int days_shown = 28;  // unless asked for more
constexpr int days_shown_max = 400;
constexpr int weeks_ahead_max = 52;

// Who publishes and withdraws a counsellor's times: the counsellor, the leader and the desk.
Result<void> check_publisher(const Call& call, const Subject& counsellor) {
  if (call.actor.staff != 0 && call.actor.staff == counsellor.ordinal) return {};
  return require(standing(call), leader | desk, "the counsellor, the leader and the desk publish a counsellor's times");
}

struct Span {
  Instant start;
  Instant end;
  [[nodiscard]] bool meets(Instant from, Instant to) const { return start < to && end > from; }
};

// What the clock on the wall shows, without the date.
std::string wall_time(const Core& core, Instant at) {
  constexpr std::size_t date_chars = 11;  // "2026-03-05T"
  constexpr std::size_t time_chars = 8;
  return core.zone->format_local(at).substr(date_chars, time_chars);
}

// The first start of each week that is asked for, on the local clock. A week whose clock skips that time is refused: moved
// silently, the time would be offered when nobody is there.
Result<std::vector<Instant>> weeks_of(const Core& core, api::SlotsPublish::Reader in, Instant start) {
  std::vector<Instant> out{start};
  if (!in.hasUntil()) return out;
  const Result<Zone::Date> until = Zone::parse_date(text_of(in.getUntil()));
  if (!until) return Error(ErrorCode::invalid_argument, "the last week's date: " + until.error().message, "/until");
  if (*until < core.zone->date_of(start))
    return Error(ErrorCode::invalid_argument, "the last week lies before the first time: give a later date", "/until");
  for (int week = 1; core.zone->date_of(core.zone->plus_days(start, 7 * week)) <= *until; ++week) {
    if (week > weeks_ahead_max)
      return Error(ErrorCode::too_large, "times are published for at most a year at once: end sooner", "/until");
    const Instant next = core.zone->plus_days(start, 7 * week);
    if (wall_time(core, next) != wall_time(core, start))
      return Error(
          ErrorCode::invalid_argument,
          "on " + core.zone->local_date(next) +
              " the clocks are put forward over that time: end before it, and publish from the week after by another call",
          "/until");
    out.push_back(next);
  }
  return out;
}

Result<std::vector<Span>> spans_of(const Core& core, const Call& call, api::SlotsPublish::Reader in) {
  TAUS_TRY_ASSIGN(const Instant start, required_time(in.getStart(), "/start"));
  if (start <= call.now) return Error(ErrorCode::invalid_argument, "a time that is offered lies ahead: check the date", "/start");
  if (start > core.zone->plus_years(call.now, 1))
    return Error(ErrorCode::invalid_argument, "times are published for at most a year ahead: check the date", "/start");
  if (in.getMinutes() < 1 || in.getMinutes() > limits::appointment_minutes_max)
    return Error(ErrorCode::invalid_argument, "an appointment lasts from 1 minute to 12 hours", "/minutes");
  const std::int32_t each = in.getCount() < 0 ? 1 : in.getCount();
  TAUS_TRY_ASSIGN(const std::vector<Instant> weeks, weeks_of(core, in, start));
  if (each < 1 || static_cast<std::size_t>(each) * weeks.size() > limits::slots_published_max)
    return Error(ErrorCode::too_large, "from 1 to 500 times are published at once: publish the rest by another call", "/count");
  std::vector<Span> out;
  const std::chrono::minutes length(in.getMinutes());
  for (const Instant week : weeks)
    for (std::int32_t i = 0; i < each; ++i) out.push_back({week + i * length, week + (i + 1) * length});
  return out;
}

Result<void> check_free(const Core& core, const Subject& counsellor, const std::vector<Span>& spans) {
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const Span& one = spans[i];
    for (const SlotState& other : counsellor.staff->slots)
      if (one.meets(other.start, other.end))
        return Error(ErrorCode::slot_taken, "a time that is published already overlaps: withdraw it first, or choose another",
                     "/start");
    for (std::size_t j = 0; j < i; ++j)
      if (one.meets(spans[j].start, spans[j].end))
        return Error(ErrorCode::slot_taken, "the times overlap each other: fewer of them, or shorter", "/count");
    TAUS_TRY(check_not_taken(core, counsellor.ordinal, one.start, one.end, {}));
  }
  return {};
}

}  // namespace

Result<SlotCase> slot_named(const Core& core, std::string_view text) {
  const Error unknown(ErrorCode::not_found, "no such time is published: see 'slots list'", "/slot");
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos) return unknown;
  std::uint32_t number = 0;
  const std::string_view digits = text.substr(dot + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return unknown;
  const std::optional<Ordinal> ordinal = core.store->ordinal_of(text.substr(0, dot));
  const Subject* counsellor = ordinal ? core.projections.subject(*ordinal) : nullptr;
  if (counsellor == nullptr || !counsellor->is_staff() || counsellor->staff->revoked) return unknown;
  for (const SlotState& one : counsellor->staff->slots)
    if (one.number == number) return SlotCase{.counsellor = counsellor, .slot = &one};
  return unknown;
}

Result<void> check_not_taken(const Core& core, Ordinal counsellor, Instant start, Instant end,
                             const projections::CalendarRef& but) {
  const std::vector<Ordinal> others = core.projections.taken_by(counsellor, start, end, but);
  // An appointment whose erasure is accepted takes no time once that has run: the runtime lets it run and asks again.
  if (!others.empty() && std::all_of(others.begin(), others.end(), [&](Ordinal one) { return core.shredding.contains(one); }))
    return Error(ErrorCode::busy, "the appointment that stands there is being erased: ask again", "/start");
  if (!others.empty())
    return Error(ErrorCode::slot_taken, "the counsellor has an appointment then: choose another time", "/start");
  return {};
}

Result<void> slots_publish(Core& core, const Call& call, api::SlotsPublish::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* counsellor, core.counsellor(text_of(in.getCounsellor())));
  TAUS_TRY(check_publisher(call, *counsellor));
  TAUS_TRY(expect_version(*counsellor, in.getExpectedVersion()));
  if (in.getChannel() != schema::Channel::IN_PERSON && in.getChannel() != schema::Channel::VIDEO &&
      in.getChannel() != schema::Channel::PHONE)
    return Error(ErrorCode::invalid_argument, "a time's channel is inPerson, video or phone", "/channel");
  TAUS_TRY(schema::check_text(text_of(in.getPlace()), limits::name_bytes_max, "/place"));
  TAUS_TRY_ASSIGN(const std::vector<Span> spans, spans_of(core, call, in));
  const auto& published = counsellor->staff->slots;
  const auto ahead = std::count_if(published.begin(), published.end(), [&](const SlotState& one) { return one.end > call.now; });
  if (static_cast<std::size_t>(ahead) + spans.size() > limits::slots_ahead_max)
    return Error(ErrorCode::too_large, "5000 times of one counsellor lie ahead at most: publish the rest later", "/count");
  TAUS_TRY(check_free(core, *counsellor, spans));
  out.subject = counsellor->ordinal;
  std::uint32_t number = counsellor->staff->slots_made;
  out.number = number + 1;
  auto list = out.event(out.subject, all_categories, counsellor)
                  .initSlotsPublished()
                  .initStaff()
                  .initSlots(static_cast<unsigned>(spans.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    list[i].setNumber(++number);
    list[i].setStart(ms_of(spans[i].start));
    list[i].setEnd(ms_of(spans[i].end));
    list[i].setChannel(in.getChannel());
    if (in.hasPlace()) list[i].setPlace(in.getPlace());
  }
  return {};
}

Result<void> slots_withdraw(Core& core, const Call& call, api::SlotRef::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const SlotCase found, slot_named(core, text_of(in.getSlot())));
  TAUS_TRY(check_publisher(call, *found.counsellor));
  TAUS_TRY(expect_version(*found.counsellor, in.getExpectedVersion()));
  out.subject = found.counsellor->ordinal;
  out.number = found.slot->number;
  out.event(out.subject, all_categories, found.counsellor)
      .initSlotsWithdrawn()
      .initStaff()
      .initNumbers(1)
      .set(0, found.slot->number);
  if (!core.projections.taken_by(found.counsellor->ordinal, found.slot->start, found.slot->end, {}).empty())
    out.warn("an appointment stands there: it stays until it is cancelled ('booking cancel')");
  return {};
}

namespace {

struct Days {
  Zone::Date from;
  Zone::Date to;
};

Result<Days> days_of(const Core& core, const Call& call, api::SlotQuery::Reader in) {
  const Zone::Date today = core.zone->date_of(call.now);
  const Result<Zone::Date> from = in.hasFrom() ? Zone::parse_date(text_of(in.getFrom())) : Result<Zone::Date>(today);
  if (!from) return Error(ErrorCode::invalid_argument, from.error().message, "/from");
  const Result<Zone::Date> to =
      in.hasTo() ? Zone::parse_date(text_of(in.getTo())) : Result<Zone::Date>(Zone::plus_days(*from, days_shown - 1));
  if (!to) return Error(ErrorCode::invalid_argument, to.error().message, "/to");
  if (*to < *from) return Error(ErrorCode::invalid_argument, "the list's last day lies before its first", "/to");
  if (*to > Zone::plus_days(*from, days_shown_max))
    return Error(ErrorCode::too_large, "a list shows at most 400 days: ask for less", "/to");
  return Days{.from = *from, .to = *to};
}

struct Listed {
  Ordinal counsellor;
  const SlotState* slot;
  bool taken;
};

// The times in [begin, end) that still lie ahead, in order; of one counsellor, or (0) of all.
std::vector<Listed> slots_in(const Core& core, Instant now, Ordinal only, Instant begin, Instant end, bool with_taken) {
  std::vector<Listed> out;
  for (const Ordinal one : core.projections.staff()) {
    const Subject* counsellor = core.projections.subject(one);
    if ((only != 0 && one != only) || counsellor == nullptr || counsellor->staff->revoked) continue;
    for (const SlotState& slot : counsellor->staff->slots) {
      if (slot.start < begin || slot.start >= end || slot.start <= now) continue;
      const bool taken = !core.projections.taken_by(one, slot.start, slot.end, {}).empty();
      if (!taken || with_taken) out.push_back({one, &slot, taken});
    }
  }
  std::sort(out.begin(), out.end(), [](const Listed& a, const Listed& b) {
    return std::tuple(a.slot->start, a.counsellor) < std::tuple(b.slot->start, b.counsellor);
  });
  return out;
}

}  // namespace

Result<void> slots_list(Core& core, const Call& call, api::SlotQuery::Reader in, api::SlotList::Builder out) {
  const bool by_link = call.actor.kind == schema::ActorKind::CLIENT;
  TAUS_TRY(require(by_link ? static_cast<std::uint16_t>(client) : standing(call), slot_readers,
                   "the booking portal, clients by link and the centre's staff see the times that are published"));
  TAUS_TRY_ASSIGN(const Days days, days_of(core, call, in));
  TAUS_TRY_ASSIGN(const Instant begin, core.zone->start_of_day(Zone::format_date(days.from)));
  TAUS_TRY_ASSIGN(const Instant end, core.zone->start_of_day(Zone::format_date(Zone::plus_days(days.to, 1))));
  Ordinal only = 0;
  if (in.hasCounsellor()) {
    TAUS_TRY_ASSIGN(const Subject* counsellor, core.counsellor(text_of(in.getCounsellor())));
    only = counsellor->ordinal;
  }
  const bool staff = !by_link && (standing(call) & colleagues) != 0;
  const std::vector<Listed> found = slots_in(core, call.now, only, begin, end, staff && in.getTaken());
  out.setFrom(Zone::format_date(days.from));
  out.setTo(Zone::format_date(days.to));
  auto list = out.initSlots(static_cast<unsigned>(found.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    const std::string id = core.store->id_of(found[i].counsellor);
    list[i].setSlot(id + "." + std::to_string(found[i].slot->number));
    list[i].setCounsellor(id);
    list[i].setStart(ms_of(found[i].slot->start));
    list[i].setEnd(ms_of(found[i].slot->end));
    list[i].setChannel(found[i].slot->channel);
    if (!found[i].slot->place.empty()) list[i].setPlace(found[i].slot->place);
    list[i].setTaken(found[i].taken);
  }
  return {};
}

}  // namespace taus::service
