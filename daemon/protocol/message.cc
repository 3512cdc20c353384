#include "daemon/protocol/message.h"

#include <capnp/dynamic.h>
#include <capnp/message.h>
#include <kj/exception.h>

#include <limits>
#include <vector>

#include "daemon/protocol/frame.h"
#include "eventstore/base/limits.h"

namespace taus::protocol {
namespace {

using Segments = std::vector<kj::ArrayPtr<const capnp::word>>;

Result<Segments> words_of(ByteView frame) {
  TAUS_CHECK(reinterpret_cast<std::uintptr_t>(frame.data()) % sizeof(capnp::word) == 0);
  TAUS_TRY_ASSIGN(const std::vector<ByteView> segments, segments_of(frame));
  Segments words;
  for (const ByteView s : segments) {
    words.emplace_back(reinterpret_cast<const capnp::word*>(s.data()), s.size() / sizeof(capnp::word));
  }
  return words;
}

// Twice its own length is what a message without shared or overlapping pointers needs; more is an amplification attack.
capnp::ReaderOptions options_for(ByteView frame) {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = 2 * (frame.size() / sizeof(capnp::word)) + 64;
  options.nestingLimit = limits::nesting_levels_max;
  return options;
}

kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> as_array(const Segments& s) { return {s.data(), s.size()}; }

// The one place where an exception of Cap'n Proto becomes a value. Its text may quote the peer and is dropped.
template <class F>
Result<void> catching(F&& f) {
  try {
    return f();
  } catch (const kj::Exception&) {
    return Error(ErrorCode::malformed, "message whose pointers or types do not fit the schema");
  }
}

bool continuation(std::uint8_t b) { return (b & 0xc0U) == 0x80U; }

// Length of the UTF-8 sequence at the front, 0 where it is none. RFC 3629: no overlong forms, no surrogates, no NUL.
std::size_t utf8_length(ByteView s) {
  const std::uint8_t a = s[0];
  if (a < 0x80) return a == 0 ? 0 : 1;
  if (a >= 0xc2 && a <= 0xdf) return s.size() >= 2 && continuation(s[1]) ? 2 : 0;
  if (a >= 0xe0 && a <= 0xef) {
    if (s.size() < 3 || !continuation(s[1]) || !continuation(s[2])) return 0;
    if ((a == 0xe0 && s[1] < 0xa0) || (a == 0xed && s[1] > 0x9f)) return 0;
    return 3;
  }
  if (a >= 0xf0 && a <= 0xf4) {
    if (s.size() < 4 || !continuation(s[1]) || !continuation(s[2]) || !continuation(s[3])) return 0;
    if ((a == 0xf0 && s[1] < 0x90) || (a == 0xf4 && s[1] > 0x8f)) return 0;
    return 4;
  }
  return 0;
}

std::optional<Error> check_text(capnp::Text::Reader text) {
  if (text.size() > limits::body_bytes_max) return Error(ErrorCode::too_large, "text longer than any field allows; shorten it");
  ByteView rest = view(std::string_view(text.begin(), text.size()));
  while (!rest.empty()) {
    const std::size_t length = utf8_length(rest);
    if (length == 0) return Error(ErrorCode::invalid_argument, "text that is not UTF-8 or holds a NUL; send UTF-8");
    rest = rest.subspan(length);
  }
  return std::nullopt;
}

std::optional<Error> check_struct(capnp::DynamicStruct::Reader reader);

std::optional<Error> check_value(const capnp::DynamicValue::Reader& value) {
  switch (value.getType()) {
    case capnp::DynamicValue::TEXT: return check_text(value.as<capnp::Text>());
    case capnp::DynamicValue::STRUCT: return check_struct(value.as<capnp::DynamicStruct>());
    case capnp::DynamicValue::ENUM: {
      const auto known = value.as<capnp::DynamicEnum>().getEnumerant();
      if (known == nullptr) return Error(ErrorCode::invalid_argument, "value of an enumeration that this version does not know");
      return std::nullopt;
    }
    case capnp::DynamicValue::LIST: {
      const auto list = value.as<capnp::DynamicList>();
      if (list.size() > limits::list_items_max) return Error(ErrorCode::too_large, "list of more than 64 items; shorten it");
      for (unsigned i = 0; i < list.size(); ++i) {
        if (auto error = check_value(list[i])) {
          error->pointer = "/" + std::to_string(i) + error->pointer;
          return error;
        }
      }
      return std::nullopt;
    }
    default: return std::nullopt;
  }
}

std::optional<Error> check_field(capnp::DynamicStruct::Reader reader, capnp::StructSchema::Field field) {
  if (!reader.has(field)) return std::nullopt;
  auto error = check_value(reader.get(field));
  if (error) error->pointer = "/" + std::string(field.getProto().getName().cStr()) + error->pointer;
  return error;
}

std::optional<Error> check_struct(capnp::DynamicStruct::Reader reader) {
  for (const auto field : reader.getSchema().getNonUnionFields()) {
    if (auto error = check_field(reader, field)) return error;
  }
  // A method's name is no part of a pointer: pointers start at its parameters, as those of the service do.
  KJ_IF_MAYBE(active, reader.which()) {
    if (reader.has(*active)) return check_value(reader.get(*active));
  }
  return std::nullopt;
}

std::optional<Error> check_method(api::Request::Reader request) {
  const capnp::DynamicStruct::Reader dynamic(request);
  if (dynamic.which() == nullptr || request.isNone()) {
    return Error(ErrorCode::invalid_argument, "request without a method that this version knows; see docs/PROTOCOL.md");
  }
  return std::nullopt;
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
    if (!checked.refusal) checked.refusal = check_struct(request);
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
