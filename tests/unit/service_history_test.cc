// Whoever verifies the history or wants a proof waits for a reading beside everything else, and is told what was true when they asked.
#include <algorithm>
#include <map>
#include <string>

#include "tests/unit/service_support.h"

namespace taus::test {
namespace {

struct History : testing::Test {
  History() : anna(vt.client("Anna Myr")) {}

  // Asks without reading; the ticket.
  template <class Fill>
  std::uint64_t put(const Fill& fill) {
    const Bytes frame = request_frame([&](Ask r) {
      r.setId(++asked);
      fill(r);
    });
    Bytes reply;
    EXPECT_EQ(vt.centre.commit().has_value(), true);
    EXPECT_EQ(vt.centre.service->handle(developer(), frame, first_ticket + asked, reply).value(), service::Handled::waits);
    return first_ticket + asked;
  }
  std::uint64_t verify() {
    return put([](Ask r) { r.initAuditVerify(); });
  }
  std::uint64_t prove(std::int64_t position) {
    return put([&](Ask r) { r.initAuditProve().setPosition(position); });
  }
  std::map<std::uint64_t, Reply> read(bool stopped = false) {
    const auto job = vt.centre.service->history_job();
    if (!job) return {};
    EXPECT_FALSE(vt.centre.service->history_job()) << "one at a time";
    (*job)([&] { return stopped; });
    std::map<std::uint64_t, Reply> out;
    const auto replies = vt.centre.service->history_read();
    for (const auto& one : replies.value()) out.emplace(one.ticket, Reply(one.reply));
    return out;
  }
  void change_a_part() {
    const auto& rows = vt.centre.store.rows(storage::Table::part);
    ASSERT_FALSE(rows.empty());
    auto [key, value] = *rows.begin();
    value.back() ^= 1;
    vt.centre.store.set(storage::Table::part, key, value);
  }

  static constexpr std::uint64_t first_ticket = 1'000'000;
  Vt vt{41};
  std::string anna;
  std::uint64_t asked = 0;
};

TEST_F(History, WhatWasTrueWhenItWasAskedIsTold) {
  const std::uint64_t before = vt.size();
  const std::uint64_t first = verify();
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_message(r, anna, "out", "hei"); }).code(), "ok");
  ASSERT_GT(vt.size(), before);
  const auto told = read();
  ASSERT_TRUE(told.contains(first));
  const auto verified = told.at(first).root().getAuditVerify();
  EXPECT_TRUE(verified.getOk());
  EXPECT_EQ(verified.getSize(), before);
  EXPECT_EQ(told.at(first).root().getPosition(), static_cast<std::int64_t>(before) - 1);
  EXPECT_EQ(told.at(first).root().getId(), asked);
}

TEST_F(History, OneReadingAnswersAllWhoWaitForIt) {
  const std::uint64_t a = verify();
  const std::uint64_t proof = prove(1);
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_message(r, anna, "out", "hei"); }).code(), "ok");
  const std::uint64_t b = verify();
  const auto both = read();
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both.at(a).root().getAuditVerify().getSize(), vt.size()) << "the reading of whoever asked last is good for all";
  EXPECT_EQ(both.at(b).root().getAuditVerify().getSize(), vt.size());
  EXPECT_NE(both.at(a).root().getId(), both.at(b).root().getId());
  const auto rest = read();
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest.at(proof).root().getAuditProve().getPosition(), 1);
  EXPECT_TRUE(read().empty());
}

TEST_F(History, WhoAsksMeanwhileIsAnsweredByTheNextReading) {
  verify();
  const auto job = vt.centre.service->history_job();
  ASSERT_TRUE(job);
  (*job)([] { return false; });
  const std::uint64_t later = verify();
  EXPECT_EQ(vt.centre.service->history_read().value().size(), 1U) << "what is read already knows nothing of it";
  EXPECT_TRUE(read().contains(later));
}

TEST_F(History, AProofOfBeforeIsGoodForTheCheckpointOfBefore) {
  const std::uint64_t ticket = prove(2);
  const std::uint64_t before = vt.size();
  ASSERT_EQ(vt.as(vt.kari, [&](Ask r) { fill_message(r, anna, "out", "hei"); }).code(), "ok");
  const auto told = read();
  const auto proof = told.at(ticket).root().getAuditProve();
  EXPECT_EQ(proof.getSize(), before);
  std::vector<Hash32> hashes;
  const auto hash_of_hex = [](capnp::Text::Reader digits) {
    const std::optional<Bytes> bytes = from_hex(digits.cStr());
    Hash32 out{};
    std::copy_n(bytes->begin(), out.size(), out.begin());
    return out;
  };
  for (const auto one : proof.getHashes()) hashes.push_back(hash_of_hex(one));
  const std::optional<Bytes> leaf = from_hex(proof.getLeaf().cStr());
  EXPECT_TRUE(journal::verify_inclusion(journal::leaf_hash(*leaf), 2, before, hashes, hash_of_hex(proof.getRootHash())));
}

TEST_F(History, ChangedBytesAreFound) {
  const std::uint64_t ticket = verify();
  change_a_part();
  EXPECT_EQ(read().at(ticket).code(), "tampered");
}

TEST_F(History, AReadingEndsWhereTheDaemonStops) {
  const std::uint64_t ticket = verify();
  const std::uint64_t proof = prove(1);
  EXPECT_EQ(read(true).at(ticket).code(), "shutting_down");
  EXPECT_EQ(read(true).at(proof).code(), "shutting_down");
}

TEST_F(History, MoreThanEnoughQuestionsAreRefused) {
  for (std::size_t i = 0; i < limits::history_questions_max; ++i) prove(1);
  const Bytes frame = request_frame([](Ask r) { r.initAuditProve().setPosition(1); });
  Bytes reply;
  ASSERT_EQ(vt.centre.service->handle(developer(), frame, 1, reply).value(), service::Handled::drain);
  ASSERT_EQ(vt.centre.service->handle(developer(), frame, 1, reply).value(), service::Handled::replied);
  EXPECT_EQ(Reply(reply).code(), "busy");
  while (!read().empty()) {
  }
  EXPECT_EQ(vt.dev([](Ask r) { r.initAuditProve().setPosition(1); }).code(), "ok");
}

// Trying again brings nothing back, and no purge takes what a key still opens.
TEST_F(History, AStartThatFindsAPartLostIsNoMatterOfWaiting) {
  const auto key = vt.centre.store.rows(storage::Table::part).rbegin()->first;
  vt.centre.store.set(storage::Table::part, key, std::nullopt);
  const auto started = vt.centre.restart();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::corrupt);
  EXPECT_NE(started.error().message.find("is lost, although its key lives"), std::string::npos) << started.error().message;
}

TEST_F(History, IsForThoseWhoAudit) {
  EXPECT_EQ(vt.as(vt.kari, [](Ask r) { r.initAuditVerify(); }).code(), "unauthorized");
  EXPECT_EQ(vt.as(vt.kari, [](Ask r) { r.initAuditProve().setPosition(1); }).code(), "unauthorized");
  EXPECT_EQ(vt.dev([&](Ask r) { r.initAuditProve().setPosition(static_cast<std::int64_t>(vt.size())); }).code(), "not_found");
  EXPECT_FALSE(vt.centre.service->history_waited_for()) << "what is refused is not read for";
}

}  // namespace
}  // namespace taus::test
