// tausctl: one command, one call to tausd, one answer. What can be typed: tausctl_surface.cc.
#include <iostream>

#include <capnp/dynamic.h>
#include <capnp/message.h>
#include <kj/exception.h>

#include "daemon/protocol/exit_code.h"
#include "eventstore/base/check.h"
#include "eventstore/base/standard_files.h"
#include "eventstore/crypto/system_random.h"
#include "eventstore/schema/json.h"
#include "tools/client.h"
#include "tools/ical_writer.h"
#include "tools/package_files.h"
#include "tools/tausctl_follow.h"
#include "tools/tausctl_local.h"
#include "tools/tausctl_parse.h"
#include "tools/tausctl_print.h"
#include "tools/tausctl_request.h"
#include "tools/tausctl_socket.h"

namespace taus::tools {
namespace {

// What the shell is told: the sentence on standard error, with --json also the document on standard output. `verb` where the daemon refused
// what it was asked: what a document says wrong is pointed at as it stands there.
int refuse(bool json, const Error& error, const Verb* verb = nullptr) {
  std::cerr << "tausctl: " << printable(error.message, true);
  if (!error.pointer.empty())
    std::cerr << " (at " << printable(verb == nullptr ? error.pointer : place_typed(*verb, error.pointer)) << ")";
  std::cerr << "\n";
  if (json) {
    capnp::MallocMessageBuilder message;
    auto out = message.initRoot<api::Error>();
    out.setCode(std::string(to_string(error.code)));
    out.setMessage(error.message);
    if (!error.pointer.empty()) out.setPointer(error.pointer);
    std::cout << "{\"error\":" << schema::write_json(capnp::toDynamic(out.asReader())) << "}\n";
  }
  return protocol::exit_code(error.code);
}

// Some answers are done and yet not what was hoped for.
int code_of(api::Response::Reader response, capnp::DynamicValue::Reader result) {
  if (response.isAuditVerify() && !response.getAuditVerify().getOk()) return protocol::exit_code(ErrorCode::tampered);
  if (response.isKeysRotateRoot() && response.getKeysRotateRoot().getPending()) return protocol::exit_code(ErrorCode::busy);
  if (response.isKeysEscrow() && response.getKeysEscrow().getPending()) return protocol::exit_code(ErrorCode::busy);
  if (response.isRetentionRun() && response.getRetentionRun().getPending()) return protocol::exit_code(ErrorCode::busy);
  const auto dynamic = result.as<capnp::DynamicStruct>();
  if (dynamic.getSchema() == capnp::Schema::from<api::Ack>() && dynamic.as<api::Ack>().getPending())
    return protocol::exit_code(ErrorCode::busy);
  return 0;
}

Result<std::string> feed_of(Special special, api::Response::Reader response) {
  TAUS_TRY_ASSIGN(const Zone zone, Zone::load());
  const std::int64_t now = ms_of(SystemClock().now());
  const auto calendar = response.getCalendarShow();
  return special == Special::ics ? ical_events(zone, calendar, now) : ical_free_busy(zone, calendar, now);
}

Result<std::string> package_of(const Invocation& invocation, api::Package::Reader package) {
  crypto::SystemRandom random;
  TAUS_TRY_ASSIGN(const PackageWritten written,
                  write_package(package, invocation.value("--lang"), invocation.value("--out"), random));
  if (invocation.globals.json)
    return "{\"files\":" + std::to_string(written.files) + ",\"manifest\":\"" + written.manifest + "\"}\n";
  return (written.without_pdf.empty() ? "" : written.without_pdf + "\n") + "Wrote " + std::to_string(written.files) +
         " files. SHA-256 of the manifest, for 'rights decide --manifest':\n" + written.manifest + "\n";
}

Result<int> show(const Invocation& invocation, const std::string& method, api::Response::Reader response) {
  const Globals& globals = invocation.globals;
  const Special special = invocation.verb->special;
  const capnp::DynamicStruct::Reader dynamic(response);
  KJ_IF_MAYBE (field, dynamic.which()) {
    if (field->getProto().getName() != method.c_str())
      return Error(ErrorCode::io, "The daemon answered another method than was asked.");
    const capnp::DynamicValue::Reader result = dynamic.get(*field);
    if (special == Special::package) {
      TAUS_TRY_ASSIGN(const std::string text, package_of(invocation, response.getRightsPackage()));
      std::cout << text;
    } else if (globals.json) {
      std::cout << schema::write_json(result.as<capnp::DynamicStruct>()) << "\n";
    } else if (is_feed(special)) {
      TAUS_TRY_ASSIGN(const std::string feed, feed_of(special, response));
      std::cout << feed;
    } else {
      TAUS_TRY_ASSIGN(const Times times, Times::load());
      std::cout << for_people(times, method, response);
    }
    return code_of(response, result);
  }
  return Error(ErrorCode::io, "The daemon answered with something newer than this tausctl understands.");
}

// A command that got lost on the way must be repeatable without harm: it has an id even where nobody gave one.
std::string fresh_request_id() {
  crypto::SystemRandom random;
  ByteArray<16> bytes{};
  random.fill(bytes);
  return to_base32(bytes);
}

Result<int> ask(const Invocation& invocation) {
  capnp::MallocMessageBuilder message;
  auto request = message.initRoot<api::Request>();
  TAUS_TRY_ASSIGN(const std::string method, build_request(invocation, request));
  if (is_command(method) && !request.hasRequestId()) request.setRequestId(fresh_request_id());
  TAUS_TRY_ASSIGN(Client client, Client::connect(socket_for(invocation.globals, method)));
  auto reply = client.call(message);
  if (!reply) {
    if (is_command(method))
      std::cerr << "tausctl: the command may or may not have happened; repeat it with --request-id "
                << request.getRequestId().cStr() << "\n";
    return reply.error();
  }
  const auto response = (*reply)->get();
  if (response.isError()) return refuse(invocation.globals.json, error_of(response.getError()), invocation.verb);
  return show(invocation, method, response);
}

// A script that lost the answer must not take it for given.
int flushed(int code) {
  if (std::cout.flush()) return code;
  std::cerr << "tausctl: cannot write the answer to standard output; what was asked for has happened\n";
  return protocol::exit_code(ErrorCode::io);
}

int run(const Invocation& invocation) {
  if (*invocation.verb->method == '\0' && invocation.verb->special != Special::call) {
    auto text = run_local(invocation);
    if (!text) return refuse(invocation.globals.json, text.error());
    std::cout << *text;
    return flushed(0);
  }
  try {
    auto code = invocation.verb->special == Special::follow ? follow(invocation) : ask(invocation);
    if (!code) return refuse(invocation.globals.json, code.error());
    return flushed(*code);
  } catch (const kj::Exception&) {
    return refuse(invocation.globals.json, Error(ErrorCode::io, "The reply is not of this protocol."));
  }
}

int main_of(int argc, const char* const* argv) {
  const Parsed parsed = parse_command_line(argc, argv);
  if (parsed.error) return refuse(parsed.json, *parsed.error);
  if (parsed.invocation) return run(*parsed.invocation);
  return std::cout.flush() ? 0 : protocol::exit_code(ErrorCode::io);  // help was shown
}

}  // namespace
}  // namespace taus::tools

int main(int argc, char** argv) {
  taus::open_missing_standard_files();
  return taus::tools::main_of(argc, argv);
}
