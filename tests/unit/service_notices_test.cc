// Whoever was given data is told what became of it (art. 19), and the list is made before what it is made from is gone.
#include <string>

#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

using schema::NoticeAction;
using schema::RightsKind;
using schema::RightsOutcome;

std::string told(const Reply& reply) { return reply.code() + (reply.good() ? "" : " " + reply.pointer()); }

std::string listed(capnp::List<api::Notice>::Reader list) {
  std::string out;
  for (const auto one : list)
    out += (out.empty() ? "" : ", ") + std::string(one.getRecipient().cStr()) + " " +
           std::to_string(static_cast<int>(one.getAction()));
  return out;
}
std::string listed(const Reply& reply) { return reply.good() ? listed(reply.ack().getNotify()) : told(reply); }

struct Notices : testing::Test {
  Notices() { pia = vt.staff("Pia Ombud", {schema::Role::DPO}); }

  // The number of the consent.
  std::int64_t agree(const std::string& recipient, std::initializer_list<schema::Category> what) {
    const Reply agreed = vt.as(vt.kari, [&](Ask r) {
      auto in = r.initConsentDisclose();
      in.setSubject(anna);
      in.setRecipient(recipient);
      in.setPurpose("arbeidsplan");
      auto list = in.initCategories(static_cast<unsigned>(what.size()));
      unsigned i = 0;
      for (const auto one : what) list.set(i++, one);
    });
    EXPECT_EQ(told(agreed), "ok");
    return agreed.ack().getNumber();
  }
  void pass(std::int64_t number, const char* when = nullptr) {
    const Reply passed = vt.as(vt.kari, [&](Ask r) {
      auto in = r.initConsentDisclosed();
      in.setSubject(anna);
      in.setNumber(number);
      if (when != nullptr) in.setAt(ms_of(at(when)));
    });
    ASSERT_EQ(told(passed), "ok");
  }
  void pass_on(const std::string& recipient, std::initializer_list<schema::Category> what) { pass(agree(recipient, what)); }
  Reply notified(const std::string& who, NoticeAction action, std::initializer_list<const char*> names = {},
                 const char* when = nullptr) {
    return vt.as(who, [&](Ask r) {
      auto in = r.initRightsNotified();
      in.setSubject(anna);
      in.setAction(action);
      auto list = in.initRecipients(static_cast<unsigned>(names.size()));
      unsigned i = 0;
      for (const char* one : names) list.set(i++, one);
      if (when != nullptr) in.setAt(ms_of(at(when)));
    });
  }
  Reply decided(RightsKind kind, RightsOutcome outcome = RightsOutcome::FULFILLED,
                std::initializer_list<schema::Category> what = {}) {
    const std::string request = vt.asked(anna, kind);
    return vt.as(vt.liv, [&](Ask r) {
      fill_decide(r, request, outcome);
      auto list = r.getRightsDecide().initCategories(static_cast<unsigned>(what.size()));
      unsigned i = 0;
      for (const auto one : what) list.set(i++, one);
    });
  }
  Reply restrict(schema::Category what) {
    return vt.as(vt.liv, [&](Ask r) {
      auto in = r.initRestrictPlace();
      in.setSubject(anna);
      in.setGround(schema::RestrictionGround::ACCURACY_CONTESTED);
      in.initCategories(1).set(0, what);
    });
  }
  Reply withdraw(const std::string& who) {
    return vt.as(who, [&](Ask r) { r.initConsentWithdraw().setSubject(anna); });
  }
  Reply ordered(std::int64_t decision) {
    return vt.centre.ask(operators(), [&](Ask r) { fill_shred(r, anna, {}, decision); });
  }
  // "NAV 1+2/3": who was given data, what they must be told, what they were told.
  std::string recipients() {
    const Reply shown = vt.show(pia, anna);
    if (!shown.good()) return told(shown);
    std::string out;
    for (const auto one : shown.root().getSubjectShow().getRecipients()) {
      out += (out.empty() ? "" : ", ") + std::string(one.getRecipient().cStr()) + " ";
      for (const auto action : one.getNotify()) out += std::to_string(static_cast<int>(action));
      out += "/";
      for (const auto given : one.getNotified()) out += std::to_string(static_cast<int>(given.getAction()));
    }
    return out;
  }
  // Who must still be told of what the requests led to, in the order of the desk.
  std::string desk() {
    const Reply list = vt.as(vt.liv, [&](Ask r) { r.initRightsList().setSubject(anna); });
    std::string out;
    for (const auto one : list.root().getRightsList().getRequests())
      for (const auto name : one.getNotify()) out += (out.empty() ? "" : ", ") + std::string(name.cStr());
    return out;
  }

  Vt vt{61};
  std::string anna = vt.guided("Anna Myr");
  std::string pia;
};

