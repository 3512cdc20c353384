#include "eventstore/base/search_key.h"

#include <algorithm>
#include <vector>

#include <utf8proc.h>

namespace taus {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string ascii_folded(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

}  // namespace

std::string search_key(std::string_view text) {
  text = trimmed(text);
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
    return ascii_folded(text);
  constexpr auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
  const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  const utf8proc_ssize_t letters = utf8proc_decompose(bytes, size, nullptr, 0, options);
  if (letters < 0) return ascii_folded(text);
  // One more: reencode writes a terminating zero, in the room of the code points.
  std::vector<utf8proc_int32_t> room(static_cast<std::size_t>(letters) + 1);
  if (utf8proc_decompose(bytes, size, room.data(), letters, options) != letters) return ascii_folded(text);
  const utf8proc_ssize_t length = utf8proc_reencode(room.data(), letters, options);
  if (length < 0) return ascii_folded(text);
  return {reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(length)};
}

std::size_t count_letters(std::string_view text) {
  constexpr auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  const utf8proc_ssize_t length = utf8proc_decompose(bytes, size, nullptr, 0, options);
  if (length < 0) return 0;
  std::vector<utf8proc_int32_t> room(static_cast<std::size_t>(length));
  if (utf8proc_decompose(bytes, size, room.data(), length, options) != length) return 0;
  const utf8proc_ssize_t composed = utf8proc_normalize_utf32(room.data(), length, options);
  if (composed < 0) return 0;
  return static_cast<std::size_t>(std::count_if(room.begin(), room.begin() + composed, [](utf8proc_int32_t code) {
    const utf8proc_category_t category = utf8proc_category(code);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
  }));
}

}  // namespace taus
