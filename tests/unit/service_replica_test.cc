// A replica of the keys that is down: every command that erases says in its answer that the erasure is accepted and waits, and for whom.
#include <set>

#include "eventstore/vault/replicas.h"
#include "tests/support/memory_replica.h"
#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

// A centre that takes inquiries and erases who only asked with the answer; its keys have one replica.
struct Copied : Vt {
  explicit Copied(std::uint64_t seed) : Vt(seed) {
    centre.profile.inquiries = {.accepted = true, .answer_concludes = true};
    auto one = std::make_unique<MemoryReplica>("second");
    disk = one.get();
    std::vector<std::unique_ptr<vault::Replica>> set;
    set.push_back(std::move(one));
    replicas = std::make_unique<vault::Replicas>(std::move(set));
    store = std::make_unique<vault::ReplicatedStore>(centre.store, *replicas);
    centre.store_options.replicas = replicas.get();
    centre.service.reset();
    centre.start(*store).value();
  }
  ~Copied() { centre.service.reset(); }
  Copied(const Copied&) = delete;
  Copied& operator=(const Copied&) = delete;

  // `erase` takes what `categories` of the subject lists, once the replica is back and not before.
  template <class Erase>
  void expect_wait(const std::string& subject, const std::string& before, const std::string& after, const Erase& erase) {
    ASSERT_EQ(live(subject), before);
    disk->down = true;
    const Reply reply = erase();
    ASSERT_EQ(reply.code(), "ok") << (reply.good() ? "" : reply.root().getError().getMessage().cStr());
    EXPECT_TRUE(reply.ack().getPending());
    EXPECT_EQ(reply.ack().getReceipt(), -1);
    EXPECT_STREQ(reply.ack().getFullyErasedBy().cStr(), "");
    std::string warnings;
    for (const auto one : reply.ack().getWarnings()) warnings += std::string(one.cStr()) + "\n";
    EXPECT_THAT(warnings, testing::HasSubstr("carried out as soon as every copy of the keys has it"));
    EXPECT_THAT(warnings, testing::HasSubstr("\"second\""));
    EXPECT_EQ(state(subject).code(), "busy") << "accepted is accepted";
    disk->down = false;
    centre.clock.advance(std::chrono::minutes(2));
    centre.settle().value();
    EXPECT_EQ(live(subject), after);
  }
  // A client by the form who was there before.
  std::string back_again() { return client("ANNA MYR", "anna@example.no", "42222222"); }
  std::string inquiry() {
    const Reply asked = dev([](Ask r) {
      auto in = r.initInquiryReceive();
      in.setText("Har dere ledig time?");
      in.setEmail("per@example.no");
    });
    EXPECT_EQ(asked.code(), "ok");
    return asked.ack().getSubject().cStr();
  }

  MemoryReplica* disk = nullptr;
  std::unique_ptr<vault::Replicas> replicas;
  std::unique_ptr<vault::ReplicatedStore> store;
};

constexpr const char* whole = "ident email phone demog intake appt consent";

TEST(ReplicaDown, AWithdrawalAConclusionAndAShredSaySo) {
  Copied vt(1);
  const std::string anna = vt.client("Anna Myr");
  vt.expect_wait(anna, whole, "", [&] { return vt.dev([&](Ask r) { fill_withdraw(r, anna); }); });
  const std::string berit = vt.client("Berit Lie");
  const std::int64_t granted = vt.erasure_granted(berit);
  vt.expect_wait(berit, std::string(whole) + " rights", "",
                 [&] { return vt.centre.ask(operators(), [&](Ask r) { fill_shred(r, berit, {}, granted); }); });
  const std::string cilla = vt.guided("Cilla Ås");
  vt.expect_wait(cilla, whole, "ident email demog consent audit",
                 [&] { return vt.as(vt.kari, [&](Ask r) { fill_conclude(r, cilla); }); });
}

// Nobody's feed stands still for a copy that may be down for days: the client whose erasure waits is passed over.
TEST(ReplicaDown, TheFeedGoesOn) {
  Copied vt(6);
  const std::string anna = vt.client("Anna Myr");
  vt.disk->down = true;
  EXPECT_TRUE(vt.dev([&](Ask r) { fill_withdraw(r, anna); }).ack().getPending());
  const std::string berit = vt.client("Berit Lie");
  const Reply told = vt.dev([](Ask r) { r.initEventsFollow().setFrom(0); });
  ASSERT_EQ(told.code(), "ok");
  const auto feed = told.root().getEventsFollow();
  EXPECT_EQ(feed.getNext(), feed.getPosition() + 1);
  std::set<std::string> whose;
  for (const auto one : feed.getEvents()) whose.insert(one.getSubject().cStr());
  EXPECT_TRUE(whose.contains(berit));
  EXPECT_FALSE(whose.contains(anna));
}

TEST(ReplicaDown, ADecisionThatErasesTheCopySaysSo) {
  Copied vt(2);
  const std::string anna = vt.client("Anna Myr");
  const std::string request = vt.asked(anna, schema::RightsKind::ACCESS);
  vt.expect_wait(anna, std::string(whole) + " rights copy", std::string(whole) + " rights",
                 [&] { return vt.dev([&](Ask r) { fill_decide(r, request, schema::RightsOutcome::FULFILLED); }); });
}

TEST(ReplicaDown, AMatchThatErasesTheBookingSaysSo) {
  Copied vt(3);
  const std::string anna = vt.guided("Anna Myr");
  const std::string again = vt.back_again();
  vt.expect_wait(again, whole, "", [&] {
    return vt.as(vt.kari, [&](Ask r) {
      auto in = r.initMatchConfirm();
      in.setSubject(again);
      in.setExisting(anna);
    });
  });
}

TEST(ReplicaDown, AnAnswerThatErasesWhoOnlyAskedSaysSo) {
  Copied vt(4);
  const std::string asker = vt.inquiry();
  vt.expect_wait(asker, "ident email phone intake", "audit",
                 [&] { return vt.dev([&](Ask r) { r.initInquiryAnswer().setSubject(asker); }); });
}

}  // namespace
}  // namespace taus::test
