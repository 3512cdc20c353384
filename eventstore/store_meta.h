// The one row that says whose store this is: docs/FORMAT.md "Store row".
//
// Threads: one, at start. Errors: invalid_argument: another profile or a newer format; corrupt: parts of two stores together.
#pragma once

#include <string>

#include "eventstore/base/ids.h"
#include "eventstore/base/random.h"
#include "eventstore/journal/floor.h"
#include "eventstore/restore_mark.h"
#include "eventstore/storage/kv_store.h"
#include "eventstore/vault/root_store.h"

namespace taus {

inline constexpr std::uint8_t store_format = 2;
inline constexpr int consent_category = 9;  // Category::consent; event_store.cc needs it for capability links

struct StoreMeta {
  StoreId store_id{};
  std::uint32_t incarnation = 0;
  std::string profile;

  struct Opened;
  // Reads the row, or writes it where the store, the root store and the floor are all new.
  static Result<Opened> open(storage::KvStore& store, vault::RootStore& roots, bool floor_exists, Random& random,
                             const std::string& profile);
  void stage(storage::WriteBatch& batch) const;
  // What a reader can see before anything is opened for writing, which rewrites files: a foreign profile or root, a newer format,
  // entries that the floor promises and the journal lacks. Success is no proof: open() and what follows it look closer.
  static Result<void> check(const storage::KvReader& store, const vault::RootStore::Slots& slots,
                            const std::optional<journal::FloorRecord>& floor, const std::string& profile);
};

struct StoreMeta::Opened {
  StoreMeta meta;
  std::optional<RestoreMark> restored;  // from a backup, and not served since
  bool needs_keys = false;              // no key tree yet: the store is new, or its making was interrupted
};

}  // namespace taus
