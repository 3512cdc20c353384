// Connections, through real sockets with raw bytes: who is let in, what bad bytes get, and every bound.
#include <fstream>

#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/unit/net_support.h"

namespace taus::test {
namespace {

using service::SocketRole;

TEST_F(NetTest, RequestAndReply) {
  start();
  auto peer = connect();
  send(*peer, status_request(5));
  ASSERT_EQ(submitted.size(), 1U);
  EXPECT_EQ(submitted[0].who->name, "frontend");
  EXPECT_EQ(submitted[0].to.request_id, 5U);
  EXPECT_EQ(submitted[0].frame, status_request(5));
  answer_all();
  ASSERT_TRUE(receives(*peer, 1));
  EXPECT_EQ(peer->replies().find(5)->second, "none");
}

TEST_F(NetTest, UnknownPeerIsClosedUnread) {
  start();
  auto peer = connect(SocketRole::auditor);  // our uid may not
  peer->send(status_request(1));
  EXPECT_TRUE(ends(*peer));
  EXPECT_TRUE(peer->received.empty());
  EXPECT_TRUE(submitted.empty());
  EXPECT_EQ(notices[net::Notice::unknown_peer], 1);
}

TEST_F(NetTest, TheOverflowUidIsNobody) {
  net::Principals principals;
  principals.set({principal("everybody", SocketRole::frontend, 65534)});
  EXPECT_EQ(principals.find(SocketRole::frontend, 65534), nullptr);
}

TEST_F(NetTest, SocketFilesAreForTheirGroupOnlyAndGo) {
  start();
  struct stat st {};
  ASSERT_EQ(stat(path(SocketRole::frontend).c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0660U);
  server_->stop_accepting();
  EXPECT_NE(stat(path(SocketRole::frontend).c_str(), &st), 0);
}

TEST_F(NetTest, WhatIsNoSocketIsNotRemoved) {
  std::ofstream(path(SocketRole::frontend)) << "precious";
  server_ = std::make_unique<net::Server>(io_, principals_, options);
  const Result<void> opened = server_->open();
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::invalid_argument);
  EXPECT_TRUE(std::filesystem::exists(path(SocketRole::frontend)));
}

TEST_F(NetTest, BytesOneByOne) {
  start();
  auto peer = connect();
  for (const std::uint8_t byte : status_request(3)) send(*peer, ByteView(&byte, 1));
  EXPECT_EQ(submitted.size(), 1U);
}

TEST_F(NetTest, MalformedGetsOneErrorThenTheEnd) {
  start();
  const std::pair<const char*, const char*> vectors[] = {
      {"ffffffff", "malformed"},                          // segments
      {"0000000000000000", "malformed"},                  // empty first segment
      {"00000000ffffffff", "too_large"},                  // 32 GiB
      {"0000000001000000ffffffffffffff7f", "malformed"},  // root pointer to nowhere
      {"474554202f20485454502f312e310d0a", "malformed"},  // HTTP
  };
  for (const auto& [hex, code] : vectors) {
    auto peer = connect();
    send(*peer, from_hex(hex).value());
    EXPECT_TRUE(ends(*peer)) << hex;
    ASSERT_EQ(peer->replies().size(), 1U) << hex;
    EXPECT_EQ(peer->replies().begin()->first, 0U);
    EXPECT_EQ(peer->replies().begin()->second, code) << hex;
  }
  EXPECT_EQ(notices[net::Notice::malformed], 5);
  EXPECT_TRUE(submitted.empty());
  EXPECT_EQ(server_->sessions(), 0U);
}

TEST_F(NetTest, MalformedAfterGoodLeavesTheGoodAnswered) {
  start();
  auto peer = connect();
  Bytes bytes = status_request(8);
  bytes.insert(bytes.end(), 8, 0xff);
  send(*peer, bytes);
  ASSERT_EQ(submitted.size(), 1U);
  answer_all();
  EXPECT_TRUE(ends(*peer));
  const auto replies = peer->replies();
  EXPECT_EQ(replies.find(0)->second, "malformed");
  EXPECT_EQ(replies.find(8)->second, "none");
}

TEST_F(NetTest, RefusalKeepsTheConnection) {
  start();
  auto peer = connect();
  capnp::MallocMessageBuilder message;
  auto request = message.initRoot<api::Request>();
  request.setId(4);
  request.initSubjectFind().setName("\xff");
  send(*peer, protocol::encode(message));
  ASSERT_TRUE(receives(*peer, 1));
  EXPECT_EQ(peer->replies().find(4)->second, "invalid_argument");
  send(*peer, status_request(5));
  EXPECT_EQ(submitted.size(), 1U);
}

TEST_F(NetTest, FirstFrameIsSmall) {
  start();
  auto first = connect();
  send(*first, ByteView(big_request(1, 5000)).first(64));
  EXPECT_TRUE(ends(*first));
  EXPECT_EQ(first->replies().begin()->second, "too_large");
  auto second = connect();
  send(*second, status_request(1));
  send(*second, big_request(2, 50'000));
  ASSERT_TRUE(until([&] { return submitted.size() == 2; }));
}

TEST_F(NetTest, FrameThatDoesNotEndInTime) {
  options.session.frame_time = 40ms;
  start();
  auto peer = connect();
  send(*peer, ByteView(status_request(1)).first(12));
  EXPECT_TRUE(ends(*peer));
  EXPECT_EQ(peer->replies().begin()->second, "malformed");
}

TEST_F(NetTest, DripFedFrameEndsToo) {
  options.session.frame_time = 40ms;
  start();
  auto peer = connect();
  const Bytes frame = big_request(1, 3000);
  std::size_t sent = 0;
  const bool ended = until([&] {  // a byte a turn: every one comes in time, the frame does not
    sent += peer->send(ByteView(frame).subspan(sent, sent < 1000 ? 1 : 0));
    peer->receive();
    return peer->ended;
  });
  EXPECT_TRUE(ended);
  EXPECT_TRUE(submitted.empty());
}

TEST_F(NetTest, IdleConnectionsMayStay) {
  options.session.frame_time = 40ms;
  start();
  auto peer = connect();
  send(*peer, status_request(1));
  answer_all();
  const auto end = std::chrono::steady_clock::now() + 2 * options.session.frame_time;
  until([&] { return std::chrono::steady_clock::now() > end; });
  peer->receive();
  EXPECT_FALSE(peer->ended);
}

TEST_F(NetTest, PipeliningUpToTheLimitThenItStopsReading) {
  start();
  auto peer = connect();
  Bytes all;
  for (std::uint64_t id = 1; id <= 600; ++id) {
    const Bytes one = status_request(id);
    all.insert(all.end(), one.begin(), one.end());
  }
  send(*peer, all);
  until([&] { return submitted.size() >= limits::requests_in_flight_max; });
  turn();
  EXPECT_EQ(submitted.size(), limits::requests_in_flight_max);
  for (int i = 0; i < 3; ++i) {
    answer_all();
    until([&] {
      peer->receive();
      return !submitted.empty() || peer->replies().size() == 600;
    });
  }
  EXPECT_TRUE(receives(*peer, 600));
  for (std::uint64_t id = 1; id <= 600; ++id) EXPECT_EQ(peer->replies().count(id), 1U) << id;
}

// Between two of them everybody else has a turn.
TEST_F(NetTest, OfWhatReadsEverythingOneIsUnderWayOnAConnection) {
  start();
  auto peer = connect();
  auto other = connect();
  const auto replay = [](std::uint64_t id) {
    capnp::MallocMessageBuilder message;
    auto request = message.initRoot<api::Request>();
    request.setId(id);
    request.initAuditReplay();
    return protocol::encode(message);
  };
  Bytes all = status_request(1);
  for (const Bytes& one : {replay(2), replay(2), replay(3), status_request(4), status_request(5)})
    all.insert(all.end(), one.begin(), one.end());
  send(*peer, all);
  send(*other, status_request(1));
  const auto under_way = [&](std::size_t wanted) {
    until([&] { return submitted.size() >= wanted; });
    turn();
    return submitted.size();
  };
  EXPECT_EQ(under_way(3), 3U) << "the status, one replay, the other peer's";
  answer_all();
  EXPECT_EQ(under_way(1), 1U);
  answer_all();
  EXPECT_EQ(under_way(1), 1U);
  answer_all();
  EXPECT_EQ(under_way(2), 2U) << "what is behind the last";
  answer_all();
  EXPECT_TRUE(receives(*peer, 6));
  EXPECT_TRUE(receives(*other, 1));
}

TEST_F(NetTest, FullQueueIsBusy) {
  start();
  auto peer = connect();
  answer = runtime::Pushed::full;
  send(*peer, status_request(1));
  answer = runtime::Pushed::closed;
  send(*peer, status_request(2));
  ASSERT_TRUE(receives(*peer, 2));
  EXPECT_EQ(peer->replies().find(1)->second, "busy");
  EXPECT_EQ(peer->replies().find(2)->second, "shutting_down");
  EXPECT_FALSE(peer->ended);
}

TEST_F(NetTest, HalfClosedPeerGetsItsAnswers) {
  start();
  auto peer = connect();
  send(*peer, status_request(1));
  peer->half_close();
  turn();
  answer_all();
  EXPECT_TRUE(ends(*peer));
  EXPECT_EQ(peer->replies().size(), 1U);
}

TEST_F(NetTest, ReplyToAPeerThatIsGone) {
  start();
  auto peer = connect();
  send(*peer, status_request(1));
  ASSERT_EQ(submitted.size(), 1U);
  peer.reset();
  ASSERT_TRUE(until([&] { return server_->sessions() == 0 || !submitted.empty(); }));
  answer_all();
  EXPECT_TRUE(until([&] { return server_->sessions() == 0; }));
}

TEST_F(NetTest, SlowReaderIsClosed) {
  options.session.reply_bytes_max = 2 << 20;
  start();
  auto peer = connect();
  for (std::uint64_t id = 1; id <= 5 && server_->sessions() == 1; ++id) {
    send(*peer, status_request(id));
    answer_all(700 << 10);
  }
  EXPECT_TRUE(until([&] { return server_->sessions() == 0; }));
  EXPECT_EQ(notices[net::Notice::slow_reader], 1);
}

// The kernel takes part of a frame, or some frames of many: what is left begins where it stopped.
TEST_F(NetTest, AnswersLongerThanTheKernelTakesArriveWholeAndInOrder) {
  start();
  auto peer = connect();
  Bytes expected;
  for (std::uint64_t id = 1; id <= 5; ++id) {
    send(*peer, status_request(id));
    const Bytes one = reply(id, 100'007);
    expected.insert(expected.end(), one.begin(), one.end());
  }
  answer_all(100'007);
  ASSERT_TRUE(receives(*peer, 5));
  EXPECT_EQ(peer->received, expected);
  EXPECT_FALSE(peer->ended);
}

TEST_F(NetTest, ReaderThatStallsIsClosed) {
  options.session.stall_time = 30ms;
  start();
  auto peer = connect();
  send(*peer, status_request(1));
  answer_all(1 << 20);  // more than the kernel's buffer
  EXPECT_TRUE(until([&] { return server_->sessions() == 0; }));
  EXPECT_EQ(notices[net::Notice::slow_reader], 1);
}

TEST_F(NetTest, AfterAShredNoOldReplyStays) {
  start();
  auto slow = connect(), quick = connect();
  send(*slow, status_request(1));
  answer_all(1 << 20);  // more than the kernel's buffer
  send(*quick, status_request(1));
  answer_all();
  server_->shredded();
  EXPECT_TRUE(until([&] {
    quick->receive();
    return server_->sessions() == 1;
  }));
  EXPECT_EQ(quick->replies().size(), 1U);
  EXPECT_FALSE(quick->ended);
}

TEST_F(NetTest, OneAnswerTooLongIsRefused) {
  options.session.reply_bytes_max = 1 << 20;
  start();
  auto peer = connect();
  send(*peer, status_request(1));
  answer_all(2 << 20);
  ASSERT_TRUE(receives(*peer, 1));
  EXPECT_EQ(peer->replies().find(1)->second, "too_large");
}

TEST_F(NetTest, ConnectionLimit) {
  options.connections_max = 3;
  start();
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 3; ++i) peers.push_back(connect());
  auto excess = connect();
  EXPECT_TRUE(ends(*excess));
  EXPECT_EQ(notices[net::Notice::too_many_connections], 1);
  peers.pop_back();
  ASSERT_TRUE(until([&] { return server_->sessions() == 2; }));
  auto again = connect();
  send(*again, status_request(1));
  EXPECT_EQ(submitted.size(), 1U);
}

// Out of descriptors: the loop must pause instead of asking at once, and go on when there are some.
TEST_F(NetTest, OutOfDescriptorsDoesNotSpin) {
  start();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  Peer peer(path(SocketRole::frontend));
  rlimit none = before;
  none.rlim_cur = 3;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  std::size_t handlers = 0;
  const auto end = std::chrono::steady_clock::now() + 60ms;
  while (std::chrono::steady_clock::now() < end) {
    io_.restart();
    handlers += io_.run_for(1ms);
  }
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_LT(handlers, 10U);
  EXPECT_TRUE(until([&] { return server_->sessions() == 1; }));
}

TEST_F(NetTest, ReloadEndsThoseNoLongerNamed) {
  start();
  auto peer = connect();
  principals_.set({principal("frontend", SocketRole::frontend, getuid())});
  server_->principals_changed();
  turn();
  EXPECT_EQ(server_->sessions(), 1U);  // unchanged: stays
  principals_.set({principal("other", SocketRole::frontend, getuid() + 1)});
  server_->principals_changed();
  EXPECT_TRUE(ends(*peer));
}

TEST_F(NetTest, StopAnswersWhatIsUnderWay) {
  start();
  auto busy = connect(), idle = connect();
  send(*busy, status_request(1));
  bool done = false;
  server_->stop_accepting();
  server_->when_idle([&] { done = true; });
  EXPECT_TRUE(ends(*idle));
  EXPECT_FALSE(done);
  answer_all();
  EXPECT_TRUE(ends(*busy));
  EXPECT_EQ(busy->replies().size(), 1U);
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace taus::test
