#include "daemon/net/listener.h"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace taus::net {
namespace {

using namespace std::chrono_literals;

constexpr auto accept_pause = 100ms;
constexpr std::size_t path_max = 107;  // sockaddr_un

Error io_error(const std::string& path, const char* what, int error) {
  return Error(ErrorCode::io, path + ": " + what + ": " + std::strerror(error));
}

// A socket left by a daemon that was killed is removed: whoever calls holds the lock of the data directory.
Result<void> make_way(const std::string& path) {
  struct stat st {};
  if (lstat(path.c_str(), &st) != 0) return errno == ENOENT ? Result<void>() : io_error(path, "cannot look at it", errno);
  if (!S_ISSOCK(st.st_mode))
    return Error(ErrorCode::invalid_argument, path + ": is there and is no socket; remove it or choose another run_dir");
  if (unlink(path.c_str()) != 0) return io_error(path, "cannot remove the old socket", errno);
  return {};
}

}  // namespace

Listener::Listener(asio::io_context& io, const ListenerOptions& options, OnPeer on_peer)
    : options_(options), on_peer_(std::move(on_peer)), acceptor_(io), pause_(io) {}

Result<std::unique_ptr<Listener>> Listener::open(asio::io_context& io, const ListenerOptions& options, OnPeer on_peer) {
  const std::string& path = options.path;
  if (path.size() > path_max)
    return Error(ErrorCode::invalid_argument, path + ": longer than a socket's path may be; choose a shorter run_dir");
  TAUS_TRY(make_way(path));
  std::unique_ptr<Listener> listener(new Listener(io, options, std::move(on_peer)));
  SystemError error;
  listener->acceptor_.open(asio::local::stream_protocol(), error);
  if (error) return io_error(path, "cannot open a socket", error.value());
  const mode_t before = umask(0177);  // nobody connects before group and mode are right
  listener->acceptor_.bind(path, error);
  umask(before);
  if (error) return io_error(path, "cannot bind", error.value());
  listener->bound_ = true;
  if (options.group && chown(path.c_str(), static_cast<uid_t>(-1), *options.group) != 0) {
    return io_error(path, "cannot give it to its group; is the daemon's user a member?", errno);
  }
  if (chmod(path.c_str(), options.mode) != 0) return io_error(path, "cannot set its mode", errno);
  listener->acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return io_error(path, "cannot listen", error.value());
  return listener;
}

Listener::~Listener() { stop(); }

void Listener::stop() {
  SystemError ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  if (bound_) unlink(options_.path.c_str());
  bound_ = false;
}

void Listener::accept() {
  acceptor_.async_accept([this](const SystemError& error, StreamSocket socket) {
    if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
    if (!error) {
      ucred peer{};
      socklen_t size = sizeof peer;
      if (getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0) on_peer_(std::move(socket), peer.uid);
      return accept();
    }
    // Out of descriptors: the connection stays in the backlog, and asking again at once would spin.
    pause_.expires_after(accept_pause);
    pause_.async_wait([this](const SystemError& stopped) {
      if (!stopped && acceptor_.is_open()) accept();
    });
  });
}

}  // namespace taus::net
