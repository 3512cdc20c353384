// Which request ids may have been seen before, and in which row, so that a new command need not ask the disk whether it is a repeat and a
// repeat is asked for in one place.
//
// What:    an era is a stretch of the journal (docs/FORMAT.md "Request ids"). Never says "no" of an id that was added to it; of others
//          it says "maybe" about once in 3,000 per era.
// Memory:  768 KiB an era, for at most `eras_max` of them; of eras beyond it knows nothing and says "maybe, anywhere" to everything.
// Threads: a value of the core thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "eventstore/base/bytes.h"
#include "eventstore/base/ids.h"

namespace taus {

class RequestIndex {
 public:
  using Id = ByteArray<16>;  // bits of a keyed hash
  static constexpr Position era_positions = 1 << 17;

  // Rows from `from` on, before `to`.
  struct Place {
    Position from = 0;
    Position to = 0;
    friend bool operator==(const Place&, const Place&) = default;
  };

  explicit RequestIndex(std::size_t eras_max) : eras_max_(eras_max) {}
  // `row`: the position that the id's row is named by.
  void add(const Id& id, Position row, std::uint32_t day);
  // Lets the processor fetch what may_hold() will look at, which is seldom in a cache, while something else is done.
  void fetch(const Id& id) const;
  // Where its row may be, the latest era first; most often nowhere, else in one row.
  [[nodiscard]] std::vector<Place> may_hold(const Id& id) const;
  // Lets go of eras whose ids were all added before `day`.
  void forget_before(std::uint32_t day);

 private:
  // Ids of one bucket share a cache line: the row's place in its era, and some bits of the id. What does not fit is in the next one.
  using Bucket = std::array<std::uint32_t, 16>;
  struct Era {
    Position number = 0;
    std::uint32_t last_day = 0;
    std::unique_ptr<Bucket[]> buckets;  // nothing: it may hold everything
  };
  Era& era_of(Position row);
  static bool put(Era& era, const Id& id, std::uint32_t place);
  std::size_t eras_max_;
  std::vector<Era> eras_;  // by number
};

}  // namespace taus
