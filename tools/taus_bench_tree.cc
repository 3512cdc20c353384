#include "tools/taus_bench_tree.h"

#include <array>
#include <optional>

#include "eventstore/vault/node.h"
#include "eventstore/vault/rows.h"

namespace taus::bench {
namespace {

using storage::Table;
using storage::WriteBatch;
using vault::Node;
using vault::NodeId;

constexpr std::size_t rows_per_batch = 4096;

class Planter {
 public:
  Planter(storage::KvStore& store, Random& random, const StoreId& store_id)
      : store_(store), random_(random), store_id_(store_id) {}

  Result<void> subject(Ordinal ordinal, int keys_each) {
    const NodeId id = NodeId::subject(ordinal);
    TAUS_TRY(close_left(id));
    Node node = vault::new_subject_node(random_);
    for (int category = 0; category < keys_each; ++category) {
      const Slot slot = node.slot_of(category);
      node.epochs.at(slot) = 1;
      node.set(slot, crypto::Key::generate(random_));
    }
    return write(id, std::move(node));
  }

  // The top's key is the root.
  Result<crypto::Key> finish() {
    for (int level = vault::subject_level - 1; level > 0; --level) TAUS_TRY(close(level));
    crypto::Key root = open_[0].node.key.clone();
    batch_.put(Table::keys, vault::node_row_key({}, root), vault::seal_node(store_id_, {}, 1, open_[0].node, random_));
    TAUS_TRY(commit());
    return root;
  }

 private:
  struct Open {
    std::optional<NodeId> id;
    Node node;
  };
  // Nodes above, which the next subject no longer belongs under.
  Result<void> close_left(NodeId next) {
    for (int level = vault::subject_level - 1; level > 0; --level) {
      const auto& open = open_.at(static_cast<std::size_t>(level));
      if (open.id && open.id->index != next.index >> (6 * (vault::subject_level - level))) TAUS_TRY(close(level));
    }
    return {};
  }
  Result<void> close(int level) {
    Open& open = open_.at(static_cast<std::size_t>(level));
    if (!open.id) return {};
    const NodeId id = *open.id;
    open.id.reset();
    return write(id, std::move(open.node));
  }
  Result<void> write(NodeId id, Node node) {
    Open& parent = open_.at(id.level - 1U);
    if (!parent.id) parent = {id.parent(), vault::new_interior_node(random_)};
    parent.node.set(id.place(), node.key.clone());
    batch_.put(Table::keys, vault::node_row_key(id, node.key), vault::seal_node(store_id_, id, 1, node, random_));
    return batch_.rows().size() < rows_per_batch ? Result<void>() : commit();
  }
  Result<void> commit() {
    TAUS_TRY(store_.commit(batch_));
    batch_.clear();
    return {};
  }

  storage::KvStore& store_;
  Random& random_;
  StoreId store_id_;
  WriteBatch batch_;
  std::array<Open, vault::subject_level> open_;
};

}  // namespace

Result<void> plant_tree(storage::KvStore& store, vault::RootStore& roots, Random& random, const StoreId& store_id,
                        std::uint64_t subjects, int keys_each) {
  Planter planter(store, random, store_id);
  for (Ordinal one = 1; one <= subjects; ++one) TAUS_TRY(planter.subject(one, keys_each));
  vault::RootRecord record;
  TAUS_TRY_ASSIGN(record.root, planter.finish());
  record.store_id = store_id;
  record.generation = 1;
  record.top_version = vault::version_of(record.root);
  record.escrow = crypto::Key::generate(random);
  WriteBatch counters;
  counters.put(Table::keys, vault::counter_key(vault::Counter::kseq), vault::encode_counter(1));
  counters.put(Table::keys, vault::counter_key(vault::Counter::next_subject), vault::encode_counter(subjects + 1));
  TAUS_TRY(store.commit(counters));
  TAUS_TRY(store.flush(Table::keys));
  TAUS_TRY(store.compact(Table::keys));
  return roots.write(0, record);
}

}  // namespace taus::bench
