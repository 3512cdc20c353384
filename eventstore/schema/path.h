// The way from a message's root to what is looked at: kept on the stack, written out (RFC 6901) for an error only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace taus::schema {

struct Path {
  const Path* up = nullptr;  // null: the root
  std::string_view name;
  std::int64_t index = -1;  // of a list's item

  [[nodiscard]] std::string text() const {
    if (up == nullptr) return {};
    std::string out = up->text() + "/";
    if (index >= 0) return out + std::to_string(index);
    for (const char c : name) {
      if (c == '~')
        out += "~0";
      else if (c == '/')
        out += "~1";
      else
        out += c;
    }
    return out;
  }
};

}  // namespace taus::schema
