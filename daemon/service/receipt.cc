#include "daemon/service/receipt.h"

#include <capnp/dynamic.h>

#include "eventstore/journal/checkpoint.h"
#include "eventstore/schema/json.h"

namespace taus::service {

Result<std::string> public_json(schema::Event::Reader event) {
  const capnp::DynamicStruct::Reader dynamic(event);
  KJ_IF_MAYBE (which, dynamic.which()) {
    const auto body = dynamic.get(*which);
    if (body.getType() == capnp::DynamicValue::STRUCT) {
      KJ_IF_MAYBE (field, body.as<capnp::DynamicStruct>().getSchema().findFieldByName("public")) {
        return schema::write_json(body.as<capnp::DynamicStruct>().get(*field).as<capnp::DynamicStruct>());
      }
    }
  }
  return Error(ErrorCode::corrupt, "a public entry of a kind that has no public content: run taus-verify");
}

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
