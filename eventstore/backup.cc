#include "eventstore/backup.h"

#include <algorithm>

#include "eventstore/vault/row_codec.h"

namespace taus {
namespace {

constexpr std::size_t chunk_bytes = 256 << 10;  // and one row more: well within a frame

}  // namespace

Result<Backup::Chunk> Backup::read(storage::Table table, ByteView after) const {
  Chunk out;
  out.done = true;
  storage::WriteBatch rows;
  std::size_t bytes = 0;
  TAUS_TRY(snapshot_->scan(table, after, {}, [&](ByteView key, ByteView value) {
    if (std::ranges::equal(key, after)) return true;
    rows.put(table, Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end()));
    bytes += key.size() + value.size();
    out.done = bytes < chunk_bytes;
    return out.done;
  }));
  if (!rows.empty()) out.last.assign(rows.rows().back().key.begin(), rows.rows().back().key.end());
  out.rows = vault::encode_rows(rows, table);
  return out;
}

}  // namespace taus
