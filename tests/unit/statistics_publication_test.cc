// Hidden cells stay hidden: also from a reader who knows the rule, every shown number and the total.
#include <functional>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "projections/publication.h"

namespace taus::statistics {
namespace {

constexpr std::uint64_t k = 3;

std::vector<ExactCell> named(const std::vector<std::uint64_t>& counts) {
  std::vector<ExactCell> out;
  for (std::size_t i = 0; i < counts.size(); ++i) out.push_back({"c" + std::to_string(i), counts[i]});
  return out;
}

std::uint64_t sum(const std::vector<std::uint64_t>& counts) {
  std::uint64_t out = 0;
  for (const auto n : counts) out += n;
  return out;
}

// Every table of counts that would have been published just so; whether some hidden cell has one value in all of them.
bool computable(const std::vector<std::uint64_t>& counts, const SuppressionFaults& faults = {}) {
  const std::uint64_t total = sum(counts);
  const Table shown = suppress("t", total, named(counts), k, faults);
  std::vector<std::set<std::uint64_t>> possible(counts.size());
  std::vector<std::uint64_t> guess(counts.size(), 0);
  const std::function<void(std::size_t, std::uint64_t)> search = [&](std::size_t at, std::uint64_t left) {
    if (at == counts.size()) {
      if (left != 0 || suppress("t", total, named(guess), k, faults) != shown) return;
      for (std::size_t i = 0; i < guess.size(); ++i) possible[i].insert(guess[i]);
      return;
    }
    const bool known = !shown.withheld && shown.cells[at].count;
    for (std::uint64_t n = known ? *shown.cells[at].count : 0; n <= (known ? std::min(left, *shown.cells[at].count) : left);
         ++n) {
      guess[at] = n;
      search(at + 1, left - n);
    }
  };
  search(0, total);
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (!shown.withheld && !shown.cells[i].count && possible[i].size() < 2) return true;
  return false;
}

std::vector<std::uint64_t> some_counts() {
  return *rc::gen::resize(5, rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(0, 8)));
}

RC_GTEST_PROP(Suppression, NoHiddenCellCanBeComputed, ()) {
  const auto counts = some_counts();
  RC_PRE(counts.size() <= 5);
  RC_ASSERT(!computable(counts));
}

RC_GTEST_PROP(Suppression, NothingSmallIsShownAndTheRestIsTrue, ()) {
  const auto counts = some_counts();
  const Table shown = suppress("t", sum(counts), named(counts), k);
  if (shown.withheld) {
    RC_ASSERT(shown.cells.empty());
    return;
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (!shown.cells[i].count) continue;
    RC_ASSERT(*shown.cells[i].count == counts[i]);
    const bool large_or_none = counts[i] == 0 || counts[i] >= k;
    RC_ASSERT(large_or_none);
  }
}

TEST(Suppression, PlantedNoSecondaryIsCaught) {
  EXPECT_TRUE(computable({1, 6, 5}, {.no_secondary = true}));
  EXPECT_FALSE(computable({1, 6, 5}));
}

TEST(Suppression, TheSmallestCoversAndItsEqualsWithIt) {
  const Table one = suppress("t", 15, named({2, 8, 5}), k);
  EXPECT_FALSE(one.cells[0].count);
  EXPECT_EQ(one.cells[1].count, 8U);
  EXPECT_FALSE(one.cells[2].count);
  const Table equals = suppress("t", 12, named({5, 5, 2}), k);
  EXPECT_FALSE(equals.cells[0].count || equals.cells[1].count || equals.cells[2].count);
}

TEST(Suppression, WithoutACoverEverythingIsWithheld) {
  const Table table = suppress("t", 3, named({2, 1, 0}), k);
  EXPECT_TRUE(table.withheld);
  EXPECT_TRUE(table.cells.empty());
  EXPECT_EQ(table.total, 3U);
}

TEST(Suppression, ZerosAreShownWhereNothingIsSmall) {
  const Table table = suppress("t", 7, named({7, 0}), k);
  EXPECT_EQ(table.cells[1].count, 0U);
}

// Who tells nothing is unknown in every table. A reader who finds that number in one of them must not compute another with it.
bool computable_knowing_unknown(const std::vector<std::uint64_t>& counts, std::uint64_t unknown,
                                const SuppressionFaults& faults = {}) {
  const std::uint64_t total = sum(counts) + unknown;
  const auto table = [&](const std::vector<std::uint64_t>& of) {
    auto cells = named(of);
    cells.push_back({"unknown", unknown});
    return suppress("t", total, cells, k, faults);
  };
  const Table shown = table(counts);
  if (shown.withheld) return false;
  std::vector<std::set<std::uint64_t>> possible(counts.size());
  std::vector<std::uint64_t> guess(counts.size(), 0);
  const std::function<void(std::size_t, std::uint64_t)> search = [&](std::size_t at, std::uint64_t left) {
    if (at == counts.size()) {
      if (left != 0 || table(guess) != shown) return;
      for (std::size_t i = 0; i < guess.size(); ++i) possible[i].insert(guess[i]);
      return;
    }
    for (std::uint64_t n = 0; n <= left; ++n) {
      guess[at] = n;
      search(at + 1, left - n);
    }
  };
  search(0, sum(counts));
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0 && counts[i] < k && possible[i].size() < 2) return true;
  return false;
}

