// Two histories that differ by one client, every state of both stores: whoever holds the disk and the present root key, or compares the
// published years, learns the client's answers from neither (docs/STATISTICS.md).
#include <map>
#include <sstream>

#include "eventstore/schema/part.h"
#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

constexpr std::uint64_t k = 5;

struct Readable {
  std::map<std::string, std::uint64_t> people, answered;
  std::uint64_t clients = 0;
  int versions = 0;  // how many tallies open
};

// What of the tallies opens with the present root: every leaf ever written is tried.
Readable readable(const EventStore& store) {
  Readable out;
  for (Position p = 1; p < store.durable_size(); ++p) {
    const journal::Leaf leaf = store.leaf(p).value();
    if (leaf.stream != centre_stream || leaf.parts[0].slot == public_slot) continue;
    const Result<OpenedPart> opened = store.open_part(leaf, 0);
    if (!opened) continue;
    const schema::PartReader part = schema::PartReader::open(opened->plaintext, static_cast<int>(Category::centre)).value();
    if (!part.event().isTallyFolded()) continue;  // the centre's own: settings, group sessions
    ++out.versions;
    for (const auto year : part.event().getTallyFolded().getCentre().getYears()) {
      out.clients += year.getClients();
      for (const auto one : year.getBreakdowns()) {
        out.people[one.getName().cStr()] += one.getPeople();
        out.answered[one.getName().cStr()] += one.getAnswered();
      }
    }
  }
  return out;
}

struct Life {
  explicit Life(bool with) : with_(with) {}

  // A year of twelve clients and, perhaps, one who is unlike them all; `look` is called at every state.
  template <class Look>
  void play(const Look& look) {
    group(8);
    for (int n = 0; n < 12; ++n) {
      if (n == 6 && with_) one("Den Ene", 100, schema::Gender::MALE, "urmaker", look);
      one("Klient " + std::to_string(n), n, schema::Gender::FEMALE, "yrkesvalg", look);
    }
    vt.clock("2027-01-01T00:00:00");
    look(*this);
  }

  template <class Look>
  void one(const std::string& name, int n, schema::Gender gender, const char* topic, const Look& look) {
    const Reply reply = vt.centre.ask(booking_portal(), [&](Ask r) {
      fill_form(r, name, "k" + std::to_string(n) + "@example.no", "4100" + std::to_string(1000 + n));
      r.getBookingRequest().initFocusAreas(1).set(0, topic);
    });
    const std::string id = reply.ack().getSubject().cStr();
    const Instant start = oslo().plus_days(at("2026-03-03T10:00:00"), ++day_);
    EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_book(r, id, vt.kari, start); }).code(), "ok");
    vt.clock(oslo().format_local(start + std::chrono::minutes(90)).c_str());
    EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_held(r, id); }).code(), "ok");
    EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_record(r, id, gender); }).code(), "ok");
    // Every other client asks what is held; the one objects.
    if (n % 2 == 0) decided(id, n == 100 ? schema::RightsKind::OBJECT : schema::RightsKind::ACCESS);
    look(*this);
    EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_conclude(r, id); }).code(), "ok");
    look(*this);
    if (n == 100) {  // the one asks for more than the rules give
      const std::int64_t decision = vt.erasure_granted(id);
      EXPECT_EQ(vt.dev([&](Ask r) { fill_shred(r, id, {schema::Category::DEMOG}, decision); }).code(), "ok");
      look(*this);
    }
  }

  void decided(const std::string& id, schema::RightsKind kind) {
    const std::string request = vt.asked(id, kind);
    EXPECT_EQ(vt.dev([&](Ask r) { fill_decide(r, request, schema::RightsOutcome::FULFILLED); }).code(), "ok");
  }

  void group(int participants) {
    const Reply reply = vt.as(vt.kari, [&](Ask r) {
      auto in = r.initGroupRecord();
      in.setStart(ms_of(vt.centre.clock.now() - std::chrono::hours(1)));
      in.setMinutes(60);
      in.setParticipants(participants);
    });
    EXPECT_EQ(reply.code(), "ok");
  }

  std::string csv() {
    const Reply reply = vt.as(vt.liv, [](Ask r) {
      auto in = r.initStatsExport();
      in.setYear(2026);
      in.setFormat("csv");
    });
    return reply.root().getStatsExport().getText().cStr();
  }

  Vt vt{733};

 private:
  bool with_;
  int day_ = 0;
};

