// The key tree: one key per (subject, slot, epoch), reachable only from the root key, which a shred replaces.
//
// Shape:      docs/FORMAT.md "Key tree"; argument: docs/CRYPTO.md. Rows live in Table::keys.
// Threads:    one (the core thread). Writes of `stage_*` go into the caller's batch and are visible here at once; the caller
//             commits that batch before anything sealed with the keys is acknowledged.
// Owns:       nothing; store, roots, random must outlive it.
// Durability: shred() returns after the old root was erased and read back.
// Errors:     io: latched, restart; corrupt: a node does not open although its parent names it; unavailable: no root slot opens
//             the tree (nothing was erased); shredded.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/limits.h"
#include "eventstore/base/random.h"
#include "eventstore/crypto/key.h"
#include "eventstore/storage/kv_store.h"
#include "eventstore/vault/escrow.h"
#include "eventstore/vault/root_store.h"

namespace taus::vault {

struct SlotKey {
  Slot slot = 0;
  Epoch epoch = 0;
  crypto::Key key;
};

// What became of the key of a slot and epoch.
struct FoundKey {
  enum class State : std::uint8_t { live, destroyed, lost } state = State::lost;
  std::optional<int> category;  // nothing: the subject's node is gone
  crypto::Key key;              // live only
};

// One key to destroy, as receipts and commit rows name it.
struct Victim {
  Ordinal subject = 0;  // the key node's ordinal
  Slot slot = 0;
  Epoch epoch = 0;
  ByteArray<32> key_id{};  // BLAKE2b-256(key, "taus/kid/1")
};

// A shred that was accepted (S0) and not yet carried out.
struct PendingShred {
  std::uint64_t id = 0;  // row number, ascending
  Ordinal subject = 0;
  std::uint16_t categories = 0;  // bit per category number; 0xffff = the whole subject, node included
  Bytes note;                    // the caller's own, at most 64 bytes, no personal data
};

// What one run of S1..S6 destroyed.
struct ShredCommit {
  std::uint64_t generation = 0;  // the new one; 0: nothing happened
  ByteArray<8> top_version{};    // of its topmost node
  std::vector<Victim> victims;
  std::vector<PendingShred> requests;  // those it fulfilled, also the ones that found nothing to destroy
  // A large run is told in chunks, each by itself: this is one of so many. 0: all of it is here.
  std::uint32_t chunk = 0;
  std::uint32_t chunks = 0;
  std::string waits_for;  // generation 0 only: why the requests are still pending (a replica is down), for people
};

// One step of carrying out what is pending, and what has to happen before the next.
struct ShredStep {
  enum class Then : std::uint8_t {
    nothing,  // is pending
    go_on,    // call again; what was staged is committed with the rest, whenever that is
    durable,  // call again once everything staged is durable
    flush,    // call again once Table::keys was flushed and note_flushed() called
    done,     // `commit` tells of it, or why it waits
  };
  Then then = Then::nothing;
  ShredCommit commit;
};

// How far a large run is.
struct ShredProgress {
  std::size_t done = 0;  // requests prepared
  std::size_t of = 0;    // 0: none is under way
};

// What becomes of the escrow with a new root.
struct EscrowChange {
  enum class Kind : std::uint8_t { go_on, new_period, end };
  Kind kind = Kind::go_on;
  std::int32_t ends_on = 0;  // of a new period
};

// Planted faults: each breaks one rule of the shred, so that tests can show that they would notice. Tests only.
struct ShredFaults {
  bool keep_old_root = false;             // S6 left out
  bool acknowledge_before_erase = false;  // S6 done at the next shred only
  bool erase_before_root = false;         // S6 before S5
  bool erase_before_tree = false;         // S6 before S3
  bool root_before_tree = false;          // S5 and S6 before S3
  bool leave_out_a_key = false;           // the first key asked for is neither removed nor reported
  bool reuse_node_keys = false;           // removal keeps the node keys below the top
  bool forget_orphans = false;            // recovery leaves what an unfinished shred wrote
  bool root_before_replicas = false;      // S5 and S6 without asking whether the replicas have the new tree
  bool delta_not_read_back = false;       // the delta file is believed to hold what was written
  bool restore_opens_first = false;       // after a restore parts are opened before what was accepted is destroyed
  bool adds_not_followed = false;         // what is added beside a large run goes into the old tree alone
};

class Replicas;

class KeyVault {
 public:
  struct Options {
    StoreId store_id{};
    std::string delta_path;        // preallocated delta file (S3), empty: none (tests)
    std::size_t nodes_max = 8192;  // nodes kept in memory, about 1 KiB each
    Replicas* replicas = nullptr;  // those that `store` hands its batches to; none: nullptr
    std::size_t at_once_max = limits::shreds_at_once_max;
    std::size_t chunk_keys = limits::chunk_keys;
    ShredFaults faults{};
  };
  virtual ~KeyVault() = default;

