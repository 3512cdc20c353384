// The operator's view of the vault: generation, copies of the keys, escrow. Internal to daemon/service/.
//
// Threads: the core thread. Errors: unauthorized; not_found: no such replica; invalid_argument; busy: not everything is durable yet.
#pragma once

#include "daemon/service/core.h"

namespace taus::service {

Result<void> keys_status(Core& core, const Call& call, api::KeysStatus::Builder out);
// Takes a replica out of the set that shreds wait for, or puts it back in, copied anew. Journalled.
Result<void> change_replicas(Core& core, const Call& call, api::ReplicaRef::Reader in, bool admit);
// A new root for the same keys, and whatever is pending.
Result<void> keys_rotate_root(Core& core, const Call& call, api::RootTurn::Builder out);
// The same, and a new period's paper for the safe, or none any more. Journalled.
Result<void> keys_escrow(Core& core, const Call& call, api::EscrowOrder::Reader in, api::RootTurn::Builder out);

// Journals which replicas shreds wait for, where that is news.
Result<void> journal_replica_set(Core& core);
// What status warns of.
std::vector<std::string> key_warnings(const Core& core);
void fill_replica(const vault::ReplicaReport& from, api::ReplicaView::Builder to);

// Into a Status or a KeysStatus.
template <class Builder>
void fill_replicas(const Core& core, Builder out) {
  const std::vector<vault::ReplicaReport> states = core.store->replicas();
  std::uint32_t counted = 0;
  auto list = out.initReplicaStates(static_cast<unsigned>(states.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    counted += states[i].state == vault::ReplicaState::evicted ? 0 : 1;
    fill_replica(states[i], list[i]);
  }
  out.setReplicas(counted);
}

}  // namespace taus::service
