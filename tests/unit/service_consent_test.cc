// The client's own consent to what staff entered (VT-08), and disclosures with consent (VT-24, MT-24).
#include <string>

#include "eventstore/base/limits.h"
#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

std::string told(const Reply& reply) { return reply.code() + (reply.good() ? "" : " " + reply.pointer()); }

// What a member of staff types for somebody on the telephone.
Reply entered(Vt& vt, bool with_consent = false) {
  return vt.as(vt.dina, [&](Ask r) {
    fill_form(r, "Anna Myr", "anna@example.no", "41234567");
    if (!with_consent) r.getBookingRequest().disownConsent();
  });
}

struct Tick {
  std::string notice = "VT-2022-09-15", language = "nb";
  schema::ConsentAct act = schema::ConsentAct::CHECKBOX;
};

void fill_told(Ask r, const std::string& subject, const Tick& tick = {}) {
  fill_tick(r);
  auto in = r.getConsentGive();
  if (!subject.empty()) in.setSubject(subject);
  in.setNotice(tick.notice);
  in.setAct(tick.act);
  in.setLanguage(tick.language);
}

TEST(Consent, WhatStaffEnterWaitsForTheClient) {
  for (const bool with_consent : {false, true}) {
    Vt vt(41 + static_cast<int>(with_consent));
    const Reply booking = entered(vt, with_consent);
    ASSERT_EQ(told(booking), "ok") << "a member of staff's word is not the client's";
    ASSERT_EQ(booking.ack().getWarnings().size(), 1U);
    const std::string anna = booking.ack().getSubject().cStr();
    const std::string link = booking.ack().getLink().cStr();
    const auto by_link = [&](const auto& fill) {
      return vt.centre.ask(booking_portal(), [&](Ask r) {
        r.setLink(link);
        fill(r);
      });
    };
    const auto book = [&] {
      return told(vt.as(vt.kari, [&](Ask r) { fill_book(r, anna, vt.kari, at("2026-03-03T10:00:00")); }));
    };
    EXPECT_EQ(book(), "version_conflict /subject");
    EXPECT_EQ(told(by_link([&](Ask r) { fill_book(r, anna, vt.kari, at("2026-03-03T10:00:00")); })), "version_conflict /subject");
    ASSERT_EQ(vt.as(vt.dina,
                    [&](Ask r) {
                      auto in = r.initSubjectAssign();
                      in.setSubject(anna);
                      in.setCounsellor(vt.kari);
                    })
                  .code(),
              "ok");
    EXPECT_EQ(told(vt.as(vt.kari, [&](Ask r) { fill_record(r, anna, schema::Gender::FEMALE); })), "version_conflict /subject");
    vt.restart();
    EXPECT_EQ(book(), "version_conflict /subject");
    const Reply shown = vt.show(vt.kari, anna);
    EXPECT_NE(shown.root().getSubjectShow().getConsent().getAskedAt(), no_time_ms);
    EXPECT_EQ(shown.root().getSubjectShow().getConsent().getGivenAt(), no_time_ms);
    // Nobody but the client ticks, and only what the notice in force asks.
    for (const std::string& who : {vt.kari, vt.ola, vt.liv, vt.dina})
      EXPECT_EQ(told(vt.as(who, [&](Ask r) { fill_told(r, anna); })), "unauthorized ");
    EXPECT_EQ(told(vt.centre.ask(booking_portal(), [&](Ask r) { fill_told(r, anna); })), "unauthorized ");
    EXPECT_EQ(told(by_link([&](Ask r) { fill_told(r, "", {.notice = "VT-1999"}); })), "invalid_argument /notice");
    EXPECT_EQ(told(by_link([&](Ask r) { fill_told(r, "", {.act = schema::ConsentAct::ORAL}); })), "invalid_argument /act");
    EXPECT_EQ(told(by_link([&](Ask r) { fill_told(r, "", {.language = "xx"}); })), "invalid_argument /language");
    ASSERT_EQ(told(by_link([&](Ask r) { fill_told(r, ""); })), "ok");
    EXPECT_EQ(told(by_link([&](Ask r) { fill_told(r, anna); })), "version_conflict /subject");
    EXPECT_EQ(book(), "ok");
    vt.restart();
    const Reply after = vt.show(vt.kari, anna);
    EXPECT_NE(after.root().getSubjectShow().getConsent().getGivenAt(), no_time_ms);
    EXPECT_EQ(after.root().getSubjectShow().getConsent().getAct(), schema::ConsentAct::CHECKBOX);
  }
}

