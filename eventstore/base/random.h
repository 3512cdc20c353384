// Where unpredictable bytes come from. The product's source is crypto::SystemRandom; tests give a seeded one.
#pragma once

#include <cstdint>
#include <span>

namespace taus {

class Random {
 public:
  virtual ~Random() = default;
  // Fills all of `out`. Cannot fail: a system without randomness aborts.
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

}  // namespace taus
