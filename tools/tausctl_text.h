// Text as people read it in a terminal: columns that align, local times, and nothing that the terminal would obey.
//
// Threads: pure, one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/zone.h"

namespace taus::tools {

// Columns a terminal gives this UTF-8 text; combining marks take none, wide letters two.
std::size_t display_width(std::string_view text);
// The text without control characters and direction overrides: a client's words must not steer a terminal. Keeps line breaks
// only with `lines`.
std::string printable(std::string_view text, bool lines = false);

class Table {
 public:
  explicit Table(std::vector<std::string> heads) : heads_(std::move(heads)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  // One line a row; columns that are empty throughout are left out.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::string> heads_;
  std::vector<std::vector<std::string>> rows_;
};

// Names and values below each other, aligned; empty values are left out.
class Sheet {
 public:
  void add(std::string name, std::string value);
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::pair<std::string, std::string>> lines_;
};

// Times and dates the way the centre's staff write them, in Europe/Oslo. The hour that occurs twice in autumn shows its offset.
class Times {
 public:
  static Result<Times> load();
  [[nodiscard]] std::string time(std::int64_t ms) const;                       // "Mon 10 Mar 2025 10:00"; empty where absent
  [[nodiscard]] std::string span(std::int64_t start, std::int64_t end) const;  // "Mon 10 Mar 2025 10:00-11:00"
  [[nodiscard]] const Zone& zone() const noexcept { return zone_; }

 private:
  [[nodiscard]] std::string clock(std::int64_t ms) const;
  explicit Times(Zone zone) : zone_(zone) {}
  Zone zone_;
};

}  // namespace taus::tools
