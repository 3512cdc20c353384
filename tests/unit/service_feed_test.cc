// What the feed tells whom, beside what timelines and lists show the same caller.
// Also run against a feed with TAUS_PLANT_FEED_UNCHECKED, where it must fail (service.cmake).
#include <map>
#include <set>

#include "eventstore/base/limits.h"
#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

struct Caller {
  std::string name;
  service::Principal principal;
  std::string as{}, link{}, purpose{};
};

struct Feed : testing::Test {
  Feed() {
    pia = vt.staff("Pia Ombud", {schema::Role::DPO});
    hans = vt.staff("Hans Hr", {schema::Role::HR});
  }

  Reply ask(const Caller& who, std::int64_t from, std::uint32_t limit = 0) {
    return vt.centre.ask(who.principal, [&](Ask r) {
      head(r, who);
      auto in = r.initEventsFollow();
      in.setFrom(from);
      in.setLimit(limit);
    });
  }
  static void head(Ask r, const Caller& who) {
    if (!who.as.empty()) r.setAs(who.as);
    if (!who.link.empty()) r.setLink(who.link);
    if (!who.purpose.empty()) r.setPurpose(who.purpose);
  }
  Caller staff(const std::string& name, const std::string& id, const std::string& purpose = {}) {
    return {.name = name, .principal = desk_frontend(), .as = id, .purpose = purpose};
  }
  static Caller dev(const std::string& purpose = {}) { return {.name = "dev", .principal = developer(), .purpose = purpose}; }
  static Caller by_link(const std::string& link) { return {.name = "link", .principal = booking_portal(), .link = link}; }

  // A line an event: position, whose, what, with what parts; of everything before `end`.
  std::vector<std::string> lines(const Caller& who, std::int64_t from = 0, std::uint32_t limit = 0) {
    const std::int64_t end = static_cast<std::int64_t>(vt.size());
    std::vector<std::string> out;
    while (from < end) {
      const Reply reply = ask(who, from, limit);
      EXPECT_EQ(reply.code(), "ok") << who.name;
      if (!reply.good()) break;
      const auto feed = reply.root().getEventsFollow();
      EXPECT_GT(feed.getNext(), from);
      for (const auto one : feed.getEvents())
        if (one.getPosition() < end) out.push_back(line(one));
      from = feed.getNext();
    }
    return out;
  }
  template <class Entry>
  static std::string about(const Entry& one, const std::string& subject) {
    std::string out = std::to_string(one.getPosition()) + " " + subject + " v" + std::to_string(one.getVersion()) + " " +
                      one.getType().cStr() + " " + std::to_string(one.getAt()) + " " + one.getActor().cStr() + " " +
                      std::to_string(static_cast<int>(one.getRole()));
    for (const auto part : one.getParts())
      out += " " + std::string(taus::name(static_cast<Category>(part.getCategory()))) + "=" +
             std::to_string(static_cast<int>(part.getState()));
    return out;
  }
  static std::string line(api::FeedEvent::Reader one) { return about(one, one.getSubject().cStr()); }

  // The same from a client's timeline: entries of which a part can be read.
  std::vector<std::string> timeline(const Caller& who, const std::string& subject, std::int64_t end) {
    const Reply reply = vt.centre.ask(who.principal, [&](Ask r) {
      head(r, who);
      r.initSubjectTimeline().setSubject(subject);
    });
    std::vector<std::string> out;
    if (!reply.good()) {
      EXPECT_THAT(reply.code(), testing::AnyOf("withheld", "shredded")) << who.name;
      return out;
    }
    for (const auto one : reply.root().getSubjectTimeline().getEntries()) {
      bool any = false;
      for (const auto part : one.getParts())
        any = any || part.getState() == schema::State::PRESENT || part.getState() == schema::State::EMPTY;
      if (any && one.getPosition() < end) out.push_back(about(one, subject));
    }
    return out;
  }
  std::set<std::string> types(const Caller& who, std::int64_t from = 0) {
    std::set<std::string> out;
    const Reply reply = ask(who, from);
    EXPECT_EQ(reply.code(), "ok") << who.name;
    for (const auto one : reply.root().getEventsFollow().getEvents()) out.insert(one.getType().cStr());
    return out;
  }
  // How many reads by this person stand in the client's log.
  std::size_t reads(const std::string& subject, const std::string& by) {
    const Reply reply = vt.as(pia, [&](Ask r) {
      r.setPurpose("kontroll");
      r.initAuditReads().setSubject(subject);
    });
    std::size_t out = 0;
    for (const auto one : reply.root().getAuditReads().getReads())
      if (std::string(one.getActor().cStr()) == by && !one.getDenied()) ++out;
    return out;
  }
  void message(const std::string& who, const std::string& subject) {
    EXPECT_EQ(vt.as(who, [&](Ask r) { fill_message(r, subject, "out", "brev"); }).code(), "ok");
  }

