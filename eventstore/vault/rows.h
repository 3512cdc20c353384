// The rows of Table::keys that are not nodes: commits, pending shreds, counters. docs/format/keys.md "Rows".
//
// Threads: pure functions. Errors: corrupt: bytes that are no such row.
#pragma once

#include <vector>

#include "eventstore/vault/key_vault.h"
#include "eventstore/vault/node.h"

namespace taus::vault {

// What a shred did. Until its receipt is journalled it lists the node rows it wrote and superseded, so that recovery
// can take back an unfinished one and collect after a finished one. Where commit.chunks is not 0 it lists the top alone.
struct CommitRow {
  bool receipted = false;
  ShredCommit commit;
  std::vector<Bytes> written;     // row keys
  std::vector<Bytes> superseded;  // row keys
};

Bytes commit_row_key(std::uint64_t generation);
Bytes encode(const CommitRow& row);
Result<CommitRow> decode_commit_row(ByteView key, ByteView value);

// A large shred is told in chunks: a row of what each destroys, kept for ever, and until its receipt one of the node rows it wrote and
// superseded. They are there before the commit row is, and belong to nothing unless it comes.
struct ChunkWork {
  std::vector<Bytes> written;     // row keys
  std::vector<Bytes> superseded;  // row keys
};
Bytes chunk_row_key(std::uint64_t generation, std::uint32_t chunk);
Bytes encode_chunk(const ShredCommit& chunk);
Result<ShredCommit> decode_chunk_row(ByteView key, ByteView value);
Bytes work_row_key(std::uint64_t generation, std::uint32_t chunk);
Bytes encode(const ChunkWork& work);
Result<ChunkWork> decode_work_row(ByteView value);
// Generation and chunk that the key of either names.
struct ChunkName {
  std::uint64_t generation = 0;
  std::uint32_t chunk = 0;
  friend auto operator<=>(const ChunkName&, const ChunkName&) = default;
};
std::optional<ChunkName> parse_chunk_key(ByteView key);

Bytes pending_row_key(std::uint64_t id);
Bytes encode(const PendingShred& request);
Result<PendingShred> decode_pending_row(ByteView key, ByteView value);

enum class Counter : std::uint8_t { next_subject = 's', kseq = 'q', next_pending = 'p' };
Bytes counter_key(Counter counter);
Bytes encode_counter(std::uint64_t value);
// 0 where there is no such row.
Result<std::uint64_t> read_counter(const storage::KvReader& store, Counter counter);

// Every row whose key begins with `kind` ('N', 'C', 'D', 'W', 'P', 'E' or 'M').
Result<void> scan_kind(const storage::KvReader& store, char kind,
                       const std::function<Result<void>(ByteView key, ByteView value)>& visit);

}  // namespace taus::vault
