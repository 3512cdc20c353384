#include "eventstore/vault/loaded.h"

#include <algorithm>
#include <unordered_set>

namespace taus::vault {
namespace {

using storage::Table;

std::uint64_t place_of(Ordinal subject, Slot slot) { return subject << 4 | slot; }

// The chunks that still have their work row: not receipted.
Result<void> load_chunks(const storage::KvReader& store, Loaded& out) {
  TAUS_TRY(scan_kind(store, 'W', [&](ByteView key, ByteView value) -> Result<void> {
    const auto name = parse_chunk_key(key);
    if (!name || !out.heads.contains(name->generation)) return {};
    TAUS_TRY_ASSIGN(ChunkWork work, decode_work_row(value));
    CommitRow& row = out.unreceipted[*name];
    row.written = std::move(work.written);
    row.superseded = std::move(work.superseded);
    return {};
  }));
  return scan_kind(store, 'D', [&](ByteView key, ByteView value) -> Result<void> {
    TAUS_TRY_ASSIGN(ShredCommit told, decode_chunk_row(key, value));
    out.destroyed.add(told.victims);
    const auto waits = out.unreceipted.find({told.generation, told.chunk});
    if (waits == out.unreceipted.end()) return {};
    const ShredCommit& head = out.heads.at(told.generation).commit;
    told.top_version = head.top_version;
    told.chunks = head.chunks;
    waits->second.commit = std::move(told);
    return {};
  });
}

}  // namespace

void Destroyed::add(const std::vector<Victim>& victims) {
  for (const auto& v : victims) {
    Epoch& last = epochs_.at(v.subject % tables)[place_of(v.subject, v.slot)];
    last = std::max(last, v.epoch);
  }
}

bool Destroyed::covers(Ordinal subject, Slot slot, Epoch epoch) const {
  const auto& table = epochs_.at(subject % tables);
  const auto last = table.find(place_of(subject, slot));
  return slot < slot_count && epoch > 0 && last != table.end() && epoch <= last->second;
}

bool Loaded::lately(Ordinal subject, Slot slot, Epoch epoch) const {
  for (const auto& [name, row] : unreceipted) {
    const auto& victims = row.commit.victims;
    if (row.commit.chunks == 0 || victims.empty() || subject < victims.front().subject || subject > victims.back().subject)
      continue;
    for (const auto& v : victims)
      if (v.subject == subject && v.slot == slot && epoch > 0 && epoch <= v.epoch) return true;
  }
  return false;
}

Result<Loaded> load(const storage::KvReader& store, std::uint64_t generation) {
  Loaded out;
  TAUS_TRY_ASSIGN(out.kseq, read_counter(store, Counter::kseq));
  TAUS_TRY_ASSIGN(const auto subjects, read_counter(store, Counter::next_subject));
  TAUS_TRY_ASSIGN(const auto requests, read_counter(store, Counter::next_pending));
  out.next_subject = std::max<std::uint64_t>(1, subjects);
  out.next_pending = std::max<std::uint64_t>(1, requests);
  TAUS_TRY_ASSIGN(const auto escrow, store.get(Table::keys, escrow_row_key(generation)));
  if (escrow) out.escrow = period_of_escrow(*escrow);
  TAUS_TRY(scan_kind(store, 'C', [&](ByteView key, ByteView value) -> Result<void> {
    TAUS_TRY_ASSIGN(auto row, decode_commit_row(key, value));
    out.destroyed.add(row.commit.victims);
    if (row.receipted) return {};
    const std::uint64_t of = row.commit.generation;
    if (row.commit.chunks > 0)
      out.heads.emplace(of, std::move(row));
    else
      out.unreceipted.emplace(ChunkName{of, 0}, std::move(row));
    return {};
  }));
  TAUS_TRY(load_chunks(store, out));
  // Requests of a shred in chunks go with its receipts.
  std::unordered_set<std::uint64_t> done;
  for (const auto& [name, row] : out.unreceipted)
    for (const auto& request : row.commit.requests) done.insert(request.id);
  TAUS_TRY(scan_kind(store, 'P', [&](ByteView key, ByteView value) -> Result<void> {
    TAUS_TRY_ASSIGN(auto request, decode_pending_row(key, value));
    if (!done.contains(request.id)) out.pending.push_back(std::move(request));
    return {};
  }));
  return out;
}

Result<std::vector<ShredCommit>> read_commits(const storage::KvReader& store, std::uint64_t generation) {
  std::map<ChunkName, ShredCommit> out;
  std::map<std::uint64_t, ShredCommit> heads;
  TAUS_TRY(scan_kind(store, 'C', [&](ByteView key, ByteView value) -> Result<void> {
    TAUS_TRY_ASSIGN(auto row, decode_commit_row(key, value));
    const std::uint64_t of = row.commit.generation;
    if (of <= generation) return {};
    if (row.commit.chunks > 0)
      heads.emplace(of, std::move(row.commit));
    else
      out.emplace(ChunkName{of, 0}, std::move(row.commit));
    return {};
  }));
  TAUS_TRY(scan_kind(store, 'D', [&](ByteView key, ByteView value) -> Result<void> {
    TAUS_TRY_ASSIGN(ShredCommit told, decode_chunk_row(key, value));
    const auto head = heads.find(told.generation);
    if (head == heads.end()) return {};
    told.top_version = head->second.top_version;
    told.chunks = head->second.chunks;
    out.emplace(ChunkName{told.generation, told.chunk}, std::move(told));
    return {};
  }));
  std::vector<ShredCommit> list;
  for (auto& [name, commit] : out) list.push_back(std::move(commit));
  return list;
}

}  // namespace taus::vault
