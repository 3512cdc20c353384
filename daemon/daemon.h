// A daemon that serves: sockets, core loop and signals around one opened store.
//
// Threads: run() is the io thread; core and commit are the core loop's.
// Ends:    SIGTERM, SIGINT: finishes what was accepted, within stop_seconds. A failed write: exit_latched, at once and without
//          destructors, since closing the engine would write. SIGHUP reads the configuration again.
#pragma once

#include <array>
#include <map>

#include "daemon/net/server.h"
#include "daemon/runtime/core_loop.h"
#include "daemon/settings.h"
#include "daemon/store_core.h"

namespace taus {

inline constexpr int exit_latched = 74;  // a write or sync failed: restart, recovery decides (docs/OPERATIONS.md)

class Daemon {
 public:
  Daemon(Settings settings, StoreCore& core);
  // Binds the sockets.
  Result<void> open() { return server_.open(); }
  // Serves until a signal. The exit status.
  int run();

 private:
  net::Server::Options server_options();
  void ready();
  void wait_for_signal();
  void reload();
  void stop(const char* why);
  void latched(const Error& error);
  void notice(net::Notice what, service::SocketRole role);

  Settings settings_;
  StoreCore& core_;
  net::asio::io_context io_{1};
  net::Principals principals_;
  net::Server server_;
  runtime::CoreLoop loop_;
  net::asio::signal_set signals_;
  net::asio::steady_timer end_timer_;
  std::map<std::pair<net::Notice, service::SocketRole>, std::uint64_t> notices_;
  bool stopping_ = false;
  bool latched_ = false;
};

}  // namespace taus
