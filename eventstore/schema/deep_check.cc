#include "eventstore/schema/deep_check.h"

#include <bitset>
#include <map>
#include <memory>
#include <vector>

#include "eventstore/schema/guard.h"
#include "eventstore/schema/path.h"
#include "eventstore/schema/text_check.h"

namespace taus::schema {
namespace {

enum class Kind : std::uint8_t { text, data, structure, list, enumeration, group };
constexpr std::uint16_t no_tag = 0xFFFF;

struct Shape;

struct Item {
  std::uint16_t tag = no_tag;  // the union member it is, or no_tag
  Kind kind = Kind::text;
  std::uint32_t offset = 0;
  std::uint32_t enumerants = 0;
  const Shape* shape = nullptr;   // structure, group
  std::unique_ptr<Item> element;  // list: of pointers; null for plain numbers
  capnp::ElementSize element_size = capnp::ElementSize::VOID;
  std::string_view name;
};

// What deep_check needs to know of one struct, flattened from its schema.
struct Shape {
  bool has_union = false;
  std::uint32_t tag_offset = 0;
  std::uint32_t tags = 0;
  std::size_t data_bytes = 0;
  std::vector<Item> items;
};

capnp::ElementSize size_of(capnp::Type type) {
  using W = capnp::schema::Type::Which;
  switch (type.which()) {
    case W::VOID: return capnp::ElementSize::VOID;
    case W::BOOL: return capnp::ElementSize::BIT;
    case W::INT8:
    case W::UINT8: return capnp::ElementSize::BYTE;
    case W::INT16:
    case W::UINT16:
    case W::ENUM: return capnp::ElementSize::TWO_BYTES;
    case W::INT32:
    case W::UINT32:
    case W::FLOAT32: return capnp::ElementSize::FOUR_BYTES;
    case W::INT64:
    case W::UINT64:
    case W::FLOAT64: return capnp::ElementSize::EIGHT_BYTES;
    case W::STRUCT: return capnp::ElementSize::INLINE_COMPOSITE;
    default: return capnp::ElementSize::POINTER;
  }
}

// All shapes that this thread worked out so far.
class Shapes {
 public:
  const Shape& make(capnp::StructSchema schema) {
    auto& slot = shapes_[schema.getProto().getId()];
    if (slot) return *slot;
    slot = std::make_unique<Shape>();
    Shape& shape = *slot;
    const auto proto = schema.getProto().getStruct();
    shape.tags = proto.getDiscriminantCount();
    shape.has_union = shape.tags > 0;
    shape.tag_offset = proto.getDiscriminantOffset();
    shape.data_bytes = proto.getDataWordCount() * sizeof(capnp::word);
    for (const auto field : schema.getFields()) add(shape, field);
    return shape;
  }

 private:
  void add(Shape& shape, capnp::StructSchema::Field field) {
    const auto proto = field.getProto();
    Item item;
    if (proto.isGroup()) {
      item.kind = Kind::group;
      item.shape = &make(field.getType().asStruct());
    } else {
      item.offset = proto.getSlot().getOffset();
      if (!fill(item, field.getType())) return;
    }
    item.tag = proto.getDiscriminantValue();
    item.name = std::string_view(proto.getName().begin(), proto.getName().size());
    shape.items.push_back(std::move(item));
  }

  // False: a plain number, nothing to check.
  bool fill(Item& item, capnp::Type type) {
    if (type.isText())
      item.kind = Kind::text;
    else if (type.isData())
      item.kind = Kind::data;
    else if (type.isStruct()) {
      item.kind = Kind::structure;
      item.shape = &make(type.asStruct());
    } else if (type.isEnum()) {
      item.kind = Kind::enumeration;
      item.enumerants = type.asEnum().getEnumerants().size();
    } else if (type.isList()) {
      item.kind = Kind::list;
      const auto inner = type.asList().getElementType();
      item.element_size = size_of(inner);
      auto element = std::make_unique<Item>();
      if (fill(*element, inner)) item.element = std::move(element);
    } else
      return false;
    return true;
  }

  std::map<std::uint64_t, std::unique_ptr<Shape>> shapes_;
};

const Shape& shape_of(capnp::StructSchema schema) {
  thread_local Shapes shapes;  // rather than a lock: there are few threads and few schemas
  return shapes.make(schema);
}

class Walk {
 public:
  explicit Walk(const DeepLimits& limits) : limits_(limits) {}

  Result<void> structure(capnp::AnyStruct::Reader in, const Shape& shape, const Path& path, int depth) {
    if (depth > limits_.depth) return Error(ErrorCode::malformed, "the message is nested too deeply; flatten it", path.text());
    Seen seen;
    TAUS_TRY(members(in, shape, path, depth, seen));
    return limits_.nothing_else ? nothing_else(in, shape, path, seen) : Result<void>();
  }

 private:
  using Seen = std::bitset<64>;  // which pointers some member of the schema named

