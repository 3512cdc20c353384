#include "eventstore/vault/key_vault.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "eventstore/base/limits.h"
#include "eventstore/vault/delta_file.h"
#include "eventstore/vault/recovery.h"
#include "eventstore/vault/replicas.h"
#include "eventstore/vault/rows.h"
#include "eventstore/vault/shred.h"

namespace taus::vault {
namespace {

using storage::Table;
using storage::WriteBatch;

constexpr std::size_t note_bytes_max = 64;

std::uint64_t place_of(Ordinal subject, Slot slot) { return subject << 4 | slot; }

bool by_subject(const PendingShred& a, const PendingShred& b) { return a.subject < b.subject; }

bool is_node_ordinal(Ordinal subject) { return subject >> 30 == 0; }

// Everything read from the rows at opening.
struct Loaded {
  std::uint64_t kseq = 0;
  std::uint64_t next_subject = 1;
  std::uint64_t next_pending = 1;
  std::vector<PendingShred> pending;
  std::map<std::uint64_t, CommitRow> unreceipted;
  std::optional<EscrowPeriod> escrow;
  std::unordered_map<std::uint64_t, Epoch> destroyed;  // (subject, slot) -> its last destroyed epoch, which covers all before
};

void count_victims(Loaded& state, const ShredCommit& commit) {
  for (const auto& v : commit.victims) {
    Epoch& last = state.destroyed[place_of(v.subject, v.slot)];
    last = std::max(last, v.epoch);
  }
}

Result<Loaded> load(const storage::KvStore& store, std::uint64_t generation) {
  Loaded out;
  TAUS_TRY_ASSIGN(out.kseq, read_counter(store, Counter::kseq));
  TAUS_TRY_ASSIGN(const auto subjects, read_counter(store, Counter::next_subject));
  TAUS_TRY_ASSIGN(const auto requests, read_counter(store, Counter::next_pending));
  out.next_subject = std::max<std::uint64_t>(1, subjects);
  out.next_pending = std::max<std::uint64_t>(1, requests);
  TAUS_TRY_ASSIGN(const auto escrow, store.get(Table::keys, escrow_row_key(generation)));
  if (escrow) out.escrow = period_of_escrow(*escrow);
  TAUS_TRY(scan_kind(store, 'P', [&](ByteView key, ByteView value) -> Result<void> {
    TAUS_TRY_ASSIGN(auto request, decode_pending_row(key, value));
    out.pending.push_back(std::move(request));
    return {};
  }));
  TAUS_TRY(scan_kind(store, 'C', [&](ByteView key, ByteView value) -> Result<void> {
    TAUS_TRY_ASSIGN(auto row, decode_commit_row(key, value));
    count_victims(out, row.commit);
    if (!row.receipted) out.unreceipted.emplace(row.commit.generation, std::move(row));
    return {};
  }));
  return out;
}

class Vault final : public KeyVault {
 public:
  Vault(storage::KvStore& store, RootStore& roots, Random& random, const Options& options, std::unique_ptr<DeltaFile> delta,
        Recovered recovered, Loaded loaded)
      : store_(store),
        roots_(roots),
        random_(random),
        options_(options),
        delta_(std::move(delta)),
        tree_(store, options.store_id, recovered.root.root.clone(), options.nodes_max),
        slot_(recovered.slot),
        generation_(recovered.root.generation),
        escrow_(std::move(recovered.root.escrow)),
        state_(std::move(loaded)),
        durable_(state_.kseq) {
    tree_.set_durable(durable_);
  }

