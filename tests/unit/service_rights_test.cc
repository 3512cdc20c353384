// The rights desk: clocks, who may do what, what an erasure needs, and the copy that answers a request for access.
#include <string>

#include "eventstore/base/limits.h"
#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

using schema::RightsKind;
using schema::RightsOutcome;

std::string told(const Reply& reply) {
  return reply.code() + (reply.good() ? "" : " " + reply.pointer() + ": " + reply.root().getError().getMessage().cStr());
}

struct Desk : Vt {
  explicit Desk(std::uint64_t seed, const char* now = "2026-03-05T09:00:00") : Vt(seed, now) {
    pia = staff("Pia Ombud", {schema::Role::DPO});
  }
  Reply open(const std::string& who, const std::string& subject, RightsKind kind) {
    return as(who, [&](Ask r) { fill_rights(r, subject, kind); });
  }
  Reply decide(const std::string& who, const std::string& request, RightsOutcome outcome) {
    return as(who, [&](Ask r) { fill_decide(r, request, outcome); });
  }
  Reply list(const std::string& who, const std::string& subject = {}) {
    return as(who, [&](Ask r) {
      auto in = r.initRightsList();
      if (!subject.empty()) in.setSubject(subject);
    });
  }
  Reply package(const std::string& who, const std::string& request) {
    return as(who, [&](Ask r) { r.initRightsPackage().setRequest(request); });
  }
  Reply shred(const std::string& subject, std::int64_t decision, std::initializer_list<schema::Category> what = {}) {
    return centre.ask(operators(), [&](Ask r) { fill_shred(r, subject, what, decision); });
  }
  Reply extend(const std::string& who, const std::string& request, const char* until = nullptr) {
    return as(who, [&](Ask r) {
      auto in = r.initRightsExtend();
      in.setRequest(request);
      in.setGround(schema::ExtensionGround::COMPLEXITY);
      in.setReason("tre arkiv");
      in.setNotifiedAt(ms_of(centre.clock.now()));
      if (until != nullptr) in.setUntil(until);
    });
  }
  std::string pia;
};

TEST(RightsDesk, TheClockRunsFromReceiptToTheEndOfTheDayDue) {
  Desk vt(1);
  const std::string anna = vt.client("Anna Myr");
  const Reply opened = vt.open(vt.dina, anna, RightsKind::COMPLAINT);
  ASSERT_EQ(told(opened), "ok");
  EXPECT_STREQ(opened.ack().getDue().cStr(), "2026-04-04");  // thirty days, and not a month (VT-27)
  const std::string request = opened.ack().getRequest().cStr();
  vt.clock("2026-03-20T12:00:00");
  const auto alarm = [&] { return std::string(vt.list(vt.liv).root().getRightsList().getRequests()[0].getAlarm().cStr()); };
  EXPECT_EQ(alarm(), "");
  vt.clock("2026-03-21T12:00:00");
  EXPECT_EQ(alarm(), "soon");
  vt.restart();
  vt.clock("2026-04-01T00:00:00");
  EXPECT_EQ(alarm(), "urgent");
  vt.clock("2026-04-04T23:59:59");
  EXPECT_EQ(alarm(), "urgent");
  vt.clock("2026-04-05T00:00:00");
  EXPECT_EQ(alarm(), "late");
  EXPECT_EQ(told(vt.extend(vt.liv, request)).substr(0, 25), "version_conflict /request");
  const Reply decided = vt.decide(vt.liv, request, RightsOutcome::FULFILLED);
  ASSERT_EQ(told(decided), "ok");
  ASSERT_EQ(decided.ack().getWarnings().size(), 1U);
  EXPECT_THAT(decided.ack().getWarnings()[0].cStr(), testing::HasSubstr("late: it was due on 2026-04-04"));
  vt.restart();
  const Reply listed = vt.list(vt.pia);
  const auto one = listed.root().getRightsList().getRequests()[0];
  EXPECT_TRUE(one.getLate());
  EXPECT_EQ(one.getOutcome(), RightsOutcome::FULFILLED);
  EXPECT_EQ(one.getDecision(), decided.ack().getPosition());
}

