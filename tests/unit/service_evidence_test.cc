// What outlives a case: when the record of requests, holds and reads dies, and in which phase a client is of whom nothing else is left.
#include <map>
#include <string>

#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

using schema::Category;
using schema::RightsKind;

std::string told(const Reply& reply) {
  return reply.code() + (reply.good() ? "" : " " + reply.pointer() + ": " + reply.root().getError().getMessage().cStr());
}

Reply listed(Vt& vt, const std::string& subject) {
  return vt.as(vt.liv, [&](Ask r) { r.initRightsList().setSubject(subject); });
}
Reply refused(Vt& vt, const std::string& request) {
  return vt.as(vt.liv, [&](Ask r) { fill_decide(r, request, schema::RightsOutcome::REFUSED); });
}

// An open request can outlive everything, the read log of the time before it included: the case stays what it was, and is not concluded once more.
TEST(Evidence, WhatIsOverIsNotConcludedAgain) {
  Vt vt(18, "2026-03-02T08:00:00");
  const std::string anna = vt.guided("Anna Myr");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, anna); }).code(), "ok");
  vt.clock("2026-03-20T12:00:00");
  const std::string open = vt.asked(anna, RightsKind::RECTIFY);  // came after the conclusion, which promised nothing of it
  vt.clock("2027-12-31T23:59:59");
  ASSERT_EQ(vt.live(anna), "rights audit");
  const auto version = [&] { return vt.state(anna).root().getSubjectState().getVersion(); };
  const auto before = version();
  vt.clock("2028-01-01T00:00:00");
  EXPECT_EQ(vt.live(anna), "rights");
  EXPECT_EQ(version() - before, 2) << "the order to erase the read log, and this look";
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(vt.phase(anna), "P2");
    vt.restart();
  }
  ASSERT_EQ(listed(vt, anna).code(), "ok");
  ASSERT_EQ(told(refused(vt, open)), "ok");
  vt.clock("2028-01-29T00:00:00");
  EXPECT_EQ(vt.live(anna), "audit") << "who looked at it meanwhile is remembered for a year, by itself too";
  vt.clock("2028-12-31T23:59:59");
  EXPECT_EQ(vt.live(anna), "audit");
  vt.clock("2029-01-01T00:00:00");
  EXPECT_EQ(vt.live(anna), "");
}

Reply phone_held(Vt& vt, const std::string& subject) {
  return vt.as(vt.liv, [&](Ask r) {
    auto in = r.initHoldPlace();
    in.setSubject(subject);
    in.setGround(schema::HoldGround::LEGAL_CLAIM);
    in.initCategories(1).set(0, schema::Category::PHONE);
  });
}

// The record of a hold or of whom data was passed on to lives as long as the name does, also where it came after a reopening.
TEST(Evidence, OfAReopenedCaseLivesAsLongAsTheName) {
  Vt vt(20, "2026-03-02T08:00:00");
  const std::string anna = vt.guided("Anna Myr");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, anna); }).code(), "ok");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_reopen(r, anna); }).code(), "ok");
  ASSERT_EQ(told(phone_held(vt, anna)), "ok");
  ASSERT_EQ(told(vt.as(vt.liv, [&](Ask r) { r.initHoldRelease().setSubject(anna); })), "ok");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, anna); }).code(), "ok");
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(vt.live(anna), "ident email demog consent rights audit");
    vt.restart();
  }
  vt.clock("2026-12-31T23:59:59");
  EXPECT_EQ(vt.live(anna), "ident demog consent rights audit");
  vt.clock("2027-01-01T00:00:00");
  EXPECT_EQ(vt.live(anna), "audit");
}

