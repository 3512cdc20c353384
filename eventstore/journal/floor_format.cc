#include <algorithm>
#include <array>

#include "eventstore/base/check.h"
#include "eventstore/crypto/hash.h"
#include "eventstore/journal/floor.h"
#include "eventstore/journal/merkle.h"

namespace taus::journal {
namespace {

constexpr std::string_view magic = "TAUSFL1\n";
constexpr std::size_t frontier_max = 64;

enum class SlotState { blank, damaged, other_key, good };

struct Slot {
  SlotState state = SlotState::damaged;
  FloorState floor;
};

bool all_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

// What the frontier says must be what the root says, else the record is of no use as a starting point.
bool consistent(const FloorRecord& record) {
  const auto tree = MerkleTree::resume(record.size, record.frontier);
  return tree && tree->root() == record.root;
}

Slot decode_slot(ByteView bytes, int index, const crypto::PublicKey& key) {
  Slot out;
  if (all_zero(bytes)) {
    out.state = SlotState::blank;
    return out;
  }
  Reader r(bytes);
  if (text(r.raw(magic.size())) != magic) return out;
  const auto signer = r.array<32>();
  out.floor.sequence = r.u64();
  FloorRecord& record = out.floor.record;
  record.store_id = r.array<16>();
  record.incarnation = r.u32();
  record.kseq = r.u64();
  record.generation = r.u64();
  record.size = r.u64();
  record.root = r.array<32>();
  const std::size_t count = r.u8();
  if (count > frontier_max) return out;
  for (std::size_t i = 0; i < count; ++i) record.frontier.push_back(r.array<32>());
  const ByteView body = bytes.first(bytes.size() - r.remaining());
  const auto signature = r.array<64>();
  if (!r.ok() || !all_zero(r.raw(r.remaining()))) return out;
  if (!crypto::verify(signer, body, signature)) return out;
  if (signer != key) {
    out.state = SlotState::other_key;
    return out;
  }
  if (static_cast<int>(out.floor.sequence & 1) != index || out.floor.sequence == 0 || !consistent(record)) return out;
  out.state = SlotState::good;
  return out;
}

}  // namespace

Bytes encode_floor_slot(std::uint64_t sequence, const FloorRecord& record, const crypto::SigningKey& key) {
  TAUS_CHECK(record.frontier.size() <= frontier_max);
  Bytes out;
  out.reserve(floor_slot_bytes);
  Writer w(out);
  w.raw(magic).raw(key.public_key()).u64(sequence).raw(record.store_id).u32(record.incarnation);
  w.u64(record.kseq).u64(record.generation).u64(record.size).raw(record.root);
  w.u8(static_cast<std::uint8_t>(record.frontier.size()));
  for (const Hash32& node : record.frontier) w.raw(node);
  w.raw(key.sign(out));
  TAUS_CHECK(out.size() <= floor_slot_bytes);
  out.resize(floor_slot_bytes);
  return out;
}

Result<std::optional<FloorState>> decode_floor(ByteView file, const crypto::PublicKey& key) {
  if (file.size() != floor_file_bytes) {
    return Error(ErrorCode::corrupt, "the floor file has " + std::to_string(file.size()) +
                                         " bytes instead of 8192; it is damaged, restore it or ask the auditors");
  }
  const std::array<Slot, 2> slots = {decode_slot(file.first(floor_slot_bytes), 0, key),
                                     decode_slot(file.subspan(floor_slot_bytes), 1, key)};
  const FloorState* best = nullptr;
  for (const Slot& slot : slots) {
    if (slot.state == SlotState::good && (best == nullptr || slot.floor.sequence > best->sequence)) best = &slot.floor;
  }
  if (best != nullptr) return std::optional<FloorState>(*best);
  const auto any = [&](SlotState state) { return slots[0].state == state || slots[1].state == state; };
  if (any(SlotState::other_key)) {
    return Error(ErrorCode::tampered,
                 "the floor file is signed with another log key; give the key of this store, or find out who wrote it");
  }
  if (any(SlotState::damaged)) {
    return Error(ErrorCode::corrupt,
                 "no slot of the floor file carries a good signature; it is damaged, restore it or ask the auditors");
  }
  return std::optional<FloorState>();
}

}  // namespace taus::journal
