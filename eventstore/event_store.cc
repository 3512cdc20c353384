#include "eventstore/event_store.h"

#include <algorithm>
#include <utility>

#include "eventstore/base/limits.h"
#include "eventstore/crypto/hash.h"
#include "eventstore/event_store_state.h"
#include "eventstore/replay.h"
#include "eventstore/vault/rows.h"

namespace taus {

namespace {

using storage::Table;

// What the centre's own key node holds, by category number there (docs/FORMAT.md "Centre keys").
constexpr int centre_key_ids = 0;
constexpr int centre_key_requests = 1;

constexpr std::uint64_t purge_every_commits = 64;
constexpr std::size_t seal_ahead_parts = 16;  // at a time

}  // namespace

void Commit::append(Commit&& later) {
  if (later.empty()) return;
  batch.append(std::move(later.batch));
  events.append(std::move(later.events));
  floor = std::move(later.floor);
}

EventStore::EventStore() : state_(std::make_unique<State>()) {}
EventStore::~EventStore() = default;

// Before recovery, so that nothing is written to a store that lost its end. The journal's own check comes later and sees more.
Result<void> EventStore::State::check_tail(const std::optional<journal::FloorRecord>& record) const {
  if (!record || record->store_id != meta.store_id) return {};
  TAUS_TRY_ASSIGN(const std::uint64_t kseq, vault::read_counter(*kv, vault::Counter::kseq));
  if (record->kseq > kseq)
    return Error(
        ErrorCode::corrupt,
        "the floor is ahead of the key store: rows that were acknowledged are missing; restore the newest key-store copy");
  if (record->size == 0) return {};
  TAUS_TRY_ASSIGN(const std::optional<Bytes> last, kv->get(Table::leaf, journal::leaf_row_key(record->size - 1)));
  if (last) return {};
  return Error(ErrorCode::corrupt, "the last acknowledged entry is missing, the floor says there are " +
                                       std::to_string(record->size) +
                                       ": the end of the journal is lost; restore it from a backup and tell the auditors");
}

Result<void> EventStore::State::check_floor(const std::optional<journal::FloorRecord>& record) const {
  if (!record) return {};
  if (record->store_id != meta.store_id)
    return Error(ErrorCode::corrupt, "the floor file belongs to another store: give this store its own root directory");
  if (record->incarnation != meta.incarnation)
    return Error(
        ErrorCode::corrupt,
        "the floor is of another restore than the store: start each restored store with the root directory it was restored to");
  if (record->generation > vault->generation())
    return Error(ErrorCode::corrupt,
                 "the floor is ahead of the root key: the root store was rolled back; do not start this store");
  return {};
}

Result<void> EventStore::State::open_keys() {
  TAUS_TRY(vault->stage_centre(batch));
  TAUS_TRY_ASSIGN(vault::SlotKey id_key, vault->key_for_writing(batch, centre_ordinal, centre_key_ids));
  TAUS_TRY_ASSIGN(vault::SlotKey requests, vault->key_for_writing(batch, centre_ordinal, centre_key_requests));
  ids.emplace(std::move(id_key.key));
  request_key = std::move(requests.key);
  if (!batch.empty()) {
    TAUS_TRY(kv->commit(batch));
    batch.clear();
    vault->note_committed();
  }
  return {};
}

// After recovery, before the first batch of this life.
Result<void> EventStore::State::attach_replicas(vault::Replicas* set) {
  replicas = set;
  TAUS_TRY_ASSIGN(known_replicas, ReplicaSet::read(*kv));
  if (set == nullptr) return {};
  const std::string newer =
      restored && restored->incarnation == 0 ? set->newer_than(meta.store_id, vault->kseq(), known_replicas.evicted) : "";
  if (!newer.empty())
    return Error(ErrorCode::unavailable, "the replica \"" + newer +
                                             "\" has newer keys than this restored store: restore once more, with --keys and the "
                                             "replica's directory; nothing was erased");
  std::set<std::uint32_t> earlier;
  for (const journal::Era& era : eras)
    if (era.incarnation != meta.incarnation) earlier.insert(era.incarnation);
  set->attach(*kv, {.table = Table::keys, .store_id = meta.store_id, .incarnation = meta.incarnation}, vault->kseq(),
              known_replicas.evicted, earlier);
  for (const vault::ReplicaReport& one : set->states())
    if (one.state == vault::ReplicaState::newer)
      return Error(ErrorCode::corrupt,
                   "the replica \"" + one.name +
                       "\" has newer keys than this store, which then is an old copy or lost its end: put the present store and "
                       "root back, or restore a backup with --keys and the replica's directory; the replica was left as it is");
  return {};
}

Result<std::unique_ptr<EventStore>> EventStore::open(storage::KvStore& store, vault::RootStore& roots, journal::Floor& floor,
                                                     Random& random, const Options& options, const Visitor& visit) {
  std::unique_ptr<EventStore> self(new EventStore());
  State& s = *self->state_;
  s.kv = &store;
  s.floor = &floor;
  s.random = &random;
  s.commit_random = options.commit_random == nullptr ? &random : options.commit_random;
  TAUS_TRY_ASSIGN(const std::optional<journal::FloorRecord> floor_record, floor.read());
  TAUS_TRY_ASSIGN(const StoreMeta::Opened opened,
                  StoreMeta::open(store, roots, floor_record.has_value(), random, options.profile));
  s.meta = opened.meta;
  s.restored = opened.restored;
  TAUS_TRY_ASSIGN(s.eras, read_eras(store));
  if (!s.restored) TAUS_TRY(s.check_tail(floor_record));
  const vault::KeyVault::Options vault_options{.store_id = s.meta.store_id,
                                               .delta_path = options.delta_path,
                                               .replicas = options.replicas,
                                               .faults = options.shred_faults};
  if (opened.needs_keys) TAUS_TRY(vault::KeyVault::create(store, roots, random, vault_options));
  TAUS_TRY_ASSIGN(s.vault, vault::KeyVault::open(store, roots, random, vault_options));
  if (!s.restored) TAUS_TRY(s.check_floor(floor_record));
  TAUS_TRY(s.attach_replicas(options.replicas));
  TAUS_TRY(s.open_keys());
  TAUS_TRY(s.load_purge());
  std::optional<journal::FloorRecord> floor_now = floor_record;
  if (s.restored) {
    s.durable_size = no_position;  // every row that is read is on disk
    TAUS_TRY(s.begin_restored(*self, floor_record, options));
    floor_now = s.floor_now(&s.journal->tree());
    TAUS_TRY(s.end_restored());
  }
  TAUS_TRY_ASSIGN(s.journal, journal::Journal::begin(store, floor_now, s.journal_options()));
  TAUS_TRY(Replay(store, *s.vault, s.meta.store_id, options.parallel)
               .run([&](const journal::LeafRow& row) { return s.journal->take(row); }, visit));
  TAUS_TRY(s.journal->finish());
  TAUS_TRY(s.learn_requests());
  if (!floor_now && s.journal->next_position() > 0)
    return Error(ErrorCode::corrupt,
                 "the floor file is missing beside a journal that is not empty: put the root directory of this store back");
  s.begin_log();
  const journal::FloorRecord now = s.floor_now(&s.journal->tree());
  if (floor_now != now) TAUS_TRY(floor.write(now));
  s.durable_size = now.size;
  s.durable_kseq = now.kseq;
  return self;
}

Result<Ordinal> EventStore::new_subject() {
  return state_->vault->stage_subject(state_->batch, state_->journal->highest_stream() + 1);
}

Result<Appended> EventStore::append(Ordinal stream, std::span<const NewPart> parts) {
  State& s = *state_;
  TAUS_CHECK(!parts.empty() && parts.size() <= limits::parts_per_event_max);
  for (const NewPart& part : parts)
    if (part.plaintext.size() > limits::part_bytes_max)
      return Error(ErrorCode::too_large, "one part of an event holds at most 256 KiB: shorten the text");
  for (const NewPart& part : parts) {
    if (part.category < 0) {
      s.events.add_public(part.plaintext);
      continue;
    }
    Result<vault::SlotKey> key = s.vault->key_for_writing(s.batch, node_of(stream), part.category);
    if (!key) {
      s.events.take_back();
      return key.error();
    }
    s.events.add(std::move(*key), part.plaintext);
  }
  const journal::Journal::Claim place = s.journal->claim(stream);
  s.events.end_event(stream, place, s.journal->options().incarnation);
  return Appended{.position = place.position, .version = place.version};
}

Result<void> EventStore::accept_shred(Ordinal subject, std::uint16_t categories, ByteView note) {
  State& s = *state_;
  TAUS_TRY(s.vault->stage_pending(
      s.batch, {.id = 0, .subject = subject, .categories = categories, .note = Bytes(note.begin(), note.end())}));
  return {};
}

bool EventStore::shreds_pending() const { return state_->vault->pending_count() > 0; }

Result<vault::ShredCommit> EventStore::shred() {
  TAUS_CHECK(everything_durable());
  auto done = state_->vault->shred();
  state_->durable_kseq = std::max(state_->durable_kseq, state_->vault->kseq());  // the vault commits by itself
  return done;
}

Result<vault::ShredStep> EventStore::shred_step() {
  State& s = *state_;
  auto step = s.vault->shred_step(s.batch);
  if (step && step->then == vault::ShredStep::Then::done)
    s.durable_kseq = std::max(s.durable_kseq, s.vault->kseq());  // the vault commits by itself
  return step;
}

Result<void> EventStore::flush_keys(storage::KvStore& kv) { return kv.flush(Table::keys); }

void EventStore::shred_flushed() { state_->vault->note_flushed(); }

Result<vault::ShredCommit> EventStore::rotate(const vault::EscrowChange& change, std::optional<vault::EscrowPaper>& paper) {
  if (!everything_durable()) return Error(ErrorCode::busy, "not durable yet: ask again");
  auto done = state_->vault->rotate(change, paper);
  state_->durable_kseq = std::max(state_->durable_kseq, state_->vault->kseq());
  return done;
}

void EventStore::receipted(std::uint64_t generation, std::uint32_t chunk) {
  state_->vault->stage_receipted(state_->batch, generation, chunk);
}

Result<std::vector<vault::ShredCommit>> EventStore::unreceipted() const { return state_->vault->unreceipted(); }

const vault::ShredCommit* EventStore::first_unreceipted() const { return state_->vault->first_unreceipted(); }

std::vector<vault::ReplicaReport> EventStore::replicas() const {
  return state_->replicas == nullptr ? std::vector<vault::ReplicaReport>() : state_->replicas->states();
}

std::string EventStore::shreds_wait_for() const { return state_->replicas == nullptr ? "" : state_->replicas->waits_for(); }

Result<void> EventStore::evict_replica(const std::string& name) {
  State& s = *state_;
  if (!everything_durable()) return Error(ErrorCode::busy, "not durable yet: ask again");
  if (s.replicas == nullptr) return Error(ErrorCode::not_found, "this store has no replicas", "/name");
  return s.replicas->evict(name);
}

Result<void> EventStore::admit_replica(const std::string& name) {
  State& s = *state_;
  if (!everything_durable()) return Error(ErrorCode::busy, "not durable yet: ask again");
  if (s.replicas == nullptr) return Error(ErrorCode::not_found, "this store has no replicas", "/name");
  return s.replicas->admit(name, *s.kv, s.vault->kseq());
}

bool EventStore::replica_set_is_news() const { return ReplicaSet::of(replicas()) != state_->known_replicas; }

void EventStore::note_replica_set() {
  State& s = *state_;
  s.known_replicas = ReplicaSet::of(replicas());
  s.known_replicas.stage(s.batch);
}

void EventStore::mend_replicas() {
  State& s = *state_;
  TAUS_CHECK(everything_durable());
  if (s.replicas != nullptr) static_cast<void>(s.replicas->mend(*s.kv, s.vault->kseq()));
}

Commit EventStore::take_commit(Instant now) {
  State& s = *state_;
  const bool any = !s.batch.empty() || !s.events.empty();
  if (any && ++s.commits % purge_every_commits == 0) s.purge_requests(now);
  s.stage_requests();
  Commit out{.batch = std::move(s.batch), .events = std::move(s.events), .floor = {}};
  s.batch = {};
  s.events = {};
  if (any) out.floor = s.floor_now(nullptr);
  return out;
}

bool EventStore::seal_ahead() {
  State& s = *state_;
  return s.events.seal_ahead(s.meta.store_id, s.batch, *s.random, seal_ahead_parts) > 0;
}

void EventStore::State::begin_log() { log_end.emplace(journal->tree()); }

void EventStore::seal(Commit& commit) {
  if (commit.empty()) return;
  State& s = *state_;
  commit.events.seal(s.meta.store_id, *s.log_end, commit.batch, *s.commit_random);
  commit.floor.frontier = s.log_end->tree().frontier();
}

Result<void> EventStore::make_durable(Commit& commit) {
  if (commit.empty()) return {};
  State& s = *state_;
  TAUS_CHECK(commit.events.empty());
  const auto tree = journal::MerkleTree::resume(commit.floor.size, commit.floor.frontier);
  TAUS_CHECK(tree);
  commit.floor.root = tree->root();
  TAUS_TRY(s.kv->commit(commit.batch));
  return s.floor->write(commit.floor);
}

void EventStore::note_durable(const journal::FloorRecord& floor) {
  State& s = *state_;
  s.durable_size = std::max(s.durable_size, floor.size);
  s.journal->settle(floor.size, floor.frontier);
  s.durable_kseq = std::max(s.durable_kseq, floor.kseq);
  // Also while later commits are under way, or the node cache could not shrink under constant load.
  s.vault->note_committed_to(floor.kseq);
  s.requests_durable();
}

Result<void> EventStore::commit(Instant now) {
  Commit unit = take_commit(now);
  if (unit.empty()) return {};
  seal(unit);
  TAUS_TRY(make_durable(unit));
  note_durable(unit.floor);
  return {};
}

bool EventStore::everything_durable() const {
  const State& s = *state_;
  return s.batch.empty() && s.events.empty() && s.durable_size >= s.journal->next_position() && s.durable_kseq >= s.vault->kseq();
}

std::uint64_t EventStore::durable_size() const { return state_->durable_size; }

Result<journal::Leaf> EventStore::leaf(Position position) const {
  const State& s = *state_;
  if (position >= s.journal->next_position())
    return Error(ErrorCode::not_found, "there is no such position: the journal ends before it");
  if (position >= s.durable_size) return Error(ErrorCode::busy, "not durable yet: ask again");
  return s.journal->read_leaf(position);
}

Result<OpenedPart> EventStore::open_part(const journal::Leaf& leaf, std::size_t index) const {
  const State& s = *state_;
  TAUS_CHECK(index < leaf.parts.size());
  const journal::PartRef& ref = leaf.parts[index];
  if (leaf.position >= s.durable_size) return Error(ErrorCode::busy, "not durable yet: ask again");
  crypto::Key key;
  std::optional<int> category;
  if (ref.slot != public_slot) {
    TAUS_TRY_ASSIGN(key, s.vault->key_for_reading(node_of(leaf.stream), ref.slot, ref.epoch));
    TAUS_TRY_ASSIGN(category, s.vault->category_of(node_of(leaf.stream), ref.slot));
    if (!category) return Error(ErrorCode::corrupt, "a live key without a category: run taus-verify");
  }
  TAUS_TRY_ASSIGN(const Bytes stored, s.journal->read_part(leaf.position, static_cast<std::uint8_t>(index)));
  if (ref.slot == public_slot) {
    TAUS_TRY_ASSIGN(Bytes plaintext, journal::open_public_part(ref, stored));
    return OpenedPart{.category = -1, .plaintext = std::move(plaintext)};
  }
  TAUS_TRY_ASSIGN(Bytes plaintext, journal::open_part(key, context_of(s.meta.store_id, leaf, index), ref, stored));
  return OpenedPart{.category = *category, .plaintext = std::move(plaintext)};
}

Result<Bytes> EventStore::raw_part(Position position, std::size_t index) const {
  if (position >= state_->durable_size) return Error(ErrorCode::busy, "not durable yet: ask again");
  return state_->journal->read_part(position, static_cast<std::uint8_t>(index));
}

Result<void> EventStore::check_files() const { return state_->kv->check_files(); }

const journal::Journal& EventStore::journal() const { return *state_->journal; }
Result<const journal::MerkleTree*> EventStore::settled() const {
  if (!everything_durable()) return Error(ErrorCode::busy, "not durable yet: ask again");
  return &state_->journal->tree();
}

const vault::KeyVault& EventStore::vault() const { return *state_->vault; }
Version EventStore::version(Ordinal stream) const { return state_->journal->version(stream); }

std::string EventStore::id_of(Ordinal subject) const { return state_->ids->id_of(subject); }

std::optional<Ordinal> EventStore::ordinal_of(std::string_view id) const { return state_->ids->ordinal_of(id); }

std::string EventStore::appointment_id(Ordinal subject, std::uint64_t number) const {
  return state_->ids->appointment_id(subject, number);
}

Result<std::string> EventStore::link_of(Ordinal subject, std::uint32_t n) const {
  const State& s = *state_;
  const int consent = consent_category;
  TAUS_TRY_ASSIGN(const std::uint16_t live, s.vault->live_categories(subject));
  if ((live >> consent & 1) == 0) return Error(ErrorCode::shredded, "this link's consent was shredded");
  storage::WriteBatch unused;
  TAUS_TRY_ASSIGN(const vault::SlotKey key, s.vault->key_for_writing(unused, subject, consent));
  TAUS_CHECK(unused.empty());
  Bytes number;
  Writer(number).u32(n);
  const ByteArray<16> mark = crypto::blake2b<16>(key.key, {view("taus/link/1"), number});
  const std::optional<Bytes> id = from_base32(id_of(subject));
  Bytes out = *id;
  Writer(out).raw(mark);
  return to_base32(out);
}

Result<Ordinal> EventStore::subject_of_link(std::string_view link) const {
  const Error refused(ErrorCode::unauthorized, "this link is not valid: ask the centre for a new one");
  const std::optional<Bytes> raw = link.size() == 52 ? from_base32(link) : std::nullopt;
  if (!raw || raw->size() != 32) return refused;
  const std::optional<Ordinal> subject = ordinal_of(to_base32(ByteView(*raw).first(16)));
  if (!subject || *subject == centre_stream || *subject > state_->journal->highest_stream()) return refused;
  TAUS_TRY_ASSIGN(const std::string expected, link_of(*subject, 1));
  if (!crypto::equal(view(expected), view(link))) return refused;
  return *subject;
}

}  // namespace taus
