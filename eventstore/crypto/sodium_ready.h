// Inside crypto/ only: libsodium picks its fast implementations in sodium_init, which must have run before anything else.
//
// Threads: any. A library that cannot start is a TAUS_CHECK: nothing of taus is safe without it.
#pragma once

namespace taus::crypto {
void sodium_ready() noexcept;
}  // namespace taus::crypto
