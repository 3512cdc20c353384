#include <utility>

#include "eventstore/storage/kv_store.h"

namespace taus::storage {

WriteBatch::WriteBatch(const WriteBatch& other) {
  for (const Row& row : other.rows_) {
    if (row.value)
      put(row.table, row.key, *row.value);
    else
      erase(row.table, row.key);
  }
}

WriteBatch& WriteBatch::operator=(const WriteBatch& other) { return *this = WriteBatch(other); }

WriteBatch::WriteBatch(WriteBatch&& other) noexcept : rows_(std::exchange(other.rows_, {})), bytes_(std::move(other.bytes_)) {}

WriteBatch& WriteBatch::operator=(WriteBatch&& other) noexcept {
  if (this == &other) return *this;
  rows_ = std::exchange(other.rows_, {});
  bytes_ = std::move(other.bytes_);
  return *this;
}

std::span<std::uint8_t> WriteBatch::put_room(Table table, ByteView key, std::size_t bytes) {
  const std::span<std::uint8_t> out = bytes_.room(bytes);
  rows_.push_back({table, bytes_.keep(key), ByteView(out)});
  return out;
}

void WriteBatch::append(WriteBatch&& other) {
  if (rows_.empty()) {
    *this = std::move(other);
    return;
  }
  WriteBatch from = std::move(other);
  rows_.insert(rows_.end(), from.rows_.begin(), from.rows_.end());
  bytes_.append(std::move(from.bytes_));
}

}  // namespace taus::storage
