#include <charconv>
#include <limits>
#include <optional>
#include <vector>

#include "eventstore/base/bytes.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/guard.h"
#include "eventstore/schema/json.h"
#include "eventstore/schema/json_field.h"
#include "eventstore/schema/json_lexer.h"
#include "eventstore/schema/path.h"
#include "eventstore/schema/time_text.h"

namespace taus::schema {
namespace {

using Field = capnp::StructSchema::Field;
using Kind = capnp::schema::Type::Which;

constexpr std::size_t name_bytes_shown = 64;

Error invalid(const Path& path, std::string message) { return {ErrorCode::invalid_argument, std::move(message), path.text()}; }

Error fault_error(JsonFault fault, const Path& path) {
  switch (fault) {
    case JsonFault::not_utf8: return {ErrorCode::malformed, "a string is not valid UTF-8; send UTF-8", path.text()};
    case JsonFault::surrogate:
      return {ErrorCode::malformed, "a \\u escape is half of a surrogate pair; send both halves", path.text()};
    case JsonFault::nul: return {ErrorCode::malformed, "a string holds the character U+0000; leave it out", path.text()};
    case JsonFault::depth:
      return {ErrorCode::too_large,
              "the JSON nests deeper than " + std::to_string(limits::json_depth_max) + " levels; flatten it", path.text()};
    case JsonFault::none:
    case JsonFault::syntax: break;
  }
  return {ErrorCode::malformed, "this is not JSON; check quotes, commas and brackets here", path.text()};
}

// Of a field's name as sent: at most 64 bytes, whole letters, nothing that a terminal would act on.
std::string shown(const std::string& name) {
  std::size_t end = name.size();
  if (end > name_bytes_shown) {
    end = name_bytes_shown;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
  }
  std::string out = name.substr(0, end);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    const bool c1 = c == 0xC2 && i + 1 < out.size() && static_cast<unsigned char>(out[i + 1]) < 0xA0;
    if (c < 0x20 || c == 0x7F) out[i] = '?';
    if (c1) out[i] = out[i + 1] = '?';
  }
  return out;
}

// Where a value goes: a field of a struct or an item of a list.
struct Target {
  capnp::Type type;
  std::optional<Field> field;
  capnp::DynamicStruct::Builder* in_struct = nullptr;
  capnp::DynamicList::Builder* in_list = nullptr;
  unsigned index = 0;

  void set(const capnp::DynamicValue::Reader& value) const {
    if (in_struct != nullptr)
      in_struct->set(*field, value);
    else
      in_list->set(index, value);
  }
  [[nodiscard]] capnp::DynamicStruct::Builder structure() const {
    return in_struct != nullptr ? in_struct->init(*field).as<capnp::DynamicStruct>()
                                : (*in_list)[index].as<capnp::DynamicStruct>();
  }
  [[nodiscard]] capnp::DynamicList::Builder list(unsigned size) const {
    return in_struct != nullptr ? in_struct->init(*field, size).as<capnp::DynamicList>()
                                : in_list->init(index, size).as<capnp::DynamicList>();
  }
};

class JsonReader {
 public:
  JsonReader(std::string_view text, const JsonHooks& hooks) : lexer_(text), hooks_(hooks) {}

  Result<void> document(capnp::DynamicStruct::Builder into) {
    const Path root;
    if (lexer_.peek() != '{') {
      if (const JsonFault fault = JsonLexer(lexer_).skip(limits::json_depth_max); fault != JsonFault::none)
        return fault_error(fault, root);
      return invalid(root, "expected an object; send {...}");
    }
    TAUS_TRY(object(into, root, 1));
    if (!lexer_.done()) return Error(ErrorCode::malformed, "there is something behind the JSON document; send one document only");
    return {};
  }

 private:
  Result<void> object(capnp::DynamicStruct::Builder into, const Path& path, int depth) {
    if (depth > limits::json_depth_max) return fault_error(JsonFault::depth, path);
    if (!lexer_.take('{')) return wrong(path, "an object");
    const auto schema = into.getSchema();
    std::vector<bool> seen(schema.getFields().size());
    bool member_set = false;
    if (lexer_.take('}')) return {};
    do {
      std::string name;
      if (const JsonFault fault = lexer_.string(name); fault != JsonFault::none) return fault_error(fault, path);
      const std::string safe = shown(name);
      const Path here{&path, safe};
      KJ_IF_MAYBE (field, schema.findFieldByName(kj::StringPtr(name.c_str(), name.size()))) {
        if (seen[field->getIndex()]) return Error(ErrorCode::malformed, "the field is given twice; give it once", here.text());
        seen[field->getIndex()] = true;
        if (!lexer_.take(':')) return fault_error(JsonFault::syntax, here);
        TAUS_TRY(member(into, *field, member_set, here, depth));
      } else {
        return invalid(here, "there is no field \"" + safe + "\" here; leave it out or correct its name");
      }
    } while (lexer_.take(','));
    if (!lexer_.take('}')) return fault_error(JsonFault::syntax, path);
    return {};
  }

