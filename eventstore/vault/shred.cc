#include "eventstore/vault/shred.h"

#include <utility>

#include "eventstore/crypto/hash.h"

namespace taus::vault {
namespace {

struct Wanted {
  std::uint16_t categories = 0;
  bool whole = false;
};

std::map<Ordinal, Wanted> merge(std::span<const PendingShred> requests) {
  std::map<Ordinal, Wanted> out;
  for (const auto& request : requests) {
    Wanted& wanted = out[request.subject];
    wanted.categories = static_cast<std::uint16_t>(wanted.categories | request.categories);
    wanted.whole = wanted.whole || request.categories == 0xffff;
  }
  return out;
}

class Planner {
 public:
  Planner(KeyTree& tree, const ShredFaults& faults, Random& random) : tree_(tree), faults_(faults), random_(random) {}

  Result<void> subject(Ordinal ordinal, const Wanted& wanted) {
    const NodeId id = NodeId::subject(ordinal);
    TAUS_TRY_ASSIGN(const Node* old, tree_.at(id));
    if (old == nullptr) return {};
    Node next = old->clone();
    const std::size_t before = plan_.victims.size();
    for (int category = 0; category < slot_count; ++category) {
      const Slot slot = old->slot_of(category);
      if (((wanted.categories >> category) & 1) == 0 || !old->has(slot)) continue;
      if (faults_.leave_out_a_key && !std::exchange(left_out_, true)) continue;
      plan_.victims.push_back({ordinal, slot, old->epochs[slot], key_id(old->child(slot))});
      next.remove(slot);
    }
    if (wanted.whole && !(faults_.leave_out_a_key && next.present != 0)) {
      supersede(id, *old);
      plan_.removed.insert(id);
    } else if (plan_.victims.size() > before) {
      renew(id, *old, std::move(next));
    }
    return {};
  }

  // One level's changed nodes give the changes of the level above; the top is renewed in any case.
  Result<void> level(std::uint8_t level) {
    std::map<NodeId, Node> parents;
    const auto parent_of = [&](NodeId child) -> Result<Node*> {
      const NodeId id = child.parent();
      const auto found = parents.find(id);
      if (found != parents.end()) return &found->second;
      TAUS_TRY_ASSIGN(const Node* old, tree_.at(id));
      TAUS_CHECK(old != nullptr);
      return &parents.emplace(id, old->clone()).first->second;
    };
    for (const auto& [id, node] : plan_.nodes) {
      if (id.level != level + 1) continue;
      TAUS_TRY_ASSIGN(Node * parent, parent_of(id));
      parent->set(id.place(), node.key.clone());
    }
    for (const NodeId id : plan_.removed) {
      if (id.level != level + 1) continue;
      TAUS_TRY_ASSIGN(Node * parent, parent_of(id));
      parent->remove(id.place());
    }
    if (level == 0 && parents.empty()) {
      TAUS_TRY_ASSIGN(const Node* top, tree_.at({}));
      parents.emplace(NodeId{}, top->clone());
    }
    for (auto& [id, node] : parents) {
      TAUS_TRY_ASSIGN(const Node* old, tree_.at(id));
      if (node.present == 0 && level > 0) {
        supersede(id, *old);
        plan_.removed.insert(id);
      } else {
        renew(id, *old, std::move(node));
      }
    }
    return {};
  }

  ShredPlan take() { return std::move(plan_); }

 private:
  void supersede(NodeId id, const Node& old) { plan_.superseded.push_back(node_row_key(id, old.key)); }

  void renew(NodeId id, const Node& old, Node next) {
    if (faults_.reuse_node_keys && id.level > 0) {
      next.key = old.key.clone();
    } else {
      next.key = crypto::Key::generate(random_);
      supersede(id, old);
    }
    plan_.nodes.emplace(id, std::move(next));
  }

  KeyTree& tree_;
  const ShredFaults& faults_;
  Random& random_;
  ShredPlan plan_;
  bool left_out_ = false;
};

}  // namespace

Result<ShredPlan> plan_shred(KeyTree& tree, std::span<const PendingShred> requests, const ShredFaults& faults, Random& random) {
  Planner planner(tree, faults, random);
  for (const auto& [ordinal, wanted] : merge(requests)) TAUS_TRY(planner.subject(ordinal, wanted));
  for (int level = subject_level - 1; level >= 0; --level) TAUS_TRY(planner.level(static_cast<std::uint8_t>(level)));
  return planner.take();
}

ByteArray<32> key_id(const crypto::Key& key) { return crypto::blake2b<32>(key, {view("taus/kid/1")}); }

}  // namespace taus::vault
