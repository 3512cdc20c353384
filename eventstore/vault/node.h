// One node of the key tree and its row. docs/format/keys.md "Key tree".
//
// Threads: values and pure functions. A Node holds keys: they wipe themselves; the codec wipes its buffers.
// Errors:  corrupt: a row that does not open under the key its parent names, or is no node.
#pragma once

#include <compare>
#include <optional>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/random.h"
#include "eventstore/base/result.h"
#include "eventstore/crypto/key.h"

namespace taus::vault {

inline constexpr std::uint8_t subject_level = 5;  // levels 0 (top) to 4 are interior, fan-out 64
inline constexpr int slot_count = 16;

struct NodeId {
  std::uint8_t level = 0;
  std::uint64_t index = 0;  // the ordinals below, without their lower 6 * (5 - level) bits
  friend auto operator<=>(const NodeId&, const NodeId&) = default;
  [[nodiscard]] NodeId parent() const { return {static_cast<std::uint8_t>(level - 1), index >> 6}; }
  [[nodiscard]] int place() const { return static_cast<int>(index & 63); }  // among its parent's children
  static NodeId subject(Ordinal ordinal) { return {subject_level, ordinal}; }
};

using NodeVersion = ByteArray<8>;

struct Node {
  crypto::Key key;                         // its own: names its row and seals it
  std::uint64_t present = 0;               // a bit per child or live slot
  std::vector<crypto::Key> keys;           // of those, ascending
  ByteArray<8> perm{};                     // subject nodes: nibble c (low first) = slot of category c
  std::array<Epoch, slot_count> epochs{};  // subject nodes: of each slot's present or last key

  [[nodiscard]] Node clone() const;
  [[nodiscard]] bool has(int place) const { return ((present >> place) & 1) != 0; }
  [[nodiscard]] const crypto::Key& child(int place) const;  // must be there
  void set(int place, crypto::Key child_key);               // adds or replaces
  void remove(int place);
  [[nodiscard]] Slot slot_of(int category) const;
  [[nodiscard]] int category_of(Slot slot) const;

 private:
  [[nodiscard]] std::size_t rank(int place) const;
};

// A subject's empty node: fresh key, random permutation.
Node new_subject_node(Random& random);
Node new_interior_node(Random& random);

NodeVersion version_of(const crypto::Key& node_key);
Bytes node_row_key(NodeId id, const NodeVersion& version);
Bytes node_row_key(NodeId id, const crypto::Key& node_key);
// Nothing where the bytes are not a node's row key.
struct NodeRowName {
  NodeId id;
  NodeVersion version{};
};
std::optional<NodeRowName> parse_node_row_key(ByteView row_key);

Bytes seal_node(const StoreId& store_id, NodeId id, std::uint64_t generation, const Node& node, Random& random);
Result<Node> open_node(const StoreId& store_id, NodeId id, const crypto::Key& key, ByteView row);

}  // namespace taus::vault
