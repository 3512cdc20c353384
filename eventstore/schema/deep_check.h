// Looks at everything a message holds before anybody uses it, so that no later getter can throw.
//
// What:    every pointer has the kind its schema says, every enum value is known, every union's member is known, texts are UTF-8 and no
//          longer, lists no longer than allowed. Unknown pointers and data of a newer schema are left alone, unless `nothing_else`.
// Threads: any; the shape of each schema is worked out once.
// Errors:  malformed (kind, union, content that nothing names), invalid_argument (enum, text), too_large (list, text); the pointer names schema fields.
#pragma once

#include <capnp/any.h>
#include <capnp/schema.h>

#include "eventstore/base/limits.h"
#include "eventstore/base/result.h"

namespace taus::schema {

struct DeepLimits {
  std::size_t list_items = limits::list_items_max;
  std::size_t text_bytes = limits::text_bytes_max;
  std::size_t data_bytes = limits::body_bytes_max;
  bool control_characters = false;  // allowed in texts
  bool nul = true;                  // allowed among them
  bool nothing_else = false;        // content that the schema does not name is malformed
  int depth = limits::nesting_levels_max;
};

Result<void> deep_check(capnp::AnyStruct::Reader message, capnp::StructSchema schema, const DeepLimits& limits = {});

// deep_check<api::Request>(reader)
template <class T>
Result<void> deep_check(typename T::Reader message, const DeepLimits& limits = {}) {
  return deep_check(capnp::AnyStruct::Reader(message), capnp::Schema::from<T>(), limits);
}

}  // namespace taus::schema
