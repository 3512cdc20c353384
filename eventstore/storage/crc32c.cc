#include "eventstore/storage/crc32c.h"

#include <cstring>

#include <dlfcn.h>

#include "eventstore/base/check.h"

namespace rocksdb::crc32c {
// As in the engine's own util/crc32c.h, which it does not install.
std::uint32_t Extend(std::uint32_t crc, const char* bytes, std::size_t size);
}  // namespace rocksdb::crc32c

namespace taus::storage {
namespace {

using Extend = std::uint32_t (*)(std::uint32_t, const char*, std::size_t);

Extend of_engine() {
  void* const found = dlsym(RTLD_NEXT, "_ZN7rocksdb6crc32c6ExtendEjPKcm");
  TAUS_CHECK(found != nullptr);
  return reinterpret_cast<Extend>(found);
}

#ifdef __x86_64__

[[gnu::target("sse4.2")]] std::uint32_t by_instruction(std::uint32_t crc, const char* bytes, std::size_t size) {
  std::uint64_t state = crc ^ 0xffffffffU;
  for (; size >= 8; bytes += 8, size -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    state = __builtin_ia32_crc32di(state, word);
  }
  auto rest = static_cast<std::uint32_t>(state);
  for (; size > 0; ++bytes, --size) rest = __builtin_ia32_crc32qi(rest, static_cast<unsigned char>(*bytes));
  return rest ^ 0xffffffffU;
}

Extend fastest() { return __builtin_cpu_supports("sse4.2") ? by_instruction : of_engine(); }

#else

Extend fastest() { return of_engine(); }

#endif

}  // namespace

std::uint32_t crc32c(std::uint32_t crc, ByteView bytes) {
  return rocksdb::crc32c::Extend(crc, reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace taus::storage

std::uint32_t rocksdb::crc32c::Extend(std::uint32_t crc, const char* bytes, std::size_t size) {
  static const taus::storage::Extend extend = taus::storage::fastest();
  return extend(crc, bytes, size);
}
