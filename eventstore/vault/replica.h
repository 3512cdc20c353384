// One durable copy of the rows of `keys` beside the store, ideally on another disk: a directory with a file `keys.copy`.
//
// Threads:    one at a time.
// Durability: append and copy return after sync and reading back.
// Errors:     corrupt: changed or no copy; io; not_found: nothing there yet.
#pragma once

#include "eventstore/vault/copy_file.h"

namespace taus::vault {

class Replica {
 public:
  virtual ~Replica() = default;
  [[nodiscard]] virtual const std::string& name() const = 0;
  // What it holds now, read anew from the disk.
  virtual Result<CopyState> look() = 0;
  // The batch after the last one it holds; look() or copy() came before.
  virtual Result<CopyState> append(const KeyBatch& batch) = 0;
  // All rows of `from`, which stand at `kseq`. What it held stays until the new copy is durable; for ever, where that began as another
  // store's (version_conflict).
  virtual Result<CopyState> copy(const CopyHead& head, const storage::KvReader& from, std::uint64_t kseq) = 0;
};

// `dir` must exist: a disk that is not mounted must not be mistaken for an empty one.
std::unique_ptr<Replica> directory_replica(std::string name, std::string dir);

inline constexpr const char* replica_file = "keys.copy";

}  // namespace taus::vault
