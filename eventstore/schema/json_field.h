// What the annotations of a field mean for its JSON.
#pragma once

#include <capnp/dynamic.h>

#include "eventstore/schema/tables.gen.h"

namespace taus::schema {

inline bool annotated(capnp::StructSchema::Field field, std::uint64_t id) {
  for (const auto annotation : field.getProto().getAnnotations())
    if (annotation.getId() == id) return true;
  return false;
}
inline bool is_time(capnp::StructSchema::Field field) { return annotated(field, tables::annotation_time); }
inline bool is_nullable(capnp::StructSchema::Field field) { return annotated(field, tables::annotation_nullable); }
inline bool is_reference(capnp::StructSchema::Field field) { return annotated(field, tables::annotation_reference); }
inline bool is_json(capnp::StructSchema::Field field) { return annotated(field, tables::annotation_json); }

// The default of a number field; 0 for other types.
inline std::int64_t default_number(capnp::StructSchema::Field field) {
  const auto value = field.getProto().getSlot().getDefaultValue();
  using W = capnp::schema::Value::Which;
  switch (value.which()) {
    case W::INT8: return value.getInt8();
    case W::INT16: return value.getInt16();
    case W::INT32: return value.getInt32();
    case W::INT64: return value.getInt64();
    case W::UINT8: return value.getUint8();
    case W::UINT16: return value.getUint16();
    case W::UINT32: return value.getUint32();
    case W::UINT64: return static_cast<std::int64_t>(value.getUint64());
    default: return 0;
  }
}

inline bool in_union(capnp::StructSchema::Field field) {
  return field.getProto().getDiscriminantValue() != capnp::schema::Field::NO_DISCRIMINANT;
}

}  // namespace taus::schema
