// Freed memory holds nothing: free, realloc and reallocarray of the whole process overwrite what they give back, so that no
// copy of plaintext or key outlives its object in strings, vectors, RocksDB's buffers or anybody else's.
//
// What:   a definition of these functions in the executable takes precedence over glibc's; operator delete ends in free.
//         All of malloc_usable_size is wiped: M_PERTURB would leave small chunks as they were.
// Use:    link the object library taus_wiping_allocator into the executable. Left out of sanitizer builds, which bring their own.
// Limits: stacks, registers, kernel socket buffers and memory still in use are not covered (docs/CRYPTO.md "Memory").
#pragma once

namespace taus::runtime {

// Whether this process frees through the wiping allocator (false in sanitizer builds).
bool frees_are_wiped() noexcept;

}  // namespace taus::runtime
