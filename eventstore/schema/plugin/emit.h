// Writes the model as a C++ header of constexpr tables that includes nothing of capnp.
#pragma once

#include <string>

#include "eventstore/schema/plugin/model.h"

namespace taus::plugin {
std::string emit(const Model& model);
}  // namespace taus::plugin
