// The root store in a TPM's own memory: two NV indices that hold a root record each. Tier P on a TPM of the machine.
//
// Threads:    one. Ownership: one process at a time (the indices are not locked: data_dir/lock is).
// Durability: a write has reached the NV memory when the TPM answers; read back.
// Errors:     unavailable: no TPM, or it keeps asking to wait; unauthorized: the indices were made with another password;
//             invalid_argument: an index of somebody else; io.
// Source:     TPM 2.0 Library part 3 (NV_DefineSpace, NV_Write, NV_Read), TCG TSS 2.0 ESAPI.
#pragma once

#include <functional>
#include <memory>

#include "eventstore/vault/root_store.h"

namespace taus::vault {

struct Tpm2NvOptions {
  std::string tcti = "device:/dev/tpmrm0";  // how to reach the TPM, as TCTI loaders read it
  std::uint32_t first_index = 0x018001a0;   // this one and the next, in the owner's range
  Bytes password;                           // of the indices: 1 to 32 bytes
  std::function<void(int)> wait;            // milliseconds, between two attempts; absent: waits
};

inline constexpr int tpm_attempts_max = 40;
inline constexpr int tpm_wait_milliseconds = 25;

// Makes the indices where the TPM has none (its owner password must be empty for that).
Result<std::unique_ptr<RootStore>> open_tpm2_nv(Tpm2NvOptions options);

}  // namespace taus::vault
