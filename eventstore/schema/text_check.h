// What a text given from outside must be.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <string>
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

// As mail sends text and as it is kept: CRLF (RFC 5322) becomes a line feed.
std::string with_line_feeds(std::string_view text);
// Nothing in it that anybody could read: white space, what Unicode displays as nothing (Default_Ignorable_Code_Point), the empty Braille cell.
bool blank(std::string_view text) noexcept;
// A name: readable, on one line, and nothing that turns the direction of what stands beside it (U+2028 to U+202E, U+2066 to U+2069).
Result<void> check_name(std::string_view text, std::size_t bytes_max, std::string_view pointer);

}  // namespace taus::schema
