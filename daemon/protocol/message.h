// Frames as typed messages: the check every request passes before the core sees it, and the way replies are written.
//
// Threads: pure functions and values.
// Errors:  malformed: bytes that are no message of the schema. A kj::Exception never leaves check_request and open_response.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "daemon/protocol/api.capnp.h"
#include "eventstore/base/bytes.h"
#include "eventstore/base/result.h"

namespace taus::protocol {

struct CheckedRequest {
  std::uint64_t id = 0;
  std::optional<Error> refusal;   // well-formed, and yet to be refused under this id: answer it and go on
  bool reads_everything = false;  // takes as long as the history or the number of clients is: one at a time for each connection
};
// Walks the whole request: structure, UTF-8, lengths, enumerants, method. malformed: end the connection.
// Where there is no refusal, every getter of the generated reader will succeed.
Result<CheckedRequest> check_request(ByteView frame);

// Reads a request that check_request() has passed. `frame` must outlive it and be aligned to 8 bytes.
class RequestReader {
 public:
  explicit RequestReader(ByteView frame);
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;
  [[nodiscard]] api::Request::Reader root() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// For clients: calls `use` with a reply. malformed also where `use` meets a pointer that leads nowhere.
Result<void> open_response(ByteView frame, const std::function<Result<void>(api::Response::Reader)>& use);

// The message as one frame.
Bytes encode(capnp::MessageBuilder& message);
// A reply that is an error. id 0: to no request in particular.
Bytes error_frame(std::uint64_t id, const Error& error);

}  // namespace taus::protocol