// What a hold keeps longer than the read log is read later still: who read it is remembered as long as any other reader, and by one key.
TEST(Evidence, OfWhoReadsWhatAHoldKeepsIsKeptForAYear) {
  Vt vt(21, "2026-03-02T08:00:00");
  const std::string anna = vt.guided("Anna Myr");
  ASSERT_EQ(told(phone_held(vt, anna)), "ok");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, anna); }).code(), "ok");
  vt.clock("2027-12-31T23:59:59");
  ASSERT_EQ(vt.live(anna), "phone rights audit");
  vt.clock("2028-01-01T00:00:00");
  ASSERT_EQ(vt.live(anna), "phone rights");
  vt.clock("2028-03-01T12:00:00");
  const std::uint64_t generation = vt.centre.service->store().vault().generation();
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(vt.phase(anna), "P2");
    EXPECT_EQ(vt.live(anna), "phone rights audit");
    vt.restart();
    vt.clock("2028-06-01T12:00:00");
  }
  EXPECT_EQ(vt.centre.service->store().vault().generation(), generation) << "a look destroys nothing";
  vt.clock("2029-03-01T11:59:59");
  EXPECT_EQ(vt.live(anna), "phone rights audit");
  vt.clock("2029-03-01T12:00:00");
  EXPECT_EQ(vt.live(anna), "phone rights");
  ASSERT_EQ(told(vt.as(vt.liv, [&](Ask r) { r.initHoldRelease().setSubject(anna); })), "ok");
  EXPECT_EQ(vt.live(anna), "");
}

// What a conclusion promised to somebody never guided stands for the log too, when a hold lets a session be told of afterwards.
TEST(Evidence, ASessionToldOfAfterTheConclusionMovesNoRule) {
  Vt vt(22, "2026-03-02T08:00:00");
  const std::string anna = vt.client("Anna Myr");
  vt.booked(anna, vt.kari, "2026-03-03T10:00:00");
  ASSERT_EQ(told(vt.as(vt.liv, [&](Ask r) { fill_hold(r, anna, {Category::APPT, Category::CASE}); })), "ok");
  vt.clock("2026-04-10T12:00:00");
  ASSERT_EQ(vt.phase(anna), "P2");
  ASSERT_EQ(told(vt.as(vt.kari, [&](Ask r) { fill_held(r, anna); })), "ok");
  for (int round = 0; round < 2; ++round) {
    const Reply plan = vt.centre.ask(operators(), [](Ask r) { r.initRetentionPlan(); });
    std::map<std::string, std::string> rules;
    for (const auto one : plan.root().getRetentionPlan().getItems())
      rules[std::string(name(static_cast<taus::Category>(one.getCategory())))] = one.getRule().cStr();
    EXPECT_EQ(rules["appt"], "VT-R9");
    EXPECT_EQ(rules["case"], "VT-R9");
    vt.restart();
  }
}

// An active case has no due times, reopened or not; a hold or a restriction is named as what defers, and changes nothing else.
TEST(Evidence, AReopenedCaseThatIsActiveHasNoTimesUnderAHoldEither) {
  Vt vt(19, "2026-03-02T08:00:00");
  const std::string anna = vt.guided("Anna Myr");
  ASSERT_EQ(told(refused(vt, vt.asked(anna, RightsKind::RECTIFY))), "ok");
  ASSERT_EQ(told(phone_held(vt, anna)), "ok");
  const Reply restricted = vt.as(vt.liv, [&](Ask r) {
    auto in = r.initRestrictPlace();
    in.setSubject(anna);
    in.setGround(schema::RestrictionGround::ACCURACY_CONTESTED);
    in.initCategories(1).set(0, schema::Category::EMAIL);
  });
  ASSERT_EQ(told(restricted), "ok");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, anna); }).code(), "ok");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_reopen(r, anna); }).code(), "ok");
  vt.booked(anna, vt.kari, "2026-04-01T10:00:00");
  const Reply plan = vt.centre.ask(operators(), [](Ask r) { r.initRetentionPlan(); });
  ASSERT_EQ(told(plan), "ok");
  std::map<std::string, std::string> deferred;
  for (const auto one : plan.root().getRetentionPlan().getItems()) {
    const std::string category(name(static_cast<taus::Category>(one.getCategory())));
    EXPECT_EQ(one.getDue(), no_time_ms) << category;
    deferred[category] = one.getDeferred().cStr();
  }
  EXPECT_EQ(deferred["phone"], "hold");
  EXPECT_EQ(deferred["rights"], "hold");
  EXPECT_EQ(deferred["email"], "restriction");
  EXPECT_EQ(deferred["ident"], "active");
}

}  // namespace
}  // namespace taus::test
