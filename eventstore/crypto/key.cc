#include "eventstore/crypto/key.h"

#include <algorithm>

#include <sodium.h>

#include "eventstore/base/check.h"
#include "eventstore/crypto/sodium_ready.h"

namespace taus::crypto {

void sodium_ready() noexcept {
  static const bool ready = sodium_init() >= 0;
  TAUS_CHECK(ready);
}

Key::Key(ByteView bytes) : bytes_{} {
  TAUS_CHECK(bytes.size() == size);
  std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

Key Key::generate(Random& random) {
  Key key;
  random.fill(key.bytes_);
  return key;
}

Key::Key(Key&& other) noexcept : bytes_(other.bytes_) { other.wipe(); }

Key& Key::operator=(Key&& other) noexcept {
  if (this != &other) {
    bytes_ = other.bytes_;
    other.wipe();
  }
  return *this;
}

Key::~Key() { wipe(); }

void Key::wipe() noexcept { crypto::wipe(bytes_); }

bool operator==(const Key& a, const Key& b) noexcept { return equal(a.bytes_, b.bytes_); }

void wipe(std::span<std::uint8_t> bytes) noexcept { sodium_memzero(bytes.data(), bytes.size()); }

bool equal(ByteView a, ByteView b) noexcept {
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace taus::crypto