TEST_F(Notices, OfARectificationToWhoeverHadTheData) {
  pass_on("NAV", {schema::Category::DEMOG, schema::Category::APPT});
  pass_on("Fagskolen", {schema::Category::APPT});
  pass_on("Banken", {schema::Category::DEMOG});
  const std::int64_t late = agree("Skolen", {schema::Category::DEMOG});
  EXPECT_EQ(listed(decided(RightsKind::RECTIFY, RightsOutcome::REFUSED)), "");
  EXPECT_EQ(desk(), "");
  EXPECT_EQ(listed(decided(RightsKind::RECTIFY)), "NAV 1, Fagskolen 1, Banken 1");
  EXPECT_EQ(desk(), "NAV, Fagskolen, Banken");
  vt.restart();
  EXPECT_EQ(recipients(), "NAV 1/, Fagskolen 1/, Banken 1/");
  vt.clock("2026-03-04T08:00:00");
  EXPECT_EQ(told(notified(vt.kari, NoticeAction::RECTIFIED, {"NAV", "NAV"})), "ok");
  EXPECT_EQ(desk(), "Fagskolen, Banken");
  EXPECT_EQ(told(notified(vt.liv, NoticeAction::RECTIFIED)), "ok");
  vt.restart();
  EXPECT_EQ(desk(), "");
  EXPECT_EQ(recipients(), "NAV /1, Fagskolen /1, Banken /1");
  EXPECT_EQ(told(notified(vt.liv, NoticeAction::RECTIFIED)), "version_conflict /recipients") << "nobody is left";
  pass_on("Kommunen", {schema::Category::DEMOG});
  EXPECT_EQ(desk(), "") << "was given the data as they are now";
  pass(late, "2026-03-03T11:30:00");
  EXPECT_EQ(desk(), "Skolen") << "told of only now, and passed on before";
  EXPECT_EQ(listed(decided(RightsKind::SUPPLEMENT)), "NAV 1, Fagskolen 1, Banken 1, Kommunen 1, Skolen 1") << "all of them again";
}

TEST_F(Notices, OfARestrictionWhileItLasts) {
  pass_on("NAV", {schema::Category::DEMOG});
  pass_on("Fagskolen", {schema::Category::APPT});
  const Reply first = restrict(schema::Category::DEMOG);
  EXPECT_EQ(listed(first), "NAV 3");
  EXPECT_EQ(recipients(), "NAV 3/, Fagskolen /");
  EXPECT_EQ(told(notified(pia, NoticeAction::RESTRICTED)), "ok");
  EXPECT_EQ(recipients(), "NAV /3, Fagskolen /");
  ASSERT_EQ(listed(restrict(schema::Category::DEMOG)), "NAV 3") << "another one is told of anew";
  EXPECT_EQ(recipients(), "NAV 3/3, Fagskolen /");
  const Reply lifted = vt.as(vt.liv, [&](Ask r) {
    auto in = r.initRestrictLift();
    in.setSubject(anna);
    in.setNumber(2);
    in.setInformedAt(ms_of(vt.centre.clock.now()));
  });
  ASSERT_EQ(told(lifted), "ok");
  EXPECT_EQ(recipients(), "NAV /3, Fagskolen /");
}

TEST_F(Notices, OfAnErasureBeforeItIsDone) {
  pass_on("NAV", {schema::Category::DEMOG});
  pass_on("Fagskolen", {schema::Category::APPT});
  const Reply granted = decided(RightsKind::ERASE, RightsOutcome::PARTLY, {schema::Category::DEMOG});
  EXPECT_EQ(listed(granted), "NAV 2");
  // Operators see no plaintext: how many, not who.
  const Reply shredded = ordered(granted.ack().getPosition());
  ASSERT_EQ(told(shredded), "ok");
  EXPECT_EQ(listed(shredded), "");
  ASSERT_EQ(shredded.ack().getWarnings().size(), 1U);
  EXPECT_THAT(shredded.ack().getWarnings()[0].cStr(), testing::StartsWith("one to whom data was passed on"));
  EXPECT_EQ(desk(), "NAV") << "the record of it lives on";
  ASSERT_EQ(told(notified(vt.liv, NoticeAction::ERASED)), "ok");
  const Reply whole = decided(RightsKind::ERASE);
  EXPECT_EQ(listed(whole), "NAV 2, Fagskolen 2");
  ASSERT_EQ(told(notified(vt.liv, NoticeAction::ERASED)), "ok");
  const Reply done = ordered(whole.ack().getPosition());
  ASSERT_EQ(told(done), "ok");
  EXPECT_EQ(done.ack().getWarnings().size(), 0U) << "all were told";
  EXPECT_EQ(vt.phase(anna), "shredded");
}

TEST_F(Notices, OfAWithdrawalInTheAnswerThatTheErasureReleases) {
  pass_on("NAV", {schema::Category::DEMOG});
  pass_on("NAV", {schema::Category::APPT});
  pass_on("Fagskolen", {schema::Category::APPT});
  EXPECT_EQ(told(vt.centre.ask(operators(),
                               [&](Ask r) {
                                 auto in = r.initShred();
                                 in.setSubject(anna);
                                 in.setReason(schema::ShredReason::WITHDRAWAL);
                               })),
            "unauthorized /subject");
  EXPECT_NE(vt.live(anna), "") << "nothing is gone";
  const Reply done = withdraw(vt.dina);
  ASSERT_EQ(told(done), "ok");
  EXPECT_EQ(listed(done), "NAV 2, Fagskolen 2");
  EXPECT_GE(done.ack().getReceipt(), 0);
  EXPECT_EQ(vt.live(anna), "");
  EXPECT_EQ(recipients(), "shredded /subject");
}

