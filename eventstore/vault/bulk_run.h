// A shred of very many subjects under one new root, prepared in chunks while the store goes on: the new tree grows beside the live one,
// under keys that nothing leads to before its root is written. docs/CRYPTO.md "Large runs".
//
// Threads: one. Owns: the keys of the new nodes, and the requests. Durability: prepare() and follow() stage; see KeyVault::shred_step.
// Errors:  corrupt: a live node that does not open, or one that was written and does not read back.
#pragma once

#include <array>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "eventstore/vault/key_tree.h"
#include "eventstore/vault/rows.h"
#include "eventstore/vault/shred.h"

namespace taus::vault {

class BulkRun {
 public:
  struct Chunk {
    ShredCommit told;
    ChunkWork work;
  };
  // `requests` by subject. `generation` is the new one; subjects from `first_new` on may still be added.
  BulkRun(KeyTree& tree, Random& random, std::uint64_t generation, Ordinal first_new, std::vector<PendingShred> requests,
          const KeyVault::Options& options);

  // Stages the next chunk: its nodes of the new tree and the rows that tell of them.
  Result<void> prepare(storage::WriteBatch& batch);
  [[nodiscard]] bool prepared() const noexcept { return prepared_; }
  [[nodiscard]] std::size_t done() const noexcept { return next_; }
  // A live node was changed by an add: the same in the new tree, where that has it already.
  Result<void> follow(storage::WriteBatch& batch, NodeId id, const Node& live);
  // Whether the key of a category is among those that this run destroys.
  [[nodiscard]] bool destroys(Ordinal subject, int category) const;
  // Reads some of what was written back and compares it with what the new tree should have.
  Result<void> check(const storage::KvReader& store);
  [[nodiscard]] bool checked() const noexcept { return checked_ == written_.size(); }
  // The last of the new tree: its top, which is not staged.
  Result<ShredPlan> top();

  [[nodiscard]] const std::vector<PendingShred>& requests() const noexcept { return requests_; }
  [[nodiscard]] std::vector<Chunk>& chunks() noexcept { return chunks_; }
  // Once it is carried out nothing of it is asked any more: so many of its entries go, and their keys are wiped.
  void forget_some(std::size_t entries);

 private:
  struct Written {
    NodeId id;
    Hash32 hash{};
  };
  Result<void> family(storage::WriteBatch& batch);
  Result<bool> subject(storage::WriteBatch& batch, Ordinal ordinal, std::uint16_t categories, bool whole);
  Result<void> close(storage::WriteBatch& batch, NodeId id);
  Result<void> close_left(storage::WriteBatch& batch, std::uint64_t family);
  [[nodiscard]] Node after(NodeId id, const Node& live) const;
  Hash32 write(storage::WriteBatch& batch, NodeId id, const Node& node);  // a hash of the row
  void renew(storage::WriteBatch& batch, NodeId id, const Node& live, Node next);
  Result<void> check_one(const storage::KvReader& store, const Written& one);

  KeyTree& tree_;
  Random& random_;
  std::uint64_t generation_;
  Ordinal first_new_;
  std::vector<PendingShred> requests_;
  const KeyVault::Options& options_;
  std::size_t next_ = 0;
  bool prepared_ = false;
  bool left_out_ = false;
  std::array<std::optional<NodeId>, subject_level> open_;  // of each level, the node with changed children that may get more
  std::unordered_map<std::uint64_t, crypto::Key> renewed_;
  std::unordered_set<std::uint64_t> removed_;
  std::unordered_map<Ordinal, std::uint16_t> dying_;  // slots of renewed subjects
  std::unordered_set<std::uint64_t> followed_;
  std::vector<Written> written_;
  std::size_t checked_ = 0;
  Chunk chunk_;
  std::vector<Chunk> chunks_;
};

}  // namespace taus::vault
