#include "daemon/policy/section.h"

#include <algorithm>

namespace taus::policy {
namespace {

std::string quoted(std::string_view key) { return "`" + std::string(key) + "`"; }

const TomlNode* entry(const TomlNode& table, std::string_view key) {
  for (const auto& [name, value] : table.entries)
    if (name == key) return &value;
  return nullptr;
}

}  // namespace

void Mistakes::add(int line, std::string_view what) { found_.emplace_back(line, what); }

Error Mistakes::error() const {
  auto sorted = found_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string message;
  for (const auto& [line, what] : sorted) {
    if (!message.empty()) message += '\n';
    message += origin_ + ":" + std::to_string(line) + ": " + what;
  }
  return {ErrorCode::invalid_argument, message};
}

int Section::line_of(std::string_view key) const {
  const TomlNode* const found = entry(table_, key);
  return found != nullptr ? found->line : table_.line;
}

const TomlNode* Section::find(std::string_view key, Need need, TomlNode::Kind kind, std::string_view expected) {
  asked_.emplace(key);
  const TomlNode* const found = entry(table_, key);
  if (found == nullptr) {
    if (need == Need::required) mistake(quoted(key) + " is missing");
    return nullptr;
  }
  if (found->kind != kind) {
    mistakes_.add(found->line, quoted(key) + " must be " + std::string(expected));
    return nullptr;
  }
  return found;
}

std::string Section::text(std::string_view key, Need need) {
  const TomlNode* const found = find(key, need, TomlNode::Kind::text, "text");
  if (found == nullptr) return {};
  if (found->text.empty()) mistakes_.add(found->line, quoted(key) + " must not be empty");
  return found->text;
}

std::optional<int> Section::number(std::string_view key, int min, int max, Need need) {
  const TomlNode* const found = find(key, need, TomlNode::Kind::number, "a whole number");
  if (found == nullptr) return std::nullopt;
  if (found->number < min || found->number > max) {
    mistakes_.add(found->line, quoted(key) + " must be " + std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
  }
  return static_cast<int>(found->number);
}

bool Section::flag(std::string_view key, bool otherwise) {
  const TomlNode* const found = find(key, Need::optional, TomlNode::Kind::flag, "true or false");
  return found != nullptr ? found->flag : otherwise;
}

std::vector<std::string> Section::texts(std::string_view key, Need need) {
  std::vector<std::string> out;
  const TomlNode* const found = find(key, need, TomlNode::Kind::list, "a list of texts");
  if (found == nullptr) return out;
  for (const TomlNode& item : found->items) {
    if (item.kind != TomlNode::Kind::text || item.text.empty()) {
      mistakes_.add(item.line, quoted(key) + " must hold texts only");
    } else if (std::find(out.begin(), out.end(), item.text) != out.end()) {
      mistakes_.add(item.line, quoted(key) + " names \"" + item.text + "\" twice");
    } else {
      out.push_back(item.text);
    }
  }
  if (need == Need::required && found->items.empty()) mistakes_.add(found->line, quoted(key) + " must not be empty");
  return out;
}

std::vector<int> Section::numbers(std::string_view key) {
  std::vector<int> out;
  const TomlNode* const found = find(key, Need::optional, TomlNode::Kind::list, "a list of whole numbers");
  if (found == nullptr) return out;
  for (const TomlNode& item : found->items) {
    if (item.kind != TomlNode::Kind::number || item.number < 0 || item.number > 100'000) {
      mistakes_.add(item.line, quoted(key) + " must hold whole numbers from 0 only");
    } else if (!out.empty() && item.number <= out.back()) {
      mistakes_.add(item.line, quoted(key) + " must ascend");
    } else {
      out.push_back(static_cast<int>(item.number));
    }
  }
  return out;
}

const TomlNode* Section::table(std::string_view key, Need need) { return find(key, need, TomlNode::Kind::table, "a table"); }

std::vector<const TomlNode*> Section::tables(std::string_view key, Need need) {
  std::vector<const TomlNode*> out;
  const TomlNode* const found = find(key, need, TomlNode::Kind::list, "a list of tables");
  if (found == nullptr) return out;
  for (const TomlNode& item : found->items) {
    if (item.kind == TomlNode::Kind::table) {
      out.push_back(&item);
    } else {
      mistakes_.add(item.line, quoted(key) + " must hold tables only");
    }
  }
  return out;
}

void Section::finish() {
  for (const auto& [key, value] : table_.entries)
    if (!asked_.contains(key)) mistakes_.add(value.line, "unknown key " + quoted(key));
}

}  // namespace taus::policy
