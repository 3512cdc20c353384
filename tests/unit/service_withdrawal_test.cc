// What a hold or an open request keeps after a withdrawal is kept, and that is all: the work with it is over (VT-31).
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "eventstore/base/limits.h"
#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

using schema::Category;

std::string told(const Reply& reply) { return reply.code() + (reply.good() ? "" : " " + reply.pointer()); }

void fill_assign_to(Ask r, const std::string& subject, const std::string& counsellor) {
  auto in = r.initSubjectAssign();
  in.setSubject(subject);
  in.setCounsellor(counsellor);
}

template <class In>
void fill_one(In in, const std::string& subject) {
  in.setSubject(subject);
  in.setNumber(1);
}

// What a counsellor adds to a client's record or changes in it.
std::map<std::string, std::function<Reply()>> all_work(Vt& vt, const std::string& anna) {
  const auto kari = [&vt](auto fill) { return [&vt, fill] { return vt.as(vt.kari, fill); }; };
  return {
      {"book", kari([&](Ask r) { fill_book(r, anna, vt.kari, at("2026-03-20T10:00:00")); })},
      {"reschedule", kari([&](Ask r) { fill_move(r, anna, 1, at("2026-03-21T10:00:00")); })},
      {"cancel", kari([&](Ask r) { fill_cancel(r, anna, 1); })},
      {"held", kari([&](Ask r) { fill_held(r, anna, 1); })},
      {"noShow", kari([&](Ask r) { fill_one(r.initBookingNoShow(), anna); })},
      {"correct", kari([&](Ask r) {
         auto in = r.initBookingCorrect();
         fill_one(in, anna);
         in.setOutcome(schema::Outcome::NO_SHOW);
       })},
      {"log", kari([&](Ask r) { fill_log(r, anna, "hei"); })},
      {"record", kari([&](Ask r) { fill_record(r, anna, schema::Gender::FEMALE); })},
      {"message out", kari([&](Ask r) { fill_message(r, anna, "out", "hei"); })},
      {"message in", kari([&](Ask r) { fill_message(r, anna, "in", "hei"); })},
      {"conclude", kari([&](Ask r) { fill_conclude(r, anna); })},
      {"reopen", kari([&](Ask r) { r.initSubjectReopen().setSubject(anna); })},
      {"assign", kari([&](Ask r) { fill_assign_to(r, anna, vt.ola); })},
  };
}

TEST(Withdrawal, NoWorkGoesOnWithWhatAHoldKeeps) {
  Vt vt(31);
  const std::string anna = vt.guided("Anna Myr");
  vt.booked(anna, vt.kari, "2026-03-13T10:00:00");
  ASSERT_EQ(told(vt.as(vt.liv,
                       [&](Ask r) {
                         fill_hold(r, anna, {Category::IDENT, Category::EMAIL, Category::APPT, Category::CASE});
                       })),
            "ok");
  ASSERT_EQ(told(vt.as(vt.dina, [&](Ask r) { fill_withdraw(r, anna); })), "ok");
  const std::string kept = vt.live(anna);
  EXPECT_EQ(kept, "ident email appt rights");
  for (int round = 0; round < 2; ++round) {
    for (const auto& [name, work] : all_work(vt, anna)) EXPECT_EQ(told(work()), "restricted /subject") << name;
    vt.restart();
  }
  EXPECT_EQ(vt.live(anna), kept);
  EXPECT_EQ(told(vt.as(vt.dina, [&](Ask r) { fill_withdraw(r, anna); })), "version_conflict /subject")
      << "nothing is left to withdraw";
  EXPECT_EQ(vt.live(anna), kept);
  ASSERT_EQ(told(vt.as(vt.liv, [&](Ask r) { r.initHoldRelease().setSubject(anna); })), "ok") << "what ends it is not work";
  vt.clock("2026-03-03T11:31:00");
  EXPECT_EQ(vt.phase(anna), "shredded");
}

