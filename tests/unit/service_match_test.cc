// A booking by somebody who came before in the same year: it joins the record that there is, whole, or stays by itself.
#include <map>
#include <string>

#include "eventstore/base/limits.h"
#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

std::string told(const Reply& reply) { return reply.code() + (reply.good() ? "" : " " + reply.pointer()); }

std::vector<std::string> matches(Vt& vt, const std::string& who) {
  std::vector<std::string> out;
  const Reply reply = vt.as(who, [](Ask r) { r.initMatchList(); });
  if (!reply.good()) return {reply.code()};
  for (const auto one : reply.root().getMatchList().getMatches())
    out.push_back(std::string(one.getSubject().cStr()) + " " + one.getExisting().cStr());
  return out;
}

// VT-19: who comes back in the same year is no new client; the counsellor of then says so, and nobody else sees that there was one.
TEST(Matches, AReturnInTheSameYearJoinsTheRecord) {
  Vt vt(36, "2026-03-02T08:00:00");
  const std::string anna = vt.guided("Anna Myr");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, anna); }).code(), "ok");
  vt.clock("2026-09-01T09:00:00");
  EXPECT_EQ(vt.live(anna), "ident demog consent audit");
  const std::string other = vt.client("Berit Li", "berit@example.no", "41111111");
  const std::string again = vt.client("ANNA MYR", "anna.ny@example.no", "42222222");
  EXPECT_EQ(matches(vt, vt.kari), std::vector<std::string>{again + " " + anna});
  EXPECT_EQ(matches(vt, vt.ola), std::vector<std::string>{});
  EXPECT_EQ(matches(vt, vt.liv), std::vector<std::string>{"unauthorized"});
  const auto confirm = [&](const std::string& who, const std::string& booking, const std::string& existing) {
    return vt.as(who, [&](Ask r) {
      auto in = r.initMatchConfirm();
      in.setSubject(booking);
      in.setExisting(existing);
    });
  };
  EXPECT_EQ(told(confirm(vt.ola, again, anna)), "unauthorized ");
  EXPECT_EQ(told(confirm(vt.kari, other, anna)), "invalid_argument /existing");
  EXPECT_EQ(told(confirm(vt.kari, anna, anna)), "version_conflict /subject");
  EXPECT_EQ(told(confirm(vt.kari, again, "x")), "not_found /existing");
  const auto once = [&](const std::string& existing) {
    return vt.as(vt.kari, [&](Ask r) {
      r.setRequestId("m");
      auto in = r.initMatchConfirm();
      in.setSubject(again);
      in.setExisting(existing);
    });
  };
  const Reply done = once(anna);
  ASSERT_EQ(told(done), "ok");
  EXPECT_STREQ(done.ack().getSubject().cStr(), anna.c_str());
  for (int round = 0; round < 2; ++round) {
    const Reply repeated = once(anna);  // what it wrote of the booking is gone by now
    ASSERT_EQ(told(repeated), "ok");
    EXPECT_EQ(repeated.ack().getPosition(), done.ack().getPosition());
    EXPECT_EQ(told(once(other)), "version_conflict ");
    vt.restart();
  }
  EXPECT_EQ(vt.phase(again), "shredded");
  vt.restart();
  EXPECT_EQ(vt.phase(anna), "P1");
  EXPECT_EQ(vt.live(anna), "ident email phone demog intake case appt consent audit");  // new keys for what was gone
  EXPECT_EQ(told(confirm(vt.kari, again, anna)), "shredded /subject");
  vt.booked(anna, vt.kari, "2026-09-02T10:00:00");
  vt.clock("2026-09-02T12:00:00");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_held(r, anna); }).code(), "ok");
  vt.clock("2027-01-01T00:00:00");
  const Reply stats = vt.as(vt.liv, [](Ask r) { r.initStatsShow().setYear(2026); });
  EXPECT_EQ(stats.root().getStatsShow().getPublished().getClients(), 1U);
  EXPECT_EQ(stats.root().getStatsShow().getPublished().getSessions(), 2U);
  // A year later nobody is left to match.
  vt.client("Anna Myr", "anna.ny@example.no", "42222222");
  EXPECT_EQ(matches(vt, vt.kari), std::vector<std::string>{});
}

