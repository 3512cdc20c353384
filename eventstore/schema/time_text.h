// Instants as RFC 3339 text.
//
// Threads: pure functions.
// Errors:  invalid_argument: not RFC 3339, without offset, finer than milliseconds, or a day or time that does not exist.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eventstore/base/result.h"

namespace taus::schema {

// "2026-03-01T12:00:00Z"; milliseconds only where they are not zero. Empty outside the years 0000..9999.
std::string write_time(std::int64_t ms);
Result<std::int64_t> parse_time(std::string_view text);

}  // namespace taus::schema
