// The product's randomness: libsodium, buffered, and hedged against a cloned generator (a virtual machine snapshot):
// what leaves is BLAKE2b(boot-random, fresh bytes | counter). One object per thread.
#pragma once

#include <memory>

#include "eventstore/base/random.h"

namespace taus::crypto {

class SystemRandom final : public Random {
 public:
  SystemRandom();
  ~SystemRandom() override;
  void fill(std::span<std::uint8_t> out) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace taus::crypto
