// The insides of EventStore, for its own files only.
//
// Threads: as EventStore.
#pragma once

#include <deque>

#include "eventstore/base/limits.h"
#include "eventstore/event_store.h"
#include "eventstore/opaque_id.h"
#include "eventstore/replica_set.h"
#include "eventstore/request_index.h"
#include "eventstore/store_meta.h"

namespace taus {

struct EventStore::State {
  storage::KvStore* kv = nullptr;
  journal::Floor* floor = nullptr;
  Random* random = nullptr;
  Random* commit_random = nullptr;  // the commit stage's
  StoreMeta meta;
  std::unique_ptr<vault::KeyVault> vault;
  std::unique_ptr<journal::Journal> journal;
  std::optional<journal::LogEnd> log_end;  // the commit stage's, once the store is open
  std::optional<OpaqueIds> ids;
  crypto::Key request_key;
  vault::Replicas* replicas = nullptr;
  ReplicaSet known_replicas;
  std::vector<journal::Era> eras;
  std::optional<RestoreMark> restored;
  storage::WriteBatch batch;
  Unsealed events;
  struct {
    std::optional<Instant> due;       // by when what is destroyed must have left; nothing: nothing is waiting
    std::optional<Instant> due_next;  // the same for what is destroyed while a round is under way
    Position next = 0;                // entries below have been looked at in this round
    bool compacting = false;
    std::uint64_t erased = 0;
  } purge;
  std::uint64_t durable_size = 0;
  std::uint64_t durable_kseq = 0;
  struct RequestRow {
    Position name = 0;
    Bytes value;       // empty: no request yet
    Position end = 0;  // durable once the journal is up to here
  };
  RequestRow request_row;               // of the next commit
  std::deque<RequestRow> request_rows;  // of commits that are not yet durable
  RequestIndex seen_requests{limits::request_index_eras_max};
  std::uint64_t commits = 0;
  Bytes purge_cursor;

  // Of everything staged; `tree` is that of its entries, where they are made.
  [[nodiscard]] journal::FloorRecord floor_now(const journal::MerkleTree* tree) const {
    return {.store_id = meta.store_id,
            .incarnation = meta.incarnation,
            .size = journal->next_position(),
            .root = tree == nullptr ? Hash32{} : tree->root(),
            .frontier = tree == nullptr ? std::vector<Hash32>() : tree->frontier(),
            .kseq = vault->kseq(),
            .generation = vault->generation()};
  }
  void begin_log();
  void purge_requests(Instant now);
  void stage_requests();
  void requests_durable();
  Result<void> learn_requests();
  Result<void> check_tail(const std::optional<journal::FloorRecord>& record) const;
  Result<void> check_floor(const std::optional<journal::FloorRecord>& record) const;
  Result<void> open_keys();
  Result<void> attach_replicas(vault::Replicas* set);
  [[nodiscard]] journal::Journal::Options journal_options() const;
  // After a restore: what was accepted is shredded, a new era begins and is told; only then may anything be opened.
  Result<void> begin_restored(EventStore& self, const std::optional<journal::FloorRecord>& floor_record, const Options& options);
  Result<void> end_restored();
  Result<void> load_purge();
  void stage_purge();
};

}  // namespace taus