  // True where create() has still to run: nothing was made, or making it was cut short before anything could be lost.
  // unavailable: there is a key store without its root, or a root without its key store; says what to do.
  static Result<bool> is_new(const storage::KvStore& store, RootStore& roots);
  // Makes the first tree and root in an empty store and empty root store.
  static Result<void> create(storage::KvStore& store, RootStore& roots, Random& random, const Options& options);
  // Recovers (secure-deletion order: adopt the highest slot that opens, fill missing rows from the delta file, collect
  // orphans, erase the other slot) and opens.
  static Result<std::unique_ptr<KeyVault>> open(storage::KvStore& store, RootStore& roots, Random& random,
                                                const Options& options);

  // Stages a new subject node; returns its ordinal (never used before). `at_least` = highest stream seen in the journal + 1.
  virtual Result<Ordinal> stage_subject(storage::WriteBatch& batch, Ordinal at_least) = 0;
  // Stages that this many subject numbers were given out and are not known any more: they are not given out again.
  virtual void stage_lost_subjects(storage::WriteBatch& batch, Ordinal at_least, std::uint64_t lost) = 0;
  // Stages the centre's nodes where they are missing (idempotent).
  virtual Result<void> stage_centre(storage::WriteBatch& batch) = 0;
  // The live key of a category (0..15), staged anew with the next epoch where there is none.
  // not_found: no such subject or wholly shredded; busy: a large run is about to destroy it.
  virtual Result<SlotKey> key_for_writing(storage::WriteBatch& batch, Ordinal subject, int category) = 0;
  // The key of a slot and epoch. shredded: was destroyed (a commit row covers it); unavailable: cannot tell.
  virtual Result<crypto::Key> key_for_reading(Ordinal subject, Slot slot, Epoch epoch) const = 0;
  // The same for whoever asks for many, most of them destroyed perhaps: what an error would say is in the state.
  virtual Result<FoundKey> look_up(Ordinal subject, Slot slot, Epoch epoch) const = 0;
  // Whether a commit row covers this key.
  [[nodiscard]] virtual bool destroyed(Ordinal subject, Slot slot, Epoch epoch) const = 0;
  // Which category a live node's slot stands for; nothing where the node is gone.
  [[nodiscard]] virtual Result<std::optional<int>> category_of(Ordinal subject, Slot slot) const = 0;
  // Which categories have a live key, a bit each; 0 where the subject is gone.
  [[nodiscard]] virtual Result<std::uint16_t> live_categories(Ordinal subject) const = 0;

  // S0: stages the pending row. Its id.
  virtual Result<std::uint64_t> stage_pending(storage::WriteBatch& batch, const PendingShred& request) = 0;
  [[nodiscard]] virtual std::vector<PendingShred> pending() const = 0;
  [[nodiscard]] virtual std::size_t pending_count() const = 0;
  // S1..S6 for all that is pending, under one new root. Everything staged must have been committed. Nothing pending: generation 0. The
  // same where a replica does not confirm: `waits_for` says why, and everything is as before.
  virtual Result<ShredCommit> shred() = 0;
  // The same in steps, each short: of many requests (more than limits::shreds_at_once_max) the new tree is prepared in chunks, staged
  // into the caller's batches beside whatever else is, and only the last step moves the root. Between steps keys may be added.
  virtual Result<ShredStep> shred_step(storage::WriteBatch& batch) = 0;
  virtual void note_flushed() = 0;
  [[nodiscard]] virtual ShredProgress progress() const = 0;
  // Whether the next step wants everything staged to be durable.
  [[nodiscard]] virtual bool step_wants_durable() const = 0;
  // A new root in any case, with at most limits::shreds_at_once_max of what is pending. `paper` gets what a new period's paper says.
  // busy: a large run is under way.
  virtual Result<ShredCommit> rotate(const EscrowChange& change, std::optional<EscrowPaper>& paper) = 0;
  // Nothing where there is no paper: the root is in no safe.
  [[nodiscard]] virtual std::optional<EscrowPeriod> escrow() const = 0;
  // What the shreds of generations above this one did, oldest first, chunk by chunk.
  [[nodiscard]] virtual Result<std::vector<ShredCommit>> commits_after(std::uint64_t generation) const = 0;
  // Shreds, or chunks of them, whose receipt was not journalled, oldest first.
  virtual Result<std::vector<ShredCommit>> unreceipted() const = 0;
  [[nodiscard]] virtual const ShredCommit* first_unreceipted() const = 0;  // of those; null: none
  // Stages the mark that this one has its receipt.
  virtual void stage_receipted(storage::WriteBatch& batch, std::uint64_t generation, std::uint32_t chunk = 0) = 0;

  // The caller tells that every batch staged so far is durable: nodes may now leave the cache.
  virtual void note_committed() = 0;
  // The same for the batches up to this kseq(), where later ones are already staged.
  virtual void note_committed_to(std::uint64_t kseq) = 0;
  [[nodiscard]] virtual std::uint64_t generation() const = 0;
  [[nodiscard]] virtual std::uint64_t kseq() const = 0;  // number of the last batch that touched Table::keys
};

}  // namespace taus::vault
