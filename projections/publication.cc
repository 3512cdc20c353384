#include "projections/publication.h"

#include <algorithm>

namespace taus::statistics {

namespace {

std::uint64_t lookup(const Breakdown& in, const std::string& code) {
  const auto it = in.cells.find(code);
  return it == in.cells.end() ? 0 : it->second;
}

std::vector<ExactCell> cells_of(const Dimension& dimension, const Breakdown& from, std::uint64_t total, std::uint64_t k) {
  std::vector<ExactCell> out;
  std::uint64_t others = 0;
  if (dimension.kind == Kind::listed) {
    for (const std::string& code : dimension.listed) out.push_back({code, lookup(from, code)});
    for (const auto& [code, n] : from.cells)
      if (std::find(dimension.listed.begin(), dimension.listed.end(), code) == dimension.listed.end()) others += n;
    if (others > 0) out.push_back({"notListed", others});
  } else {
    for (const auto& [code, n] : from.cells) {
      if (dimension.kind == Kind::open && (n < k || code == other_words))
        others += n;
      else if (n > 0)
        out.push_back({code, n});
    }
    if (dimension.kind == Kind::open) out.push_back({"other", others});
  }
  out.push_back({"unknown", total > from.answered ? total - from.answered : 0});
  return out;
}

// Withheld as a whole where a cell is small: totals of clients and sessions bind its cells by a second equation.
Table all_or_nothing(Table table) {
  if (std::any_of(table.cells.begin(), table.cells.end(), [](const Cell& one) { return !one.count; })) {
    table.cells.clear();
    table.withheld = true;
  }
  return table;
}

std::uint64_t nearest(std::uint64_t n, std::uint64_t to) { return to <= 1 ? n : (n + to / 2) / to * to; }

}  // namespace

Table suppress(std::string name, std::uint64_t total, const std::vector<ExactCell>& cells, std::uint64_t k,
               const SuppressionFaults& planted) {
#ifdef TAUS_PLANT_NO_COVER
  const SuppressionFaults faults{.no_secondary = true || planted.no_secondary};
#else
  const SuppressionFaults& faults = planted;
#endif
  Table out{.name = std::move(name), .total = total, .cells = {}};
  const auto small = [&](std::uint64_t n) { return n > 0 && n < k; };
  const bool any = std::any_of(cells.begin(), cells.end(), [&](const ExactCell& one) { return small(one.count); });
  std::optional<std::uint64_t> cover;
  std::optional<std::uint64_t>
      known;  // whoever tells nothing is unknown in every table, and one that shows it would uncover what it covers here
  for (const ExactCell& one : cells) {
    if (one.count < k) continue;
    cover = std::min(cover.value_or(one.count), one.count);
    if (one.code != "unknown" || faults.unknown_covers) known = std::min(known.value_or(one.count), one.count);
  }
  if (any && !known && !faults.no_secondary) {
    out.withheld = true;
    return out;
  }
  for (const ExactCell& one : cells) {
    // All equals of the covering cell: whoever knew which of them is taken could tell it from the small ones.
    const bool hidden = small(one.count) || (any && !faults.no_secondary && (one.count == *cover || one.count == *known));
    out.cells.push_back({one.code, hidden ? std::nullopt : std::optional(one.count)});
  }
  return out;
}

Publication publish(const Rules& rules, const Tally& exact) {
  Publication out{.clients = exact.clients, .sessions = exact.sessions, .bookings = exact.bookings, .tables = {}, .counts = {}};
  const auto breakdown = [&](const std::string& name) {
    const auto it = exact.breakdowns.find(name);
    return it == exact.breakdowns.end() ? Breakdown{} : it->second;
  };
  const Dimension each{.name = sessions_each, .bands = {}, .listed = {"1", "2", "3+"}, .kind = Kind::listed};
  out.tables.push_back(all_or_nothing(
      suppress(sessions_each, exact.clients, cells_of(each, breakdown(sessions_each), exact.clients, rules.k), rules.k)));
  for (const Dimension& one : rules.dimensions) {
    const std::uint64_t total = one.name == channel ? exact.sessions : exact.clients;
    out.tables.push_back(suppress(one.name, total, cells_of(one, breakdown(one.name), total, rules.k), rules.k));
  }
  const auto counted = [&](const char* name) {
    const auto it = exact.counts.find(name);
    return it == exact.counts.end() ? std::uint64_t{0} : it->second;
  };
  for (const char* const name : {invitations, erasures, erasures_late, requests_late, group_sessions, group_participants})
    out.counts.emplace_back(name, counted(name));
  if (rules.inquiries)
    for (const char* const name : {inquiries_received, inquiries_answered}) out.counts.emplace_back(name, counted(name));
  // Sessions held are a total of their own: what did not take place is broken down by itself.
  const std::uint64_t not_held = exact.bookings - std::min(exact.bookings, exact.sessions);
  const std::uint64_t named = exact.no_shows + exact.cancellations;
  out.tables.push_back(suppress(
      "notHeld", not_held,
      {{"noShow", exact.no_shows}, {"cancelled", exact.cancellations}, {"unknown", not_held - std::min(not_held, named)}},
      rules.k));
  const Dimension kinds{.name = requests_by_kind,
                        .bands = {},
                        .listed = {"access", "portability", "rectify", "supplement", "erase", "restrict", "object", "complaint"},
                        .kind = Kind::listed};
  const Dimension days{
      .name = requests_by_days, .bands = {}, .listed = {"0-7", "8-14", "15-30", "31-90", "91+"}, .kind = Kind::listed};
  const std::uint64_t decided = counted(requests_decided);
  for (const Dimension& one : {kinds, days})
    out.tables.push_back(suppress(one.name, decided, cells_of(one, breakdown(one.name), decided, rules.k), rules.k));
  return out;
}

Publication rounded(Publication publication, std::uint64_t to) {
  publication.clients = nearest(publication.clients, to);
  publication.sessions = nearest(publication.sessions, to);
  publication.bookings = nearest(publication.bookings, to);
  for (auto& one : publication.counts) one.second = nearest(one.second, to);
  for (Table& table : publication.tables) {
    table.total = nearest(table.total, to);
    for (Cell& cell : table.cells)
      if (cell.count) cell.count = nearest(*cell.count, to);
  }
  return publication;
}

}  // namespace taus::statistics
