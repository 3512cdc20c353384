// From exact counts to what may be shown: small cells are hidden so that nobody can compute them back (docs/STATISTICS.md "Hiding").
//
// Threads: pure functions and plain values. Errors: none.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "projections/statistics.h"

namespace taus::statistics {

struct Cell {
  std::string code;                    // "unknown" stands last
  std::optional<std::uint64_t> count;  // nothing: hidden
  friend bool operator==(const Cell&, const Cell&) = default;
};

struct Table {
  std::string name;
  std::uint64_t total = 0;  // clients, or for channel and notHeld what they count
  bool withheld = false;    // the total only
  std::vector<Cell> cells;
  friend bool operator==(const Table&, const Table&) = default;
};

struct Publication {
  std::uint64_t clients = 0;
  std::uint64_t sessions = 0;
  std::uint64_t bookings = 0;
  std::vector<Table> tables;
  std::vector<std::pair<std::string, std::uint64_t>> counts{};  // always shown, as totals are
  friend bool operator==(const Publication&, const Publication&) = default;
};

struct ExactCell {
  std::string code;
  std::uint64_t count = 0;
};

// Leaves out rules; for the tests that must notice it.
struct SuppressionFaults {
  bool no_secondary = false;
  bool unknown_covers = false;
};

// Hides 0 < n < k; where one is hidden, also the smallest of at least k with its equals, and where that is "unknown" the smallest of the
// others as well: where there is no other, everything.
Table suppress(std::string name, std::uint64_t total, const std::vector<ExactCell>& cells, std::uint64_t k,
               const SuppressionFaults& faults = {});

Publication publish(const Rules& rules, const Tally& exact);
// Every number to the nearest multiple: what is hidden stays hidden.
Publication rounded(Publication publication, std::uint64_t to);

}  // namespace taus::statistics
