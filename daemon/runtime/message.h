// What travels between io, core and commit threads: values, by move.
#pragma once

#include <optional>
#include <vector>

#include "daemon/service/service.h"
#include "eventstore/base/bytes.h"
#include "eventstore/base/result.h"

namespace taus::runtime {

// Where a reply goes.
struct ReplyTo {
  std::uint64_t session = 0;
  std::uint64_t request_id = 0;
};

struct Request {
  ReplyTo to;
  const service::Principal* who = nullptr;  // lives as long as the process
  Bytes frame;                              // passed protocol::check_request
};

struct Reply {
  ReplyTo to;
  Bytes frame;                 // empty where `error` is set
  std::optional<Error> error;  // to be written as an error frame under to.request_id
};

// Who takes replies to the sockets. Called on the core and commit threads; must not block.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual void deliver(std::vector<Reply> replies) = 0;
  // Keys were destroyed: what was read before must not stay in memory (design promise: one second).
  virtual void shredded() = 0;
  // A write failed; nothing is acknowledged any more. The process must end soon.
  virtual void latched(const Error& error) = 0;
  // After stop(): everything accepted is durable and answered.
  virtual void stopped() = 0;
};

}  // namespace taus::runtime
