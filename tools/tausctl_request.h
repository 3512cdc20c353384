// From words to a request of the API, by the schema: which method, which parameters, of what type.
//
// Threads: pure, but for the reading of the file or standard input that an argument names.
// Errors:  invalid_argument, with the option's name in the sentence or the JSON pointer in `pointer`; not_found: no such file.
#pragma once

#include <string>
#include <string_view>

#include <capnp/dynamic.h>
#include <capnp/message.h>

#include "daemon/protocol/api.capnp.h"
#include "eventstore/base/result.h"
#include "tools/tausctl_parse.h"

namespace taus::tools {

// How often an argument takes a value on the command line.
enum class Shape : unsigned char { one, list, flag };
Shape shape_of(std::string_view method, std::string_view field);
bool has_field(std::string_view method, std::string_view field);
// What a document of the method may hold: "order, focus, consent {notice, act}". Without what `verb` takes by place or option.
std::string document_fields(const Verb& verb);
// What a refusal points at, as whoever typed this verb knows it: the argument or option that filled the field; else the pointer.
std::string place_typed(const Verb& verb, const std::string& pointer);
// Whether the method changes anything: only then it has a request id.
bool is_command(std::string_view method);

// Fills `request` with method and parameters; the name of the method called.
Result<std::string> build_request(const Invocation& invocation, api::Request::Builder request);

// What the daemon refused.
Error error_of(api::Error::Reader refusal);

// The whole of a file, or of standard input for "-".
Result<std::string> read_document(const std::string& path, std::size_t bytes_max);

}  // namespace taus::tools
