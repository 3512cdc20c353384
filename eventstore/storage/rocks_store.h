// The embedded engine: RocksDB, one column family a table, one writer.
//
// Threads:    as KvStore.
// Durability: commit() is one RocksDB batch and one sync of its log.
// Failure:    any write that is not OK, and any error in the background, latches the store. RocksDB is never asked to resume.
// Recovery:   RocksDB drops a damaged tail without a word in every mode, so whoever opens a store compares it with the floor
//             (eventstore/journal/floor.h). Only because of that check a store whose log is damaged before its tail is opened at
//             all: its directory is first copied to DIR.damaged-N.
// Errors:     not_found: no store in `dir` and `create` not set; busy: another process has it open; corrupt: damaged, or a file of it
//             is gone, which no start mends; io.
#pragma once

#include <memory>
#include <string>

#include "eventstore/storage/kv_store.h"

namespace taus::storage {

struct RocksOptions {
  bool create = false;                        // make the store where there is none; `dir` appears whole or not at all
  std::size_t write_buffer_bytes = 16 << 20;  // per table; RocksDB preallocates about 1.1 times as much for its log
  std::size_t log_bytes_max = 64 << 20;       // of write-ahead log before tables are flushed
};

Result<std::unique_ptr<KvStore>> open_rocks_store(const std::string& dir, const RocksOptions& options);

// For auditors: writes nothing and takes no lock. Sees what was synced when it was opened.
Result<std::unique_ptr<KvReader>> open_rocks_reader(const std::string& dir);

}  // namespace taus::storage