  Result<void> member(capnp::DynamicStruct::Builder into, Field field, bool& member_set, const Path& path, int depth) {
    const Target target{field.getType(), field, &into};
    const bool nothing = lexer_.take_word("null");
    if (nothing && !(in_union(field) && field.getType().isVoid())) return {};
    if (in_union(field)) {
      if (member_set) return invalid(path, "two members of one union are given; give one");
      member_set = true;
    }
    if (nothing) {
      target.set(capnp::VOID);
      return {};
    }
    if (is_time(field)) return time(target, path);
    if (is_reference(field)) return reference(target, path);
    if (is_json(field)) return embedded(target, path, depth);
    return value(target, path, depth);
  }

  // Something else than `wanted` stands here: either another type, or no JSON at all.
  Error wrong(const Path& path, std::string_view wanted) {
    if (const JsonFault fault = JsonLexer(lexer_).skip(limits::json_depth_max); fault != JsonFault::none)
      return fault_error(fault, path);
    return invalid(path, "expected " + std::string(wanted) + "; correct this value");
  }

  Result<std::string> text(const Path& path, std::string_view wanted) {
    if (lexer_.peek() != '"') return wrong(path, wanted);
    std::string out;
    if (const JsonFault fault = lexer_.string(out); fault != JsonFault::none) return fault_error(fault, path);
    return out;
  }

  Result<void> time(const Target& target, const Path& path) {
    TAUS_TRY_ASSIGN(const std::string given, text(path, "a time as text, such as 2026-03-01T12:00:00+01:00"));
    auto ms = hooks_.parse_time ? hooks_.parse_time(given) : parse_time(given);
    if (!ms) return placed(std::move(ms).error(), path);
    if (*ms == default_number(*target.field))
      return invalid(path, "the time is out of range; give one within the years 0000 to 9999");
    target.set(*ms);
    return {};
  }

  Result<void> reference(const Target& target, const Path& path) {
    TAUS_TRY_ASSIGN(const std::string given, text(path, "an id as text"));
    if (!hooks_.parse_reference) return invalid(path, "ids cannot be given here");
    auto ordinal = hooks_.parse_reference(given);
    if (!ordinal) return placed(std::move(ordinal).error(), path);
    if (*ordinal == 0) return invalid(path, "there is no such id; write null for none");
    target.set(*ordinal);
    return {};
  }

  static Error placed(Error error, const Path& path) {
    if (error.pointer.empty()) error.pointer = path.text();
    return error;
  }

  Result<void> embedded(const Target& target, const Path& path, int depth) {
    lexer_.peek();
    const std::size_t start = lexer_.position();
    if (const JsonFault fault = lexer_.skip(limits::json_depth_max - depth); fault != JsonFault::none)
      return fault_error(fault, path);
    const std::string raw(lexer_.since(start));
    target.set(capnp::Text::Reader(raw.c_str(), raw.size()));
    return {};
  }

  Result<void> value(const Target& target, const Path& path, int depth) {
    switch (target.type.which()) {
      case Kind::BOOL: return boolean(target, path);
      case Kind::INT8: return integer<std::int8_t>(target, path);
      case Kind::INT16: return integer<std::int16_t>(target, path);
      case Kind::INT32: return integer<std::int32_t>(target, path);
      case Kind::INT64: return integer<std::int64_t>(target, path);
      case Kind::UINT8: return integer<std::uint8_t>(target, path);
      case Kind::UINT16: return integer<std::uint16_t>(target, path);
      case Kind::UINT32: return integer<std::uint32_t>(target, path);
      case Kind::UINT64: return integer<std::uint64_t>(target, path);
      case Kind::TEXT: return string(target, path);
      case Kind::DATA: return data(target, path);
      case Kind::ENUM: return enumerant(target, path);
      case Kind::LIST: return list(target, path, depth);
      case Kind::STRUCT:
        if (lexer_.peek() != '{') return wrong(path, "an object");
        return object(target.structure(), path, depth + 1);
      default: return wrong(path, "null");  // Void; our schemas have no other types
    }
  }

  Result<void> boolean(const Target& target, const Path& path) {
    if (lexer_.take_word("true"))
      target.set(true);
    else if (lexer_.take_word("false"))
      target.set(false);
    else
      return wrong(path, "true or false");
    return {};
  }

