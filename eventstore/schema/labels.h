// What a category's fields are called in the three languages of a centre's answers.
//
// Threads: any; worked out once.
// Source:  the labels of eventstore/schema/event.capnp; the names are those of the fields in an event's content.
#pragma once

#include <string_view>
#include <vector>

#include "eventstore/schema/category.h"

namespace taus::schema {

struct FieldLabel {
  taus::Category category;
  std::string_view field, nb, nn, en;
};

// Every labelled field of every category, each name once (the first label counts), in the order of the schema.
const std::vector<FieldLabel>& field_labels();

}  // namespace taus::schema
