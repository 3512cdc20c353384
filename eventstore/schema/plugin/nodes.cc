#include "eventstore/schema/plugin/nodes.h"

namespace taus::plugin {

std::string short_name(Node node) { return std::string(node.getDisplayName().cStr() + node.getDisplayNamePrefixLength()); }

Result<Nodes> Nodes::of(capnp::schema::CodeGeneratorRequest::Reader request) {
  Nodes out;
  for (const auto node : request.getNodes()) {
    out.nodes_.emplace(node.getId(), node);
    if (!node.isAnnotation()) continue;
    const std::string name = short_name(node);
    const bool ours = name == "category" || name == "helper" || name == "inTheClear" || name == "about";
    if (ours && !out.annotations_.emplace(name, node.getId()).second)
      return Error(ErrorCode::invalid_argument,
                   "annotation '" + name + "' is declared twice; there may be one privacy.capnp only");
  }
  for (const char* name : {"category", "about"})
    if (!out.annotations_.contains(name))
      return Error(ErrorCode::invalid_argument,
                   std::string("no annotation '") + name + "' in reach; import privacy.capnp and use it");
  const auto type = out.nodes_.at(out.annotations_.at("category")).getAnnotation().getType();
  if (!type.isEnum() || !out.find(type.getEnum().getTypeId()))
    return Error(ErrorCode::invalid_argument, "annotation 'category' must be of an enum type");
  out.category_enum_ = *out.find(type.getEnum().getTypeId());
  return out;
}

std::optional<Node> Nodes::find(std::uint64_t id) const {
  const auto it = nodes_.find(id);
  if (it == nodes_.end()) return std::nullopt;
  return it->second;
}

std::optional<capnp::schema::Value::Reader> Nodes::about(capnp::schema::Enumerant::Reader enumerant) const {
  for (const auto annotation : enumerant.getAnnotations())
    if (annotation.getId() == annotations_.at("about")) return annotation.getValue();
  return std::nullopt;
}

Nodes::Kind Nodes::kind(Node node) const {
  Kind out;
  const auto is = [&](const char* name, std::uint64_t id) {
    const auto it = annotations_.find(name);
    return it != annotations_.end() && it->second == id;
  };
  for (const auto annotation : node.getAnnotations()) {
    if (is("helper", annotation.getId())) out.helper = true;
    if (is("inTheClear", annotation.getId())) out.in_the_clear = true;
    if (is("category", annotation.getId())) out.category = annotation.getValue().getEnum();
  }
  return out;
}

}  // namespace taus::plugin
