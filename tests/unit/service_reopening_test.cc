// A reopened case has four weeks from its reopening, whatever is still known of the time before it and whatever is erased since.
#include <string>

#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

using schema::Category;

// Guided on 3 March 2026, concluded by itself four weeks later; what a hold covers is still there in May.
std::string held_from_before(Vt& vt, std::initializer_list<Category> categories) {
  const std::string anna = vt.guided("Anna Myr");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_log(r, anna, "loggen om fagbrev"); }).code(), "ok");
  if (categories.size() > 0) {
    EXPECT_EQ(vt.as(vt.liv, [&](Ask r) { fill_hold(r, anna, categories); }).code(), "ok");
  }
  vt.clock("2026-05-04T08:00:00");
  EXPECT_EQ(vt.phase(anna), "P2");
  return anna;
}

// Reopened on 4 May at eight.
void expect_four_weeks(Vt& vt, const std::string& subject) {
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(vt.phase(subject), "P1");
    vt.restart();
  }
  vt.clock("2026-06-01T07:59:59");
  EXPECT_EQ(vt.phase(subject), "P1");
  vt.clock("2026-06-01T08:00:00");
  EXPECT_EQ(vt.phase(subject), "P2");
}

TEST(Reopening, TheSessionsThatAHoldKeptEndTheOldCaseOnly) {
  Vt vt(21);
  const std::string anna = held_from_before(vt, {Category::APPT});
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_reopen(r, anna); }).code(), "ok");
  expect_four_weeks(vt, anna);
}

TEST(Reopening, TheLogThatAHoldKeptDoesNotSayWhenTheCaseBegan) {
  Vt vt(22);
  const std::string anna = held_from_before(vt, {Category::CASE});
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_reopen(r, anna); }).code(), "ok");
  expect_four_weeks(vt, anna);
}

TEST(Reopening, NothingButTheLogGoesWithAnErasureOfTheLog) {
  Vt vt(23);
  const std::string anna = held_from_before(vt, {});
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_reopen(r, anna); }).code(), "ok");
  const std::int64_t decision = vt.erasure_granted(anna);
  ASSERT_EQ(vt.dev([&](Ask r) { fill_shred(r, anna, {Category::CASE}, decision); }).code(), "ok");
  expect_four_weeks(vt, anna);
}

TEST(Reopening, AReturningClientsBookingIsKeptWhereAHoldKeptTheSessions) {
  Vt vt(24);
  const std::string anna = held_from_before(vt, {Category::APPT});
  const std::string booking = vt.client("Anna Myr");
  const Reply joined = vt.as(vt.kari, [&](Ask r) {
    auto in = r.initMatchConfirm();
    in.setSubject(booking);
    in.setExisting(anna);
  });
  ASSERT_EQ(joined.code(), "ok");
  EXPECT_THAT(vt.live(anna), testing::HasSubstr("phone"));
  vt.booked(anna, vt.kari, "2026-05-20T10:00:00");
  vt.clock("2026-06-01T08:00:00");
  EXPECT_EQ(vt.phase(anna), "P1") << "an appointment is ahead or lacks its outcome";
}

// The second case is over four weeks after its own session, wherever that lies.
TEST(Reopening, ASessionOfTheNewCaseEndsItAsAnyOther) {
  Vt vt(25);
  const std::string anna = held_from_before(vt, {Category::APPT});
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_reopen(r, anna); }).code(), "ok");
  const std::uint32_t number = vt.booked(anna, vt.kari, "2026-05-20T10:00:00");
  vt.clock("2026-05-20T11:00:00");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_held(r, anna, number); }).code(), "ok");
  vt.clock("2026-06-17T10:59:59");
  EXPECT_EQ(vt.phase(anna), "P1");
  vt.clock("2026-06-17T11:00:00");
  EXPECT_EQ(vt.phase(anna), "P2");
}

// Reopened twice, held all the time: each reopening counts from itself.
TEST(Reopening, TheLaterOneCounts) {
  Vt vt(26);
  const std::string anna = held_from_before(vt, {Category::APPT, Category::CASE});
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_reopen(r, anna); }).code(), "ok");
  vt.clock("2026-06-10T08:00:00");
  ASSERT_EQ(vt.phase(anna), "P2");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_reopen(r, anna); }).code(), "ok");
  vt.clock("2026-07-08T07:59:59");
  EXPECT_EQ(vt.phase(anna), "P1");
  vt.restart();
  vt.clock("2026-07-08T08:00:00");
  EXPECT_EQ(vt.phase(anna), "P2");
}

// Everything outlives the conclusion under this profile: there the old sessions are known of every reopened case.
TEST(Reopening, UnderAProfileThatKeepsTheSessionsAfterTheConclusion) {
  Centre mt(27, at("2026-03-02T08:00:00"), "mt");
  mt.start().value();
  const auto dev = [&](const auto& fill) { return mt.ask(developer(), fill); };
  const auto pass = [&](const char* to) {
    mt.clock.set(at(to));
    mt.settle().value();
  };
  const Reply staff = dev([](Ask r) { fill_staff(r, "Kari Rådgiver", {schema::Role::COUNSELLOR}); });
  const std::string kari = staff.ack().getSubject().cStr();
  const Reply form = dev([](Ask r) {
    fill_form(r, "Anna Myr", "kunde@example.no", "41234567");
    r.getBookingRequest().setGender(schema::Gender::FEMALE);
    r.getBookingRequest().setNationality("NO");
    r.getBookingRequest().setMotherTongue("nb");
    r.getBookingRequest().setCurrentSituation("i jobb");
    r.getBookingRequest().getConsent().setNotice("MT-undated");
    r.getBookingRequest().getConsent().setAct(schema::ConsentAct::FORM_SUBMIT);
  });
  ASSERT_EQ(form.code() + form.pointer(), "ok");
  const std::string anna = form.ack().getSubject().cStr();
  ASSERT_EQ(dev([&](Ask r) { fill_book(r, anna, kari, at("2026-03-03T10:00:00")); }).code(), "ok");
  pass("2026-03-03T11:30:00");
  ASSERT_EQ(dev([&](Ask r) { fill_held(r, anna); }).code(), "ok");
  pass("2026-04-06T08:00:00");
  // Nothing while the case is open.
  const auto concluded = [&] {
    const Reply state = dev([&](Ask r) { r.initSubjectState().setSubject(anna); });
    return state.root().getSubjectState().getConcludedAt();
  };
  ASSERT_EQ(concluded(), ms_of(at("2026-03-31T11:00:00")));
  ASSERT_EQ(dev([&](Ask r) { fill_reopen(r, anna); }).code(), "ok");
  EXPECT_EQ(dev([&](Ask r) { fill_log(r, anna, "nytt fagbrev"); }).code(), "ok");
  mt.restart().value();
  pass("2026-05-04T07:59:59");
  EXPECT_EQ(concluded(), no_time_ms);
  pass("2026-05-04T08:00:00");
  EXPECT_EQ(concluded(), ms_of(at("2026-05-04T08:00:00")));
}

}  // namespace
}  // namespace taus::test
