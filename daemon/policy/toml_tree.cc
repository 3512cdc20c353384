#include "daemon/policy/toml_tree.h"

#include <toml++/toml.h>

namespace taus::policy {
namespace {

TomlNode convert(const toml::node& from) {
  TomlNode to;
  to.line = static_cast<int>(from.source().begin.line);
  if (const auto* text = from.as_string()) {
    to.kind = TomlNode::Kind::text;
    to.text = text->get();
  } else if (const auto* number = from.as_integer()) {
    to.kind = TomlNode::Kind::number;
    to.number = number->get();
  } else if (const auto* flag = from.as_boolean()) {
    to.kind = TomlNode::Kind::flag;
    to.flag = flag->get();
  } else if (const auto* list = from.as_array()) {
    to.kind = TomlNode::Kind::list;
    for (const toml::node& item : *list) to.items.push_back(convert(item));
  } else if (const auto* table = from.as_table()) {
    to.kind = TomlNode::Kind::table;
    for (const auto& [key, value] : *table) to.entries.push_back({.key = std::string(key.str()), .value = convert(value)});
  }
  return to;
}

}  // namespace

Result<TomlNode> read_toml(std::string_view text, std::string_view origin) {
  try {
    return convert(toml::parse(text));
  } catch (const toml::parse_error& e) {
    return Error(ErrorCode::malformed, std::string(origin) + ":" + std::to_string(e.source().begin.line) +
                                           ": this is not TOML: " + std::string(e.description()));
  }
}

}  // namespace taus::policy
