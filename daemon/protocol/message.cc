#include "daemon/protocol/message.h"

#include <array>
#include <limits>

#include <capnp/dynamic.h>
#include <capnp/message.h>
#include <kj/exception.h>

#include "daemon/protocol/frame.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/deep_check.h"

namespace taus::protocol {
namespace {

struct Segments {
  std::array<kj::ArrayPtr<const capnp::word>, limits::frame_segments_max> list;
  std::size_t count = 0;
};

Result<Segments> words_of(ByteView frame) {
  TAUS_CHECK(reinterpret_cast<std::uintptr_t>(frame.data()) % sizeof(capnp::word) == 0);
  Segments words;
  TAUS_TRY(each_segment(frame, [&](ByteView s) {
    words.list[words.count++] = kj::arrayPtr(reinterpret_cast<const capnp::word*>(s.data()), s.size() / sizeof(capnp::word));
  }));
  return words;
}

// Twice its own length is what a message without shared or overlapping pointers needs; more is an amplification attack.
capnp::ReaderOptions options_for(ByteView frame) {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = 2 * (frame.size() / sizeof(capnp::word)) + 64;
  options.nestingLimit = limits::nesting_levels_max;
  return options;
}

kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> as_array(const Segments& s) { return {s.list.data(), s.count}; }

// The one place where an exception of Cap'n Proto becomes a value. Its text may quote the peer and is dropped.
template <class F>
Result<void> catching(F&& f) {
  try {
    return f();
  } catch (const kj::Exception&) {
    return Error(ErrorCode::malformed, "message whose pointers or types do not fit the schema");
  }
}

constexpr schema::DeepLimits request_limits{.text_bytes = limits::body_bytes_max, .control_characters = true, .nul = false};

// A method's name is no part of a pointer: pointers start at its parameters, as those of the service do.
Error without_method(Error error, api::Request::Reader request) {
  KJ_IF_MAYBE (method, capnp::DynamicStruct::Reader(request).which()) {
    const std::string name = "/" + std::string(method->getProto().getName().cStr());
    if (error.pointer == name || error.pointer.starts_with(name + "/")) error.pointer.erase(0, name.size());
  }
  return error;
}

std::optional<Error> check_method(api::Request::Reader request) {
  const capnp::DynamicStruct::Reader dynamic(request);
  if (dynamic.which() == nullptr || request.isNone()) {
    return Error(ErrorCode::invalid_argument, "request without a method that this version knows; see docs/PROTOCOL.md");
  }
  return std::nullopt;
}

// On the core thread, that is; the reading of the history beside it keeps nobody waiting.
bool reads_everything(api::Request::Which method) {
  switch (method) {
    case api::Request::AUDIT_REPLAY:
    case api::Request::RETENTION_PLAN:
    case api::Request::STATS_SHOW:
    case api::Request::STATS_EXPORT:
    case api::Request::MATCH_LIST: return true;
    default: return false;
  }
}

}  // namespace

Result<CheckedRequest> check_request(ByteView frame) {
  TAUS_TRY_ASSIGN(const Segments segments, words_of(frame));
  CheckedRequest checked;
  TAUS_TRY(catching([&]() -> Result<void> {
    capnp::SegmentArrayMessageReader message(as_array(segments), options_for(frame));
    const auto request = message.getRoot<api::Request>();
    checked.id = request.getId();
    checked.refusal = check_method(request);
    if (checked.refusal) return {};
    checked.reads_everything = reads_everything(request.which());
    const Result<void> deep = schema::deep_check<api::Request>(request, request_limits);
    if (deep) return {};
    if (deep.error().code == ErrorCode::malformed) return deep.error();
    checked.refusal = without_method(deep.error(), request);
    return {};
  }));
  // What the schema does not name, a later version's fields, is bounded by a walk of its own.
  TAUS_TRY(catching([&]() -> Result<void> {
    capnp::SegmentArrayMessageReader message(as_array(segments), options_for(frame));
    static_cast<void>(message.getRoot<api::Request>().totalSize());
    return {};
  }));
  return checked;
}

struct RequestReader::State {
  Segments segments;
  std::optional<capnp::SegmentArrayMessageReader> message;
};

RequestReader::RequestReader(ByteView frame) : state_(std::make_unique<State>()) {
  state_->segments = words_of(frame).value();
  // The check has bounded the walk; reading one field several times is no attack.
  capnp::ReaderOptions options = options_for(frame);
  options.traversalLimitInWords = std::numeric_limits<std::uint64_t>::max() / 2;
  state_->message.emplace(as_array(state_->segments), options);
}

RequestReader::~RequestReader() = default;

api::Request::Reader RequestReader::root() const { return state_->message->getRoot<api::Request>(); }

Result<void> open_response(ByteView frame, const std::function<Result<void>(api::Response::Reader)>& use) {
  TAUS_TRY_ASSIGN(const Segments segments, words_of(frame));
  return catching([&]() -> Result<void> {
    capnp::ReaderOptions options = options_for(frame);
    options.traversalLimitInWords *= 8;  // a client may look at a reply more than once
    options.nestingLimit = 64;
    capnp::SegmentArrayMessageReader message(as_array(segments), options);
    return use(message.getRoot<api::Response>());
  });
}

Bytes encode(capnp::MessageBuilder& message) {
  const auto segments = message.getSegmentsForOutput();
  TAUS_CHECK(segments.size() >= 1 && segments.size() <= limits::frame_segments_max);
  std::size_t bytes = 16 + 4 * segments.size();
  for (const auto& s : segments) bytes += s.asBytes().size();
  Bytes frame;
  frame.reserve(bytes);
  Writer out(frame);
  out.u32(static_cast<std::uint32_t>(segments.size() - 1));
  for (const auto& s : segments) out.u32(static_cast<std::uint32_t>(s.size()));
  if (segments.size() % 2 == 0) out.u32(0);
  for (const auto& s : segments) out.raw(ByteView(s.asBytes().begin(), s.asBytes().size()));
  return frame;
}

Bytes error_frame(std::uint64_t id, const Error& error) {
  capnp::MallocMessageBuilder message(128);
  auto response = message.initRoot<api::Response>();
  response.setId(id);
  auto e = response.initError();
  e.setCode(std::string(to_string(error.code)));
  e.setMessage(error.message);
  e.setPointer(error.pointer);
  return encode(message);
}

}  // namespace taus::protocol