TEST_F(Notices, OfAWithdrawalUnderAHoldAndOfItsEnd) {
  pass_on("NAV", {schema::Category::DEMOG, schema::Category::APPT});
  pass_on("Fagskolen", {schema::Category::APPT});
  const Reply held = vt.as(vt.liv, [&](Ask r) {
    auto in = r.initHoldPlace();
    in.setSubject(anna);
    in.setGround(schema::HoldGround::LEGAL_CLAIM);
    in.initCategories(1).set(0, schema::Category::DEMOG);
  });
  ASSERT_EQ(told(held), "ok");
  EXPECT_EQ(listed(withdraw(vt.liv)), "NAV 2, Fagskolen 2, NAV 3");
  vt.restart();
  EXPECT_EQ(recipients(), "NAV 32/, Fagskolen 2/");
  EXPECT_EQ(told(notified(pia, NoticeAction::ERASED)), "ok");
  EXPECT_EQ(told(notified(pia, NoticeAction::RESTRICTED)), "ok");
  EXPECT_EQ(recipients(), "NAV /23, Fagskolen /2");
  const Reply released = vt.as(vt.liv, [&](Ask r) { r.initHoldRelease().setSubject(anna); });
  ASSERT_EQ(told(released), "ok");
  EXPECT_EQ(listed(released), "NAV 2") << "what the hold kept goes now";
  EXPECT_EQ(vt.live(anna), "");
}

TEST_F(Notices, WhatAnOpenRequestKeptIsToldWithItsAnswer) {
  pass_on("NAV", {schema::Category::APPT});
  const std::string request = vt.asked(anna, RightsKind::OBJECT);
  EXPECT_EQ(listed(withdraw(vt.liv)), "NAV 2");
  EXPECT_EQ(recipients(), "NAV 2/");
  const Reply answered = vt.as(vt.liv, [&](Ask r) { fill_decide(r, request, RightsOutcome::FULFILLED); });
  EXPECT_EQ(listed(answered), "NAV 2");
  EXPECT_EQ(vt.live(anna), "");
}

TEST_F(Notices, AreOfWhatWasDoneToWhatTheyHad) {
  EXPECT_EQ(told(notified(vt.kari, NoticeAction::RECTIFIED)), "not_found /subject") << "nobody was given anything";
  EXPECT_EQ(told(notified(vt.kari, NoticeAction::RECTIFIED, {"NAV"})), "not_found /recipients");
  pass_on("NAV", {schema::Category::APPT});
  EXPECT_EQ(told(notified(vt.kari, NoticeAction::RECTIFIED, {"nav"})), "not_found /recipients");
  EXPECT_EQ(told(notified(vt.kari, NoticeAction::RECTIFIED, {"NAV", "Banken"})), "not_found /recipients");
  EXPECT_EQ(told(notified(vt.kari, NoticeAction::ABSENT, {"NAV"})), "invalid_argument /action");
  EXPECT_EQ(told(notified(vt.kari, NoticeAction::RECTIFIED, {"NAV"}, "2026-03-03T11:29:59")), "invalid_argument /at");
  EXPECT_EQ(told(notified(vt.kari, NoticeAction::RECTIFIED, {"NAV"}, "2026-03-03T11:30:01")), "invalid_argument /at");
  for (const std::string& who : {vt.ola, vt.dina})
    EXPECT_EQ(told(notified(who, NoticeAction::RECTIFIED, {"NAV"})), "unauthorized ");
  const std::string link = vt.link;
  EXPECT_EQ(told(vt.centre.ask(booking_portal(),
                               [&](Ask r) {
                                 r.setLink(link);
                                 auto in = r.initRightsNotified();
                                 in.setSubject(anna);
                                 in.setAction(NoticeAction::RECTIFIED);
                               })),
            "unauthorized ");
  EXPECT_EQ(recipients(), "NAV /");
  EXPECT_EQ(told(notified(vt.kari, NoticeAction::RECTIFIED, {"NAV"}, "2026-03-03T11:30:00")), "ok") << "on own initiative";
  EXPECT_EQ(recipients(), "NAV /1");
}

TEST_F(Notices, ByHerOwnLinkTheyAreInTheAnswerToo) {
  pass_on("NAV", {schema::Category::APPT});
  const std::string link = vt.link;
  const Reply done = vt.centre.ask(booking_portal(), [&](Ask r) {
    r.setLink(link);
    r.initConsentWithdraw();
  });
  EXPECT_EQ(listed(done), "NAV 2");
  EXPECT_EQ(vt.live(anna), "");
}

}  // namespace
}  // namespace taus::test
