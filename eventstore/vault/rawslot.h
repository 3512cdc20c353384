// The root store in a preallocated file, or at the beginning of a block device that nothing else uses: two blocks of 4096 bytes that are only
// ever overwritten in place. Tier L.
//
// Threads:    one. Ownership: one process at a time (locked).
// Durability: O_DSYNC, past the page cache where the file system allows; read back from there.
// Errors:     invalid_argument: the file cannot be overwritten for good where it lies (says what to do); unavailable: another
//             process has it; io.
#pragma once

#include <memory>

#include "eventstore/vault/root_store.h"

namespace taus::vault {

// `path` is made where it does not exist; its folder must. A block device has to be there, with zeros where the slots will be. With `dev` a file that cannot be overwritten for good is taken
// all the same: tier() is then none and warning() says why.
Result<std::unique_ptr<RootStore>> open_rawslot(const std::string& path, bool dev);

}  // namespace taus::vault
