#include "eventstore/vault/node.h"

#include <bit>

#include "eventstore/crypto/aead.h"
#include "eventstore/crypto/hash.h"

namespace taus::vault {
namespace {

constexpr std::uint8_t format = 1;
constexpr std::uint64_t slot_bits = 0xffff;

Error no_node(NodeId id) {
  return {ErrorCode::corrupt, "a key node of level " + std::to_string(id.level) +
                                  " does not open although its parent names it; stop and restore the newest key rows"};
}

Bytes associated(const StoreId& store_id, NodeId id, const NodeVersion& version, std::uint64_t generation) {
  Bytes out;
  Writer(out).raw("taus/kn/1").raw(store_id).u8(id.level).u64(id.index).raw(version).u64(generation);
  return out;
}

Bytes encode_plain(NodeId id, const Node& node) {
  Bytes out;
  out.reserve(8 + 2 + 4 * slot_count + node.keys.size() * crypto::Key::size);
  Writer w(out);
  if (id.level == subject_level) {
    w.raw(node.perm).u16(static_cast<std::uint16_t>(node.present));
    for (const Epoch epoch : node.epochs) w.u32(epoch);
  } else {
    w.u64(node.present);
  }
  for (const auto& key : node.keys) w.raw(key.view());
  return out;
}

bool is_permutation(const Node& node) {
  std::uint64_t seen = 0;
  for (int category = 0; category < slot_count; ++category) seen |= 1ULL << node.slot_of(category);
  return seen == slot_bits;
}

std::optional<Node> decode_plain(NodeId id, ByteView plain) {
  Node node;
  Reader r(plain);
  if (id.level == subject_level) {
    node.perm = r.array<8>();
    node.present = r.u16();
    for (auto& epoch : node.epochs) epoch = r.u32();
    if (!is_permutation(node)) return std::nullopt;
    for (int slot = 0; slot < slot_count; ++slot) {
      if (node.has(slot) && node.epochs[static_cast<std::size_t>(slot)] == 0) return std::nullopt;
    }
  } else {
    node.present = r.u64();
  }
  const auto count = static_cast<std::size_t>(std::popcount(node.present));
  if (!r.ok() || r.remaining() != count * crypto::Key::size) return std::nullopt;
  node.keys.reserve(count);
  for (std::size_t i = 0; i < count; ++i) node.keys.emplace_back(r.raw(crypto::Key::size));
  return node;
}

}  // namespace

std::size_t Node::rank(int place) const { return static_cast<std::size_t>(std::popcount(present & ((1ULL << place) - 1))); }

Node Node::clone() const {
  Node out;
  out.key = key.clone();
  out.present = present;
  out.keys.reserve(keys.size());
  for (const auto& k : keys) out.keys.push_back(k.clone());
  out.perm = perm;
  out.epochs = epochs;
  return out;
}

const crypto::Key& Node::child(int place) const {
  TAUS_CHECK(has(place));
  return keys[rank(place)];
}

void Node::set(int place, crypto::Key child_key) {
  const auto at = rank(place);
  if (has(place)) {
    keys[at] = std::move(child_key);
    return;
  }
  keys.insert(keys.begin() + static_cast<std::ptrdiff_t>(at), std::move(child_key));
  present |= 1ULL << place;
}

void Node::remove(int place) {
  TAUS_CHECK(has(place));
  keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(rank(place)));
  present &= ~(1ULL << place);
}

Slot Node::slot_of(int category) const {
  const std::uint8_t pair = perm.at(static_cast<std::size_t>(category) / 2);
  return static_cast<Slot>(category % 2 == 0 ? pair & 15 : pair >> 4);
}

int Node::category_of(Slot slot) const {
  for (int category = 0; category < slot_count; ++category) {
    if (slot_of(category) == slot) return category;
  }
  return -1;
}

Node new_subject_node(Random& random) {
  std::array<std::uint8_t, slot_count> order{};
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint8_t>(i);
  // Fisher-Yates; a 32-bit draw makes the bias of the remainder negligible.
  for (std::size_t i = order.size() - 1; i > 0; --i) {
    ByteArray<4> draw{};
    random.fill(draw);
    std::swap(order[i], order[Reader(draw).u32() % (i + 1)]);
  }
  Node node;
  node.key = crypto::Key::generate(random);
  for (std::size_t i = 0; i < node.perm.size(); ++i) {
    node.perm[i] = static_cast<std::uint8_t>(order[2 * i] | order[2 * i + 1] << 4);
  }
  return node;
}

Node new_interior_node(Random& random) {
  Node node;
  node.key = crypto::Key::generate(random);
  return node;
}

NodeVersion version_of(const crypto::Key& node_key) { return crypto::blake2b<8>(node_key, {view("taus/kver/1")}); }

Bytes node_row_key(NodeId id, const NodeVersion& version) {
  Bytes out;
  Writer(out).u8('N').u8(id.level).u64_big(id.index).raw(version);
  return out;
}

Bytes node_row_key(NodeId id, const crypto::Key& node_key) { return node_row_key(id, version_of(node_key)); }

std::optional<NodeRowName> parse_node_row_key(ByteView row_key) {
  Reader r(row_key);
  if (r.u8() != 'N') return std::nullopt;
  NodeRowName name;
  name.id.level = r.u8();
  name.id.index = r.u64_big();
  name.version = r.array<8>();
  if (!r.done() || name.id.level > subject_level || name.id.index >> (6 * name.id.level) != 0) return std::nullopt;
  return name;
}

Bytes seal_node(const StoreId& store_id, NodeId id, std::uint64_t generation, const Node& node, Random& random) {
  Nonce24 nonce{};
  random.fill(nonce);
  Bytes plain = encode_plain(id, node);
  const Bytes sealed = crypto::aead_seal(node.key, nonce, associated(store_id, id, version_of(node.key), generation), plain);
  crypto::wipe(plain);
  Bytes out;
  out.reserve(1 + 8 + nonce.size() + sealed.size());
  Writer(out).u8(format).u64(generation).raw(nonce).raw(sealed);
  return out;
}

Result<Node> open_node(const StoreId& store_id, NodeId id, const crypto::Key& key, ByteView row) {
  Reader r(row);
  const std::uint8_t row_format = r.u8();
  const std::uint64_t generation = r.u64();
  const auto nonce = r.array<24>();
  if (!r.ok() || row_format != format) return no_node(id);
  auto plain = crypto::aead_open(key, nonce, associated(store_id, id, version_of(key), generation), r.raw(r.remaining()));
  if (!plain) return no_node(id);
  auto node = decode_plain(id, *plain);
  crypto::wipe(*plain);
  if (!node) return no_node(id);
  node->key = key.clone();
  return std::move(*node);
}

}  // namespace taus::vault
