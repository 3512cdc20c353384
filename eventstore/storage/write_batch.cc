#include <iterator>
#include <utility>

#include "eventstore/storage/kv_store.h"

namespace taus::storage {

void WriteBatch::append(WriteBatch&& other) {
  if (rows_.empty()) {
    rows_ = std::move(other.rows_);
  } else {
    rows_.insert(rows_.end(), std::make_move_iterator(other.rows_.begin()), std::make_move_iterator(other.rows_.end()));
  }
  other.rows_.clear();
}

}  // namespace taus::storage
