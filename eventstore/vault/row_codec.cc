#include "eventstore/vault/row_codec.h"

namespace taus::vault {

Bytes encode_rows(const storage::WriteBatch& batch, storage::Table table) {
  Bytes out;
  Writer w(out);
  w.u32(static_cast<std::uint32_t>(batch.rows().size()));
  for (const auto& row : batch.rows()) {
    TAUS_CHECK(row.table == table);
    w.u16(static_cast<std::uint16_t>(row.key.size())).raw(row.key).u8(row.value ? 1 : 0);
    if (row.value) w.u32(static_cast<std::uint32_t>(row.value->size())).raw(*row.value);
  }
  return out;
}

std::optional<storage::WriteBatch> decode_rows(ByteView bytes, storage::Table table) {
  storage::WriteBatch batch;
  Reader r(bytes);
  for (std::uint32_t left = r.u32(); left > 0 && r.ok(); --left) {
    const ByteView key = r.raw(r.u16());
    if (r.u8() == 0) {
      batch.erase(table, Bytes(key.begin(), key.end()));
      continue;
    }
    const ByteView value = r.raw(r.u32());
    batch.put(table, Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end()));
  }
  if (!r.done()) return std::nullopt;
  return batch;
}

}  // namespace taus::vault
