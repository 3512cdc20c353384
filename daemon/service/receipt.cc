#include "daemon/service/receipt.h"

#include <capnp/dynamic.h>

#include "eventstore/journal/checkpoint.h"
#include "eventstore/schema/json.h"

namespace taus::service {

Result<std::string> receipt_json(const Core& core, schema::Event::Reader event) {
  if (!event.isShredCompleted()) return Error(ErrorCode::not_found, "this public entry is no receipt", "/position");
  // Stream numbers are public in a receipt: they name nobody, and a checker needs them.
  static_cast<void>(core);
  return schema::write_json(capnp::DynamicStruct::Reader(event.getShredCompleted().getPublic()));
}

std::string signed_receipt(const Core& core, Position position, const std::string& json) {
  const journal::Journal& journal = core.store->journal();
  const std::string origin = journal::checkpoint_origin(journal.options().store_id, journal.options().incarnation);
  const std::string body = "taus-receipt/1\n" + origin + "\n" + std::to_string(position) + "\n" + json + "\n";
  return journal::sign_note(body, origin, *core.options.log_key);
}

}  // namespace taus::service
