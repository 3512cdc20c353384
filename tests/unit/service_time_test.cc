// What happens by the clock alone, and what is counted when the daemon was down.
#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ByTheClock, AClientNeverGuidedIsGoneFourWeeksAfterTheLastSign) {
  Vt vt(1);
  const std::string anna = vt.client("Anna Myr");
  vt.clock("2026-03-30T07:59:59");
  EXPECT_EQ(vt.phase(anna), "P0");
  vt.clock("2026-03-30T08:00:01");
  EXPECT_EQ(vt.live(anna), "audit") << "concluded by itself, and everything of hers due with it";
  vt.restart();
  EXPECT_EQ(vt.phase(anna), "shredded") << "the read log alone is left";
  vt.clock("2027-03-30T08:00:01");
  EXPECT_EQ(vt.phase(anna), "shredded");
}

TEST(ByTheClock, AGuidedClientIsConcludedFourWeeksAfterTheSession) {
  Vt vt(2);
  const std::string anna = vt.guided("Anna Myr");
  vt.as(vt.kari, [&](Ask r) { fill_log(r, anna, "logg"); });
  vt.clock("2026-03-31T10:59:00");
  EXPECT_EQ(vt.phase(anna), "P1");
  EXPECT_THAT(vt.live(anna), HasSubstr("case"));
  vt.clock("2026-03-31T11:00:01");
  EXPECT_EQ(vt.phase(anna), "P2");
  EXPECT_EQ(vt.live(anna), "ident demog consent audit");
  vt.restart();
  EXPECT_EQ(vt.phase(anna), "P2");
  const Reply status = vt.dev([](Ask r) { r.initStatus(); });
  for (const auto warning : status.root().getStatus().getWarnings())
    EXPECT_EQ(std::string(warning.cStr()).find("late"), std::string::npos);
}

TEST(ByTheClock, AnAppointmentAheadKeepsTheCase) {
  Vt vt(3);
  const std::string anna = vt.guided("Anna Myr");
  vt.booked(anna, vt.kari, "2026-05-20T10:00:00");
  vt.clock("2026-05-21T10:00:00");
  EXPECT_EQ(vt.phase(anna), "P1");
  EXPECT_TRUE(vt.state(anna).root().getSubjectState().getActive());
  vt.clock("2026-06-03T11:00:01");
  EXPECT_EQ(vt.phase(anna), "P2") << "an outcome never recorded: fourteen days";
}

// A restart works out every subject's next instant anew; what runs on must not have left one out (a message sent moves nothing).
TEST(ByTheClock, WhatIsDueNextIsTheSameAfterARestart) {
  Vt vt(9);
  const auto same = [&](const char* after) {
    vt.centre.settle().value();
    const auto next = vt.centre.service->next_due();
    vt.restart();
    EXPECT_EQ(vt.centre.service->next_due(), next) << after;
  };
  const auto message = [&](const std::string& subject, const char* direction) {
    vt.as(vt.kari, [&](Ask r) {
      auto add = r.initMessageAdd();
      add.setSubject(subject);
      add.setDirection(direction);
      add.setChannel(schema::Channel::EMAIL);
      add.setBody("Hei");
    });
  };
  const std::string anna = vt.client("Anna Myr");
  same("a booking");
  vt.clock("2026-03-03T08:00:00");
  message(anna, "out");
  same("the first message sent");
  vt.clock("2026-03-04T08:00:00");
  message(anna, "out");
  same("another message sent");
  message(anna, "in");
  same("a message received");
  vt.clock("2026-03-05T08:00:00");
  vt.show(vt.kari, anna);
  same("the first read");
  vt.show(vt.kari, anna);
  same("another read");
  const std::string berit = vt.guided("Berit Li");
  message(berit, "out");
  same("a client guided");
}

TEST(ByTheClock, WhatFellDueWhileTheDaemonWasDownIsDoneAtOnceAndCounted) {
  Vt vt(4);
  const std::string anna = vt.client("Anna Myr");
  vt.centre.service.reset();
  vt.centre.clock.set(at("2026-05-01T00:00:00"));
  vt.restart();
  vt.centre.settle().value();
  EXPECT_EQ(vt.live(anna), "audit");
  const Reply status = vt.dev([](Ask r) { r.initStatus(); });
  std::string warnings;
  for (const auto warning : status.root().getStatus().getWarnings()) warnings += warning.cStr();
  EXPECT_THAT(warnings, HasSubstr("late"));
}

