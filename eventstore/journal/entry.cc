#include "eventstore/journal/entry.h"

#include <algorithm>
#include <bit>

#include "eventstore/base/check.h"
#include "eventstore/base/limits.h"
#include "eventstore/crypto/aead.h"
#include "eventstore/crypto/hash.h"

namespace taus::journal {
namespace {

constexpr std::uint8_t leaf_prefix = 0;
constexpr std::uint8_t pad_marker = 0x80;
constexpr std::size_t padded_bytes_min = 256;
constexpr Slot sealed_slots = 16;
constexpr std::size_t leaf_head_bytes = 1 + 16 + 4 + 8 + 8 + 8 + 1;
constexpr std::size_t leaf_part_bytes = 1 + 4 + 24 + 32 + 32;
constexpr std::size_t context_bytes = 1 + 16 + 4 + 8 + 8 + 1 + 1 + 1 + 4 + 24;

template <std::size_t N>
bool zero(const ByteArray<N>& bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

// A sealed part has a slot of the node and an epoch; a public one has nothing but its hash.
bool well_formed(const PartRef& part) {
  if (part.slot == public_slot) return part.epoch == 0 && zero(part.nonce) && zero(part.commitment);
  return part.slot < sealed_slots && part.epoch > 0;
}

struct PartKeys {
  crypto::Key encryption;
  ByteArray<32> commitment;
};

PartKeys derive(const crypto::Key& key, ByteView context) {
  static constexpr std::string_view label = "taus/evt/1";
  const Hash32 context_hash = crypto::blake2b_256({context});
  ByteArray<64> okm = crypto::blake2b<64>(key, {view(label), context_hash});
  PartKeys out{crypto::Key(ByteView(okm).first(32)), {}};
  std::copy(okm.begin() + 32, okm.end(), out.commitment.begin());
  crypto::wipe(okm);
  return out;
}

// A context with its nonce, and what is sealed under it is bound to: the same and the commitment.
struct Binding {
  ByteArray<context_bytes + 32> bytes{};
  Binding(const PartContext& context, const Nonce24& nonce) {
    RoomWriter w(bytes);
    w.u8(format_version).raw(context.store_id).u32(context.incarnation).u64(context.stream).u64(context.version);
    w.u8(context.part_count).u8(context.part_index).u8(context.slot).u32(context.epoch).raw(nonce);
  }
  [[nodiscard]] ByteView context() const { return ByteView(bytes).first(context_bytes); }
  void set_nonce(const Nonce24& nonce) { std::copy(nonce.begin(), nonce.end(), bytes.begin() + context_bytes - 24); }
  ByteView with(const ByteArray<32>& commitment) {
    std::copy(commitment.begin(), commitment.end(), bytes.begin() + context_bytes);
    return bytes;
  }
};

Error tampered(const char* what) {
  return {ErrorCode::tampered, std::string("a part of the journal was changed: ") + what + "; run taus-verify on the store"};
}

// How much of it is text.
Result<std::size_t> unpadded(ByteView padded) {
  std::size_t size = padded.size();
  while (size > 0 && padded[size - 1] == 0) --size;
  if (size == 0 || padded[size - 1] != pad_marker || padded_bytes(size - 1) != padded.size())
    return tampered("its padding does not fit");
  return size - 1;
}

}  // namespace

ByteArray<8> leaf_row_name(Position position) {
  ByteArray<8> out{};
  RoomWriter(out).u64_big(position);
  return out;
}

ByteArray<9> part_row_name(Position position, std::uint8_t index) {
  ByteArray<9> out{};
  RoomWriter(out).u64_big(position).u8(index);
  return out;
}

Bytes leaf_row_key(Position position) {
  const auto name = leaf_row_name(position);
  return {name.begin(), name.end()};
}

Bytes part_row_key(Position position, std::uint8_t index) {
  const auto name = part_row_name(position, index);
  return {name.begin(), name.end()};
}

std::size_t leaf_bytes(std::size_t parts) { return leaf_head_bytes + parts * leaf_part_bytes; }

Bytes encode(const Leaf& leaf) {
  Bytes out(leaf_bytes(leaf.parts.size()));
  encode_into(out, leaf);
  return out;
}

void encode_into(std::span<std::uint8_t> room, const Leaf& leaf) {
  TAUS_CHECK(!leaf.parts.empty() && leaf.parts.size() <= limits::parts_per_event_max);
  RoomWriter w(room);
  w.u8(format_version).raw(leaf.store_id).u32(leaf.incarnation).u64(leaf.position).u64(leaf.stream).u64(leaf.version);
  w.u8(static_cast<std::uint8_t>(leaf.parts.size()));
  for (const PartRef& part : leaf.parts) {
    TAUS_CHECK(well_formed(part));
    w.u8(part.slot).u32(part.epoch).raw(part.nonce).raw(part.commitment).raw(part.content_hash);
  }
  TAUS_CHECK(w.full());
}

Result<Leaf> decode_leaf(ByteView bytes) {
  Reader r(bytes);
  const std::uint8_t format = r.u8();
  if (!r.ok()) return Error(ErrorCode::malformed, "a leaf is empty");
  if (format != format_version) {
    return Error(ErrorCode::malformed,
                 "a leaf has format " + std::to_string(format) + ", this program reads format 1; upgrade it");
  }
  Leaf leaf;
  leaf.store_id = r.array<16>();
  leaf.incarnation = r.u32();
  leaf.position = r.u64();
  leaf.stream = r.u64();
  leaf.version = r.u64();
  const std::size_t count = r.u8();
  if (!r.ok() || r.remaining() != count * leaf_part_bytes) return Error(ErrorCode::malformed, "a leaf has a wrong length");
  if (count == 0 || count > limits::parts_per_event_max) {
    return Error(ErrorCode::malformed, "a leaf has " + std::to_string(count) + " parts, allowed are 1 to 16");
  }
  if (leaf.version == 0) return Error(ErrorCode::malformed, "a leaf has version 0, versions begin at 1");
  for (std::size_t i = 0; i < count; ++i) {
    PartRef part;
    part.slot = r.u8();
    part.epoch = r.u32();
    part.nonce = r.array<24>();
    part.commitment = r.array<32>();
    part.content_hash = r.array<32>();
    if (!well_formed(part))
      return Error(ErrorCode::malformed, "a leaf has a part whose slot, epoch, nonce or commitment is impossible");
    leaf.parts.push_back(part);
  }
  return leaf;
}

Hash32 leaf_hash(ByteView leaf_bytes) { return crypto::sha256({{&leaf_prefix, 1}, leaf_bytes}); }

Bytes encode(const PartContext& context, const Nonce24& nonce) {
  const Binding binding(context, nonce);
  return {binding.context().begin(), binding.context().end()};
}

std::size_t padded_bytes(std::size_t plaintext_bytes) {
  const std::size_t size = plaintext_bytes + 1;  // the marker
  if (size <= padded_bytes_min) return padded_bytes_min;
  const auto exponent = static_cast<unsigned>(std::bit_width(size)) - 1;
  const auto significant = static_cast<unsigned>(std::bit_width(exponent));
  const std::size_t mask = (std::size_t{1} << (exponent - significant)) - 1;
  return (size + mask) & ~mask;
}

Nonce24 NonceSeed::nonce(ByteView where, ByteView plaintext) const {
  const Hash32 whole = crypto::sha256({fresh_, where, plaintext});
  Nonce24 out;
  std::copy_n(whole.begin(), out.size(), out.begin());
  return out;
}

std::size_t sealed_bytes(std::size_t plaintext_bytes) { return padded_bytes(plaintext_bytes) + crypto::aead_tag_bytes; }

PartRef seal_into(std::span<std::uint8_t> room, const crypto::Key& key, const PartContext& context, ByteView plaintext,
                  const NonceSeed& seed) {
  TAUS_CHECK(context.slot < sealed_slots && context.epoch > 0 && context.part_index < context.part_count);
  TAUS_CHECK(plaintext.size() <= limits::part_bytes_max && room.size() == sealed_bytes(plaintext.size()));
  PartRef ref{.slot = context.slot, .epoch = context.epoch};
  Binding binding(context, {});
  ref.nonce = seed.nonce(binding.context(), plaintext);
  binding.set_nonce(ref.nonce);
  const PartKeys keys = derive(key, binding.context());
  ref.commitment = keys.commitment;
  const auto end = std::copy(plaintext.begin(), plaintext.end(), room.begin());
  *end = pad_marker;
  std::fill(end + 1, room.end(), std::uint8_t{0});
  crypto::aead_seal_in_place(keys.encryption, ref.nonce, binding.with(keys.commitment), room);
  ref.content_hash = crypto::blake2b_256({room});
  return ref;
}

PartRef public_into(std::span<std::uint8_t> room, ByteView plaintext) {
  TAUS_CHECK(plaintext.size() <= limits::part_bytes_max && room.size() == plaintext.size());
  std::copy(plaintext.begin(), plaintext.end(), room.begin());
  return {.slot = public_slot, .content_hash = crypto::blake2b_256({room})};
}

SealedPart seal_part(const crypto::Key& key, const PartContext& context, ByteView plaintext, Random& random) {
  TAUS_CHECK(plaintext.size() <= limits::part_bytes_max);
  SealedPart out;
  out.bytes.resize(sealed_bytes(plaintext.size()));
  out.ref = seal_into(out.bytes, key, context, plaintext, NonceSeed(random));
  return out;
}

SealedPart public_part(ByteView plaintext) {
  TAUS_CHECK(plaintext.size() <= limits::part_bytes_max);
  SealedPart out;
  out.bytes.resize(plaintext.size());
  out.ref = public_into(out.bytes, plaintext);
  return out;
}

Result<ByteView> open_into(Arena& to, const crypto::Key& key, const PartContext& context, const PartRef& ref, ByteView stored) {
  if (ref.slot >= sealed_slots || ref.slot != context.slot || ref.epoch != context.epoch) {
    return tampered("it belongs to another slot or epoch");
  }
  if (!crypto::equal(crypto::blake2b_256({stored}), ref.content_hash)) return tampered("its bytes do not fit its leaf");
  Binding binding(context, ref.nonce);
  const PartKeys keys = derive(key, binding.context());
#ifndef TAUS_PLANT_COMMITMENT_NOT_CHECKED
  if (!crypto::equal(keys.commitment, ref.commitment)) return tampered("it was sealed with another key or in another place");
#endif
  if (stored.size() < crypto::aead_tag_bytes) return tampered("its seal is broken");
  const std::span<std::uint8_t> room = to.room(stored.size() - crypto::aead_tag_bytes);
  if (!crypto::aead_open_into(room, keys.encryption, ref.nonce, binding.with(ref.commitment), stored))
    return tampered("its seal is broken");
  TAUS_TRY_ASSIGN(const std::size_t size, unpadded(room));
  return ByteView(room).first(size);
}

Result<ByteView> open_public_into(Arena& to, const PartRef& ref, ByteView stored) {
  if (ref.slot != public_slot || !well_formed(ref)) return tampered("it is not a public part");
  if (!crypto::equal(crypto::blake2b_256({stored}), ref.content_hash)) return tampered("its bytes do not fit its leaf");
  return to.keep(stored);
}

Result<Bytes> open_part(const crypto::Key& key, const PartContext& context, const PartRef& ref, ByteView stored) {
  Arena room;
  TAUS_TRY_ASSIGN(const ByteView opened, open_into(room, key, context, ref, stored));
  return Bytes(opened.begin(), opened.end());
}

Result<Bytes> open_public_part(const PartRef& ref, ByteView stored) {
  Arena room;
  TAUS_TRY_ASSIGN(const ByteView opened, open_public_into(room, ref, stored));
  return Bytes(opened.begin(), opened.end());
}

}  // namespace taus::journal
