// A 32-byte symmetric key that wipes itself. Move-only, so that every copy is written down as clone().
//
// Threads: a value. Never printed, never part of an Error.
#pragma once

#include <span>

#include "eventstore/base/bytes.h"
#include "eventstore/base/random.h"

namespace taus::crypto {

class Key {
 public:
  static constexpr std::size_t size = 32;
  Key() noexcept : bytes_{} {}
  explicit Key(ByteView bytes);  // exactly 32 bytes, else TAUS_CHECK
  static Key generate(Random& random);
  Key(Key&& other) noexcept;
  Key& operator=(Key&& other) noexcept;
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  ~Key();
  [[nodiscard]] Key clone() const { return Key(view()); }
  [[nodiscard]] ByteView view() const noexcept { return bytes_; }
  void wipe() noexcept;
  // Constant time.
  friend bool operator==(const Key& a, const Key& b) noexcept;

 private:
  ByteArray<size> bytes_;
};

// Overwrites memory so that the compiler cannot leave it out.
void wipe(std::span<std::uint8_t> bytes) noexcept;
// Constant time in the contents; false where the lengths differ.
bool equal(ByteView a, ByteView b) noexcept;

}  // namespace taus::crypto
