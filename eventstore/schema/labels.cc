#include "eventstore/schema/labels.h"

#include <algorithm>

#include <capnp/schema.h>

#include "eventstore/base/check.h"
#include "eventstore/schema/event.capnp.h"
#include "eventstore/schema/privacy.capnp.h"

namespace taus::schema {
namespace {

constexpr std::uint64_t category_annotation = 0x9a727e4600f2cafc, label_annotation = 0xb0db5b8adb89a7df;

std::string_view view_of(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

void add_fields(taus::Category category, capnp::StructSchema schema, std::vector<FieldLabel>& out) {
  for (const auto field : schema.getFields()) {
    const std::string_view name = view_of(field.getProto().getName());
    const bool known =
        std::any_of(out.begin(), out.end(), [&](const FieldLabel& one) { return one.category == category && one.field == name; });
    for (const auto annotation : field.getProto().getAnnotations()) {
      if (known || annotation.getId() != label_annotation) continue;
      const auto words = annotation.getValue().getStruct().getAs<Words>();  // in the program's read-only data
      out.push_back({.category = category,
                     .field = name,
                     .nb = view_of(words.getNb()),
                     .nn = view_of(words.getNn()),
                     .en = view_of(words.getEn())});
    }
  }
}

std::vector<FieldLabel> collect() {
  std::vector<FieldLabel> out;
  for (const auto event : capnp::Schema::from<Event>().getUnionFields()) {
    if (!event.getType().isStruct()) continue;
    for (const auto content : event.getType().asStruct().getFields()) {
      if (!content.getType().isStruct()) continue;
      const auto schema = content.getType().asStruct();
      for (const auto annotation : schema.getProto().getAnnotations()) {
        if (annotation.getId() != category_annotation) continue;
        const auto category = category_of_number(annotation.getValue().getEnum());
        TAUS_CHECK(category);
        add_fields(*category, schema, out);
      }
    }
  }
  return out;
}

}  // namespace

const std::vector<FieldLabel>& field_labels() {
  static const std::vector<FieldLabel> all = collect();
  return all;
}

}  // namespace taus::schema
