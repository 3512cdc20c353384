// What the last two shreds wrote, a second time outside the engine, because an engine may drop the tail of its log without a
// word and the old root is gone by then. docs/format/keys.md "Delta file".
//
// Threads: one. Durability: write() returns after the bytes were synced and read back. Holds ciphertext only.
// Errors:  io.
#pragma once

#include <memory>
#include <string>

#include "eventstore/storage/kv_store.h"
#include "eventstore/vault/node.h"

namespace taus::vault {

class DeltaFile {
 public:
  static constexpr std::size_t area_bytes = 1 << 20;
  // Made and preallocated where it does not exist.
  static Result<std::unique_ptr<DeltaFile>> open(const std::string& path);
  ~DeltaFile();
  DeltaFile(const DeltaFile&) = delete;
  DeltaFile& operator=(const DeltaFile&) = delete;

  // False where the batch is too large: the caller flushes the engine instead. All rows must be of Table::keys.
  // `check` false: without reading it back; tests only.
  Result<bool> write(std::uint64_t generation, const NodeVersion& top_version, const storage::WriteBatch& batch,
                     bool check = true);
  // The batch of this very shred; nothing where the file does not hold it whole.
  Result<std::optional<storage::WriteBatch>> read(std::uint64_t generation, const NodeVersion& top_version) const;

 private:
  DeltaFile(int file, std::string path) : file_(file), path_(std::move(path)) {}
  int file_;
  std::string path_;
};

}  // namespace taus::vault
