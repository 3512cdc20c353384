#include "eventstore/vault/key_tree.h"

#include <limits>
#include <utility>

namespace taus::vault {
namespace {

std::uint64_t cache_key(NodeId id) { return std::uint64_t{id.level} << 32 | id.index; }

}  // namespace

KeyTree::Entry* KeyTree::cached(NodeId id) {
  const auto found = young_.find(cache_key(id));
  if (found != young_.end()) return &found->second;
  auto handle = old_.extract(cache_key(id));
  if (handle.empty()) return nullptr;
  return &young_.insert(std::move(handle)).position->second;
}

Node* KeyTree::insert(NodeId id, Node node, std::uint64_t kseq) {
  Entry* entry = cached(id);
  if (entry == nullptr) entry = &young_[cache_key(id)];
  entry->node = std::move(node);
  entry->kseq = kseq;
  return &entry->node;
}

Result<std::optional<Node>> KeyTree::load(NodeId id) {
  const crypto::Key* key = &root_;
  if (id.level > 0) {
    TAUS_TRY_ASSIGN(const Node* parent, at(id.parent()));
    if (parent == nullptr || !parent->has(id.place())) return std::optional<Node>();
    key = &parent->child(id.place());
  }
  TAUS_TRY_ASSIGN(const auto row, store_.get(storage::Table::keys, node_row_key(id, *key)));
  TAUS_TRY_ASSIGN(Node node, open_node(store_id_, id, *key, row ? ByteView(*row) : ByteView()));
  return std::optional<Node>(std::move(node));
}

Result<Node*> KeyTree::at(NodeId id) {
  if (id.index >> (6 * id.level) != 0) return static_cast<Node*>(nullptr);  // beyond the tree
  if (Entry* entry = cached(id); entry != nullptr) return &entry->node;
  TAUS_TRY_ASSIGN(auto node, load(id));
  if (!node) return static_cast<Node*>(nullptr);
  return insert(id, std::move(*node), 0);
}

Result<std::optional<Node>> KeyTree::peek(NodeId id) {
  if (id.index >> (6 * id.level) != 0) return std::optional<Node>();
  if (const Entry* entry = cached(id); entry != nullptr) return std::optional<Node>(entry->node.clone());
  return load(id);
}

void KeyTree::stage(storage::WriteBatch& batch, NodeId id, Node node, std::uint64_t generation, std::uint64_t kseq,
                    Random& random) {
  batch.put(storage::Table::keys, node_row_key(id, node.key), seal_node(store_id_, id, generation, node, random));
  insert(id, std::move(node), kseq);
}

void KeyTree::put(NodeId id, Node node) { insert(id, std::move(node), 0); }

void KeyTree::forget(NodeId id) {
  young_.erase(cache_key(id));
  old_.erase(cache_key(id));
}

void KeyTree::forget_all() {
  gone_ = std::exchange(young_, Entries());
  gone_.merge(old_);
  old_.clear();
}

void KeyTree::forget_some(std::size_t nodes) {
  for (; nodes > 0 && !gone_.empty(); --nodes) gone_.erase(gone_.begin());
}

void KeyTree::trim() {
  if (young_.size() < half_) return;
  Entries kept;
  for (auto entry = old_.begin(); entry != old_.end();) {
    const auto here = entry++;
    if (here->second.kseq > durable_) kept.insert(old_.extract(here));
  }
  old_ = std::move(young_);
  young_ = std::move(kept);
}

Result<void> walk(const storage::KvReader& store, const StoreId& store_id, const crypto::Key& root,
                  const std::vector<Bytes>& row_keys) {
  KeyTree fresh(store, store_id, root.clone(), std::numeric_limits<std::size_t>::max());
  for (const auto& row_key : row_keys) {
    const auto name = parse_node_row_key(row_key);
    TAUS_CHECK(name.has_value());
    TAUS_TRY_ASSIGN(const Node* node, fresh.at(name->id));
    if (node == nullptr || version_of(node->key) != name->version) {
      return Error(ErrorCode::corrupt, "a key row that was just written cannot be reached from its root; restart taus");
    }
  }
  return {};
}

}  // namespace taus::vault
