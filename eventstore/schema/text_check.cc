#include "eventstore/schema/text_check.h"

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
