#include "eventstore/base/zone.h"

#include <cstdio>
#include <exception>

#include <date/tz.h>

namespace taus {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using Local = date::local_time<milliseconds>;

constexpr int year_min = 1900;
constexpr int year_max = 2200;
// The host's compiled zone files spell out every clock change up to here; the library does not read the rule at their end.
constexpr int last_year_spelled_out = 2037;
constexpr int years_of_all_calendars = 28;

// Later years take the clock changes of a spelled-out year with the same calendar: this many days before.
days to_spelled_out(int year) {
  if (year <= last_year_spelled_out) return days{0};
  const auto first = date::sys_days(date::year(year) / 1 / 1);
  const auto weekday = date::weekday(first);
  for (int y = last_year_spelled_out - years_of_all_calendars + 1; y <= last_year_spelled_out; ++y) {
    const auto same = date::sys_days(date::year(y) / 1 / 1);
    if (date::year(y).is_leap() == date::year(year).is_leap() && date::weekday(same) == weekday) return first - same;
  }
  TAUS_CHECK(!"fourteen calendars, all within 28 years");
}

int year_in(date::sys_time<milliseconds> t) { return static_cast<int>(date::year_month_day(date::floor<days>(t)).year()); }

// At a New Year the offset is +01:00, so that an hour more than UTC tells the local year.
Local to_local(const date::time_zone& zone, Instant t) {
  const days shift = to_spelled_out(year_in(t + std::chrono::hours(1)));
  return zone.to_local(t - shift) + shift;
}

days shift_of(Local t) { return to_spelled_out(year_in(Instant(t.time_since_epoch()))); }

// In a gap the instant of the change, in an overlap the first.
Instant to_instant(const date::time_zone& zone, Local t) {
  const days shift = shift_of(t);
  return zone.to_sys(t - shift, date::choose::earliest) + shift;
}

bool in_gap(const date::time_zone& zone, Local t) {
  return zone.get_info(t - shift_of(t)).result == date::local_info::nonexistent;
}

date::year_month_day calendar(const Zone::Date& d) { return date::year(d.year) / d.month / d.day; }

Zone::Date date_from(date::year_month_day d) {
  return {static_cast<int>(d.year()), static_cast<unsigned>(d.month()), static_cast<unsigned>(d.day())};
}

date::year_month_day clamped(date::year_month year_month, date::day day) {
  const date::year_month_day wanted = year_month / day;
  return wanted.ok() ? wanted : date::year_month_day(year_month / date::last);
}

Error bad_time(std::string_view why) {
  return Error(ErrorCode::invalid_argument,
               std::string(why) + "; write a time as 2026-03-05T10:00:00, with Z or an offset where it is not Norwegian time");
}

// Reads text from its front; every step fails for good once one did.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value * 10 + digit();
    return value;
  }
  void expect(char c) { ok_ = take(c) && ok_; }
  bool take(char c) {
    if (!ok_ || text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  // Digits of a fraction as milliseconds.
  int fraction() {
    int value = 0;
    int place = 100;
    int count = 0;
    while (ok_ && !text_.empty() && text_.front() >= '0' && text_.front() <= '9') {
      value += place * digit();
      place /= 10;
      if (++count > 9) ok_ = false;
    }
    ok_ = ok_ && count > 0;
    return value;
  }
  [[nodiscard]] bool done() const { return ok_ && text_.empty(); }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  int digit() {
    if (!ok_ || text_.empty() || text_.front() < '0' || text_.front() > '9') {
      ok_ = false;
      return 0;
    }
    const int value = text_.front() - '0';
    text_.remove_prefix(1);
    return value;
  }
  std::string_view text_;
  bool ok_ = true;
};

Result<Zone::Date> scan_date(Scanner& in) {
  Zone::Date d{};
  d.year = in.digits(4);
  in.expect('-');
  d.month = static_cast<unsigned>(in.digits(2));
  in.expect('-');
  d.day = static_cast<unsigned>(in.digits(2));
  if (!in.ok()) return Error(ErrorCode::invalid_argument, "not a date; write it as 2026-03-05");
  if (!calendar(d).ok()) return Error(ErrorCode::invalid_argument, "there is no such day in the calendar");
  if (d.year < year_min || d.year > year_max) return Error(ErrorCode::invalid_argument, "the year is outside 1900 to 2200");
  return d;
}

struct Offset {
  bool given = false;
  std::chrono::minutes value{0};
};

Offset scan_offset(Scanner& in, bool& valid) {
  if (in.take('Z') || in.take('z')) return {true, {}};
  const bool east = in.take('+');
  if (!east && !in.take('-')) return {};
  const int hours = in.digits(2);
  in.expect(':');
  const int minutes = in.digits(2);
  valid = hours < 24 && minutes < 60;
  const std::chrono::minutes value(hours * 60 + minutes);
  return {true, east ? value : -value};
}

std::string clock_text(Local t) {
  const auto day = date::floor<days>(t);
  const date::year_month_day ymd(day);
  const date::hh_mm_ss<milliseconds> clock(t - day);
  char out[64];
  int size =
      std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(ymd.year()),
                    static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()), static_cast<int>(clock.hours().count()),
                    static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  std::string text(out, static_cast<std::size_t>(size));
  if (const auto ms = clock.subseconds().count(); ms != 0) {
    size = std::snprintf(out, sizeof out, ".%03d", static_cast<int>(ms));
    text.append(out, static_cast<std::size_t>(size));
  }
  return text;
}

}  // namespace

