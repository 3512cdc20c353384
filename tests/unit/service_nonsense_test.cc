// What looks like input and tells nothing, and times at which it cannot have been: refused, and nothing is written.
#include <string>

#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

using schema::Category;

const char* const nothing = "\u3000\u2060 \n";

std::string told(const Reply& reply) { return reply.code() + (reply.good() ? "" : " " + reply.pointer()); }

TEST(Nonsense, BlanksAreNoText) {
  Vt vt(81);
  const std::string anna = vt.guided("Anna Myr");
  const std::uint64_t before = vt.size();
  EXPECT_EQ(told(vt.dev([&](Ask r) { fill_staff(r, nothing, {schema::Role::DESK}); })), "invalid_argument /name");
  EXPECT_EQ(told(vt.dev([&](Ask r) { fill_staff(r, "Per\u202eVeileder", {schema::Role::DESK}); })), "invalid_argument /name");
  EXPECT_EQ(told(vt.dev([&](Ask r) { fill_staff(r, "Per\nVeileder", {schema::Role::DESK}); })), "invalid_argument /name");
  EXPECT_EQ(told(vt.dev([&](Ask r) {
              fill_staff(r, "Per", {schema::Role::DESK, schema::Role::DESK});
            })),
            "invalid_argument /roles");
  EXPECT_EQ(told(vt.as(vt.kari, [&](Ask r) { fill_log(r, anna, nothing); })), "invalid_argument /order");
  EXPECT_EQ(told(vt.as(vt.kari, [&](Ask r) { fill_message(r, anna, "in", nothing); })), "invalid_argument /body");
  EXPECT_EQ(told(vt.as(vt.kari,
                       [&](Ask r) {
                         fill_message(r, anna, "in", "");
                         r.getMessageAdd().setTitle("\u2800");
                       })),
            "invalid_argument /body");
  EXPECT_EQ(told(vt.as(vt.kari,
                       [&](Ask r) {
                         auto in = r.initConsentDisclose();
                         in.setSubject(anna);
                         in.initCategories(1).set(0, Category::EMAIL);
                         in.setRecipient("\u3164");
                         in.setPurpose("praksisplass");
                       })),
            "invalid_argument /recipient");
  EXPECT_EQ(vt.size(), before);
}

TEST(Nonsense, MailHasLinesThatEndInTwoCharacters) {
  Vt vt(82);
  const std::string anna = vt.guided("Anna Myr");
  EXPECT_EQ(told(vt.as(vt.kari, [&](Ask r) { fill_message(r, anna, "in", "Hei,\r\nkan jeg komme?\r\n"); })), "ok");
  const Reply shown = vt.show(vt.kari, anna);
  EXPECT_STREQ(shown.root().getSubjectShow().getMessages()[0].getBody().cStr(), "Hei,\nkan jeg komme?\n");
  EXPECT_EQ(told(vt.as(vt.kari, [&](Ask r) { fill_message(r, anna, "in", "Hei,\rkan jeg komme?"); })), "invalid_argument /body");
}

// It may have happened all the same, so it is taken; but somebody should look.
TEST(Nonsense, TwoSessionsAtOneTimeAreWarnedOf) {
  Vt vt(85);
  const std::string anna = vt.client("Anna Myr");
  const std::string berit = vt.client("Berit Myr");
  vt.booked(anna, vt.kari, "2026-03-03T10:00:00");
  ASSERT_EQ(told(vt.as(vt.kari, [&](Ask r) { fill_cancel(r, anna, 1); })), "ok");
  const auto correct = [&] {
    const Reply reply = vt.as(vt.liv, [&](Ask r) {
      auto in = r.initBookingCorrect();
      in.setSubject(anna);
      in.setNumber(1);
      in.setOutcome(schema::Outcome::HELD);
    });
    EXPECT_EQ(told(reply), "ok");
    std::string out;
    for (const auto one : reply.ack().getWarnings()) out += one.cStr();
    return out;
  };
  const auto cancelled = [&] {
    EXPECT_EQ(told(vt.as(vt.liv,
                         [&](Ask r) {
                           auto in = r.initBookingCorrect();
                           in.setSubject(anna);
                           in.setNumber(1);
                           in.setOutcome(schema::Outcome::CANCELLED);
                         })),
              "ok");
  };
  vt.clock("2026-03-03T11:30:00");
  EXPECT_EQ(correct(), "");
  cancelled();
  vt.clock("2026-03-03T11:31:00");
  ASSERT_EQ(told(vt.as(vt.kari, [&](Ask r) { fill_book(r, berit, vt.kari, at("2026-03-03T10:30:00")); })), "ok");
  EXPECT_THAT(correct(), testing::HasSubstr("another appointment since"));
}

