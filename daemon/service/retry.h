// Whether a request that comes under an id that was used is the one that came before. Internal to daemon/service/.
//
// Threads: the core thread.
#pragma once

#include "daemon/service/core.h"
#include "eventstore/schema/event.capnp.h"

namespace taus::service {

// Of what the request asks for, without its id and what a retry may wait for (docs/FORMAT.md "Request ids").
RequestHash hash_of(api::Request::Reader request);
// Whether it may be, by what still lives: the same command of the same person about the same subject. For when the rest was shredded.
// `streams`: of the events that the first one wrote; one of them belongs to a subject that the request names, where it names any.
[[nodiscard]] bool may_be_retry_of(const Core& core, const Call& call, const std::vector<Ordinal>& streams,
                                   schema::Head::Reader before);

}  // namespace taus::service
