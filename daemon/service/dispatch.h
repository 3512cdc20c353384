// From a request to its handler: who may call at all, retries, errors, and the wrapping of answers. Internal to daemon/service/.
//
// Threads: the core thread.
#pragma once

#include <functional>

#include "daemon/service/core.h"
#include "daemon/service/history.h"
#include "daemon/service/shredding.h"

namespace taus::service {

struct Service::State {
  // An answer that waits for its shred; finish() gets what became of it.
  struct Waiting {
    std::uint64_t ticket;
    std::function<Bytes(const ShredOutcome&)> finish;
  };
  Core core;
  std::vector<Waiting> waiting;
  std::vector<Waiting> sweeping;    // answers that wait until everything that is due was looked at
  std::size_t waiting_for_run = 0;  // of those, whom the run under way answers
  HistoryReader history;
  std::uint64_t drained_ticket = 0;  // the last request sent back to wait; a second time it is told busy
};

// Something is due now that was not looked at yet.
bool more_due(const Core& core);

Result<Handled> dispatch(Service& service, Service::State& state, const Principal& who, api::Request::Reader request,
                         std::uint64_t ticket, Bytes& reply);

}  // namespace taus::service
