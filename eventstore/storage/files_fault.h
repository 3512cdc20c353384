// What the engine gives a misleading name to when a store does not open: it tells a file that may not be read as one that is damaged, or as a
// lock that is held, and something else in a file's place as an error of the disk.
//
// Threads: pure functions over the directory. Errors: what is found; nothing where the fault is another.
#pragma once

#include <optional>
#include <string>

#include "eventstore/base/result.h"

namespace taus::storage {

// io: the directory or one of its files may not be opened by this account; `wanted` as access(2) takes it.
std::optional<Error> no_access(const std::string& dir, int wanted);
// corrupt: something that is no file.
std::optional<Error> no_file(const std::string& dir);

}  // namespace taus::storage
