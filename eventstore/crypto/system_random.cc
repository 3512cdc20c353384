#include "eventstore/crypto/system_random.h"

#include <algorithm>
#include <chrono>

#include <sodium.h>

#include "eventstore/crypto/hash.h"
#include "eventstore/crypto/key.h"
#include "eventstore/crypto/sodium_ready.h"

namespace taus::crypto {
namespace {
constexpr std::size_t buffer_bytes = 4096;
constexpr std::size_t fresh_bytes = 32;  // taken from the kernel for each block
constexpr std::size_t block_bytes = 64;  // given out for each
}  // namespace

struct SystemRandom::State {
  ByteArray<64> boot{};
  ByteArray<buffer_bytes> buffer{};
  std::size_t used = buffer_bytes;
  std::uint64_t counter = 0;
};

SystemRandom::SystemRandom() : state_(std::make_unique<State>()) {
  sodium_ready();
  randombytes_buf(state_->boot.data(), state_->boot.size());
}

SystemRandom::~SystemRandom() {
  wipe(state_->boot);
  wipe(state_->buffer);
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
  State& s = *state_;
  // Two clones of this machine hold the same buffer: the nanosecond at which they use it tells them apart.
  std::uint64_t distinct[2] = {0, static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count())};
  const ByteView distinct_bytes(reinterpret_cast<const std::uint8_t*>(distinct), sizeof distinct);
  ByteArray<block_bytes> block;
  for (std::size_t done = 0; done < out.size();) {
    if (s.used == buffer_bytes) {
      randombytes_buf(s.buffer.data(), s.buffer.size());
      s.used = 0;
    }
    const std::span<std::uint8_t> fresh(s.buffer.data() + s.used, fresh_bytes);
    s.used += fresh_bytes;
    distinct[0] = ++s.counter;
    blake2b_keyed(block, s.boot, {fresh, distinct_bytes});
    wipe(fresh);
    const std::size_t part = std::min(block_bytes, out.size() - done);
    std::copy_n(block.begin(), part, out.begin() + static_cast<std::ptrdiff_t>(done));
    done += part;
  }
  wipe(block);
}

}  // namespace taus::crypto
