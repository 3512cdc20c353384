// The floor: what the store must have at least. Two slots written in place outside RocksDB, signed with the log key, after
// each sync and before the replies, because RocksDB drops tails silently. docs/FORMAT.md "Floor".
//
// Threads: one writer (the commit stage). Durability: write() returns after O_DSYNC.
// Errors:  io (after a failed write every later one fails too); corrupt: no slot carries a good signature; tampered: signed
//          with another key.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/base/bytes.h"
#include "eventstore/base/result.h"
#include "eventstore/crypto/sign.h"

namespace taus::journal {

struct FloorRecord {
  StoreId store_id{};
  std::uint32_t incarnation = 0;
  std::uint64_t size = 0;        // leaves
  Hash32 root{};                 // RFC 6962 root over them
  std::vector<Hash32> frontier;  // roots of the perfect subtrees, largest first
  std::uint64_t kseq = 0;        // of the key store
  std::uint64_t generation = 0;  // of the root key
  friend bool operator==(const FloorRecord&, const FloorRecord&) = default;
};

class Floor {
 public:
  virtual ~Floor() = default;
  // Nothing where both slots are blank (a new store).
  virtual Result<std::optional<FloorRecord>> read() = 0;
  virtual Result<void> write(const FloorRecord& record) = 0;
};

inline constexpr std::size_t floor_slot_bytes = 4096;
inline constexpr std::size_t floor_file_bytes = 2 * floor_slot_bytes;

// One slot, and what a whole file says: for auditors and tests.
struct FloorState {
  std::uint64_t sequence = 0;  // of the write, from 1; its last bit is the number of the slot
  FloorRecord record;
};
Bytes encode_floor_slot(std::uint64_t sequence, const FloorRecord& record, const crypto::SigningKey& key);
Result<std::optional<FloorState>> decode_floor(ByteView file, const crypto::PublicKey& key);
// not_found: no such file.
Result<std::optional<FloorRecord>> read_floor_file(const std::string& path, const crypto::PublicKey& key);

// Whether one of the two slots is damaged: a power cut in the middle of a write, or a disk that loses bytes. The next writes mend it.
Result<bool> floor_lost_a_slot(const std::string& path, const crypto::PublicKey& key);

// `path` is created (preallocated, two 4096-byte slots) where it does not exist. `key` must outlive the floor.
Result<std::unique_ptr<Floor>> open_floor_file(const std::string& path, const crypto::SigningKey& key);

}  // namespace taus::journal
