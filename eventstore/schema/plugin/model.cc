#include "eventstore/schema/plugin/model.h"

#include <set>

#include <capnp/schema.capnp.h>

#include "eventstore/schema/plugin/nodes.h"

namespace taus::plugin {
namespace {

// Mirrors `About` of privacy.capnp by place, because the plugin is built before that schema is compiled.
constexpr unsigned about_words = 0, about_dpv = 1, words_nb = 0, words_nn = 1, words_en = 2;
constexpr unsigned bit_portable = 0, bit_special = 1, bit_client = 2;

Error refused(std::string message) { return {ErrorCode::invalid_argument, std::move(message)}; }

std::string place(Node node, Field field) {
  return "struct " + short_name(node) + ", field " + std::string(field.getName().cStr());
}

std::string text_at(capnp::AnyStruct::Reader from, unsigned index) {
  const auto pointers = from.getPointerSection();
  if (index >= pointers.size() || pointers[index].isNull()) return {};
  return pointers[index].getAs<capnp::Text>().cStr();
}

Result<std::vector<CategoryRow>> load_categories(const Nodes& nodes) {
  const auto enumerants = nodes.category_enum().getEnum().getEnumerants();
  if (enumerants.size() > categories_max)
    return refused("enum " + short_name(nodes.category_enum()) + " has " + std::to_string(enumerants.size()) +
                   " categories; a key node holds 16 at most");
  std::vector<CategoryRow> out;
  for (const auto enumerant : enumerants) {
    CategoryRow row;
    row.name = enumerant.getName().cStr();
    const auto about = nodes.about(enumerant);
    if (!about) return refused("category " + row.name + " has no $about: give its labels and DPV term");
    const auto value = about->getStruct().getAs<capnp::AnyStruct>();
    const auto pointers = value.getPointerSection();
    if (pointers.size() > about_words && !pointers[about_words].isNull()) {
      const auto words = pointers[about_words].getAs<capnp::AnyStruct>();
      row.nb = text_at(words, words_nb);
      row.nn = text_at(words, words_nn);
      row.en = text_at(words, words_en);
    }
    row.dpv = text_at(value, about_dpv);
    if (row.nb.empty() || row.nn.empty() || row.en.empty() || row.dpv.empty())
      return refused("category " + row.name + " lacks a label (nb, nn, en) or its DPV term in $about");
    const unsigned flags = value.getDataSection().size() > 0 ? value.getDataSection()[0] : 0;
    row.portable = (flags >> bit_portable & 1U) != 0;
    row.special = (flags >> bit_special & 1U) != 0;
    row.client = (flags >> bit_client & 1U) != 0;
    out.push_back(std::move(row));
  }
  return out;
}

// Walks everything reachable from a struct that belongs to one category (or to the clear, or to the head).
class Walk {
 public:
  Walk(const Nodes& nodes, const std::vector<CategoryRow>& categories, Nodes::Kind owner, std::string owner_name)
      : nodes_(nodes), categories_(categories), owner_(owner), owner_name_(std::move(owner_name)) {}

  Result<void> fields_of(Node node) {
    if (!seen_.insert(node.getId()).second) return {};
    for (const auto field : node.getStruct().getFields()) {
      if (field.isGroup()) {
        TAUS_TRY(fields_of(*nodes_.find(field.getGroup().getTypeId())));
      } else {
        TAUS_TRY(type(node, field, field.getSlot().getType()));
      }
    }
    return {};
  }

 private:
  Result<void> type(Node node, Field field, capnp::schema::Type::Reader type_) {
    if (type_.isList()) return type(node, field, type_.getList().getElementType());
    if (type_.isAnyPointer() || type_.isInterface())
      return refused(place(node, field) + ": a field of " + owner_name_ +
                     " must have a type of its own, not AnyPointer or an interface");
    if (!type_.isStruct()) return {};
    const auto inner = nodes_.find(type_.getStruct().getTypeId());
    if (!inner) return refused(place(node, field) + ": its struct is not in the schema");
    const auto kind = nodes_.kind(*inner);
    if (kind.category && owner_.category != kind.category)
      return refused(place(node, field) + ": " + short_name(*inner) + " is of category " + categories_[*kind.category].name +
                     " inside " + owner_name_ + "; a category struct holds its own category only");
    if (kind.in_the_clear && !owner_.in_the_clear)
      return refused(place(node, field) + ": " + short_name(*inner) + " is in the clear inside " + owner_name_);
    if (!kind.category && !kind.in_the_clear && !kind.helper)
      return refused(place(node, field) + ": " + short_name(*inner) + " inside " + owner_name_ +
                     " is neither $helper nor of the same category; say which");
    return fields_of(*inner);
  }