  // Times are offered, a group comes, a client goes with everything, and somebody looks who read a counsellor's log.
  void a_day_at_the_centre() {
    EXPECT_EQ(vt.as(vt.liv,
                    [&](Ask r) {
                      auto in = r.initSlotsPublish();
                      in.setCounsellor(vt.kari);
                      in.setStart(ms_of(at("2026-04-01T10:00:00")));
                      in.setMinutes(60);
                      in.setChannel(schema::Channel::VIDEO);
                    })
                  .code(),
              "ok");
    EXPECT_EQ(vt.as(vt.liv,
                    [&](Ask r) {
                      auto in = r.initGroupRecord();
                      in.setStart(ms_of(at("2026-03-01T10:00:00")));
                      in.setMinutes(60);
                      in.setChannel(schema::Channel::IN_PERSON);
                      in.setParticipants(7);
                    })
                  .code(),
              "ok");
    const std::string berit = vt.client("Berit Li");
    EXPECT_EQ(vt.as(vt.liv, [&](Ask r) { fill_withdraw(r, berit); }).code(), "ok");
    vt.as(pia, [&](Ask r) {
      r.setPurpose("kontroll");
      r.initAuditReads().setSubject(vt.kari);
    });
  }

  Vt vt{91};
  std::string pia, hans;
};

// Random lives of a few clients, whatever is refused on the way; then everybody's feed is what their timelines show, event by event.
struct Lives {
  Lives(Feed& feed, std::uint64_t seed) : t(feed), random(seed) {}
  std::uint64_t below(std::uint64_t n) { return random() % n; }

  void step() {
    if (clients.size() < 4 || below(12) == 0) {
      clients.push_back(t.vt.client("Kunde " + std::to_string(clients.size())));
      links.push_back(t.vt.link);
    }
    const std::string& who = clients[below(clients.size())];
    const std::string staff = std::vector<std::string>{t.vt.kari, t.vt.ola, t.vt.liv, t.vt.dina}[below(4)];
    const auto act = [&](const auto& fill) { t.vt.as(staff, fill); };
    const auto all = [&](const auto& fill) { t.vt.dev(fill); };
    switch (below(16)) {
      case 0:
      case 1: all([&](Ask r) { fill_book(r, who, below(2) == 0 ? t.vt.kari : t.vt.ola, next_hour()); }); return;
      case 2:
        t.vt.centre.clock.advance(std::chrono::hours(3));
        t.vt.centre.settle().value();
        return;
      case 3: t.vt.as(t.vt.kari, [&](Ask r) { fill_held(r, who); }); return;
      case 4: t.vt.as(t.vt.ola, [&](Ask r) { fill_held(r, who); }); return;
      case 5: all([&](Ask r) { fill_log(r, who, "logg"); }); return;
      case 6:
      case 7: act([&](Ask r) { fill_message(r, who, below(2) == 0 ? "in" : "out", "brev"); }); return;
      case 8: act([&](Ask r) { fill_show(r, who); }); return;
      case 9:
        all([&](Ask r) { fill_rights(r, who, below(2) == 0 ? schema::RightsKind::COMPLAINT : schema::RightsKind::ACCESS); });
        return;
      case 10: all([&](Ask r) { fill_hold(r, who, {schema::Category::CORR}); }); return;
      case 11: all([&](Ask r) { restrict(r, who); }); return;
      case 12: all([&](Ask r) { fill_record(r, who, schema::Gender::FEMALE); }); return;
      case 13:
        if (below(3) == 0) all([&](Ask r) { fill_conclude(r, who); });
        return;
      case 14:
        if (below(4) == 0) all([&](Ask r) { fill_withdraw(r, who); });
        return;
      default: all([&](Ask r) { fill_reopen(r, who); }); return;
    }
  }
  void restrict(Ask r, const std::string& who) {
    auto in = r.initRestrictPlace();
    in.setSubject(who);
    in.setGround(schema::RestrictionGround::ACCURACY_CONTESTED);
    in.initCategories(1).set(0, below(2) == 0 ? schema::Category::APPT : schema::Category::CORR);
  }
  Instant next_hour() { return t.vt.centre.clock.now() + std::chrono::hours(1 + ++hours); }