TEST(Consent, WhatIsNeverConsentedToIsGoneFourWeeksLater) {
  Vt vt(43);
  const std::string anna = entered(vt).ack().getSubject().cStr();
  vt.clock("2026-03-30T07:59:59");
  EXPECT_NE(vt.live(anna), "");
  vt.clock("2026-03-30T08:00:00");
  EXPECT_EQ(vt.phase(anna), "shredded");
}

TEST(Consent, TheClientsOwnFormNeedsIt) {
  Vt vt(44);
  EXPECT_EQ(told(vt.centre.ask(booking_portal(),
                               [](Ask r) {
                                 fill_form(r, "Anna Myr", "anna@example.no", "41234567");
                                 r.getBookingRequest().disownConsent();
                               })),
            "invalid_argument /consent");
  const std::string berit = vt.client("Berit Li");
  const std::string link = vt.link;
  EXPECT_EQ(told(vt.centre.ask(booking_portal(),
                               [&](Ask r) {
                                 r.setLink(link);
                                 fill_told(r, berit);
                               })),
            "version_conflict /subject")
      << "it was given with the form";
}

struct Disclosures : testing::Test {
  template <class Change>
  Reply allow(const std::string& who, const Change& change) {
    return vt.as(who, [&](Ask r) {
      auto in = r.initConsentDisclose();
      in.setSubject(anna);
      in.setRecipient("NAV Tønsberg");
      in.setPurpose("arbeidsplan");
      auto categories = in.initCategories(2);
      categories.set(0, schema::Category::IDENT);
      categories.set(1, schema::Category::APPT);
      change(in);
    });
  }
  template <class Change>
  std::string pass(const std::string& who, const Change& change) {
    return told(vt.as(who, [&](Ask r) {
      auto in = r.initConsentDisclosed();
      in.setSubject(anna);
      change(in);
    }));
  }
  std::string take_back(std::int64_t number) {
    return told(vt.as(vt.kari, [&](Ask r) {
      auto in = r.initConsentUndisclose();
      in.setSubject(anna);
      in.setNumber(number);
    }));
  }
  using Allow = api::DisclosureAllow::Builder;
  using Pass = api::DisclosureMade::Builder;
  static void as_it_is(Allow) {}
  static void all(Pass) {}
  Vt vt{45};
  std::string anna = vt.guided("Anna Myr");
};

TEST_F(Disclosures, AreToSomebodyForSomethingAndOfTheClientsOwn) {
  EXPECT_EQ(told(allow(vt.kari, [](Allow a) { a.setRecipient(""); })), "invalid_argument /recipient");
  EXPECT_EQ(told(allow(vt.kari, [](Allow a) { a.setPurpose(""); })), "invalid_argument /purpose");
  EXPECT_EQ(told(allow(vt.kari, [](Allow a) { a.initCategories(0); })), "invalid_argument /categories");
  EXPECT_EQ(told(allow(vt.kari, [](Allow a) { a.initCategories(1).set(0, schema::Category::AUDIT); })),
            "invalid_argument /categories");
  const Reply first = allow(vt.dina, as_it_is);
  ASSERT_EQ(told(first), "ok");
  EXPECT_EQ(first.ack().getNumber(), 1);
}

