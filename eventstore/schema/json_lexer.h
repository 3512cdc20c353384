// The tokens of JSON text (RFC 8259), strictly: nothing lenient, nothing repaired.
//
// What:    a cursor over text. Strings are decoded, numbers are handed out as written.
// Threads: one per lexer.
// Errors:  JsonFault; the reader turns it into an Error with its place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace taus::schema {

enum class JsonFault : std::uint8_t { none, syntax, not_utf8, surrogate, nul, depth };

class JsonLexer {
 public:
  explicit JsonLexer(std::string_view text) : text_(text) {}

  // The next character that is not white space, '\0' at the end.
  char peek();
  bool take(char c);
  bool take_word(std::string_view word);  // true, false, null
  // A string with its quotes; `out` gets it decoded (UTF-8).
  JsonFault string(std::string& out);
  // The text of a number that follows the grammar; empty where there is none.
  std::string_view number();
  // Any value, checked and passed over. `levels`: how many more containers may nest.
  JsonFault skip(int levels);
  [[nodiscard]] std::size_t position() const { return at_; }
  [[nodiscard]] std::string_view since(std::size_t start) const { return text_.substr(start, at_ - start); }
  bool done() { return peek() == '\0' && at_ == text_.size(); }

 private:
  JsonFault escape(std::string& out);
  int hex4();
  JsonFault skip_members(char close, int levels);
  std::string_view text_;
  std::size_t at_ = 0;
};

// One JSON value and nothing behind it.
bool well_formed_json(std::string_view text);

}  // namespace taus::schema
