// Everything that is in a store, at its opening: leaves read in order, their parts opened, and each event handed on in order.
//
// What:    blocks of leaves pass through four stages, which run at once for four blocks where threads are lent: read and hash, look
//          the keys up, open the parts, hand on. Of parts whose key is destroyed nothing is read.
// Threads: run() on one; the jobs it hands out touch nothing in common: the vault is used by one job at a time and by no other code
//          meanwhile. Whoever is handed events is called by one thread at a time.
// Memory:  the parts of two blocks.
// Errors:  of the first entry that has one; what came before it was handed on.
#pragma once

#include <optional>
#include <vector>

#include "eventstore/base/parallel.h"
#include "eventstore/event_store.h"

namespace taus {

class Replay {
 public:
  Replay(const storage::KvReader& store, const vault::KeyVault& vault, const StoreId& store_id, const Parallel& parallel);
  // `take` first, then `visit`, for every leaf.
  Result<void> run(const std::function<Result<void>(const journal::LeafRow&)>& take, const EventStore::Visitor& visit);

 private:
  struct Part {
    vault::FoundKey key;
    bool settled = false;            // opened, or destroyed, or why_not says why it is not
    std::unique_ptr<Error> why_not;  // rare, and large
    ByteView plaintext;              // in its piece's room
  };
  // Some leaves of a block, whose parts one job opens.
  struct Piece {
    Arena room;
    std::optional<Error> fault;  // of reading parts
  };
  // As many leaves as one job reads.
  struct Reading {
    std::vector<journal::LeafRow> leaves;
    std::optional<Error> ends_with;  // behind its last leaf
  };
  struct Block {
    std::vector<Reading> readings;
    std::vector<journal::LeafRow> leaves;
    std::vector<Part> parts;         // of all leaves, in order
    std::vector<std::size_t> first;  // per leaf: its first part
    std::optional<Error> ends_with;  // behind its last leaf
    std::vector<Piece> pieces;
    [[nodiscard]] bool nothing() const { return readings.empty() && leaves.empty() && !ends_with; }
  };
  class Entry;
  void read(Position from, Reading& to) const;
  // How many leaves a block that was read has; join() puts them in one row.
  static std::size_t leaves_of(const Block& block);
  static void join(Block& block);
  void find_keys(Block& block) const;
  Result<void> find_keys_of(Block& block, const journal::Leaf& leaf) const;
  void open(Block& block, std::size_t number) const;
  Result<ByteView> open_stored(Arena& room, const journal::Leaf& leaf, std::size_t index, const crypto::Key& key,
                               ByteView stored) const;
  Result<void> hand_on(const Block& block, const std::function<Result<void>(const journal::LeafRow&)>& take,
                       const EventStore::Visitor& visit) const;

  const storage::KvReader& store_;
  const vault::KeyVault& vault_;
  const StoreId store_id_;
  const Parallel& parallel_;
};

// What a part of a leaf is bound to.
journal::PartContext context_of(const StoreId& store_id, const journal::Leaf& leaf, std::size_t index);
// Whose node holds a stream's keys.
Ordinal node_of(Ordinal stream);

}  // namespace taus
