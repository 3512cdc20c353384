// Single rules of single commands, and what a read leaves behind.
#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

using testing::HasSubstr;

TEST(Commands, ALogIsAttestedAndWarnsWhereNoFurtherSessionIsAgreed) {
  Vt vt(1);
  const std::string anna = vt.guided("Anna Myr");
  const std::uint64_t before = vt.size();
  const Reply refused = vt.as(vt.kari, [&](Ask r) { fill_log(r, anna, "notat", false); });
  EXPECT_EQ(refused.code(), "invalid_argument");
  EXPECT_EQ(refused.pointer(), "/attestNoSpecial");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_log(r, anna, ""); }).code(), "invalid_argument");
  EXPECT_EQ(vt.as(vt.ola, [&](Ask r) { fill_log(r, anna, "x"); }).code(), "unauthorized");
  EXPECT_EQ(vt.as(vt.liv, [&](Ask r) { fill_log(r, anna, "x"); }).code(), "unauthorized") << "not the leader either";
  EXPECT_EQ(vt.size(), before);
  const Reply warned = vt.as(vt.kari, [&](Ask r) { fill_log(r, anna, "første"); });
  ASSERT_EQ(warned.ack().getWarnings().size(), 1U);
  EXPECT_THAT(warned.ack().getWarnings()[0].cStr(), HasSubstr("VT-R11"));
  vt.booked(anna, vt.kari, "2026-03-10T10:00:00");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_log(r, anna, "andre"); }).ack().getWarnings().size(), 0U);
}

TEST(Commands, ANameIsReadableAsOneLine) {
  Vt vt(1);
  const auto booked = [&](const char* name) {
    return vt.as(vt.kari, [&](Ask r) { fill_form(r, name, "a@example.no", "41234567"); });
  };
  for (const char* const name : {"Anna\tMyr", "Anna\nMyr", "Anna\u2028Myr", "Anna\u2029", "Anna \u202Eryd", "\u2066Anna\u2069",
                                 "\u00AD", "\u200B\u200F", " \u00A0"}) {
    const Reply refused = booked(name);
    EXPECT_EQ(refused.code(), "invalid_argument") << name;
    EXPECT_EQ(refused.pointer(), "/name") << name;
  }
  for (const char* const name : {"Ánte Ševčík", "محمد", "Anna\u2013Li O\u2019Hara", "\u201CAnna\u201D", "An\u200Dna"})
    EXPECT_EQ(booked(name).code(), "ok") << name;
}

TEST(Commands, NobodyIsBookedTwice) {
  Vt vt(2);
  const std::string anna = vt.client("Anna Myr");
  const std::string berit = vt.client("Berit Strand", "b@example.no");
  const std::uint32_t first = vt.booked(anna, vt.kari, "2026-03-03T10:00:00");
  const auto book = [&](const std::string& who, const std::string& counsellor, const char* start, int minutes) {
    return vt.as(vt.kari, [&](Ask r) { fill_book(r, who, counsellor, at(start), minutes); }).code();
  };
  EXPECT_EQ(book(berit, vt.kari, "2026-03-03T10:59:00", 30), "slot_taken");
  EXPECT_EQ(book(berit, vt.kari, "2026-03-03T09:30:00", 31), "slot_taken");
  EXPECT_EQ(book(anna, vt.ola, "2026-03-03T10:30:00", 30), "slot_taken") << "the client cannot be at two places either";
  vt.restart();
  EXPECT_EQ(book(berit, vt.kari, "2026-03-03T09:00:00", 12 * 60), "slot_taken");
  EXPECT_EQ(book(berit, vt.ola, "2026-03-03T10:00:00", 60), "ok");
  EXPECT_EQ(book(berit, vt.kari, "2026-03-03T11:00:00", 60), "ok") << "one after the other";
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_move(r, anna, first, at("2026-03-03T10:30:00")); }).code(), "slot_taken");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_move(r, anna, first, at("2026-03-03T09:59:00")); }).code(), "ok")
      << "into its own old time";
  EXPECT_EQ(book(berit, vt.kari, "2026-03-03T09:00:00", 60), "slot_taken");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_cancel(r, anna, first); }).code(), "ok");
  EXPECT_EQ(book(berit, vt.kari, "2026-03-03T09:00:00", 60), "ok");
}

