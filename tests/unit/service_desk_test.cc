// What comes before a booking: published times, inquiries; and group sessions, whose heads are counted.
#include <string>

#include "eventstore/base/limits.h"
#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

std::string told(const Reply& reply) { return reply.code() + (reply.good() ? "" : " " + reply.pointer()); }

void fill_slots(Ask r, const std::string& counsellor, const char* start, int minutes = 60) {
  auto in = r.initSlotsPublish();
  in.setCounsellor(counsellor);
  in.setStart(ms_of(at(start)));
  in.setMinutes(minutes);
  in.setChannel(schema::Channel::VIDEO);
}

std::vector<std::string> listed(Vt& vt, const std::string& who) {
  std::vector<std::string> out;
  const Reply reply = vt.as(who, [](Ask r) {
    auto in = r.initSlotsList();
    in.setFrom("2026-03-02");
    in.setTo("2026-12-31");
  });
  for (const auto one : reply.root().getSlotsList().getSlots())
    out.emplace_back(oslo().format_local(instant_of_ms(one.getStart())));
  return out;
}

TEST(Slots, WeeksKeepTheLocalTimeAndNothingOverlaps) {
  Vt vt(31, "2026-03-02T08:00:00");
  const auto publish = [&](const std::string& who, auto change) {
    return told(vt.as(who, [&](Ask r) {
      fill_slots(r, vt.kari, "2026-03-23T09:00:00");
      change(r.getSlotsPublish());
    }));
  };
  using Publish = api::SlotsPublish::Builder;
  EXPECT_EQ(publish(vt.ola, [](Publish) {}), "unauthorized ");
  EXPECT_EQ(publish(vt.kari, [](Publish p) { p.setStart(ms_of(at("2026-03-01T09:00:00"))); }), "invalid_argument /start");
  EXPECT_EQ(publish(vt.kari, [](Publish p) { p.setStart(ms_of(at("2027-03-03T09:00:00"))); }), "invalid_argument /start");
  EXPECT_EQ(publish(vt.kari, [](Publish p) { p.setMinutes(0); }), "invalid_argument /minutes");
  EXPECT_EQ(publish(vt.kari, [](Publish p) { p.setChannel(schema::Channel::EMAIL); }), "invalid_argument /channel");
  EXPECT_EQ(publish(vt.kari, [](Publish p) { p.setUntil("2026-03-22"); }), "invalid_argument /until");
  EXPECT_EQ(publish(vt.kari, [](Publish p) { p.setUntil("2027-06-01"); }), "too_large /until");
  EXPECT_EQ(publish(vt.kari, [](Publish p) { p.setUntil("2027-02-29"); }), "invalid_argument /until") << "no leap year";
  EXPECT_EQ(publish(vt.kari, [](Publish p) { p.setPlace("rom\x01"); }), "invalid_argument /place");
  EXPECT_EQ(publish(vt.kari, [](Publish p) { p.setCount(static_cast<int>(limits::slots_published_max) + 1); }),
            "too_large /count");
  EXPECT_EQ(publish(vt.kari, [](Publish p) { p.setCount(0); }), "too_large /count");
  EXPECT_EQ(publish(vt.kari, [](Publish p) { p.setCounsellor("x"); }), "not_found /counsellor");
  EXPECT_EQ(publish(vt.kari, [](Publish p) { p.setUntil("2026-04-06"); }), "ok");
  const std::vector<std::string> weeks{"2026-03-23T09:00:00+01:00", "2026-03-30T09:00:00+02:00", "2026-04-06T09:00:00+02:00"};
  EXPECT_EQ(listed(vt, vt.dina), weeks);
  EXPECT_EQ(publish(vt.liv, [](Publish p) { p.setStart(ms_of(at("2026-03-23T09:59:00"))); }), "slot_taken /start");
  EXPECT_EQ(publish(vt.liv, [](Publish p) { p.setStart(ms_of(at("2026-03-23T08:00:00"))); }), "ok");
  EXPECT_EQ(publish(vt.liv,
                    [](Publish p) {
                      p.setStart(ms_of(at("2026-03-23T10:00:00")));
                      p.setCount(3);
                    }),
            "ok");
  vt.restart();
  EXPECT_EQ(listed(vt, vt.dina).size(), 7U);
}

