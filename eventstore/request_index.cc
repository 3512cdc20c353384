#include "eventstore/request_index.h"

#include <algorithm>
#include <cstring>

namespace taus {
namespace {

constexpr int place_bits = 17;
constexpr std::uint32_t place_mask = (1U << place_bits) - 1;
constexpr std::size_t buckets = 12288;  // two of three entries are used where every position of an era is a request's
static_assert(RequestIndex::era_positions == Position{1} << place_bits);

std::uint64_t half(const RequestIndex::Id& id, std::size_t at) {
  std::uint64_t out = 0;
  std::memcpy(&out, id.data() + at, sizeof out);
  return out;
}

// The same bucket of every era.
std::size_t bucket_of(const RequestIndex::Id& id) { return static_cast<std::size_t>(half(id, 0) % buckets); }

// Never 0, which is an entry that is free.
std::uint32_t bits_of(const RequestIndex::Id& id) {
  const auto bits = static_cast<std::uint32_t>(half(id, 8)) >> place_bits;
  return (bits == 0 ? 1 : bits) << place_bits;
}

}  // namespace

RequestIndex::Era& RequestIndex::era_of(Position row) {
  const Position number = row / era_positions;
  auto at = eras_.end();
  while (at != eras_.begin() && std::prev(at)->number >= number) --at;  // most often the last
  if (at != eras_.end() && at->number == number) return *at;
  const bool room = eras_.size() < eras_max_;
  return *eras_.insert(at, {.number = number, .last_day = 0, .buckets = room ? std::make_unique<Bucket[]>(buckets) : nullptr});
}

bool RequestIndex::put(Era& era, const Id& id, std::uint32_t place) {
  const std::size_t first = bucket_of(id);
  for (std::size_t i = 0; i < buckets; ++i) {
    Bucket& bucket = era.buckets[(first + i) % buckets];
    const auto free = std::ranges::find(bucket, 0U);
    if (free == bucket.end()) continue;
    *free = bits_of(id) | place;
    return true;
  }
  return false;
}

void RequestIndex::add(const Id& id, Position row, std::uint32_t day) {
  Era& era = era_of(row);
  era.last_day = std::max(era.last_day, day);
  if (era.buckets && !put(era, id, static_cast<std::uint32_t>(row % era_positions))) era.buckets.reset();
}

void RequestIndex::fetch(const Id& id) const {
  const std::size_t first = bucket_of(id);
  for (const Era& era : eras_)
    if (era.buckets) __builtin_prefetch(&era.buckets[first]);
}

std::vector<RequestIndex::Place> RequestIndex::may_hold(const Id& id) const {
  std::vector<Place> out;
  const std::size_t first = bucket_of(id);
  const std::uint32_t bits = bits_of(id);
  for (auto era = eras_.rbegin(); era != eras_.rend(); ++era) {
    const Position begin = era->number * era_positions;
    if (!era->buckets) out.push_back({.from = begin, .to = begin + era_positions});
    for (std::size_t i = 0; era->buckets && i < buckets; ++i) {
      const Bucket& bucket = era->buckets[(first + i) % buckets];
      for (const std::uint32_t entry : bucket)
        if ((entry & ~place_mask) == bits)
          out.push_back({.from = begin + (entry & place_mask), .to = begin + (entry & place_mask) + 1});
      if (bucket.back() == 0) break;
    }
  }
  return out;
}

void RequestIndex::forget_before(std::uint32_t day) {
  std::erase_if(eras_, [&](const Era& era) { return era.last_day < day; });
}

}  // namespace taus