TEST(Differencing, NoStateOfTheStoreNamesOneClientsAnswers) {
  for (const bool with : {false, true}) {
    Life(with).play([](Life& at) {
      const Readable now = readable(at.vt.centre.service->store());
      EXPECT_LE(now.versions, 1);  // of two, the difference would be one person
      for (const auto& [name, answered] : now.answered) EXPECT_TRUE(answered == 0 || now.people.at(name) >= k) << name;
    });
  }
}

// The gender of one client among twelve whose appointments are in the tally must not be folded alone.
TEST(Differencing, AnErasedFactIsInNoTally) {
  Life life(true);
  life.play([](Life& at) {
    const Readable now = readable(at.vt.centre.service->store());
    EXPECT_EQ(now.people.count("gender"), 0U);
  });
}

TEST(Differencing, ThePublishedYearsTellTheHeadAndNotTheAnswers) {
  Life with(true);
  Life without(false);
  with.play([](Life&) {});
  without.play([](Life&) {});
  const std::string one = with.csv();
  const std::string other = without.csv();
  EXPECT_THAT(one, testing::HasSubstr("2026;totals;clients;13;"));
  EXPECT_THAT(other, testing::HasSubstr("2026;totals;clients;12;"));
  // Heads of groups, and what was asked for, tell no more of the one than that somebody came.
  for (const std::string& year : {one, other}) EXPECT_THAT(year, testing::HasSubstr("2026;totals;groupParticipants;8;"));
  EXPECT_THAT(one, testing::Not(testing::HasSubstr("rightsRequests;object;1")));
  EXPECT_THAT(one, testing::Not(testing::HasSubstr("rightsRequests;access;6")));
  for (const char* lone : {"male;1", "male;2", "urmaker"}) EXPECT_THAT(one, testing::Not(testing::HasSubstr(lone))) << lone;
  // Beside a shown total of thirteen, twelve women would be as good as one man.
  EXPECT_THAT(one, testing::Not(testing::HasSubstr("gender;female;12;")));
  EXPECT_THAT(one, testing::Not(testing::HasSubstr("gender;unknown;1;")));
}

// Who only asks, in mt: the count of inquiries is one higher, and nothing else is told, in no state of either store.
TEST(Differencing, AnInquiryIsAHeadAndNothingElse) {
  const auto year = [](bool with) {
    Centre centre(734, at("2026-03-02T08:00:00"), "mt");
    centre.start().value();
    for (int n = 0; n < 7; ++n) {
      if (n == 6 && !with) break;
      const Reply asked = centre.ask(booking_portal(), [&](Ask r) {
        auto in = r.initInquiryReceive();
        in.setText(n == 6 ? "Kan en urmaker bli lærer?" : "Har dere ledig time?");
        in.setEmail("k" + std::to_string(n) + "@example.no");
      });
      EXPECT_EQ(asked.code(), "ok");
      const std::string id = asked.ack().getSubject().cStr();
      EXPECT_EQ(centre.ask(developer(), [&](Ask r) { r.initInquiryAnswer().setSubject(id); }).code(), "ok");
      const Readable now = readable(centre.service->store());
      EXPECT_LE(now.versions, 1);
      EXPECT_EQ(now.people.size(), 0U) << "nothing is folded of who was never served";
    }
    while (centre.service->next_due() && *centre.service->next_due() <= at("2027-01-01T00:00:00")) {
      centre.clock.set(*centre.service->next_due());
      centre.settle().value();
      EXPECT_EQ(readable(centre.service->store()).people.size(), 0U);
    }
    centre.clock.set(at("2027-01-01T00:00:01"));
    centre.settle().value();
    const Reply reply = centre.ask(developer(), [](Ask r) {
      auto in = r.initStatsExport();
      in.setYear(2026);
      in.setFormat("csv");
    });
    return std::string(reply.root().getStatsExport().getText().cStr());
  };
  std::istringstream with(year(true));
  std::istringstream without(year(false));
  std::string one;
  std::string other;
  std::vector<std::string> differ;
  while (std::getline(with, one) && std::getline(without, other))
    if (one != other) differ.push_back(one.substr(0, one.find(';', one.find("totals;") + 7)));
  const std::vector<std::string> heads{"2026;totals;erasures", "2026;totals;inquiries", "2026;totals;inquiriesAnswered"};
  EXPECT_EQ(differ, heads);
}

}  // namespace
}  // namespace taus::test
