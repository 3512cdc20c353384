// A time that a counsellor offers: naming one. It is free while no appointment takes the counsellor's time.
//
// Threads: the core thread. Errors: not_found; slot_taken, and busy where what takes the time is being erased.
#pragma once

#include "daemon/service/core.h"

namespace taus::service {

struct SlotCase {
  const Subject* counsellor;
  const projections::SlotState* slot;
};

// "<counsellor>.<number>", as slotsList answers it.
Result<SlotCase> slot_named(const Core& core, std::string_view text);
// Whether no appointment takes the counsellor's time, leaving out one (when it is moved).
Result<void> check_not_taken(const Core& core, Ordinal counsellor, Instant start, Instant end,
                             const projections::CalendarRef& but);

}  // namespace taus::service
