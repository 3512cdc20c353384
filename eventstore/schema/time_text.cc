#include "eventstore/schema/time_text.h"

#include <chrono>
#include <cstdio>
#include <limits>
#include <optional>

namespace taus::schema {
namespace {

using namespace std::chrono;

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t first_day = sys_days(year(0) / 1 / 1).time_since_epoch().count();
constexpr std::int64_t last_day = sys_days(year(9999) / 12 / 31).time_since_epoch().count();

// Reads exactly `count` digits; -1 where there are not so many.
int digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool one_of(std::string_view& text, std::string_view letters) {
  if (text.empty() || letters.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// ".5", ".123000": milliseconds, or nothing where it is finer than that.
std::optional<int> fraction(std::string_view& text) {
  int value = 0;
  std::size_t n = 0;
  for (; n < text.size() && text[n] >= '0' && text[n] <= '9'; ++n) {
    if (n < 3)
      value = value * 10 + (text[n] - '0');
    else if (text[n] != '0')
      return std::nullopt;
  }
  if (n == 0 || n > 9) return std::nullopt;
  for (std::size_t i = n; i < 3; ++i) value *= 10;
  text.remove_prefix(n);
  return value;
}

// Minutes east of UTC.
std::optional<int> offset(std::string_view& text) {
  if (one_of(text, "Zz")) return 0;
  const bool west = !text.empty() && text.front() == '-';
  if (!one_of(text, "+-")) return std::nullopt;
  const int hours = digits(text, 2);
  if (hours < 0 || hours > 23 || !one_of(text, ":")) return std::nullopt;
  const int minutes = digits(text, 2);
  if (minutes < 0 || minutes > 59) return std::nullopt;
  const int all = hours * 60 + minutes;
  return west ? -all : all;
}

std::optional<std::int64_t> parse(std::string_view text) {
  const int y = digits(text, 4);
  if (y < 0 || !one_of(text, "-")) return std::nullopt;
  const int mo = digits(text, 2);
  if (mo < 0 || !one_of(text, "-")) return std::nullopt;
  const int d = digits(text, 2);
  if (d < 0 || !one_of(text, "Tt")) return std::nullopt;
  const int h = digits(text, 2);
  if (h < 0 || h > 23 || !one_of(text, ":")) return std::nullopt;
  const int mi = digits(text, 2);
  if (mi < 0 || mi > 59 || !one_of(text, ":")) return std::nullopt;
  const int s = digits(text, 2);
  if (s < 0 || s > 59) return std::nullopt;
  int ms = 0;
  if (one_of(text, ".")) {
    const auto part = fraction(text);
    if (!part) return std::nullopt;
    ms = *part;
  }
  const auto east = offset(text);
  const year_month_day date{year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d))};
  if (!east || !text.empty() || !date.ok()) return std::nullopt;
  const std::int64_t days = sys_days(date).time_since_epoch().count();
  return days * day_ms + ((h * 60LL + mi - *east) * 60 + s) * 1000 + ms;
}

}  // namespace

std::string write_time(std::int64_t ms) {
  const std::int64_t days = ms >= 0 ? ms / day_ms : -((-(ms + 1)) / day_ms) - 1;
  if (days < first_day || days > last_day) return {};
  const year_month_day date{sys_days(std::chrono::days(days))};
  const auto rest = static_cast<int>(ms - days * day_ms);
  char out[40];
  const int seconds = rest / 1000;
  const int n = std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                              static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), seconds / 3600,
                              seconds / 60 % 60, seconds % 60);
  std::string text(out, static_cast<std::size_t>(n));
  if (rest % 1000 != 0) {
    const int m = std::snprintf(out, sizeof out, ".%03d", rest % 1000);
    text.append(out, static_cast<std::size_t>(m));
  }
  return text + "Z";
}

Result<std::int64_t> parse_time(std::string_view text) {
  if (const auto ms = parse(text)) return *ms;
  return Error(ErrorCode::invalid_argument,
               "not a time; write it as 2026-03-01T12:00:00+01:00, with its offset and milliseconds at most");
}

}  // namespace taus::schema
