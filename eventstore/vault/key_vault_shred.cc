// S1 to S7: docs/CRYPTO.md "Shred". The order is the whole point.
#include <algorithm>
#include <iterator>
#include <utility>

#include "eventstore/base/limits.h"
#include "eventstore/vault/replicas.h"
#include "eventstore/vault/vault_insides.h"

namespace taus::vault {

using storage::Table;
using storage::WriteBatch;

namespace {

bool by_subject(const PendingShred& a, const PendingShred& b) { return a.subject < b.subject; }

}  // namespace

CommitRow Vault::commit_row(const ShredPlan& plan) const {
  CommitRow row;
  row.commit.top_version = version_of(plan.top().key);
  row.commit.generation = generation_ + 1;
  row.commit.victims = plan.victims;
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
  if (faults.root_before_tree) return {};
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
  state_.destroyed.add(row.commit.victims);
  state_.pending.erase(state_.pending.begin(), state_.pending.begin() + static_cast<std::ptrdiff_t>(row.commit.requests.size()));
  if (row.commit.chunks == 0)
    state_.unreceipted.emplace(ChunkName{record.generation, 0}, std::move(row));
  else
    state_.heads.emplace(record.generation, std::move(row));
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
  return waiting();
}

ShredCommit Vault::waiting() const {
  ShredCommit out;
  out.waits_for = options_.replicas->waits_for();
  return out;
}

bool Vault::replicas_ready() {
  return options_.replicas == nullptr || options_.faults.root_before_replicas || options_.replicas->mend(store_, state_.kseq);
}

Result<ShredCommit> Vault::run(const EscrowChange& change, std::optional<EscrowPaper>& paper) {
  TAUS_TRY(usable());
  TAUS_CHECK(durable_ == state_.kseq);
  if (!replicas_ready()) return waiting();
  tree_.trim();
  if (options_.faults.acknowledge_before_erase) TAUS_TRY(roots_.erase(1 - slot_));
  TAUS_TRY_ASSIGN(ShredPlan plan, plan_shred(tree_, std::span(state_.pending).first(run_size()), options_.faults, random_));
  CommitRow row = commit_row(plan);
  row.commit.requests.assign(state_.pending.begin(), state_.pending.begin() + static_cast<std::ptrdiff_t>(run_size()));
  return carry_out(std::move(plan), std::move(row), change, paper);
}

Result<ShredCommit> Vault::carry_out(ShredPlan plan, CommitRow row, const EscrowChange& change,
                                     std::optional<EscrowPaper>& paper) {
  RootRecord record = next_root(plan, row, change);
  const auto period = next_period(change);

  broken_ = true;  // from here on only recovery knows what is on disk
  if (options_.faults.erase_before_tree) TAUS_TRY(roots_.erase(slot_));
  if (options_.faults.root_before_tree) {
    TAUS_TRY(roots_.write(1 - slot_, record));
    TAUS_TRY(roots_.erase(slot_));
  }
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

// Of few requests all at once; of many the beginning of a large run.
Result<ShredStep> Vault::first_step() {
  if (state_.pending.empty()) return ShredStep{};
  if (durable_ != state_.kseq) return ShredStep{ShredStep::Then::durable, {}};
  if (!replicas_ready()) return ShredStep{ShredStep::Then::done, waiting()};
  if (state_.pending.size() <= options_.at_once_max) {
    std::optional<EscrowPaper> none;
    TAUS_TRY_ASSIGN(ShredCommit commit, run({}, none));
    return ShredStep{ShredStep::Then::done, std::move(commit)};
  }
  begin_bulk();
  return ShredStep{ShredStep::Then::go_on, {}};
}

void Vault::begin_bulk() {
  std::vector<PendingShred> requests = std::exchange(state_.pending, {});
  if (!std::is_sorted(requests.begin(), requests.end(), by_subject))
    std::stable_sort(requests.begin(), requests.end(), by_subject);
  if (requests.size() > limits::shreds_per_run_max) {
    const auto rest = requests.begin() + static_cast<std::ptrdiff_t>(limits::shreds_per_run_max);
    state_.pending.assign(std::make_move_iterator(rest), std::make_move_iterator(requests.end()));
    requests.erase(rest, requests.end());
  }
  flushed_ = false;
  bulk_ = std::make_unique<BulkRun>(tree_, random_, generation_ + 1, state_.next_subject, std::move(requests), options_);
}

Result<ShredStep> Vault::shred_step(WriteBatch& batch) {
  using Then = ShredStep::Then;
  TAUS_TRY(usable());
  if (!left_behind_.empty()) {
    clear_left_behind(batch);
    return ShredStep{Then::go_on, {}};
  }
  if (!bulk_) return first_step();
  if (!bulk_->prepared()) {
    number(batch);
    TAUS_TRY(bulk_->prepare(batch));
    return ShredStep{Then::go_on, {}};
  }
  if (!flushed_) return ShredStep{durable_ == state_.kseq ? Then::flush : Then::durable, {}};
  if (!bulk_->checked()) {
    TAUS_TRY(bulk_->check(store_));
    return ShredStep{Then::go_on, {}};
  }
  if (durable_ != state_.kseq) return ShredStep{Then::durable, {}};
  TAUS_TRY_ASSIGN(ShredCommit commit, finish_bulk());
  return ShredStep{Then::done, std::move(commit)};
}

// The new tree is there but for its top: S3 of that, and S4 to S7.
Result<ShredCommit> Vault::finish_bulk() {
  if (!replicas_ready()) {
    give_up_bulk();
    return waiting();
  }
  tree_.trim();
  if (options_.faults.acknowledge_before_erase) TAUS_TRY(roots_.erase(1 - slot_));
  TAUS_TRY_ASSIGN(ShredPlan plan, bulk_->top());
  CommitRow row = commit_row(plan);
  row.commit.chunks = static_cast<std::uint32_t>(bulk_->chunks().size());
  std::optional<EscrowPaper> none;
  TAUS_TRY_ASSIGN(ShredCommit out, carry_out(std::move(plan), std::move(row), {}, none));
  if (!out.waits_for.empty()) {
    give_up_bulk();
    return out;
  }
  for (BulkRun::Chunk& chunk : bulk_->chunks()) {
    const ChunkName name{chunk.told.generation, chunk.told.chunk};
    CommitRow& told = state_.unreceipted[name];
    told.commit = std::move(chunk.told);
    told.commit.top_version = out.top_version;
    told.commit.chunks = out.chunks;
    told.written = std::move(chunk.work.written);
    told.superseded = std::move(chunk.work.superseded);
  }
  told_ = std::move(bulk_);
  tree_.forget_all();  // of the old tree, victims and all
  return out;
}

// What it staged goes, in steps, under keys that nobody will ever have; everything is pending as before.
void Vault::give_up_bulk() {
  left_behind_ = std::move(bulk_->chunks());
  state_.pending.insert(state_.pending.begin(), bulk_->requests().begin(), bulk_->requests().end());
  bulk_.reset();
}

void Vault::clear_left_behind(WriteBatch& batch) {
  const BulkRun::Chunk chunk = std::move(left_behind_.back());
  left_behind_.pop_back();
  number(batch);
  for (const auto& key : chunk.work.written) batch.erase(Table::keys, key);
  batch.erase(Table::keys, chunk_row_key(chunk.told.generation, chunk.told.chunk));
  batch.erase(Table::keys, work_row_key(chunk.told.generation, chunk.told.chunk));
}

Result<ShredCommit> Vault::shred() {
  TAUS_CHECK(durable_ == state_.kseq);
  for (;;) {
    WriteBatch batch;
    TAUS_TRY_ASSIGN(ShredStep step, shred_step(batch));
    if (!batch.empty()) {
      broken_ = true;
      TAUS_TRY(store_.commit(batch));
      broken_ = false;
      note_committed();
    }
    TAUS_CHECK(step.then != ShredStep::Then::durable);
    if (step.then == ShredStep::Then::go_on) continue;
    if (step.then == ShredStep::Then::flush) {
      TAUS_TRY(store_.flush(Table::keys));
      note_flushed();
      continue;
    }
    for (auto one = state_.unreceipted.lower_bound(ChunkName{step.commit.generation, 0});
         step.commit.chunks > 0 && one != state_.unreceipted.end(); ++one) {
      const ShredCommit& told = one->second.commit;
      step.commit.victims.insert(step.commit.victims.end(), told.victims.begin(), told.victims.end());
      step.commit.requests.insert(step.commit.requests.end(), told.requests.begin(), told.requests.end());
    }
    return std::move(step.commit);
  }
}

}  // namespace taus::vault
