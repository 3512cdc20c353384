// A centre's year through the service: what is shown to whom, folding with the shred, restarts, New Year by the clock.
#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

struct Statistics : testing::Test {
  Vt vt{611};

  Reply stats(const std::string& who, int year) {
    return vt.as(who, [&](Ask r) { r.initStatsShow().setYear(year); });
  }
  std::uint64_t clients(int year) { return stats(vt.liv, year).root().getStatsShow().getPublished().getClients(); }
  // A client guided once by Kari on the n-th day from 3 March.
  std::string guide(int n) {
    const std::string id =
        vt.client("Klient " + std::to_string(n), "k" + std::to_string(n) + "@example.no", "4100" + std::to_string(1000 + n));
    const Instant start = oslo().plus_days(at("2026-03-03T10:00:00"), n);
    EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_book(r, id, vt.kari, start); }).code(), "ok");
    vt.clock(oslo().format_local(start + std::chrono::minutes(90)).c_str());
    EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_held(r, id); }).code(), "ok");
    return id;
  }
  void conclude(const std::string& id) {
    EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { r.initSubjectConclude().setSubject(id); }).code(), "ok");
  }
  void withdraw(const std::string& id) {
    EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { r.initConsentWithdraw().setSubject(id); }).code(), "ok");
  }
  std::string file(int year, const char* format) {
    const Reply reply = vt.as(vt.liv, [&](Ask r) {
      auto in = r.initStatsExport();
      in.setYear(year);
      in.setFormat(format);
    });
    EXPECT_EQ(reply.code(), "ok");
    return reply.good() ? reply.root().getStatsExport().getText().cStr() : "";
  }
  std::string closed_text(int year) {
    vt.clock((std::to_string(year + 1) + "-01-01T00:00:00").c_str());
    return file(year, "csv");
  }
};

TEST_F(Statistics, TheRunningYearIsTheLeadersAndRounded) {
  for (int i = 0; i < 6; ++i) guide(i);
  EXPECT_EQ(clients(2026), 5U);
  EXPECT_EQ(stats(vt.kari, 2026).code(), "unauthorized");
  EXPECT_TRUE(stats(vt.liv, 2026).root().getStatsShow().getRunning());
  EXPECT_EQ(stats(vt.liv, 2027).code(), "not_found");
  EXPECT_EQ(stats(vt.liv, 2025).code(), "not_found");
}

TEST_F(Statistics, AConclusionAndAWithdrawalTakeNobodyOutOfTheYear) {
  std::vector<std::string> ids;
  for (int i = 0; i < 6; ++i) ids.push_back(guide(i));
  for (int i = 0; i < 5; ++i) conclude(ids[static_cast<std::size_t>(i)]);
  withdraw(ids[0]);
  withdraw(ids[5]);
  const std::string text = closed_text(2026);
  EXPECT_THAT(text, testing::HasSubstr("2026;totals;clients;6;"));
  EXPECT_THAT(text, testing::HasSubstr("2026;totals;sessions;6;"));
  EXPECT_THAT(text, testing::HasSubstr("2026;totals;bookings;6;"));
}

TEST_F(Statistics, ARestartAnswersTheSame) {
  for (int i = 0; i < 7; ++i) {
    const std::string id = guide(i);
    if (i % 2 == 0) conclude(id);
    if (i == 3) withdraw(id);
  }
  const std::string before = file(2026, "json");
  vt.restart();
  EXPECT_EQ(file(2026, "json"), before);
  const std::string closed = closed_text(2026);
  vt.restart();
  EXPECT_EQ(file(2026, "csv"), closed);
}

// The store after a shred opens one tally only: the one before it went with the keys whose content it took in.
TEST_F(Statistics, OlderTalliesCannotBeOpened) {
  for (int i = 0; i < 4; ++i) conclude(guide(i));
  const EventStore& store = vt.centre.service->store();
  int opened = 0;
  int shredded = 0;
  for (Position p = 0; p < store.durable_size(); ++p) {
    const journal::Leaf leaf = store.leaf(p).value();
    if (leaf.stream != centre_stream || leaf.parts[0].slot == public_slot || p == 0) continue;
    (store.open_part(leaf, 0) ? opened : shredded) += 1;
  }
  EXPECT_EQ(opened, 1);
  EXPECT_EQ(shredded, 3);
}

