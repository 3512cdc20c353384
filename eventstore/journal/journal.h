// The ordered, append-only record of everything that happened. Knows ciphertext, never plaintext.
//
// Threads:    one for everything that is not const; const reads from any thread.
// Owns:       the version of every stream, and the tree of the entries that are settled; `store` must outlive it.
// Durability: claim() only gives out a place; whoever made the entries durable (log_end.h) tells settle(). stage() does both.
// Errors:     corrupt: start-up check failed (docs/FORMAT.md "Start-up check"); not_found; unavailable: purged or missing part.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>

#include "eventstore/journal/entry.h"
#include "eventstore/journal/floor.h"
#include "eventstore/journal/merkle.h"
#include "eventstore/storage/kv_store.h"

namespace taus::journal {

// A leaf as a start takes it: read and hashed, not yet checked against its neighbours.
struct LeafRow {
  Leaf leaf;
  Hash32 hash{};
};

// From this position on leaves carry this incarnation; a restore from a backup begins a new one.
struct Era {
  Position from = 0;
  std::uint32_t incarnation = 0;
  friend bool operator==(const Era&, const Era&) = default;
};

class Journal {
 public:
  struct Options {
    StoreId store_id{};
    std::uint32_t incarnation = 0;  // the present one
    std::vector<Era> eras;          // empty: the present one from the start
    bool restored = false;          // from a backup a moment ago: there is no floor for it yet
  };
  // Reads every leaf once: positions and versions contiguous, frontier and root from the floor on, whole tree rehashed.
  // Without a floor the store must hold no leaf: whoever makes a store writes a floor of size 0 before its first commit.
  // `visit` sees each leaf in order (projections are rebuilt in the same pass); its error ends opening.
  static Result<std::unique_ptr<Journal>> open(const storage::KvReader& store, const std::optional<FloorRecord>& floor,
                                               const Options& options, const std::function<Result<void>(const Leaf&)>& visit);

  // The same in steps, for whoever reads the leaves itself: begin, take each leaf in order, finish.
  static Result<std::unique_ptr<Journal>> begin(const storage::KvReader& store, const std::optional<FloorRecord>& floor,
                                                const Options& options);
  Result<void> take(const LeafRow& row);
  Result<void> finish() const;
  // At most `most` leaves from `from` on, without a gap. On an error `out` holds those before it. Any thread.
  static Result<void> read_leaves(const storage::KvReader& store, Position from, std::size_t most, std::vector<LeafRow>& out);

  // The next place in the log and in a stream. Entries are made in the order of their places.
  struct Claim {
    Position position = 0;
    Version version = 0;
  };
  Claim claim(Ordinal stream);
  // The log is durable up to this tree.
  void settle(std::uint64_t size, const std::vector<Hash32>& frontier);
  // Appends one event (1..limits::parts_per_event_max parts) to a stream whose log is settled: leaf and part rows into `batch`.
  // `parts` were sealed for the next version.
  Position stage(storage::WriteBatch& batch, Ordinal stream, std::span<const SealedPart> parts);

  [[nodiscard]] Position next_position() const noexcept { return next_; }
  [[nodiscard]] Version version(Ordinal stream) const;  // 0: no such stream
  [[nodiscard]] Ordinal highest_stream() const noexcept { return highest_stream_; }
  [[nodiscard]] const MerkleTree& tree() const noexcept { return tree_; }  // of what is settled
  [[nodiscard]] const Options& options() const noexcept { return options_; }

  // From here on leaves carry another incarnation.
  void begin_era(std::uint32_t incarnation);
  [[nodiscard]] const std::vector<Era>& eras() const noexcept { return options_.eras; }

  [[nodiscard]] Result<Leaf> read_leaf(Position position) const;
  // The stored bytes of a part. unavailable: no such row.
  [[nodiscard]] Result<Bytes> read_part(Position position, std::uint8_t index) const;
  // Every leaf with from <= position < to.
  Result<void> scan(Position from, Position to, const std::function<Result<bool>(const Leaf&)>& visit) const;
  // RFC 6962 inclusion proof of `position` in the tree of `size` leaves, read from the leaves.
  [[nodiscard]] Result<std::vector<Hash32>> prove(Position position, std::uint64_t size) const;

 private:
  Journal(const storage::KvReader& store, const std::optional<FloorRecord>& floor, const Options& options);
  [[nodiscard]] std::uint32_t incarnation_at(Position position) const;
  Result<void> admit(const Leaf& leaf);
  const storage::KvReader& store_;
  std::optional<FloorRecord> floor_;  // of the start
  Options options_;
  MerkleTree tree_;
  Position next_ = 0;  // not yet given out
  std::unordered_map<Ordinal, Version> versions_;
  Ordinal highest_stream_ = 0;
};

}  // namespace taus::journal
