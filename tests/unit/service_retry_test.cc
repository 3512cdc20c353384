// The same request id again: once done, the same answer; another body, a conflict; what it did shredded, shredded.
#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

struct Retry : testing::Test {
  template <class Fill>
  Reply with_id(const std::string& id, const Fill& fill) {
    return vt.as(vt.kari, [&](Ask r) {
      r.setRequestId(id);
      fill(r);
    });
  }
  static void expect_same(const Reply& a, const Reply& b) {
    ASSERT_EQ(a.code(), "ok");
    ASSERT_EQ(b.code(), "ok");
    EXPECT_EQ(a.ack().getPosition(), b.ack().getPosition());
    EXPECT_EQ(a.ack().getVersion(), b.ack().getVersion());
    EXPECT_EQ(a.ack().getNumber(), b.ack().getNumber());
    EXPECT_STREQ(a.ack().getSubject().cStr(), b.ack().getSubject().cStr());
    EXPECT_STREQ(a.ack().getLink().cStr(), b.ack().getLink().cStr());
  }
  Vt vt{1};
};

TEST_F(Retry, GivesTheSameAnswerOnceMoreAlsoAfterARestart) {
  const auto form = [](Ask r) { fill_form(r, "Anna Myr", "anna@example.no", "41234567"); };
  const Reply booked = with_id("form-1", form);
  const std::string anna = booked.ack().getSubject().cStr();
  ASSERT_EQ(vt.centre
                .ask(booking_portal(),
                     [&](Ask r) {
                       r.setLink(booked.ack().getLink());
                       fill_tick(r);
                     })
                .code(),
            "ok")
      << "what staff entered waits for it";
  const auto appointment = [&](Ask r) { fill_book(r, anna, vt.kari, at("2026-03-03T10:00:00")); };
  const auto mail = [&](Ask r) { fill_message(r, anna, "out", "hei"); };
  const Reply appointed = with_id("book-1", appointment);
  const Reply mailed = with_id("mail-1", mail);
  const std::uint64_t size = vt.size();
  for (int round = 0; round < 2; ++round) {
    expect_same(booked, with_id("form-1", form));
    expect_same(appointed, with_id("book-1", appointment));
    expect_same(mailed, with_id("mail-1", mail));
    EXPECT_EQ(vt.size(), size);
    vt.restart();
  }
}

TEST_F(Retry, OfAnotherBodyIsAConflict) {
  const std::string anna = vt.client("Anna Myr");
  ASSERT_EQ(with_id("r", [&](Ask r) { fill_message(r, anna, "out", "hei"); }).code(), "ok");
  EXPECT_EQ(with_id("r", [&](Ask r) { fill_message(r, anna, "out", "hei du"); }).code(), "version_conflict");
  EXPECT_EQ(with_id("r", [&](Ask r) { fill_book(r, anna, vt.kari, at("2026-03-03T10:00:00")); }).code(), "version_conflict");
  vt.restart();
  EXPECT_EQ(with_id("r", [&](Ask r) { fill_message(r, anna, "out", "hei du"); }).code(), "version_conflict");
}

TEST_F(Retry, OfAnotherPrincipalIsAnotherRequest) {
  const std::string anna = vt.client("Anna Myr");
  const auto mail = [&](Ask r) {
    r.setRequestId("r");
    fill_message(r, anna, "in", "hei");
  };
  const Reply first = vt.centre.ask(developer(), mail);
  const Reply second = vt.centre.ask(booking_portal(), mail);
  ASSERT_EQ(second.code(), "ok");
  EXPECT_NE(first.ack().getPosition(), second.ack().getPosition());
}

TEST_F(Retry, AfterTheShredIsShredded) {
  const std::string anna = vt.client("Anna Myr");
  const auto withdraw = [&](Ask r) { fill_withdraw(r, anna); };
  const auto mail = [&](Ask r) { fill_message(r, anna, "in", "hei"); };
  ASSERT_EQ(with_id("mail", mail).code(), "ok");
  ASSERT_EQ(with_id("w", withdraw).code(), "ok");
  const std::uint64_t size = vt.size();
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(with_id("w", withdraw).code(), "shredded");
    EXPECT_EQ(with_id("mail", mail).code(), "shredded");
    EXPECT_EQ(vt.size(), size);
    vt.restart();
  }
}

TEST_F(Retry, WhereSomeOfItWasShreddedIsToldByWhatLives) {
  const std::string anna = vt.guided("Anna Myr");
  const std::string berit = vt.client("Berit Lie");
  const auto conclude = [&](Ask r) { fill_conclude(r, anna); };
  const Reply concluded = with_id("c", conclude);  // its log, its mail and its own event in the case go with the answer
  ASSERT_EQ(concluded.code(), "ok");
  const std::uint64_t size = vt.size();
  for (int round = 0; round < 2; ++round) {
    const Reply again = with_id("c", conclude);
    expect_same(concluded, again);
    EXPECT_EQ(again.ack().getReceipt(), concluded.ack().getReceipt());
    EXPECT_EQ(with_id("c", [&](Ask r) { fill_conclude(r, berit); }).code(), "version_conflict") << "of somebody else";
    EXPECT_EQ(with_id("c", [&](Ask r) { fill_message(r, anna, "in", "hei"); }).code(), "version_conflict") << "another command";
    EXPECT_EQ(vt.as(vt.ola,
                    [&](Ask r) {
                      r.setRequestId("c");
                      conclude(r);
                    })
                  .code(),
              "version_conflict")
        << "by somebody else";
    EXPECT_EQ(vt.size(), size);
    vt.restart();
  }
}

TEST_F(Retry, AfterSevenDaysIsANewRequest) {
  const std::string anna = vt.client("Anna Myr");
  const auto mail = [&](Ask r) { fill_message(r, anna, "in", "hei"); };
  const Reply first = with_id("mail", mail);
  vt.clock("2026-03-09T07:00:00");
  expect_same(first, with_id("mail", mail));
  vt.clock("2026-03-10T09:00:00");
  EXPECT_NE(with_id("mail", mail).ack().getPosition(), first.ack().getPosition());
}

TEST_F(Retry, OfARefusedCommandIsDecidedAnew) {
  const std::string anna = vt.client("Anna Myr");
  const auto held = [&](Ask r) { fill_held(r, anna); };
  vt.booked(anna, vt.kari, "2026-03-03T10:00:00");
  EXPECT_EQ(with_id("h", held).code(), "invalid_argument") << "it has not begun";
  vt.clock("2026-03-03T11:00:00");
  EXPECT_EQ(with_id("h", held).code(), "ok");
}

TEST_F(Retry, WhileStagedWaitsForItsCommit) {
  const std::string anna = vt.client("Anna Myr");
  const Bytes frame = request_frame([&](Ask r) {
    by(r, vt.kari, "staged");
    fill_message(r, anna, "in", "hei");
  });
  Bytes first;
  Bytes second;
  ASSERT_EQ(vt.centre.service->handle(desk_frontend(), frame, 1001, first).value(), service::Handled::replied);
  EXPECT_EQ(vt.centre.service->handle(desk_frontend(), frame, 1002, second).value(), service::Handled::drain);
  ASSERT_TRUE(vt.centre.commit());
  ASSERT_EQ(vt.centre.service->handle(desk_frontend(), frame, 1002, second).value(), service::Handled::replied);
  expect_same(Reply(first), Reply(second));
}

}  // namespace
}  // namespace taus::test
