#include <algorithm>
#include <utility>

#include "eventstore/storage/kv_store.h"

namespace taus::storage {
namespace {

constexpr std::size_t block_bytes_min = 1 << 10;  // doubles from block to block, so that a small batch has little to wipe
constexpr std::size_t block_bytes_max = 64 << 10;

}  // namespace

WriteBatch::WriteBatch(const WriteBatch& other) {
  for (const Row& row : other.rows_) {
    if (row.value)
      put(row.table, row.key, *row.value);
    else
      erase(row.table, row.key);
  }
}

WriteBatch& WriteBatch::operator=(const WriteBatch& other) { return *this = WriteBatch(other); }

WriteBatch::WriteBatch(WriteBatch&& other) noexcept
    : rows_(std::exchange(other.rows_, {})),
      blocks_(std::exchange(other.blocks_, {})),
      room_(std::exchange(other.room_, {})),
      block_bytes_(std::exchange(other.block_bytes_, 0)) {}

WriteBatch& WriteBatch::operator=(WriteBatch&& other) noexcept {
  if (this == &other) return *this;
  rows_ = std::exchange(other.rows_, {});
  blocks_ = std::exchange(other.blocks_, {});
  room_ = std::exchange(other.room_, {});
  block_bytes_ = std::exchange(other.block_bytes_, 0);
  return *this;
}

ByteView WriteBatch::keep(ByteView bytes) {
  if (room_.size() < bytes.size()) {
    block_bytes_ = std::max(std::clamp(2 * block_bytes_, block_bytes_min, block_bytes_max), bytes.size());
    blocks_.push_back(std::make_unique_for_overwrite<std::uint8_t[]>(block_bytes_));
    room_ = {blocks_.back().get(), block_bytes_};
  }
  const std::span<std::uint8_t> out = room_.first(bytes.size());
  std::copy(bytes.begin(), bytes.end(), out.begin());
  room_ = room_.subspan(bytes.size());
  return out;
}

void WriteBatch::append(WriteBatch&& other) {
  if (rows_.empty()) {
    *this = std::move(other);
    return;
  }
  WriteBatch from = std::move(other);
  rows_.insert(rows_.end(), from.rows_.begin(), from.rows_.end());
  std::move(from.blocks_.begin(), from.blocks_.end(), std::back_inserter(blocks_));
  room_ = from.room_;
  block_bytes_ = from.block_bytes_;
}

}  // namespace taus::storage
