#include "eventstore/store_meta.h"

#include <algorithm>

#include "eventstore/journal/entry.h"
#include "eventstore/vault/key_vault.h"

namespace taus {

namespace {

using storage::Table;

Bytes encode(const StoreMeta& meta) {
  Bytes out;
  Writer(out).raw(meta.store_id).u32(meta.incarnation).u8(store_format).raw(meta.profile);
  return out;
}

Result<StoreMeta> decode(ByteView bytes) {
  Reader in(bytes);
  StoreMeta meta;
  meta.store_id = in.array<16>();
  meta.incarnation = in.u32();
  const std::uint8_t format = in.u8();
  if (!in.ok()) return Error(ErrorCode::corrupt, "the store row is damaged: run taus-verify and restore a backup");
  if (format > store_format)
    return Error(ErrorCode::invalid_argument, "this store was written by a newer taus (format " + std::to_string(format) +
                                                  "): install that version; nothing was changed");
  if (format < store_format)
    return Error(ErrorCode::invalid_argument,
                 "this store was written by an earlier taus (format " + std::to_string(format) +
                     "), which keeps its rows otherwise: start it with that version; nothing was changed");
  meta.profile = std::string(text(in.raw(in.remaining())));
  return meta;
}

Result<StoreMeta> decode_for(ByteView bytes, const std::string& profile) {
  TAUS_TRY_ASSIGN(StoreMeta meta, decode(bytes));
  if (meta.profile == profile) return meta;
  return Error(ErrorCode::invalid_argument,
               "this store belongs to profile '" + meta.profile + "', not '" + profile + "': start it with its own profile");
}

Bytes row_key() { return {view("store").begin(), view("store").end()}; }

Result<bool> any_row(const storage::KvStore& store, Table table) {
  bool found = false;
  TAUS_TRY(store.scan(table, {}, {}, [&](ByteView, ByteView) {
    found = true;
    return false;
  }));
  return found;
}

}  // namespace

Result<StoreMeta::Opened> StoreMeta::open(storage::KvStore& store, vault::RootStore& roots, bool floor_exists, Random& random,
                                          const std::string& profile) {
  const Bytes key = row_key();
  TAUS_TRY_ASSIGN(const std::optional<Bytes> row, store.get(Table::meta, key));
  TAUS_TRY_ASSIGN(const vault::RootStore::Slots slots, roots.read_all());
  TAUS_TRY_ASSIGN(const bool keys, any_row(store, Table::keys));
  const bool roots_blank = slots.blank[0] && slots.blank[1];
  Opened out;
  if (row) {
    TAUS_TRY_ASSIGN(out.meta, decode_for(*row, profile));
    TAUS_TRY_ASSIGN(out.restored, RestoreMark::read(store));
    TAUS_TRY_ASSIGN(out.needs_keys, vault::KeyVault::is_new(store, roots));
    TAUS_TRY_ASSIGN(const bool entries, any_row(store, Table::leaf));
    if (out.needs_keys && (floor_exists || entries || out.restored))
      return Error(
          ErrorCode::corrupt,
          "the keys of this store are missing, all of them: restore the newest key-store copy and put the root directory back");
    return out;
  }
  TAUS_TRY_ASSIGN(const bool leaves, any_row(store, Table::leaf));
  if (keys || leaves)
    return Error(ErrorCode::corrupt, "the store row is missing from a store that is not empty: restore a backup");
  if (floor_exists)
    return Error(ErrorCode::corrupt,
                 "the floor is ahead of the journal: it promises a store where there is none; put the data directory back");
  if (!roots_blank)
    return Error(ErrorCode::corrupt,
                 "the root store holds the key of another store: give a new store an empty root directory; nothing was erased");
  random.fill(out.meta.store_id);
  random.fill(std::span(reinterpret_cast<std::uint8_t*>(&out.meta.incarnation), sizeof out.meta.incarnation));
  out.meta.incarnation &= 0x7fffffffU;
  out.meta.profile = profile;
  storage::WriteBatch batch;
  batch.put(Table::meta, key, encode(out.meta));
  TAUS_TRY(store.commit(batch));
  out.needs_keys = true;
  return out;
}

void StoreMeta::stage(storage::WriteBatch& batch) const { batch.put(Table::meta, row_key(), encode(*this)); }

Result<void> StoreMeta::check(const storage::KvReader& store, const vault::RootStore::Slots& slots,
                              const std::optional<journal::FloorRecord>& floor, const std::string& profile) {
  TAUS_TRY_ASSIGN(const std::optional<Bytes> row, store.get(Table::meta, row_key()));
  if (!row) return {};
  TAUS_TRY_ASSIGN(const StoreMeta meta, decode_for(*row, profile));
  const auto foreign = [&](const auto& record) { return record && record->store_id != meta.store_id; };
  if (foreign(slots.records[0]) || foreign(slots.records[1]))
    return Error(ErrorCode::unavailable,
                 "the root store belongs to another store: put this store's own root directory back; nothing was erased");
  if (!floor) return {};
  if (slots.blank[0] && slots.blank[1])
    return Error(ErrorCode::unavailable, "the root store is empty: put this store's own root directory back; nothing was erased");
  if (floor->store_id != meta.store_id)
    return Error(ErrorCode::corrupt, "the floor file belongs to another store: put this store's own root directory back");
  std::uint64_t generation = 0;
  for (const auto& record : slots.records)
    if (record) generation = std::max(generation, record->generation);
  if (generation > 0 && floor->generation > generation)
    return Error(ErrorCode::corrupt,
                 "the root store is of generation " + std::to_string(generation) + " and the floor of generation " +
                     std::to_string(floor->generation) +
                     ": an old copy of the root store was put back; bring back the present one, and destroy the "
                     "copy (nothing was erased)");
  TAUS_TRY_ASSIGN(const auto mark, RestoreMark::read(store));
  if (mark || floor->size == 0) return {};
  TAUS_TRY_ASSIGN(const std::optional<Bytes> last, store.get(Table::leaf, journal::leaf_row_key(floor->size - 1)));
  if (last) return {};
  return Error(ErrorCode::corrupt, "the floor is ahead of the journal: of " + std::to_string(floor->size) +
                                       " acknowledged entries the last are missing; put the present data directory back");
}

}  // namespace taus
