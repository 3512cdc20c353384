// A TOML text as a plain tree with line numbers, so that only one file knows the TOML library.
//
// Threads: pure. Errors: `malformed` with the line for text that is no TOML.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/result.h"

namespace taus::policy {

struct TomlEntry;

struct TomlNode {
  enum class Kind : std::uint8_t { text, number, flag, list, table, other };  // other: dates, floats
  Kind kind = Kind::other;
  int line = 0;
  std::string text;
  std::int64_t number = 0;
  bool flag = false;
  std::vector<TomlNode> items;     // of a list
  std::vector<TomlEntry> entries;  // of a table, ordered by key
};

struct TomlEntry {
  std::string key;
  TomlNode value;
};

// The root table. `origin` names the text in messages.
Result<TomlNode> read_toml(std::string_view text, std::string_view origin);

}  // namespace taus::policy
