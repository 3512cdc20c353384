// What is erased on request while a case is open leaves the due times of everything else as they were (docs/decisions/0015).
#include <map>
#include <string>

#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

using schema::Category;

// When each category that is there goes.
std::map<std::string, std::int64_t> dues(Vt& vt, const std::string& subject) {
  const Reply reply = vt.state(subject);
  EXPECT_EQ(reply.code(), "ok");
  std::map<std::string, std::int64_t> out;
  for (const auto one : reply.root().getSubjectState().getCategories())
    if (one.getState() == schema::State::PRESENT)
      out[std::string(name(static_cast<taus::Category>(one.getCategory())))] = one.getDue();
  return out;
}

void hand_to(Ask r, const std::string& subject, const std::string& counsellor) {
  auto in = r.initSubjectAssign();
  in.setSubject(subject);
  in.setCounsellor(counsellor);
}

struct Erasing : testing::Test {
  void erase(const std::string& subject, Category what) {
    const std::int64_t decision = vt.erasure_granted(subject);
    ASSERT_EQ(vt.dev([&](Ask r) { fill_shred(r, subject, {what}, decision); }).code(), "ok");
    vt.centre.settle().value();
  }
  // All but the record of the request itself, and of who read.
  void expect_unmoved(const std::string& subject, Category what) {
    auto before = dues(vt, subject);
    erase(subject, what);
    for (int round = 0; round < 2; ++round) {
      auto after = dues(vt, subject);
      EXPECT_FALSE(after.contains(std::string(name(static_cast<taus::Category>(what)))));
      for (const auto& [category, due] : before) {
        if (category == "rights" || category == "audit" || category == name(static_cast<taus::Category>(what))) continue;
        EXPECT_EQ(after[category], due) << category;
      }
      vt.restart();
    }
  }
  // Concluded at `at`, and not a second before.
  void expect_end(const std::string& subject, const char* before, const char* at) {
    vt.clock(before);
    EXPECT_EQ(vt.phase(subject), "P1");
    vt.clock(at);
    EXPECT_EQ(vt.phase(subject), "P2");
  }
  Vt vt{61};
};

// Guided on 3 March at ten: over on 31 March at eleven, name and facts with the year.
TEST_F(Erasing, OfAppointmentsLeavesTheRestItsTime) {
  const std::string anna = vt.guided("Anna Myr");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_log(r, anna, "loggen om fagbrev"); }).code(), "ok");
  vt.clock("2026-03-20T08:00:00");
  expect_unmoved(anna, Category::APPT);
  expect_end(anna, "2026-03-31T10:59:59", "2026-03-31T11:00:00");
  EXPECT_EQ(vt.live(anna), "ident demog consent rights audit");
  vt.clock("2027-01-01T00:00:00");
  EXPECT_THAT(vt.live(anna), testing::Not(testing::HasSubstr("ident")));
}

TEST_F(Erasing, OfAppointmentsDoesNotOutliveAnEarlierConclusion) {
  const std::string anna = vt.guided("Anna Myr");
  vt.clock("2026-03-20T08:00:00");
  erase(anna, Category::APPT);
  ASSERT_EQ(vt.as(vt.liv, [&](Ask r) { hand_to(r, anna, vt.kari); }).code(), "ok");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { r.initSubjectConclude().setSubject(anna); }).code(), "ok");
  vt.centre.settle().value();
  EXPECT_THAT(vt.live(anna), testing::Not(testing::HasSubstr("intake"))) << "gone at the conclusion (VT-R6)";
  EXPECT_THAT(vt.live(anna), testing::HasSubstr("email")) << "four weeks after the last session (VT-R3)";
}

TEST_F(Erasing, OfAppointmentsLetsALaterSessionMoveTheEnd) {
  const std::string anna = vt.guided("Anna Myr");
  vt.clock("2026-03-20T08:00:00");
  erase(anna, Category::APPT);
  ASSERT_EQ(vt.as(vt.liv, [&](Ask r) { hand_to(r, anna, vt.kari); }).code(), "ok");
  const std::uint32_t number = vt.booked(anna, vt.kari, "2026-03-25T10:00:00");
  vt.clock("2026-03-25T11:30:00");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_held(r, anna, number); }).code(), "ok");
  expect_end(anna, "2026-04-22T10:59:59", "2026-04-22T11:00:00");
}

// Nobody ever guided: kept four weeks after her own message, also when that is erased.
TEST_F(Erasing, OfMessagesLeavesWhoWasNeverServedHerTime) {
  const std::string anna = vt.client("Anna Myr");
  vt.clock("2026-03-20T08:00:00");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_message(r, anna, "in", "kan jeg komme i april?"); }).code(), "ok");
  vt.clock("2026-04-10T08:00:00");
  expect_unmoved(anna, Category::CORR);
  vt.clock("2026-04-17T07:59:59");
  EXPECT_THAT(vt.live(anna), testing::HasSubstr("ident"));
  vt.clock("2026-04-17T08:00:00");
  EXPECT_THAT(vt.live(anna), testing::Not(testing::HasSubstr("ident")));
}

// What is ahead is called off with the record of it, and the case is over as if it had been cancelled.
TEST_F(Erasing, OfAppointmentsAheadEndsTheWaiting) {
  const std::string anna = vt.guided("Anna Myr");
  vt.booked(anna, vt.kari, "2026-05-20T10:00:00");
  vt.clock("2026-03-29T08:00:00");
  EXPECT_EQ(dues(vt, anna)["intake"], no_time_ms) << "active";
  erase(anna, Category::APPT);
  expect_end(anna, "2026-04-05T07:59:59", "2026-04-05T08:00:00");
}

}  // namespace
}  // namespace taus::test
