// Keeps the evidence before a damaged store is recovered: copies its directory to DIR.damaged-1, -2 or -3.
#pragma once

#include <string>

#include "eventstore/base/result.h"

namespace taus::storage {

inline constexpr int damaged_copies_max = 3;

// The copy's path; it is whole and on the disk, or not there. corrupt: there are already three copies (the store keeps getting damaged: look at the disk); io.
Result<std::string> copy_aside(const std::string& dir);

}  // namespace taus::storage
