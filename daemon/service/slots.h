// A time that a counsellor offers: naming one. It is free while no appointment takes the counsellor's time.
//
// Threads: the core thread. Errors: not_found.
#pragma once

#include "daemon/service/core.h"

namespace taus::service {

struct SlotCase {
  const Subject* counsellor;
  const projections::SlotState* slot;
};

// "<counsellor>.<number>", as slotsList answers it.
Result<SlotCase> slot_named(const Core& core, std::string_view text);

}  // namespace taus::service