TEST(RightsDesk, AnExtensionIsMadeOnceBeforeTheDeadlineAndNoLongerThanTheLawLets) {
  Desk vt(2, "2026-08-31T10:00:00");
  const std::string anna = vt.client("Anna Myr");
  const std::string request = vt.open(vt.kari, anna, RightsKind::RECTIFY).ack().getRequest().cStr();
  EXPECT_EQ(vt.extend(vt.kari, request).code(), "unauthorized");
  EXPECT_EQ(vt.extend(vt.liv, request, "2026-12-01").pointer(), "/until");
  EXPECT_EQ(vt.extend(vt.liv, request, "2026-09-30").pointer(), "/until");
  EXPECT_EQ(vt.extend(vt.liv, request, "31.10.2026").pointer(), "/until");
  const Reply done = vt.extend(vt.pia, request);
  ASSERT_EQ(told(done), "ok");
  EXPECT_STREQ(done.ack().getDue().cStr(), "2026-11-30");
  EXPECT_THAT(done.ack().getWarnings()[0].cStr(), testing::HasSubstr("within 30 days"));
  EXPECT_EQ(vt.extend(vt.liv, request).code(), "version_conflict");
  vt.restart();
  EXPECT_STREQ(vt.list(vt.liv).root().getRightsList().getRequests()[0].getDue().cStr(), "2026-11-30");
}

TEST(RightsDesk, WhoeverAsksIsVerifiedBeforeAnythingIsDone) {
  Desk vt(3);
  const std::string anna = vt.client("Anna Myr");
  vt.booked(anna, vt.kari, "2026-03-06T10:00:00");
  const std::string request = vt.open(vt.dina, anna, RightsKind::ERASE).ack().getRequest().cStr();
  EXPECT_EQ(vt.decide(vt.kari, request, RightsOutcome::FULFILLED).code(), "version_conflict");
  EXPECT_EQ(vt.as(vt.liv, [&](Ask r) { r.initRightsVerify().setRequest(request); }).pointer(), "/method");
  ASSERT_EQ(told(vt.as(vt.dina, [&](Ask r) { fill_verify(r, request); })), "ok");
  EXPECT_EQ(vt.as(vt.dina, [&](Ask r) { fill_verify(r, request); }).code(), "version_conflict");
  EXPECT_EQ(vt.decide(vt.dina, request, RightsOutcome::FULFILLED).code(), "unauthorized");
  EXPECT_EQ(vt.decide(vt.ola, request, RightsOutcome::FULFILLED).code(), "unauthorized") << "another counsellor";
  EXPECT_EQ(told(vt.decide(vt.kari, request, RightsOutcome::FULFILLED)), "ok");
  EXPECT_EQ(vt.decide(vt.kari, request, RightsOutcome::FULFILLED).code(), "version_conflict");
  // Her link is hers.
  const Reply own = vt.centre.ask(booking_portal(), [&](Ask r) {
    r.setLink(vt.link);
    r.initRightsOpen().setKind(RightsKind::ACCESS);
  });
  ASSERT_EQ(told(own), "ok");
  EXPECT_EQ(told(vt.decide(vt.kari, own.ack().getRequest().cStr(), RightsOutcome::FULFILLED)), "ok");
}

