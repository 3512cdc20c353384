// A key tree of very many subjects, made from below by the vault's own nodes: one row each instead of one for every change.
//
// Threads: one. Errors: io.
#pragma once

#include "eventstore/storage/kv_store.h"
#include "eventstore/vault/root_store.h"

namespace taus::bench {

// Into an empty store and root store. Subjects 1 to `subjects`, each with a key of its first `keys_each` categories.
Result<void> plant_tree(storage::KvStore& store, vault::RootStore& roots, Random& random, const StoreId& store_id,
                        std::uint64_t subjects, int keys_each);

}  // namespace taus::bench