TEST(Withdrawal, NoWorkGoesOnWithWhatAnOpenRequestKeeps) {
  Vt vt(32);
  const std::string anna = vt.guided("Anna Myr");
  const std::string request = vt.asked(anna, schema::RightsKind::RECTIFY);
  ASSERT_EQ(told(vt.as(vt.dina, [&](Ask r) { fill_withdraw(r, anna); })), "ok");
  EXPECT_EQ(vt.live(anna), "rights");
  for (const auto& [name, work] : all_work(vt, anna)) {
    const std::string code = work().code();
    EXPECT_TRUE(code == "restricted" || code == "unauthorized") << name << ": " << code;  // whose case it was is gone
  }
  EXPECT_EQ(vt.live(anna), "rights");
  ASSERT_EQ(told(vt.dev([&](Ask r) { fill_decide(r, request, schema::RightsOutcome::REFUSED); })), "ok");
}

// The counsellor's time is free again, and nobody waits for somebody who does not come.
TEST(Withdrawal, WhatIsAheadIsCancelledWhereAHoldKeepsIt) {
  Vt vt(33);
  const std::string anna = vt.guided("Anna Myr");
  const std::string berit = vt.client("Berit Strand");
  vt.booked(anna, vt.kari, "2026-03-13T10:00:00");
  ASSERT_EQ(told(vt.as(vt.liv, [&](Ask r) { fill_hold(r, anna, {Category::APPT}); })), "ok");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_book(r, berit, vt.kari, at("2026-03-13T10:00:00")); }).code(), "slot_taken");
  ASSERT_EQ(told(vt.as(vt.dina, [&](Ask r) { fill_withdraw(r, anna); })), "ok");
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(vt.live(anna), "appt rights");
    const Reply calendar = vt.as(vt.kari, [&](Ask r) {
      auto in = r.initCalendarShow();
      in.setFrom("2026-03-12");
      in.setTo("2026-03-14");
    });
    ASSERT_EQ(told(calendar), "ok");
    EXPECT_EQ(calendar.root().getCalendarShow().getEntries().size(), 0U);
    vt.restart();
  }
  vt.booked(berit, vt.kari, "2026-03-13T10:00:00");
}

// A concluded case whose appointments a hold keeps is no open one again because one of them is moved.
TEST(Withdrawal, NothingIsBookedIntoAConcludedCase) {
  Vt vt(34);
  const std::string anna = vt.client("Anna Myr");
  vt.booked(anna, vt.kari, "2026-03-03T10:00:00");
  ASSERT_EQ(told(vt.as(vt.liv, [&](Ask r) { fill_hold(r, anna, {Category::APPT, Category::CASE}); })), "ok");
  vt.clock("2026-04-10T12:00:00");
  ASSERT_EQ(vt.phase(anna), "P2");
  EXPECT_EQ(told(vt.as(vt.kari, [&](Ask r) { fill_move(r, anna, 1, at("2026-04-20T10:00:00")); })), "version_conflict /subject");
  EXPECT_EQ(told(vt.as(vt.kari, [&](Ask r) { fill_book(r, anna, vt.kari, at("2026-04-20T10:00:00")); })), "shredded /subject");
}

TEST(Withdrawal, AsManyAppointmentsAsOneCommandCancels) {
  Vt vt(35);
  const std::string anna = vt.client("Anna Myr");
  const auto booked = [&](std::size_t day) {
    return vt.as(vt.kari, [&](Ask r) { fill_book(r, anna, vt.kari, at("2026-03-03T10:00:00") + std::chrono::days(day)); });
  };
  for (std::size_t i = 0; i < limits::open_appointments_max; ++i) ASSERT_EQ(told(booked(i)), "ok");
  EXPECT_EQ(told(booked(limits::open_appointments_max)), "too_large /subject");
  ASSERT_EQ(told(vt.as(vt.kari, [&](Ask r) { fill_cancel(r, anna, 1); })), "ok");
  EXPECT_EQ(told(booked(limits::open_appointments_max)), "ok");
  ASSERT_EQ(told(vt.as(vt.liv, [&](Ask r) { fill_hold(r, anna, {Category::APPT}); })), "ok");
  ASSERT_EQ(told(vt.as(vt.dina, [&](Ask r) { fill_withdraw(r, anna); })), "ok");
  EXPECT_EQ(vt.live(anna), "appt rights");
}

}  // namespace
}  // namespace taus::test
