// What a text given from outside must be.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <string_view>

#include "eventstore/base/result.h"

namespace taus::schema {

// Well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
bool valid_utf8(std::string_view text) noexcept;
// Length of the prefix that is well-formed UTF-8; text.size() where all of it is.
std::size_t valid_utf8_prefix(std::string_view text) noexcept;

enum class TextFault : unsigned char { none, too_long, not_utf8, control };
// Control characters: U+0000..U+001F except \n and \t, U+007F, U+0080..U+009F.
TextFault text_fault(std::string_view text, std::size_t bytes_max) noexcept;
// The same as an Error with `pointer` (too_large, or invalid_argument).
Result<void> check_text(std::string_view text, std::size_t bytes_max, std::string_view pointer = {});

}  // namespace taus::schema
