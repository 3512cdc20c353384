// A vt centre with its staff, and a client as far in life as a test needs.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/centre.h"
#include "tests/support/requests.h"

namespace taus::test {

struct Vt {
  explicit Vt(std::uint64_t seed, const char* now = "2026-03-02T08:00:00") : centre(seed, at(now)) {
    centre.start().value();
    kari = staff("Kari Rådgiver", {schema::Role::COUNSELLOR});
    ola = staff("Ola Kollega", {schema::Role::COUNSELLOR});
    liv = staff("Liv Leder", {schema::Role::LEADER});
    dina = staff("Dina Desk", {schema::Role::DESK});
  }

  template <class Fill>
  Reply as(const std::string& who, const Fill& fill) {
    return centre.ask(desk_frontend(), [&](Ask r) {
      by(r, who);
      fill(r);
    });
  }
  template <class Fill>
  Reply dev(const Fill& fill) {
    return centre.ask(developer(), fill);
  }

  std::string staff(const std::string& name, std::initializer_list<schema::Role> roles) {
    const Reply reply = dev([&](Ask r) { fill_staff(r, name, roles); });
    EXPECT_EQ(reply.code(), "ok");
    return reply.ack().getSubject().cStr();
  }
  // A client by the form; her link is in `link`.
  std::string client(const std::string& name, const std::string& mail = "kunde@example.no",
                     const std::string& phone = "41234567") {
    const Reply reply = centre.ask(booking_portal(), [&](Ask r) { fill_form(r, name, mail, phone); });
    EXPECT_EQ(reply.code(), "ok") << (reply.good() ? "" : reply.root().getError().getMessage().cStr());
    link = reply.ack().getLink().cStr();
    return reply.ack().getSubject().cStr();
  }
  std::uint32_t booked(const std::string& subject, const std::string& counsellor, const char* start) {
    const Reply reply = as(counsellor, [&](Ask r) { fill_book(r, subject, counsellor, at(start)); });
    EXPECT_EQ(reply.code(), "ok") << (reply.good() ? "" : reply.root().getError().getMessage().cStr());
    return static_cast<std::uint32_t>(reply.ack().getNumber());
  }
  // A client guided once by Kari on 3 March 2026, 10 to 11.
  std::string guided(const std::string& name) {
    const std::string subject = client(name);
    booked(subject, kari, "2026-03-03T10:00:00");
    clock("2026-03-03T11:30:00");
    EXPECT_EQ(as(kari, [&](Ask r) { fill_held(r, subject); }).code(), "ok");
    return subject;
  }
  // A request of this kind, whose sender is known; its name.
  std::string asked(const std::string& subject, schema::RightsKind kind) {
    const Reply opened = dev([&](Ask r) { fill_rights(r, subject, kind); });
    EXPECT_EQ(opened.code(), "ok") << (opened.good() ? "" : opened.root().getError().getMessage().cStr());
    const std::string request = opened.ack().getRequest().cStr();
    EXPECT_EQ(dev([&](Ask r) { fill_verify(r, request); }).code(), "ok");
    return request;
  }
  // The position of a decision that grants the erasure of everything.
  std::int64_t erasure_granted(const std::string& subject) {
    const std::string request = asked(subject, schema::RightsKind::ERASE);
    const Reply decided = dev([&](Ask r) { fill_decide(r, request, schema::RightsOutcome::FULFILLED); });
    EXPECT_EQ(decided.code(), "ok") << (decided.good() ? "" : decided.root().getError().getMessage().cStr());
    return decided.ack().getPosition();
  }
  Reply show(const std::string& who, const std::string& subject) {
    return as(who, [&](Ask r) { fill_show(r, subject); });
  }
  // The state without personal content, as the developer sees it.
  Reply state(const std::string& subject) {
    return dev([&](Ask r) { r.initSubjectState().setSubject(subject); });
  }
  std::string phase(const std::string& subject) {
    const Reply reply = state(subject);
    if (!reply.good()) return reply.code();
    if (reply.root().getSubjectState().getShredded()) return "shredded";
    return reply.root().getSubjectState().getPhase().cStr();
  }
  // "ident email" ...: the categories whose key lives.
  std::string live(const std::string& subject) {
    const Ordinal ordinal = centre.service->store().ordinal_of(subject).value();
    const std::uint16_t mask = centre.service->store().vault().live_categories(ordinal).value();
    std::string out;
    for (int i = 0; i < category_count; ++i)
      if ((mask >> i & 1) != 0) out += (out.empty() ? "" : " ") + std::string(name(static_cast<Category>(i)));
    return out;
  }
  // Time passes: everything that falls due on the way happens at its instant.
  void clock(const char* to) {
    const Instant end = at(to);
    for (;;) {
      const std::optional<Instant> due = centre.service->next_due();
      if (!due || *due > end) break;
      if (*due > centre.clock.now()) centre.clock.set(*due);
      centre.settle().value();
    }
    centre.clock.set(end);
    centre.settle().value();
  }
  void restart() { centre.restart().value(); }
  std::uint64_t size() { return centre.service->store().durable_size(); }

  Centre centre;
  std::string kari, ola, liv, dina, link;
};

}  // namespace taus::test
