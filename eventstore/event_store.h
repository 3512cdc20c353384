// The facade that joins sealing to appending: the only place where journal and vault meet.
//
// What:       append plaintext parts under category keys, open them again, shred categories, remember request ids.
// Threads:    everything but seal and make_durable on one thread (core); those on the commit stage, each one call at a time, seal ahead
//             of make_durable in the order of commits.
// Durability: append and accept_shred only stage. take_commit hands over what is staged; seal seals it; make_durable writes, syncs and
//             moves the floor; only then may anybody be told. note_durable tells the core thread.
// Errors:     the four answers of a read are present, ErrorCode::shredded, ErrorCode::unavailable (withheld is policy's).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/backup.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/parallel.h"
#include "eventstore/crypto/sign.h"
#include "eventstore/journal/journal.h"
#include "eventstore/request_mark.h"
#include "eventstore/unsealed.h"
#include "eventstore/vault/key_vault.h"
#include "eventstore/vault/replicas.h"

namespace taus {

struct NewPart {
  int category = 0;  // schema::Category number; -1: public
  Bytes plaintext;
};

struct Appended {
  Position position = 0;
  Version version = 0;
};

// One group of rows and events to make durable together.
struct Commit {
  storage::WriteBatch batch;
  Unsealed events;
  journal::FloorRecord floor;  // frontier: by seal; root: by make_durable
  [[nodiscard]] bool empty() const noexcept { return batch.empty() && events.empty(); }
  void append(Commit&& later);
};

struct OpenedPart {
  int category = 0;  // -1: public
  Bytes plaintext;
};

struct DedupeHit {
  Position first = 0;         // of the command's events
  std::uint8_t events = 0;    // how many
  RequestMark::Value mark{};  // of what was asked
};

// The parts of one entry, while the store is opened.
class EntryParts {
 public:
  virtual ~EntryParts() = default;
  // A shred destroyed its key. open() would say so too, at length.
  [[nodiscard]] virtual bool shredded(std::size_t index) const = 0;
  // Nothing: its subject's node is gone, or it is public.
  [[nodiscard]] virtual std::optional<int> category(std::size_t index) const = 0;
  // The plaintext, aligned to 8 bytes, good until the visitor returns; or why not.
  [[nodiscard]] virtual Result<ByteView> open(std::size_t index) const = 0;
};

// What a restore from a backup found, before anything is served.
struct RestoreFacts {
  std::uint32_t previous_incarnation = 0;
  std::uint32_t incarnation = 0;
  std::uint64_t size = 0;             // entries of the backup
  std::optional<std::uint64_t> lost;  // acknowledged entries that it lacks, where a floor tells
  std::uint64_t generation = 0;
};

class EventStore {
 public:
  struct Options {
    std::string delta_path;               // see KeyVault
    vault::Replicas* replicas = nullptr;  // those that the store given hands its batches to; nullptr: none
    std::string profile;                  // a store belongs to one profile: another is refused with invalid_argument
    // Called once after a restore, before any sealed part is opened: appends the public entries that tell of it.
    std::function<Result<void>(EventStore&, const RestoreFacts&)> on_restored;
    vault::ShredFaults shred_faults{};  // tests only
    Parallel parallel;                  // threads to open parts with, while the store is opened; nothing: one after the other
    std::optional<crypto::PublicKey> log_key{};  // what the checkpoint of a restored backup must be signed by
    Random* commit_random = nullptr;             // seal's own, where it has a thread of its own; nullptr: the one given to open
  };
  // Called for each leaf at opening, in order, by one thread at a time, while others look ahead: it must not use the store.
  using Visitor = std::function<Result<void>(const journal::Leaf&, const EntryParts&)>;

  // Opens the store, making it first where it is new. Runs vault recovery, the start-up check and `visit`.
  static Result<std::unique_ptr<EventStore>> open(storage::KvStore& store, vault::RootStore& roots, journal::Floor& floor,
                                                  Random& random, const Options& options, const Visitor& visit);
  ~EventStore();

  // A new subject (its key node). Its ordinal is its stream.
  Result<Ordinal> new_subject();
  // Appends one event. Parts of category >= 0 are sealed under the subject's key of that category.
  Result<Appended> append(Ordinal stream, std::span<const NewPart> parts);
  // Remembers a request id of a caller for 7 days, with the last `events` that were appended and a mark of what was asked.
  [[nodiscard]] RequestKey request_key(std::string_view principal, std::string_view id) const;
  void remember(const RequestKey& request, const RequestHash& content, std::uint8_t events, Instant now);
  [[nodiscard]] Result<std::optional<DedupeHit>> recall(const RequestKey& request, Instant now) const;
  // Whether what is asked now is what `hit` was asked. Nothing: some of what that wrote was shredded, and nobody can tell any more.
  [[nodiscard]] Result<std::optional<bool>> asked_the_same(const DedupeHit& hit, const RequestKey& request,
                                                           const RequestHash& content) const;

