// Which request ids may have been seen before, so that a new command need not ask the disk whether it is a repeat.
//
// What:    never says "no" of an id that was added; of others it wrongly says "maybe" about once in a hundred.
// Memory:  12 bits an id, at most limits::request_filter_ids_max; once it holds as many it answers "maybe" to everything.
// Threads: a value of the core thread.
#pragma once

#include <cstdint>
#include <vector>

#include "eventstore/base/bytes.h"

namespace taus {

class RequestFilter {
 public:
  using Id = ByteArray<16>;  // bits of a keyed hash

  explicit RequestFilter(std::size_t ids_max);
  void add(const Id& id, std::uint32_t day);
  [[nodiscard]] bool may_hold(const Id& id) const;
  // Lets go of ids that were all added before `day`.
  void forget_before(std::uint32_t day);

 private:
  using Block = ByteArray<64>;
  // A Bloom filter whose bits for one id share a cache line; each is twice as large as the one before.
  struct Layer {
    std::vector<Block> blocks;
    std::size_t ids = 0;
    std::size_t ids_max = 0;
    std::uint32_t last_day = 0;
  };
  std::size_t ids_max_;
  std::vector<Layer> layers_;
  bool overflowed_ = false;
};

}  // namespace taus
