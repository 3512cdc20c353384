// What happens by the clock alone, and what is counted when the daemon was down.
#include <algorithm>

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

// More than are shredded at once: one new root, in steps, and everybody else is answered between them.
TEST(ByTheClock, ManyWhoFallDueAtOneInstantAreOneRun) {
  Vt vt(7);
  std::vector<std::string> gone;
  for (int i = 0; i < 230; ++i) gone.push_back(vt.client("Kunde " + std::to_string(i), "k" + std::to_string(i) + "@example.no"));
  vt.clock("2026-03-10T08:00:00");
  const std::string stays = vt.client("Berit Blir", "berit@example.no");
  const auto& vault = vt.centre.service->store().vault();
  const std::uint64_t before = vault.generation();
  vt.centre.clock.set(at("2026-03-30T08:00:01"));
  int between = 0;
  for (int round = 0; round < 1000; ++round) {
    const auto due = vt.centre.service->next_due();
    if (due && *due <= vt.centre.clock.now()) {
      ASSERT_TRUE(vt.centre.service->run_due());
    } else if (vt.centre.service->shreds_pending()) {
      ASSERT_TRUE(vt.centre.service->run_shreds());
      if (vt.centre.service->shreds_want_flush()) vt.centre.service->flushed();
    } else {
      break;
    }
    if (vault.progress().of > 0) {
      ++between;
      Bytes reply;
      ASSERT_TRUE(vt.centre.commit());
      const Bytes frame = request_frame([&](Ask r) { r.initSubjectState().setSubject(stays); });
      ASSERT_EQ(vt.centre.service->handle(developer(), frame, 1'000'000 + static_cast<std::uint64_t>(round), reply).value(),
                service::Handled::replied);
      EXPECT_EQ(Reply(reply).code(), "ok");
      ASSERT_TRUE(vt.centre.commit());
      const Bytes status = request_frame([](Ask r) { r.initStatus(); });
      ASSERT_EQ(vt.centre.service->handle(developer(), status, 3'000'000 + static_cast<std::uint64_t>(round), reply).value(),
                service::Handled::replied);
      std::string warnings;
      const Reply said(reply);
      for (const auto one : said.root().getStatus().getWarnings()) warnings += one.cStr();
      EXPECT_THAT(warnings, HasSubstr("a large erasure is under way: "));
      const Bytes doomed = request_frame([&](Ask r) { r.initSubjectState().setSubject(gone.front()); });
      for (int twice = 0; twice < 2; ++twice)
        ASSERT_TRUE(vt.centre.service->handle(developer(), doomed, 2'000'000 + static_cast<std::uint64_t>(round), reply));
      EXPECT_EQ(Reply(reply).code(), "busy");
    }
    ASSERT_TRUE(vt.centre.commit());
  }
  EXPECT_GT(between, 2);
  EXPECT_LE(vault.generation(), before + 2) << "the tally's own root apart";
  EXPECT_EQ(vault.pending_count(), 0U);
  EXPECT_EQ(vault.first_unreceipted(), nullptr);
  EXPECT_EQ(vt.phase(stays), "P0");
  for (const std::string& one : gone) ASSERT_EQ(vt.live(one), "audit");
  vt.restart();
  for (const std::string& one : gone) ASSERT_EQ(vt.phase(one), "shredded");
  EXPECT_EQ(vt.phase(stays), "P0");
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

std::string warnings_of(Vt& vt) {
  const Reply status = vt.dev([](Ask r) { r.initStatus(); });
  std::string out;
  for (const auto warning : status.root().getStatus().getWarnings()) out += warning.cStr();
  return out;
}

TEST(ByTheClock, WhatFellDueWhileTheDaemonWasDownIsDoneAtOnceAndCounted) {
  Vt vt(4);
  const std::string anna = vt.client("Anna Myr");
  vt.centre.service.reset();
  vt.centre.clock.set(at("2026-05-01T00:00:00"));
  vt.restart();
  vt.centre.settle().value();
  EXPECT_EQ(vt.live(anna), "audit");
  EXPECT_THAT(warnings_of(vt), HasSubstr("late"));
}

// What a hold kept was not awaited before the hold ended, also where a start lies between.
TEST(ByTheClock, WhatAHoldKeptIsNotLate) {
  for (const bool restarted : {false, true}) {
    Vt vt(18);
    const std::string anna = vt.guided("Anna Myr");
    ASSERT_EQ(vt.as(vt.liv, [&](Ask r) { fill_hold(r, anna, {schema::Category::EMAIL}); }).code(), "ok");
    vt.clock("2026-05-01T10:00:00");
    EXPECT_THAT(vt.live(anna), HasSubstr("email")) << "due since 31 March";
    if (restarted) {
      vt.restart();
      ASSERT_TRUE(vt.centre.service->run_due()) << "as every start does";
    }
    ASSERT_EQ(vt.as(vt.liv, [&](Ask r) { r.initHoldRelease().setSubject(anna); }).code(), "ok");
    vt.centre.settle().value();
    EXPECT_THAT(vt.live(anna), Not(HasSubstr("email")));
    EXPECT_THAT(warnings_of(vt), Not(HasSubstr("late"))) << restarted;
  }
}

// Of more clients than one round looks at, and of some twice: concluded first, the address four weeks later.
TEST(ByTheClock, WhatFallsDueWhileAClockIsSetForwardIsNotLate) {
  Vt vt(19);
  for (int i = 0; i < 60; ++i)
    static_cast<void>(vt.client("Kunde " + std::to_string(i), "k" + std::to_string(i) + "@example.no"));
  const std::string anna = vt.guided("Anna Myr");
  const Reply set = vt.dev([](Ask r) { r.initDevClockAdvance().setDays(400); });
  ASSERT_EQ(set.code(), "ok");
  vt.centre.settle().value();
  EXPECT_EQ(vt.live(anna), "audit");
  EXPECT_THAT(warnings_of(vt), Not(HasSubstr("late")));
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

TEST(ByTheClock, WhoAsksForADailyRunOfManyHoldsNobodyUp) {
  Vt vt(5);
  constexpr int many = 60;  // more than one round looks at
  for (int i = 0; i < many; ++i) static_cast<void>(vt.client("Kunde " + std::to_string(i)));
  vt.clock("2026-03-10T08:00:00");
  const std::string stays = vt.client("Berit Blir");
  vt.centre.clock.set(at("2026-03-30T08:00:01"));
  ASSERT_TRUE(vt.centre.commit());
  Bytes reply;
  const Bytes run = request_frame([](Ask r) { r.initRetentionRun(); });
  ASSERT_EQ(vt.centre.service->handle(operators(), run, 1'000'000, reply).value(), service::Handled::waits);
  EXPECT_FALSE(vt.centre.service->shreds_pending()) << "what falls due together is one run";
  ASSERT_TRUE(vt.centre.commit());
  const Bytes read = request_frame([&](Ask r) { r.initSubjectState().setSubject(stays); });
  ASSERT_EQ(vt.centre.service->handle(developer(), read, 1'000'001, reply).value(), service::Handled::replied);
  ASSERT_TRUE(vt.centre.settle());
  const auto answer = std::find_if(vt.centre.late_replies.begin(), vt.centre.late_replies.end(),
                                   [](const service::LateReply& one) { return one.ticket == 1'000'000; });
  ASSERT_NE(answer, vt.centre.late_replies.end());
  const Reply told(answer->reply);
  ASSERT_EQ(told.code(), "ok");
  EXPECT_GE(told.root().getRetentionRun().getReceipt(), 0);
  EXPECT_GE(told.root().getRetentionRun().getShredded(), static_cast<std::uint64_t>(many));
  EXPECT_EQ(vt.phase(stays), "P0");
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
    const Reply shown = vt.show(vt.kari, anna);
    for (const auto& category : shown.root().getSubjectShow().getCategories()) {
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
