// The schema's nodes by id, and the annotations of privacy.capnp found by name.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <capnp/schema.capnp.h>

#include "eventstore/base/result.h"

namespace taus::plugin {

using Node = capnp::schema::Node::Reader;
using Field = capnp::schema::Field::Reader;

std::string short_name(Node node);

class Nodes {
 public:
  // Refuses a schema that does not declare the annotations, or declares one twice.
  static Result<Nodes> of(capnp::schema::CodeGeneratorRequest::Reader request);

  [[nodiscard]] std::optional<Node> find(std::uint64_t id) const;
  [[nodiscard]] Node category_enum() const { return category_enum_; }
  [[nodiscard]] std::optional<capnp::schema::Value::Reader> about(capnp::schema::Enumerant::Reader enumerant) const;

  // What a struct says of itself.
  struct Kind {
    bool helper = false;
    bool in_the_clear = false;
    std::optional<int> category;
  };
  [[nodiscard]] Kind kind(Node node) const;
  [[nodiscard]] const std::map<std::uint64_t, Node>& all() const { return nodes_; }

 private:
  std::map<std::uint64_t, Node> nodes_;
  std::map<std::string, std::uint64_t> annotations_;
  Node category_enum_;
};

}  // namespace taus::plugin
