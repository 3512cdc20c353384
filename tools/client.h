// A connection to tausd for command-line programs: blocking, one thread, requests may be pipelined.
//
// What:      sends framed requests (standard Cap'n Proto stream framing) over a Unix socket and gives back replies.
// Threads:   one per Client.
// Ownership: a Reply owns its bytes; readers taken from it must not outlive it.
// Errors:    unavailable: nobody listens, or the daemon closed the connection; io: a reply that is none; too_large: a reply
//            above `limits::reply_bytes_max`. What the daemon refuses is not an error here: it is in the reply.
#pragma once

#include <memory>
#include <string>

#include <capnp/message.h>
#include <capnp/serialize.h>

#include "daemon/protocol/api.capnp.h"
#include "eventstore/base/bytes.h"
#include "eventstore/base/result.h"

namespace taus::tools {

class Reply {
 public:
  explicit Reply(kj::Array<capnp::word> words);
  [[nodiscard]] api::Response::Reader get();
  // The frame as it came, segment table included.
  [[nodiscard]] ByteView bytes() const noexcept;

 private:
  kj::Array<capnp::word> words_;
  capnp::FlatArrayMessageReader message_;
};

class Client {
 public:
  static Result<Client> connect(const std::string& path);
  Client(Client&& other) noexcept;
  Client& operator=(Client&& other) noexcept;
  ~Client();

  // Adds a request to what flush() sends. A frame must be complete, table included.
  void queue(capnp::MessageBuilder& request);
  void queue(ByteView frame);
  Result<void> flush();
  // The next reply; waits for it.
  Result<std::unique_ptr<Reply>> receive();
  // Whether receive() would return without reading from the socket.
  [[nodiscard]] bool buffered() const noexcept;
  // One request, its reply.
  Result<std::unique_ptr<Reply>> call(capnp::MessageBuilder& request);
  [[nodiscard]] int descriptor() const noexcept { return socket_; }

 private:
  explicit Client(int socket) : socket_(socket) {}
  Result<void> fill(std::size_t at_least);
  Result<void> introduce();
  int socket_ = -1;
  bool introduced_ = false;  // a first frame was small enough, or a small one was sent before it
  Bytes out_;
  Bytes in_;  // received, from begin_ on not yet given out
  std::size_t begin_ = 0;
};

}  // namespace taus::tools