TEST(RightsDesk, NothingIsShreddedByWhatIsNoGrantedErasureOfThisClient) {
  Desk vt(4);
  const std::string anna = vt.client("Anna Myr");
  const std::string berit = vt.client("Berit Li", "berit@example.no", "41111111");
  const std::string before = vt.live(anna);
  const std::int64_t refused = vt.decide(vt.liv, vt.asked(anna, RightsKind::ERASE), RightsOutcome::REFUSED).ack().getPosition();
  const std::int64_t access = vt.decide(vt.liv, vt.asked(anna, RightsKind::ACCESS), RightsOutcome::FULFILLED).ack().getPosition();
  const std::int64_t hers = vt.erasure_granted(berit);
  const std::string open = vt.asked(anna, RightsKind::ERASE);
  const std::string kept = vt.live(anna);
  const std::uint64_t size = vt.size();
  const std::pair<std::int64_t, const char*> cases[] = {{refused, "refuses the erasure"},
                                                        {access, "not about erasure"},
                                                        {hers, "no decision on a request of this client"},
                                                        {0, "no decision"},
                                                        {refused + 1, "no decision"},
                                                        {-1, "give the position"},
                                                        {1LL << 40, "give the position"}};
  for (const auto& [decision, sentence] : cases) {
    const Reply reply = vt.shred(anna, decision);
    EXPECT_EQ(reply.code() + reply.pointer(), "invalid_argument/decision") << decision;
    EXPECT_THAT(reply.root().getError().getMessage().cStr(), testing::HasSubstr(sentence)) << decision;
  }
  EXPECT_EQ(vt.size(), size);
  EXPECT_EQ(vt.live(anna), kept);
  // What a decision grants in part takes that part, and nothing else.
  const Reply partly = vt.as(vt.liv, [&](Ask r) {
    fill_decide(r, open, RightsOutcome::PARTLY);
    r.getRightsDecide().initCategories(1).set(0, schema::Category::INTAKE);
  });
  ASSERT_EQ(told(partly), "ok");
  EXPECT_EQ(vt.shred(anna, partly.ack().getPosition(), {schema::Category::IDENT}).pointer(), "/categories");
  EXPECT_EQ(told(vt.shred(anna, partly.ack().getPosition())), "ok");
  EXPECT_THAT(vt.live(anna), testing::Not(testing::HasSubstr("intake")));
  EXPECT_THAT(vt.live(anna), testing::HasSubstr("ident"));
  EXPECT_THAT(before, testing::HasSubstr("intake"));
  EXPECT_EQ(told(vt.shred(berit, hers)), "ok");
  EXPECT_EQ(vt.phase(berit), "shredded");
}

TEST(RightsDesk, AHoldStandsAboveAnErasure) {
  Desk vt(5);
  const std::string anna = vt.client("Anna Myr");
  const std::string request = vt.asked(anna, RightsKind::ERASE);
  ASSERT_EQ(vt.as(vt.liv,
                  [&](Ask r) {
                    auto in = r.initHoldPlace();
                    in.setSubject(anna);
                    in.setGround(schema::HoldGround::LEGAL_CLAIM);
                    in.initCategories(1).set(0, schema::Category::IDENT);
                  })
                .code(),
            "ok");
  EXPECT_EQ(vt.decide(vt.liv, request, RightsOutcome::FULFILLED).code(), "held");
  const auto partly = [&](std::initializer_list<schema::Category> what) {
    return vt.as(vt.liv, [&](Ask r) {
      fill_decide(r, request, RightsOutcome::PARTLY);
      auto list = r.getRightsDecide().initCategories(static_cast<unsigned>(what.size()));
      unsigned i = 0;
      for (const auto one : what) list.set(i++, one);
    });
  };
  EXPECT_EQ(partly({}).pointer(), "/categories");
  EXPECT_EQ(partly({schema::Category::IDENT}).code(), "held");
  EXPECT_EQ(told(partly({schema::Category::DEMOG})), "ok");
}

