// The order of things: nothing is told before it is durable, and nothing accepted is lost.
#include <random>

#include <gtest/gtest.h>

#include "tests/unit/runtime_fake_core.h"

namespace taus::test {
namespace {

using namespace std::chrono_literals;

// Also run against a commit stage with TAUS_PLANT_ACK_BEFORE_SYNC, where it must fail (runtime.cmake).
TEST(CoreLoop, NoReplyBeforeItsCommitIsDurable) {
  Running r;
  r.start({.queue_max = 100'000});
  std::mt19937 random(7);
  const std::string_view words[] = {"w", "w", "w", "r", "r", "d", "s"};
  for (int i = 0; i < 20'000; ++i) ASSERT_EQ(r.ask(words[random() % std::size(words)]), Pushed::queued);
  EXPECT_EQ(r.end().size(), 20'000U);
  EXPECT_EQ(r.sink.told_too_early, 0);
  EXPECT_EQ(r.core.shreds_too_early, 0);
  EXPECT_EQ(r.core.sealed_out_of_order + r.core.durable_before_sealed, 0);
  EXPECT_GT(r.sink.shreds, 0);
}

TEST(CoreLoop, WhoWaitedForAShredFindsItsReceiptDurable) {
  Running r;
  r.start();
  for (int i = 0; i < 200; ++i) ASSERT_EQ(r.ask(i % 2 == 0 ? "p" : "w"), Pushed::queued);
  EXPECT_EQ(r.end().size(), 200U);
  EXPECT_EQ(r.core.receipts_too_early, 0);
  EXPECT_EQ(r.core.shreds_too_early, 0);
}

TEST(CoreLoop, RepliesInOrderOfRequests) {
  Running r;
  r.start({.queue_max = 100'000});
  for (int i = 0; i < 5'000; ++i) ASSERT_EQ(r.ask(i % 3 == 0 ? "w" : "r"), Pushed::queued);
  const auto replies = r.end();
  ASSERT_EQ(replies.size(), 5'000U);
  for (std::size_t i = 0; i < replies.size(); ++i) ASSERT_EQ(replies[i].to.request_id, i + 1);
}

TEST(CoreLoop, AReadWaitsForTheWriteItSaw) {
  Running r;
  r.core.gated = true;
  r.start();
  ASSERT_EQ(r.ask("w"), Pushed::queued);
  ASSERT_EQ(r.ask("r"), Pushed::queued);
  FakeCore::permit(r.core.syncs);
  FakeCore::permit(r.core.syncs);
  EXPECT_EQ(r.sink.wait(2).size(), 2U);
  EXPECT_EQ(r.sink.told_too_early, 0);
  r.end();
}

TEST(CoreLoop, ManyCommandsShareOneSync) {
  Running r;
  r.core.gated = true;
  r.start();
  for (int i = 0; i < 1'000; ++i) ASSERT_EQ(r.ask("w"), Pushed::queued);
  for (int i = 0; i < 200; ++i) FakeCore::permit(r.core.syncs);
  EXPECT_EQ(r.sink.wait(1'000).size(), 1'000U);
  EXPECT_LE(r.core.commits, 100U);
  r.end();
}

// Else whoever asks in numbers is answered all at once, and disk and processors take turns in waiting for each other.
TEST(CoreLoop, AFullQueueIsWrittenInTurns) {
  Running r;
  r.start();
  ASSERT_EQ(r.ask("g"), Pushed::queued);
  while (r.core.handled == 0) std::this_thread::yield();  // alone: what waits behind it begins with a whole turn
  for (std::size_t i = 0; i < 2 * limits::turn_commands_max; ++i) ASSERT_EQ(r.ask("w"), Pushed::queued);
  ASSERT_EQ(r.ask("g"), Pushed::queued);
  FakeCore::permit(r.core.permits);
  const std::size_t first_turn = limits::turn_commands_max;  // were all one turn, the last would keep this from coming
  EXPECT_EQ(r.sink.wait(first_turn).size(), first_turn);
  FakeCore::permit(r.core.permits);
  EXPECT_EQ(r.end().size(), limits::turn_commands_max + 2);
  EXPECT_EQ(r.sink.told_too_early, 0);
}

TEST(CoreLoop, DrainCallsAgainWhenEverythingIsDurable) {
  Running r;
  r.start();
  for (const char* word : {"w", "d", "w", "w", "d", "r"}) ASSERT_EQ(r.ask(word), Pushed::queued);
  EXPECT_EQ(r.end().size(), 6U);
  EXPECT_EQ(r.sink.told_too_early, 0);
}

TEST(CoreLoop, AShredIsAnsweredAfterItsReceipt) {
  Running r;
  r.start();
  for (const char* word : {"w", "s", "s", "r"}) ASSERT_EQ(r.ask(word), Pushed::queued);
  EXPECT_EQ(r.end().size(), 4U);
  EXPECT_EQ(r.core.shreds_too_early, 0);
  EXPECT_EQ(r.sink.told_too_early, 0);
  EXPECT_GE(r.sink.shreds, 1);
}

TEST(CoreLoop, FailedCommitLatches) {
  Running r;
  r.core.fail_commit = 3;
  r.start({.queue_max = 100'000});
  int io = 0, unavailable = 0, done = 0;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(r.ask("w"), Pushed::queued);
    const auto replies = r.sink.wait(1);
    ASSERT_EQ(replies.size(), 1U);
    EXPECT_EQ(replies[0].error.has_value(), i == 2);
  }
  for (int i = 0; i < 1'000; ++i) ASSERT_EQ(r.ask(i % 2 == 0 ? "w" : "s"), Pushed::queued);
  for (const runtime::Reply& reply : r.end()) {
    if (!reply.error)
      ++done;
    else if (reply.error->code == ErrorCode::io)
      ++io;
    else if (reply.error->code == ErrorCode::unavailable)
      ++unavailable;
  }
  EXPECT_EQ(done, 0);
  EXPECT_EQ(io + unavailable, 1'000);
  EXPECT_GE(r.sink.latches, 1);
  EXPECT_EQ(r.core.commits, 3U);  // no second try
}

TEST(CoreLoop, FailingCoreLatches) {
  Running r;
  r.start();
  for (const char* word : {"w", "e", "w", "r", "s"}) ASSERT_EQ(r.ask(word), Pushed::queued);
  const auto replies = r.end();
  ASSERT_EQ(replies.size(), 5U);
  EXPECT_GE(r.sink.latches, 1);
  EXPECT_EQ(r.core.handled, 2U);  // nothing reaches the core after it failed
  EXPECT_EQ(r.sink.told_too_early, 0);
}

TEST(CoreLoop, FullQueueRefusesAndKeepsTheRest) {
  Running r;
  r.start({.queue_max = 4});
  ASSERT_EQ(r.ask("g"), Pushed::queued);
  while (r.core.handled == 0) std::this_thread::yield();
  for (int i = 0; i < 4; ++i) ASSERT_EQ(r.ask("w"), Pushed::queued);
  runtime::Request request{{1, 99}, &r.who, Bytes{'w'}};
  EXPECT_EQ(r.loop->submit(request), Pushed::full);
  EXPECT_EQ(request.frame, Bytes{'w'});  // still the caller's
  FakeCore::permit(r.core.permits);
  const auto replies = r.sink.wait(5);
  for (const auto& reply : replies) EXPECT_FALSE(reply.error.has_value());
  EXPECT_EQ(r.core.durable, 4U);
  r.end();
}

TEST(CoreLoop, StopFinishesWhatWasAccepted) {
  Running r;
  r.start();
  for (int i = 0; i < 500; ++i) ASSERT_EQ(r.ask("w"), Pushed::queued);
  r.loop->stop();
  EXPECT_EQ(r.ask("w"), Pushed::closed);
  EXPECT_EQ(r.end().size(), 500U);
  EXPECT_EQ(r.core.durable, 500U);
}

TEST(CoreLoop, WhatFellDueWhileStoppedComesFirst) {
  Running r;
  r.core.due_ms = 1;
  r.core.due_shreds = true;
  r.start();
  ASSERT_EQ(r.ask("r"), Pushed::queued);
  const auto replies = r.sink.wait(1);
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(Reader(replies[0].frame).u64(), 2U);  // saw what run_due and run_shreds wrote
  EXPECT_EQ(r.core.due_runs, 1);
  r.end();
}

TEST(CoreLoop, DueAfterTheClockWasSet) {
  Running r;
  r.core.due_ms = 2'000'000;
  r.start();
  ASSERT_EQ(r.ask("r"), Pushed::queued);
  r.sink.wait(1);
  const int at_start = r.core.due_runs;  // the daily net
  ASSERT_EQ(r.ask("t2000000"), Pushed::queued);
  r.sink.wait(1);
  ASSERT_EQ(r.ask("r"), Pushed::queued);
  r.sink.wait(1);
  EXPECT_EQ(r.core.due_runs, at_start + 1);
  r.end();
}

TEST(CoreLoop, DueWithoutAnyRequest) {
  Running r;
  r.core.due_ms = ms_of(r.clock.now()) + 3'600'000;
  r.start({.poll_max = 1ms});
  r.ask("r");
  r.sink.wait(1);
  const int at_start = r.core.due_runs;
  r.clock.set(ms_of(r.clock.now()) + 3'600'000);  // nobody tells the loop
  while (r.core.due_runs == at_start) std::this_thread::yield();
  r.end();
}

// Once, however long the machine was up before: what was due while the daemon was down has been looked at from then on.
TEST(CoreLoop, AStartLooksForWhatIsDue) {
  Running r;
  r.start({.poll_max = 1ms, .due_net = std::chrono::hours(100'000)});
  for (int i = 0; i < 5; ++i) {
    r.ask("r");
    r.sink.wait(1);
  }
  EXPECT_EQ(r.core.due_runs, 1);
  r.end();
}

TEST(CoreLoop, WhatNobodyForesawIsLookedForAllTheSame) {
  Running r;
  r.start({.poll_max = 1ms, .due_net = 2ms});
  while (r.core.due_runs < 3) std::this_thread::yield();
  r.end();
}

TEST(CoreLoop, WorkThatStaysDueDoesNotSpin) {
  Running r;
  r.core.due_ms = 1;
  r.core.due_stays = true;
  const auto begin = std::chrono::steady_clock::now();
  r.start({.poll_max = 1ms});
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(r.ask("r"), Pushed::queued);
    r.sink.wait(1);
  }
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_LE(r.core.due_runs, 2 + took / 5ms);  // due_again_after, whatever comes between
  r.end();
}

// A reading of the whole history takes as long as it takes: nobody else waits for it.
TEST(CoreLoop, AReadingKeepsNobodyWaiting) {
  Running r;
  r.start();
  ASSERT_EQ(r.ask("h"), Pushed::queued);
  ASSERT_EQ(r.ask("w"), Pushed::queued);
  ASSERT_EQ(r.ask("h"), Pushed::queued);
  ASSERT_EQ(r.ask("w"), Pushed::queued);
  const auto others = r.sink.wait(2);
  ASSERT_EQ(others.size(), 2U);
  EXPECT_EQ(others[0].to.request_id, 2U);
  EXPECT_EQ(others[1].to.request_id, 4U);
  FakeCore::permit(r.core.readings);
  EXPECT_EQ(r.sink.wait(1).at(0).to.request_id, 1U);
  FakeCore::permit(r.core.readings);
  EXPECT_EQ(r.sink.wait(1).at(0).to.request_id, 3U);
  EXPECT_EQ(r.sink.told_too_early, 0);
  r.end();
}

TEST(CoreLoop, WhoWaitsForAReadingIsToldThatTheDaemonStops) {
  Running r;
  r.start();
  ASSERT_EQ(r.ask("h"), Pushed::queued);
  const auto rest = r.end();
  ASSERT_EQ(rest.size(), 1U);
  ASSERT_TRUE(rest[0].error);
  EXPECT_EQ(rest[0].error->code, ErrorCode::shutting_down);
}

TEST(CoreLoop, ADiskThatCannotBeReadEndsService) {
  Running r;
  r.core.reading_fails = true;
  r.start();
  ASSERT_EQ(r.ask("h"), Pushed::queued);
  FakeCore::permit(r.core.readings);
  const auto refused = r.sink.wait(1);
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].error.value().code, ErrorCode::io);
  ASSERT_EQ(r.ask("r"), Pushed::queued);
  EXPECT_EQ(r.sink.wait(1).at(0).error.value().code, ErrorCode::unavailable);
  EXPECT_EQ(r.sink.latches, 1);
  r.end();
}

}  // namespace
}  // namespace taus::test
