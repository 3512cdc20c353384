#include "eventstore/vault/key_vault.h"

#include <algorithm>

#include "eventstore/vault/vault_insides.h"

namespace taus::vault {

using storage::Table;
using storage::WriteBatch;

namespace {

constexpr std::size_t note_bytes_max = 64;
// What a large run leaves in memory goes with its receipts, so much with each: all at once would be a pause.
constexpr std::size_t nodes_wiped_a_chunk = 64;
constexpr std::size_t entries_dropped_a_chunk = 1024;

Error being_shredded() { return {ErrorCode::busy, "an erasure of this subject is under way: ask again"}; }

}  // namespace

Result<Ordinal> Vault::stage_subject(WriteBatch& batch, Ordinal at_least) {
  TAUS_TRY(usable());
  tree_.trim();
  const Ordinal ordinal = std::max(state_.next_subject, at_least);
  if (ordinal > subject_ordinal_max) {
    return Error(ErrorCode::too_large, "this store has given out all its subject numbers; start another store");
  }
  TAUS_TRY_ASSIGN(const bool added, add_node(batch, ordinal));
  if (!added) return Error(ErrorCode::corrupt, "the next subject number is in use; restore the newest key rows");
  state_.next_subject = ordinal + 1;
  batch.put(Table::keys, counter_key(Counter::next_subject), encode_counter(state_.next_subject));
  return ordinal;
}

Result<SlotKey> Vault::key_for_writing(WriteBatch& batch, Ordinal subject, int category) {
  TAUS_CHECK(category >= 0 && category < slot_count);
  TAUS_TRY(usable());
  TAUS_TRY_ASSIGN(Node * node, find(subject));
  if (node == nullptr) return Error(ErrorCode::not_found, "there is no such subject, or it was shredded");
  if (bulk_ && bulk_->destroys(subject, category)) return being_shredded();
  const Slot slot = node->slot_of(category);
  if (node->has(slot)) return SlotKey{slot, node->epochs[slot], node->child(slot).clone()};
  SlotKey out{slot, ++node->epochs[slot], crypto::Key::generate(random_)};
  node->set(slot, out.key.clone());
  number(batch);
  TAUS_TRY(stage(batch, NodeId::subject(subject), std::move(*node)));
  return out;
}

Result<crypto::Key> Vault::key_for_reading(Ordinal subject, Slot slot, Epoch epoch) const {
  TAUS_TRY(usable());
  TAUS_TRY_ASSIGN(const Node* node, find(subject));
  const bool live = node != nullptr && slot < slot_count && node->has(slot) && node->epochs[slot] == epoch;
  if (live && bulk_ && bulk_->destroys(subject, node->category_of(slot))) return being_shredded();
  if (live) return node->child(slot).clone();
  if (destroyed(subject, slot, epoch)) {
    return Error(ErrorCode::shredded, "the key was destroyed by a shred");
  }
  return Error(ErrorCode::unavailable,
               "the key store has neither this key nor a record of its destruction; restore the newest "
               "key rows");
}

Result<FoundKey> Vault::look_up(Ordinal subject, Slot slot, Epoch epoch) const {
  TAUS_TRY(usable());
  TAUS_TRY_ASSIGN(const Node* node, find(subject));
  FoundKey out;
  if (node != nullptr && slot < slot_count) out.category = node->category_of(slot);
  if (out.category && node->has(slot) && node->epochs[slot] == epoch && !(bulk_ && bulk_->destroys(subject, *out.category))) {
    out.state = FoundKey::State::live;
    out.key = node->child(slot).clone();
  } else if (destroyed(subject, slot, epoch)) {
    out.state = FoundKey::State::destroyed;
  }
  return out;
}

Result<std::uint16_t> Vault::live_categories(Ordinal subject) const {
  TAUS_TRY_ASSIGN(const Node* node, find(subject));
  unsigned out = 0;
  for (int category = 0; node != nullptr && category < slot_count; ++category) {
    if (node->has(node->slot_of(category))) out |= 1U << category;
  }
  return static_cast<std::uint16_t>(out);
}

Result<std::uint64_t> Vault::stage_pending(WriteBatch& batch, const PendingShred& request) {
  TAUS_TRY(usable());
  if (request.note.size() > note_bytes_max) return Error(ErrorCode::invalid_argument, "a shred's note has at most 64 bytes");
  PendingShred& pending = state_.pending.emplace_back(request);
  pending.id = state_.next_pending++;
  number(batch);
  batch.put(Table::keys, pending_row_key(pending.id), encode(pending));
  batch.put(Table::keys, counter_key(Counter::next_pending), encode_counter(state_.next_pending));
  return pending.id;
}

void Vault::number(WriteBatch& batch) {
  const auto& rows = batch.rows();
  const bool numbered = numbered_at_ < rows.size() && std::ranges::equal(rows[numbered_at_].key, counter_key(Counter::kseq)) &&
                        rows[numbered_at_].value && std::ranges::equal(*rows[numbered_at_].value, encode_counter(state_.kseq));
  if (numbered) return;
  numbered_at_ = rows.size();
  batch.put(Table::keys, counter_key(Counter::kseq), encode_counter(++state_.kseq));
}

Result<void> Vault::stage(WriteBatch& batch, NodeId id, Node node) {
  tree_.stage(batch, id, std::move(node), generation_, state_.kseq, random_);
  if (!bulk_) return {};
  TAUS_TRY_ASSIGN(const Node* live, tree_.at(id));
  return bulk_->follow(batch, id, *live);
}

Result<bool> Vault::add_node(WriteBatch& batch, Ordinal ordinal) {
  NodeId id = NodeId::subject(ordinal);
  TAUS_TRY_ASSIGN(const Node* existing, tree_.at(id));
  if (existing != nullptr) return false;
  number(batch);
  Node node = new_subject_node(random_);
  for (;;) {
    crypto::Key key = node.key.clone();
    TAUS_TRY(stage(batch, id, std::move(node)));
    const int place = id.place();
    id = id.parent();
    TAUS_TRY_ASSIGN(Node * parent, tree_.at(id));
    if (parent != nullptr) {
      parent->set(place, std::move(key));
      TAUS_TRY(stage(batch, id, std::move(*parent)));
      return true;
    }
    node = new_interior_node(random_);
    node.set(place, std::move(key));
  }
}

void Vault::stage_receipted(WriteBatch& batch, std::uint64_t generation, std::uint32_t chunk) {
  auto found = state_.unreceipted.extract(ChunkName{generation, chunk});
  if (found.empty()) return;
  CommitRow& row = found.mapped();
  number(batch);
  for (const auto& key : row.superseded) batch.erase(Table::keys, key);
  if (row.commit.chunks > 0) {
    batch.erase(Table::keys, work_row_key(generation, chunk));
    for (const auto& request : row.commit.requests) batch.erase(Table::keys, pending_row_key(request.id));
    state_.destroyed.add(row.commit.victims);
    tree_.forget_some(nodes_wiped_a_chunk);
    if (told_) told_->forget_some(entries_dropped_a_chunk);
    const auto next = state_.unreceipted.lower_bound(ChunkName{generation, 0});
    if (next != state_.unreceipted.end() && next->first.generation == generation) return;
    tree_.forget_some(~std::size_t{0});
    told_.reset();
    auto head = state_.heads.extract(generation);
    TAUS_CHECK(!head.empty());
    row = std::move(head.mapped());
    for (const auto& key : row.superseded) batch.erase(Table::keys, key);
  }
  batch.erase(Table::keys, escrow_row_key(generation - 1));
  row.receipted = true;
  row.written.clear();
  row.superseded.clear();
  batch.put(Table::keys, commit_row_key(generation), encode(row));
}

Result<std::unique_ptr<KeyVault>> KeyVault::open(storage::KvStore& store, RootStore& roots, Random& random,
                                                 const Options& options) {
  std::unique_ptr<DeltaFile> delta;
  if (!options.delta_path.empty()) {
    TAUS_TRY_ASSIGN(delta, DeltaFile::open(options.delta_path));
  }
  TAUS_TRY_ASSIGN(auto recovered, recover(store, roots, options, delta.get()));
  TAUS_TRY_ASSIGN(auto loaded, load(store, recovered.root.generation));
  return std::unique_ptr<KeyVault>(
      std::make_unique<Vault>(store, roots, random, options, std::move(delta), std::move(recovered), std::move(loaded)));
}

}  // namespace taus::vault
