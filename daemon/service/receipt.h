// A shred receipt as people and offline checkers read it: the public event as JSON, and the same as a signed note.
//
// Threads: the core thread. Format: docs/FORMAT.md "Receipts".
#pragma once

#include <string>

#include "daemon/service/core.h"

namespace taus::service {

// What any public event says, as JSON.
Result<std::string> public_json(schema::Event::Reader event);
Result<std::string> receipt_json(const Core& core, schema::Event::Reader event);
// A C2SP signed note: "taus-receipt/1", origin, position, the JSON; then the log key's signature.
std::string signed_receipt(const Core& core, Position position, const std::string& json);

}  // namespace taus::service
