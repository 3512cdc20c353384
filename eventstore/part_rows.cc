#include "eventstore/part_rows.h"

#include <algorithm>

namespace taus {
namespace {

using storage::Table;

constexpr std::size_t read_ahead_bytes = 1 << 20;

bool less(ByteView a, ByteView b) { return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end()); }

}  // namespace

bool PartRows::covers(ByteView key) const {
  if (from_.empty() || less(key, from_)) return false;
  return to_the_end_ || (!rows_.empty() && !less(rows_.back().key, key));
}

Result<void> PartRows::read_from(ByteView key) {
  from_.assign(key.begin(), key.end());
  rows_.clear();
  bytes_.clear();
  next_ = 0;
  to_the_end_ = true;
  return store_.scan(Table::part, from_, {}, [&](ByteView row, ByteView value) {
    rows_.push_back({.key = Bytes(row.begin(), row.end()), .begin = bytes_.size(), .size = value.size()});
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    to_the_end_ = bytes_.size() < read_ahead_bytes;
    return to_the_end_;
  });
}

Result<ByteView> PartRows::at(Position position, std::uint8_t index) {
  Bytes key;
  key.reserve(9);
  Writer(key).u64_big(position).u8(index);
  if (!covers(key)) TAUS_TRY(read_from(key));
  const auto before = [&](const Row& row) { return less(row.key, key); };
  if (next_ > 0 && !before(rows_[next_ - 1])) next_ = 0;
  while (next_ < rows_.size() && before(rows_[next_])) ++next_;
  if (next_ == rows_.size() || !std::ranges::equal(rows_[next_].key, key))
    return Error(ErrorCode::unavailable, "the part's bytes are not in the store: they were purged or lost; run taus-verify");
  const Row& row = rows_[next_++];
  return ByteView(bytes_).subspan(row.begin, row.size);
}

}  // namespace taus
