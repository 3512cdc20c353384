// Which replicas of the keys the store counts on, as the store itself remembers it: docs/FORMAT.md "Replica set".
//
// Threads: pure functions. Errors: corrupt.
#pragma once

#include <set>
#include <string>

#include "eventstore/storage/kv_store.h"
#include "eventstore/vault/replicas.h"

namespace taus {

struct ReplicaSet {
  std::set<std::string> current;  // shreds wait for them
  std::set<std::string> evicted;
  friend bool operator==(const ReplicaSet&, const ReplicaSet&) = default;

  static ReplicaSet of(const std::vector<vault::ReplicaReport>& states);
  // As last written; empty where none ever was.
  static Result<ReplicaSet> read(const storage::KvReader& store);
  void stage(storage::WriteBatch& batch) const;
};

}  // namespace taus
