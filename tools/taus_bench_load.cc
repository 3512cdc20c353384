#include "tools/taus_bench_load.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <deque>

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/protocol/api.capnp.h"

namespace taus::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t body_bytes = 300;
constexpr std::size_t id_bytes = 26;  // of an opaque id
constexpr std::size_t request_id_bytes = 16;
constexpr std::size_t buffer_words = 8192;
constexpr std::uint64_t id_mark = 0x6b72616d20646969;

// One encoded request and where in it to write what differs from one to the next.
class Template {
 public:
  explicit Template(const std::string& counsellor) {
    const std::string subject(id_bytes, 'S');
    const std::string request(request_id_bytes, 'R');
    capnp::MallocMessageBuilder message;
    auto root = message.initRoot<api::Request>();
    root.setId(id_mark);
    root.setAs(counsellor);
    root.setRequestId(request);
    auto add = root.initMessageAdd();
    add.setSubject(subject);
    add.setDirection("out");
    add.setChannel(schema::Channel::EMAIL);
    add.setBody(std::string(body_bytes, 'b'));
    const auto words = capnp::messageToFlatArray(message);
    const auto bytes = words.asBytes();
    frame_.assign(bytes.begin(), bytes.end());
    id_at_ = place_of({reinterpret_cast<const char*>(&id_mark), sizeof id_mark});
    subject_at_ = place_of(subject);
    request_at_ = place_of(request);
  }

  void append_to(std::vector<char>& out, std::uint64_t id, std::uint64_t unique, const std::string& subject) const {
    constexpr std::string_view digits = "0123456789abcdef";
    const std::size_t at = out.size();
    out.insert(out.end(), frame_.begin(), frame_.end());
    std::memcpy(out.data() + at + id_at_, &id, sizeof id);
    std::memcpy(out.data() + at + subject_at_, subject.data(), id_bytes);
    for (std::size_t i = 0; i < request_id_bytes; ++i) out[at + request_at_ + i] = digits[unique >> (4 * i) & 15];
  }

 private:
  [[nodiscard]] std::size_t place_of(std::string_view mark) const {
    const std::size_t at = std::string_view(frame_.data(), frame_.size()).find(mark);
    TAUS_CHECK(at != std::string_view::npos);
    return at;
  }
  std::vector<char> frame_;
  std::size_t id_at_ = 0, subject_at_ = 0, request_at_ = 0;
};

struct Line {
  int socket = -1;
  std::vector<char> out;
  std::vector<capnp::word> in = std::vector<capnp::word>(buffer_words);
  std::size_t have = 0;                  // bytes in `in`
  std::uint64_t sent = 0, answered = 0;  // replies come in order
  std::deque<Steady::time_point> sent_at;
};

Result<int> connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    return Error(ErrorCode::invalid_argument, "the socket's path is too long: choose a shorter --dir");
  std::memcpy(address.sun_path, path.data(), path.size());
  const int out = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (out >= 0 && ::connect(out, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return out;
  if (out >= 0) ::close(out);
  return Error(ErrorCode::unavailable, std::string("cannot connect to the daemon: ") + std::strerror(errno));
}

Error lost() { return Error(ErrorCode::unavailable, "the daemon closed a connection in the middle of the run; see its log"); }

}  // namespace

struct Load::State {
  explicit State(const Centre& centre) : frame(centre.counsellor()), clients(centre.clients()) {}
  Template frame;
  std::vector<std::string> clients;
  std::vector<Line> lines;
  std::size_t in_flight = 1;
  int events = -1;
  std::uint64_t unique = static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  Loaded loaded;
  std::uint64_t answered = 0;

  Result<void> send(Line& line, std::size_t requests);
  Result<std::size_t> take(Line& line);
  Result<void> wait(std::vector<std::size_t>& ready);
};

Load::Load() = default;
Load::~Load() {
  for (const Line& line : state_->lines) ::close(line.socket);
  if (state_->events >= 0) ::close(state_->events);
}

