// Whole reads and writes at a place in a file, and syncing a file's name. Inside vault/ only.
//
// Threads: any. Errors: io, with the operation, the path and the system's reason; invalid_argument where a directory or a link lies there.
#pragma once

#include <string>

#include "eventstore/base/bytes.h"
#include "eventstore/base/result.h"

namespace taus::vault {

Error io_error(const std::string& operation, const std::string& path);  // reads errno
Result<void> write_at(int file, std::span<const std::uint8_t> bytes, std::uint64_t offset, const std::string& path);
Result<void> read_at(int file, std::span<std::uint8_t> bytes, std::uint64_t offset, const std::string& path);
// Makes the file's entry in its directory durable.
Result<void> sync_parent(const std::string& path);

}  // namespace taus::vault
