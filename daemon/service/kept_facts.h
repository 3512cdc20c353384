// What stays of a client whose case is open must not lose its due time with what goes: the last session, the last message and the first
// collection are carried over into each category that stays, before the others are erased (docs/decisions/0015).
//
// Threads: the core thread. Durability: with the decision it adds to. Errors: none.
#pragma once

#include "daemon/service/decision.h"

namespace taus::service {

// Adds ErasureScheduled to the decision, where the rules for what stays need something of `going`. Nothing once the case is concluded: then each
// category has its anchor.
void keep_facts(const Core& core, const Subject& subject, Mask going, schema::ShredReason reason, Instant now, Decision& out);

}  // namespace taus::service
