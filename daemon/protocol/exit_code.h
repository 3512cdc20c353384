// How failures look to a shell: one number per kind, the same for tausctl and for a tausd that will not start.
#pragma once

#include <optional>
#include <string_view>

#include "eventstore/base/result.h"

namespace taus::protocol {

// 1 failed, 2 usage or invalid, 3 not found, 4 denied or withheld, 5 conflict, 6 shredded, 7 restricted or held,
// 8 busy or unavailable, 9 tampered or corrupt.
int exit_code(ErrorCode code) noexcept;
// The inverse of to_string(ErrorCode). Nothing: not in the closed list.
std::optional<ErrorCode> error_code_of(std::string_view name) noexcept;

}  // namespace taus::protocol
