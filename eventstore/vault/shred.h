// S2 of a shred: which keys die, and the tree without them, under new node keys up to a new root. docs/CRYPTO.md "Shred".
//
// Threads: one. Changes nothing: the plan is carried out by KeyVault::shred.
// Errors:  corrupt.
#pragma once

#include <map>
#include <set>
#include <span>

#include "eventstore/vault/key_tree.h"
#include "eventstore/vault/key_vault.h"

namespace taus::vault {

struct ShredPlan {
  std::map<NodeId, Node> nodes;   // the changed part of the new tree, the top always
  std::set<NodeId> removed;       // gone with all below
  std::vector<Bytes> superseded;  // row keys of what the old tree had in their place
  std::vector<Victim> victims;
  [[nodiscard]] const Node& top() const { return nodes.begin()->second; }
};

Result<ShredPlan> plan_shred(KeyTree& tree, std::span<const PendingShred> requests, const ShredFaults& faults, Random& random);

// BLAKE2b-256(key, "taus/kid/1"): safe to publish.
ByteArray<32> key_id(const crypto::Key& key);

}  // namespace taus::vault
