#include "tools/ical_writer.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <libical/ical.h>

namespace taus::tools {
namespace {

constexpr const char* zone_name = "Europe/Oslo";
// Written out, for libical's own zones carry names no other program knows. The rules since 1996, which is before any entry.
constexpr const char* zone_text =
    "BEGIN:VTIMEZONE\r\nTZID:Europe/Oslo\r\n"
    "BEGIN:DAYLIGHT\r\nTZNAME:CEST\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nDTSTART:19960331T020000\r\n"
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n"
    "BEGIN:STANDARD\r\nTZNAME:CET\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nDTSTART:19961027T030000\r\n"
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\n"
    "END:VTIMEZONE\r\n";
constexpr const char* summary = "Opptatt – veiledning";

struct FreeComponent {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
using Component = std::unique_ptr<icalcomponent, FreeComponent>;
using Span = std::pair<std::int64_t, std::int64_t>;

Error refused() { return Error(ErrorCode::io, "The calendar could not be written as iCalendar."); }

icaltimetype utc(std::int64_t ms) { return icaltime_from_timet_with_zone(ms / 1000, 0, icaltimezone_get_utc_timezone()); }

void add(icalcomponent* to, icalproperty* property) { icalcomponent_add_property(to, property); }

std::string wall_clock(const Zone& zone, std::int64_t ms) { return zone.format_local(instant_of_ms(ms)).substr(0, 19); }

// Local time with its zone; in the hour that occurs twice UTC, for readers do not agree on which of the two a local name means.
void add_time(const Zone& zone, icalcomponent* to, icalproperty* (*make)(icaltimetype), std::int64_t ms) {
  constexpr std::int64_t hour = 3'600'000;
  const std::string local = wall_clock(zone, ms);
  if (local == wall_clock(zone, ms - hour) || local == wall_clock(zone, ms + hour)) {
    add(to, make(utc(ms)));
    return;
  }
  std::string compact;
  std::copy_if(local.begin(), local.end(), std::back_inserter(compact), [](char c) { return c != '-' && c != ':'; });
  icalproperty* property = make(icaltime_from_string(compact.c_str()));
  icalproperty_add_parameter(property, icalparameter_new_tzid(zone_name));
  add(to, property);
}

Component new_calendar() {
  Component calendar(icalcomponent_new(ICAL_VCALENDAR_COMPONENT));
  add(calendar.get(), icalproperty_new_version("2.0"));
  add(calendar.get(), icalproperty_new_prodid("-//taus//tausctl//NO"));
  add(calendar.get(), icalproperty_new_calscale("GREGORIAN"));
  return calendar;
}

Result<std::string> text_of(icalcomponent* calendar) {
  char* text = icalcomponent_as_ical_string_r(calendar);
  if (text == nullptr) return refused();
  std::string out(text);
  std::free(text);
  return out;
}

Component event_of(const Zone& zone, api::CalendarEntry::Reader entry, std::int64_t now) {
  const bool cancelled = entry.getOutcome() == schema::Outcome::CANCELLED;
  Component event(icalcomponent_new(ICAL_VEVENT_COMPONENT));
  add(event.get(), icalproperty_new_uid((std::string(entry.getUid().cStr()) + "@taus").c_str()));
  add(event.get(), icalproperty_new_dtstamp(utc(now)));
  add_time(zone, event.get(), icalproperty_new_dtstart, entry.getStart());
  add_time(zone, event.get(), icalproperty_new_dtend, entry.getEnd());
  add(event.get(), icalproperty_new_summary(summary));
  if (entry.hasCounsellorName()) add(event.get(), icalproperty_new_contact(entry.getCounsellorName().cStr()));
  add(event.get(), icalproperty_new_class(ICAL_CLASS_PRIVATE));
  add(event.get(), icalproperty_new_status(cancelled ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
  add(event.get(), icalproperty_new_transp(cancelled ? ICAL_TRANSP_TRANSPARENT : ICAL_TRANSP_OPAQUE));
  return event;
}

// Touching and overlapping spans become one.
std::vector<Span> merged(std::vector<Span> spans) {
  std::sort(spans.begin(), spans.end());
  std::vector<Span> out;
  for (const Span& span : spans) {
    if (!out.empty() && span.first <= out.back().second) {
      out.back().second = std::max(out.back().second, span.second);
    } else {
      out.push_back(span);
    }
  }
  return out;
}

struct Counsellor {
  std::string name;
  std::vector<Span> taken;
};

Result<Component> calendar_with_zone() {
  Component out = new_calendar();
  icalcomponent* rules = icalparser_parse_string(zone_text);
  if (rules == nullptr) return refused();
  icalcomponent_add_component(out.get(), rules);
  return out;
}

}  // namespace

Result<std::string> ical_own(const Zone& zone, const std::vector<OwnAppointment>& appointments, std::int64_t now) {
  TAUS_TRY_ASSIGN(const Component out, calendar_with_zone());
  for (const OwnAppointment& one : appointments) {
    icalcomponent* event = icalcomponent_new(ICAL_VEVENT_COMPONENT);
    icalcomponent_add_component(out.get(), event);
    add(event, icalproperty_new_uid((one.uid + "@taus").c_str()));
    add(event, icalproperty_new_dtstamp(utc(now)));
    add_time(zone, event, icalproperty_new_dtstart, one.start);
    add_time(zone, event, icalproperty_new_dtend, one.end);
    add(event, icalproperty_new_summary(one.summary.c_str()));
    if (!one.place.empty()) add(event, icalproperty_new_location(one.place.c_str()));
    add(event, icalproperty_new_status(one.cancelled ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
  }
  return text_of(out.get());
}

Result<std::string> ical_events(const Zone& zone, api::Calendar::Reader calendar, std::int64_t now) {
  TAUS_TRY_ASSIGN(const Component out, calendar_with_zone());
  for (const auto entry : calendar.getEntries()) icalcomponent_add_component(out.get(), event_of(zone, entry, now).release());
  return text_of(out.get());
}

Result<std::string> ical_free_busy(const Zone& zone, api::Calendar::Reader calendar, std::int64_t now) {
  TAUS_TRY_ASSIGN(const Zone::Date last, Zone::parse_date(calendar.getTo().cStr()));
  TAUS_TRY_ASSIGN(const Instant from, zone.start_of_day(calendar.getFrom().cStr()));
  TAUS_TRY_ASSIGN(const Instant to, zone.start_of_day(Zone::format_date(Zone::plus_days(last, 1))));
  std::map<std::string, Counsellor> counsellors;
  for (const auto entry : calendar.getEntries()) {
    if (entry.getOutcome() == schema::Outcome::CANCELLED) continue;
    Counsellor& one = counsellors[entry.getCounsellor().cStr()];
    one.name = entry.getCounsellorName().cStr();
    one.taken.emplace_back(entry.getStart(), entry.getEnd());
  }
  const Component out = new_calendar();
  for (const auto& [id, counsellor] : counsellors) {
    icalcomponent* busy = icalcomponent_new(ICAL_VFREEBUSY_COMPONENT);
    icalcomponent_add_component(out.get(), busy);
    add(busy, icalproperty_new_uid((id + "-" + calendar.getFrom().cStr() + "@taus").c_str()));
    add(busy, icalproperty_new_dtstamp(utc(now)));
    add(busy, icalproperty_new_dtstart(utc(ms_of(from))));
    add(busy, icalproperty_new_dtend(utc(ms_of(to))));
    if (!counsellor.name.empty()) add(busy, icalproperty_new_contact(counsellor.name.c_str()));
    for (const Span& span : merged(counsellor.taken)) {
      icalperiodtype period = icalperiodtype_null_period();
      period.start = utc(span.first);
      period.end = utc(span.second);
      icalproperty* property = icalproperty_new_freebusy(period);
      icalproperty_add_parameter(property, icalparameter_new_fbtype(ICAL_FBTYPE_BUSY));
      add(busy, property);
    }
  }
  return text_of(out.get());
}

}  // namespace taus::tools
