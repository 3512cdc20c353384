// Prints the layout of the socket API as JSON, from the schema compiled into this build, for the tests' own codec
// (capnp_py.py): so the tests speak to the daemon without sharing a line of its encoding code.
#include <cstdint>
#include <iostream>
#include <set>
#include <string>

#include <capnp/schema.h>

#include "daemon/protocol/api.capnp.h"

namespace {

using Kind = capnp::schema::Type::Which;

// Ids of the annotations in eventstore/schema/privacy.capnp: derived from the file's id and their names.
constexpr std::uint64_t time_annotation = 0xbe5cbbc80419823c;
constexpr std::uint64_t nullable_annotation = 0xa715963e0c23df82;
constexpr std::uint64_t json_annotation = 0xacd865dfd4c158c6;

std::string quoted(kj::StringPtr text) { return "\"" + std::string(text.cStr(), text.size()) + "\""; }
std::string key(const capnp::Schema& schema) { return quoted(schema.getShortDisplayName()); }

class Dump {
 public:
  explicit Dump(std::ostream& out) : out_(out) {}

  void all(capnp::StructSchema root) {
    out_ << "{\n\"structs\": {";
    visit(root);
    out_ << "},\n\"enums\": {" << enums_ << "}\n}\n";
  }

 private:
  void visit(capnp::StructSchema schema) {
    if (!seen_.insert(schema.getProto().getId()).second) return;
    for (auto field : schema.getFields()) visit(field.getType());
    if (wrote_) out_ << ",";
    wrote_ = true;
    const auto proto = schema.getProto().getStruct();
    out_ << "\n"
         << key(schema) << ": {\"data\": " << proto.getDataWordCount() << ", \"pointers\": " << proto.getPointerCount()
         << ", \"discriminant\": "
         << (proto.getDiscriminantCount() > 0 ? static_cast<std::int64_t>(proto.getDiscriminantOffset()) : -1)
         << ", \"fields\": [";
    bool first = true;
    for (auto field : schema.getFields()) {
      out_ << (first ? "" : ",") << "\n  ";
      first = false;
      one_field(field);
    }
    out_ << "]}";
  }

  void visit(capnp::Type type) {
    if (type.isList()) return visit(type.asList().getElementType());
    if (type.isStruct()) return visit(type.asStruct());
    if (type.isEnum()) visit(type.asEnum());
  }

  void visit(capnp::EnumSchema schema) {
    if (!seen_.insert(schema.getProto().getId()).second) return;
    enums_ += (enums_.empty() ? "\n" : ",\n") + key(schema) + ": [";
    bool first = true;
    for (auto enumerant : schema.getEnumerants()) {
      enums_ += (first ? "" : ", ") + quoted(enumerant.getProto().getName());
      first = false;
    }
    enums_ += "]";
  }

  void one_field(const capnp::StructSchema::Field& field) {
    const auto proto = field.getProto();
    const int tag = proto.getDiscriminantValue() == capnp::schema::Field::NO_DISCRIMINANT ? -1 : proto.getDiscriminantValue();
    out_ << "{\"name\": " << quoted(proto.getName()) << ", \"tag\": " << tag;
    for (auto annotation : proto.getAnnotations()) {
      if (annotation.getId() == time_annotation) out_ << ", \"time\": true";
      if (annotation.getId() == nullable_annotation) out_ << ", \"nullable\": true";
      if (annotation.getId() == json_annotation) out_ << ", \"json\": true";
    }
    if (proto.isSlot()) {
      out_ << ", \"offset\": " << proto.getSlot().getOffset() << ", \"default\": ";
      default_of(proto.getSlot().getDefaultValue());
    } else {
      out_ << ", \"group\": true";
    }
    out_ << ", \"type\": " << type_name(field.getType()) << "}";
  }

  void default_of(capnp::schema::Value::Reader value) {
    switch (value.which()) {
      case capnp::schema::Value::BOOL: out_ << (value.getBool() ? 1 : 0); return;
      case capnp::schema::Value::INT8: out_ << static_cast<int>(value.getInt8()); return;
      case capnp::schema::Value::INT16: out_ << value.getInt16(); return;
      case capnp::schema::Value::INT32: out_ << value.getInt32(); return;
      case capnp::schema::Value::INT64: out_ << value.getInt64(); return;
      case capnp::schema::Value::UINT8: out_ << static_cast<int>(value.getUint8()); return;
      case capnp::schema::Value::UINT16: out_ << value.getUint16(); return;
      case capnp::schema::Value::UINT32: out_ << value.getUint32(); return;
      case capnp::schema::Value::UINT64: out_ << value.getUint64(); return;
      case capnp::schema::Value::ENUM: out_ << value.getEnum(); return;
      default: out_ << "null"; return;
    }
  }

  // "int64", {"enum": NAME}, {"struct": NAME}, {"list": TYPE}
  std::string type_name(capnp::Type type) {
    switch (type.which()) {
      case Kind::VOID: return "\"void\"";
      case Kind::BOOL: return "\"bool\"";
      case Kind::INT8: return "\"int8\"";
      case Kind::INT16: return "\"int16\"";
      case Kind::INT32: return "\"int32\"";
      case Kind::INT64: return "\"int64\"";
      case Kind::UINT8: return "\"uint8\"";
      case Kind::UINT16: return "\"uint16\"";
      case Kind::UINT32: return "\"uint32\"";
      case Kind::UINT64: return "\"uint64\"";
      case Kind::FLOAT32: return "\"float32\"";
      case Kind::FLOAT64: return "\"float64\"";
      case Kind::TEXT: return "\"text\"";
      case Kind::DATA: return "\"data\"";
      case Kind::LIST: return "{\"list\": " + type_name(type.asList().getElementType()) + "}";
      case Kind::ENUM: return "{\"enum\": " + key(type.asEnum()) + "}";
      case Kind::STRUCT: return "{\"struct\": " + key(type.asStruct()) + "}";
      case Kind::INTERFACE:
      case Kind::ANY_POINTER: break;
    }
    return "\"unsupported\"";
  }

  std::ostream& out_;
  std::set<std::uint64_t> seen_;
  std::string enums_;
  bool wrote_ = false;
};

}  // namespace

int main() {
  // Two roots in one document: the response's structs include most of the request's.
  std::cout << "{\"request\":\n";
  Dump(std::cout).all(capnp::Schema::from<taus::api::Request>());
  std::cout << ",\n\"response\":\n";
  Dump(std::cout).all(capnp::Schema::from<taus::api::Response>());
  std::cout << "}\n";
}
