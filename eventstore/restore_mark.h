// A store that was put together from a backup and has not served since: docs/FORMAT.md "Restores". And the eras of a journal, one for
// each restore: from which position on its leaves carry which incarnation.
//
// Threads: pure functions. Errors: corrupt.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "eventstore/journal/journal.h"
#include "eventstore/storage/kv_store.h"

namespace taus {

struct RestoreMark {
  // From zero at the making of the mark; then the new incarnation, once its first entry is written.
  std::uint32_t incarnation = 0;
  // The backup's, for the first start to check with the log key; empty: who signed it was looked at before, or nobody wants to know.
  std::string checkpoint;
  friend bool operator==(const RestoreMark&, const RestoreMark&) = default;

  static Result<std::optional<RestoreMark>> read(const storage::KvReader& store);
  void stage(storage::WriteBatch& batch) const;
  static void stage_removal(storage::WriteBatch& batch);
};

// None: one era, from 0, of the store row's incarnation.
Result<std::vector<journal::Era>> read_eras(const storage::KvReader& store);
void stage_eras(storage::WriteBatch& batch, const std::vector<journal::Era>& eras);

}  // namespace taus
