// Freed chunks of every size hold nothing of what was in them. Built twice: with the wiping allocator linked, and without,
// where every test must fail (runtime.cmake).
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <malloc.h>

namespace {

constexpr unsigned char mark = 0xa5;

// The compiler must not know that these chunks are chunks, nor that reading them is reading freed memory.
template <class T>
T* opaque(T* pointer) {
  asm volatile("" : "+r"(pointer) : : "memory");
  return pointer;
}

// Bytes of the mark left in [from, from + size). 24 stray ones may be pointers and sizes of the allocator's own.
std::size_t residue(std::uintptr_t from, std::size_t size) {
  const auto* bytes = opaque(reinterpret_cast<const volatile unsigned char*>(from));
  std::size_t left = 0;
  for (std::size_t i = 0; i < size; ++i) left += bytes[i] == mark ? 1U : 0U;
  return left;
}

// Keeps big chunks inside the heap, where they can still be looked at.
class Wipe : public testing::Test {
 protected:
  void SetUp() override {
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 512 << 20);
  }
};

const std::vector<std::size_t>& sizes() {
  static const std::vector<std::size_t> all = [] {
    std::vector<std::size_t> s;
    for (std::size_t n = 40; n < 2'200; n += 8) s.push_back(n);
    for (std::size_t n = 2'200; n < (4 << 20); n = n * 5 / 3) s.push_back(n);
    return s;
  }();
  return all;
}

TEST_F(Wipe, Free) {
  for (const std::size_t size : sizes()) {
    void* const chunk = opaque(std::malloc(size));
    const auto at = reinterpret_cast<std::uintptr_t>(chunk);
    const std::size_t usable = malloc_usable_size(chunk);
    std::memset(chunk, mark, usable);
    std::free(opaque(chunk));
    ASSERT_LT(residue(at, usable), 8U) << size;
  }
}

TEST_F(Wipe, Delete) {
  for (const std::size_t size : sizes()) {
    auto* text = opaque(new std::string(size, static_cast<char>(mark)));
    const auto at = reinterpret_cast<std::uintptr_t>(text->data());
    delete opaque(text);
    ASSERT_LT(residue(at, size), 8U) << size;
  }
}

std::uintptr_t marked(std::size_t size) {
  void* const chunk = opaque(std::malloc(size));
  std::memset(chunk, mark, size);
  return reinterpret_cast<std::uintptr_t>(chunk);
}

// realloc(), and that the first `kept` bytes came along. Takes and gives numbers: to the compiler the old pointer is dead.
std::uintptr_t resized(std::uintptr_t chunk, std::size_t size, std::size_t kept) {
  void* const moved = opaque(std::realloc(opaque(reinterpret_cast<void*>(chunk)), size));
  EXPECT_EQ(residue(reinterpret_cast<std::uintptr_t>(moved), kept), kept);
  return reinterpret_cast<std::uintptr_t>(moved);
}

TEST_F(Wipe, ReallocMovesAndWipes) {
  for (const std::size_t size : sizes()) {
    const std::uintptr_t at = marked(size);
    void* const fence = opaque(std::malloc(64));  // so that it cannot grow in place
    const std::uintptr_t grown = resized(at, size * 4, size);
    if (grown > at + size || grown + size * 4 < at) {
      ASSERT_LT(residue(at, size), 8U) << size;
    }
    const std::uintptr_t shrunk = resized(grown, size / 2, size / 2);
    std::free(fence);
    std::free(reinterpret_cast<void*>(shrunk));
    ASSERT_LT(residue(grown, size), 8U) << size;
  }
}

TEST_F(Wipe, VectorThatGrows) {
  std::vector<std::uintptr_t> places;
  std::vector<std::size_t> lengths;
  {
    std::vector<unsigned char> bytes;
    for (int i = 0; i < 100'000; ++i) {
      bytes.push_back(mark);
      if (places.empty() || places.back() != reinterpret_cast<std::uintptr_t>(bytes.data())) {
        places.push_back(reinterpret_cast<std::uintptr_t>(bytes.data()));
        lengths.push_back(bytes.capacity());
      }
    }
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    EXPECT_TRUE(lengths[i] < 64 || residue(places[i], lengths[i]) < 8U) << lengths[i];
  }
}

}  // namespace
