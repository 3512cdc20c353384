// Everything that is in a store, at its opening: leaves read in order, their parts opened, and each event handed on in order.
//
// What:    blocks of leaves pass through three stages, which run at once for three blocks where threads are lent: read and hash,
//          open the parts, take. Keys are looked up between the rounds, as the vault is one thread's.
// Threads: run() on one; the jobs it hands out touch nothing in common. Whoever is handed events is called by one thread at a time.
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
    crypto::Key key;
    int category = -1;
    bool settled = false;  // opened, or why_not says why it is not
    std::optional<Error> why_not;
    std::size_t begin = 0;  // in its piece's plaintext
    std::size_t size = 0;
  };
  // Some leaves of a block, whose parts one job opens. Their plaintext is one string: thousands of small ones, made by one thread and
  // freed by another, would have both wait for the allocator.
  struct Piece {
    Bytes plaintext;
    std::optional<Error> fault;  // of reading parts
  };
  struct Block {
    std::vector<journal::LeafRow> leaves;
    std::vector<Part> parts;         // of all leaves, in order
    std::vector<std::size_t> first;  // per leaf: its first part
    std::optional<Error> ends_with;  // behind its last leaf
    std::vector<Piece> pieces;
  };
  void read(Position from, Block& block) const;
  Result<void> find_keys(Block& block) const;
  void open(Block& block, std::size_t number) const;
  Result<void> hand_on(Block& block, const std::function<Result<void>(const journal::LeafRow&)>& take,
                       const EventStore::Visitor& visit) const;

  const storage::KvReader& store_;
  const vault::KeyVault& vault_;
  const StoreId store_id_;
  const Parallel& parallel_;
};

// One stored part as plaintext. `key` and `category` are the vault's answer for its slot and epoch; a public part needs neither.
Result<OpenedPart> open_stored(const StoreId& store_id, const journal::Leaf& leaf, std::size_t index, const crypto::Key& key,
                               int category, ByteView stored);
// Whose node holds a stream's keys.
Ordinal node_of(Ordinal stream);

}  // namespace taus
