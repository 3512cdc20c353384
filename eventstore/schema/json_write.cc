#include "eventstore/base/bytes.h"
#include "eventstore/schema/json.h"
#include "eventstore/schema/json_field.h"
#include "eventstore/schema/json_lexer.h"
#include "eventstore/schema/text_check.h"
#include "eventstore/schema/time_text.h"

namespace taus::schema {
namespace {

using Field = capnp::StructSchema::Field;
using Value = capnp::DynamicValue;

class JsonWriter {
 public:
  explicit JsonWriter(const JsonHooks& hooks) : hooks_(hooks) {}

  void object(capnp::DynamicStruct::Reader from) {
    out_ += '{';
    bool first = true;
    const auto add = [&](Field field) {
      if (!first) out_ += ',';
      first = false;
      const auto name = field.getProto().getName();
      string({name.begin(), name.size()});
      out_ += ':';
      member(from, field);
    };
    for (const auto field : from.getSchema().getNonUnionFields()) add(field);
    KJ_IF_MAYBE (field, from.which()) add(*field);
    out_ += '}';
  }

  std::string take() { return std::move(out_); }

 private:
  void member(capnp::DynamicStruct::Reader from, Field field) {
    const auto type = field.getType();
    if ((type.isText() || type.isData() || type.isStruct()) && !field.getProto().isGroup() && !from.has(field)) return null();
    const auto value = from.get(field);
    if (is_time(field)) return time(value.as<std::int64_t>(), field);
    if (is_reference(field)) return reference(value.as<std::uint64_t>());
    if (is_nullable(field) && number(value) == default_number(field)) return null();
    if (is_json(field)) return embedded(value.as<capnp::Text>());
    plain(value);
  }

  static std::int64_t number(const Value::Reader& value) {
    return value.getType() == Value::UINT ? static_cast<std::int64_t>(value.as<std::uint64_t>()) : value.as<std::int64_t>();
  }

  void null() { out_ += "null"; }

  void time(std::int64_t ms, Field field) {
    const std::string text = ms == default_number(field) ? std::string() : write_time(ms);
    text.empty() ? null() : string(text);
  }

  void reference(std::uint64_t ordinal) {
    ordinal == 0 || !hooks_.write_reference ? null() : string(hooks_.write_reference(ordinal));
  }

  void embedded(capnp::Text::Reader text) {
    const std::string_view json(text.begin(), text.size());
    well_formed_json(json) ? void(out_ += json) : null();
  }

  void plain(const Value::Reader& value) {
    switch (value.getType()) {
      case Value::BOOL: out_ += value.as<bool>() ? "true" : "false"; return;
      case Value::INT: out_ += std::to_string(value.as<std::int64_t>()); return;
      case Value::UINT: out_ += std::to_string(value.as<std::uint64_t>()); return;
      case Value::TEXT: {
        const auto text = value.as<capnp::Text>();
        return string({text.begin(), text.size()});
      }
      case Value::DATA: {
        const auto data = value.as<capnp::Data>();
        return string(to_hex({data.begin(), data.size()}));
      }
      case Value::ENUM: return enumerant(value.as<capnp::DynamicEnum>());
      case Value::STRUCT: return object(value.as<capnp::DynamicStruct>());
      case Value::LIST: {
        out_ += '[';
        bool first = true;
        for (const auto item : value.as<capnp::DynamicList>()) {
          if (!first) out_ += ',';
          first = false;
          plain(item);
        }
        out_ += ']';
        return;
      }
      default: return null();  // Void; our schemas have no other types
    }
  }

  void enumerant(capnp::DynamicEnum value) {
    KJ_IF_MAYBE (known, value.getEnumerant()) {
      const auto name = known->getProto().getName();
      if (name != "absent") return string({name.begin(), name.size()});
    }
    null();
  }

  void string(std::string_view text) {
    out_ += '"';
    while (!text.empty()) {
      const std::size_t good = valid_utf8_prefix(text);
      for (const char c : text.substr(0, good)) letter(c);
      if (good < text.size()) out_ += "\\ufffd";
      text.remove_prefix(good < text.size() ? good + 1 : good);
    }
    out_ += '"';
  }

  void letter(char c) {
    switch (c) {
      case '"': out_ += "\\\""; return;
      case '\\': out_ += "\\\\"; return;
      case '\n': out_ += "\\n"; return;
      case '\r': out_ += "\\r"; return;
      case '\t': out_ += "\\t"; return;
      default: break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20) {
      out_ += c;
      return;
    }
    constexpr const char* hex = "0123456789abcdef";
    out_ += "\\u00";
    out_ += hex[byte >> 4];
    out_ += hex[byte & 15];
  }

  const JsonHooks& hooks_;
  std::string out_;
};

}  // namespace

std::string write_json(capnp::DynamicStruct::Reader from, const JsonHooks& hooks) {
  JsonWriter writer(hooks);
  writer.object(from);
  return writer.take();
}

}  // namespace taus::schema
