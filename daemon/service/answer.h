// How a command's answer is made, the first time and again when its request id is retried.
//
// Threads: the core thread.
#pragma once

#include "daemon/service/decision.h"

namespace taus::service {

// Fills the answer of a command that was carried out.
Result<void> fill_ack(Core& core, const Decision& decision, const Carried& carried, api::Ack::Builder out);
// The same from the journal, but for the warnings. busy: an accepted erasure of what it is about is yet to run, so that the answer
// depends on who asks first; with `waited`, what still waits is answered as pending. version_conflict: the id was used for another
// request; shredded: what it did is gone.
Result<void> fill_ack_again(Core& core, const Call& call, const DedupeHit& hit, bool waited, api::Ack::Builder out);
// The receipt at a position, and the day by which it says all is gone.
Result<void> fill_receipt(const Core& core, Position receipt, api::Ack::Builder out);

}  // namespace taus::service
