// Counting one client's year, and folding: the year's sum is the same before and after a category loses its key.
#include <gtest/gtest.h>

#include "projections/statistics.h"

namespace taus::statistics {
namespace {

using projections::AppointmentState;

const Zone& oslo() {
  static const Zone zone = Zone::load().value();
  return zone;
}

AppointmentState appointment(const char* start, schema::Outcome outcome) {
  const Instant begin = oslo().parse_time(start).value();
  return {.number = 1,
          .start = begin,
          .end = begin + std::chrono::hours(1),
          .channel = schema::Channel::VIDEO,
          .outcome = outcome,
          .place = {},
          .cancelled_at = {}};
}

Rules rules() {
  return {
      .k = 3,
      .dimensions = {dimension("gender", {}, {}), dimension("ageYears", {0, 20, 30}, {}), dimension("municipalityCode", {}, {}),
                     dimension("countryOfOrigin", {}, {}), dimension("labourStatus", {}, {"employed", "education", "unknown"}),
                     dimension("focusAreas", {}, {}), dimension("channel", {}, {})}};
}

Subject client() {
  Subject out;
  out.ordinal = 7;
  for (const Category one : {Category::ident, Category::appt, Category::demog, Category::intake})
    out.live = static_cast<std::uint16_t>(out.live | bit(one));
  out.appointments = {
      appointment("2025-03-01T10:00", schema::Outcome::HELD), appointment("2025-04-01T10:00", schema::Outcome::HELD),
      appointment("2025-05-01T10:00", schema::Outcome::NO_SHOW), appointment("2026-01-01T00:00", schema::Outcome::HELD)};
  auto& facts = out.demographics.emplace();
  facts.gender = schema::Gender::FEMALE;
  facts.age_years = 30;
  facts.municipality_code = "3905";
  facts.country_of_origin = "SE";
  facts.labour_status = {"employed", "education"};
  out.focus_areas = {"yrkesvalg"};
  return out;
}

TEST(Contribution, CodesOfOneLanguageAreOneCell) {
  Rules counted = rules();
  counted.dimensions.push_back(dimension("motherTongue", {}, {}));
  counted.dimensions.back().one_code = [](std::string_view code) { return code == "nob" ? "nb" : code; };
  Tally year;
  for (const char* code : {"nb", "nob", "nob", "fkv"}) {
    Subject one = client();
    one.demographics->mother_tongue = code;
    year.add(contribution(counted, oslo(), one, 2025, all_categories));
  }
  EXPECT_EQ(year.breakdowns.at("motherTongue").cells, (Cells{{"fkv", 1}, {"nb", 3}}));
}

TEST(Contribution, WordsThatTheFilesUseThemselvesAreNoNamesOfCells) {
  Subject one = client();
  one.focus_areas = {"total", "withheld", "totalt", "unknown"};
  const Tally year = contribution(rules(), oslo(), one, 2025, all_categories);
  EXPECT_EQ(year.breakdowns.at("focusAreas").cells, (Cells{{"other", 2}, {"totalt", 1}}));
}

TEST(Contribution, OneYearOfOneClient) {
  const Tally tally = contribution(rules(), oslo(), client(), 2025, all_categories);
  EXPECT_EQ(tally.clients, 1U);
  EXPECT_EQ(tally.sessions, 2U);
  EXPECT_EQ(tally.bookings, 3U);
  EXPECT_EQ(tally.no_shows, 1U);
  EXPECT_EQ(tally.breakdowns.at("gender").cells.at("female"), 1U);
  EXPECT_EQ(tally.breakdowns.at("ageYears").cells.at("30+"), 1U);
  EXPECT_EQ(tally.breakdowns.at("countryOfOrigin").cells.at("euEea"), 1U);
  EXPECT_EQ(tally.breakdowns.at("labourStatus").answered, 1U);
  EXPECT_EQ(tally.breakdowns.at("labourStatus").cells.size(), 2U);
  EXPECT_EQ(tally.breakdowns.at("channel").cells.at("video"), 2U);
  EXPECT_EQ(tally.breakdowns.at(sessions_each).cells.at("2"), 1U);
}

TEST(Contribution, MidnightOfNewYearIsTheNextYears) {
  EXPECT_EQ(contribution(rules(), oslo(), client(), 2026, all_categories).sessions, 1U);
  EXPECT_EQ(years_of(oslo(), client()), (std::vector<int>{2025, 2026}));
}

TEST(Contribution, NobodyServedIsNoClient) {
  Subject subject = client();
  subject.appointments = {appointment("2025-05-01T10:00", schema::Outcome::CANCELLED)};
  const Tally tally = contribution(rules(), oslo(), subject, 2025, all_categories);
  EXPECT_EQ(tally.clients, 0U);
  EXPECT_EQ(tally.cancellations, 1U);
  EXPECT_TRUE(tally.breakdowns.empty());
}

TEST(Contribution, PreCallsAndGroupsAreNoSessions) {
  Subject subject = client();
  for (auto& one : subject.appointments) one.kind = schema::AppointmentKind::PRE_CALL;
  EXPECT_TRUE(contribution(rules(), oslo(), subject, 2025, all_categories).empty());
}

TEST(Contribution, CategoriesAddUpToTheWhole) {
  const Subject subject = client();
  Tally sum;
  for (const Category one : {Category::ident, Category::appt, Category::demog, Category::intake})
    sum.add(contribution(rules(), oslo(), subject, 2025, bit(one)));
  EXPECT_EQ(sum, contribution(rules(), oslo(), subject, 2025, all_categories));
}

projections::Replaced moved(const char* when, projections::Fact fact, std::vector<std::string> before) {
  return {.fact = fact, .at = oslo().parse_time(when).value(), .before = std::move(before)};
}

// Who moves house in summer stays where the first session of the year found her.
TEST(Contribution, TheFirstSessionOfTheYearDecidesTheFacts) {
  Subject subject = client();
  subject.demographics->replaced = {moved("2025-02-20T10:00", projections::Fact::municipality_code, {"4003"}),
                                    moved("2025-06-20T10:00", projections::Fact::municipality_code, {"3907"}),
                                    moved("2025-07-01T10:00", projections::Fact::labour_status, {"education"}),
                                    moved("2025-08-01T10:00", projections::Fact::municipality_code, {"4012"}),
                                    moved("2025-08-01T10:00", projections::Fact::age_years, {"19"})};
  const Tally tally = contribution(rules(), oslo(), subject, 2025, all_categories);
  EXPECT_EQ(tally.breakdowns.at("municipalityCode").cells, (Cells{{"3907", 1}}));
  EXPECT_EQ(tally.breakdowns.at("labourStatus").cells, (Cells{{"education", 1}}));
  EXPECT_EQ(tally.breakdowns.at("ageYears").cells, (Cells{{"0-19", 1}}));
  EXPECT_EQ(facts_in_force(oslo(), subject, 2025), 1);
  EXPECT_EQ(contribution(rules(), oslo(), subject, 2026, all_categories).breakdowns.at("municipalityCode").cells,
            (Cells{{"3905", 1}}));
}

TEST(Contribution, TheAnchorRemembersWhichFactsWereInForce) {
  Subject subject = client();
  subject.demographics->replaced = {moved("2025-06-20T10:00", projections::Fact::municipality_code, {"3907"})};
  projections::Anchor anchor{.phase = schema::Phase::P2, .year = 2025, .due = {}, .rule = {}};
  anchor.counted = *facts_in_force(oslo(), subject, 2025);
  subject.anchors.set(Category::demog, anchor);
  subject.forget(Category::appt);
  EXPECT_EQ(contribution(rules(), oslo(), subject, 2025, all_categories).breakdowns.at("municipalityCode").cells,
            (Cells{{"3907", 1}}));
}

TEST(Contribution, InvitationsAreCountedByTheYearOfSending) {
  Subject subject = client();
  subject.live = static_cast<std::uint16_t>(subject.live | bit(Category::email));
  subject.invitations = {oslo().parse_time("2025-12-31T23:59").value(), oslo().parse_time("2026-01-01T00:00").value()};
  EXPECT_EQ(contribution(rules(), oslo(), subject, 2025, all_categories).counts, (Cells{{invitations, 1}}));
  EXPECT_TRUE(contribution(rules(), oslo(), subject, 2025, bit(Category::appt)).counts.empty());
}

// A conclusion takes the appointments; the facts that live on still count, by the anchor; the sum does not change.
TEST(Contribution, AfterTheConclusionTheFactsCountByTheAnchor) {
  Subject subject = client();
  subject.appointments.pop_back();
  const Tally before = contribution(rules(), oslo(), subject, 2025, all_categories);
  Tally sum = contribution(rules(), oslo(), subject, 2025, bit(Category::appt));
  projections::Anchor anchor{.phase = schema::Phase::P2, .year = 2025, .due = {}, .rule = {}};
  for (const Category one : {Category::ident, Category::demog}) subject.anchors.set(one, anchor);
  subject.sessions = {.all = 2, .earlier = 0};
  subject.forget(Category::appt);
  sum.add(contribution(rules(), oslo(), subject, 2025, all_categories));
  EXPECT_EQ(sum, before);
}

void come_again(Subject& subject) {
  subject.forget(Category::appt);
  subject.live = static_cast<std::uint16_t>(subject.live | bit(Category::appt));
  subject.appointments = {appointment("2025-09-01T10:00", schema::Outcome::HELD)};
}

TEST(Contribution, AReturningClientOfTheYearIsNotNew) {
  Subject subject = client();
  for (const Category one : {Category::ident, Category::demog})
    subject.anchors.set(one, {.phase = schema::Phase::P1, .year = 2025, .due = {}, .rule = {}});
  subject.sessions = {.all = 2, .earlier = 2};
  come_again(subject);
  const Tally again = contribution(rules(), oslo(), subject, 2025, all_categories);
  EXPECT_EQ(again.clients, 0U);
  EXPECT_EQ(again.sessions, 1U);
  EXPECT_EQ(again.breakdowns.at(sessions_each).cells, (Cells{{"3+", 1}})) << "two before and one now";
  Rules by_case = rules();
  by_case.by_case = true;
  const Tally another = contribution(by_case, oslo(), subject, 2025, all_categories);
  EXPECT_EQ(another.clients, 1U);
  EXPECT_EQ(another.breakdowns.at(sessions_each).cells, (Cells{{"1", 1}})) << "of the new case";
}

// What she came for was counted when the form of the first case went.
TEST(Contribution, TheFormOfWhoReturnsIsNotCountedAgain) {
  Subject subject = client();
  subject.anchors.set(Category::ident, {.phase = schema::Phase::P1, .year = 2025, .due = {}, .rule = {}});
  come_again(subject);
  EXPECT_TRUE(contribution(rules(), oslo(), subject, 2025, bit(Category::intake)).breakdowns.contains(own_words));
  subject.forget(Category::intake);
  subject.live = static_cast<std::uint16_t>(subject.live | bit(Category::intake));
  subject.focus_areas = {"cv"};
  EXPECT_TRUE(contribution(rules(), oslo(), subject, 2025, all_categories).breakdowns.contains("gender"));
  EXPECT_FALSE(contribution(rules(), oslo(), subject, 2025, all_categories).breakdowns.contains(own_words));
}

// Her appointments were erased on request while the case was open: they counted then, and the case goes on being one.
TEST(Contribution, AnErasureOfAppointmentsMakesNoSecondClient) {
  for (const bool cases : {false, true}) {
    Subject subject = client();
    projections::Kept kept;
    kept.last_start = subject.appointments[1].start;
    kept.counted = 0;
    for (const Category one : {Category::ident, Category::demog}) subject.kept_facts.set(one, kept);
    subject.demographics->replaced = {moved("2025-02-20T10:00", projections::Fact::municipality_code, {"4003"})};
    come_again(subject);
    Rules of = rules();
    of.by_case = cases;
    const Tally after = contribution(of, oslo(), subject, 2025, all_categories);
    EXPECT_EQ(after.clients, 0U);
    EXPECT_EQ(after.sessions, 1U);
    EXPECT_FALSE(after.breakdowns.contains(sessions_each)) << "how many there were is not known any more";
    EXPECT_EQ(after.breakdowns.at("municipalityCode").cells, (Cells{{"4003", 1}}));
    EXPECT_EQ(contribution(of, oslo(), subject, 2026, all_categories).clients, 0U);
  }
}

// Restricted appointments make no client of the year, so nothing else tells of one (art. 18(2)).
TEST(Contribution, RestrictedAppointmentsCountNobodysFacts) {
  Subject subject = client();
  subject.covers = {{.number = 1, .categories = bit(Category::appt), .from = {}, .until = {}}};
  const auto rest = static_cast<std::uint16_t>(all_categories & ~subject.restricted());
  EXPECT_TRUE(contribution(rules(), oslo(), subject, 2025, rest).empty());
}

const StayingWords nobody = [](const std::string&) { return std::uint64_t{0}; };

TEST(FoldGroup, FewArePeopleWithoutFacts) {
  const Tally one = contribution(rules(), oslo(), client(), 2025, all_categories);
  Tally tally;
  fold_group(rules(), tally, {one, one}, nobody);
  EXPECT_EQ(tally.clients, 2U);
  for (const auto& [name, breakdown] : tally.breakdowns) EXPECT_TRUE(breakdown.answered == 0 && breakdown.cells.empty()) << name;
  fold_group(rules(), tally, {one}, nobody);
  EXPECT_EQ(tally.clients, 3U);
  EXPECT_EQ(tally.breakdowns.at("gender").answered, 1U);
}

// Each breakdown by itself: five whose appointments are folded do not hide the gender of the one whose facts are.
TEST(FoldGroup, ManySessionsDoNotHideOneClientsFacts) {
  const Tally sessions = contribution(rules(), oslo(), client(), 2025, bit(Category::appt));
  const Tally facts = contribution(rules(), oslo(), client(), 2025, bit(Category::demog));
  Tally tally;
  fold_group(rules(), tally, {sessions, sessions, sessions, sessions, sessions}, nobody);
  EXPECT_EQ(tally.breakdowns.at("channel").cells.at("video"), 10U);
  fold_group(rules(), tally, {facts}, nobody);
  EXPECT_EQ(tally.breakdowns.at("gender").answered, 0U);
  EXPECT_EQ(tally.breakdowns.at("gender").people, 1U);
}

// A sentence is a person's own: in a tally it would outlive the form that it was written in.
struct OwnWords : testing::Test {
  // So many clients, each with the same words.
  static std::vector<Tally> who_wrote(std::size_t clients, const std::vector<std::string>& words) {
    Subject one = client();
    one.focus_areas = words;
    return std::vector<Tally>(clients, contribution(rules(), oslo(), one, 2025, all_categories));
  }
  [[nodiscard]] std::uint64_t cell(const std::string& word) const {
    const auto& cells = tally.breakdowns.at(own_words).cells;
    return cells.contains(word) ? cells.at(word) : 0;
  }
  static StayingWords also(std::uint64_t n) {
    return [n](const std::string& word) { return word == "etter oppsigelsen" ? n : 0; };
  }
  Tally tally;
};

TEST_F(OwnWords, OfFewerThanKAreFoldedWithoutTheirName) {
  fold_group(rules(), tally, who_wrote(rules().k, {"yrkesvalg"}), nobody);
  fold_group(rules(), tally, who_wrote(1, {"etter oppsigelsen", "yrkesvalg"}), nobody);
  EXPECT_EQ(cell("etter oppsigelsen"), 0U);
  EXPECT_EQ(cell("other"), 1U);
  EXPECT_EQ(cell("yrkesvalg"), rules().k + 1) << "which k wrote before";
  fold_group(rules(), tally, who_wrote(1, {"etter oppsigelsen"}), also(rules().k - 2));
  EXPECT_EQ(cell("etter oppsigelsen"), 0U) << "with those who stay it is one too few";
  fold_group(rules(), tally, who_wrote(1, {"etter oppsigelsen"}), also(rules().k - 1));
  EXPECT_EQ(cell("etter oppsigelsen"), 1U);
  EXPECT_EQ(cell("other"), 2U);
}

TEST_F(OwnWords, AreBoundedInLengthAndNumber) {
  const std::string long_one(named_word_bytes_max + 1, 'x');
  fold_group(rules(), tally, who_wrote(rules().k, {long_one}), nobody);
  EXPECT_EQ(cell(long_one), 0U);
  std::vector<std::string> many;
  for (std::size_t i = 0; i < named_words_max + 10; ++i) many.push_back("word " + std::to_string(i));
  fold_group(rules(), tally, who_wrote(rules().k, many), nobody);
  EXPECT_LE(tally.breakdowns.at(own_words).cells.size(), named_words_max + 1);
  EXPECT_EQ(cell("other"), 2 * rules().k) << "clients, however many of their words have no name";
}

// A cell of six is six people, not six words of one.
TEST_F(OwnWords, RareOnesOfOneClientAreOneClient) {
  fold_group(rules(), tally, who_wrote(rules().k, {"yrkesvalg"}), nobody);
  fold_group(rules(), tally, who_wrote(1, {"a", "b", "c", "d"}), nobody);
  EXPECT_EQ(cell("other"), 1U);
  Tally year = tally;
  const Rules of = rules();
  Counter counter(of, oslo(), 2025, year);
  Subject one = client();
  one.focus_areas = {"e", "f", "g", "yrkesvalg"};
  counter.add(one, all_categories);
  const RareWords rare = rare_words(rules(), year);
  EXPECT_EQ(rare.size(), 3U);
  EXPECT_TRUE(counter.wrote_any(one, all_categories, true, rare));
  EXPECT_FALSE(counter.wrote_any(client(), all_categories, true, rare));
  EXPECT_FALSE(counter.wrote_any(one, bit(Category::demog), true, rare));
  gather_rare(rare, tally, 1, year);
  EXPECT_EQ(year.breakdowns.at(own_words).cells, (Cells{{"other", 2}, {"yrkesvalg", rules().k + 1}}));
}

TEST(FoldGroup, AGroupOfKKeepsItsFacts) {
  const Tally one = contribution(rules(), oslo(), client(), 2025, all_categories);
  Tally tally;
  fold_group(rules(), tally, {one, one, one}, nobody);
  EXPECT_EQ(tally.breakdowns.at("gender").cells.at("female"), 3U);
}

}  // namespace
}  // namespace taus::statistics