  Feed& t;
  std::mt19937_64 random;
  std::vector<std::string> clients, links;
  int hours = 0;
};

TEST_F(Feed, TellsWhatTimelinesShow) {
  std::size_t told = 0;
  std::size_t hidden = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    Lives lives(*this, seed);
    for (int i = 0; i < 70; ++i) lives.step();
    vt.centre.settle().value();
    std::vector<Caller> callers{
        staff("kari", vt.kari), staff("ola", vt.ola),           staff("liv", vt.liv), staff("dina", vt.dina),
        staff("pia", pia),      staff("pia+", pia, "kontroll"), staff("hans", hans),  dev(),
        dev("kontroll")};
    for (const Caller& who : callers) {
      const auto end = static_cast<std::int64_t>(vt.size());
      std::map<std::string, std::vector<std::string>> feed;
      std::size_t of_clients = 0;
      for (const std::string& one : lines(who)) {
        const std::size_t blank = one.find(' ');
        feed[one.substr(blank + 1, one.find(' ', blank + 1) - blank - 1)].push_back(one);
      }
      for (const std::string& client : lives.clients) {
        EXPECT_EQ(feed[client], timeline(who, client, end)) << "seed " << seed << ", " << who.name;
        of_clients += feed[client].size();
      }
      (of_clients > 0 ? told : hidden) += 1;
    }
    for (std::size_t i = 0; i < lives.clients.size(); ++i) {
      const Caller who = by_link(lives.links[i]);
      if (!ask(who, 0).good()) continue;  // the link died with the consent
      const auto end = static_cast<std::int64_t>(vt.size());
      std::vector<std::string> own;
      for (const std::string& one : lines(who))
        if (one.find(lives.clients[i]) != std::string::npos) own.push_back(one);
      EXPECT_EQ(own, timeline(who, lives.clients[i], end)) << "seed " << seed;
      for (const std::string& other : lives.clients) {
        if (other == lives.clients[i]) continue;
        for (const std::string& one : lines(who)) EXPECT_EQ(one.find(other), std::string::npos) << one;
      }
    }
  }
  EXPECT_GT(told, 20U);
  EXPECT_GT(hidden, 0U);
}

TEST_F(Feed, GoesOnWhereItEnded) {
  vt.guided("Anna Myr");
  message(vt.kari, vt.client("Berit Li"));
  const std::vector<std::string> all = lines(staff("kari", vt.kari));
  EXPECT_GT(all.size(), 8U);
  EXPECT_EQ(lines(staff("kari", vt.kari), 0, 1), all);
  EXPECT_EQ(lines(staff("kari", vt.kari), 0, 3), all);
  const auto size = static_cast<std::int64_t>(vt.size());
  const Reply now = ask(staff("kari", vt.kari), -1);
  EXPECT_EQ(now.root().getEventsFollow().getNext(), size);
  EXPECT_EQ(now.root().getEventsFollow().getPosition(), size - 1);
  EXPECT_EQ(now.root().getEventsFollow().getEvents().size(), 0U);
  EXPECT_EQ(ask(staff("kari", vt.kari), size).root().getEventsFollow().getNext(), size);
}