  // S0: accepts a shred; carried out by shred().
  Result<void> accept_shred(Ordinal subject, std::uint16_t categories, ByteView note);
  [[nodiscard]] bool shreds_pending() const;
  // S1..S6 to the end. Everything staged must be durable (TAUS_CHECK). The caller then appends the receipts of what is unreceipted()
  // with append() and calls receipted().
  Result<vault::ShredCommit> shred();
  // The same in short steps; see KeyVault::shred_step. Where it says `flush`, flush_keys() and then shred_flushed() come before the next.
  Result<vault::ShredStep> shred_step();
  [[nodiscard]] bool shred_step_wants_durable() const { return vault().step_wants_durable(); }
  static Result<void> flush_keys(storage::KvStore& kv);  // any thread
  void shred_flushed();
  // The same with a new root in any case, and what becomes of the escrow; see KeyVault::rotate.
  Result<vault::ShredCommit> rotate(const vault::EscrowChange& change, std::optional<vault::EscrowPaper>& paper);
  void receipted(std::uint64_t generation, std::uint32_t chunk = 0);
  // Shreds, or chunks of them, that were carried out and whose receipt is missing; the first of them, or null.
  [[nodiscard]] Result<std::vector<vault::ShredCommit>> unreceipted() const;
  [[nodiscard]] const vault::ShredCommit* first_unreceipted() const;

  // Copies of the keys that a shred waits for. Changing the set needs everything durable (busy), and is staged.
  [[nodiscard]] std::vector<vault::ReplicaReport> replicas() const;
  [[nodiscard]] std::string shreds_wait_for() const;  // for people; empty: for nothing
  Result<void> evict_replica(const std::string& name);
  Result<void> admit_replica(const std::string& name);
  // The set is another than the store remembers; note_replica_set() stages the present one.
  [[nodiscard]] bool replica_set_is_news() const;
  void note_replica_set();
  // Brings up replicas that fell behind; everything must be durable.
  void mend_replicas();

  // The ciphertext of what is destroyed leaves the store by then; survives a restart. Steps erase rows, a number of entries at a time;
  // then the files have to be rewritten, by anybody's thread, and purge_done() says that they were.
  void want_purge(Instant by);
  [[nodiscard]] std::optional<Instant> purge_due() const;  // nothing: nothing is waiting for a step
  Result<void> purge_step(std::uint64_t leaves);
  [[nodiscard]] bool purge_wants_compaction() const;
  static Result<void> compact_purged(storage::KvStore& kv);
  void purge_done();
  [[nodiscard]] std::uint64_t purged() const;  // parts, since the start

  // A snapshot of everything, to be read at leisure. busy: not everything is durable.
  [[nodiscard]] Result<std::unique_ptr<Backup>> backup() const;

  // Hands over everything staged since the last call; also purges dedupe rows older than 7 days, a few at a time.
  Commit take_commit(Instant now);
  // Some of seal's work for what is staged, where there is nothing better to do; false: there is none.
  bool seal_ahead();
  void seal(Commit& commit);                  // commit stage
  Result<void> make_durable(Commit& commit);  // commit stage; sealed, or several sealed ones appended in order
  void note_durable(const journal::FloorRecord& floor);
  // For callers without a commit stage: take, seal, make durable, note.
  Result<void> commit(Instant now);
  [[nodiscard]] bool everything_durable() const;
  [[nodiscard]] std::uint64_t durable_size() const;

  // Reading. busy: the row is staged and not yet durable; commit first.
  [[nodiscard]] Result<journal::Leaf> leaf(Position position) const;
  [[nodiscard]] Result<OpenedPart> open_part(const journal::Leaf& leaf, std::size_t index) const;
  [[nodiscard]] Result<Bytes> raw_part(Position position, std::size_t index) const;
  // As KvReader::check_files.
  [[nodiscard]] Result<void> check_files() const;
  [[nodiscard]] const journal::Journal& journal() const;
  [[nodiscard]] Result<const journal::MerkleTree*> settled() const;  // of all entries; busy: not everything is durable
  [[nodiscard]] const vault::KeyVault& vault() const;
  [[nodiscard]] Version version(Ordinal stream) const;

  // Opaque ids (docs/FORMAT.md "Ids"): names nobody, resolves also after a shred. Nothing: not one of ours.
  [[nodiscard]] std::string id_of(Ordinal subject) const;
  [[nodiscard]] std::optional<Ordinal> ordinal_of(std::string_view id) const;
  // Opaque lasting name of a subject's appointment: a keyed hash, which leads back to nobody.
  [[nodiscard]] std::string appointment_id(Ordinal subject, std::uint64_t number) const;
  // Capability link n of a subject, and which subject a link belongs to (unauthorized / shredded).
  [[nodiscard]] Result<std::string> link_of(Ordinal subject, std::uint32_t n) const;
  [[nodiscard]] Result<Ordinal> subject_of_link(std::string_view link) const;

 private:
  EventStore();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace taus
