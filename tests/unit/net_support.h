// A server on real Unix sockets and peers that speak raw bytes, all on one thread: the test turns the io loop itself, and is
// the core: it sees what was submitted and delivers the replies.
#pragma once

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>

#include <capnp/message.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/net/server.h"
#include "daemon/protocol/message.h"

namespace taus::test {

using namespace std::chrono_literals;

class Peer {
 public:
  explicit Peer(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    connected = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Peer() { ::close(socket_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // How many bytes the kernel took.
  std::size_t send(ByteView bytes) const {
    const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return n > 0 ? static_cast<std::size_t>(n) : 0;
  }
  void half_close() const { ::shutdown(socket_, SHUT_WR); }
  // What has come; `ended` where the other side has closed.
  void receive() {
    std::uint8_t block[1 << 16];
    for (;;) {
      const ssize_t n = ::recv(socket_, block, sizeof block, 0);
      if (n > 0)
        received.insert(received.end(), block, block + n);
      else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        ended = true;
      if (n <= 0) return;
    }
  }
  // Complete replies in what has come: id -> error code, or "none" for a good one.
  [[nodiscard]] std::multimap<std::uint64_t, std::string> replies() const {
    std::multimap<std::uint64_t, std::string> all;
    protocol::FrameDecoder decoder(32 << 20);
    ByteView input = received;
    while (!input.empty()) {
      const auto frame = decoder.feed(input);
      if (!frame || !frame->has_value()) break;
      const Result<void> read = protocol::open_response(**frame, [&](api::Response::Reader r) -> Result<void> {
        all.emplace(r.getId(), r.isError() ? r.getError().getCode().cStr() : "none");
        return {};
      });
      EXPECT_TRUE(read.has_value());
    }
    return all;
  }

  bool connected = false;
  bool ended = false;
  Bytes received;

 private:
  int socket_;
};

class NetTest : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/taus-net-XXXXXX";
    ASSERT_NE(mkdtemp(pattern), nullptr);
    directory_ = pattern;
    options.session.stall_time = 10s;
    options.session.shred_time = 30ms;
    principals_.set({principal("frontend", service::SocketRole::frontend, getuid()),
                     principal("auditor", service::SocketRole::auditor, getuid() + 1)});
    for (const auto role : {service::SocketRole::frontend, service::SocketRole::auditor}) {
      options.listeners.push_back({path(role), role, std::nullopt, 0660});
    }
    options.submit = [this](runtime::Request& request) {
      if (answer == runtime::Pushed::queued) submitted.push_back(std::move(request));
      return answer;
    };
    options.notice = [this](net::Notice what, service::SocketRole) { ++notices[what]; };
    options.on_latched = [](const Error&) {};
    options.on_stopped = [] {};
  }
  void TearDown() override {
    server_.reset();
    std::filesystem::remove_all(directory_);
  }

  static net::ConfiguredPrincipal principal(const char* name, service::SocketRole role, unsigned uid) {
    net::ConfiguredPrincipal p;
    p.principal.name = name;
    p.principal.socket = role;
    p.uid = uid;
    return p;
  }
  std::string path(service::SocketRole role) const {
    return directory_ + (role == service::SocketRole::frontend ? "/frontend.sock" : "/auditor.sock");
  }
  void start() {
    server_ = std::make_unique<net::Server>(io_, principals_, options);
    const Result<void> opened = server_->open();
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    server_->start();
  }
  std::unique_ptr<Peer> connect(service::SocketRole role = service::SocketRole::frontend) {
    auto peer = std::make_unique<Peer>(path(role));
    EXPECT_TRUE(peer->connected);
    turn();
    return peer;
  }
  // Everything that can be done without waiting.
  void turn() {
    io_.restart();
    io_.poll();
  }
  // Turns until it holds; false after two seconds.
  template <class F>
  bool until(F&& holds) {
    const auto end = std::chrono::steady_clock::now() + 2s;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io_.restart();
      io_.run_for(1ms);
    }
    return true;
  }
  void send(Peer& peer, ByteView bytes) {
    ASSERT_TRUE(until([&] {
      bytes = bytes.subspan(peer.send(bytes));
      return bytes.empty();
    }));
    turn();
  }
  bool ends(Peer& peer) {
    return until([&] {
      peer.receive();
      return peer.ended;
    });
  }
  bool receives(Peer& peer, std::size_t replies) {
    return until([&] {
      peer.receive();
      return peer.replies().size() >= replies;
    });
  }
  // Answers everything submitted so far, with a good reply of about `bytes`.
  void answer_all(std::size_t bytes = 0) {
    std::vector<runtime::Reply> replies;
    for (const runtime::Request& request : std::exchange(submitted, {}))
      replies.push_back({request.to, reply(request.to.request_id, bytes), {}});
    server_->deliver(std::move(replies));
    turn();
  }
  static Bytes status_request(std::uint64_t id) {
    capnp::MallocMessageBuilder message;
    auto request = message.initRoot<api::Request>();
    request.setId(id);
    request.initStatus();
    return protocol::encode(message);
  }
  static Bytes big_request(std::uint64_t id, std::size_t bytes) {
    capnp::MallocMessageBuilder message;
    auto request = message.initRoot<api::Request>();
    request.setId(id);
    request.initSubjectFind().setName(std::string(bytes, 'x'));
    return protocol::encode(message);
  }
  static Bytes reply(std::uint64_t id, std::size_t bytes) {
    capnp::MallocMessageBuilder message;
    auto response = message.initRoot<api::Response>();
    response.setId(id);
    response.initStatus().setVersion(std::string(bytes, 'v'));
    return protocol::encode(message);
  }

  net::Server::Options options;
  runtime::Pushed answer = runtime::Pushed::queued;
  std::vector<runtime::Request> submitted;
  std::map<net::Notice, int> notices;
  std::string directory_;
  net::asio::io_context io_{1};
  net::Principals principals_;
  std::unique_ptr<net::Server> server_;
};

}  // namespace taus::test