// The clock's own changes: times back to back across them neither overlap nor leave a hole, and a week's time that is not there is
// refused with its date, as such a time alone is.
TEST(Slots, AcrossTheHourThatIsNotThereAndTheOneThatIsTwice) {
  Vt vt(38, "2026-03-02T08:00:00");
  const auto publish = [&](const char* start, int count, const char* until) {
    return told(vt.as(vt.kari, [&](Ask r) {
      fill_slots(r, vt.kari, start);
      if (count > 0) r.getSlotsPublish().setCount(count);
      if (until != nullptr) r.getSlotsPublish().setUntil(until);
    }));
  };
  EXPECT_EQ(publish("2026-03-22T02:30:00", 0, "2026-04-05"), "invalid_argument /until");
  EXPECT_TRUE(listed(vt, vt.dina).empty());
  ASSERT_EQ(publish("2026-03-22T02:30:00", 0, "2026-03-28"), "ok");
  ASSERT_EQ(publish("2026-04-05T02:30:00", 0, nullptr), "ok");
  ASSERT_EQ(publish("2026-03-22T01:30:00", 2, "2026-03-29"), "slot_taken /start") << "one of them stands there";
  ASSERT_EQ(publish("2026-03-29T01:00:00", 2, nullptr), "ok");
  const std::vector<std::string> spring{"2026-03-22T02:30:00+01:00", "2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00",
                                        "2026-04-05T02:30:00+02:00"};
  EXPECT_EQ(listed(vt, vt.dina), spring);
  EXPECT_EQ(publish("2026-03-29T03:30:00", 0, nullptr), "slot_taken /start");
  ASSERT_EQ(publish("2026-10-25T01:00:00", 3, nullptr), "ok");
  const std::vector<std::string> all = listed(vt, vt.dina);
  const std::vector<std::string> night(all.begin() + 4, all.end());
  const std::vector<std::string> thrice{"2026-10-25T01:00:00+02:00", "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"};
  EXPECT_EQ(night, thrice);
  EXPECT_EQ(publish("2026-10-25T02:30:00", 0, nullptr), "slot_taken /start");
  vt.clock("2028-02-01T08:00:00");
  ASSERT_EQ(publish("2028-02-29T09:00:00", 0, "2028-03-07"), "ok") << "a leap day is a day";
}

TEST(Slots, AtMostFiveThousandLieAheadAndWhatLiesBehindCountsNoMore) {
  Vt vt(40, "2026-03-02T08:00:00");
  const auto publish = [&](const char* start) {
    return told(vt.as(vt.kari, [&](Ask r) {
      fill_slots(r, vt.kari, start, 1);
      r.getSlotsPublish().setCount(static_cast<int>(limits::slots_published_max));
    }));
  };
  for (const char* day : {"03", "04", "05", "06", "07", "08", "09", "10", "11", "12"})
    ASSERT_EQ(publish(("2026-03-" + std::string(day) + "T08:00:00").c_str()), "ok");
  EXPECT_EQ(publish("2026-03-13T08:00:00"), "too_large /count");
  vt.clock("2026-03-03T20:00:00");
  EXPECT_EQ(publish("2026-03-13T08:00:00"), "ok");
  vt.restart();
  EXPECT_EQ(listed(vt, vt.dina).size(), limits::slots_ahead_max);
  EXPECT_EQ(publish("2026-03-14T08:00:00"), "too_large /count");
}

TEST(Slots, ATimeThatHasBegunIsNoLongerBooked) {
  Vt vt(39, "2026-03-02T08:00:00");
  const std::string anna = vt.client("Anna Myr");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_slots(r, vt.kari, "2026-03-03T10:00:00"); }).code(), "ok");
  vt.clock("2026-03-03T10:00:00");
  EXPECT_EQ(listed(vt, vt.dina).size(), 0U);
  EXPECT_EQ(told(vt.as(vt.kari,
                       [&](Ask r) {
                         auto in = r.initBookingBook();
                         in.setSubject(anna);
                         in.setSlot(vt.kari + ".1");
                       })),
            "invalid_argument /slot");
}

