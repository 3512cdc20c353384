// The end of the log, where entries are made: the leaf of each event and its place in the Merkle tree, in order of position.
//
// Threads:    one at a time (the commit stage); knows nothing of the Journal that gave out the places.
// Durability: append() only adds rows to the caller's batch.
#pragma once

#include "eventstore/journal/entry.h"
#include "eventstore/journal/merkle.h"
#include "eventstore/storage/kv_store.h"

namespace taus::journal {

class LogEnd {
 public:
  explicit LogEnd(MerkleTree tree) : tree_(std::move(tree)) {}
  // The position must be the next one (TAUS_CHECK).
  void append(storage::WriteBatch& batch, const Leaf& leaf);
  [[nodiscard]] const MerkleTree& tree() const noexcept { return tree_; }

 private:
  MerkleTree tree_;
};

}  // namespace taus::journal