// A hold that comes after the decision is stronger: nothing that it covers is shredded, by itself or among others, until it ends.
TEST(RightsDesk, AShredUnderAHoldIsRefusedAndErasesNothing) {
  Desk vt(18, "2026-03-02T08:00:00");
  const std::string anna = vt.guided("Anna Myr");
  const std::int64_t decision = vt.erasure_granted(anna);
  const Reply placed = vt.as(vt.liv, [&](Ask r) {
    auto in = r.initHoldPlace();
    in.setSubject(anna);
    in.setGround(schema::HoldGround::LEGAL_CLAIM);
    in.initCategories(1).set(0, schema::Category::IDENT);
  });
  ASSERT_EQ(told(placed), "ok");
  const std::string before = vt.live(anna);
  using schema::Category;
  for (const Reply& refused : {vt.shred(anna, decision), vt.shred(anna, decision, {Category::IDENT}),
                               vt.shred(anna, decision, {Category::PHONE, Category::IDENT})}) {
    EXPECT_EQ(refused.code(), "held");
    EXPECT_THAT(told(refused), testing::HasSubstr("release the hold first"));
  }
  vt.restart();
  EXPECT_EQ(vt.live(anna), before);
  EXPECT_EQ(told(vt.shred(anna, decision, {Category::PHONE})), "ok");
  EXPECT_THAT(vt.live(anna), testing::HasSubstr("ident"));
  const Reply released = vt.as(vt.liv, [&](Ask r) {
    auto in = r.initHoldRelease();
    in.setSubject(anna);
    in.setNumber(placed.root().getHoldPlace().getNumber());
  });
  ASSERT_EQ(told(released), "ok");
  EXPECT_EQ(told(vt.shred(anna, decision)), "ok");
  EXPECT_THAT(vt.live(anna), testing::Not(testing::HasSubstr("ident")));
}

// The answer reflects what was held when it was asked for, whatever dies meanwhile; then the copy goes.
TEST(RightsDesk, TheCopyOutlivesWhatItIsACopyOf) {
  Desk vt(6, "2026-03-02T08:00:00");
  const std::string anna = vt.guided("Anna Myr");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_log(r, anna, "loggen om fagbrev"); }).code(), "ok");
  const std::string link = vt.link;
  const std::string request = vt.asked(anna, RightsKind::ACCESS);
  const std::int64_t erase = vt.erasure_granted(anna);
  ASSERT_EQ(told(vt.shred(anna, erase)), "ok");
  EXPECT_EQ(vt.live(anna), "rights copy audit");
  vt.restart();
  const auto contents = [&](const Reply& reply) {
    std::string all;
    for (const auto one : reply.root().getRightsPackage().getParts()) all += std::string(one.getContent().cStr()) + "\n";
    return all;
  };
  const Reply package = vt.dev([&](Ask r) { r.initRightsPackage().setRequest(request); });
  ASSERT_EQ(told(package), "ok");
  EXPECT_THAT(contents(package), testing::HasSubstr("loggen om fagbrev"));
  EXPECT_THAT(contents(package), testing::HasSubstr("Anna Myr"));
  EXPECT_EQ(told(vt.decide(vt.liv, request, RightsOutcome::FULFILLED)), "ok");
  EXPECT_THAT(vt.live(anna), testing::Not(testing::HasSubstr("copy")));
  EXPECT_EQ(vt.package(vt.liv, request).code(), "version_conflict");
  // The decision itself stays its four weeks, and goes.
  vt.clock("2026-03-20T08:00:00");
  EXPECT_EQ(vt.list(vt.liv, anna).root().getRightsList().getRequests().size(), 2U);
}

TEST(RightsDesk, AWithdrawalKeepsNothingButWhatTheAnswerNeeds) {
  Desk vt(7);
  const std::string anna = vt.client("Anna Myr");
  const std::string request = vt.asked(anna, RightsKind::ACCESS);
  const Reply withdrawn = vt.dev([&](Ask r) { fill_withdraw(r, anna); });
  ASSERT_EQ(told(withdrawn), "ok");
  EXPECT_THAT(withdrawn.ack().getWarnings()[0].cStr(), testing::HasSubstr("open request is kept"));
  vt.restart();
  EXPECT_EQ(vt.live(anna), "rights copy");
  vt.clock("2026-03-25T09:00:00");
  EXPECT_EQ(vt.live(anna), "rights copy");
  // Who looks at it meanwhile is remembered until it goes, and what was read before the withdrawal is not.
  ASSERT_EQ(vt.list(vt.liv, anna).code(), "ok");
  vt.clock("2026-03-25T21:00:00");
  EXPECT_EQ(vt.live(anna), "rights copy audit");
  vt.restart();
  vt.clock("2026-03-26T09:00:00");
  EXPECT_EQ(vt.live(anna), "rights copy audit");
  EXPECT_EQ(told(vt.decide(vt.liv, request, RightsOutcome::FULFILLED)), "ok");
  vt.clock("2026-03-26T09:00:01");
  EXPECT_EQ(vt.phase(anna), "shredded");
}

