// The first tree and root of a store, and whether they have still to be made.
#include "eventstore/vault/root_record.h"
#include "eventstore/vault/rows.h"

namespace taus::vault {
namespace {

using storage::Table;

// fmt, generation, nonce, an interior node without children, tag.
constexpr std::size_t empty_top_bytes = 1 + 8 + 24 + 8 + 16;

struct Found {
  bool rows = false;      // any
  bool of_value = false;  // more than the empty top and the counters of an interrupted create()
  std::vector<Bytes> keys;
};

Result<Found> look(const storage::KvStore& store) {
  Found found;
  TAUS_TRY(store.scan(Table::keys, {}, {}, [&](ByteView key, ByteView value) {
    found.rows = true;
    const auto name = parse_node_row_key(key);
    const bool empty_top = name && name->id == NodeId{} && value.size() == empty_top_bytes;
    found.of_value = found.of_value || !(empty_top || (!key.empty() && key[0] == 'M'));
    if (!found.of_value) found.keys.emplace_back(key.begin(), key.end());
    return !found.of_value;
  }));
  return found;
}

}  // namespace

Result<bool> KeyVault::is_new(const storage::KvStore& store, RootStore& roots) {
  TAUS_TRY_ASSIGN(const auto slots, roots.read_all());
  TAUS_TRY_ASSIGN(const Found found, look(store));
  const bool blank = slots.blank[0] && slots.blank[1];
  const bool record = slots.records[0] || slots.records[1];
  if (!found.rows && blank) return true;
  if (!found.rows) {
    return Error(ErrorCode::unavailable,
                 "the root store is in use but there are no key rows; restore the newest key rows, or name "
                 "an unused root store for a new store (nothing was erased)");
  }
  if (found.of_value && blank) {
    return Error(ErrorCode::unavailable,
                 "the root store is empty although there is a key store; bring back the root store of "
                 "this host or its escrow (nothing was erased)");
  }
  return !found.of_value && !record;
}

Result<void> KeyVault::create(storage::KvStore& store, RootStore& roots, Random& random, const Options& options) {
  TAUS_TRY_ASSIGN(const bool fresh, is_new(store, roots));
  if (!fresh) return Error(ErrorCode::invalid_argument, "there is a key store already; open it instead of making one");
  TAUS_TRY_ASSIGN(const auto slots, roots.read_all());
  for (const int slot : {0, 1}) {
    if (!slots.blank[static_cast<std::size_t>(slot)]) TAUS_TRY(roots.erase(slot));
  }
  TAUS_TRY_ASSIGN(const Found leftover, look(store));
  storage::WriteBatch batch;
  for (const auto& key : leftover.keys) batch.erase(Table::keys, key);
  const Node top = new_interior_node(random);
  batch.put(Table::keys, node_row_key({}, top.key), seal_node(options.store_id, {}, 1, top, random));
  batch.put(Table::keys, counter_key(Counter::kseq), encode_counter(1));
  TAUS_TRY(store.commit(batch));
  TAUS_TRY(store.flush(Table::keys));
  RootRecord record;
  record.store_id = options.store_id;
  record.generation = 1;
  record.top_version = version_of(top.key);
  record.root = top.key.clone();
  record.escrow = crypto::Key::generate(random);
  return roots.write(0, record);
}

}  // namespace taus::vault
