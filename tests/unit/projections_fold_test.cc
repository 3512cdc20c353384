// What each event type leaves in what is known of its subject, and which category takes it away again.
#include <map>

#include "tests/unit/projections_support.h"

namespace taus::test {
namespace {

using schema::Outcome;
using schema::Phase;

constexpr Ordinal kari = 1;
constexpr Ordinal anna = 11;

struct Fold : testing::Test {
  Position add(const std::function<void(EventBuilder)>& fill, Instant at = day_one) {
    return journal.append(now, anna, at, fill);
  }
  [[nodiscard]] const Subject& her() const { return *now.subject(anna); }
  void forget(Category category) { now.forget(anna, bit(category), false); }
  PlainJournal journal;
  Projections now;
};

TEST_F(Fold, TheFormIsSplitByCategory) {
  add([](EventBuilder e) {
    auto form = e.initBookingRequested();
    form.initIdent().setName("Anna");
    form.initEmail().setEmail("a@b.no");
    form.initPhone().setPhone("41234567");
    auto demog = form.initDemog();
    demog.setAgeYears(34);
    demog.setMunicipalityCode("3807");
    form.initIntake().initFocusAreas(1).set(0, "jobb");
    form.initSpecial().setAccommodationNeed("rampe");
  });
  EXPECT_EQ(her().name, "Anna");
  EXPECT_EQ(her().demographics->age_years, 34);
  EXPECT_EQ(her().focus_areas, std::vector<std::string>{"jobb"});
  EXPECT_EQ(her().accommodation_need, "rampe");
  EXPECT_EQ(her().phase(), Phase::P0);
  EXPECT_EQ(her().first_collected(), day_one);
  for (const Category one :
       {Category::ident, Category::email, Category::phone, Category::demog, Category::intake, Category::special}) {
    EXPECT_TRUE(her().has(one));
    forget(one);
    EXPECT_FALSE(her().has(one));
  }
  EXPECT_EQ(her().name + her().email + her().phone + her().accommodation_need, "");
  EXPECT_FALSE(her().demographics.has_value());
  EXPECT_TRUE(her().focus_areas.empty());
  EXPECT_TRUE(her().has(Category::appt)) << "the form writes that part too, empty as it is";
}

TEST_F(Fold, ConsentAndRegistration) {
  add([](EventBuilder e) {
    auto to = e.initConsentGiven().initConsent();
    to.setNotice("n1");
    to.setAct(schema::ConsentAct::CHECKBOX);
    to.setIndicatedAt(ms_of(day_one));
  });
  add([](EventBuilder e) { e.initClientRegistered().initDemog().setYear(2026); });
  EXPECT_EQ(her().consent.notice, "n1");
  EXPECT_EQ(her().consent.given_at, day_one);
  EXPECT_EQ(her().demographics->first_year, 2026);
  add([](EventBuilder e) { e.initConsentWithdrawn().initConsent().setIndicatedAt(ms_of(hour(5))); });
  EXPECT_EQ(her().consent.withdrawn_at, hour(5));
  forget(Category::consent);
  EXPECT_FALSE(her().consent.given_at.has_value());
}

TEST_F(Fold, AppointmentsTakeTheirOutcomes) {
  add([](EventBuilder e) { fill_appointment(e, 1, kari, hour(10), hour(11)); });
  add([](EventBuilder e) { e.initCounsellorAssigned().initAppt().setCounsellor(kari); });
  EXPECT_EQ(her().assigned(), kari);
  EXPECT_EQ(her().appointment(1)->outcome, Outcome::ABSENT);
  add([](EventBuilder e) { e.initNoShowRecorded().initAppt().setNumber(1); });
  EXPECT_EQ(her().appointment(1)->outcome, Outcome::NO_SHOW);
  EXPECT_EQ(her().phase(), Phase::P0);
  add([](EventBuilder e) {
    auto to = e.initSessionOutcomeCorrected().initAppt();
    to.setNumber(1);
    to.setOutcome(Outcome::HELD);
  });
  EXPECT_EQ(her().phase(), Phase::P1);
  add([](EventBuilder e) { e.initSessionHeld().initAppt().setNumber(7); });
  EXPECT_EQ(her().appointment(7), nullptr) << "of an appointment that nobody knows";
  forget(Category::appt);
  EXPECT_EQ(her().phase(), Phase::P1) << "cannot tell any more, so nobody else may look";
  EXPECT_EQ(her().assigned(), 0U);
}

TEST_F(Fold, APreCallThatWasHeldIsNoFirstSession) {
  add([](EventBuilder e) { fill_appointment(e, 1, kari, hour(10), hour(11), schema::AppointmentKind::PRE_CALL); });
  add([](EventBuilder e) { e.initSessionHeld().initAppt().setNumber(1); });
  EXPECT_EQ(her().appointment(1)->outcome, Outcome::HELD);
  EXPECT_EQ(her().phase(), Phase::P0);
}

TEST_F(Fold, LogsMessagesAndReadsStayOnDiskNamedByPosition) {
  const Position log = add([](EventBuilder e) { e.initSessionLogWritten().initCase().setOrder("x"); });
  const Position mail = add([](EventBuilder e) {
    auto to = e.initMessageSent().initCorr();
    to.setAt(ms_of(hour(3)));
    to.setAuthor(kari);
  });
  add([](EventBuilder e) { e.initMessageReceived().initCorr().setAt(ms_of(hour(4))); });
  const Position read = add([](EventBuilder e) { e.initRecordConsulted().initAudit(); });
  add([](EventBuilder e) { e.initAccessDenied().initAudit(); });
  EXPECT_EQ(her().logs, std::vector<Position>{log});
  ASSERT_EQ(her().messages.size(), 2U);
  EXPECT_EQ(her().messages[0].position, mail);
  EXPECT_EQ(her().messages[0].author, kari);
  EXPECT_FALSE(her().messages[0].from_client);
  EXPECT_TRUE(her().messages[1].from_client);
  EXPECT_EQ(her().reads, (std::vector<Position>{read, read + 1}));
  EXPECT_EQ(her().version, 5U);
  EXPECT_EQ(her().changed, 3U) << "reads are no change";
  forget(Category::corr);
  forget(Category::case_);
  forget(Category::audit);
  EXPECT_TRUE(her().messages.empty() && her().logs.empty() && her().reads.empty());
}

TEST_F(Fold, AConclusionLeavesAnAnchorInEveryCategory) {
  add([](EventBuilder e) { e.initCounsellorAssigned().initAppt().setCounsellor(kari); });
  const auto fill = [](schema::Anchor::Builder anchor) {
    anchor.setPhase(Phase::P2);
    anchor.setYear(2026);
    anchor.setDue(ms_of(hour(100)));
    anchor.setRule("VT-R4");
    anchor.setCounsellor(kari);
  };
  add([&](EventBuilder e) {
    auto body = e.initGuidanceConcluded();
    body.initCase().setConcludedAt(ms_of(hour(9)));
    fill(body.initIdent().initAnchor());
    fill(body.initAudit().initAnchor());
    body.initEmail().setInvited(true);
    fill(body.getEmail().initAnchor());
  });
  EXPECT_EQ(her().phase(), Phase::P2);
  EXPECT_EQ(her().concluded_at, hour(9));
  EXPECT_TRUE(her().survey_invited);
  forget(Category::appt);
  forget(Category::case_);
  forget(Category::ident);
  EXPECT_EQ(her().phase(), Phase::P2) << "what is left knows by itself";
  EXPECT_EQ(her().assigned(), kari);
  EXPECT_EQ(her().anchor()->due, hour(100));
  add([](EventBuilder e) {
    auto body = e.initGuidanceReopened();
    body.initAudit().initAnchor().setPhase(Phase::P1);
    body.initEmail().initAnchor().setPhase(Phase::P1);
  });
  EXPECT_EQ(her().phase(), Phase::P1);
}

TEST(PerCategory, IsAMapOfCategories) {
  projections::PerCategory<std::string> some;
  std::map<std::size_t, std::string> model;
  std::uint32_t draw = 1;
  for (int step = 0; step < 2000; ++step) {
    draw = draw * 1664525 + 1013904223;
    const std::size_t at = (draw >> 16) % category_count;
    if ((draw >> 8) % 3 == 0) {
      some.reset(static_cast<Category>(at));
      model.erase(at);
    } else {
      some.set(static_cast<Category>(at), std::to_string(step));
      model[at] = std::to_string(step);
    }
    std::vector<std::string> in_order;
    for (const auto& [category, text] : model) in_order.push_back(text);
    ASSERT_EQ(std::vector<std::string>(some.begin(), some.end()), in_order);
    for (std::size_t i = 0; i < category_count; ++i) {
      ASSERT_EQ(some[i] != nullptr, model.contains(i));
      if (some[i] != nullptr) {
        ASSERT_EQ(*some[i], model[i]);
      }
    }
  }
}

TEST_F(Fold, StaffComeAndGo) {
  add([](EventBuilder e) {
    auto to = e.initStaffAdded().initStaff();
    to.setName("Kari");
    to.initRoles(1).set(0, schema::Role::COUNSELLOR);
    to.setConfidentialitySigned("2025-01-01");
  });
  EXPECT_TRUE(her().is_staff());
  EXPECT_EQ(now.staff(), std::vector<Ordinal>{anna});
  add([](EventBuilder e) { e.initStaffRevoked().initStaff().setRevoked(true); });
  EXPECT_TRUE(her().staff->revoked);
  forget(Category::staff);
  EXPECT_FALSE(her().is_staff());
  EXPECT_TRUE(now.staff().empty());
}

TEST_F(Fold, DemographicsAreFilledInBitByBit) {
  add([](EventBuilder e) {
    auto to = e.initDemographicsRecorded().initDemog();
    to.setGender(schema::Gender::FEMALE);
    to.setEducationLevel("4");
  });
  add([](EventBuilder e) {
    auto to = e.initDemographicsRecorded().initDemog();
    to.setCountryOfOrigin("SE");
    to.initLabourStatus(1).set(0, "jobb");
  });
  EXPECT_EQ(her().demographics->gender, schema::Gender::FEMALE) << "what is not said is not changed";
  EXPECT_EQ(her().demographics->education_level, "4");
  EXPECT_EQ(her().demographics->country_of_origin, "SE");
}

TEST_F(Fold, ReceiptsAreFoundByTheSubjectTheyAreOf) {
  add([](EventBuilder e) { e.initInquiryReceived().initIdent().setName("Anna"); });
  now.forget(anna, 0xffff, true);
  EXPECT_FALSE(now.receipt_of(anna).has_value());
  const Position receipt = journal.append(
      now, centre_stream, day_one, [](EventBuilder e) { e.initShredCompleted().initPublic().initKeys(1)[0].setStream(anna); });
  EXPECT_EQ(now.receipt_of(anna), receipt);
}

}  // namespace
}  // namespace taus::test
