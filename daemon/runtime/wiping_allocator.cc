#include "daemon/runtime/wiping_allocator.h"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <malloc.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TAUS_SANITIZER_ALLOCATES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define TAUS_SANITIZER_ALLOCATES 1
#endif
#endif

namespace taus::runtime {
bool frees_are_wiped() noexcept {
#ifdef TAUS_SANITIZER_ALLOCATES
  return false;
#else
  return true;
#endif
}
}  // namespace taus::runtime

#ifndef TAUS_SANITIZER_ALLOCATES

extern "C" {

void __libc_free(void* chunk);  // NOLINT: glibc's own names

namespace {

void wipe_from(void* chunk, std::size_t from) {
  const std::size_t usable = malloc_usable_size(chunk);
  if (usable > from) explicit_bzero(static_cast<char*>(chunk) + from, usable - from);
}

}  // namespace

void free(void* chunk) noexcept {
  if (chunk == nullptr) return;
  const int saved = errno;  // free keeps errno
  wipe_from(chunk, 0);
  __libc_free(chunk);
  errno = saved;
}

void* realloc(void* chunk, std::size_t size) noexcept {
  if (chunk == nullptr) return std::malloc(size);
  if (size == 0) {
    free(chunk);
    return nullptr;
  }
  const std::size_t usable = malloc_usable_size(chunk);
  if (size <= usable && size >= usable / 2) {
    wipe_from(chunk, size);
    return chunk;
  }
  // Never glibc's realloc: it may move the chunk and leave the old copy behind.
  void* const moved = std::malloc(size);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, chunk, size < usable ? size : usable);
  free(chunk);
  return moved;
}

void* reallocarray(void* chunk, std::size_t count, std::size_t size) noexcept {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  return realloc(chunk, bytes);
}

}  // extern "C"

#endif
