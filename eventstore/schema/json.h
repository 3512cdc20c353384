// JSON for any message of our schemas, by the schema alone; the same for the API, the CLI and the access package.
//
// What:    read_json fills a message from JSON text and refuses everything that is not exactly what the schema says; write_json writes every
//          field of a message. Field names as in the schema. null: absent.
//            Int64 $time        RFC 3339 text         UInt64 $reference   opaque id, by the hook
//            number $nullable   null for its default  Text $json          embedded JSON
//            enum               its name; `absent`: null
//            Data               lower-case hexadecimal
//            List               always an array       union               the one member that is set, as a member of the object
// Threads: any; pure but for the hooks.
// Errors:  malformed: not JSON, not UTF-8, a duplicate key; invalid_argument: another type, an unknown field or name, out of range;
//          too_large: limits::json_bytes_max, json_depth_max, list_items_max, text_bytes_max. The pointer (RFC 6901) names the place; of
//          what was sent only the name of an unknown field is repeated, cut to 64 bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <capnp/dynamic.h>

#include "eventstore/base/result.h"

namespace taus::schema {

struct JsonHooks {
  // A time given as text; without: RFC 3339 with an offset (time_text.h).
  std::function<Result<std::int64_t>(std::string_view)> parse_time;
  // Opaque ids. Without: none can be read, and null is written, so that an ordinal never leaves by mistake.
  std::function<Result<std::uint64_t>(std::string_view)> parse_reference;
  std::function<std::string(std::uint64_t)> write_reference;
};

// After an error `into` is half filled: throw it away.
Result<void> read_json(std::string_view text, capnp::DynamicStruct::Builder into, const JsonHooks& hooks = {});

// `from` was made in this process or passed deep_check.
std::string write_json(capnp::DynamicStruct::Reader from, const JsonHooks& hooks = {});

}  // namespace taus::schema