TEST(Slots, ABookedTimeIsFreeAgainOnceCancelled) {
  Vt vt(32, "2026-03-02T08:00:00");
  const std::string anna = vt.client("Anna Myr");
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_slots(r, vt.kari, "2026-03-03T10:00:00"); }).code(), "ok");
  const std::string slot = vt.kari + ".1";
  const auto book = [&](auto change) {
    return told(vt.centre.ask(booking_portal(), [&](Ask r) {
      r.setLink(vt.link);
      auto in = r.initBookingBook();
      in.setSubject(anna);
      in.setSlot(slot);
      change(in);
    }));
  };
  using Book = api::Book::Builder;
  EXPECT_EQ(book([](Book b) { b.setSlot("x.1"); }), "not_found /slot");
  EXPECT_EQ(book([&](Book b) { b.setSlot(vt.kari + ".2"); }), "not_found /slot");
  EXPECT_EQ(book([&](Book b) { b.setSlot(anna + ".1"); }), "not_found /slot");
  EXPECT_EQ(book([](Book b) { b.setMinutes(30); }), "invalid_argument /slot");
  EXPECT_EQ(book([](Book) {}), "ok");
  EXPECT_EQ(listed(vt, vt.dina).size(), 0U);
  EXPECT_EQ(book([](Book) {}), "slot_taken /start");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_slots(r, vt.kari, "2026-03-03T10:30:00"); }).code(), "slot_taken");
  vt.restart();
  ASSERT_EQ(vt.as(vt.dina, [&](Ask r) { r.initBookingCancel().setSubject(anna); }).code(), "ok");
  EXPECT_EQ(listed(vt, vt.dina).size(), 1U);
  EXPECT_EQ(vt.as(vt.ola, [&](Ask r) { r.initSlotsWithdraw().setSlot(slot); }).code(), "unauthorized");
  EXPECT_EQ(vt.as(vt.dina, [&](Ask r) { r.initSlotsWithdraw().setSlot(slot); }).code(), "ok");
  EXPECT_EQ(vt.as(vt.dina, [&](Ask r) { r.initSlotsWithdraw().setSlot(slot); }).code(), "not_found");
  EXPECT_EQ(book([](Book) {}), "not_found /slot");
  vt.restart();
  EXPECT_EQ(listed(vt, vt.dina).size(), 0U);
}

// Once an erasure is accepted the time is nobody's: who publishes in the same breath is not told that it is taken.
TEST(Slots, WhatIsBeingErasedTakesNoTime) {
  Vt vt(43, "2026-03-02T08:00:00");
  const std::string anna = vt.client("Anna Myr");
  vt.booked(anna, vt.kari, "2026-03-03T10:00:00");
  EXPECT_EQ(vt.as(vt.kari, [&](Ask r) { fill_slots(r, vt.kari, "2026-03-03T10:00:00"); }).code(), "slot_taken");
  Bytes reply;
  const Bytes withdrawal = request_frame([&](Ask r) { fill_withdraw(r, anna, true); });
  ASSERT_EQ(vt.centre.service->handle(developer(), withdrawal, 1001, reply).value(), service::Handled::replied);
  const Bytes offer = request_frame([&](Ask r) {
    by(r, vt.kari);
    fill_slots(r, vt.kari, "2026-03-03T10:00:00");
  });
  EXPECT_EQ(vt.centre.service->handle(desk_frontend(), offer, 1002, reply).value(), service::Handled::drain);
  ASSERT_TRUE(vt.centre.settle());
  ASSERT_EQ(vt.centre.service->handle(desk_frontend(), offer, 1002, reply).value(), service::Handled::replied);
  EXPECT_EQ(Reply(reply).code(), "ok");
}

TEST(Inquiries, AnInboxShowsTwoHundredAndAClientHasSixteen) {
  Centre centre(47, at("2026-03-02T08:00:00"), "mt");
  centre.start().value();
  const auto ask = [&](const std::string& subject) {
    return centre.ask(developer(), [&](Ask r) {
      auto in = r.initInquiryReceive();
      in.setText("Har dere ledig time?");
      if (subject.empty())
        in.setEmail("k@example.no");
      else
        in.setSubject(subject);
    });
  };
  const Reply first = ask("");
  ASSERT_EQ(told(first), "ok");
  const std::string anna = first.ack().getSubject().cStr();
  for (std::size_t i = 1; i < limits::open_inquiries_max; ++i) ASSERT_EQ(told(ask(anna)), "ok");
  EXPECT_EQ(told(ask(anna)), "too_large /subject");
  for (std::size_t i = limits::open_inquiries_max; i < limits::inquiries_shown_max + 5; ++i) ASSERT_EQ(told(ask("")), "ok");
  const Reply inbox = centre.ask(developer(), [](Ask r) {
    r.setPurpose("svare");
    r.initInquiryList();
  });
  EXPECT_EQ(inbox.root().getInquiryList().getInquiries().size(), limits::inquiries_shown_max);
  EXPECT_EQ(inbox.root().getInquiryList().getLeft(), 5U);
}

