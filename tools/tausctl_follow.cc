#include "tools/tausctl_follow.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#include <capnp/dynamic.h>
#include <poll.h>
#include <unistd.h>

#include "eventstore/schema/json.h"
#include "tools/client.h"
#include "tools/tausctl_request.h"
#include "tools/tausctl_socket.h"

namespace taus::tools {
namespace {

constexpr int pause_ms = 500;

extern "C" void end_well(int) { ::_exit(0); }

void take_signals() {
  struct sigaction action {};
  action.sa_handler = end_well;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
}

// False: nobody reads any more.
Result<bool> tell(const std::string& line) {
  std::size_t written = 0;
  while (written < line.size()) {
    const ssize_t n = ::write(STDOUT_FILENO, line.data() + written, line.size() - written);
    if (n >= 0)
      written += static_cast<std::size_t>(n);
    else if (errno == EPIPE)
      return false;
    else if (errno != EINTR)
      return Error(ErrorCode::io, std::string("Cannot write to standard output: ") + std::strerror(errno) + ".");
  }
  return true;
}

// Until it is time to ask again, or the daemon hung up (asking then says so). False: nobody reads any more.
bool rest(int daemon) {
  std::array<pollfd, 2> watched{
      {{.fd = STDOUT_FILENO, .events = 0, .revents = 0}, {.fd = daemon, .events = POLLIN, .revents = 0}}};
  ::poll(watched.data(), watched.size(), pause_ms);
  return (watched[0].revents & (POLLERR | POLLHUP)) == 0;
}

std::string line_of(api::FeedEvent::Reader event) { return schema::write_json(capnp::toDynamic(event)) + "\n"; }

// One answer's events; false: nobody reads any more.
Result<bool> tell_all(api::EventFeed::Reader feed) {
  for (const auto event : feed.getEvents()) {
    TAUS_TRY_ASSIGN(const bool read, tell(line_of(event)));
    if (!read) return false;
  }
  return true;
}

}  // namespace

std::string feed_lines(api::EventFeed::Reader feed) {
  std::string out;
  for (const auto event : feed.getEvents()) out += line_of(event);
  return out;
}

Result<int> follow(const Invocation& invocation) {
  take_signals();
  const bool ends = invocation.has("--until-now");
  if (ends && !invocation.has("--from"))
    return Error(ErrorCode::invalid_argument, "--until-now tells what happened before now: give --from too, 0 for everything.");
  capnp::MallocMessageBuilder message;
  auto request = message.initRoot<api::Request>();
  TAUS_TRY_ASSIGN(const std::string method, build_request(invocation, request));
  TAUS_TRY_ASSIGN(Client client, Client::connect(socket_for(invocation.globals, method)));
  std::optional<std::int64_t> last;  // the last position to tell
  for (;;) {
    TAUS_TRY_ASSIGN(const std::unique_ptr<Reply> reply, client.call(message));
    const auto response = reply->get();
    bool more = false;
    if (response.isError()) {
      const Error refusal = error_of(response.getError());
      if (refusal.code != ErrorCode::busy) return refusal;
    } else if (!response.isEventsFollow()) {
      return Error(ErrorCode::io, "The daemon answered another method than was asked.");
    } else {
      const auto feed = response.getEventsFollow();
      TAUS_TRY_ASSIGN(const bool read, tell_all(feed));
      if (!read) return 0;
      if (ends && !last) {
        last = feed.getPosition();
        request.setAtLeast(*last);  // what the daemon has and does not know yet to be on the disk is told now
      }
      if (last && feed.getNext() > *last) return 0;
      auto query = request.getEventsFollow();
      more = query.getFrom() >= 0 && feed.getNext() > query.getFrom() && feed.getNext() <= feed.getPosition();
      query.setFrom(feed.getNext());
    }
    if (!more && !rest(client.descriptor())) return 0;
  }
}

}  // namespace taus::tools