TEST(ByTheClock, TheDailyRunTellsWhatItDid) {
  Vt vt(5);
  const std::string anna = vt.client("Anna Myr");
  vt.centre.clock.set(at("2026-05-01T00:00:00"));
  const Reply run = vt.centre.ask(operators(), [](Ask r) { r.initRetentionRun(); });
  ASSERT_EQ(run.code(), "ok");
  EXPECT_EQ(run.root().getRetentionRun().getConcluded(), 1U);
  EXPECT_GE(run.root().getRetentionRun().getShredded(), 7U);
  EXPECT_GE(run.root().getRetentionRun().getLate(), 1U);
  EXPECT_GE(run.root().getRetentionRun().getReceipt(), 0);
  const Reply again = vt.centre.ask(operators(), [](Ask r) { r.initRetentionRun(); });
  EXPECT_EQ(again.root().getRetentionRun().getShredded(), 0U);
}

TEST(ByTheClock, AMessageAfterTheConclusionLivesFourWeeksAndBringsNothingBack) {
  Vt vt(6);
  const std::string anna = vt.guided("Anna Myr");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, anna); }).code(), "ok");
  EXPECT_EQ(vt.as(vt.ola, [&](Ask r) { fill_message(r, anna, "in", "hei"); }).code(), "unauthorized");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_message(r, anna, "out", "hei"); }).code(), "version_conflict");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_message(r, anna, "in", "takk for sist"); }).code(), "ok");
  EXPECT_EQ(vt.phase(anna), "P2");
  EXPECT_THAT(vt.live(anna), HasSubstr("corr"));
  vt.restart();
  EXPECT_EQ(vt.phase(anna), "P2");
  vt.clock("2026-03-31T11:29:00");
  EXPECT_THAT(vt.live(anna), HasSubstr("corr"));
  vt.clock("2026-03-31T11:30:01");
  EXPECT_EQ(vt.live(anna), "ident demog consent audit");
}

TEST(ByTheClock, AReopenedCaseIsNeverP0AgainAndConcludesAnew) {
  Vt vt(7);
  const std::string anna = vt.guided("Anna Myr");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_reopen(r, anna); }).code(), "version_conflict");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, anna); }).code(), "ok");
  EXPECT_EQ(vt.as(vt.ola, [&](Ask r) { fill_reopen(r, anna); }).code(), "unauthorized");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_reopen(r, anna); }).code(), "ok");
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(vt.phase(anna), "P1");
    EXPECT_EQ(vt.show(vt.ola, anna).root().getSubjectShow().getAgeYears(), -1) << "colleagues see no more than in P1";
    vt.restart();
  }
  EXPECT_EQ(vt.booked(anna, vt.kari, "2026-09-01T10:00:00"), 1U);
  vt.clock("2026-09-01T12:00:00");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_held(r, anna); }).code(), "ok");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, anna); }).code(), "ok");
  EXPECT_EQ(vt.phase(anna), "P2");
  vt.clock("2026-12-31T23:00:00");
  EXPECT_THAT(vt.live(anna), HasSubstr("ident"));
  vt.clock("2027-01-01T00:00:00");
  EXPECT_EQ(vt.live(anna), "audit");
}

TEST(ByTheClock, AReopenedCaseWithoutANewSessionKeepsThePromisesOfItsLast) {
  Vt vt(17);
  const std::string anna = vt.guided("Anna Myr");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, anna); }).code(), "ok");
  vt.clock("2026-12-10T10:00:00");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_reopen(r, anna); }).code(), "ok");
  for (int round = 0; round < 2; ++round) {
    for (const auto& category : vt.show(vt.kari, anna).root().getSubjectShow().getCategories()) {
      if (category.getCategory() != schema::Category::IDENT) continue;
      EXPECT_EQ(std::string_view(category.getRule().cStr()), "VT-R4");
      EXPECT_EQ(category.getDue(), ms_of(at("2027-01-01T00:00:00")));
    }
    vt.restart();
  }
  vt.clock("2026-12-31T22:59:59");
  EXPECT_THAT(vt.live(anna), HasSubstr("ident"));
  vt.clock("2027-01-01T00:00:00");
  EXPECT_THAT(vt.live(anna), Not(HasSubstr("ident"))) << "VT-18: the year of the last session, whether the case is open or not";
  EXPECT_THAT(vt.live(anna), HasSubstr("case"));
}

TEST(ByTheClock, NextDueIsTheNextInstantAtWhichSomethingHappens) {
  Vt vt(8);
  const std::string anna = vt.guided("Anna Myr");
  vt.as(vt.kari, [&](Ask r) { fill_conclude(r, anna); });
  EXPECT_EQ(vt.centre.service->next_due(), at("2026-03-31T11:00:00")) << "the e-mail address";
  vt.clock("2026-03-31T11:00:00");
  EXPECT_EQ(vt.centre.service->next_due(), at("2027-01-01T00:00:00"));
  vt.restart();
  EXPECT_EQ(vt.centre.service->next_due(), at("2027-01-01T00:00:00"));
}

}  // namespace
}  // namespace taus::test
