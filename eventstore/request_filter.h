// Which request ids may have been seen before, and in which era, so that a new command need not ask the disk whether it is a repeat
// and a repeat is asked for in one place.
//
// What:    an era is a stretch of the journal (docs/FORMAT.md "Request ids"). Never says "no" of an id that was added to it; of others
//          it says "maybe" about once in 2,000 per era.
// Memory:  80 KiB an era, for at most `eras_max` of them; of eras beyond it knows nothing and says "maybe" to everything.
// Threads: a value of the core thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "eventstore/base/bytes.h"

namespace taus {

class RequestFilter {
 public:
  using Id = ByteArray<16>;  // bits of a keyed hash
  using Era = std::uint32_t;
  static constexpr std::size_t ids_per_era = 1 << 15;

  explicit RequestFilter(std::size_t eras_max) : eras_max_(eras_max) {}
  void add(const Id& id, Era era, std::uint32_t day);
  // The eras it may have been added in, latest first.
  [[nodiscard]] std::vector<Era> may_hold(const Id& id) const;
  // Lets go of eras whose ids were all added before `day`.
  void forget_before(std::uint32_t day);

 private:
  // A Bloom filter whose bits for one id share a cache line.
  using Block = std::array<std::uint64_t, 8>;
  struct Layer {
    Era era = 0;
    std::uint32_t last_day = 0;
    std::unique_ptr<Block[]> blocks;  // nothing: it holds everything
  };
  Layer& layer_of(Era era);
  std::size_t eras_max_;
  std::vector<Layer> layers_;  // by era
};

}  // namespace taus
