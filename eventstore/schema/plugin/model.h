// What the plugin learns from the schema: categories, and for each event type which category every pointer of its body holds.
//
// Errors: a schema that would let a field reach the journal without a category (or under two) is refused; the message names
//         struct and field. The build fails with it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <capnp/schema.capnp.h>

#include "eventstore/base/result.h"

namespace taus::plugin {

inline constexpr int public_category = -1;
inline constexpr std::size_t categories_max = 16;

struct CategoryRow {
  std::string name, nb, nn, en, dpv;
  bool portable = false;
  bool special = false;
  bool client = false;
};

struct PointerRow {
  unsigned index = 0;  // in the body's pointer section
  int category = public_category;
  std::uint64_t type = 0;  // of the struct pointed to
  std::string field;
};

struct EventRow {
  unsigned tag = 0;
  std::string name;
  std::uint64_t body_id = 0;
  std::vector<PointerRow> pointers;
};

struct TypeRow {
  std::uint64_t id = 0;
  int category = public_category;
  std::string name;
};

struct Model {
  std::vector<std::pair<std::string, std::uint64_t>> annotations;  // name and id, of the file that declares $category
  std::vector<CategoryRow> categories;
  std::vector<EventRow> events;  // index = tag; 0 is `none`
  std::vector<TypeRow> types;    // every struct with $category or $inTheClear, by id
  unsigned event_data_words = 0;
  unsigned event_tag_offset = 0;  // in 16-bit units of the data section
  unsigned event_pointers = 0;
  unsigned head_pointer = 0;
  unsigned body_pointer = 0;
};

Result<Model> load_model(capnp::schema::CodeGeneratorRequest::Reader request);

}  // namespace taus::plugin
