// The bytes of a root record. docs/format/keys.md "Root slots".
//
// Threads: pure functions. The encoded bytes hold the root key: whoever made them wipes them.
#pragma once

#include "eventstore/vault/root_store.h"

namespace taus::vault {

inline constexpr std::size_t root_record_bytes = 8 + 16 + 8 + 8 + 32 + 32 + 16;

Bytes encode(const RootRecord& record);
// Nothing where the bytes are torn, damaged or of another kind.
std::optional<RootRecord> decode_root_record(ByteView bytes);

}  // namespace taus::vault