TEST_F(Feed, RefusesWhatIsNoPlaceInTheJournal) {
  const auto size = static_cast<std::int64_t>(vt.size());
  for (const auto& [from, limit, code, pointer] : std::vector<std::tuple<std::int64_t, std::uint32_t, std::string, std::string>>{
           {-2, 0, "invalid_argument", "/from"},
           {size + 1, 0, "not_found", "/from"},
           {0, static_cast<std::uint32_t>(limits::feed_events_max) + 1, "too_large", "/limit"}}) {
    const Reply reply = ask(dev(), from, limit);
    EXPECT_EQ(reply.code(), code) << from;
    EXPECT_EQ(reply.pointer(), pointer) << from;
  }
  EXPECT_EQ(ask(dev(), size, limits::feed_events_max).code(), "ok");
}

TEST_F(Feed, LooksAtSoManyPositionsAndTellsSoManyEvents) {
  const std::string anna = vt.client("Anna Myr");
  while (vt.size() < limits::feed_positions_max + 40) vt.show(vt.kari, anna);
  const Reply nothing = ask(staff("hans", hans), 20);
  EXPECT_EQ(nothing.root().getEventsFollow().getEvents().size(), 0U) << "personnel sees nothing of a client";
  EXPECT_EQ(nothing.root().getEventsFollow().getNext(), 20 + static_cast<std::int64_t>(limits::feed_positions_max));
  const Reply full = ask(dev("kontroll"), 20);
  EXPECT_EQ(full.root().getEventsFollow().getEvents().size(), limits::feed_events_max);
  EXPECT_EQ(full.root().getEventsFollow().getNext(), full.root().getEventsFollow().getEvents()[255].getPosition() + 1);
}

TEST_F(Feed, IsJournalledOnceADayAndAgainForWhatIsNew) {
  const std::string anna = vt.client("Anna Myr");
  vt.booked(anna, vt.kari, "2026-03-03T10:00:00");
  const Caller kari = staff("kari", vt.kari);
  ask(kari, 0);
  EXPECT_EQ(reads(anna, vt.kari), 1U);
  ask(kari, 0);
  vt.booked(anna, vt.kari, "2026-03-03T11:00:00");
  ask(kari, 0);
  EXPECT_EQ(reads(anna, vt.kari), 1U) << "of the same categories";
  message(vt.kari, anna);
  ask(kari, 0);
  ask(kari, 0);
  EXPECT_EQ(reads(anna, vt.kari), 2U) << "correspondence had not been told";
  ask(staff("kari", vt.kari, "forberedelse"), 0);
  EXPECT_EQ(reads(anna, vt.kari), 3U) << "another purpose";
  vt.centre.clock.set(at("2026-03-03T00:00:01"));
  ask(kari, 0);
  EXPECT_EQ(reads(anna, vt.kari), 4U) << "another day";
  EXPECT_EQ(reads(anna, vt.liv), 0U);
  const std::size_t before = vt.size();
  ask(staff("hans", hans), 0);
  EXPECT_EQ(vt.size(), before) << "who is told nothing of a client has read nothing, and was refused nothing";
}

// What a feed journals is in the feed of who may read the log. It comes to an end, for one and for two of them.
TEST_F(Feed, FollowersDoNotFeedEachOther) {
  const std::string anna = vt.guided("Anna Myr");
  const std::vector<Caller> followers{dev("kontroll"), staff("pia", pia, "kontroll"), dev("noe annet")};
  std::vector<std::int64_t> next(followers.size(), 0);
  const auto follow = [&] {
    for (std::size_t i = 0; i < followers.size(); ++i) next[i] = ask(followers[i], next[i]).root().getEventsFollow().getNext();
  };
  for (int i = 0; i < 12; ++i) follow();
  const std::size_t size = vt.size();
  for (int i = 0; i < 12; ++i) follow();
  EXPECT_EQ(vt.size(), size);
  EXPECT_EQ(next, std::vector<std::int64_t>(followers.size(), static_cast<std::int64_t>(size)));
  vt.restart();
  for (int i = 0; i < 12; ++i) follow();
  EXPECT_EQ(vt.size(), size) << "and nothing is told twice by a daemon that forgot what it journalled";
}

