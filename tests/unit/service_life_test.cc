// One client's life at the vt centre, each step as the rules say it, also across restarts.
#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

using testing::HasSubstr;

TEST(Life, FromTheFormToTheLastKey) {
  Vt vt(1);
  const std::string berit = vt.client("Berit Strand", "berit@example.no");
  EXPECT_EQ(vt.phase(berit), "P0");
  EXPECT_EQ(vt.live(berit), "ident email phone demog intake appt consent audit");
  EXPECT_EQ(vt.booked(berit, vt.kari, "2026-03-03T10:00:00"), 1U);
  vt.restart();
  vt.clock("2026-03-03T11:05:00");
  EXPECT_EQ(vt.as(vt.ola, [&](Ask r) { fill_held(r, berit); }).code(), "unauthorized");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_held(r, berit); }).code(), "ok");
  EXPECT_EQ(vt.phase(berit), "P1");
  EXPECT_EQ(vt.booked(berit, vt.kari, "2026-03-10T10:00:00"), 2U);
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_log(r, berit, "CV og søknad"); }).code(), "ok");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_message(r, berit, "out", "Vel møtt"); }).code(), "ok");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, berit); }).code(), "version_conflict") << "a session is ahead";
  vt.clock("2026-03-10T11:10:00");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_held(r, berit); }).code(), "ok");
  const Reply concluded = vt.as(vt.kari, [&](Ask r) { fill_conclude(r, berit); });
  ASSERT_EQ(concluded.code(), "ok");
  EXPECT_GE(concluded.ack().getReceipt(), 0) << "logs, mail, phone and appointments are gone with the answer";
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(vt.phase(berit), "P2");
    EXPECT_EQ(vt.live(berit), "ident email demog consent audit");
    const Reply mine = vt.show(vt.kari, berit);
    ASSERT_EQ(mine.code(), "ok") << "the anchors say whose case it was";
    EXPECT_STREQ(mine.root().getSubjectShow().getName().cStr(), "Berit Strand");
    EXPECT_EQ(vt.show(vt.liv, berit).root().getSubjectShow().getName().size(), 0U);
    vt.restart();
  }
  vt.clock("2026-04-07T12:00:00");
  EXPECT_EQ(vt.live(berit), "ident demog consent audit") << "the address goes four weeks after the last session";
  vt.restart();
  vt.clock("2026-12-31T23:59:59");
  EXPECT_EQ(vt.live(berit), "ident demog consent audit");
  vt.clock("2027-01-01T00:00:00");
  EXPECT_EQ(vt.live(berit), "audit") << "New Year in Oslo, to the second";
  vt.restart();
  vt.clock("2028-01-01T00:00:01");
  EXPECT_EQ(vt.phase(berit), "shredded");
  vt.restart();
  EXPECT_EQ(vt.phase(berit), "shredded");
  EXPECT_EQ(vt.show(vt.kari, berit).code(), "shredded");
}

TEST(Life, WithdrawalEndsEverythingAtOnce) {
  Vt vt(2);
  const std::string anna = vt.guided("Anna Myr");
  const std::string berit = vt.client("Berit Strand", "b@example.no", "99887766");
  vt.as(vt.kari, [&](Ask r) { fill_message(r, anna, "in", "takk"); });
  const Reply done = vt.centre.ask(booking_portal(), [&](Ask r) {
    r.setLink(vt.link);
    r.initConsentWithdraw().setMethod(schema::Channel::WEB);
  });
  ASSERT_EQ(done.code(), "ok") << "by Berit's own link";
  EXPECT_GE(done.ack().getReceipt(), 0);
  EXPECT_EQ(vt.live(berit), "");
  EXPECT_EQ(vt.as(vt.dina, [&](Ask r) { fill_withdraw(r, anna); }).code(), "ok") << "by the desk on her behalf";
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(vt.phase(berit), "shredded");
    EXPECT_EQ(vt.phase(anna), "shredded");
    EXPECT_EQ(vt.show(vt.kari, anna).code(), "shredded");
    const Reply found = vt.as(vt.kari, [&](Ask r) { r.initSubjectFind().setEmail("b@example.no"); });
    EXPECT_EQ(found.root().getSubjectFind().getSubjects().size(), 0U);
    const Reply link = vt.centre.ask(booking_portal(), [&](Ask r) {
      r.setLink(vt.link);
      r.initConsentWithdraw();
    });
    EXPECT_EQ(link.code(), "shredded");
    vt.restart();
  }
  const Reply again = vt.centre.ask(operators(), [&](Ask r) {
    r.initShred().setSubject(berit);
    r.getShred().setReason(schema::ShredReason::WITHDRAWAL);
  });
  ASSERT_EQ(again.code(), "ok") << "a second shred is no error";
  EXPECT_EQ(again.ack().getReceipt(), done.ack().getReceipt());
}

TEST(Life, AReceiptIsPublicAndSigned) {
  Vt vt(3);
  const std::string anna = vt.client("Anna Myr");
  const Reply done = vt.as(vt.dina, [&](Ask r) { fill_withdraw(r, anna); });
  const std::int64_t position = done.ack().getReceipt();
  const Reply shown = vt.centre.ask(auditors(), [&](Ask r) { r.initReceiptShow().setPosition(position); });
  ASSERT_EQ(shown.code(), "ok");
  const auto receipt = shown.root().getReceiptShow();
  EXPECT_THAT(receipt.getReceipt().cStr(), HasSubstr("\"keys\""));
  EXPECT_THAT(receipt.getSignedText().cStr(), HasSubstr("taus-receipt/1"));
  EXPECT_EQ(std::string(receipt.getReceipt().cStr()).find("Anna"), std::string::npos);
}

TEST(Life, WhoSeesWhatByPhase) {
  Vt vt(4);
  const std::string anna = vt.client("Anna Myr", "anna@example.no");
  vt.booked(anna, vt.kari, "2026-03-03T10:00:00");
  for (const std::string& who : {vt.kari, vt.ola, vt.liv, vt.dina}) {
    const Reply early = vt.show(who, anna);
    ASSERT_EQ(early.code(), "ok");
    EXPECT_EQ(early.root().getSubjectShow().getAgeYears(), 34) << "before the first session every colleague sees the form";
  }
  vt.clock("2026-03-03T11:30:00");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_held(r, anna); }).code(), "ok");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_log(r, anna, "hemmelig"); }).code(), "ok");
  ASSERT_EQ(vt.as(vt.ola, [&](Ask r) { fill_message(r, anna, "out", "fra Ola"); }).code(), "ok");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_message(r, anna, "out", "fra Kari"); }).code(), "ok");
  const Reply kari = vt.show(vt.kari, anna);
  EXPECT_EQ(kari.root().getSubjectShow().getLogs().size(), 1U);
  EXPECT_EQ(kari.root().getSubjectShow().getMessages().size(), 2U);
  const Reply ola = vt.show(vt.ola, anna);
  EXPECT_STREQ(ola.root().getSubjectShow().getName().cStr(), "Anna Myr");
  EXPECT_EQ(ola.root().getSubjectShow().getAgeYears(), -1);
  EXPECT_EQ(ola.root().getSubjectShow().getLogs().size(), 0U);
  ASSERT_EQ(ola.root().getSubjectShow().getMessages().size(), 1U) << "his own";
  EXPECT_STREQ(ola.root().getSubjectShow().getMessages()[0].getBody().cStr(), "fra Ola");
  EXPECT_EQ(vt.show(vt.liv, anna).root().getSubjectShow().getLogs().size(), 0U) << "not the leader either";
}

}  // namespace
}  // namespace taus::test
