#include "eventstore/vault/root_record.h"

#include "eventstore/crypto/hash.h"

namespace taus::vault {
namespace {

constexpr std::string_view magic("TAUSRT1\0", 8);

ByteArray<16> check_of(ByteView record) {
  ByteArray<16> out{};
  crypto::blake2b_keyed(out, view("taus/root/1"), {record});
  return out;
}

}  // namespace

std::string_view to_string(Tier tier) noexcept {
  switch (tier) {
    case Tier::logical: return "L";
    case Tier::physical: return "P";
    case Tier::none: break;
  }
  return "none";
}

Bytes encode(const RootRecord& record) {
  Bytes out;
  out.reserve(root_record_bytes);
  Writer w(out);
  w.raw(magic).raw(record.store_id).u64(record.generation).raw(record.top_version);
  w.raw(record.root.view()).raw(record.escrow.view());
  const auto check = check_of(out);
  w.raw(check);
  TAUS_CHECK(out.size() == root_record_bytes);
  return out;
}

std::optional<RootRecord> decode_root_record(ByteView bytes) {
  if (bytes.size() != root_record_bytes) return std::nullopt;
  const auto check = check_of(bytes.first(root_record_bytes - 16));
  if (!crypto::equal(check, bytes.last(16))) return std::nullopt;
  Reader r(bytes);
  if (text(r.raw(magic.size())) != magic) return std::nullopt;
  RootRecord record;
  record.store_id = r.array<16>();
  record.generation = r.u64();
  record.top_version = r.array<8>();
  record.root = crypto::Key(r.raw(crypto::Key::size));
  record.escrow = crypto::Key(r.raw(crypto::Key::size));
  return record;
}

}  // namespace taus::vault
