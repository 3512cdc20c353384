// The sockets of a daemon: listeners, sessions, and the way of replies back to them.
//
// Threads: io, except ReplySink's methods and stopped/latched notices, which come from core and commit and are posted to io.
// Owns:    sessions; io and principals must outlive it, the core loop is given by attach().
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "daemon/net/listener.h"
#include "daemon/net/principals.h"
#include "daemon/net/session.h"
#include "daemon/runtime/message.h"

namespace taus::net {

// What happens on the sockets that somebody should know: for the log. No content, no uid.
enum class Notice : std::uint8_t { unknown_peer, too_many_connections, malformed, slow_reader };

class Server final : public runtime::ReplySink, private SessionHost {
 public:
  struct Options {
    std::vector<ListenerOptions> listeners;
    std::size_t connections_max = limits::connections_max;
    SessionLimits session;
    std::function<runtime::Pushed(runtime::Request&)> submit;
    std::function<void(Notice, service::SocketRole)> notice;
    std::function<void(const Error&)> on_latched;  // io; may come more than once
    std::function<void()> on_stopped;              // io; the core has finished
  };
  Server(asio::io_context& io, Principals& principals, Options options);
  ~Server() override;

  // Binds every socket; start() accepts.
  Result<void> open();
  void start();
  // No new connections, no new requests; sessions end when they have their answers.
  void stop_accepting();
  // Called once, when the last session has ended, at once where there is none.
  void when_idle(std::function<void()> idle);
  // After Principals::set: ends sessions of principals that are no longer there.
  void principals_changed();
  [[nodiscard]] std::size_t sessions() const noexcept { return sessions_.size(); }

  void deliver(std::vector<runtime::Reply> replies) override;
  void shredded() override;
  void latched(const Error& error) override;
  void stopped() override;

 private:
  void peer(service::SocketRole role, StreamSocket socket, unsigned uid);
  void hand_out(std::vector<runtime::Reply>& replies);
  runtime::Pushed submit(runtime::Request& request) override { return options_.submit(request); }
  void ended(std::uint64_t session) override;
  void malformed(std::uint64_t session) override;
  void slow(std::uint64_t session) override;
  void notice(Notice what, std::uint64_t session);

  asio::io_context& io_;
  Principals& principals_;
  Options options_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Session>> sessions_;
  std::uint64_t last_session_ = 0;
  std::function<void()> idle_;
};

}  // namespace taus::net
