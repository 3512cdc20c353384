// Messages filled at random by their schema alone.
#pragma once

#include <random>
#include <string>

#include <capnp/dynamic.h>

#include "eventstore/schema/json_field.h"

namespace taus::schema::testing {

class RandomMessage {
 public:
  explicit RandomMessage(std::uint64_t seed) : random_(seed) {}

  void fill(capnp::DynamicStruct::Builder into, int depth = 0) {
    const auto schema = into.getSchema();
    for (const auto field : schema.getNonUnionFields())
      if (below(4) != 0) set(into, field, depth);
    const auto members = schema.getUnionFields();
    if (members.size() > 0) set(into, members[static_cast<unsigned>(below(members.size()))], depth);
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  std::string text() {
    static const char* const pieces[] = {"a",    "Z",    "0",  " ",  "æ",        "Ø",         "å",
                                         "é",    "\n",   "\t", "\"", "\\",       "/",         "\x01",
                                         "\x1f", "\x7f", "€",  "😀",  "\xc2\x85", "</script>", "\xef\xbf\xbf"};
    std::string out;
    for (auto n = below(12); n > 0; --n) out += pieces[below(std::size(pieces))];
    return out;
  }

  template <class T>
  T number() {
    switch (below(4)) {
      case 0: return std::numeric_limits<T>::max();
      case 1: return std::numeric_limits<T>::min();
      case 2: return static_cast<T>(below(100));
      default: return static_cast<T>(random_());
    }
  }

  std::int64_t time() { return static_cast<std::int64_t>(below(315'000'000'000'000)) - 62'000'000'000'000; }

  void set(capnp::DynamicStruct::Builder into, capnp::StructSchema::Field field, int depth) {
    if (is_time(field)) return into.set(field, time());
    if (is_json(field)) return into.set(field, below(2) != 0 ? "{\"a\":[1,null,\"x\"]}" : "\"plain\"");
    const auto type = field.getType();
    if (type.isStruct()) return fill(into.init(field).as<capnp::DynamicStruct>(), depth + 1);
    if (type.isList())
      return fill(into.init(field, static_cast<unsigned>(1 + below(3))).as<capnp::DynamicList>(), type.asList(), depth);
    plain(type, [&](const capnp::DynamicValue::Reader& value) { into.set(field, value); });
  }

  void fill(capnp::DynamicList::Builder items, capnp::ListSchema schema, int depth) {
    for (unsigned i = 0; i < items.size(); ++i) {
      if (schema.getElementType().isStruct())
        fill(items[i].as<capnp::DynamicStruct>(), depth + 1);
      else
        plain(schema.getElementType(), [&](const capnp::DynamicValue::Reader& value) { items.set(i, value); });
    }
  }

  template <class Set>
  void plain(capnp::Type type, Set set) {
    using W = capnp::schema::Type::Which;
    switch (type.which()) {
      case W::VOID: return set(capnp::VOID);
      case W::BOOL: return set(below(2) != 0);
      case W::INT8: return set(number<std::int8_t>());
      case W::INT16: return set(number<std::int16_t>());
      case W::INT32: return set(number<std::int32_t>());
      case W::INT64: return set(number<std::int64_t>());
      case W::UINT8: return set(number<std::uint8_t>());
      case W::UINT16: return set(number<std::uint16_t>());
      case W::UINT32: return set(number<std::uint32_t>());
      case W::UINT64: return set(number<std::uint64_t>());
      case W::TEXT: {
        const std::string value = text();
        return set(capnp::Text::Reader(value.c_str(), value.size()));
      }
      case W::DATA: {
        const std::string bytes = text();
        return set(capnp::Data::Reader(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()));
      }
      case W::ENUM: {
        const auto enumerants = type.asEnum().getEnumerants();
        return set(capnp::DynamicEnum(enumerants[static_cast<unsigned>(below(enumerants.size()))]));
      }
      default: return;
    }
  }

  std::mt19937_64 random_;
};

}  // namespace taus::schema::testing