TEST_F(Feed, OfTheCentreAndItsStaffNoMoreThanTheListsShow) {
  const std::string anna = vt.client("Anna Myr");
  const std::string link = vt.link;
  vt.guided("Cecilie Dal");
  a_day_at_the_centre();
  using Types = std::set<std::string>;
  const Types open{"profileActivated", "shredCompleted"};
  const auto with = [&](std::initializer_list<const char*> more) {
    Types out = open;
    out.insert(more.begin(), more.end());
    return out;
  };
  EXPECT_EQ(types({.name = "auditor", .principal = auditors()}), open);
  EXPECT_EQ(types({.name = "operator", .principal = operators()}), with({"staffAdded"}));
  EXPECT_EQ(types({.name = "portal", .principal = booking_portal()}), with({"staffAdded", "slotsPublished"}));
  service::Principal bare = booking_portal();
  bare.books = false;
  EXPECT_EQ(types({.name = "a frontend without rights", .principal = bare}), open);
  EXPECT_EQ(types(staff("hans", hans)), with({"staffAdded"}));
  const Types leader = types(staff("liv", vt.liv));
  for (const char* one : {"staffAdded", "slotsPublished", "groupSessionHeld", "bookingRequested", "shredCompleted"})
    EXPECT_EQ(leader.count(one), 1U) << one;
  const Types client = types(by_link(link));
  EXPECT_EQ(client.count("slotsPublished") + client.count("bookingRequested") + client.count("consentGiven"), 3U);
  EXPECT_EQ(client.count("staffAdded") + client.count("groupSessionHeld"), 0U);
  const Reply everything = ask(dev(), 0);
  for (const auto one : everything.root().getEventsFollow().getEvents()) {
    if (one.hasActorKind()) continue;  // a client's
    EXPECT_EQ(one.getAt(), no_time_ms) << one.getType().cStr();
    EXPECT_FALSE(one.hasActor());
    EXPECT_NE(one.getType(), "tallyFolded");
    EXPECT_NE(one.getType(), "recordConsulted") << "of a member of staff";
  }
  EXPECT_EQ(vt.as(vt.liv, [&](Ask r) { r.initStaffRevoke().setSubject(vt.kari); }).code(), "ok");
  EXPECT_EQ(types({.name = "portal", .principal = booking_portal()}), with({"staffAdded", "staffRevoked"}))
      << "offers nothing now";
}

TEST_F(Feed, RestrictedComplaintsAndOthersMessagesAreHidden) {
  const std::string anna = vt.guided("Anna Myr");
  const auto told = [&](const Caller& who, const char* type) {
    const Reply reply = ask(who, 0);
    std::size_t out = 0;
    for (const auto one : reply.root().getEventsFollow().getEvents())
      if (one.getSubject() == anna && one.getType() == type) ++out;
    return out;
  };
  message(vt.ola, anna);
  message(vt.dina, anna);
  EXPECT_EQ(told(staff("kari", vt.kari), "messageSent"), 2U);
  EXPECT_EQ(told(staff("ola", vt.ola), "messageSent"), 1U);
  EXPECT_EQ(told(staff("liv", vt.liv), "messageSent"), 0U);
  vt.asked(anna, schema::RightsKind::COMPLAINT);
  EXPECT_EQ(told(staff("kari", vt.kari), "rightsRequestReceived"), 0U);
  EXPECT_EQ(told(staff("liv", vt.liv), "rightsRequestReceived"), 1U);
  EXPECT_EQ(told(staff("kari", vt.kari), "sessionHeld"), 1U);
  EXPECT_EQ(vt.dev([&](Ask r) {
                auto in = r.initRestrictPlace();
                in.setSubject(anna);
                in.setGround(schema::RestrictionGround::ACCURACY_CONTESTED);
                auto list = in.initCategories(2);
                list.set(0, schema::Category::APPT);
                list.set(1, schema::Category::CORR);
              }).code(),
            "ok");
  EXPECT_EQ(told(staff("kari", vt.kari), "sessionHeld"), 0U);
  EXPECT_EQ(told(staff("ola", vt.ola), "messageSent"), 0U);
}