  Result<Ordinal> stage_subject(WriteBatch& batch, Ordinal at_least) override {
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

  void stage_lost_subjects(WriteBatch& batch, Ordinal at_least, std::uint64_t lost) override {
    number(batch);
    state_.next_subject = std::min(std::max(state_.next_subject, at_least) + lost, subject_ordinal_max + 1);
    batch.put(Table::keys, counter_key(Counter::next_subject), encode_counter(state_.next_subject));
  }

  [[nodiscard]] Result<std::vector<ShredCommit>> commits_after(std::uint64_t generation) const override {
    std::vector<ShredCommit> out;
    TAUS_TRY(scan_kind(store_, 'C', [&](ByteView key, ByteView value) -> Result<void> {
      TAUS_TRY_ASSIGN(auto row, decode_commit_row(key, value));
      if (row.commit.generation > generation) out.push_back(std::move(row.commit));
      return {};
    }));
    return out;
  }

  Result<void> stage_centre(WriteBatch& batch) override {
    TAUS_TRY(usable());
    TAUS_TRY(add_node(batch, centre_ordinal));
    return {};
  }

  Result<SlotKey> key_for_writing(WriteBatch& batch, Ordinal subject, int category) override {
    TAUS_CHECK(category >= 0 && category < slot_count);
    TAUS_TRY(usable());
    TAUS_TRY_ASSIGN(Node * node, find(subject));
    if (node == nullptr) return Error(ErrorCode::not_found, "there is no such subject, or it was shredded");
    const Slot slot = node->slot_of(category);
    if (node->has(slot)) return SlotKey{slot, node->epochs[slot], node->child(slot).clone()};
    SlotKey out{slot, ++node->epochs[slot], crypto::Key::generate(random_)};
    node->set(slot, out.key.clone());
    number(batch);
    tree_.stage(batch, NodeId::subject(subject), std::move(*node), generation_, state_.kseq, random_);
    return out;
  }

  Result<crypto::Key> key_for_reading(Ordinal subject, Slot slot, Epoch epoch) const override {
    TAUS_TRY(usable());
    TAUS_TRY_ASSIGN(const Node* node, find(subject));
    const bool live = node != nullptr && slot < slot_count && node->has(slot) && node->epochs[slot] == epoch;
    if (live) return node->child(slot).clone();
    if (destroyed(subject, slot, epoch)) {
      return Error(ErrorCode::shredded, "the key was destroyed by a shred");
    }
    return Error(ErrorCode::unavailable,
                 "the key store has neither this key nor a record of its destruction; restore the newest "
                 "key rows");
  }

  [[nodiscard]] bool destroyed(Ordinal subject, Slot slot, Epoch epoch) const override {
    const auto last = state_.destroyed.find(place_of(subject, slot));
    return slot < slot_count && epoch > 0 && last != state_.destroyed.end() && epoch <= last->second;
  }

  [[nodiscard]] Result<std::optional<int>> category_of(Ordinal subject, Slot slot) const override {
    TAUS_TRY_ASSIGN(const Node* node, find(subject));
    if (node == nullptr || slot >= slot_count) return std::optional<int>();
    return std::optional<int>(node->category_of(slot));
  }

  [[nodiscard]] Result<std::uint16_t> live_categories(Ordinal subject) const override {
    TAUS_TRY_ASSIGN(const Node* node, find(subject));
    unsigned out = 0;
    for (int category = 0; node != nullptr && category < slot_count; ++category) {
      if (node->has(node->slot_of(category))) out |= 1U << category;
    }
    return static_cast<std::uint16_t>(out);
  }

  Result<std::uint64_t> stage_pending(WriteBatch& batch, const PendingShred& request) override {
    TAUS_TRY(usable());
    if (request.note.size() > note_bytes_max) return Error(ErrorCode::invalid_argument, "a shred's note has at most 64 bytes");
    PendingShred& pending = state_.pending.emplace_back(request);
    pending.id = state_.next_pending++;
    number(batch);
    batch.put(Table::keys, pending_row_key(pending.id), encode(pending));
    batch.put(Table::keys, counter_key(Counter::next_pending), encode_counter(state_.next_pending));
    return pending.id;
  }

  [[nodiscard]] std::vector<PendingShred> pending() const override { return state_.pending; }
  [[nodiscard]] std::size_t pending_count() const override { return state_.pending.size(); }

  Result<ShredCommit> shred() override {
    if (state_.pending.empty()) return ShredCommit{};
    std::optional<EscrowPaper> none;
    return run({}, none);
  }
  Result<ShredCommit> rotate(const EscrowChange& change, std::optional<EscrowPaper>& paper) override {
    return run(change, paper);
  }
  [[nodiscard]] std::optional<EscrowPeriod> escrow() const override { return state_.escrow; }

  Result<std::vector<ShredCommit>> unreceipted() const override {
    std::vector<ShredCommit> out;
    for (const auto& [generation, row] : state_.unreceipted) out.push_back(row.commit);
    return out;
  }

  void stage_receipted(WriteBatch& batch, std::uint64_t generation) override {
    auto row = state_.unreceipted.extract(generation);
    if (row.empty()) return;
    number(batch);
    for (const auto& key : row.mapped().superseded) batch.erase(Table::keys, key);
    batch.erase(Table::keys, escrow_row_key(generation - 1));
    row.mapped().receipted = true;
    row.mapped().written.clear();
    row.mapped().superseded.clear();
    batch.put(Table::keys, commit_row_key(generation), encode(row.mapped()));
  }

  void note_committed() override { note_committed_to(state_.kseq); }
  void note_committed_to(std::uint64_t kseq) override {
    TAUS_CHECK(kseq <= state_.kseq);
    durable_ = std::max(durable_, kseq);
    tree_.set_durable(durable_);
  }
  [[nodiscard]] std::uint64_t generation() const override { return generation_; }
  [[nodiscard]] std::uint64_t kseq() const override { return state_.kseq; }

 private:
  [[nodiscard]] Result<void> usable() const {
    if (!broken_) return {};
    return Error(ErrorCode::io, "a shred failed half way; restart taus, which takes it back or finishes it");
  }

  Result<Node*> find(Ordinal subject) const {
    tree_.trim();
    if (!is_node_ordinal(subject)) return static_cast<Node*>(nullptr);
    return tree_.at(NodeId::subject(subject));
  }

  // Gives the batch its number once, however often it is staged into.
  void number(WriteBatch& batch) {
    const auto& rows = batch.rows();
    const bool numbered = numbered_at_ < rows.size() && std::ranges::equal(rows[numbered_at_].key, counter_key(Counter::kseq)) &&
                          rows[numbered_at_].value && std::ranges::equal(*rows[numbered_at_].value, encode_counter(state_.kseq));
    if (numbered) return;
    numbered_at_ = rows.size();
    batch.put(Table::keys, counter_key(Counter::kseq), encode_counter(++state_.kseq));
  }

  // False where there is one already. Parents that are missing are made; the lowest existing one gets a child.
  Result<bool> add_node(WriteBatch& batch, Ordinal ordinal) {
    NodeId id = NodeId::subject(ordinal);
    TAUS_TRY_ASSIGN(const Node* existing, tree_.at(id));
    if (existing != nullptr) return false;
    number(batch);
    Node node = new_subject_node(random_);
    for (;;) {
      crypto::Key key = node.key.clone();
      tree_.stage(batch, id, std::move(node), generation_, state_.kseq, random_);
      const int place = id.place();
      id = id.parent();
      TAUS_TRY_ASSIGN(Node * parent, tree_.at(id));
      if (parent != nullptr) {
        parent->set(place, std::move(key));
        tree_.stage(batch, id, std::move(*parent), generation_, state_.kseq, random_);
        return true;
      }
      node = new_interior_node(random_);
      node.set(place, std::move(key));
    }
  }

  Result<ShredCommit> run(const EscrowChange& change, std::optional<EscrowPaper>& paper);
  CommitRow commit_row(const ShredPlan& plan) const;
  RootRecord next_root(const ShredPlan& plan, const CommitRow& row, const EscrowChange& change);
  [[nodiscard]] std::optional<EscrowPeriod> next_period(const EscrowChange& change) const;
  WriteBatch tree_batch(const ShredPlan& plan, const CommitRow& row, const RootRecord& record,
                        const std::optional<EscrowPeriod>& period);
  [[nodiscard]] std::size_t run_size() const { return std::min(state_.pending.size(), limits::shreds_per_run_max); }
  Result<bool> replicas_have_it();
  Result<ShredCommit> take_back(const CommitRow& row);
  Result<void> write_tree(const CommitRow& row, const WriteBatch& batch);
  Result<void> verify(const ShredPlan& plan, const CommitRow& row) const;
  Result<void> replace_root(const RootRecord& record);
  void take_over(ShredPlan plan, RootRecord record, CommitRow row);

  storage::KvStore& store_;
  RootStore& roots_;
  Random& random_;
  Options options_;
  std::unique_ptr<DeltaFile> delta_;
  mutable KeyTree tree_;
  int slot_;
  std::uint64_t generation_;
  crypto::Key escrow_;
  Loaded state_;
  std::uint64_t durable_;
  std::size_t numbered_at_ = ~std::size_t{0};
  bool broken_ = false;
};

CommitRow Vault::commit_row(const ShredPlan& plan) const {
  CommitRow row;
  row.commit.top_version = version_of(plan.top().key);
  row.commit.generation = generation_ + 1;
  row.commit.victims = plan.victims;
  row.commit.requests.assign(state_.pending.begin(), state_.pending.begin() + static_cast<std::ptrdiff_t>(run_size()));
  for (const auto& [id, node] : plan.nodes) row.written.push_back(node_row_key(id, node.key));
  row.superseded = plan.superseded;
  return row;
}

RootRecord Vault::next_root(const ShredPlan& plan, const CommitRow& row, const EscrowChange& change) {
  RootRecord record;
  record.store_id = options_.store_id;
  record.generation = row.commit.generation;
  record.top_version = row.commit.top_version;
  record.root = plan.top().key.clone();
  record.escrow = change.kind == EscrowChange::Kind::go_on ? next_escrow(escrow_) : crypto::Key::generate(random_);
  return record;
}

std::optional<EscrowPeriod> Vault::next_period(const EscrowChange& change) const {
  if (change.kind == EscrowChange::Kind::go_on) return state_.escrow;
  if (change.kind == EscrowChange::Kind::end) return std::nullopt;
  return EscrowPeriod{.first_generation = generation_ + 1, .ends_on = change.ends_on};
}

WriteBatch Vault::tree_batch(const ShredPlan& plan, const CommitRow& row, const RootRecord& record,
                             const std::optional<EscrowPeriod>& period) {
  WriteBatch batch;
  for (const auto& [id, node] : plan.nodes) {
    batch.put(Table::keys, node_row_key(id, node.key), seal_node(options_.store_id, id, row.commit.generation, node, random_));
  }
  if (period) batch.put(Table::keys, escrow_row_key(record.generation), seal_escrow(record, *period, random_));
  batch.put(Table::keys, commit_row_key(row.commit.generation), encode(row));
  for (const auto& request : row.commit.requests) batch.erase(Table::keys, pending_row_key(request.id));
  batch.put(Table::keys, counter_key(Counter::kseq), encode_counter(state_.kseq + 1));
  return batch;
}

// S3: durable twice, or flushed where it is too large for the delta file.
Result<void> Vault::write_tree(const CommitRow& row, const WriteBatch& batch) {
  bool twice = false;
  if (delta_) {
    TAUS_TRY_ASSIGN(twice,
                    delta_->write(row.commit.generation, row.commit.top_version, batch, !options_.faults.delta_not_read_back));
  }
  TAUS_TRY(store_.commit(batch));
  if (!twice) TAUS_TRY(store_.flush(Table::keys));
  return {};
}

// Reads the new tree back from the engine: every new row opens from the new root, no victim does.
Result<void> Vault::verify(const ShredPlan& plan, const CommitRow& row) const {
  const crypto::Key& root = plan.top().key;
  TAUS_TRY(walk(store_, options_.store_id, root, row.written));
  KeyTree fresh(store_, options_.store_id, root.clone(), ~std::size_t{0});
  for (const auto& v : plan.victims) {
    TAUS_TRY_ASSIGN(const Node* node, fresh.at(NodeId::subject(v.subject)));
    if (node != nullptr && node->has(v.slot)) {
      return Error(ErrorCode::corrupt, "a key that should be destroyed is still in the new tree; restart taus and report this");
    }
  }
  return {};
}

// S5 and S6. The order is the whole point; the faults are there to show that tests see it.
Result<void> Vault::replace_root(const RootRecord& record) {
  const ShredFaults& faults = options_.faults;
  if (faults.erase_before_root) TAUS_TRY(roots_.erase(slot_));
  TAUS_TRY(roots_.write(1 - slot_, record));
  if (faults.erase_before_root || faults.erase_before_tree || faults.keep_old_root || faults.acknowledge_before_erase) return {};
  return roots_.erase(slot_);
}

// S7: the memory follows; old node keys, root and victims are wiped as they are replaced.
void Vault::take_over(ShredPlan plan, RootRecord record, CommitRow row) {
  for (const NodeId id : plan.removed) tree_.forget(id);
  for (auto& [id, node] : plan.nodes) tree_.put(id, std::move(node));
  tree_.set_root(std::move(record.root));
  escrow_ = std::move(record.escrow);
  generation_ = record.generation;
  slot_ = 1 - slot_;
  durable_ = ++state_.kseq;
  tree_.set_durable(durable_);
  count_victims(state_, row.commit);
  state_.pending.erase(state_.pending.begin(), state_.pending.begin() + static_cast<std::ptrdiff_t>(row.commit.requests.size()));
  state_.unreceipted.emplace(record.generation, std::move(row));
}

// S4. With nobody to wait for it is true.
Result<bool> Vault::replicas_have_it() {
  if (options_.replicas == nullptr || options_.faults.root_before_replicas) return true;
  return options_.replicas->confirmed(state_.kseq + 1);
}

// A replica did not confirm: the new tree goes, under a root that nobody will ever have, and everything is pending as before.
Result<ShredCommit> Vault::take_back(const CommitRow& row) {
  WriteBatch batch;
  for (const auto& written : row.written) batch.erase(Table::keys, written);
  batch.erase(Table::keys, escrow_row_key(row.commit.generation));
  batch.erase(Table::keys, commit_row_key(row.commit.generation));
  for (const auto& request : row.commit.requests) batch.put(Table::keys, pending_row_key(request.id), encode(request));
  batch.put(Table::keys, counter_key(Counter::kseq), encode_counter(state_.kseq + 2));
  TAUS_TRY(store_.commit(batch));
  state_.kseq += 2;
  durable_ = state_.kseq;
  tree_.set_durable(durable_);
  broken_ = false;
  ShredCommit waiting;
  waiting.waits_for = options_.replicas->waits_for();
  return waiting;
}

Result<ShredCommit> Vault::run(const EscrowChange& change, std::optional<EscrowPaper>& paper) {
  TAUS_TRY(usable());
  TAUS_CHECK(durable_ == state_.kseq);
  if (options_.replicas != nullptr && !options_.faults.root_before_replicas && !options_.replicas->mend(store_, state_.kseq)) {
    ShredCommit waiting;
    waiting.waits_for = options_.replicas->waits_for();
    return waiting;
  }
  tree_.trim();
  if (state_.pending.size() > limits::shreds_per_run_max &&
      !std::is_sorted(state_.pending.begin(), state_.pending.end(), by_subject))
    std::sort(state_.pending.begin(), state_.pending.end(), by_subject);
  if (options_.faults.acknowledge_before_erase) TAUS_TRY(roots_.erase(1 - slot_));
  TAUS_TRY_ASSIGN(ShredPlan plan, plan_shred(tree_, std::span(state_.pending).first(run_size()), options_.faults, random_));
  CommitRow row = commit_row(plan);
  RootRecord record = next_root(plan, row, change);
  const auto period = next_period(change);

  broken_ = true;  // from here on only recovery knows what is on disk
  if (options_.faults.erase_before_tree) TAUS_TRY(roots_.erase(slot_));
  TAUS_TRY(write_tree(row, tree_batch(plan, row, record, period)));
  TAUS_TRY(verify(plan, row));
  TAUS_TRY_ASSIGN(const bool everywhere, replicas_have_it());
  if (!everywhere) return take_back(row);
  TAUS_TRY(replace_root(record));
  broken_ = false;
  state_.escrow = period;
  if (change.kind == EscrowChange::Kind::new_period) paper = EscrowPaper{options_.store_id, *period, record.escrow.clone()};
  ShredCommit out = row.commit;
  take_over(std::move(plan), std::move(record), std::move(row));
  return out;
}

}  // namespace

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
