#include "eventstore/vault/recovery.h"

#include <algorithm>
#include <map>
#include <set>

#include "eventstore/vault/key_tree.h"

namespace taus::vault {
namespace {

using storage::Table;

// Whether the batch is the one after the last that the store holds: an older store lacks more than this shred.
Result<bool> follows(const storage::KvReader& store, const storage::WriteBatch& batch) {
  TAUS_TRY_ASSIGN(const auto kseq, read_counter(store, Counter::kseq));
  const Bytes number = counter_key(Counter::kseq);
  for (const auto& row : batch.rows())
    if (row.value && std::ranges::equal(row.key, number)) return Reader(*row.value).u64() == kseq + 1;
  return false;
}

// What the engine lost of the very shred that made this root, taken from the delta file.
Result<storage::WriteBatch> missing_rows(const storage::KvStore& store, const RootRecord& root, const DeltaFile* delta) {
  storage::WriteBatch missing;
  if (delta == nullptr) return missing;
  TAUS_TRY_ASSIGN(const auto written, delta->read(root.generation, root.top_version));
  if (!written) return missing;
  TAUS_TRY_ASSIGN(const auto commit, store.get(Table::keys, commit_row_key(root.generation)));
  if (!commit) {
    TAUS_TRY_ASSIGN(const bool next, follows(store, *written));
    if (!next) return missing;
  }
  for (const auto& row : written->rows()) {
    if (!commit) {  // the batch is atomic: all of it was lost
      if (row.value) missing.put(row.table, row.key, *row.value);
      if (!row.value) missing.erase(row.table, row.key);
    } else if (row.value && (parse_node_row_key(row.key) || row.key[0] == 'E')) {
      TAUS_TRY_ASSIGN(const auto present, store.get(Table::keys, row.key));
      if (!present) missing.put(row.table, row.key, *row.value);
    }
  }
  return missing;
}

Result<bool> opens_top(const storage::KvStore& store, const storage::WriteBatch& missing, const RootRecord& root) {
  if (version_of(root.root) != root.top_version) return false;
  const Bytes key = node_row_key({}, root.top_version);
  TAUS_TRY_ASSIGN(auto row, store.get(Table::keys, key));
  for (const auto& other : missing.rows()) {
    if (!row && other.value && std::ranges::equal(other.key, key)) row = Bytes(other.value->begin(), other.value->end());
  }
  return row && open_node(root.store_id, {}, root.root, *row).has_value();
}

Result<bool> adopts(storage::KvStore& store, const RootRecord& root, const DeltaFile* delta) {
  TAUS_TRY_ASSIGN(const auto missing, missing_rows(store, root, delta));
  TAUS_TRY_ASSIGN(const bool opens, opens_top(store, missing, root));
  if (!opens) return false;
  if (!missing.empty()) TAUS_TRY(store.commit(missing));
  TAUS_TRY_ASSIGN(const auto value, store.get(Table::keys, commit_row_key(root.generation)));
  if (!value) return root.generation == 1;
  TAUS_TRY_ASSIGN(const auto commit, decode_commit_row(commit_row_key(root.generation), *value));
  if (commit.receipted) return true;
  std::vector<std::vector<Bytes>> written = {commit.written};
  if (commit.commit.chunks > 0) {
    TAUS_TRY(scan_kind(store, 'W', [&](ByteView name, ByteView work) -> Result<void> {
      if (const auto of = parse_chunk_key(name); !of || of->generation != root.generation) return {};
      TAUS_TRY_ASSIGN(ChunkWork chunk, decode_work_row(work));
      written.push_back(std::move(chunk.written));
      return {};
    }));
  }
  for (const auto& rows : written) {
    const auto walked = walk(store, root.store_id, root.root, rows);
    if (!walked && walked.error().code != ErrorCode::corrupt) return walked.error();
    if (!walked) return false;
  }
  return true;
}

// The newest generation that is known to have been a root: its shred is receipted, or a part of it, or another one came after it.
Result<std::uint64_t> newest_root_known(const storage::KvReader& store) {
  std::uint64_t newest = 1;
  std::map<std::uint64_t, std::set<std::uint64_t>> chunks;  // told by D rows and not yet by a receipt, of what may be unfinished
  TAUS_TRY(scan_kind(store, 'C', [&](ByteView key, ByteView value) -> Result<void> {
    TAUS_TRY_ASSIGN(const auto row, decode_commit_row(key, value));
    const std::uint64_t of = row.commit.generation;
    newest = std::max(newest, row.receipted ? of : of - 1);
    if (!row.receipted && row.commit.chunks > 0) chunks[of];
    return {};
  }));
  if (chunks.empty()) return newest;
  const auto each = [&](char kind, const auto& take) {
    return scan_kind(store, kind, [&](ByteView key, ByteView) -> Result<void> {
      const auto name = parse_chunk_key(key);
      if (const auto of = name ? chunks.find(name->generation) : chunks.end(); of != chunks.end()) take(of->second, name->chunk);
      return {};
    });
  };
  TAUS_TRY(each('D', [](auto& open, std::uint64_t chunk) { open.insert(chunk); }));
  TAUS_TRY(each('W', [](auto& open, std::uint64_t chunk) { open.erase(chunk); }));
  for (const auto& [of, receipted] : chunks)
    if (!receipted.empty()) newest = std::max(newest, of);
  return newest;
}

Error no_root(const RootStore::Slots& slots, const StoreId& store_id, std::uint64_t newest) {
  const std::string safe = " (nothing was erased)";
  if (slots.blank[0] && slots.blank[1]) {
    return {ErrorCode::unavailable,
            "the root store is empty although there is a key store; bring back the root store of this "
            "host or its escrow" +
                safe};
  }
  std::uint64_t held = 0;
  for (const auto& record : slots.records)
    if (record && record->store_id == store_id) held = std::max(held, record->generation);
  if (held > 0 && held < newest) {
    return {ErrorCode::corrupt,
            "the root store is of generation " + std::to_string(held) + " and the keys are of generation " +
                std::to_string(newest) +
                ": an old copy of the root store was put back; bring back the present one, and destroy the copy" + safe};
  }
  for (const auto& record : slots.records) {
    if (record && record->store_id == store_id) {
      return {ErrorCode::unavailable,
              "the key rows do not fit the root key, probably an old copy was restored; restore the "
              "newest key rows" +
                  safe};
    }
  }
  if (slots.records[0] || slots.records[1]) {
    return {ErrorCode::unavailable, "the root store belongs to another store; name the right one in the configuration" + safe};
  }
  return {ErrorCode::unavailable, "no slot of the root store is readable; bring back the root from escrow" + safe};
}

Result<Recovered> adopt(storage::KvStore& store, RootStore::Slots slots, const StoreId& store_id, const DeltaFile* delta) {
  const auto generation = [&](int slot) {
    const auto& record = slots.records[static_cast<std::size_t>(slot)];
    return record ? record->generation : 0;
  };
  TAUS_TRY_ASSIGN(const std::uint64_t newest, newest_root_known(store));
  const int first = generation(1) > generation(0) ? 1 : 0;
  for (const int slot : {first, 1 - first}) {
    auto& record = slots.records[static_cast<std::size_t>(slot)];
    if (!record || record->store_id != store_id) continue;
#ifndef TAUS_PLANT_OLD_ROOT_ADOPTED
    // An old root may still open its own rows: adopted, it would have the newer ones erased as those of no root.
    if (record->generation < newest) continue;
#endif
    TAUS_TRY_ASSIGN(const bool good, adopts(store, *record, delta));
    if (good) return Recovered{slot, std::move(*record)};
  }
  return no_root(slots, store_id, newest);
}

// Takes back what shreds beyond the adopted root wrote (their keys are lost, their requests are not), and removes what
// finished ones superseded.
Result<void> collect(storage::KvStore& store, std::uint64_t generation, const ShredFaults& faults) {
  storage::WriteBatch batch;
  std::uint64_t expected = 2;
  TAUS_TRY(scan_kind(store, 'C', [&](ByteView key, ByteView value) -> Result<void> {
    TAUS_TRY_ASSIGN(const auto row, decode_commit_row(key, value));
    const std::uint64_t of = row.commit.generation;
    if (of <= generation) {
      if (of != expected++)
        return Error(ErrorCode::corrupt, "a commit row of the key store is missing; restore the newest key rows");
      for (const auto& superseded : row.superseded) batch.erase(Table::keys, superseded);
      if (!row.receipted) batch.erase(Table::keys, escrow_row_key(of - 1));
      return {};
    }
    if (faults.forget_orphans) return {};
    for (const auto& written : row.written) batch.erase(Table::keys, written);
    for (const auto& request : row.commit.requests) batch.put(Table::keys, pending_row_key(request.id), encode(request));
    batch.erase(Table::keys, escrow_row_key(of));
    batch.erase(Table::keys, commit_row_key(of));
    return {};
  }));
  if (expected != generation + 1 && generation >= 1) {
    return Error(ErrorCode::corrupt, "the newest commit row of the key store is missing; restore the newest key rows");
  }
  if (batch.empty()) return {};
  TAUS_TRY_ASSIGN(const auto kseq, read_counter(store, Counter::kseq));
  batch.put(Table::keys, counter_key(Counter::kseq), encode_counter(kseq + 1));
  return store.commit(batch);
}

// What a large shred staged that did not come to its end: its commit row is not there, or belongs to a root that was not adopted.
Result<void> collect_chunks(storage::KvStore& store, std::uint64_t generation, const ShredFaults& faults) {
  std::vector<ChunkName> left;
  TAUS_TRY(scan_kind(store, 'W', [&](ByteView key, ByteView) -> Result<void> {
    if (const auto name = parse_chunk_key(key); name && name->generation > generation) left.push_back(*name);
    return {};
  }));
  if (faults.forget_orphans) return {};
  for (const ChunkName& one : left) {
    storage::WriteBatch batch;
    const Bytes key = work_row_key(one.generation, one.chunk);
    TAUS_TRY_ASSIGN(const auto row, store.get(Table::keys, key));
    TAUS_TRY_ASSIGN(const ChunkWork work, decode_work_row(row ? ByteView(*row) : ByteView()));
    for (const auto& written : work.written) batch.erase(Table::keys, written);
    batch.erase(Table::keys, chunk_row_key(one.generation, one.chunk));
    batch.erase(Table::keys, key);
    TAUS_TRY_ASSIGN(const auto kseq, read_counter(store, Counter::kseq));
    batch.put(Table::keys, counter_key(Counter::kseq), encode_counter(kseq + 1));
    TAUS_TRY(store.commit(batch));
  }
  return {};
}

}  // namespace

Result<Recovered> recover(storage::KvStore& store, RootStore& roots, const KeyVault::Options& options, const DeltaFile* delta) {
  TAUS_TRY_ASSIGN(auto slots, roots.read_all());
  const auto blank = slots.blank;
  TAUS_TRY_ASSIGN(auto recovered, adopt(store, std::move(slots), options.store_id, delta));
  const int other = 1 - recovered.slot;
  // Whatever it holds: a torn erasure may have left part of an old root.
  if (!blank[static_cast<std::size_t>(other)] && !options.faults.keep_old_root) TAUS_TRY(roots.erase(other));
  TAUS_TRY(collect_chunks(store, recovered.root.generation, options.faults));
  TAUS_TRY(collect(store, recovered.root.generation, options.faults));
  return recovered;
}

}  // namespace taus::vault
