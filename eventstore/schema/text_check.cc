#include "eventstore/schema/text_check.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>

namespace taus::schema {
namespace {

// Bytes of the well-formed sequence at `at`, or 0. Table 3-7 of the Unicode Standard.
std::size_t sequence(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return follows(1) ? 2 : 0;
  if (first < 0xF0) {
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) > 0x9F) return 0;
    return follows(1) && follows(2) ? 3 : 0;
  }
  if (first > 0xF4) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return follows(1) && follows(2) && follows(3) ? 4 : 0;
}

// Of a well-formed sequence of `bytes`.
std::uint32_t code_point(std::string_view text, std::size_t at, std::size_t bytes) noexcept {
  const auto first = static_cast<unsigned char>(text[at]);
  std::uint32_t out = bytes == 1 ? first : first & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) out = out << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  return out;
}

struct CodePoints {
  std::uint32_t first, last;
};
// White_Space and Default_Ignorable_Code_Point of Unicode 15, and U+2800; ascending.
constexpr std::array<CodePoints, 24> unreadable{
    {{0x0009, 0x000D}, {0x0020, 0x0020}, {0x0085, 0x0085}, {0x00A0, 0x00A0},   {0x00AD, 0x00AD},   {0x034F, 0x034F},
     {0x061C, 0x061C}, {0x115F, 0x1160}, {0x1680, 0x1680}, {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x2000, 0x200F},
     {0x2028, 0x202F}, {0x205F, 0x206F}, {0x2800, 0x2800}, {0x3000, 0x3000},   {0x3164, 0x3164},   {0xFE00, 0xFE0F},
     {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFF8}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}}};

bool readable(std::uint32_t code) noexcept {
  return std::none_of(unreadable.begin(), unreadable.end(),
                      [&](const CodePoints& one) { return one.first <= code && code <= one.last; });
}

bool turns_or_breaks(std::uint32_t code) noexcept {
  return code == '\t' || code == '\n' || code == '\r' || (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

// Whether a code point of the text is such a one; what is no UTF-8 counts as readable, and is refused elsewhere.
bool any_code(std::string_view text, bool (*such)(std::uint32_t) noexcept) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = std::max<std::size_t>(1, sequence(text, at));
    if (such(code_point(text, at, bytes))) return true;
    at += bytes;
  }
  return false;
}

// Whether eight bytes are all 0x20 to 0x7E.
bool all_printable_ascii(const char* at) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101ULL;
  std::uint64_t eight = 0;
  std::memcpy(&eight, at, sizeof eight);
  const std::uint64_t below_space =
      eight - 0x20 * each;  // the top bit of a byte below 0x20 becomes set, if it is not by a neighbour's loan
  const std::uint64_t delete_or_above = eight + each;
  return ((eight | below_space | delete_or_above) & (0x80 * each)) == 0;
}

}  // namespace

std::size_t valid_utf8_prefix(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t eight = 0;
    if (text.size() - at >= sizeof eight) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & 0x8080808080808080ULL) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const std::size_t n = sequence(text, at);
    if (n == 0) return at;
    at += n;
  }
  return at;
}

bool valid_utf8(std::string_view text) noexcept { return valid_utf8_prefix(text) == text.size(); }

TextFault text_fault(std::string_view text, std::size_t bytes_max) noexcept {
  if (text.size() > bytes_max) return TextFault::too_long;
  if (!valid_utf8(text)) return TextFault::not_utf8;
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (text.size() - i >= sizeof(std::uint64_t) && all_printable_ascii(text.data() + i)) i += sizeof(std::uint64_t);
    if (i == text.size()) break;
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) return TextFault::control;
    if (c == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) return TextFault::control;
  }
  return TextFault::none;
}

std::string with_line_feeds(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = text.find("\r\n"); at != std::string_view::npos; at = text.find("\r\n")) {
    out.append(text.substr(0, at));
    text.remove_prefix(at + 1);  // the line feed stays
  }
  return out.append(text);
}

bool blank(std::string_view text) noexcept { return !any_code(text, readable); }

Result<void> check_name(std::string_view text, std::size_t bytes_max, std::string_view pointer) {
  if (blank(text) || any_code(text, turns_or_breaks))
    return Error(ErrorCode::invalid_argument, "a name has letters, on one line, and no characters that turn its direction",
                 std::string(pointer));
  return check_text(text, bytes_max, pointer);
}

Result<void> check_text(std::string_view text, std::size_t bytes_max, std::string_view pointer) {
  switch (text_fault(text, bytes_max)) {
    case TextFault::none: return {};
    case TextFault::too_long:
      return Error(ErrorCode::too_large, "the text is longer than " + std::to_string(bytes_max) + " bytes; shorten it",
                   std::string(pointer));
    case TextFault::not_utf8:
      return Error(ErrorCode::invalid_argument, "the text is not valid UTF-8; send UTF-8", std::string(pointer));
    case TextFault::control: break;
  }
  return Error(ErrorCode::invalid_argument, "the text holds control characters; only line feed and tab are allowed",
               std::string(pointer));
}

}  // namespace taus::schema
