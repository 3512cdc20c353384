#include "eventstore/schema/json_lexer.h"

#include "eventstore/base/limits.h"
#include "eventstore/schema/text_check.h"

namespace taus::schema {
namespace {

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0U | c >> 6);
    put(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    put(0xE0U | c >> 12);
    put(0x80U | (c >> 6 & 0x3FU));
    put(0x80U | (c & 0x3FU));
  } else {
    put(0xF0U | c >> 18);
    put(0x80U | (c >> 12 & 0x3FU));
    put(0x80U | (c >> 6 & 0x3FU));
    put(0x80U | (c & 0x3FU));
  }
}

bool digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

char JsonLexer::peek() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool JsonLexer::take(char c) {
  if (peek() != c || at_ == text_.size()) return false;
  ++at_;
  return true;
}

bool JsonLexer::take_word(std::string_view word) {
  peek();
  if (text_.substr(at_, word.size()) != word) return false;
  at_ += word.size();
  return true;
}

// Four hexadecimal digits, or -1.
int JsonLexer::hex4() {
  if (text_.size() - at_ < 4) return -1;
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = text_[at_++];
    int nibble = 0;
    if (digit(c))
      nibble = c - '0';
    else if (c >= 'a' && c <= 'f')
      nibble = c - 'a' + 10;
    else if (c >= 'A' && c <= 'F')
      nibble = c - 'A' + 10;
    else
      return -1;
    value = value * 16 + nibble;
  }
  return value;
}

// What follows a backslash.
JsonFault JsonLexer::escape(std::string& out) {
  if (at_ >= text_.size()) return JsonFault::syntax;
  const char c = text_[at_++];
  constexpr std::string_view from = "\"\\/bfnrt", to = "\"\\/\b\f\n\r\t";
  if (const auto plain = from.find(c); plain != std::string_view::npos) {
    out += to[plain];
    return JsonFault::none;
  }
  if (c != 'u') return JsonFault::syntax;
  const int first = hex4();
  if (first < 0) return JsonFault::syntax;
  if (first == 0) return JsonFault::nul;
  if (first >= 0xDC00 && first <= 0xDFFF) return JsonFault::surrogate;
  if (first < 0xD800 || first > 0xDBFF) {
    append_utf8(out, static_cast<std::uint32_t>(first));
    return JsonFault::none;
  }
  if (text_.substr(at_, 2) != "\\u") return JsonFault::surrogate;
  at_ += 2;
  const int second = hex4();
  if (second < 0) return JsonFault::syntax;
  if (second < 0xDC00 || second > 0xDFFF) return JsonFault::surrogate;
  append_utf8(out, 0x10000U + (static_cast<std::uint32_t>(first - 0xD800) << 10) + static_cast<std::uint32_t>(second - 0xDC00));
  return JsonFault::none;
}

JsonFault JsonLexer::string(std::string& out) {
  out.clear();
  if (!take('"')) return JsonFault::syntax;
  while (at_ < text_.size()) {
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' && static_cast<unsigned char>(text_[at_]) >= 0x20) ++at_;
    out += since(start);
    if (at_ == text_.size()) break;
    const char c = text_[at_++];
    if (c == '"') return valid_utf8(out) ? JsonFault::none : JsonFault::not_utf8;
    if (c != '\\') return c == '\0' ? JsonFault::nul : JsonFault::syntax;
    if (const JsonFault fault = escape(out); fault != JsonFault::none) return fault;
  }
  return JsonFault::syntax;
}

std::string_view JsonLexer::number() {
  peek();
  const std::size_t start = at_;
  const auto at = [&](std::size_t i) { return i < text_.size() ? text_[i] : '\0'; };
  std::size_t i = start;
  const auto run = [&] {
    const std::size_t before = i;
    while (digit(at(i))) ++i;
    return i > before;
  };
  if (at(i) == '-') ++i;
  const bool zero = at(i) == '0';
  const std::size_t whole = i;
  if (!run() || (zero && i - whole > 1)) return {};
  if (at(i) == '.') {
    ++i;
    if (!run()) return {};
  }
  if (at(i) == 'e' || at(i) == 'E') {
    ++i;
    if (at(i) == '+' || at(i) == '-') ++i;
    if (!run()) return {};
  }
  at_ = i;
  return text_.substr(start, i - start);
}

JsonFault JsonLexer::skip_members(char close, int levels) {
  if (levels <= 0) return JsonFault::depth;
  if (take(close)) return JsonFault::none;
  do {
    if (close == '}') {
      std::string key;
      if (const JsonFault fault = string(key); fault != JsonFault::none) return fault;
      if (!take(':')) return JsonFault::syntax;
    }
    if (const JsonFault fault = skip(levels - 1); fault != JsonFault::none) return fault;
  } while (take(','));
  return take(close) ? JsonFault::none : JsonFault::syntax;
}

JsonFault JsonLexer::skip(int levels) {
  switch (peek()) {
    case '{': take('{'); return skip_members('}', levels);
    case '[': take('['); return skip_members(']', levels);
    case '"': {
      std::string ignored;
      return string(ignored);
    }
    case 't': return take_word("true") ? JsonFault::none : JsonFault::syntax;
    case 'f': return take_word("false") ? JsonFault::none : JsonFault::syntax;
    case 'n': return take_word("null") ? JsonFault::none : JsonFault::syntax;
    default: return number().empty() ? JsonFault::syntax : JsonFault::none;
  }
}

bool well_formed_json(std::string_view text) {
  JsonLexer lexer(text);
  return lexer.skip(limits::json_depth_max) == JsonFault::none && lexer.done();
}

}  // namespace taus::schema
