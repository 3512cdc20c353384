#include "daemon/service/restoring.h"

#include <array>
#include <set>

#include "daemon/service/decision.h"
#include "daemon/service/shredding.h"
#include "eventstore/journal/checkpoint.h"
#include "eventstore/schema/part.h"

namespace taus::service {

namespace {

constexpr std::array<std::pair<std::string_view, storage::Table>, storage::table_count> tables{
    {{"leaf", storage::Table::leaf},
     {"part", storage::Table::part},
     {"keys", storage::Table::keys},
     {"dedupe", storage::Table::dedupe},
     {"meta", storage::Table::meta}}};

Result<storage::Table> table_of(std::string_view name) {
  for (const auto& [known, table] : tables)
    if (known == name) return table;
  return Error(ErrorCode::invalid_argument, "a backup has the tables leaf, part, keys, dedupe and meta", "/table");
}

void fill_head(const Core& core, const BackupHead& head, api::BackupChunk::Builder out) {
  out.setStoreId(to_hex(head.store_id));
  out.setIncarnation(head.incarnation);
  out.setSize(head.size);
  out.setGeneration(head.generation);
  out.setKseq(head.kseq);
  out.setProfile(head.profile);
  out.setCheckpoint(journal::format_checkpoint(
      {.origin = journal::checkpoint_origin(head.store_id, head.incarnation), .size = head.size, .root = head.root},
      *core.options.log_key));
}

// What the journal has receipts of: every generation up to the highest that is whole, and chunks beyond it.
struct Receipted {
  std::uint64_t generation = 1;
  std::set<std::pair<std::uint64_t, std::uint32_t>> chunks;
};

// Opens public parts only.
Result<Receipted> receipted(const EventStore& store) {
  Receipted out;
  TAUS_TRY(store.journal().scan(0, store.journal().next_position(), [&](const journal::Leaf& leaf) -> Result<bool> {
    if (leaf.stream != centre_stream || leaf.parts.size() != 1 || leaf.parts[0].slot != public_slot) return true;
    TAUS_TRY_ASSIGN(const OpenedPart opened, store.open_part(leaf, 0));
    TAUS_TRY_ASSIGN(const schema::PartReader part, schema::PartReader::open(opened.plaintext, schema::public_part));
    if (!part.event().isShredCompleted()) return true;
    const auto receipt = part.event().getShredCompleted().getPublic();
    if (receipt.getChunk() + 1 >= receipt.getChunks())
      out.generation = std::max(out.generation, receipt.getGeneration());
    else
      out.chunks.emplace(receipt.getGeneration(), receipt.getChunk());
    return true;
  }));
  return out;
}

Result<void> append_told(Core& core, const RestoreFacts& facts) {
  capnp::MallocMessageBuilder message;
  auto told = message.initRoot<schema::Event>().initStoreRestored().initPublic();
  told.setPreviousIncarnation(facts.previous_incarnation);
  told.setIncarnation(facts.incarnation);
  told.setSize(facts.size);
  if (facts.lost) told.setLost(static_cast<std::int64_t>(*facts.lost));
  told.setGeneration(facts.generation);
  told.setLocalDate(core.zone->local_date(core.options.clock->now()));
  TAUS_TRY(append_event(core, centre_stream, message.getRoot<schema::Event>().asReader(), all_categories));
  return {};
}

}  // namespace

Result<void> backup_read(Core& core, const Call& call, api::BackupQuery::Reader in, api::BackupChunk::Builder out) {
  TAUS_TRY(require(standing(call), op, "operators make backups"));
  if (in.getSession() == 0) {
    TAUS_TRY_ASSIGN(core.backup, core.store->backup());
    ++core.backup_session;
  }
  if (!core.backup || (in.getSession() != 0 && in.getSession() != core.backup_session))
    return Error(ErrorCode::not_found, "another backup was begun since, or the daemon restarted: begin anew", "/session");
  core.backup_used = call.now;
  out.setSession(core.backup_session);
  fill_head(core, core.backup->head(), out);
  out.setCurrent(core.backup->head().generation == core.store->vault().generation());
  if (in.getSession() == 0) return {};
  if (in.getTable().size() == 0) {  // the end: old rows may leave the files again
    core.backup.reset();
    out.setDone(true);
    return {};
  }
  TAUS_TRY_ASSIGN(const storage::Table table, table_of(text_of(in.getTable())));
  const ByteView after(in.getAfter().begin(), in.getAfter().size());
  TAUS_TRY_ASSIGN(const Backup::Chunk chunk, core.backup->read(table, after));
  out.setRows(capnp::Data::Reader(chunk.rows.data(), chunk.rows.size()));
  out.setLast(capnp::Data::Reader(chunk.last.data(), chunk.last.size()));
  out.setDone(chunk.done);
  return {};
}

Result<void> append_restoration(Core& core, EventStore& store, const RestoreFacts& facts) {
  // The store is not ours yet: lent for these entries, and what they did to the projections is done again by the rebuilding.
  struct Lent {
    Core& core;
    ~Lent() {
      static_cast<void>(core.store.release());
      core.projections = projections::Projections();
    }
  } lent{core};
  core.store.reset(&store);
  TAUS_TRY_ASSIGN(const Receipted had, receipted(store));
  TAUS_TRY(append_told(core, facts));
  TAUS_TRY_ASSIGN(const auto commits, store.vault().commits_after(had.generation));
  for (const vault::ShredCommit& commit : commits)
    if (!had.chunks.contains({commit.generation, commit.chunk}) || commit.chunks == 0) TAUS_TRY(append_receipts(core, commit));
  return {};
}

}  // namespace taus::service