TEST(Matches, ABookingThatSomethingCameOfStaysByItself) {
  Vt vt(37, "2026-03-02T08:00:00");
  const std::string anna = vt.guided("Anna Myr");
  const std::string again = vt.client("Anna Myr");
  EXPECT_EQ(matches(vt, vt.kari).size(), 1U);
  vt.booked(again, vt.ola, "2026-03-09T10:00:00");
  EXPECT_EQ(matches(vt, vt.kari).size(), 0U);
  EXPECT_EQ(told(vt.as(vt.kari,
                       [&](Ask r) {
                         auto in = r.initMatchConfirm();
                         in.setSubject(again);
                         in.setExisting(anna);
                       })),
            "version_conflict /subject");
}

void expect_all_of_it(Vt& vt, const std::string& anna, Instant written) {
  const Reply shown = vt.show(vt.kari, anna);
  ASSERT_TRUE(shown.good());
  const auto view = shown.root().getSubjectShow();
  ASSERT_EQ(view.getMessages().size(), 2U);
  EXPECT_STREQ(view.getMessages()[0].getBody().cStr(), "Velkommen tilbake");
  EXPECT_STREQ(view.getMessages()[0].getAuthor().cStr(), vt.ola.c_str());
  EXPECT_STREQ(view.getMessages()[1].getBody().cStr(), "Takk");
  EXPECT_STREQ(view.getMessages()[1].getDirection().cStr(), "in");
  EXPECT_EQ(view.getMessages()[1].getAt(), ms_of(written));
  EXPECT_STREQ(view.getCountryOfOrigin().cStr(), "ER");
  EXPECT_STREQ(view.getEducationLevel().cStr(), "4");
  ASSERT_EQ(view.getLabourStatus().size(), 1U);
  EXPECT_STREQ(view.getLabourStatus()[0].cStr(), "jobSeeking");
}

// What the booking's own record told goes along: mail, and facts from the call before the first session.
TEST(Matches, NothingThatTheBookingToldIsLost) {
  Vt vt(41, "2026-03-02T08:00:00");
  const std::string anna = vt.guided("Anna Myr");
  const std::string again = vt.client("Anna Myr", "anna.ny@example.no", "42222222");
  const auto dev = [&](const auto& fill) { ASSERT_EQ(told(vt.dev(fill)), "ok"); };
  dev([&](Ask r) {
    r.initSubjectAssign().setSubject(again);
    r.getSubjectAssign().setCounsellor(vt.ola);
  });
  ASSERT_EQ(told(vt.as(vt.ola, [&](Ask r) { fill_message(r, again, "out", "Velkommen tilbake"); })), "ok");
  vt.clock("2026-03-03T12:00:00");
  const Instant written = vt.centre.clock.now();
  dev([&](Ask r) { fill_message(r, again, "in", "Takk"); });
  dev([&](Ask r) {
    auto in = r.initSubjectRecord();
    in.setSubject(again);
    in.setCountryOfOrigin("ER");
    in.setEducationLevel("4");
    in.initLabourStatus(1).set(0, "jobSeeking");
    in.setCollectedVia(schema::Collected::PHONE);
  });
  vt.clock("2026-03-05T12:00:00");
  const auto confirm = [&] {
    return vt.as(vt.kari, [&](Ask r) {
      r.setRequestId("match");
      auto in = r.initMatchConfirm();
      in.setSubject(again);
      in.setExisting(anna);
    });
  };
  const Reply done = confirm();
  ASSERT_EQ(told(done), "ok");
  for (int round = 0; round < 2; ++round) {
    expect_all_of_it(vt, anna, written);
    EXPECT_EQ(vt.phase(again), "shredded");
    const Reply told_again = confirm();
    EXPECT_EQ(told_again.ack().getPosition(), done.ack().getPosition());
    EXPECT_EQ(told_again.ack().getVersion(), done.ack().getVersion());
    vt.restart();
  }
}

