// What happens before the key store is served: which root is the right one, what an unfinished shred left behind, and the
// other slot erased. docs/CRYPTO.md "Recovery".
//
// Threads: one. Durability: done when it returns; may be cut short anywhere and run again.
// Errors:  unavailable: no root opens the tree, nothing was erased; corrupt; io.
#pragma once

#include "eventstore/vault/delta_file.h"
#include "eventstore/vault/key_vault.h"
#include "eventstore/vault/rows.h"

namespace taus::vault {

struct Recovered {
  int slot = 0;  // where the root lies; the other slot is blank
  RootRecord root;
};

// `delta` may be null.
Result<Recovered> recover(storage::KvStore& store, RootStore& roots, const KeyVault::Options& options, const DeltaFile* delta);

}  // namespace taus::vault