TEST(Inquiries, ACentreThatTakesNoneSaysSo) {
  Vt vt(33);
  EXPECT_EQ(told(vt.centre.ask(booking_portal(),
                               [](Ask r) {
                                 auto in = r.initInquiryReceive();
                                 in.setText("Hei");
                                 in.setEmail("a@example.no");
                               })),
            "invalid_argument /text");
}

TEST(Inquiries, SentAgainHasTheSameNumber) {
  Centre centre(48, at("2026-03-02T08:00:00"), "mt");
  centre.start().value();
  const auto ask = [&](const char* id, const std::string& subject) {
    return centre.ask(developer(), [&](Ask r) {
      r.setRequestId(id);
      auto in = r.initInquiryReceive();
      in.setText("Har dere ledig time?");
      if (subject.empty())
        in.setPhone("41234567");
      else
        in.setSubject(subject);
    });
  };
  const Reply first = ask("a", "");
  ASSERT_EQ(told(first), "ok");
  const std::string anna = first.ack().getSubject().cStr();
  const Reply second = ask("b", anna);
  ASSERT_EQ(told(second), "ok");
  for (int round = 0; round < 2; ++round) {
    const Reply first_again = ask("a", "");
    EXPECT_EQ(first_again.ack().getNumber(), 1) << "who is new has no number in name and address";
    EXPECT_EQ(first_again.ack().getPosition(), first.ack().getPosition());
    const Reply second_again = ask("b", anna);
    EXPECT_EQ(second_again.ack().getNumber(), 2);
    centre.restart().value();
  }
}

// MT-R4: who only asked is gone four weeks after the answer.
TEST(Inquiries, TheAnswerEndsTheRelationship) {
  Centre centre(34, at("2026-03-02T08:00:00"), "mt");
  centre.start().value();
  const auto dev = [&](const auto& fill) { return centre.ask(developer(), fill); };
  const auto ask = [&](const char* text, const char* email) {
    return centre.ask(booking_portal(), [&](Ask r) {
      auto in = r.initInquiryReceive();
      in.setText(text);
      in.setName("Anna Myr");
      in.setEmail(email);
    });
  };
  EXPECT_EQ(told(ask("", "a@example.no")), "invalid_argument /text");
  EXPECT_EQ(told(ask("Hei", "")), "invalid_argument /email");
  EXPECT_EQ(told(ask("Hei", "anna")), "invalid_argument /email");
  const Reply first = ask("Har dere ledig time?", "anna@example.no");
  ASSERT_EQ(told(first), "ok");
  const std::string anna = first.ack().getSubject().cStr();
  const auto inbox = [&] {
    return dev([](Ask r) {
      r.setPurpose("svare");
      r.initInquiryList();
    });
  };
  {
    const Reply shown = inbox();
    ASSERT_EQ(shown.root().getInquiryList().getInquiries().size(), 1U);
    EXPECT_STREQ(shown.root().getInquiryList().getInquiries()[0].getText().cStr(), "Har dere ledig time?");
  }
  const auto answer = [&](std::int64_t number = -1) {
    return dev([&](Ask r) {
      auto in = r.initInquiryAnswer();
      in.setSubject(anna);
      in.setNumber(number);
    });
  };
  EXPECT_EQ(told(answer(7)), "not_found /number");
  centre.clock.set(at("2026-03-10T09:00:00"));
  ASSERT_EQ(told(answer()), "ok");
  EXPECT_EQ(told(answer()), "not_found /number");
  centre.restart().value();
  const Reply answered = inbox();
  EXPECT_NE(answered.root().getInquiryList().getInquiries()[0].getAnsweredAt(), no_time_ms);
  const auto alive = [&] {
    return centre.service->store().vault().live_categories(centre.service->store().ordinal_of(anna).value()).value();
  };
  centre.clock.set(at("2026-04-07T08:59:59"));
  centre.settle().value();
  EXPECT_TRUE(has(alive(), Category::ident));
  centre.clock.set(at("2026-04-07T09:00:00"));
  centre.settle().value();
  EXPECT_FALSE(has(alive(), Category::ident));
  EXPECT_FALSE(has(alive(), Category::intake));
  const Reply stats = dev([](Ask r) { r.initStatsShow().setYear(2026); });
  std::map<std::string, std::int64_t> counts;
  for (const auto one : stats.root().getStatsShow().getPublished().getCounts()) counts[one.getCode().cStr()] = one.getCount();
  EXPECT_EQ(counts.count("inquiriesAnswered"), 1U);
}

