// A backup as it is read: a snapshot of the whole store, handed out in pieces small enough for other work to go on between them.
//
// Threads: one. Everything handed out is ciphertext, leaves, or says nothing of anybody; never the root key.
// Errors:  io.
#pragma once

#include <memory>

#include "eventstore/base/ids.h"
#include "eventstore/storage/kv_store.h"

namespace taus {

struct BackupHead {
  StoreId store_id{};
  std::uint32_t incarnation = 0;
  std::string profile;
  std::uint64_t size = 0;  // entries
  Hash32 root{};
  std::uint64_t generation = 0;
  std::uint64_t kseq = 0;
};

class Backup {
 public:
  struct Chunk {
    Bytes rows;  // as docs/format/copies.md writes them
    Bytes last;  // row key to go on after
    bool done = false;
  };
  Backup(std::unique_ptr<storage::KvReader> snapshot, BackupHead head) : snapshot_(std::move(snapshot)), head_(std::move(head)) {}
  [[nodiscard]] const BackupHead& head() const noexcept { return head_; }
  [[nodiscard]] Result<Chunk> read(storage::Table table, ByteView after) const;

 private:
  std::unique_ptr<storage::KvReader> snapshot_;
  BackupHead head_;
};

}  // namespace taus