Result<Zone> Zone::load() {
  try {
    const auto* zone = date::locate_zone("Europe/Oslo");
    (void)zone->get_info(Instant{});  // reads the zone file now, so that no later call can fail
    return Zone(zone);
  } catch (const std::exception&) {
    return Error(ErrorCode::unavailable, "the time zone Europe/Oslo is not to be found on this host; install tzdata");
  }
}

Zone::Date Zone::date_of(Instant t) const { return date_from(date::year_month_day(date::floor<days>(to_local(*zone_, t)))); }

Instant Zone::plus_days(Instant t, int count) const { return to_instant(*zone_, to_local(*zone_, t) + days(count)); }

Instant Zone::plus_years(Instant t, int count) const {
  const Local local = to_local(*zone_, t);
  const auto day = date::floor<days>(local);
  const date::year_month_day ymd(day);
  const auto there = clamped((ymd.year() + date::years(count)) / ymd.month(), ymd.day());
  return to_instant(*zone_, date::local_days(there) + (local - day));
}

Instant Zone::year_end(int year) const { return to_instant(*zone_, date::local_days(date::year(year + 1) / 1 / 1)); }

Result<Instant> Zone::parse_time(std::string_view text) const {
  Scanner in(text);
  TAUS_TRY_ASSIGN(const Date day, scan_date(in));
  if (!in.take('T') && !in.take('t') && !in.take(' ')) return bad_time("the time of day is missing");
  const int hours = in.digits(2);
  in.expect(':');
  const int minutes = in.digits(2);
  int seconds = 0;
  int ms = 0;
  if (in.take(':')) {
    seconds = in.digits(2);
    if (in.take('.')) ms = in.fraction();
  }
  bool valid = true;
  const Offset offset = scan_offset(in, valid);
  if (!in.done() || !valid) return bad_time("not a time");
  if (hours > 23 || minutes > 59 || seconds > 59) return bad_time("there is no such time of day");
  const Local local = date::local_days(calendar(day)) + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
                      std::chrono::seconds(seconds) + milliseconds(ms);
  if (offset.given) return Instant(local.time_since_epoch() - offset.value);
  if (in_gap(*zone_, local))
    return Error(ErrorCode::invalid_argument,
                 "that time does not exist in Norway: the clocks go forward over it; take an hour later or give an offset");
  return to_instant(*zone_, local);
}

Result<Instant> Zone::start_of_day(std::string_view date) const {
  TAUS_TRY_ASSIGN(const Date day, parse_date(date));
  return to_instant(*zone_, date::local_days(calendar(day)));
}

std::string Zone::format_utc(Instant t) { return clock_text(Local(t.time_since_epoch())) + "Z"; }

std::string Zone::format_local(Instant t) const {
  const Local local = to_local(*zone_, t);
  const auto offset = std::chrono::duration_cast<std::chrono::minutes>(local.time_since_epoch() - t.time_since_epoch()).count();
  char out[16];
  const int size = std::snprintf(out, sizeof out, "%c%02d:%02d", offset < 0 ? '-' : '+', static_cast<int>(std::abs(offset) / 60),
                                 static_cast<int>(std::abs(offset) % 60));
  return clock_text(local) + std::string(out, static_cast<std::size_t>(size));
}

std::string Zone::local_date(Instant t) const { return format_date(date_of(t)); }

Result<Zone::Date> Zone::parse_date(std::string_view text) {
  Scanner in(text);
  TAUS_TRY_ASSIGN(const Date day, scan_date(in));
  if (!in.done()) return Error(ErrorCode::invalid_argument, "not a date; write it as 2026-03-05");
  return day;
}

std::string Zone::format_date(const Date& d) {
  char out[32];
  const int size = std::snprintf(out, sizeof out, "%04d-%02u-%02u", d.year, d.month, d.day);
  return {out, static_cast<std::size_t>(size)};
}

Zone::Date Zone::plus_days(const Date& d, int count) {
  return date_from(date::year_month_day(date::sys_days(calendar(d)) + days(count)));
}

Zone::Date Zone::plus_months(const Date& d, int count) {
  const auto ymd = calendar(d);
  return date_from(clamped(ymd.year() / ymd.month() + date::months(count), ymd.day()));
}

}  // namespace taus
