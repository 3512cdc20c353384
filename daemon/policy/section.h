// Reading one table of a profile: typed getters that note every mistake with its line and go on, and at the end every key
// that nobody asked for.
//
// Threads: one. Ownership: refers to the tree and the list of mistakes, which must outlive it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/policy/toml_tree.h"

namespace taus::policy {

class Mistakes {
 public:
  explicit Mistakes(std::string_view origin) : origin_(origin) {}
  void add(int line, std::string_view what);
  [[nodiscard]] bool none() const noexcept { return found_.empty(); }
  // All of them in the order of lines, one a line.
  [[nodiscard]] Error error() const;

 private:
  std::string origin_;
  std::vector<std::pair<int, std::string>> found_;
};

class Section {
 public:
  enum class Need : std::uint8_t { required, optional };

  Section(const TomlNode& table, Mistakes& mistakes) : table_(table), mistakes_(mistakes) {}
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;

  [[nodiscard]] int line() const noexcept { return table_.line; }
  [[nodiscard]] int line_of(std::string_view key) const;  // of the key's value; the table's where it is missing
  void mistake(std::string_view what) { mistakes_.add(line(), what); }
  void mistake_at(std::string_view key, std::string_view what) { mistakes_.add(line_of(key), what); }
  [[nodiscard]] Mistakes& mistakes() noexcept { return mistakes_; }

  std::string text(std::string_view key, Need need = Need::required);  // never empty where required
  std::optional<int> number(std::string_view key, int min, int max, Need need = Need::required);
  bool flag(std::string_view key, bool otherwise);
  std::vector<std::string> texts(std::string_view key, Need need = Need::required);  // without repetitions
  std::vector<int> numbers(std::string_view key);
  const TomlNode* table(std::string_view key, Need need = Need::required);
  std::vector<const TomlNode*> tables(std::string_view key, Need need = Need::required);

  // Names every key that was not asked for. Last call.
  void finish();

 private:
  const TomlNode* find(std::string_view key, Need need, TomlNode::Kind kind, std::string_view expected);

  const TomlNode& table_;
  Mistakes& mistakes_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace taus::policy
