// CRC-32C by the processor's instruction is the engine's own, and the one that the engine calls.
#include <numeric>
#include <string_view>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <link.h>

#include "eventstore/storage/crc32c.h"

namespace taus::storage {
namespace {

constexpr const char* name_in_engine = "_ZN7rocksdb6crc32c6ExtendEjPKcm";
using Extend = std::uint32_t (*)(std::uint32_t, const char*, std::size_t);

// The engine's, whoever stands before it.
Extend of_library() {
  const auto find = [](dl_phdr_info* loaded, std::size_t, void* found) {
    if (std::string_view(loaded->dlpi_name).find("librocksdb") == std::string_view::npos) return 0;
    *static_cast<void**>(found) = dlopen(loaded->dlpi_name, RTLD_NOW | RTLD_NOLOAD);
    return 1;
  };
  void* library = nullptr;
  dl_iterate_phdr(find, &library);
  return library == nullptr ? nullptr : reinterpret_cast<Extend>(dlsym(library, name_in_engine));
}

std::uint32_t bit_by_bit(std::uint32_t crc, ByteView bytes) {
  crc = ~crc;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f63b78U : crc >> 1;
  }
  return ~crc;
}

// RFC 3720 B.4.
TEST(Crc32c, IsThatOfTheRfc) {
  Bytes bytes(32, 0);
  EXPECT_EQ(crc32c(0, bytes), 0x8a9136aaU);
  bytes.assign(32, 0xff);
  EXPECT_EQ(crc32c(0, bytes), 0x62a8ab43U);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  EXPECT_EQ(crc32c(0, bytes), 0x46dd794eU);
  std::iota(bytes.rbegin(), bytes.rend(), std::uint8_t{0});
  EXPECT_EQ(crc32c(0, bytes), 0x113fdb5cU);
}

TEST(Crc32c, IsTheSameForEveryLengthPlaceAndBeginning) {
  Bytes bytes(3000);
  std::uint32_t seed = 1;
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>((seed = seed * 1664525 + 1013904223) >> 24);
  const Extend engine = of_library();
  ASSERT_NE(engine, nullptr);
  for (std::size_t from = 0; from < 9; ++from) {
    for (std::size_t size = 0; size + from < bytes.size(); size = size < 40 ? size + 1 : size * 2 + 3) {
      const ByteView some = ByteView(bytes).subspan(from, size);
      const std::uint32_t whole = bit_by_bit(7, some);
      EXPECT_EQ(crc32c(7, some), whole) << from << " " << size;
      EXPECT_EQ(engine(7, reinterpret_cast<const char*>(some.data()), size), whole) << from << " " << size;
      EXPECT_EQ(crc32c(crc32c(7, some.first(size / 3)), some.subspan(size / 3)), whole) << from << " " << size;
    }
  }
}

// Else the engine goes on with its table, and nobody would notice. (That it calls a function by this name at all is not shown here.)
TEST(Crc32c, IsWhatStandsBehindTheNameThatTheEngineCalls) {
  const auto called = reinterpret_cast<Extend>(dlsym(RTLD_DEFAULT, name_in_engine));
  ASSERT_NE(called, nullptr);
  EXPECT_NE(called, of_library());
}

}  // namespace
}  // namespace taus::storage
