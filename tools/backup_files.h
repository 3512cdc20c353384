// A backup as a directory: one copy of each table, a signed checkpoint, and a manifest that is written last. docs/format/backup.md.
//
// Threads: one. Errors: not_found: no backup there; corrupt: incomplete or changed; invalid_argument: the place is taken;
//          busy: tausd or another restore works there; io.
#pragma once

#include <array>
#include <functional>
#include <string>

#include "eventstore/crypto/sign.h"
#include "eventstore/vault/copy_file.h"

namespace taus::tools {

inline constexpr std::array<const char*, storage::table_count> backup_tables{"leaf", "part", "keys", "dedupe",
                                                                             "meta"};  // by storage::Table

struct Manifest {
  StoreId store_id{};
  std::uint32_t incarnation = 0;
  std::string profile;
  std::uint64_t size = 0;  // entries
  std::uint64_t generation = 0;
  std::uint64_t kseq = 0;
  std::string made;  // UTC
  struct Copy {
    std::uint64_t bytes = 0;
    Hash32 chain{};
    friend bool operator==(const Copy&, const Copy&) = default;
  };
  std::array<Copy, storage::table_count> copies;
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

// A small file of the backup, on the disk when it returns.
Result<void> write_durable(const std::string& dir, const std::string& name, const std::string& text);
std::string encode(const Manifest& manifest);
Result<Manifest> decode_manifest(std::string_view text);

using Progress = std::function<void(const std::string& line)>;

struct BackupReport {
  Manifest manifest;
  std::uint64_t parts = 0;
  std::uint64_t purged = 0;        // parts that are not there: purged after a shred
  bool checkpoint_signed = false;  // by the key that was given
  std::string checkpoint;          // as it was read
};
// Reads all of it: chains, positions, every part against its leaf, the Merkle root against the checkpoint; its signature with a key only.
Result<BackupReport> verify_backup(const std::string& dir, const std::optional<crypto::PublicKey>& key, const Progress& progress);

struct Restored {
  BackupReport backup;
  std::uint64_t kseq = 0;  // of the keys that were taken
};
struct RestoreOrder {
  std::string dir;   // the backup
  std::string to;    // the data directory
  std::string keys;  // a replica's directory or a file, newer than the backup's own; empty: the backup's own
  std::optional<crypto::PublicKey>
      key;                    // who must have signed the checkpoint; none: the first start checks that with its log key
  bool unsigned_too = false;  // nobody checks
};
// Puts a store into `to`: its database appears there whole, or not at all.
Result<Restored> restore_backup(const RestoreOrder& order, const Progress& progress);

}  // namespace taus::tools
