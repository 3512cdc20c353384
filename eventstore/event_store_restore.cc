// The first start after a restore from a backup, and the reading of one.
#include "eventstore/event_store_state.h"
#include "eventstore/journal/checkpoint.h"
#include "eventstore/journal/entry.h"

namespace taus {
namespace {

// Subject numbers that are passed over where no floor says how many entries were lost.
constexpr std::uint64_t lost_subjects_max = 1 << 20;

Result<Hash32> root_of(const journal::Journal& journal, std::uint64_t size) {
  journal::MerkleTree tree;
  TAUS_TRY(journal.scan(0, size, [&](const journal::Leaf& leaf) -> Result<bool> {
    tree.append(journal::leaf_hash(journal::encode(leaf)));
    return true;
  }));
  return tree.root();
}

// Where the floor was signed for a part of what the backup holds, both must tell the same history. An older backup ends before the floor,
// which then says nothing of it: its own checkpoint does.
Result<void> check_against_floor(const journal::Journal& journal, const journal::FloorRecord& floor) {
  if (floor.incarnation != journal.options().incarnation || floor.size > journal.next_position()) return {};
  TAUS_TRY_ASSIGN(const Hash32 root, root_of(journal, floor.size));
  if (root == floor.root) return {};
  return Error(ErrorCode::tampered,
               "the restored entries are not those that the floor was signed for: the backup was changed; restore another one "
               "(nothing was erased)");
}

// Whoever can write a backup can make all of it fit but the signature of its checkpoint.
Result<void> check_signature(const journal::Journal& journal, const std::string& checkpoint, const crypto::PublicKey& key) {
  const journal::Journal::Options& from = journal.options();
  const auto signed_for =
      journal::verify_checkpoint(checkpoint, journal::checkpoint_origin(from.store_id, from.incarnation), key);
  if (!signed_for)
    return Error(
        ErrorCode::tampered,
        "the backup that was restored is not signed by this store's log key: it was changed, or made under another log key. "
        "Restore another one; or the same with --key and the public half of the key of then, or with --unsigned if nobody "
        "has that any more (nothing was erased)");
  TAUS_TRY_ASSIGN(const Hash32 root, root_of(journal, journal.next_position()));
  if (signed_for->size == journal.next_position() && signed_for->root == root) return {};
  return Error(ErrorCode::tampered,
               "the restored entries are not those that the backup's checkpoint was signed for: the backup was changed; restore "
               "another one (nothing was erased)");
}

}  // namespace

journal::Journal::Options EventStore::State::journal_options() const {
  return {.store_id = meta.store_id, .incarnation = meta.incarnation, .eras = eras, .restored = false};
}

Result<void> EventStore::State::begin_restored(EventStore& self, const std::optional<journal::FloorRecord>& floor_record,
                                               const Options& options) {
  const bool told =
      restored->incarnation != 0 && restored->incarnation == meta.incarnation;  // a start before this one got so far
  if (floor_record && floor_record->store_id != meta.store_id)
    return Error(ErrorCode::corrupt,
                 "the floor file belongs to another store: restore into this store's own root directory; nothing was erased");
  if (!told && floor_record && floor_record->generation > vault->generation())
    return Error(ErrorCode::corrupt,
                 "the floor is ahead of the root key: the root store was rolled back; do not start this store");
  journal::Journal::Options as_found = journal_options();
  as_found.restored = true;
  TAUS_TRY_ASSIGN(journal, journal::Journal::open(*kv, std::nullopt, as_found, {}));
  if (told) return {};
  if (floor_record) TAUS_TRY(check_against_floor(*journal, *floor_record));
  if (!restored->checkpoint.empty() && options.log_key)
    TAUS_TRY(check_signature(*journal, restored->checkpoint, *options.log_key));
  if (!options.on_restored) return Error(ErrorCode::unavailable, "this store was restored from a backup: start it with tausd");
  // What was accepted before the disaster is destroyed before anything is opened.
  while (vault->pending_count() > 0 && !options.shred_faults.restore_opens_first) {
    TAUS_TRY_ASSIGN(const vault::ShredCommit shredded, vault->shred());
    if (!shredded.waits_for.empty())
      return Error(ErrorCode::unavailable,
                   "a shred that was accepted before the restore comes first, and waits: " + shredded.waits_for);
  }
  RestoreFacts facts{.previous_incarnation = meta.incarnation,
                     .incarnation = 0,
                     .size = journal->next_position(),
                     .lost = {},
                     .generation = vault->generation()};
  if (floor_record) facts.lost = floor_record->size - std::min(floor_record->size, facts.size);
  random->fill(std::span(reinterpret_cast<std::uint8_t*>(&facts.incarnation), sizeof facts.incarnation));
  facts.incarnation = (facts.incarnation & 0x7fffffffU) | 1U;
  // Numbers that went to subjects whose entries are lost must never mean somebody else.
  vault->stage_lost_subjects(batch, journal->highest_stream() + 1, facts.lost.value_or(lost_subjects_max));
  meta.incarnation = facts.incarnation;
  journal->begin_era(facts.incarnation);
  eras = journal->eras();
  TAUS_TRY(options.on_restored(self, facts));
  meta.stage(batch);
  stage_eras(batch, eras);
  RestoreMark{.incarnation = facts.incarnation, .checkpoint = {}}.stage(batch);
  begin_log();
  events.seal(meta.store_id, *log_end, batch, *random);
  journal->settle(log_end->tree().size(), log_end->tree().frontier());
  TAUS_TRY(kv->commit(batch));
  batch.clear();
  vault->note_committed();
  return {};
}

// The floor before the mark goes: without the mark an older floor is refused.
Result<void> EventStore::State::end_restored() {
  TAUS_TRY(floor->write(floor_now(&journal->tree())));
  RestoreMark::stage_removal(batch);
  TAUS_TRY(kv->commit(batch));
  batch.clear();
  restored.reset();
  return {};
}

Result<std::unique_ptr<Backup>> EventStore::backup() const {
  const State& s = *state_;
  if (!everything_durable()) return Error(ErrorCode::busy, "not durable yet: ask again");
  BackupHead head{.store_id = s.meta.store_id,
                  .incarnation = s.meta.incarnation,
                  .profile = s.meta.profile,
                  .size = s.journal->next_position(),
                  .root = s.journal->tree().root(),
                  .generation = s.vault->generation(),
                  .kseq = s.vault->kseq()};
  return std::make_unique<Backup>(s.kv->snapshot(), std::move(head));
}

}  // namespace taus
