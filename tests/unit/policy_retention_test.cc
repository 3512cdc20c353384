#include "daemon/policy/deadline.h"
#include "daemon/policy/retention.h"
#include "tests/unit/policy_support.h"

namespace taus::policy {
namespace {

using enum Category;

Facts served(std::string_view start, std::string_view end, std::string_view now) {
  Facts facts;
  facts.now = at(now);
  facts.held = {session(start, end)};
  facts.first_collected_at = oslo().plus_days(at(start), -14);
  return facts;
}

Evaluation vt(const Facts& facts) { return evaluate(built_in("vt"), oslo(), facts); }
Evaluation mt(const Facts& facts) { return evaluate(built_in("mt"), oslo(), facts); }

// T1
TEST(RetentionVt, ConcludedAfterOneSession) {
  Facts facts = served("2025-03-10T09:00:00", "2025-03-10T10:00:00", "2025-03-11T00:00:00");
  facts.concluded_at = at("2025-03-10T10:05:00");
  const Evaluation e = vt(facts);
  EXPECT_EQ(told(e, case_), "2025-03-10T09:05:00Z VT-R1");
  EXPECT_EQ(told(e, corr), "2025-03-10T09:05:00Z VT-R2");
  EXPECT_EQ(told(e, email), "2025-04-07T08:00:00Z VT-R3");
  EXPECT_EQ(told(e, ident), "2025-12-31T23:00:00Z VT-R4");
  EXPECT_EQ(told(e, demog), "2025-12-31T23:00:00Z VT-R5");
  for (const Category c : {phone, intake, appt}) EXPECT_EQ(told(e, c), "2025-03-10T09:05:00Z VT-R6");
  EXPECT_EQ(told(e, consent), "2025-12-31T23:00:00Z R-EVID");
  EXPECT_EQ(told(e, rights), "2025-12-31T23:00:00Z R-EVID");
  EXPECT_EQ(told(e, audit), "2026-12-31T23:00:00Z R-AUDIT");
  EXPECT_EQ(e.due[index_of(special)].rule, "");
  EXPECT_EQ(e.phase, Phase::p2);
  EXPECT_TRUE(e.served);
  EXPECT_EQ(utc(e.survey_at), "2025-03-17T09:00:00Z");
  EXPECT_EQ(utc(e.next_change), "2025-03-17T09:00:00Z");
  EXPECT_TRUE(e.due[index_of(case_)].overdue(facts.now));
  EXPECT_FALSE(e.due[index_of(email)].overdue(facts.now));
}

// T3
TEST(RetentionVt, TheAddressMayOutliveTheName) {
  const Evaluation e = vt(served("2025-12-10T14:00:00", "2025-12-10T15:00:00", "2025-12-11T00:00:00"));
  EXPECT_EQ(told(e, ident), "2025-12-31T23:00:00Z VT-R4");
  EXPECT_EQ(told(e, email), "2026-01-07T14:00:00Z VT-R3");
  EXPECT_EQ(told(e, consent), "2026-01-07T14:00:00Z R-EVID");
  EXPECT_EQ(e.phase, Phase::p1);
}

// T5
TEST(RetentionVt, TheYearIsTheLocalYearOfTheStart) {
  EXPECT_EQ(told(vt(served("2025-12-31T23:30:00Z", "2026-01-01T00:30:00Z", "2026-01-02T00:00:00")), ident),
            "2026-12-31T23:00:00Z VT-R4");
  EXPECT_EQ(told(vt(served("2025-12-31T22:30:00Z", "2025-12-31T23:30:00Z", "2026-01-02T00:00:00")), ident),
            "2025-12-31T23:00:00Z VT-R4");
}

// T9
TEST(RetentionVt, WhoNeverCameIsGoneFourWeeksLater) {
  Facts facts;
  facts.now = at("2025-06-10T00:00:00");
  facts.first_collected_at = at("2025-05-20T10:00:00");
  facts.scheduled = {appointment("2025-06-02T09:00:00", "2025-06-02T10:00:00", Outcome::no_show)};
  const Evaluation e = vt(facts);
  for (const Category c : {ident, email, phone, demog, intake, case_, corr, appt})
    EXPECT_EQ(told(e, c), "2025-06-30T08:00:00Z VT-R9");
  EXPECT_FALSE(e.served);
  EXPECT_FALSE(e.survey_at);
  EXPECT_EQ(e.phase, Phase::p0);
  facts.now = at("2025-06-30T10:00:00");
  EXPECT_EQ(vt(facts).phase, Phase::p2);
}

// T10
TEST(RetentionMt, TheCapFromALeapDayIsThe28th) {
  Facts facts = served("2024-02-29T13:00:00", "2024-02-29T14:00:00", "2024-03-01T00:00:00");
  facts.concluded_at = at("2025-02-20T10:00:00");  // late: the routine would come after the cap
  EXPECT_EQ(told(mt(facts), ident), "2025-02-28T13:00:00Z MT-R2");
  facts.concluded_at = at("2025-01-31T14:00:00");  // exactly the cap: not strictly earlier
  EXPECT_EQ(told(mt(facts), ident), "2025-02-28T13:00:00Z MT-R1");
}

// T13
TEST(RetentionVt, WithdrawalTakesEverythingAtOnce) {
  Facts facts = served("2025-03-10T09:00:00", "2025-03-10T10:00:00", "2025-04-01T12:00:00");
  facts.scheduled = {appointment("2025-04-10T09:00:00", "2025-04-10T10:00:00")};
  EXPECT_EQ(told(vt(facts), email), "- VT-R3 (active)");
  facts.withdrawn_at = at("2025-04-01T12:00:00");
  facts.restrictions = {{bit(email), at("2025-03-01T00:00:00"), std::nullopt}};
  const Evaluation e = vt(facts);
  for (const Category c : {ident, email, phone, demog, intake, case_, corr, appt, consent, rights, audit})
    EXPECT_EQ(told(e, c), "2025-04-01T10:00:00Z VT-R7");
  EXPECT_FALSE(e.survey_at);
  EXPECT_EQ(told(mt(facts), special), "2025-04-01T10:00:00Z MT-R8");
}

// T15
TEST(RetentionVt, AHoldKeepsWhatItCovers) {
  Facts facts = served("2025-03-10T09:00:00", "2025-03-10T10:00:00", "2025-03-11T00:00:00");
  facts.concluded_at = at("2025-03-10T10:05:00");
  facts.holds = {{static_cast<Mask>(bit(case_) | bit(ident)), at("2025-03-05T00:00:00"), at("2025-09-01T00:00:00")}};
  facts.restrictions = {{static_cast<Mask>(bit(case_) | bit(corr)), at("2025-03-05T00:00:00"), std::nullopt}};
  Evaluation e = vt(facts);
  EXPECT_EQ(told(e, case_), "2025-03-10T09:05:00Z VT-R1 (hold)");
  EXPECT_EQ(told(e, ident), "2025-12-31T23:00:00Z VT-R4 (hold)");
  EXPECT_EQ(told(e, rights), "2025-12-31T23:00:00Z R-EVID (hold)");
  EXPECT_EQ(told(e, corr), "2025-03-10T09:05:00Z VT-R2 (restriction)");
  EXPECT_EQ(told(e, phone), "2025-03-10T09:05:00Z VT-R6");
  facts.withdrawn_at = at("2025-03-10T12:00:00");
  e = vt(facts);
  EXPECT_EQ(told(e, case_), "2025-03-10T11:00:00Z VT-R7 (hold)");
  EXPECT_EQ(told(e, corr), "2025-03-10T11:00:00Z VT-R7");
  facts.now = at("2025-09-01T00:00:00");  // the hold has ended
  EXPECT_TRUE(vt(facts).due[index_of(case_)].overdue(facts.now));
}

TEST(RetentionBoth, AnAppointmentWithoutOutcomeKeepsTheCaseActiveForFourteenDays) {
  Facts facts = served("2025-05-01T09:00:00", "2025-05-01T10:00:00", "2025-05-20T09:59:59");
  facts.scheduled = {appointment("2025-05-06T09:00:00", "2025-05-06T10:00:00")};
  EXPECT_TRUE(vt(facts).active);
  EXPECT_EQ(utc(vt(facts).next_change), "2025-05-20T08:00:00Z");
  EXPECT_FALSE(vt(facts).concluded_at);
  EXPECT_EQ(told(mt(facts), audit), "- R-AUDIT (active)");
  facts.now = at("2025-05-20T10:00:00");
  EXPECT_FALSE(vt(facts).active);
  EXPECT_EQ(told(vt(facts), case_), "2025-05-29T08:00:00Z VT-R1");  // 28 days after the last held one is the latest
}

TEST(RetentionBoth, AutomaticConclusionWaitsForWhatWasDropped) {
  Facts facts = served("2025-05-01T09:00:00", "2025-05-01T10:00:00", "2025-08-01T00:00:00");
  facts.scheduled = {cancelled("2025-06-20T09:00:00", "2025-06-20T10:00:00", "2025-06-10T12:00:00"),
                     appointment("2025-06-01T09:00:00", "2025-06-01T10:00:00", Outcome::no_show)};
  EXPECT_EQ(utc(vt(facts).concluded_at), "2025-06-17T10:00:00Z");
  facts.scheduled[0].cancelled_at = at("2025-06-25T12:00:00");  // told after it was over: the end counts
  EXPECT_EQ(utc(vt(facts).concluded_at), "2025-06-27T08:00:00Z");
  facts.scheduled.push_back(appointment("2025-06-24T09:00:00", "2025-06-24T10:00:00"));
  EXPECT_EQ(utc(vt(facts).concluded_at), "2025-07-08T08:00:00Z");
}

TEST(RetentionBoth, RightsStayFourWeeksAfterTheDecisionAndWhileOpen) {
  Facts facts = served("2025-03-10T09:00:00", "2025-03-10T10:00:00", "2025-03-11T00:00:00");
  facts.rights_decided_at = at("2026-01-02T12:00:00");
  EXPECT_EQ(told(vt(facts), rights), "2026-01-30T11:00:00Z R-EVID");
  facts.rights_open = true;
  EXPECT_EQ(told(vt(facts), rights), "- R-EVID");
}

TEST(RetentionVt, AReopenedCaseIsNeverP0) {
  Facts facts;
  facts.now = at("2025-06-10T00:00:00");
  facts.first_collected_at = at("2025-06-01T00:00:00");
  EXPECT_EQ(vt(facts).phase, Phase::p0);
  facts.reopened = true;
  EXPECT_EQ(vt(facts).phase, Phase::p1);
}

TEST(RetentionMt, TheNeedForAccommodationGoesFirst) {
  Facts facts = served("2025-05-01T09:00:00", "2025-05-01T10:00:00", "2025-06-01T00:00:00");
  const Evaluation e = mt(facts);
  EXPECT_EQ(told(e, ident), "2025-06-26T08:00:00Z MT-R1");
  EXPECT_EQ(told(e, special), "2025-05-29T08:00:00Z MT-R3");
  EXPECT_EQ(e.phase, Phase::none);
  EXPECT_EQ(utc(e.survey_at), "2025-05-04T08:00:00Z");
}

TEST(RetentionThird, EveryRuleIsTheProfilesWord) {
  Facts facts = served("2025-05-01T09:00:00", "2025-05-01T10:00:00", "2025-05-09T00:00:00");  // collected 17 April, 9:00
  facts.rights_decided_at = at("2030-01-01T12:00:00");
  facts.scheduled = {cancelled("2025-05-20T09:00:00", "2025-05-20T10:00:00", "2025-05-05T12:00:00")};
  Evaluation e = evaluate(third(), oslo(), facts);
  EXPECT_EQ(utc(e.concluded_at), "2025-05-11T08:00:00Z");
  EXPECT_EQ(told(e, ident), "2026-12-31T23:00:00Z Z-1");
  EXPECT_EQ(told(e, demog), "2026-04-17T07:00:00Z Z-2");
  EXPECT_EQ(told(e, case_), "2025-05-12T10:00:00Z Z-3");
  EXPECT_EQ(told(e, consent), "2029-12-31T23:00:00Z Z-5");
  EXPECT_EQ(told(e, rights), "2030-04-01T10:00:00Z Z-6");
  EXPECT_EQ(told(e, audit), "2031-12-31T23:00:00Z Z-7");
  EXPECT_EQ(utc(e.survey_at), "2025-05-21T08:00:00Z");
  EXPECT_EQ(e.due[index_of(phone)].rule, "");
  EXPECT_EQ(e.due[index_of(corr)].rule, "");
  EXPECT_EQ(e.phase, Phase::p1);

  facts.scheduled = {appointment("2025-05-06T09:00:00", "2025-05-06T10:00:00")};
  EXPECT_TRUE(evaluate(third(), oslo(),
                       [&] {
                         Facts f = facts;
                         f.now = at("2025-05-08T00:00:00");
                         return f;
                       }())
                  .active);
  EXPECT_FALSE(evaluate(third(), oslo(),
                        [&] {
                          Facts f = facts;
                          f.now = at("2025-05-09T10:00:00");
                          return f;
                        }())
                   .active);
  facts.held.clear();
  facts.scheduled.clear();
  e = evaluate(third(), oslo(), facts);
  EXPECT_EQ(told(e, ident), "2025-04-23T07:00:00Z Z-4");
  facts.withdrawn_at = facts.now;
  EXPECT_EQ(told(evaluate(third(), oslo(), facts), audit), "2025-05-08T22:00:00Z Z-W");
}

// --- deadlines --------------------------------------------------------------------------------------------------------------
std::string deadline(const Profile& profile, std::string_view received) {
  const auto d = rights_deadline(profile, received);
  return d ? d->due + " " + d->extended : d.error().message;
}

TEST(Deadline, VtPromisesThirtyDaysAndTheLawAMonth) {
  EXPECT_EQ(deadline(built_in("vt"), "2026-03-05"), "2026-04-04 2026-06-05");
  EXPECT_EQ(deadline(built_in("vt"), "2026-02-01"), "2026-03-01 2026-05-01");
  EXPECT_EQ(deadline(built_in("vt"), "2026-08-31"), "2026-09-30 2026-11-30");
  EXPECT_EQ(deadline(built_in("mt"), "2026-03-05"), "2026-04-05 2026-06-05");
  EXPECT_EQ(deadline(built_in("mt"), "2026-02-01"), "2026-03-01 2026-05-01");
  EXPECT_EQ(deadline(built_in("mt"), "2024-01-31"), "2024-02-29 2024-04-30");
  EXPECT_EQ(deadline(third(), "2026-03-05"), "2026-03-15 2026-05-05");
}

TEST(Deadline, RefusesWhatIsNoDate) {
  for (const char* text : {"", "2026-02-30", "5.3.2026", "2026-03-05T10:00:00", "1899-01-01"})
    EXPECT_FALSE(rights_deadline(built_in("vt"), text)) << text;
}

}  // namespace
}  // namespace taus::policy
