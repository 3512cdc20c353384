// Rows of one table as a run of bytes: what the delta file and copies of tables hold. docs/format/keys.md "Delta file".
//
// Threads: pure functions. Errors: nothing where the bytes are no rows.
#pragma once

#include <optional>

#include "eventstore/storage/kv_store.h"

namespace taus::vault {

// count u32 | count * (n u16 | key[n] | 0x00, or 0x01 | m u32 | value[m]). All rows must be of `table`.
Bytes encode_rows(const storage::WriteBatch& batch, storage::Table table);
std::optional<storage::WriteBatch> decode_rows(ByteView bytes, storage::Table table);

}  // namespace taus::vault
