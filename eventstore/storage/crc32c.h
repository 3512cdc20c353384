// CRC-32C by the processor's own instruction, also for the engine: Debian builds RocksDB for every processor of its kind, and so with a
// table of a byte at a time, for its log and for the checksums of whole files (docs/decisions/0013).
//
// What:    crc32c.cc defines the engine's rocksdb::crc32c::Extend anew; the dynamic linker takes the program's own. Where the processor
//          has no such instruction it calls the engine's.
// Threads: a pure function.
// Source:  RFC 3720 section 12.1 and B.4 (CRC-32C, polynomial 0x1edc6f41).
#pragma once

#include <cstdint>

#include "eventstore/base/bytes.h"

namespace taus::storage {

// Of what `crc` is of with `bytes` behind it; 0 is of nothing.
std::uint32_t crc32c(std::uint32_t crc, ByteView bytes);

}  // namespace taus::storage