  template <class T>
  Result<void> integer(const Target& target, const Path& path) {
    const char next = lexer_.peek();
    if (next != '-' && (next < '0' || next > '9')) return wrong(path, "a whole number");
    const std::string_view digits = lexer_.number();
    if (digits.empty()) return fault_error(JsonFault::syntax, path);
    if (digits.find_first_of(".eE") != std::string_view::npos)
      return invalid(path, "expected a whole number, written without fraction or exponent");
    T number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size())
      return invalid(path, "the number is out of range; it must be from " + std::to_string(std::numeric_limits<T>::min()) +
                               " to " + std::to_string(std::numeric_limits<T>::max()));
    if (target.field && is_nullable(*target.field) && static_cast<std::int64_t>(number) == default_number(*target.field))
      return invalid(path, "the number stands for \"absent\"; write null");
    target.set(number);
    return {};
  }

  Result<void> string(const Target& target, const Path& path) {
    TAUS_TRY_ASSIGN(const std::string given, text(path, "text"));
    if (given.size() > limits::text_bytes_max)
      return Error(ErrorCode::too_large,
                   "the text is longer than " + std::to_string(limits::text_bytes_max) + " bytes; shorten it", path.text());
    target.set(capnp::Text::Reader(given.c_str(), given.size()));
    return {};
  }

  Result<void> data(const Target& target, const Path& path) {
    TAUS_TRY_ASSIGN(const std::string given, text(path, "bytes as lower-case hexadecimal text"));
    const auto bytes = from_hex(given);
    if (!bytes) return invalid(path, "expected bytes as lower-case hexadecimal text");
    target.set(capnp::Data::Reader(bytes->data(), bytes->size()));
    return {};
  }

  Result<void> enumerant(const Target& target, const Path& path) {
    const auto schema = target.type.asEnum();
    if (target.in_list != nullptr && lexer_.take_word("null")) return absent_item(target, schema, path);
    TAUS_TRY_ASSIGN(const std::string given, text(path, "a name as text"));
    KJ_IF_MAYBE (found, schema.findEnumerantByName(kj::StringPtr(given.c_str(), given.size()))) {
      if (given != "absent") {
        target.set(capnp::DynamicEnum(*found));
        return {};
      }
    }
    std::string names;
    for (const auto one : schema.getEnumerants())
      if (one.getProto().getName() != "absent")
        names += (names.empty() ? "" : ", ") + std::string(one.getProto().getName().cStr());
    return invalid(path, "expected one of " + names);
  }

  Result<void> absent_item(const Target& target, capnp::EnumSchema schema, const Path& path) {
    KJ_IF_MAYBE (found, schema.findEnumerantByName("absent")) {
      target.set(capnp::DynamicEnum(*found));
      return {};
    }
    return invalid(path, "an item may not be null; leave it out");
  }

  Result<void> list(const Target& target, const Path& path, int depth) {
    if (!lexer_.take('[')) return wrong(path, "an array");
    if (depth + 1 > limits::json_depth_max) return fault_error(JsonFault::depth, path);
    const unsigned size = count_items();
    if (size > limits::list_items_max)
      return Error(ErrorCode::too_large,
                   "the list has more than " + std::to_string(limits::list_items_max) + " items; send fewer", path.text());
    if (lexer_.take(']')) {
      if (target.field && in_union(*target.field)) static_cast<void>(target.list(0));
      return {};
    }
    auto items = target.list(size);
    const auto inner = target.type.asList().getElementType();
    for (unsigned i = 0; i < size; ++i) {
      const Path here{&path, {}, i};
      if (i > 0 && !lexer_.take(',')) return fault_error(JsonFault::syntax, path);
      TAUS_TRY(value({inner, std::nullopt, nullptr, &items, i}, here, depth + 1));
    }
    return lexer_.take(']') ? Result<void>() : fault_error(JsonFault::syntax, path);
  }

  // How many items follow, read ahead because a list is made in one piece. Faults are met again, with their place, when read.
  unsigned count_items() {
    JsonLexer ahead(lexer_);
    if (ahead.peek() == ']') return 0;
    unsigned size = 0;
    do {
      ++size;
      if (size > limits::list_items_max || ahead.skip(limits::json_depth_max) != JsonFault::none) return size;
    } while (ahead.take(','));
    return size;
  }

  JsonLexer lexer_;
  const JsonHooks& hooks_;
};

}  // namespace

Result<void> read_json(std::string_view text, capnp::DynamicStruct::Builder into, const JsonHooks& hooks) {
  if (text.size() > limits::json_bytes_max)
    return Error(ErrorCode::too_large, "the JSON is larger than " + std::to_string(limits::json_bytes_max) + " bytes; send less");
  return guarded("the JSON", [&] { return JsonReader(text, hooks).document(into); });
}

}  // namespace taus::schema
