// The invitation to the survey: whom, when, once; counted in the year of sending.
#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

struct Survey : testing::Test {
  Vt vt{911};

  std::size_t due(const std::string& who) {
    const Reply reply = vt.as(who, [](Ask r) { r.initSurveyList(); });
    EXPECT_EQ(reply.code(), "ok");
    return reply.root().getSurveyList().getDue().size();
  }
  std::string sent(const std::string& who, const std::string& client) {
    return vt.as(who, [&](Ask r) { r.initSurveySent().setSubject(client); }).code();
  }
  std::uint64_t invitations(int year) {
    const Reply reply = vt.as(vt.liv, [&](Ask r) { r.initStatsShow().setYear(year); });
    for (const auto one : reply.root().getStatsShow().getPublished().getCounts())
      if (std::string(one.getCode().cStr()) == "surveyInvitations") return static_cast<std::uint64_t>(one.getCount());
    return 0;
  }
};

TEST_F(Survey, AWeekAfterTheLastSessionAndOnce) {
  const std::string client = vt.guided("Solveig");
  EXPECT_EQ(due(vt.kari), 0U);
  EXPECT_EQ(sent(vt.kari, client), "version_conflict");
  vt.clock("2026-03-10T11:00:00");
  EXPECT_EQ(due(vt.kari), 1U);
  EXPECT_EQ(sent(vt.kari, client), "ok");
  EXPECT_EQ(due(vt.kari), 0U);
  EXPECT_EQ(sent(vt.kari, client), "version_conflict");
  vt.restart();
  EXPECT_EQ(due(vt.kari), 0U);
}

TEST_F(Survey, TheConclusionDoesNotForgetIt) {
  const std::string client = vt.guided("Solveig");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, client); }).code(), "ok");
  EXPECT_EQ(due(vt.kari), 0U);
  vt.clock("2026-03-10T11:00:00");
  vt.restart();
  EXPECT_EQ(due(vt.kari), 1U);
  EXPECT_EQ(due(vt.ola), 0U);  // only the client's own counsellor still sees the address (VT-22)
  EXPECT_EQ(sent(vt.ola, client), "withheld");
  EXPECT_EQ(sent(vt.kari, client), "ok");
  vt.clock("2026-05-01T08:00:00");  // the address is gone
  EXPECT_EQ(vt.live(client).find("email"), std::string::npos);
  vt.clock("2027-01-01T00:00:00");
  EXPECT_EQ(invitations(2026), 1U);
}

TEST_F(Survey, WhoNeverCameIsNotInvited) {
  const std::string client = vt.client("Solveig");
  vt.booked(client, vt.kari, "2026-03-03T10:00:00");
  vt.clock("2026-03-12T10:00:00");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { r.initBookingNoShow().setSubject(client); }).code(), "ok");
  EXPECT_EQ(due(vt.kari), 0U);
}

TEST_F(Survey, WhoWithdrewIsNotInvited) {
  const std::string client = vt.guided("Solveig");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_withdraw(r, client); }).code(), "ok");
  vt.clock("2026-03-10T11:00:00");
  EXPECT_EQ(due(vt.kari), 0U);
  EXPECT_EQ(sent(vt.kari, client), "shredded");
}

}  // namespace
}  // namespace taus::test
