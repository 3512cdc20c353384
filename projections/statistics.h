// Counting: what one subject contributes to a year, and the year's tally that contributions add up to.
//
// What:    contribution() reads only the categories it is told to, so that what a shred takes away can be folded into the tally by the
//          same code that counts what lives: tally + contributions of the living = the year (docs/STATISTICS.md).
// Threads: pure functions and plain values. Owns: nothing but its values. Errors: none.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "eventstore/base/zone.h"
#include "projections/subject.h"

namespace taus::statistics {

using projections::Subject;

// How the values of a dimension become cells.
enum class Kind : std::uint8_t {
  listed,   // a closed list: every cell is shown, also where it is 0
  coded,    // a code list too long to show: cells that occur
  open,     // words or rare codes: small ones go together under "other"
};

struct Dimension {
  std::string name;                 // of the field counted, or "channel"
  std::vector<int> bands;           // lower bounds, for numbers
  std::vector<std::string> listed;  // of kind listed
  Kind kind = Kind::coded;
};

struct Rules {
  bool by_case = false;             // every case counts; else a client once a calendar year
  std::uint64_t k = 5;
  std::uint64_t round_to = 1;       // of the running year
  std::vector<Dimension> dimensions;
};

// How each of a profile's dimensions is shown.
Dimension dimension(std::string name, std::vector<int> bands, std::vector<std::string> options);

using Cells = std::map<std::string, std::uint64_t, std::less<>>;

struct Breakdown {
  std::uint64_t answered = 0;  // clients (channel: sessions) that gave at least one value
  Cells cells;
  friend bool operator==(const Breakdown&, const Breakdown&) = default;
};

struct Tally {
  std::uint64_t clients = 0;
  std::uint64_t sessions = 0;
  std::uint64_t bookings = 0;
  std::uint64_t no_shows = 0;
  std::uint64_t cancellations = 0;
  std::map<std::string, Breakdown, std::less<>> breakdowns;

  void add(const Tally& other);
  [[nodiscard]] Tally totals_only() const;  // without what is known of each: everybody "unknown"
  [[nodiscard]] bool empty() const { return *this == Tally{}; }
  friend bool operator==(const Tally&, const Tally&) = default;
};

inline constexpr const char* sessions_each = "sessionsPerClient";
inline constexpr const char* channel = "channel";

// What these categories of the subject contribute to `year`.
Tally contribution(const Rules& rules, const Zone& zone, const Subject& subject, int year, std::uint16_t categories);
// The years to which the subject's live categories contribute, ascending.
std::vector<int> years_of(const Zone& zone, const Subject& subject);

// Contributions about to lose their keys, into the tally: totals always; what is known of each only where the group, or the tally with it,
// holds at least k people, so that a cell can be anyone's of k.
void fold_group(const Rules& rules, Tally& tally, const std::vector<Tally>& group);

}  // namespace taus::statistics
