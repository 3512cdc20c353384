// Which function decides or answers each method. Methods that are neither (shreds by the clock, keys, readings of the whole history, the clock itself) are the dispatcher's.
//
// Threads: constant data. Errors: none; nullptr where the method is not of that kind.
#pragma once

#include "daemon/service/decision.h"

namespace taus::service {

struct Command {
  api::Request::Which which;
  Result<void> (*decide)(Core&, const Call&, api::Request::Reader, Decision&);
  api::Ack::Builder (*ack)(api::Response::Builder);
};
struct Query {
  api::Request::Which which;
  Result<void> (*ask)(Core&, const Call&, api::Request::Reader, api::Response::Builder);
};

const Command* command_of(api::Request::Which which);
const Query* query_of(api::Request::Which which);

}  // namespace taus::service