// An open request keeps its record beyond the case; a decision keeps it four weeks more (R-EVID).
TEST(RightsDesk, TheRecordLivesUntilFourWeeksAfterTheDecision) {
  Desk vt(8);
  const std::string anna = vt.client("Anna Myr");
  const std::string request = vt.asked(anna, RightsKind::RECTIFY);
  vt.clock("2026-04-10T09:00:00");  // never served: everything else is gone after four weeks
  EXPECT_EQ(vt.live(anna), "rights audit");
  vt.restart();
  ASSERT_EQ(told(vt.decide(vt.pia, request, RightsOutcome::REFUSED)), "ok");
  vt.clock("2026-05-08T08:59:59");
  EXPECT_EQ(vt.live(anna), "rights audit");
  vt.restart();
  vt.clock("2026-05-08T09:00:00");
  EXPECT_EQ(vt.live(anna), "audit");
}

// The same for one that came to a case that was over.
TEST(RightsDesk, ALateRequestIsKeptAsLongAsAnother) {
  Desk vt(15, "2026-03-02T08:00:00");
  const std::string anna = vt.guided("Anna Myr");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, anna); }).code(), "ok");
  vt.clock("2026-12-20T12:00:00");
  const std::string request = vt.asked(anna, RightsKind::RECTIFY);
  ASSERT_EQ(told(vt.decide(vt.kari, request, RightsOutcome::REFUSED)), "ok");
  vt.restart();
  vt.clock("2027-01-17T11:59:59");
  EXPECT_EQ(vt.live(anna), "rights audit");
  vt.clock("2027-01-17T12:00:00");
  EXPECT_EQ(vt.live(anna), "audit");
}

// Who looks at what an open request keeps, after everything else was erased, is remembered, and not for ever.
TEST(RightsDesk, ReadsAfterTheErasureDieToo) {
  Desk vt(17, "2026-03-02T08:00:00");
  const std::string anna = vt.guided("Anna Myr");
  const std::string open = vt.asked(anna, RightsKind::RECTIFY);
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, anna); }).code(), "ok");
  ASSERT_EQ(told(vt.shred(anna, vt.erasure_granted(anna))), "ok");
  ASSERT_EQ(vt.live(anna), "rights");
  ASSERT_EQ(vt.list(vt.liv, anna).code(), "ok");
  ASSERT_EQ(vt.live(anna), "rights audit");
  ASSERT_EQ(told(vt.decide(vt.liv, open, RightsOutcome::REFUSED)), "ok");
  vt.restart();
  vt.clock("2028-01-01T00:00:00");
  EXPECT_EQ(vt.phase(anna), "shredded");
}

// Open over a reopening, decided before the second conclusion: what the first one promised still holds.
TEST(RightsDesk, AReopenedCaseKeepsTheRecordAsLongAsTheName) {
  Desk vt(16, "2026-03-02T08:00:00");
  const std::string anna = vt.guided("Anna Myr");
  const std::string request = vt.asked(anna, RightsKind::RECTIFY);
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, anna); }).code(), "ok");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_reopen(r, anna); }).code(), "ok");
  ASSERT_EQ(told(vt.decide(vt.kari, request, RightsOutcome::REFUSED)), "ok");
  vt.clock("2026-12-31T23:59:59");
  EXPECT_THAT(vt.live(anna), testing::HasSubstr("rights"));
  vt.restart();
  vt.clock("2027-01-01T00:00:00");
  EXPECT_EQ(vt.live(anna), "audit");
}

