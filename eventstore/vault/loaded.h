// What a key store knows beside its tree, read from the rows when it is opened and kept in memory.
//
// Threads: one. Errors: corrupt.
#pragma once

#include <array>
#include <map>
#include <unordered_map>

#include "eventstore/vault/rows.h"

namespace taus::vault {

// The last destroyed epoch of each slot, which covers all before. In many small tables, none of which takes long to grow.
class Destroyed {
 public:
  void add(const std::vector<Victim>& victims);
  [[nodiscard]] bool covers(Ordinal subject, Slot slot, Epoch epoch) const;

 private:
  static constexpr std::size_t tables = 256;
  std::array<std::unordered_map<std::uint64_t, Epoch>, tables> epochs_;
};

struct Loaded {
  std::uint64_t kseq = 0;
  std::uint64_t next_subject = 1;
  std::uint64_t next_pending = 1;
  std::vector<PendingShred> pending;
  std::map<ChunkName, CommitRow> unreceipted;  // chunk 0: also where there are no chunks
  std::map<std::uint64_t, CommitRow> heads;    // of those in chunks
  std::optional<EscrowPeriod> escrow;
  Destroyed destroyed;

  // Whether it was destroyed by a shred in chunks that are not receipted, and not in `destroyed` either.
  [[nodiscard]] bool lately(Ordinal subject, Slot slot, Epoch epoch) const;
};

Result<Loaded> load(const storage::KvReader& store, std::uint64_t generation);

// Every commit above `generation`, chunk by chunk.
Result<std::vector<ShredCommit>> read_commits(const storage::KvReader& store, std::uint64_t generation);

}  // namespace taus::vault
