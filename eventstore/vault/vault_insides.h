// The insides of KeyVault, for its own files only: key_vault.cc has what adds and reads, key_vault_shred.cc what destroys.
//
// Threads: as KeyVault.
#pragma once

#include "eventstore/vault/bulk_run.h"
#include "eventstore/vault/delta_file.h"
#include "eventstore/vault/key_tree.h"
#include "eventstore/vault/key_vault.h"
#include "eventstore/vault/loaded.h"
#include "eventstore/vault/recovery.h"
#include "eventstore/vault/shred.h"

namespace taus::vault {

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

  Result<Ordinal> stage_subject(storage::WriteBatch& batch, Ordinal at_least) override;

  void stage_lost_subjects(storage::WriteBatch& batch, Ordinal at_least, std::uint64_t lost) override {
    number(batch);
    state_.next_subject = std::min(std::max(state_.next_subject, at_least) + lost, subject_ordinal_max + 1);
    batch.put(storage::Table::keys, counter_key(Counter::next_subject), encode_counter(state_.next_subject));
  }

  [[nodiscard]] Result<std::vector<ShredCommit>> commits_after(std::uint64_t generation) const override {
    return read_commits(store_, generation);
  }

  Result<void> stage_centre(storage::WriteBatch& batch) override {
    TAUS_TRY(usable());
    TAUS_TRY(add_node(batch, centre_ordinal));
    return {};
  }

  Result<SlotKey> key_for_writing(storage::WriteBatch& batch, Ordinal subject, int category) override;

  Result<crypto::Key> key_for_reading(Ordinal subject, Slot slot, Epoch epoch) const override;
  Result<FoundKey> look_up(Ordinal subject, Slot slot, Epoch epoch) const override;

  [[nodiscard]] bool destroyed(Ordinal subject, Slot slot, Epoch epoch) const override {
    return state_.destroyed.covers(subject, slot, epoch) || state_.lately(subject, slot, epoch);
  }

  [[nodiscard]] Result<std::optional<int>> category_of(Ordinal subject, Slot slot) const override {
    TAUS_TRY_ASSIGN(const Node* node, find(subject));
    if (node == nullptr || slot >= slot_count) return std::optional<int>();
    return std::optional<int>(node->category_of(slot));
  }

  [[nodiscard]] Result<std::uint16_t> live_categories(Ordinal subject) const override;

  Result<std::uint64_t> stage_pending(storage::WriteBatch& batch, const PendingShred& request) override;

  [[nodiscard]] std::vector<PendingShred> pending() const override {
    std::vector<PendingShred> out = state_.pending;
    if (bulk_) out.insert(out.end(), bulk_->requests().begin(), bulk_->requests().end());
    return out;
  }
  [[nodiscard]] std::size_t pending_count() const override {
    return state_.pending.size() + (bulk_ ? bulk_->requests().size() : 0);
  }

  Result<ShredCommit> shred() override;
  Result<ShredStep> shred_step(storage::WriteBatch& batch) override;
  void note_flushed() override { flushed_ = true; }
  [[nodiscard]] ShredProgress progress() const override {
    return bulk_ ? ShredProgress{bulk_->done(), bulk_->requests().size()} : ShredProgress{};
  }
  [[nodiscard]] bool step_wants_durable() const override {
    if (!left_behind_.empty()) return false;
    return !bulk_ || (bulk_->prepared() && (!flushed_ || bulk_->checked()));
  }
  Result<ShredCommit> rotate(const EscrowChange& change, std::optional<EscrowPaper>& paper) override {
    if (bulk_ || !left_behind_.empty()) return Error(ErrorCode::busy, "a large erasure is under way: ask again when it is done");
    return run(change, paper);
  }
  [[nodiscard]] std::optional<EscrowPeriod> escrow() const override { return state_.escrow; }

  Result<std::vector<ShredCommit>> unreceipted() const override {
    std::vector<ShredCommit> out;
    for (const auto& [name, row] : state_.unreceipted) out.push_back(row.commit);
    return out;
  }
  [[nodiscard]] const ShredCommit* first_unreceipted() const override {
    return state_.unreceipted.empty() ? nullptr : &state_.unreceipted.begin()->second.commit;
  }
  void stage_receipted(storage::WriteBatch& batch, std::uint64_t generation, std::uint32_t chunk) override;

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
    if (subject >> 30 != 0) return static_cast<Node*>(nullptr);  // no node's ordinal
    return tree_.at(NodeId::subject(subject));
  }

  // Gives the batch its number once, however often it is staged into.
  void number(storage::WriteBatch& batch);

  // Into the live tree, and into the one that a large run prepares.
  Result<void> stage(storage::WriteBatch& batch, NodeId id, Node node);

  // False where there is one already. Parents that are missing are made; the lowest existing one gets a child.
  Result<bool> add_node(storage::WriteBatch& batch, Ordinal ordinal);

  Result<ShredCommit> run(const EscrowChange& change, std::optional<EscrowPaper>& paper);
  Result<ShredCommit> carry_out(ShredPlan plan, CommitRow row, const EscrowChange& change, std::optional<EscrowPaper>& paper);
  [[nodiscard]] bool replicas_ready();
  [[nodiscard]] ShredCommit waiting() const;
  void begin_bulk();
  Result<ShredStep> first_step();
  Result<ShredCommit> finish_bulk();
  void give_up_bulk();
  void clear_left_behind(storage::WriteBatch& batch);
  CommitRow commit_row(const ShredPlan& plan) const;
  RootRecord next_root(const ShredPlan& plan, const CommitRow& row, const EscrowChange& change);
  [[nodiscard]] std::optional<EscrowPeriod> next_period(const EscrowChange& change) const;
  storage::WriteBatch tree_batch(const ShredPlan& plan, const CommitRow& row, const RootRecord& record,
                                 const std::optional<EscrowPeriod>& period);
  [[nodiscard]] std::size_t run_size() const { return std::min(state_.pending.size(), options_.at_once_max); }
  Result<bool> replicas_have_it();
  Result<ShredCommit> take_back(const CommitRow& row);
  Result<void> write_tree(const CommitRow& row, const storage::WriteBatch& batch);
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
  std::unique_ptr<BulkRun> bulk_;
  std::unique_ptr<BulkRun> told_;            // carried out; its memory goes with the last of its receipts
  bool flushed_ = false;                     // what the large run staged lies in the engine's files
  std::vector<BulkRun::Chunk> left_behind_;  // of a large run that was given up: rows to erase before there is another shred
  bool broken_ = false;
};

}  // namespace taus::vault