TEST_F(Disclosures, OnlyWithALiveConsentToThem) {
  EXPECT_EQ(pass(vt.kari, all), "not_found /number") << "nobody agreed to anything";
  ASSERT_EQ(told(allow(vt.dina, as_it_is)), "ok");
  EXPECT_EQ(pass(vt.ola, all), "unauthorized ");
  EXPECT_EQ(pass(vt.dina, all), "unauthorized ");
  EXPECT_EQ(pass(vt.kari, [](Pass p) { p.setNumber(2); }), "not_found /number");
  EXPECT_EQ(pass(vt.kari, [](Pass p) { p.initCategories(1).set(0, schema::Category::EMAIL); }), "invalid_argument /categories");
  EXPECT_EQ(pass(vt.kari, [](Pass p) { p.setAt(ms_of(at("2026-03-03T11:00:00"))); }), "invalid_argument /at");
  EXPECT_EQ(pass(vt.kari, [](Pass p) { p.setAt(ms_of(at("2026-03-04T11:00:00"))); }), "invalid_argument /at");
  ASSERT_EQ(pass(vt.kari, all), "ok");
  EXPECT_THAT(vt.live(anna), testing::HasSubstr("rights"));
  ASSERT_EQ(told(allow(vt.kari, [](Allow a) { a.setRecipient("Fagskolen"); })), "ok");
  EXPECT_EQ(pass(vt.kari, all), "invalid_argument /number") << "which?";
  ASSERT_EQ(take_back(1), "ok");
  vt.restart();
  EXPECT_EQ(pass(vt.kari, [](Pass p) { p.setNumber(1); }), "not_found /number") << "taken back";
  EXPECT_EQ(pass(vt.kari, all), "ok");
  const Reply shown = vt.show(vt.kari, anna);
  const auto list = shown.root().getSubjectShow().getConsent().getDisclosures();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_STREQ(list[0].getRecipient().cStr(), "NAV Tønsberg");
  EXPECT_NE(list[0].getWithdrawnAt(), no_time_ms);
  EXPECT_EQ(list[1].getWithdrawnAt(), no_time_ms);
}

// Art. 18(2): what is restricted is kept and not used, by whoever wrote it neither.
TEST(Restrictions, HideOnesOwnMessagesToo) {
  Vt vt(31);
  const std::string anna = vt.guided("Anna Myr");
  ASSERT_EQ(vt.as(vt.ola, [&](Ask r) { fill_message(r, anna, "out", "hei"); }).code(), "ok");
  const auto shown = [&] {
    const Reply reply = vt.show(vt.ola, anna);
    EXPECT_EQ(reply.code(), "ok");
    return reply.root().getSubjectShow().getMessages().size();
  };
  EXPECT_EQ(shown(), 1U);
  const Reply restricted = vt.as(vt.liv, [&](Ask r) {
    auto in = r.initRestrictPlace();
    in.setSubject(anna);
    in.setGround(schema::RestrictionGround::ACCURACY_CONTESTED);
    in.initCategories(1).set(0, schema::Category::CORR);
  });
  ASSERT_EQ(restricted.code(), "ok");
  EXPECT_EQ(shown(), 0U);
}

TEST_F(Disclosures, NotOfWhatIsRestricted) {
  ASSERT_EQ(told(allow(vt.kari, as_it_is)), "ok");
  const Reply restricted = vt.as(vt.liv, [&](Ask r) {
    auto in = r.initRestrictPlace();
    in.setSubject(anna);
    in.setGround(schema::RestrictionGround::ACCURACY_CONTESTED);
    in.initCategories(1).set(0, schema::Category::APPT);
  });
  ASSERT_EQ(told(restricted), "ok");
  EXPECT_EQ(pass(vt.kari, all), "restricted /categories");
}

TEST_F(Disclosures, AreAtMostSixtyFour) {
  for (std::size_t i = 0; i < limits::disclosures_max; ++i) ASSERT_EQ(told(allow(vt.dina, as_it_is)), "ok");
  EXPECT_EQ(told(allow(vt.dina, as_it_is)), "too_large /subject");
}

}  // namespace
}  // namespace taus::test
