// A restart changes nothing: after any history, what memory holds is what the journal gives again.
#include <random>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/projections_support.h"

namespace taus::test {
namespace {

constexpr std::uint64_t subjects = 6;

// One random life of a few subjects. Planted: `survives` is a category that is not forgotten in memory when it is shredded.
class History {
 public:
  explicit History(std::uint64_t seed, std::optional<Category> survives = {}) : random_(seed), survives_(survives) {}

  void step() {
    const Ordinal who = 1 + below(subjects);
    const std::uint64_t what = below(12);
    if (gone_.contains(who)) return;
    if (what == 0) return shred(who);
    journal.append(
        now, who, hour(static_cast<int>(below(1000))), [&](EventBuilder e) { fill(e); }, only());
  }
  PlainJournal journal;
  Projections now;

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  Mask only() { return below(4) == 0 ? static_cast<Mask>(random_() | bit(Category::audit)) : all_categories; }

  void shred(Ordinal who) {
    const Subject* subject = now.subject(who);
    if (subject == nullptr) return;
    auto categories = static_cast<Mask>(below(2) == 0 ? random_() & random_() : random_());
    const bool all = below(6) == 0 || (subject->live & ~categories) == 0;
    if (all) categories = 0xffff;
    journal.shred(who, categories, all);
    if (survives_ && !all) categories = static_cast<Mask>(categories & ~bit(*survives_));
    now.forget(who, categories, all);
    if (all) gone_.insert(who);
    journal.append(now, centre_stream, day_one,
                   [&](EventBuilder e) { e.initShredCompleted().initPublic().initKeys(1)[0].setStream(who); });
  }

  void fill(EventBuilder e) {
    const auto number = static_cast<std::uint32_t>(1 + below(3));
    const auto start = hour(static_cast<int>(below(50)));
    switch (below(16)) {
      case 0: return booking(e);
      case 1: return e.initConsentGiven().initConsent().setIndicatedAt(ms_of(start));
      case 2: return e.initConsentWithdrawn().initConsent().setIndicatedAt(ms_of(start));
      case 3: return e.initClientRegistered().initDemog().setYear(static_cast<std::int16_t>(2020 + below(8)));
      case 4: return e.initCounsellorAssigned().initAppt().setCounsellor(1 + below(subjects));
      case 5: return e.initDemographicsRecorded().initDemog().setAgeYears(static_cast<std::int16_t>(below(100)));
      case 6: return fill_appointment(e, number, 1 + below(subjects), start, start + std::chrono::hours(1));
      case 7: return outcome(e, number, start);
      case 8: return e.initSessionLogWritten().initCase().setOrder("log");
      case 9: return e.initMessageSent().initCorr().setAt(ms_of(start));
      case 10: return e.initMessageReceived().initCorr().setAt(ms_of(start));
      case 11: return ended(e, start);
      case 12: return below(2) == 0 ? void(e.initRecordConsulted().initAudit()) : void(e.initAccessDenied().initAudit());
      case 13:
        return below(3) == 0 ? e.initStaffRevoked().initStaff().setRevoked(true) : e.initStaffAdded().initStaff().setName("Kari");
      case 14: return e.initInquiryReceived().initPhone().setPhone("4" + std::to_string(1234560 + below(3)));
      default: return e.initAccommodationNeedRecorded().initSpecial().setAccommodationNeed("rampe");
    }
  }
  void booking(EventBuilder e) {
    auto form = e.initBookingRequested();
    form.initIdent().setName("Anna " + std::to_string(below(3)));
    if (below(3) != 0) form.initEmail().setEmail("Felles" + std::to_string(below(3)) + "@x.no");
    if (below(3) != 0) form.initPhone().setPhone("4123456" + std::to_string(below(3)));
    form.initIntake().initFocusAreas(1).set(0, "jobb");
  }
  void outcome(EventBuilder e, std::uint32_t number, Instant start) {
    switch (below(5)) {
      case 0: return e.initSessionHeld().initAppt().setNumber(number);
      case 1: return e.initNoShowRecorded().initAppt().setNumber(number);
      case 2: return e.initAppointmentCancelled().initAppt().setNumber(number);
      case 3: return e.initSessionOutcomeCorrected().initAppt().setNumber(number);
      default: break;
    }
    auto to = e.initAppointmentRescheduled().initAppt();
    to.setNumber(number);
    to.setStart(ms_of(start));
    to.setEnd(ms_of(start + std::chrono::hours(2)));
  }
  void ended(EventBuilder e, Instant at) {
    const auto fill = [&](auto body, schema::Phase phase) {
      body.initIdent().initAnchor().setPhase(phase);
      body.initEmail().initAnchor().setDue(ms_of(at));
      body.initConsent().initAnchor().setPhase(phase);
      body.initAudit().initAnchor().setCounsellor(1 + below(subjects));
    };
    if (below(3) == 0) return fill(e.initGuidanceReopened(), schema::Phase::P1);
    auto body = e.initGuidanceConcluded();
    body.initCase().setConcludedAt(ms_of(at));
    fill(body, schema::Phase::P2);
  }

  std::mt19937_64 random_;
  std::optional<Category> survives_;
  std::set<Ordinal> gone_;
};

RC_GTEST_PROP(Rebuild, GivesWhatMemoryHolds, ()) {
  History history(*rc::gen::arbitrary<std::uint64_t>());
  const int steps = *rc::gen::inRange(1, 200);
  for (int i = 0; i < steps; ++i) history.step();
  RC_ASSERT(history.journal.rebuilt() == history.now);
}

TEST(Rebuild, PlantedCategoryThatSurvivesItsKeyIsNoticed) {
  for (const Category survives :
       {Category::ident, Category::email, Category::phone, Category::demog, Category::special, Category::intake, Category::case_,
        Category::corr, Category::appt, Category::consent, Category::audit, Category::staff}) {
    bool noticed = false;
    for (std::uint64_t seed = 0; seed < 50 && !noticed; ++seed) {
      History history(seed, survives);
      for (int i = 0; i < 150; ++i) history.step();
      noticed = history.journal.rebuilt() != history.now;
    }
    EXPECT_TRUE(noticed) << "category " << static_cast<int>(survives);
  }
}

}  // namespace
}  // namespace taus::test
