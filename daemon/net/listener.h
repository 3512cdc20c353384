// One listening Unix socket, for one role.
//
// Threads: io. The socket file is made with its mode before anybody can connect, and removed at the end.
// Errors:  open(): invalid_argument where the path cannot be a socket; io. Later: out of descriptors pauses accepting a moment.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "daemon/net/asio.h"
#include "daemon/service/service.h"

namespace taus::net {

struct ListenerOptions {
  std::string path;
  service::SocketRole role = service::SocketRole::frontend;
  std::optional<unsigned> group;  // of the socket file; nothing: the daemon's own
  unsigned mode = 0660;
};

class Listener {
 public:
  // Called with each peer and the uid that the kernel reports for it. Not one byte of it was read.
  using OnPeer = std::function<void(StreamSocket socket, unsigned uid)>;

  static Result<std::unique_ptr<Listener>> open(asio::io_context& io, const ListenerOptions& options, OnPeer on_peer);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  void start() { accept(); }
  void stop();

 private:
  Listener(asio::io_context& io, const ListenerOptions& options, OnPeer on_peer);
  void accept();
  ListenerOptions options_;
  OnPeer on_peer_;
  Acceptor acceptor_;
  asio::steady_timer pause_;
  bool bound_ = false;
};

}  // namespace taus::net