  Result<void> members(capnp::AnyStruct::Reader in, const Shape& shape, const Path& path, int depth, Seen& seen) {
    const auto data = in.getDataSection();
    const auto half = [&](std::uint32_t offset) -> std::uint16_t {
      if (std::size_t{offset} * 2 + 2 > data.size()) return 0;
      return static_cast<std::uint16_t>(data[offset * 2] | data[offset * 2 + 1] << 8);
    };
    const std::uint16_t tag = shape.has_union ? half(shape.tag_offset) : no_tag;
    if (shape.has_union && tag >= shape.tags)
      return Error(ErrorCode::malformed, "a union holds a member this version does not know; use the same version on both sides",
                   path.text());
    const auto pointers = in.getPointerSection();
    for (const Item& item : shape.items) {
      if (item.tag != no_tag && item.tag != tag) continue;
      const Path here{&path, item.name};
      if (item.kind == Kind::group) {
        TAUS_TRY(members(in, *item.shape, here, depth, seen));
      } else if (item.kind == Kind::enumeration) {
        TAUS_TRY(enumeration(half(item.offset), item, here));
      } else if (item.offset < pointers.size() && !pointers[item.offset].isNull()) {
        if (item.offset < seen.size()) seen.set(item.offset);
        TAUS_TRY(pointer(pointers[item.offset], item, here, depth));
      }
    }
    return {};
  }

  static Result<void> nothing_else(capnp::AnyStruct::Reader in, const Shape& shape, const Path& path, const Seen& seen) {
    const auto pointers = in.getPointerSection();
    bool unknown = in.getDataSection().size() > shape.data_bytes || pointers.size() > seen.size();
    for (unsigned i = 0; i < pointers.size() && !unknown; ++i) unknown = !seen[i] && !pointers[i].isNull();
    if (!unknown) return {};
    return Error(ErrorCode::malformed, "the message holds content this version does not know; use the same version on both sides",
                 path.text());
  }

  static Result<void> enumeration(std::uint16_t value, const Item& item, const Path& path) {
    if (value < item.enumerants) return {};
    return Error(ErrorCode::invalid_argument, "the value is not one of those the schema lists; see docs/PROTOCOL.md",
                 path.text());
  }

  static Error wrong_kind(const Path& path) {
    return {ErrorCode::malformed, "the field holds another type than its schema says; use the same schema on both sides",
            path.text()};
  }

  Result<void> pointer(capnp::AnyPointer::Reader in, const Item& item, const Path& path, int depth) {
    switch (item.kind) {
      case Kind::text: return text(in, path);
      case Kind::data:
        if (!in.isList()) return wrong_kind(path);
        if (in.getAs<capnp::Data>().size() > limits_.data_bytes)
          return Error(ErrorCode::too_large, "the bytes are too many; send fewer", path.text());
        return {};
      case Kind::structure:
        if (!in.isStruct()) return wrong_kind(path);
        return structure(in.getAs<capnp::AnyStruct>(), *item.shape, path, depth + 1);
      case Kind::list:
        if (!in.isList()) return wrong_kind(path);
        return list(in.getAs<capnp::AnyList>(), item, path, depth);
      case Kind::enumeration:
      case Kind::group: break;
    }
    return {};
  }

  Result<void> text(capnp::AnyPointer::Reader in, const Path& path) {
    if (!in.isList()) return wrong_kind(path);
    const auto value = in.getAs<capnp::Text>();
    const std::string_view seen(value.begin(), value.size());
    if (!limits_.control_characters) {
      const auto fault = text_fault(seen, limits_.text_bytes);
      return fault == TextFault::none ? Result<void>() : check_text(seen, limits_.text_bytes, path.text());
    }
    const bool nul = !limits_.nul && seen.find('\0') != std::string_view::npos;
    if (nul || seen.size() > limits_.text_bytes || !valid_utf8(seen)) return check_text(seen, limits_.text_bytes, path.text());
    return {};
  }

  Result<void> list(capnp::AnyList::Reader in, const Item& item, const Path& path, int depth) {
    if (in.size() > limits_.list_items)
      return Error(ErrorCode::too_large, "the list has more than " + std::to_string(limits_.list_items) + " items; send fewer",
                   path.text());
    // Upgrades between element sizes are legal Cap'n Proto, but no schema of ours ever made one. Of an empty list, too: its getter would throw.
    if (in.getElementSize() != item.element_size) return wrong_kind(path);
    if (in.size() == 0 || !item.element) return {};
    const Item& element = *item.element;
    for (unsigned i = 0; i < in.size(); ++i) {
      const Path here{&path, {}, i};
      if (element.kind == Kind::structure) {
        TAUS_TRY(structure(in.as<capnp::List<capnp::AnyStruct>>()[i], *element.shape, here, depth + 1));
      } else if (element.kind == Kind::enumeration) {
        TAUS_TRY(enumeration(in.as<capnp::List<std::uint16_t>>()[i], element, here));
      } else {
        const auto inner = in.as<capnp::List<capnp::AnyPointer>>()[i];
        if (!inner.isNull()) {
          TAUS_TRY(pointer(inner, element, here, depth + 1));
        }
      }
    }
    return {};
  }

  const DeepLimits& limits_;
};

}  // namespace

Result<void> deep_check(capnp::AnyStruct::Reader message, capnp::StructSchema schema, const DeepLimits& limits) {
  return guarded("the message", [&]() -> Result<void> { return Walk(limits).structure(message, shape_of(schema), Path{}, 0); });
}

}  // namespace taus::schema