TEST(Nonsense, NothingIsAnsweredBeforeItIsAsked) {
  Vt vt(83);
  const std::string anna = vt.guided("Anna Myr");
  vt.clock("2026-03-10T09:00:00");
  const Reply opened = vt.dev([&](Ask r) { fill_rights(r, anna, schema::RightsKind::ERASE); });
  const std::string request = opened.ack().getRequest().cStr();
  vt.clock("2026-03-11T09:00:00");
  const auto verify = [&](const char* when) {
    return told(vt.dev([&](Ask r) {
      fill_verify(r, request);
      r.getRightsVerify().setAt(ms_of(at(when)));
    }));
  };
  EXPECT_EQ(verify("2026-03-09T09:00:00"), "invalid_argument /at");
  EXPECT_EQ(verify("2026-03-12T09:00:00"), "invalid_argument /at");
  EXPECT_EQ(verify("2026-03-10T10:00:00"), "ok");
  const auto decide = [&](const char* when) {
    return told(vt.dev([&](Ask r) {
      fill_decide(r, request, schema::RightsOutcome::FULFILLED);
      r.getRightsDecide().setDeliveredAt(ms_of(at(when)));
    }));
  };
  EXPECT_EQ(decide("2026-03-10T08:00:00"), "invalid_argument /deliveredAt");
  EXPECT_EQ(decide("2026-03-11T08:00:00"), "ok");
}

TEST(Nonsense, NobodyIsToldOfTheEndBeforeTheBeginning) {
  Vt vt(84);
  const std::string anna = vt.guided("Anna Myr");
  vt.clock("2026-03-10T09:00:00");
  ASSERT_EQ(told(vt.as(vt.liv,
                       [&](Ask r) {
                         auto in = r.initRestrictPlace();
                         in.setSubject(anna);
                         in.setGround(schema::RestrictionGround::ACCURACY_CONTESTED);
                         in.initCategories(1).set(0, Category::DEMOG);
                       })),
            "ok");
  vt.clock("2026-03-12T09:00:00");
  const auto lift = [&](const char* when) {
    return told(vt.as(vt.liv, [&](Ask r) {
      auto in = r.initRestrictLift();
      in.setSubject(anna);
      in.setInformedAt(ms_of(at(when)));
    }));
  };
  EXPECT_EQ(lift("2026-03-09T09:00:00"), "invalid_argument /informedAt");
  EXPECT_EQ(lift("2026-03-11T09:00:00"), "ok");
}

// What the client is told in words has some (art. 12(3) and (4)).
TEST(Nonsense, ReasonsForTheClientAreReadable) {
  Vt vt(86);
  const std::string request = vt.asked(vt.guided("Anna Myr"), schema::RightsKind::ERASE);
  const auto decide = [&](const char* text) {
    return told(vt.dev([&](Ask r) {
      fill_decide(r, request, schema::RightsOutcome::REFUSED);
      auto in = r.getRightsDecide();
      in.initGrounds(1).set(0, schema::RightsGround::LEGAL_CLAIM);
      in.setText(text);
    }));
  };
  const auto extend = [&](const char* reason) {
    return told(vt.dev([&](Ask r) {
      auto in = r.initRightsExtend();
      in.setRequest(request);
      in.setGround(schema::ExtensionGround::COMPLEXITY);
      in.setNotifiedAt(ms_of(vt.centre.clock.now()));
      in.setReason(reason);
    }));
  };
  EXPECT_EQ(extend(nothing), "invalid_argument /reason");
  EXPECT_EQ(extend("Kravet er sammensatt"), "ok");
  EXPECT_EQ(decide(nothing), "invalid_argument /text");
  EXPECT_EQ(decide("Et rettskrav"), "ok");
}

TEST(Nonsense, ALabourStatusIsGivenOnce) {
  Vt vt(87);
  const std::string anna = vt.guided("Anna Myr");
  const auto record = [&](const char* second) {
    return told(vt.as(vt.kari, [&](Ask r) {
      auto in = r.initSubjectRecord();
      in.setSubject(anna);
      in.setCollectedVia(schema::Collected::SESSION);
      auto list = in.initLabourStatus(2);
      list.set(0, "work");
      list.set(1, second);
    }));
  };
  EXPECT_EQ(record("work"), "invalid_argument /labourStatus");
  EXPECT_EQ(record("education"), "ok");
}

TEST(Nonsense, NobodyIsToldOfARestrictionInTheFuture) {
  Vt vt(88);
  const std::string anna = vt.guided("Anna Myr");
  vt.clock("2026-03-10T09:00:00");
  const auto place = [&](const char* when) {
    return told(vt.as(vt.liv, [&](Ask r) {
      auto in = r.initRestrictPlace();
      in.setSubject(anna);
      in.setGround(schema::RestrictionGround::ACCURACY_CONTESTED);
      in.initCategories(1).set(0, Category::DEMOG);
      in.setInformedAt(ms_of(at(when)));
    }));
  };
  EXPECT_EQ(place("2026-03-11T09:00:00"), "invalid_argument /informedAt");
  EXPECT_EQ(place("2026-03-09T09:00:00"), "ok");
}

}  // namespace
}  // namespace taus::test