Result<std::unique_ptr<Load>> Load::open(const Centre& centre, std::size_t connections, std::size_t in_flight) {
  std::unique_ptr<Load> out(new Load);
  out->state_ = std::make_unique<State>(centre);
  State& s = *out->state_;
  s.in_flight = in_flight;
  s.events = ::epoll_create1(EPOLL_CLOEXEC);
  for (std::size_t i = 0; i < connections; ++i) {
    Line& line = s.lines.emplace_back();
    TAUS_TRY_ASSIGN(line.socket, connect_to(centre.socket()));
    epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
    if (::epoll_ctl(s.events, EPOLL_CTL_ADD, line.socket, &event) != 0) return Error(ErrorCode::io, "cannot watch a socket");
  }
  return out;
}

Result<void> Load::State::send(Line& line, std::size_t requests) {
  if (requests == 0) return {};
  line.out.clear();
  for (std::size_t i = 0; i < requests; ++i) {
    ++unique;
    frame.append_to(line.out, line.sent++, unique, clients[unique % clients.size()]);
  }
  line.sent_at.insert(line.sent_at.end(), requests, Steady::now());
  for (std::size_t done = 0; done < line.out.size();) {
    const ssize_t n = ::send(line.socket, line.out.data() + done, line.out.size() - done, MSG_NOSIGNAL);
    if (n <= 0) return lost();
    done += static_cast<std::size_t>(n);
  }
  return {};
}

// Reads what is there: how many requests were answered.
Result<std::size_t> Load::State::take(Line& line) {
  char* const bytes = reinterpret_cast<char*>(line.in.data());
  const ssize_t n = ::recv(line.socket, bytes + line.have, buffer_words * sizeof(capnp::word) - line.have, 0);
  if (n <= 0) return lost();
  line.have += static_cast<std::size_t>(n);
  const Steady::time_point now = Steady::now();
  std::size_t begin = 0;  // in words; every frame is whole words
  std::size_t count = 0;
  for (;; ++count) {
    const auto rest = kj::arrayPtr(line.in.data() + begin, line.have / sizeof(capnp::word) - begin);
    if (rest.size() == 0) break;
    const std::size_t size = capnp::expectedSizeInWordsFromPrefix(rest);
    if (size > rest.size()) break;
    capnp::FlatArrayMessageReader reader(rest.slice(0, size));
    const auto reply = reader.getRoot<api::Response>();
    if (reply.isError())
      return Error(ErrorCode::invalid_argument, std::string("the daemon refused: ") + reply.getError().getMessage().cStr());
    if (reply.getId() != line.answered || !reply.isMessageAdd())
      return Error(ErrorCode::malformed, "a reply to another request than the one that waits");
    ++line.answered;
    loaded.microseconds.push_back(std::chrono::duration<double, std::micro>(now - line.sent_at.front()).count());
    line.sent_at.pop_front();
    begin += size;
  }
  line.have -= begin * sizeof(capnp::word);
  std::memmove(bytes, bytes + begin * sizeof(capnp::word), line.have);
  answered += count;
  return count;
}

// One connection is simply read; of several, those that have something.
Result<void> Load::State::wait(std::vector<std::size_t>& ready) {
  ready.assign(1, 0);
  if (lines.size() == 1) return {};
  std::array<epoll_event, 64> found;
  const int n = ::epoll_wait(events, found.data(), static_cast<int>(found.size()), -1);
  if (n < 0 && errno != EINTR) return Error(ErrorCode::io, "cannot wait for replies");
  ready.clear();
  for (int i = 0; i < n; ++i) ready.push_back(found[static_cast<std::size_t>(i)].data.u64);
  return {};
}

Result<Loaded> Load::run(double seconds) {
  State& s = *state_;
  s.loaded = {};
  s.answered = 0;
  const Steady::time_point begin = Steady::now();
  const Steady::time_point end = begin + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(seconds));
  std::uint64_t under_way = s.lines.size() * s.in_flight;
  for (Line& line : s.lines) TAUS_TRY(s.send(line, s.in_flight));
  Steady::time_point last = begin;
  std::vector<std::size_t> ready;
  while (under_way > 0) {
    TAUS_TRY(s.wait(ready));
    for (const std::size_t i : ready) {
      TAUS_TRY_ASSIGN(const std::size_t count, s.take(s.lines[i]));
      last = Steady::now();
      under_way -= count;
      if (last >= end) continue;
      under_way += count;
      TAUS_TRY(s.send(s.lines[i], count));
    }
  }
  s.loaded.per_second = static_cast<double>(s.answered) / std::chrono::duration<double>(last - begin).count();
  return std::move(s.loaded);
}

}  // namespace taus::bench