TEST(Commands, AnExpectedVersionPassesReadsAndStopsAtChanges) {
  Vt vt(3);
  const std::string anna = vt.client("Anna Myr");
  const Reply shown = vt.show(vt.kari, anna);
  const std::int64_t read = shown.root().getSubjectShow().getVersion();
  vt.show(vt.ola, anna);  // somebody else looks: no change
  const auto say = [&](std::int64_t expected) {
    return vt
        .as(vt.kari,
            [&](Ask r) {
              fill_message(r, anna, "out", "hei");
              r.getMessageAdd().setExpectedVersion(expected);
            })
        .code();
  };
  EXPECT_EQ(say(read + 100), "version_conflict") << "from the future";
  EXPECT_EQ(say(read), "ok");
  EXPECT_EQ(say(read), "version_conflict") << "her own message changed it";
  vt.restart();
  EXPECT_EQ(say(read), "version_conflict");
  EXPECT_EQ(say(vt.show(vt.kari, anna).root().getSubjectShow().getVersion()), "ok");
  EXPECT_EQ(say(-2), "version_conflict");
}

TEST(Commands, EveryReadAndEveryRefusalIsJournalled) {
  Vt vt(4);
  const std::string anna = vt.guided("Anna Myr");
  const auto reads = [&] { return vt.dev([&](Ask r) { r.initAuditReads().setSubject(anna); }); };
  std::uint64_t looked = reads().root().getAuditReads().getCount();
  // One more since the last look, and that look itself.
  const auto one_more = [&] {
    const std::uint64_t before = looked;
    looked = reads().root().getAuditReads().getCount();
    return looked == before + 2;
  };
  vt.show(vt.kari, anna);
  EXPECT_TRUE(one_more());
  vt.as(vt.ola, [&](Ask r) { r.initSubjectFind().setName("Anna"); });
  EXPECT_TRUE(one_more());
  vt.as(vt.kari, [&](Ask r) { r.initSubjectTimeline().setSubject(anna); });
  EXPECT_TRUE(one_more());
  // A concluded case is the counsellor's own; a colleague's attempt is refused and recorded.
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, anna); }).code(), "ok");
  EXPECT_EQ(vt.show(vt.ola, anna).code(), "withheld");
  vt.restart();
  const Reply last = reads();
  const auto list = last.root().getAuditReads().getReads();
  EXPECT_EQ(list.size(), looked + 2);
  EXPECT_TRUE(list[list.size() - 1].getDenied());
}

TEST(Commands, ACalendarReadIsJournalledOncePerReaderSubjectAndDay) {
  Vt vt(5);
  const std::string anna = vt.client("Anna Myr");
  vt.booked(anna, vt.kari, "2026-03-03T10:00:00");
  const auto look = [&](const std::string& who) { return vt.as(who, [](Ask r) { r.initCalendarShow(); }); };
  const std::uint64_t before = vt.size();
  const Reply first = look(vt.ola);
  ASSERT_EQ(first.root().getCalendarShow().getEntries().size(), 1U);
  EXPECT_STREQ(first.root().getCalendarShow().getEntries()[0].getName().cStr(), "Anna Myr");
  EXPECT_EQ(vt.size(), before + 1);
  look(vt.ola);
  EXPECT_EQ(vt.size(), before + 1);
  look(vt.dina);
  EXPECT_EQ(vt.size(), before + 2);
  vt.centre.clock.advance(std::chrono::hours(24));
  look(vt.ola);
  EXPECT_EQ(vt.size(), before + 3);
}

TEST(Commands, TheFormIsExactlyTheProfiles) {
  Vt vt(6);
  const std::uint64_t before = vt.size();
  const auto sent = [&](auto change) {
    const Reply reply = vt.centre.ask(booking_portal(), [&](Ask r) {
      fill_form(r, "Anna Myr", "anna@example.no", "41234567");
      change(r.getBookingRequest());
    });
    return reply.code() + " " + reply.pointer();
  };
  using Form = api::BookingForm::Builder;
  EXPECT_EQ(sent([](Form f) { f.setNationality("NO"); }), "invalid_argument /nationality");
  EXPECT_EQ(sent([](Form f) { f.setAccommodationNeed("rullestol"); }), "invalid_argument /accommodationNeed");
  EXPECT_EQ(sent([](Form f) { f.setName(""); }), "invalid_argument /name");
  EXPECT_EQ(sent([](Form f) { f.setEmail("anna"); }), "invalid_argument /email");
  EXPECT_EQ(sent([](Form f) { f.setPhone("12"); }), "invalid_argument /phone");
  EXPECT_EQ(sent([](Form f) { f.setAgeYears(121); }), "invalid_argument /ageYears");
  EXPECT_EQ(sent([](Form f) { f.setMunicipalityCode("40O3"); }), "invalid_argument /municipalityCode");
  EXPECT_EQ(sent([](Form f) { f.getConsent().setAct(schema::ConsentAct::FORM_SUBMIT); }), "invalid_argument /consent/act");
  EXPECT_EQ(sent([](Form f) { f.getConsent().setNotice("VT-2020"); }), "invalid_argument /consent/notice");
  EXPECT_EQ(sent([](Form f) { f.disownConsent(); }), "invalid_argument /consent");
  EXPECT_EQ(vt.size(), before) << "what is refused leaves the store as it was";
  EXPECT_EQ(sent([](Form) {}), "ok ");
}