TEST(RightsDesk, AComplaintIsNotForTheOneComplainedAbout) {
  Desk vt(9, "2026-03-02T08:00:00");
  const std::string anna = vt.guided("Anna Myr");
  const Reply opened = vt.as(vt.dina, [&](Ask r) {
    fill_rights(r, anna, RightsKind::COMPLAINT);
    r.getRightsOpen().setScope("Kari møtte ikke");
  });
  const std::string request = opened.ack().getRequest().cStr();
  EXPECT_EQ(vt.list(vt.kari, anna).root().getRightsList().getRequests().size(), 0U);
  EXPECT_EQ(vt.list(vt.liv, anna).root().getRightsList().getRequests().size(), 1U);
  EXPECT_EQ(vt.decide(vt.kari, request, RightsOutcome::FULFILLED).code(), "unauthorized");
  const auto timeline = [&](const std::string& who) {
    std::string all;
    const Reply reply = vt.as(who, [&](Ask r) { r.initSubjectTimeline().setSubject(anna); });
    if (!reply.good()) return reply.code();
    for (const auto entry : reply.root().getSubjectTimeline().getEntries())
      for (const auto part : entry.getParts()) all += part.getContent().cStr();
    return all;
  };
  EXPECT_THAT(timeline(vt.kari), testing::Not(testing::HasSubstr("Kari møtte ikke")));
  EXPECT_THAT(timeline(vt.liv), testing::HasSubstr("Kari møtte ikke"));
  const std::string access = vt.asked(anna, RightsKind::ACCESS);
  const auto given = [&](const std::string& who) {
    std::string all;
    const Reply package = vt.package(who, access);
    for (const auto one : package.root().getRightsPackage().getParts()) all += one.getContent().cStr();
    return all;
  };
  EXPECT_THAT(given(vt.kari), testing::Not(testing::HasSubstr("Kari møtte ikke")));
  EXPECT_THAT(given(vt.liv), testing::HasSubstr("Kari møtte ikke"));
  EXPECT_THAT(given(vt.liv), testing::Not(testing::HasSubstr("yrkesvalg")))
      << "the leader sees no request after the first session";
}

TEST(RightsDesk, ARefusalGivesGroundsAndReasons) {
  Desk vt(10);
  const std::string anna = vt.client("Anna Myr");
  const std::string request = vt.asked(anna, RightsKind::OBJECT);
  const auto decided = [&](auto change) {
    const Reply reply = vt.as(vt.liv, [&](Ask r) {
      fill_decide(r, request, RightsOutcome::REFUSED);
      change(r.getRightsDecide());
    });
    return reply.code() + " " + reply.pointer();
  };
  using Decide = api::RightsDecide::Builder;
  const std::uint64_t before = vt.size();
  EXPECT_EQ(decided([](Decide d) { d.disownGrounds(); }), "invalid_argument /grounds");
  EXPECT_EQ(decided([](Decide d) { d.initGrounds(1).set(0, schema::RightsGround::ABSENT); }), "invalid_argument /grounds");
  EXPECT_EQ(decided([](Decide d) { d.setText(""); }), "invalid_argument /text");
  EXPECT_EQ(decided([](Decide d) { d.setOutcome(RightsOutcome::ABSENT); }), "invalid_argument /outcome");
  EXPECT_EQ(decided([](Decide d) { d.setOutcome(RightsOutcome::FULFILLED); }), "invalid_argument /grounds");
  EXPECT_EQ(decided([](Decide d) { d.setManifest("abc"); }), "invalid_argument /manifest");
  EXPECT_EQ(decided([](Decide d) { d.setDeliveredAt(ms_of(at("2027-01-01T00:00:00"))); }), "invalid_argument /deliveredAt");
  EXPECT_EQ(decided([](Decide d) { d.initCategories(1).set(0, schema::Category::IDENT); }), "invalid_argument /categories");
  EXPECT_EQ(decided([](Decide d) { d.setRequest("x"); }), "not_found /request");
  EXPECT_EQ(decided([](Decide d) { d.setRequest(""); }), "invalid_argument /request");
  EXPECT_EQ(decided([&](Decide d) { d.setRequest(anna + ".9"); }), "not_found /request");
  EXPECT_EQ(decided([](Decide d) { d.setRequest("0"); }), "not_found /request");
  EXPECT_EQ(decided([](Decide d) { d.setRequest("99999999999999999999999"); }), "not_found /request");
  EXPECT_EQ(vt.size(), before);
  EXPECT_EQ(decided([](Decide) {}), "ok ");
}