// A colleague's feed knows what a client's phase lets colleagues see: after the conclusion nothing, after a withdrawal nobody anything.
TEST_F(Feed, FollowsThePhase) {
  const std::string anna = vt.guided("Anna Myr");
  const auto of_anna = [&](const Caller& who) {
    std::size_t out = 0;
    for (const std::string& one : lines(who)) out += one.find(anna) != std::string::npos ? 1 : 0;
    return out;
  };
  EXPECT_GT(of_anna(staff("ola", vt.ola)), 0U);
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, anna); }).code(), "ok");
  EXPECT_EQ(of_anna(staff("ola", vt.ola)), 0U);
  EXPECT_GT(of_anna(staff("kari", vt.kari)), 0U);
  EXPECT_EQ(vt.as(vt.liv, [&](Ask r) { fill_withdraw(r, anna); }).code(), "ok");
  EXPECT_EQ(of_anna(staff("kari", vt.kari)) + of_anna(dev()), 0U);
}

TEST_F(Feed, WaitsForAnErasureUnderWay) {
  const std::string anna = vt.guided("Anna Myr");
  const std::string berit = vt.client("Berit Li");
  const auto at_anna = static_cast<std::int64_t>(vt.size());
  const auto handle = [&](const auto& fill, std::uint64_t ticket) {
    Bytes reply;
    EXPECT_TRUE(vt.centre.service->handle(developer(), request_frame(fill), ticket, reply));
    vt.centre.commit().value();
    return reply;
  };
  handle([&](Ask r) { fill_conclude(r, anna); }, 900'001);
  handle([&](Ask r) { fill_message(r, berit, "in", "brev"); }, 900'002);
  ASSERT_TRUE(vt.centre.service->shreds_pending());
  const auto feed = [&](std::int64_t from, std::uint64_t ticket) {
    return Reply(handle([&](Ask r) { r.initEventsFollow().setFrom(from); }, ticket));
  };
  const Reply waits = feed(at_anna, 900'003);
  EXPECT_EQ(waits.root().getEventsFollow().getEvents().size(), 0U);
  EXPECT_EQ(waits.root().getEventsFollow().getNext(), at_anna);
  vt.centre.settle().value();
  const Reply after = feed(at_anna, 900'004);
  std::set<std::string> told;
  for (const auto one : after.root().getEventsFollow().getEvents()) told.insert(one.getType().cStr());
  EXPECT_THAT(told, testing::IsSupersetOf({"guidanceConcluded", "messageReceived", "shredCompleted"}));
}

TEST_F(Feed, TellsOnlyWhatIsDurable) {
  const std::string anna = vt.client("Anna Myr");
  const auto before = static_cast<std::int64_t>(vt.size());
  Bytes reply;
  EXPECT_TRUE(
      vt.centre.service->handle(developer(), request_frame([&](Ask r) { fill_message(r, anna, "in", "brev"); }), 900'001, reply));
  const auto ask_now = [&](std::int64_t at_least, std::uint64_t ticket) {
    const Bytes frame = request_frame([&](Ask r) {
      r.setAtLeast(at_least);
      r.initEventsFollow().setFrom(before);
    });
    return vt.centre.service->handle(developer(), frame, ticket, reply).value();
  };
  ASSERT_EQ(ask_now(-1, 900'002), service::Handled::replied);
  EXPECT_EQ(Reply(reply).root().getEventsFollow().getNext(), before);
  EXPECT_EQ(Reply(reply).root().getEventsFollow().getPosition(), before);
  EXPECT_EQ(ask_now(before, 900'003), service::Handled::drain);
  vt.centre.commit().value();
  ASSERT_EQ(ask_now(before, 900'003), service::Handled::replied);
  EXPECT_EQ(Reply(reply).root().getEventsFollow().getEvents().size(), 1U);
}

}  // namespace
}  // namespace taus::test
