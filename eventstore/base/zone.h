// Civil time in Europe/Oslo, the one zone every rule of a centre is written in. Inside taus all times are instants in UTC;
// a rule that speaks of days, years or midnight asks here.
//
// Threads: immutable after load(), any thread. Errors: `invalid_argument` for text that is no time, `unavailable` where the
// system's zone data is missing. Source: RFC 3339; time zone database (tzdata) of the host. Local dates before 1900 or after
// 2200 are refused on the way in.
#pragma once

#include <string>
#include <string_view>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"

namespace date {
class time_zone;
}

namespace taus {

class Zone {
 public:
  // Needs the host's tzdata.
  static Result<Zone> load();

  // A calendar day, as people write it.
  struct Date {
    int year;
    unsigned month;
    unsigned day;
    friend auto operator<=>(const Date&, const Date&) = default;
  };

  // The local calendar date and year that `t` falls in.
  [[nodiscard]] Date date_of(Instant t) const;
  [[nodiscard]] int year_of(Instant t) const { return date_of(t).year; }

  // Adds on the local calendar and keeps the wall-clock time. 29 February + a year is the 28th. A local time that a clock
  // change skips becomes the instant of that change; one that occurs twice is the first.
  [[nodiscard]] Instant plus_days(Instant t, int days) const;
  [[nodiscard]] Instant plus_years(Instant t, int years) const;
  // The instant at which local year `year` is over: midnight that begins 1 January of the next.
  [[nodiscard]] Instant year_end(int year) const;

  // RFC 3339. Without an offset the time is local: one in the gap of a clock change is refused, one that occurs twice is the
  // first. Seconds may be left out; digits below a millisecond are cut off.
  [[nodiscard]] Result<Instant> parse_time(std::string_view text) const;
  // "2026-03-05": the instant that local day begins.
  [[nodiscard]] Result<Instant> start_of_day(std::string_view date) const;

  // "2026-03-05T09:00:00Z", with ".123" only where milliseconds are not zero.
  [[nodiscard]] static std::string format_utc(Instant t);
  // "2026-03-05T10:00:00+01:00".
  [[nodiscard]] std::string format_local(Instant t) const;
  // "2026-03-05".
  [[nodiscard]] std::string local_date(Instant t) const;

  // Dates without a clock: strict "YYYY-MM-DD" between 1900 and 2200; adding months clamps down to the month's last day.
  [[nodiscard]] static Result<Date> parse_date(std::string_view text);
  [[nodiscard]] static std::string format_date(const Date& date);
  [[nodiscard]] static Date plus_days(const Date& date, int days);
  [[nodiscard]] static Date plus_months(const Date& date, int months);

 private:
  explicit Zone(const date::time_zone* zone) noexcept : zone_(zone) {}
  const date::time_zone* zone_;  // owned by the library's table, lives as long as the process
};

}  // namespace taus
