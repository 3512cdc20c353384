// The ciphertext of what was shredded leaves the journal: rows of parts are erased, leaves and proofs stay. docs/FORMAT.md "Purge".
#include <utility>

#include "eventstore/event_store_state.h"
#include "eventstore/journal/entry.h"

namespace taus {
namespace {

using storage::Table;

Bytes row_key() { return {view("purge").begin(), view("purge").end()}; }

}  // namespace

Result<void> EventStore::State::load_purge() {
  TAUS_TRY_ASSIGN(const auto row, kv->get(Table::meta, row_key()));
  if (!row) return {};
  Reader in(*row);
  purge.due = instant_of_ms(static_cast<std::int64_t>(in.u64()));
  if (!in.done()) return Error(ErrorCode::corrupt, "the row of the purge is damaged: restore a backup");
  return {};
}

void EventStore::State::stage_purge() {
  if (!purge.due) return batch.erase(Table::meta, row_key());
  Bytes value;
  Writer(value).u64(static_cast<std::uint64_t>(ms_of(*purge.due)));
  batch.put(Table::meta, row_key(), std::move(value));
}

void EventStore::want_purge(Instant by) {
  State& s = *state_;
  // A round that has begun may have passed what is destroyed now: that waits for the next one.
  const bool under_way = s.purge.compacting || s.purge.next > 0;
  auto& due = under_way ? s.purge.due_next : s.purge.due;
  if (due && *due <= by) return;
  due = by;
  if (!under_way) s.stage_purge();
}

std::optional<Instant> EventStore::purge_due() const { return state_->purge.compacting ? std::nullopt : state_->purge.due; }

Result<void> EventStore::purge_step(std::uint64_t leaves) {
  State& s = *state_;
  if (!s.purge.due || s.purge.compacting) return {};
  const std::uint64_t end = std::min(s.durable_size, s.purge.next + leaves);
  TAUS_TRY(s.journal->scan(s.purge.next, end, [&](const journal::Leaf& leaf) -> Result<bool> {
    const Ordinal node = leaf.stream == centre_stream ? centre_ordinal : leaf.stream;
    for (std::size_t i = 0; i < leaf.parts.size(); ++i) {
      const journal::PartRef& part = leaf.parts[i];
      if (part.slot == public_slot || !s.vault->destroyed(node, part.slot, part.epoch)) continue;
      Bytes key = journal::part_row_key(leaf.position, static_cast<std::uint8_t>(i));
      TAUS_TRY_ASSIGN(const auto row, s.kv->get(Table::part, key));
      if (!row) continue;
      s.batch.erase(Table::part, std::move(key));
      ++s.purge.erased;
    }
    return true;
  }));
  s.purge.next = end;
  if (end < s.durable_size) return {};
  s.purge.next = 0;
  s.purge.compacting = true;
  return {};
}

bool EventStore::purge_wants_compaction() const { return state_->purge.compacting && everything_durable(); }
std::uint64_t EventStore::purged() const { return state_->purge.erased; }

Result<void> EventStore::compact_purged(storage::KvStore& kv) {
  // Flushed everywhere, so that the log with the old rows goes; rewritten, so that the files without them take their place.
  for (const Table table : {Table::leaf, Table::part, Table::keys, Table::dedupe, Table::meta}) TAUS_TRY(kv.flush(table));
  return kv.compact(Table::part);
}

void EventStore::purge_done() {
  State& s = *state_;
  s.purge.compacting = false;
  s.purge.due = std::exchange(s.purge.due_next, std::nullopt);
  s.stage_purge();
}

}  // namespace taus
