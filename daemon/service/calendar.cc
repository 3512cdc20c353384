#include "daemon/service/queries.h"
#include "daemon/service/schedule.h"

namespace taus::service {

namespace {

constexpr int calendar_days_max = 400;

struct Range {
  Zone::Date from;
  Zone::Date to;
};

// ISO weekday of a date, Monday = 0.
int weekday(const Zone::Date& date) {
  using namespace std::chrono;
  const sys_days day = year_month_day(year(date.year), month(date.month), std::chrono::day(date.day));
  return static_cast<int>(std::chrono::weekday(day).iso_encoding()) - 1;
}

Result<Range> range_of(const Core& core, const Call& call, api::CalendarQuery::Reader in) {
  const Zone::Date today = core.zone->date_of(call.now);
  Range out{.from = Zone::plus_days(today, -weekday(today)), .to = {}};
  if (in.hasFrom()) {
    const Result<Zone::Date> from = Zone::parse_date(text_of(in.getFrom()));
    if (!from) return Error(ErrorCode::invalid_argument, from.error().message, "/from");
    out.from = *from;
  }
  out.to = Zone::plus_days(out.from, 6);
  if (in.hasTo()) {
    const Result<Zone::Date> to = Zone::parse_date(text_of(in.getTo()));
    if (!to) return Error(ErrorCode::invalid_argument, to.error().message, "/to");
    out.to = *to;
  }
  if (out.to < out.from) return Error(ErrorCode::invalid_argument, "the calendar's last day lies before its first", "/to");
  if (out.to > Zone::plus_days(out.from, calendar_days_max))
    return Error(ErrorCode::too_large, "a calendar shows at most 400 days: ask for less", "/to");
  return out;
}

Result<void> fill_entry(Core& core, const Call& call, const Subject& subject, const projections::AppointmentState& one,
                        bool busy_only, api::CalendarEntry::Builder to) {
  to.setStart(ms_of(one.start));
  to.setEnd(ms_of(one.end));
  to.setCounsellor(opt_id(core, one.counsellor));
  if (const Subject* who = core.projections.subject(one.counsellor); who != nullptr && who->staff)
    to.setCounsellorName(who->staff->name);
  to.setUid(core.store->appointment_id(subject.ordinal, one.number));
  if (busy_only || core.shredding.contains(subject.ordinal) || !may_read(core, call, subject, Category::appt)) {
    to.setBusy(true);
    // Only who may see the appointment gets to know of a cancelled one.
    if (one.outcome == schema::Outcome::CANCELLED) to.setOutcome(one.outcome);
    return {};
  }
  to.setSubject(core.store->id_of(subject.ordinal));
  to.setNumber(one.number);
  to.setChannel(one.channel);
  if (!one.place.empty()) to.setPlace(one.place);
  to.setOutcome(one.outcome);
  Mask shown = bit(Category::appt);
  if (!subject.name.empty() && may_read(core, call, subject, Category::ident)) {
    to.setName(subject.name);
    shown = static_cast<Mask>(shown | bit(Category::ident));
  }
  return journal_read_today(core, call, subject, shown);
}

}  // namespace

Result<void> calendar_show(Core& core, const Call& call, api::CalendarQuery::Reader in, api::Calendar::Builder out) {
  TAUS_TRY(require(standing(call), static_cast<std::uint16_t>(colleagues | dpo | hr), "the centre's staff see calendars"));
  TAUS_TRY_ASSIGN(const Range range, range_of(core, call, in));
  Ordinal counsellor = 0;
  if (in.hasCounsellor()) {
    const std::optional<Ordinal> ordinal = core.store->ordinal_of(text_of(in.getCounsellor()));
    const Subject* staff = ordinal ? core.projections.subject(*ordinal) : nullptr;
    if (staff == nullptr || !staff->is_staff())
      return Error(ErrorCode::not_found, "no such member of staff: see 'staff list'", "/counsellor");
    counsellor = *ordinal;
  }
  TAUS_TRY_ASSIGN(const Instant from, core.zone->start_of_day(Zone::format_date(range.from)));
  TAUS_TRY_ASSIGN(const Instant to, core.zone->start_of_day(Zone::format_date(Zone::plus_days(range.to, 1))));
  std::vector<projections::CalendarRef> refs = core.projections.calendar(counsellor, from, to);
  std::erase_if(refs, [&](const projections::CalendarRef& ref) {
    const Subject& subject = *core.projections.subject(ref.subject);
    return subject.appointment(ref.number)->outcome == schema::Outcome::CANCELLED &&
           !may_read(core, call, subject, Category::appt);
  });
  auto entries = out.initEntries(static_cast<unsigned>(refs.size()));
  for (unsigned i = 0; i < refs.size(); ++i) {
    const Subject& subject = *core.projections.subject(refs[i].subject);
    TAUS_TRY(fill_entry(core, call, subject, *subject.appointment(refs[i].number), in.getBusyOnly(), entries[i]));
  }
  out.setFrom(Zone::format_date(range.from));
  out.setTo(Zone::format_date(range.to));
  out.setPosition(static_cast<std::int64_t>(core.store->journal().next_position()) - 1);
  return {};
}

}  // namespace taus::service
