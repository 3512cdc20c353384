#include "daemon/net/server.h"

#include <utility>

namespace taus::net {

Server::Server(asio::io_context& io, Principals& principals, Options options)
    : io_(io), principals_(principals), options_(std::move(options)) {}

Server::~Server() {
  listeners_.clear();
  while (!sessions_.empty()) sessions_.begin()->second->close();
}

Result<void> Server::open() {
  for (const ListenerOptions& l : options_.listeners) {
    const auto on_peer = [this, role = l.role](StreamSocket socket, unsigned uid) { peer(role, std::move(socket), uid); };
    TAUS_TRY_ASSIGN(auto listener, Listener::open(io_, l, on_peer));
    listeners_.push_back(std::move(listener));
  }
  return {};
}

void Server::start() {
  for (auto& l : listeners_) l->start();
}

// Unknown and excess peers are closed unread: the socket goes out of scope.
void Server::peer(service::SocketRole role, StreamSocket socket, unsigned uid) {
  const service::Principal* who = principals_.find(role, uid);
  if (who == nullptr) return options_.notice(Notice::unknown_peer, role);
  if (sessions_.size() >= options_.connections_max) return options_.notice(Notice::too_many_connections, role);
  const std::uint64_t id = ++last_session_;
  auto session = std::make_shared<Session>(id, std::move(socket), *who, static_cast<SessionHost&>(*this), options_.session);
  sessions_.emplace(id, session);
  session->start();
}

void Server::stop_accepting() {
  for (auto& l : listeners_) l->stop();
  const auto sessions = sessions_;  // finish() may end one
  for (const auto& [id, s] : sessions) s->finish();
}

void Server::when_idle(std::function<void()> idle) {
  if (sessions_.empty()) return idle();
  idle_ = std::move(idle);
}

void Server::principals_changed() {
  const auto sessions = sessions_;
  for (const auto& [id, s] : sessions) {
    if (!principals_.current(&s->who())) s->close();
  }
}

void Server::deliver(std::vector<runtime::Reply> replies) {
  asio::post(io_, [this, r = std::move(replies)]() mutable { hand_out(r); });
}

void Server::hand_out(std::vector<runtime::Reply>& replies) {
  std::vector<std::shared_ptr<Session>> touched;
  for (runtime::Reply& reply : replies) {
    const auto found = sessions_.find(reply.to.session);
    if (found == sessions_.end()) continue;  // gone without waiting
    const std::shared_ptr<Session> session = found->second;
    if (session->reply(std::move(reply))) touched.push_back(session);
  }
  for (const auto& session : touched) session->send();
}

void Server::shredded() {
  asio::post(io_, [this] {
    for (const auto& [id, s] : sessions_) s->shredded();
  });
}

void Server::latched(const Error& error) {
  asio::post(io_, [this, error] { options_.on_latched(error); });
}

void Server::stopped() {
  asio::post(io_, [this] { options_.on_stopped(); });
}

void Server::ended(std::uint64_t session) {
  sessions_.erase(session);
  if (sessions_.empty() && idle_) std::exchange(idle_, nullptr)();
}

void Server::malformed(std::uint64_t session) { notice(Notice::malformed, session); }

void Server::slow(std::uint64_t session) { notice(Notice::slow_reader, session); }

void Server::notice(Notice what, std::uint64_t session) {
  const auto found = sessions_.find(session);
  if (found != sessions_.end()) options_.notice(what, found->second->who().socket);
}

}  // namespace taus::net
