#include "tests/unit/projections_support.h"

namespace taus::test {
namespace {

using projections::email_key;
using projections::phone_key;

constexpr Ordinal kari = 1;
constexpr Ordinal ola = 2;
constexpr Ordinal anna = 11;
constexpr Ordinal berit = 12;

struct Index : testing::Test {
  void booking(Ordinal who, const char* name, const char* email, const char* phone) {
    journal.append(now, who, day_one, [&](EventBuilder e) {
      auto form = e.initBookingRequested();
      form.initIdent().setName(name);
      form.initEmail().setEmail(email);
      form.initPhone().setPhone(phone);
    });
  }
  void appointment(Ordinal who, std::uint32_t number, Ordinal counsellor, int from, int to) {
    journal.append(now, who, day_one, [&](EventBuilder e) { fill_appointment(e, number, counsellor, hour(from), hour(to)); });
  }
  [[nodiscard]] std::vector<std::pair<Ordinal, std::uint32_t>> calendar(Ordinal counsellor, int from, int to) const {
    std::vector<std::pair<Ordinal, std::uint32_t>> out;
    for (const auto& ref : now.calendar(counsellor, hour(from), hour(to))) out.emplace_back(ref.subject, ref.number);
    return out;
  }
  PlainJournal journal;
  Projections now;
};

using Refs = std::vector<std::pair<Ordinal, std::uint32_t>>;

TEST(Keys, ContactsAreLookedUpAsPeopleWriteThem) {
  EXPECT_EQ(email_key("Anna@Example.NO"), "anna@example.no");
  EXPECT_EQ(email_key("ÆØÅ@x.no"), "æøå@x.no");
  EXPECT_EQ(phone_key("412 34 567"), "4741234567");
  EXPECT_EQ(phone_key("+47 41234567"), "4741234567");
  EXPECT_EQ(phone_key("0047 41 23 45 67"), "4741234567");
  EXPECT_EQ(phone_key("+46 70 123 45 67"), "46701234567");
  EXPECT_EQ(phone_key(""), "");
}

TEST_F(Index, FindsByEmailPhoneAndName) {
  booking(anna, "Anna Ås", "felles@example.no", "41234567");
  booking(berit, "Berit Hansen", "Felles@Example.no", "+47 999 88 777");
  EXPECT_EQ(now.by_email("FELLES@example.no"), (std::vector<Ordinal>{anna, berit}));
  EXPECT_EQ(now.by_phone("99988777"), (std::vector<Ordinal>{berit}));
  EXPECT_EQ(now.by_name("ÅS"), (std::vector<Ordinal>{anna}));
  EXPECT_EQ(now.by_name("an"), (std::vector<Ordinal>{anna, berit}));
  EXPECT_TRUE(now.by_email("").empty());
  booking(anna, "Anna Ås", "ny@example.no", "41234567");
  EXPECT_EQ(now.by_email("felles@example.no"), (std::vector<Ordinal>{berit})) << "the old address is not hers any more";
  now.forget(berit, bit(Category::email), false);
  EXPECT_TRUE(now.by_email("felles@example.no").empty());
  EXPECT_EQ(now.by_phone("99988777"), (std::vector<Ordinal>{berit}));
  now.forget(berit, 0xffff, true);
  EXPECT_TRUE(now.by_phone("99988777").empty());
  EXPECT_TRUE(now.by_name("Berit").empty());
  EXPECT_TRUE(now.wholly_shredded(berit));
  EXPECT_EQ(now.subject(berit), nullptr);
}

TEST_F(Index, TheCalendarListsWhatOverlaps) {
  appointment(anna, 1, kari, 10, 11);
  appointment(berit, 1, kari, 11, 12);
  appointment(berit, 2, ola, 10, 22);  // the longest there can be
  EXPECT_EQ(calendar(kari, 10, 12), (Refs{{anna, 1}, {berit, 1}}));
  EXPECT_EQ(calendar(kari, 11, 12), (Refs{{berit, 1}})) << "an end is not part of it";
  EXPECT_EQ(calendar(kari, 9, 10), Refs{});
  EXPECT_EQ(calendar(ola, 21, 23), (Refs{{berit, 2}}));
  EXPECT_EQ(calendar(ola, 22, 23), Refs{});
  EXPECT_EQ(calendar(0, 0, 100), (Refs{{anna, 1}, {berit, 2}, {berit, 1}}));
}

TEST_F(Index, FreeIsWhatNoUncancelledAppointmentTakes) {
  appointment(anna, 1, kari, 10, 11);
  const auto free = [&](int from, int to, Ordinal but = 0) {
    return now.taken_by(kari, hour(from), hour(to), {.subject = but, .number = 1}).empty();
  };
  EXPECT_FALSE(free(10, 11));
  EXPECT_FALSE(free(9, 24));
  EXPECT_TRUE(free(11, 12));
  EXPECT_TRUE(free(9, 10));
  EXPECT_TRUE(free(10, 11, anna)) << "the one that is being moved";
  EXPECT_FALSE(free(10, 11, berit));
  EXPECT_TRUE(now.taken_by(ola, hour(10), hour(11), {}).empty());
  journal.append(now, anna, day_one, [](EventBuilder e) {
    auto to = e.initAppointmentRescheduled().initAppt();
    to.setNumber(1);
    to.setStart(ms_of(hour(14)));
    to.setEnd(ms_of(hour(15)));
  });
  EXPECT_TRUE(free(10, 11));
  EXPECT_FALSE(free(14, 15));
  journal.append(now, anna, day_one, [](EventBuilder e) { e.initAppointmentCancelled().initAppt().setNumber(1); });
  EXPECT_TRUE(free(14, 15));
  EXPECT_EQ(calendar(kari, 0, 100), (Refs{{anna, 1}})) << "still listed, and free";
  appointment(berit, 1, kari, 14, 15);
  now.forget(berit, bit(Category::appt), false);
  EXPECT_TRUE(free(14, 15));
  EXPECT_EQ(calendar(kari, 0, 100), (Refs{{anna, 1}}));
}

}  // namespace
}  // namespace taus::test