TEST(Groups, HeadsAreCountedAndNobodyIsNamed) {
  Vt vt(35, "2026-03-02T12:00:00");
  const auto record = [&](const std::string& who, auto change) {
    return told(vt.as(who, [&](Ask r) {
      auto in = r.initGroupRecord();
      in.setStart(ms_of(at("2026-03-02T10:00:00")));
      in.setMinutes(90);
      in.setParticipants(12);
      in.setTopic("Jobbsøking");
      change(in);
    }));
  };
  using Record = api::GroupRecord::Builder;
  EXPECT_EQ(record(vt.kari, [](Record g) { g.setStart(ms_of(at("2026-03-02T13:00:00"))); }), "invalid_argument /start");
  EXPECT_EQ(record(vt.kari, [](Record g) { g.setStart(ms_of(at("2020-03-02T13:00:00"))); }), "invalid_argument /start");
  EXPECT_EQ(record(vt.kari, [](Record g) { g.setParticipants(-1); }), "invalid_argument /participants");
  EXPECT_EQ(record(vt.kari, [](Record g) { g.setParticipants(limits::group_participants_max + 1); }),
            "invalid_argument /participants");
  EXPECT_EQ(record(vt.kari, [](Record g) { g.setMinutes(0); }), "invalid_argument /minutes");
  EXPECT_EQ(record(vt.kari, [](Record) {}), "ok");
  EXPECT_EQ(record(vt.dina, [](Record g) { g.setParticipants(8); }), "ok");
  EXPECT_EQ(record(vt.dina, [](Record g) { g.setParticipants(99); }), "ok");
  const auto correct = [&](std::int64_t number, int participants, bool cancelled) {
    return told(vt.as(vt.liv, [&](Ask r) {
      auto in = r.initGroupCorrect();
      in.setNumber(number);
      in.setParticipants(participants);
      in.setCancelled(cancelled);
    }));
  };
  EXPECT_EQ(correct(4, 3, false), "not_found /number");
  EXPECT_EQ(correct(0, 3, false), "not_found /number");
  EXPECT_EQ(correct(1, -1, false), "invalid_argument /participants");
  EXPECT_EQ(correct(1, 3, true), "invalid_argument /participants");
  EXPECT_EQ(correct(1, 13, false), "ok");
  EXPECT_EQ(correct(3, -1, true), "ok");
  EXPECT_EQ(correct(3, 5, false), "version_conflict /number");
  for (int round = 0; round < 2; ++round) {
    const Reply list = vt.as(vt.kari, [](Ask r) { r.initGroupList().setYear(2026); });
    ASSERT_EQ(list.root().getGroupList().getSessions().size(), 3U);
    EXPECT_EQ(list.root().getGroupList().getSessions()[0].getParticipants(), 13);
    vt.restart();
  }
  vt.clock("2027-01-01T00:00:00");
  const Reply stats = vt.as(vt.liv, [](Ask r) { r.initStatsShow().setYear(2026); });
  std::map<std::string, std::int64_t> counts;
  for (const auto one : stats.root().getStatsShow().getPublished().getCounts()) counts[one.getCode().cStr()] = one.getCount();
  EXPECT_EQ(counts["groupSessions"], 2);
  EXPECT_EQ(counts["groupParticipants"], 21);
  EXPECT_EQ(counts.count("inquiries"), 0U) << "this centre takes none";
  const Reply late = vt.as(vt.kari, [](Ask r) {
    auto in = r.initGroupRecord();
    in.setStart(ms_of(at("2026-12-30T10:00:00")));
    in.setMinutes(60);
    in.setParticipants(5);
  });
  ASSERT_EQ(late.code(), "ok");
  EXPECT_EQ(late.ack().getWarnings().size(), 1U);
}

}  // namespace
}  // namespace taus::test