TEST(RightsDesk, BoundsAreKept) {
  Desk vt(11);
  const std::string anna = vt.client("Anna Myr");
  for (std::size_t i = 0; i < limits::open_requests_max; ++i)
    ASSERT_EQ(vt.open(vt.dina, anna, RightsKind::SUPPLEMENT).code(), "ok");
  EXPECT_EQ(vt.open(vt.dina, anna, RightsKind::SUPPLEMENT).code(), "too_large");
  EXPECT_EQ(vt.open(vt.dina, anna, RightsKind::ABSENT).pointer(), "/kind");
  // A client with more correspondence than one answer carries is asked for some categories at a time.
  Desk big(12);
  const std::string berit = big.client("Berit Li");
  const std::string body(limits::text_bytes_max, 'x');
  const std::size_t enough = limits::snapshot_pieces_max * (limits::snapshot_piece_bytes_max / body.size() + 1);
  for (std::size_t i = 0; i < enough; ++i)
    ASSERT_EQ(big.as(big.kari, [&](Ask r) { fill_message(r, berit, "in", body); }).code(), "ok");
  EXPECT_EQ(told(big.open(big.dina, berit, RightsKind::ACCESS)).substr(0, 21), "too_large /categories");
  EXPECT_EQ(big.as(big.dina,
                   [&](Ask r) {
                     fill_rights(r, berit, RightsKind::ACCESS);
                     r.getRightsOpen().initCategories(1).set(0, schema::Category::IDENT);
                   })
                .code(),
            "ok");
}

// The same request id again: once opened, the same request.
TEST(RightsDesk, SentAgainItIsAnsweredAgain) {
  Desk vt(13);
  const std::string anna = vt.client("Anna Myr");
  const auto send = [&] {
    return vt.as(vt.dina, [&](Ask r) {
      r.setRequestId("once");
      fill_rights(r, anna, RightsKind::PORTABILITY);
    });
  };
  const Reply first = send();
  vt.restart();
  const Reply again = send();
  ASSERT_EQ(told(again), "ok");
  EXPECT_STREQ(again.ack().getRequest().cStr(), first.ack().getRequest().cStr());
  EXPECT_STREQ(again.ack().getDue().cStr(), first.ack().getDue().cStr());
  EXPECT_EQ(again.ack().getPosition(), first.ack().getPosition());
  EXPECT_EQ(vt.list(vt.liv).root().getRightsList().getRequests().size(), 1U);
}

// What the person provided, and no more (art. 20).
TEST(RightsDesk, PortabilityIsOfWhatTheClientProvided) {
  Desk vt(14, "2026-03-02T08:00:00");
  const std::string anna = vt.guided("Anna Myr");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_log(r, anna, "loggen om fagbrev"); }).code(), "ok");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_message(r, anna, "out", "svar fra oss"); }).code(), "ok");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_message(r, anna, "in", "brev fra meg"); }).code(), "ok");
  const std::string request = vt.asked(anna, RightsKind::PORTABILITY);
  std::string all;
  const Reply package = vt.centre.ask(booking_portal(), [&](Ask r) {
    r.setLink(vt.link);
    r.initRightsPackage().setRequest(request);
  });
  ASSERT_EQ(told(package), "ok");
  for (const auto one : package.root().getRightsPackage().getParts()) all += one.getContent().cStr();
  EXPECT_THAT(all, testing::HasSubstr("brev fra meg"));
  EXPECT_THAT(all, testing::HasSubstr("Anna Myr"));
  EXPECT_THAT(all, testing::Not(testing::HasSubstr("svar fra oss")));
  EXPECT_THAT(all, testing::Not(testing::HasSubstr("loggen")));
}

}  // namespace
}  // namespace taus::test