RC_GTEST_PROP(Suppression, WhatIsUnknownElsewhereUncoversNothing, ()) {
  const auto counts = some_counts();
  RC_PRE(counts.size() <= 4);
  RC_ASSERT(!computable_knowing_unknown(counts, *rc::gen::inRange<std::uint64_t>(0, 9)));
}

TEST(Suppression, WhatIsUnknownIsNoCoverByItself) {
  EXPECT_TRUE(computable_knowing_unknown({20, 2}, 6, {.unknown_covers = true}));
  EXPECT_FALSE(computable_knowing_unknown({20, 2}, 6));
  const Table three = suppress("t", 28, {{"female", 20}, {"other", 2}, {"unknown", 6}}, k);
  for (const Cell& cell : three.cells) EXPECT_FALSE(cell.count) << cell.code;
  EXPECT_TRUE(suppress("t", 8, {{"other", 2}, {"unknown", 6}}, k).withheld);
}

// One client more or less: what is shown of cells never names the one whose value is unlike everybody's.
RC_GTEST_PROP(Differencing, ALoneValueShowsInNeitherTable, ()) {
  auto counts = some_counts();
  RC_PRE(!counts.empty() && counts.size() <= 5);
  const std::size_t at = *rc::gen::inRange<std::size_t>(0, counts.size());
  counts[at] = 0;
  const Table without = suppress("t", sum(counts), named(counts), k);
  counts[at] = 1;
  const Table with = suppress("t", sum(counts), named(counts), k);
  const bool silent = with.withheld || !with.cells[at].count;
  RC_ASSERT(silent);
  RC_ASSERT(!computable(counts));
  // The same shown number in both, or hidden in one: no other cell moved by this client.
  if (!with.withheld && !without.withheld)
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (i != at && with.cells[i].count && without.cells[i].count) RC_ASSERT(*with.cells[i].count == *without.cells[i].count);
}

TEST(Publication, SmallWordsGoTogether) {
  Rules rules{.k = k, .dimensions = {dimension("focusAreas", {}, {})}};
  Tally tally{.clients = 20, .sessions = 20, .bookings = 20, .breakdowns = {}};
  tally.breakdowns["focusAreas"] = {.answered = 20,
                                    .cells = {{"yrkesvalg", 12}, {"a rare word", 1}, {"another", 2}, {"third", 5}}};
  const Publication shown = publish(rules, tally);
  for (const Table& table : shown.tables)
    for (const Cell& cell : table.cells) EXPECT_EQ(cell.code.find("rare"), std::string::npos);
}

TEST(Publication, SessionsPerClientIsAllOrNothing) {
  Rules rules{.k = k, .dimensions = {}};
  Tally tally{.clients = 20, .sessions = 25, .bookings = 25, .breakdowns = {}};
  tally.breakdowns[sessions_each] = {.answered = 20, .cells = {{"1", 18}, {"2", 1}, {"3+", 1}}};
  EXPECT_TRUE(publish(rules, tally).tables[0].withheld);
}

TEST(Publication, RoundingKeepsWhatIsHidden) {
  Publication exact{.clients = 23,
                    .sessions = 28,
                    .bookings = 30,
                    .tables = {{.name = "t", .total = 23, .cells = {{"a", 21}, {"b", std::nullopt}}}}};
  const Publication shown = rounded(exact, 5);
  EXPECT_EQ(shown.clients, 25U);
  EXPECT_EQ(shown.tables[0].cells[0].count, 20U);
  EXPECT_FALSE(shown.tables[0].cells[1].count);
}

}  // namespace
}  // namespace taus::statistics