  const Nodes& nodes_;
  const std::vector<CategoryRow>& categories_;
  Nodes::Kind owner_;
  std::string owner_name_;
  std::set<std::uint64_t> seen_;
};

std::string describe(const Nodes::Kind& kind, const std::vector<CategoryRow>& categories) {
  if (kind.category) return "category " + categories[*kind.category].name;
  return kind.in_the_clear ? "the clear" : "a helper";
}

// Every struct that says what it is must keep to it, used by an event or not.
Result<std::vector<TypeRow>> load_types(const Nodes& nodes, const std::vector<CategoryRow>& categories) {
  std::vector<TypeRow> out;
  for (const auto& [id, node] : nodes.all()) {
    if (!node.isStruct()) continue;
    const auto kind = nodes.kind(node);
    const int said = (kind.helper ? 1 : 0) + (kind.in_the_clear ? 1 : 0) + (kind.category ? 1 : 0);
    if (said == 0) continue;
    if (said > 1) return refused("struct " + short_name(node) + " must have one of $category, $helper and $inTheClear");
    TAUS_TRY(Walk(nodes, categories, kind, describe(kind, categories)).fields_of(node));
    if (!kind.helper) out.push_back({id, kind.category.value_or(public_category), short_name(node)});
  }
  return out;
}

Result<EventRow> load_event(const Nodes& nodes, Node event, Field member) {
  EventRow row;
  row.tag = member.getDiscriminantValue();
  row.name = member.getName().cStr();
  if (member.isGroup() || !member.getSlot().getType().isStruct())
    return refused(place(event, member) + ": an event must be a struct of pointers to category structs");
  const Node body = *nodes.find(member.getSlot().getType().getStruct().getTypeId());
  row.body_id = body.getId();
  const auto said = nodes.kind(body);
  if (said.category || said.helper || said.in_the_clear)
    return refused(place(event, member) + ": " + short_name(body) +
                   " is a category struct itself; an event body holds pointers to them");
  for (const auto field : body.getStruct().getFields()) {
    if (field.isGroup() || field.getDiscriminantValue() != capnp::schema::Field::NO_DISCRIMINANT ||
        !field.getSlot().getType().isStruct())
      return refused(place(body, field) + " has no category: an event body holds only pointers to category structs");
    const Node type = *nodes.find(field.getSlot().getType().getStruct().getTypeId());
    const auto kind = nodes.kind(type);
    if (!kind.category && !kind.in_the_clear)
      return refused(place(body, field) + " has no category: give struct " + short_name(type) + " its $category");
    for (const auto& other : row.pointers)
      if (other.type == type.getId())
        return refused(place(body, field) + ": " + short_name(type) + " is already in field " + other.field +
                       "; views tell fields by type");
    row.pointers.push_back(
        {field.getSlot().getOffset(), kind.category.value_or(public_category), type.getId(), field.getName().cStr()});
  }
  if (row.pointers.empty())
    return refused(place(event, member) + ": " + short_name(body) + " touches no category, so it could not be kept");
  return row;
}

Result<void> load_events(const Nodes& nodes, Node event, Model& model) {
  const auto shape = event.getStruct();
  model.event_data_words = shape.getDataWordCount();
  model.event_tag_offset = shape.getDiscriminantOffset();
  model.event_pointers = shape.getPointerCount();
  model.events.resize(shape.getDiscriminantCount());
  if (model.events.empty()) return refused("struct Event has no union of events");
  std::set<std::uint64_t> bodies;
  bool head = false;
  for (const auto field : shape.getFields()) {
    const std::string name = field.getName().cStr();
    if (field.getDiscriminantValue() == capnp::schema::Field::NO_DISCRIMINANT) {
      if (name != "head" || field.isGroup() || !field.getSlot().getType().isStruct() ||
          !nodes.kind(*nodes.find(field.getSlot().getType().getStruct().getTypeId())).helper)
        return refused(place(event, field) + ": beside its union an Event has only a $helper struct called head");
      model.head_pointer = field.getSlot().getOffset();
      head = true;
      continue;
    }
    if (field.getDiscriminantValue() == 0) {
      if (name != "none" || field.isGroup() || !field.getSlot().getType().isVoid())
        return refused(place(event, field) + ": the union's first member must be none :Void");
      model.events[0].name = "none";
      continue;
    }
    TAUS_TRY_ASSIGN(EventRow row, load_event(nodes, event, field));
    if (!bodies.insert(row.body_id).second) return refused(place(event, field) + ": two events may not share a body");
    model.body_pointer = field.getSlot().getOffset();
    model.events[row.tag] = std::move(row);
  }
  if (!head) return refused("struct Event has no head");
  return {};
}

}  // namespace

Result<Model> load_model(capnp::schema::CodeGeneratorRequest::Reader request) {
  TAUS_TRY_ASSIGN(const Nodes nodes, Nodes::of(request));
  Model model;
  for (const auto& [id, node] : nodes.all())
    if (node.isAnnotation() && node.getScopeId() == nodes.category_enum().getScopeId())
      model.annotations.emplace_back(short_name(node), id);
  TAUS_TRY_ASSIGN(model.categories, load_categories(nodes));
  TAUS_TRY_ASSIGN(model.types, load_types(nodes, model.categories));
  for (const auto& [id, node] : nodes.all()) {
    if (!node.isStruct() || short_name(node) != "Event") continue;
    if (!model.events.empty()) return refused("there are two structs called Event");
    TAUS_TRY(load_events(nodes, node, model));
  }
  if (model.events.empty()) return refused("the schema has no struct Event");
  return model;
}

}  // namespace taus::plugin