TEST_F(Statistics, NewYearClosesByItselfBeforeItShreds) {
  const std::string id = guide(0);
  conclude(id);
  vt.clock("2027-01-01T00:00:00");
  EXPECT_EQ(vt.live(id).find("demog"), std::string::npos);
  const auto shown = stats(vt.kari, 2026);
  ASSERT_EQ(shown.code(), "ok");
  EXPECT_FALSE(shown.root().getStatsShow().getRunning());
  EXPECT_EQ(shown.root().getStatsShow().getPublished().getClients(), 1U);
  EXPECT_STREQ(shown.root().getStatsShow().getPublished().getClosedOn().cStr(), "2027-01-01");
  // One client: the total only.
  for (const auto table : shown.root().getStatsShow().getPublished().getTables())
    EXPECT_TRUE(table.getTotal() == 0 || table.getWithheld());
}

TEST_F(Statistics, ADaemonThatSleptOverNewYearClosesFirst) {
  const std::string id = guide(0);
  conclude(id);
  vt.centre.clock.set(at("2027-03-05T08:00:00"));
  vt.restart();
  vt.centre.settle().value();
  EXPECT_EQ(stats(vt.kari, 2026).root().getStatsShow().getPublished().getClients(), 1U);
  EXPECT_EQ(vt.live(id).find("demog"), std::string::npos);
}

TEST_F(Statistics, AClosedYearIsFrozen) {
  vt.clock("2026-12-30T10:00:00");
  const std::string id = vt.client("Sen Kunde");
  const Instant start = at("2026-12-31T10:00:00");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_book(r, id, vt.kari, start); }).code(), "ok");
  const std::string closed = closed_text(2026);
  const Reply late = vt.as(vt.kari, [&](Ask r) { fill_held(r, id); });
  ASSERT_EQ(late.code(), "ok");
  ASSERT_EQ(late.ack().getWarnings().size(), 1U);
  EXPECT_THAT(late.ack().getWarnings()[0].cStr(), testing::StartsWith("late for closed year"));
  withdraw(id);
  EXPECT_EQ(file(2026, "csv"), closed);
  EXPECT_EQ(clients(2027), 0U);
}

TEST_F(Statistics, ClosingByHand) {
  const auto close = [&](int year) { return vt.as(vt.liv, [&](Ask r) { r.initStatsClose().setYear(year); }).code(); };
  EXPECT_EQ(close(2026), "invalid_argument");
  vt.clock("2027-01-02T00:00:00");
  EXPECT_EQ(close(2026), "version_conflict");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { r.initStatsClose().setYear(2026); }).code(), "unauthorized");
}

// The store with and without one client: no shown cell of the two tells what that client answered.
TEST_F(Statistics, WithAndWithoutOneClient) {
  for (int i = 0; i < 11; ++i) {
    const std::string id = guide(i);
    EXPECT_EQ(vt.as(vt.kari,
                    [&](Ask r) {
                      auto in = r.initSubjectRecord();
                      in.setSubject(id);
                      in.setCollectedVia(schema::Collected::SESSION);
                      in.setGender(i == 10 ? schema::Gender::MALE : schema::Gender::FEMALE);
                    })
                  .code(),
              "ok");
  }
  // The only man: ten women must not stay visible beside a total of eleven.
  const std::string csv = file(2026, "csv");
  EXPECT_THAT(csv, testing::HasSubstr("gender;male;:;Mann\n"));
  EXPECT_THAT(csv, testing::HasSubstr("gender;female;:;Kvinne\n"));
}

TEST_F(Statistics, FilesForPeopleAndPrograms) {
  for (int i = 0; i < 6; ++i) guide(i);
  vt.clock("2027-01-01T00:00:00");
  const std::string html = file(2026, "html");
  EXPECT_THAT(html, testing::HasSubstr("<svg role=\"img\""));
  EXPECT_THAT(html, testing::HasSubstr("<table>"));
  EXPECT_THAT(file(2026, "json"), testing::StartsWith("{"));
  EXPECT_EQ(vt.as(vt.liv,
                  [&](Ask r) {
                    auto in = r.initStatsExport();
                    in.setYear(2026);
                    in.setFormat("pdf");
                  })
                .code(),
            "invalid_argument");
}

}  // namespace
}  // namespace taus::test
