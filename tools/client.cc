#include "tools/client.h"

#include <cerrno>
#include <cstring>

#include <kj/exception.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "eventstore/base/limits.h"

namespace taus::tools {
namespace {

constexpr std::size_t chunk_bytes = 64 << 10;
constexpr std::uint32_t reply_segments_max = 512;  // the library's own limit

Error lost() {
  return Error(ErrorCode::unavailable,
               "The daemon closed the connection. Look at its log and try again; a command repeated with the same "
               "--request-id happens once.");
}

capnp::ReaderOptions reader_options() {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = 8 * limits::reply_bytes_max / sizeof(capnp::word);
  options.nestingLimit = limits::nesting_levels_max + 4;
  return options;
}

// Size of the frame that begins `in`; nothing: its segment table is not complete yet.
Result<std::optional<std::size_t>> frame_bytes(ByteView in) {
  Reader reader(in);
  const std::uint64_t segments = std::uint64_t{reader.u32()} + 1;
  if (!reader.ok()) return std::optional<std::size_t>();
  if (segments > reply_segments_max)
    return Error(ErrorCode::io, "The reply is not of this protocol: it claims too many segments.");
  const std::size_t table = (4 + 4 * segments + 7) / 8 * 8;
  if (in.size() < table) return std::optional<std::size_t>();
  std::size_t total = table;
  for (std::uint64_t i = 0; i < segments; ++i) total += std::size_t{reader.u32()} * sizeof(capnp::word);
  if (total > limits::reply_bytes_max)
    return Error(ErrorCode::too_large, "The reply is larger than 16 MiB. Ask for less at a time.");
  return std::optional<std::size_t>(total);
}

}  // namespace

Reply::Reply(kj::Array<capnp::word> words) : words_(kj::mv(words)), message_(words_.asPtr(), reader_options()) {}
api::Response::Reader Reply::get() { return message_.getRoot<api::Response>(); }
ByteView Reply::bytes() const noexcept {
  return {reinterpret_cast<const std::uint8_t*>(words_.begin()), words_.size() * sizeof(capnp::word)};
}

Client::Client(Client&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      introduced_(other.introduced_),
      out_(std::move(other.out_)),
      in_(std::move(other.in_)),
      begin_(std::exchange(other.begin_, 0)) {}
Client& Client::operator=(Client&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(introduced_, other.introduced_);
  std::swap(out_, other.out_);
  std::swap(in_, other.in_);
  std::swap(begin_, other.begin_);
  return *this;
}
Client::~Client() {
  if (socket_ >= 0) ::close(socket_);
}

Result<Client> Client::connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    return Error(ErrorCode::invalid_argument, "The socket's path is longer than the system allows: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  Client client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (client.socket_ < 0) return Error(ErrorCode::io, std::string("Cannot make a socket: ") + std::strerror(errno));
  int made;
  do {
    made = ::connect(client.socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  } while (made != 0 && errno == EINTR);
  if (made == 0) return client;
  return Error(ErrorCode::unavailable,
               "Cannot connect to " + path + ": " + std::strerror(errno) + ". Is tausd running, and may you use this socket?");
}

void Client::queue(capnp::MessageBuilder& request) {
  const kj::Array<capnp::word> words = capnp::messageToFlatArray(request);
  queue(ByteView(reinterpret_cast<const std::uint8_t*>(words.begin()), words.size() * sizeof(capnp::word)));
}

void Client::queue(ByteView frame) { out_.insert(out_.end(), frame.begin(), frame.end()); }

// The daemon takes a small request first, from whoever it is, and large ones after that.
Result<void> Client::introduce() {
  introduced_ = true;
  Bytes large = std::exchange(out_, {});
  capnp::MallocMessageBuilder message;
  message.initRoot<api::Request>().initStatus();
  queue(message);
  TAUS_TRY(flush());
  TAUS_TRY_ASSIGN(const std::unique_ptr<Reply> ignored, receive());
  out_ = std::move(large);
  return {};
}

Result<void> Client::flush() {
  if (!introduced_ && out_.size() > limits::frame_bytes_first_max) TAUS_TRY(introduce());
  introduced_ = true;
  std::size_t sent = 0;
  while (sent < out_.size()) {
    const ssize_t n = ::send(socket_, out_.data() + sent, out_.size() - sent, MSG_NOSIGNAL);
    if (n > 0) {
      sent += static_cast<std::size_t>(n);
    } else if (errno != EINTR) {
      return lost();
    }
  }
  out_.clear();
  return {};
}

// Reads until `at_least` unread bytes are there.
Result<void> Client::fill(std::size_t at_least) {
  if (begin_ > 0 && (begin_ == in_.size() || begin_ >= chunk_bytes)) {
    in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }
  while (in_.size() - begin_ < at_least) {
    const std::size_t before = in_.size();
    in_.resize(before + std::max(chunk_bytes, at_least - (before - begin_)));
    const ssize_t n = ::recv(socket_, in_.data() + before, in_.size() - before, 0);
    in_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    if (n == 0 || (n < 0 && errno != EINTR)) return lost();
  }
  return {};
}

bool Client::buffered() const noexcept {
  const ByteView unread = ByteView(in_).subspan(begin_);
  const auto size = frame_bytes(unread);
  return !size || (size.value().has_value() && unread.size() >= *size.value());
}

Result<std::unique_ptr<Reply>> Client::receive() {
  for (;;) {
    const ByteView unread = ByteView(in_).subspan(begin_);
    TAUS_TRY_ASSIGN(const std::optional<std::size_t> size, frame_bytes(unread));
    if (!size || unread.size() < *size) {
      TAUS_TRY(fill(size ? *size : unread.size() + 1));
      continue;
    }
    auto words = kj::heapArray<capnp::word>(*size / sizeof(capnp::word));
    std::memcpy(words.begin(), unread.data(), *size);
    begin_ += *size;
    try {
      return std::make_unique<Reply>(kj::mv(words));
    } catch (const kj::Exception&) {
      return Error(ErrorCode::io, "The reply is not of this protocol.");
    }
  }
}

Result<std::unique_ptr<Reply>> Client::call(capnp::MessageBuilder& request) {
  queue(request);
  TAUS_TRY(flush());
  return receive();
}

}  // namespace taus::tools
