// Rectifying what the client told (GDPR art. 16), and who goes on with a case whose counsellor has left.
#include <string>

#include "eventstore/base/limits.h"
#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

using schema::Category;

template <class Set>
Reply record(Vt& vt, const std::string& subject, const Set& set) {
  return vt.as(vt.kari, [&](Ask r) {
    auto in = r.initSubjectRecord();
    in.setSubject(subject);
    in.setCollectedVia(schema::Collected::PHONE);
    set(in);
  });
}

std::string told(const Reply& reply) { return reply.code() + (reply.good() ? "" : " " + reply.pointer()); }

TEST(Rectifying, WhatTheFormAskedForStandsAnewAndTheRestAsItWas) {
  Vt vt(71);
  const std::string anna = vt.guided("Anna Myr");
  const std::string before(vt.show(vt.kari, anna).root().getSubjectShow().getPhone().cStr());
  ASSERT_EQ(told(record(vt, anna,
                        [](auto in) {
                          in.setName("Anna Lie");
                          in.setEmail("anna.lie@example.no");
                          auto areas = in.initFocusAreas(2);
                          areas.set(0, "cv");
                          areas.set(1, "jobbytte");
                        })),
            "ok");
  for (int round = 0; round < 2; ++round) {
    const Reply shown = vt.show(vt.kari, anna);
    const auto view = shown.root().getSubjectShow();
    EXPECT_STREQ(view.getName().cStr(), "Anna Lie");
    EXPECT_STREQ(view.getEmail().cStr(), "anna.lie@example.no");
    EXPECT_EQ(std::string(view.getPhone().cStr()), before);
    ASSERT_EQ(view.getFocusAreas().size(), 2U);
    EXPECT_STREQ(view.getFocusAreas()[0].cStr(), "cv");
    vt.restart();
  }
}

// Only a booking begins the time of what it brings: a new number does not prolong that of the old one.
TEST(Rectifying, MovesNoDueTime) {
  Vt vt(72);
  const std::string anna = vt.guided("Anna Myr");
  vt.clock("2026-03-28T09:00:00");
  ASSERT_EQ(told(record(vt, anna, [](auto in) { in.setPhone("41 22 33 44"); })), "ok");
  vt.clock("2026-03-31T10:59:59");
  EXPECT_THAT(vt.live(anna), testing::HasSubstr("phone"));
  vt.clock("2026-03-31T11:00:00");
  EXPECT_THAT(vt.live(anna), testing::Not(testing::HasSubstr("phone")));
  EXPECT_THAT(vt.live(anna), testing::HasSubstr("ident"));
}

// Each part under its own key: the address goes with the address.
TEST(Rectifying, GoesWithTheCategoryItIsOf) {
  Vt vt(73);
  const std::string anna = vt.guided("Anna Myr");
  ASSERT_EQ(told(record(vt, anna,
                        [](auto in) {
                          in.setName("Anna Lie");
                          in.setEmail("anna.lie@example.no");
                        })),
            "ok");
  const std::int64_t decision = vt.erasure_granted(anna);
  ASSERT_EQ(vt.dev([&](Ask r) { fill_shred(r, anna, {Category::EMAIL}, decision); }).code(), "ok");
  vt.centre.settle().value();
  for (int round = 0; round < 2; ++round) {
    const Reply shown = vt.show(vt.kari, anna);
    EXPECT_STREQ(shown.root().getSubjectShow().getName().cStr(), "Anna Lie");
    EXPECT_FALSE(shown.root().getSubjectShow().hasEmail());
    vt.restart();
  }
  ASSERT_EQ(told(record(vt, anna, [](auto in) { in.setName("Anna Myr"); })), "ok");
  EXPECT_THAT(vt.live(anna), testing::Not(testing::HasSubstr("email"))) << "nothing was told of it";
}

TEST(Rectifying, IsCheckedAsTheFormIs) {
  Vt vt(74);
  const std::string anna = vt.guided("Anna Myr");
  EXPECT_EQ(told(record(vt, anna, [](auto in) { in.setName(" \n"); })), "invalid_argument /name");
  EXPECT_EQ(told(record(vt, anna, [](auto in) { in.setName(std::string(limits::name_bytes_max + 1, 'x')); })), "too_large /name");
  EXPECT_EQ(told(record(vt, anna, [](auto in) { in.setEmail("anna"); })), "invalid_argument /email");
  EXPECT_EQ(told(record(vt, anna, [](auto in) { in.setPhone("x"); })), "invalid_argument /phone");
  EXPECT_EQ(told(record(vt, anna, [](auto in) { in.initFocusAreas(1).set(0, " "); })), "invalid_argument /focusAreas");
  EXPECT_EQ(told(record(vt, anna, [](auto in) { in.setCurrentSituation("i arbeid"); })), "invalid_argument /currentSituation")
      << "vt does not ask for it";
  EXPECT_EQ(told(record(vt, anna,
                        [](auto in) {
                          in.setCollectedVia(schema::Collected::BOOKING);
                          in.setName("Anna Lie");
                        })),
            "invalid_argument /collectedVia");
  EXPECT_EQ(vt.as(vt.dina,
                  [&](Ask r) {
                    auto in = r.initSubjectRecord();
                    in.setSubject(anna);
                    in.setCollectedVia(schema::Collected::DESK);
                    in.setName("Anna Lie");
                  })
                .code(),
            "unauthorized");
  EXPECT_STREQ(vt.show(vt.kari, anna).root().getSubjectShow().getName().cStr(), "Anna Myr");
}

// Concluded, and her counsellor has left: the leader opens the case again and hands it on. Before, only the counsellor may.
TEST(LeftAlone, TheLeaderReopensTheCaseOfACounsellorWhoLeft) {
  Vt vt(75);
  const std::string anna = vt.guided("Anna Myr");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { r.initSubjectConclude().setSubject(anna); }).code(), "ok");
  vt.centre.settle().value();
  EXPECT_EQ(vt.as(vt.liv, [&](Ask r) { fill_reopen(r, anna); }).code(), "unauthorized");
  ASSERT_EQ(vt.as(vt.liv, [&](Ask r) { r.initStaffRevoke().setSubject(vt.kari); }).code(), "ok");
  EXPECT_EQ(vt.as(vt.dina, [&](Ask r) { fill_reopen(r, anna); }).code(), "unauthorized");
  ASSERT_EQ(vt.as(vt.liv, [&](Ask r) { fill_reopen(r, anna); }).code(), "ok");
  EXPECT_EQ(vt.phase(anna), "P1");
  const std::string ola = vt.staff("Ola Veileder", {schema::Role::COUNSELLOR});
  EXPECT_EQ(vt.as(vt.liv,
                  [&](Ask r) {
                    auto in = r.initSubjectAssign();
                    in.setSubject(anna);
                    in.setCounsellor(ola);
                  })
                .code(),
            "ok");
  EXPECT_EQ(vt.as(ola, [&](Ask r) { r.initSubjectConclude().setSubject(anna); }).code(), "ok");
}

}  // namespace
}  // namespace taus::test
