// The live tree in memory: nodes are loaded from the root down when asked for, and kept in a bounded cache that never
// forgets what is staged and not yet durable.
//
// Threads: one. Owns: the cache; store and random must outlive it. Pointers to nodes are good until the next trim().
// Errors:  corrupt: a row missing or not opening although its parent names it.
#pragma once

#include <optional>
#include <unordered_map>

#include "eventstore/storage/kv_store.h"
#include "eventstore/vault/node.h"

namespace taus::vault {

class KeyTree {
 public:
  KeyTree(const storage::KvReader& store, const StoreId& store_id, crypto::Key root, std::size_t nodes_max)
      : store_(store), store_id_(store_id), root_(std::move(root)), half_(nodes_max / 2 + 1) {}

  // The node, or nothing where the live tree has none.
  Result<Node*> at(NodeId id);
  // A copy of a node, which does not enter the cache; nothing where the live tree has none.
  Result<std::optional<Node>> peek(NodeId id);
  // Puts a node of the live tree, changed or new, into the caller's batch and into the cache.
  void stage(storage::WriteBatch& batch, NodeId id, Node node, std::uint64_t generation, std::uint64_t kseq, Random& random);
  // After a shred: what the tree now holds, already durable.
  void set_root(crypto::Key root) { root_ = std::move(root); }
  void put(NodeId id, Node node);
  void forget(NodeId id);
  // All of them; everything staged must be durable. Their keys are wiped by forget_some(), so many nodes at a time, until none is left.
  void forget_all();
  void forget_some(std::size_t nodes);
  // Rows staged up to `kseq` are durable.
  void set_durable(std::uint64_t kseq) { durable_ = kseq; }
  void trim();
  [[nodiscard]] std::size_t size() const noexcept { return young_.size() + old_.size(); }
  [[nodiscard]] const StoreId& store_id() const noexcept { return store_id_; }

 private:
  struct Entry {
    Node node;
    std::uint64_t kseq = 0;  // of the batch it was last staged in
  };
  using Entries = std::unordered_map<std::uint64_t, Entry>;
  Entry* cached(NodeId id);
  Result<std::optional<Node>> load(NodeId id);  // past the cache; its parents enter it
  Node* insert(NodeId id, Node node, std::uint64_t kseq);

  const storage::KvReader& store_;
  StoreId store_id_;
  crypto::Key root_;
  std::size_t half_;
  Entries young_;  // used since the last turn
  Entries old_;    // not used since: dropped at the next turn
  Entries gone_;   // forgotten and not wiped yet
  std::uint64_t durable_ = 0;
};

// Opens every named row from the root down, reading the store and no cache, and sees that its version is the named one.
Result<void> walk(const storage::KvReader& store, const StoreId& store_id, const crypto::Key& root,
                  const std::vector<Bytes>& row_keys);

}  // namespace taus::vault