TEST(Matches, WhatMustBeRememberedKeepsABookingByItself) {
  Vt vt(42, "2026-03-02T08:00:00");
  const std::string anna = vt.guided("Anna Myr");
  const auto confirm = [&](const std::string& booking) {
    return told(vt.as(vt.kari, [&](Ask r) {
      auto in = r.initMatchConfirm();
      in.setSubject(booking);
      in.setExisting(anna);
    }));
  };
  const std::string passed_on = vt.client("Anna Myr");
  ASSERT_EQ(vt.dev([&](Ask r) {
                auto in = r.initConsentDisclose();
                in.setSubject(passed_on);
                in.setRecipient("NAV");
                in.setPurpose("arbeidsplan");
                in.initCategories(1).set(0, schema::Category::IDENT);
              }).code(),
            "ok");
  EXPECT_EQ(confirm(passed_on), "version_conflict /subject") << "whom the client lets the centre tell";
  ASSERT_EQ(vt.dev([&](Ask r) { r.initConsentDisclosed().setSubject(passed_on); }).code(), "ok");
  EXPECT_EQ(confirm(passed_on), "version_conflict /subject") << "to whom it was passed on";
  const std::string talkative = vt.client("Anna Myr");
  for (int i = 0; i < 32; ++i) ASSERT_EQ(vt.dev([&](Ask r) { fill_message(r, talkative, "in", "Hei"); }).code(), "ok");
  EXPECT_EQ(matches(vt, vt.kari), std::vector<std::string>{talkative + " " + anna});
  ASSERT_EQ(vt.dev([&](Ask r) { fill_message(r, talkative, "in", "Hei"); }).code(), "ok");
  EXPECT_EQ(confirm(talkative), "version_conflict /subject") << "more mail than one command moves";
  EXPECT_EQ(matches(vt, vt.kari), std::vector<std::string>{});
}

// Whoever floods the portal with one name has it shown so many times and no more.
TEST(Matches, AtMostTwoHundredAreShown) {
  Vt vt(44, "2026-03-02T08:00:00");
  const std::string anna = vt.guided("Anna Myr");
  for (std::size_t i = 0; i < limits::matches_shown_max + 3; ++i)
    ASSERT_NE(vt.client("anna myr", "a" + std::to_string(i) + "@example.no", "42222222"), "");
  const Reply shown = vt.as(vt.kari, [](Ask r) { r.initMatchList(); });
  EXPECT_EQ(shown.root().getMatchList().getMatches().size(), limits::matches_shown_max);
  EXPECT_EQ(shown.root().getMatchList().getLeft(), 3U);
  EXPECT_EQ(shown.root().getMatchList().getMatches()[0].getBasis(), schema::MatchBasis::NAME);
}

// The strongest of what two records share is said, once; contacts are compared as they are found.
TEST(Matches, TheStrongestBasisIsSaid) {
  Vt vt(45, "2026-03-02T08:00:00");
  const std::string anna = vt.guided("Anna Myr");
  const std::string by_all = vt.client("Anna Myr", "KUNDE@example.no", "+47 412 34 567");
  const std::string by_phone = vt.client("Anna Myr", "ny@example.no", "0047 41234567");
  const std::string by_nothing = vt.client("Anne Myr", "ny2@example.no", "41234568");
  std::map<std::string, schema::MatchBasis> found;
  const Reply shown = vt.as(vt.kari, [](Ask r) { r.initMatchList(); });
  for (const auto one : shown.root().getMatchList().getMatches()) {
    EXPECT_STREQ(one.getExisting().cStr(), anna.c_str());
    EXPECT_TRUE(found.emplace(one.getSubject().cStr(), one.getBasis()).second);
  }
  const std::map<std::string, schema::MatchBasis> wanted{{by_all, schema::MatchBasis::EMAIL},
                                                         {by_phone, schema::MatchBasis::PHONE}};
  EXPECT_EQ(found, wanted);
}

}  // namespace
}  // namespace taus::test