TEST(Commands, ACategoryGrantedOnRequestDiesAndTheRestLives) {
  Vt vt(7);
  const std::string anna = vt.guided("Anna Myr");
  const std::int64_t decision = vt.erasure_granted(anna);
  const auto order = [&](std::initializer_list<schema::Category> what) {
    return vt.centre.ask(operators(), [&](Ask r) { fill_shred(r, anna, what, decision); });
  };
  const Reply done = order({schema::Category::PHONE, schema::Category::INTAKE});
  ASSERT_EQ(done.code(), "ok");
  EXPECT_EQ(vt.live(anna), "ident email demog appt consent rights audit");
  for (int round = 0; round < 2; ++round) {
    const Reply shown = vt.show(vt.kari, anna);
    EXPECT_EQ(shown.root().getSubjectShow().getPhone().size(), 0U);
    for (const auto one : shown.root().getSubjectShow().getCategories())
      if (one.getCategory() == schema::Category::PHONE) {
        EXPECT_EQ(one.getState(), schema::State::SHREDDED);
      }
    const Reply found = vt.as(vt.kari, [&](Ask r) { r.initSubjectFind().setPhone("+47 412 34 567"); });
    EXPECT_EQ(found.root().getSubjectFind().getSubjects().size(), 0U);
    vt.restart();
  }
  EXPECT_EQ(order({schema::Category::PHONE}).code(), "shredded");
  EXPECT_EQ(order({schema::Category::STAFF}).code(), "invalid_argument");
  EXPECT_EQ(vt.as(vt.liv, [&](Ask r) { fill_shred(r, anna, {schema::Category::DEMOG}, decision); }).code(), "unauthorized");
}

TEST(Commands, StaffThatAreRevokedActNoMore) {
  Vt vt(8);
  const std::string anna = vt.client("Anna Myr");
  ASSERT_EQ(vt.as(vt.liv, [&](Ask r) { r.initStaffRevoke().setSubject(vt.ola); }).code(), "ok");
  vt.restart();
  EXPECT_EQ(vt.show(vt.ola, anna).code(), "unauthorized");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_book(r, anna, vt.ola, at("2026-03-04T10:00:00")); }).code(), "invalid_argument");
  EXPECT_EQ(vt.show(anna, anna).code(), "unauthorized") << "a client is no member of staff";
  EXPECT_EQ(vt.show(vt.kari, vt.ola).code(), "not_found") << "staff are no clients";
}

// Whoever left holds no more sessions: moving their appointment would only keep the client waiting for nobody.
TEST(Commands, AnAppointmentOfWhoeverLeftIsCancelledAndNotMoved) {
  Vt vt(9);
  const std::string anna = vt.client("Anna Myr");
  const auto number = vt.booked(anna, vt.ola, "2026-03-04T10:00:00");
  const auto move = [&] {
    return vt.as(vt.kari, [&](Ask r) {
      auto in = r.initBookingReschedule();
      in.setSubject(anna);
      in.setNumber(number);
      in.setStart(ms_of(at("2026-03-05T10:00:00")));
    });
  };
  ASSERT_EQ(move().code(), "ok");
  ASSERT_EQ(vt.as(vt.liv, [&](Ask r) { r.initStaffRevoke().setSubject(vt.ola); }).code(), "ok");
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(move().code(), "invalid_argument");
    vt.restart();
  }
  EXPECT_EQ(vt.as(vt.kari,
                  [&](Ask r) {
                    auto in = r.initBookingCancel();
                    in.setSubject(anna);
                    in.setNumber(number);
                    in.setBy(schema::Party::CENTRE);
                  })
                .code(),
            "ok");
}

}  // namespace
}  // namespace taus::test
