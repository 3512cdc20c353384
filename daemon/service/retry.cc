#include "daemon/service/retry.h"

#include <algorithm>

#include <capnp/any.h>
#include <capnp/dynamic.h>
#include <capnp/message.h>
#include <capnp/schema.h>
#include <capnp/serialize.h>

#include "eventstore/crypto/hash.h"

namespace taus::service {

namespace {

// Whom the request names by an id: its subject, and with a match the one that the subject becomes part of.
std::vector<std::string> subjects_named(api::Request::Reader request) {
  std::vector<std::string> out;
  const capnp::DynamicStruct::Reader all(request);
  KJ_IF_MAYBE (method, all.which()) {
    if (!method->getType().isStruct()) return out;
    const auto asked = all.get(*method).as<capnp::DynamicStruct>();
    for (const char* const name : {"subject", "existing"}) {
      KJ_IF_MAYBE (field, asked.getSchema().findFieldByName(name))
        if (field->getType().isText() && asked.has(*field)) out.emplace_back(asked.get(*field).as<capnp::Text>().cStr());
    }
  }
  return out;
}

}  // namespace

bool may_be_retry_of(const Core& core, const Call& call, const std::vector<Ordinal>& streams, schema::Head::Reader before) {
  if (before.getCommand() != static_cast<std::uint16_t>(call.request.which())) return false;
  if (before.getActorKind() != call.actor.kind || before.getActor() != call.actor.staff) return false;
  const std::vector<std::string> named = subjects_named(call.request);
  return named.empty() || std::any_of(named.begin(), named.end(), [&](const std::string& one) {
           const std::optional<Ordinal> ordinal = core.store->ordinal_of(one);
           return ordinal && std::find(streams.begin(), streams.end(), *ordinal) != streams.end();
         });
}

RequestHash hash_of(api::Request::Reader request) {
  static const std::size_t at_least =
      8 * std::size_t{capnp::Schema::from<api::Request>().getFieldByName("atLeast").getProto().getSlot().getOffset()};
  // Canonical: the root's pointer, which says how long its data is, the data, then all that has a length of its own.
  Bytes words(8 * (static_cast<std::size_t>(request.totalSize().wordCount) + 1));  // zeroed, as the builder demands
  capnp::FlatMessageBuilder message(kj::arrayPtr(reinterpret_cast<capnp::word*>(words.data()), words.size() / 8));
  message.initRoot<capnp::AnyPointer>().setCanonicalAs<api::Request>(request);
  const std::span all = std::span(words).first(8 * message.getSegmentsForOutput()[0].size());
  const std::size_t data_bytes = 8 * (std::size_t{all[4]} | std::size_t{all[5]} << 8);
  const ByteView rest = all.subspan(8 + data_bytes);
  std::span data = all.subspan(8, data_bytes);
  for (const std::size_t field : {std::size_t{0}, at_least})  // the id, and what a retry may wait for
    if (field < data.size()) std::fill_n(data.begin() + static_cast<std::ptrdiff_t>(field), 8, std::uint8_t{0});
  while (!data.empty() && data.back() == 0) data = data.first(data.size() - 1);  // as canonical form does, word by word or not
  const auto size = static_cast<std::uint8_t>(data.size());
  const Hash32 full = crypto::sha256({{&size, 1}, data, rest});
  RequestHash out;
  std::copy_n(full.begin(), out.size(), out.begin());
  return out;
}

}  // namespace taus::service
