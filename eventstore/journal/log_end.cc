#include "eventstore/journal/log_end.h"

#include "eventstore/base/check.h"

namespace taus::journal {

void LogEnd::append(storage::WriteBatch& batch, const Leaf& leaf) {
  TAUS_CHECK(leaf.position == tree_.size());
  const std::span<std::uint8_t> room =
      batch.put_room(storage::Table::leaf, leaf_row_name(leaf.position), leaf_bytes(leaf.parts.size()));
  encode_into(room, leaf);
  tree_.append(leaf_hash(room));
}

}  // namespace taus::journal
