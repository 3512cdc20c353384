// Any text to the JSON reader: it must answer, and what it accepts must be written and read back to the same.
#include <cstdint>
#include <string>
#include <string_view>

#include <capnp/message.h>

#include "daemon/protocol/api.capnp.h"
#include "eventstore/base/check.h"
#include "eventstore/schema/deep_check.h"
#include "eventstore/schema/json.h"
#include "eventstore/schema/json_lexer.h"
#include "eventstore/schema/text_check.h"

namespace {

using taus::api::Request;

taus::schema::JsonHooks hooks() {
  taus::schema::JsonHooks out;
  out.parse_reference = [](std::string_view text) -> taus::Result<std::uint64_t> { return text.size() + 1; };
  out.write_reference = [](std::uint64_t ordinal) { return std::string(ordinal % 100, 'x'); };
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  capnp::MallocMessageBuilder first;
  const auto done = taus::schema::read_json(text, first.initRoot<Request>(), hooks());
  if (!done) {
    TAUS_CHECK(!done.error().message.empty());
    TAUS_CHECK(taus::schema::valid_utf8(done.error().message + done.error().pointer));
    return 0;
  }
  TAUS_CHECK(taus::schema::well_formed_json(text));
  TAUS_CHECK(taus::schema::deep_check<Request>(first.getRoot<Request>().asReader(), {.control_characters = true}));
  const std::string once = taus::schema::write_json(first.getRoot<Request>().asReader(), hooks());
  capnp::MallocMessageBuilder second;
  TAUS_CHECK(taus::schema::read_json(once, second.initRoot<Request>(), hooks()));
  TAUS_CHECK(taus::schema::write_json(second.getRoot<Request>().asReader(), hooks()) == once);
  return 0;
}
