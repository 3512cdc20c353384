#include "tools/tausctl_text.h"

#include <algorithm>
#include <array>

#include "eventstore/base/terminal_columns.h"

namespace taus::tools {
namespace {

struct Letter {
  char32_t code = 0;
  std::size_t bytes = 1;
};

// The letter that begins `text`; a broken sequence is one byte of U+FFFD.
Letter first_letter(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {0xFFFD, 1};
  char32_t code = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {0xFFFD, 1};
    code = code << 6 | (byte(i) & 0x3FU);
  }
  return {code, bytes};
}

struct Range {
  char32_t from, to;
};
template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& r) { return code >= r.from && code <= r.to; });
}

// C0, DEL, C1, the marks that turn the direction of what follows, and those that end a line.
constexpr std::array<Range, 6> steering = {
    {{0, 0x1F}, {0x7F, 0x9F}, {0x61C, 0x61C}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}}};

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t now = display_width(text);
  return now < width ? text + std::string(width - now, ' ') : text;
}

void end_line(std::string& out) {
  out.erase(out.find_last_not_of(' ') + 1);
  out += '\n';
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Letter letter = first_letter(text);
    width += static_cast<std::size_t>(terminal_columns(letter.code));
    text.remove_prefix(letter.bytes);
  }
  return width;
}

std::string printable(std::string_view text, bool lines) {
  std::string out;
  while (!text.empty()) {
    const Letter letter = first_letter(text);
    if (letter.code == U'\n' && lines) {
      out += '\n';
    } else if (letter.code == U'\n' || letter.code == U'\t') {
      out += ' ';
    } else if (within(steering, letter.code) || (letter.code == 0xFFFD && letter.bytes == 1)) {
      out += '?';
    } else {
      out += text.substr(0, letter.bytes);
    }
    text.remove_prefix(letter.bytes);
  }
  return out;
}

std::string Table::text() const {
  std::vector<std::size_t> widths(heads_.size(), 0);
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  std::string out;
  const auto line = [&](const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i)
      if (widths[i] > 0) out += padded(cells[i], std::max(widths[i], display_width(heads_[i]))) + "  ";
    end_line(out);
  };
  line(heads_);
  for (const auto& row : rows_) line(row);
  return out;
}

void Sheet::add(std::string name, std::string value) {
  if (!value.empty()) lines_.emplace_back(std::move(name), std::move(value));
}

std::string Sheet::text() const {
  std::size_t width = 0;
  for (const auto& [name, value] : lines_) width = std::max(width, display_width(name));
  std::string out;
  for (const auto& [name, value] : lines_) {
    // Further lines of a value stand below its first.
    std::size_t at = 0;
    for (bool first = true; at <= value.size(); first = false) {
      const std::size_t end = std::min(value.find('\n', at), value.size());
      out += padded(first ? name : "", width) + "  " + value.substr(at, end - at);
      end_line(out);
      at = end + 1;
    }
  }
  return out;
}

Result<Times> Times::load() {
  TAUS_TRY_ASSIGN(const Zone zone, Zone::load());
  return Times(zone);
}

// "10:00", seconds where there are any, and the offset in the hour that a clock change repeats.
std::string Times::clock(std::int64_t ms) const {
  static constexpr std::int64_t hour_ms = 3'600'000;
  const std::string local = zone_.format_local(instant_of_ms(ms));  // 2025-03-10T10:00:00+01:00
  const auto wall = [&](std::int64_t at) { return zone_.format_local(instant_of_ms(at)).substr(0, 19); };
  std::string out = local.substr(11, 5);
  if (const std::string seconds = local.substr(17, 2); seconds != "00") out += ":" + seconds;
  if (wall(ms) == wall(ms + hour_ms) || wall(ms) == wall(ms - hour_ms)) out += " (" + local.substr(local.size() - 6) + ")";
  return out;
}

std::string Times::time(std::int64_t ms) const {
  if (ms == no_time_ms) return {};
  static constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  static constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const Zone::Date date = zone_.date_of(instant_of_ms(ms));
  const std::chrono::weekday day{
      std::chrono::sys_days{std::chrono::year{date.year} / static_cast<int>(date.month) / static_cast<int>(date.day)}};
  return std::string(days[day.c_encoding()]) + " " + std::to_string(date.day) + " " + months[date.month - 1] + " " +
         std::to_string(date.year) + " " + clock(ms);
}

std::string Times::span(std::int64_t start, std::int64_t end) const {
  if (start == no_time_ms || end == no_time_ms) return time(start);
  const bool same_day = zone_.date_of(instant_of_ms(start)) == zone_.date_of(instant_of_ms(end));
  return time(start) + "-" + (same_day ? clock(end) : time(end));
}

}  // namespace taus::tools
