#include "eventstore/request_filter.h"

#include <algorithm>
#include <cstring>

namespace taus {
namespace {

constexpr std::size_t first_layer_ids = 4096;
constexpr std::size_t largest_layer_ids = 4 << 20;
constexpr std::size_t ids_per_block = 42;  // about 12 bits an id
constexpr int bits_per_id = 6;
constexpr int bit_of_block = 9;  // 2^9 bits a block
static_assert(bits_per_id * bit_of_block <= 64);

std::uint64_t half(const RequestFilter::Id& id, std::size_t at) {
  std::uint64_t out = 0;
  std::memcpy(&out, id.data() + at, sizeof out);
  return out;
}

std::size_t block_of(const RequestFilter::Id& id, std::size_t blocks) { return static_cast<std::size_t>(half(id, 0) % blocks); }

// Calls `f(byte, mask)` for each bit of the id in its block until it returns false: whether none did.
template <class F>
bool each_bit(const RequestFilter::Id& id, const F& f) {
  std::uint64_t bits = half(id, 8);
  for (int i = 0; i < bits_per_id; ++i, bits >>= bit_of_block)
    if (!f(bits >> 3 & 63, static_cast<std::uint8_t>(1U << (bits & 7)))) return false;
  return true;
}

}  // namespace

RequestFilter::RequestFilter(std::size_t ids_max) : ids_max_(ids_max) {}

void RequestFilter::add(const Id& id, std::uint32_t day) {
  if (overflowed_) return;
  if (layers_.empty() || layers_.back().ids == layers_.back().ids_max) {
    std::size_t all = 0;
    for (const Layer& one : layers_) all += one.ids_max;
    const std::size_t ids = layers_.empty() ? first_layer_ids : std::min(2 * layers_.back().ids_max, largest_layer_ids);
    overflowed_ = all + ids > ids_max_;
    if (overflowed_) return layers_.clear();
    layers_.push_back({.blocks = std::vector<Block>(ids / ids_per_block + 1), .ids_max = ids});
  }
  Layer& layer = layers_.back();
  Block& block = layer.blocks[block_of(id, layer.blocks.size())];
  each_bit(id, [&](std::size_t byte, std::uint8_t mask) {
    block[byte] = static_cast<std::uint8_t>(block[byte] | mask);
    return true;
  });
  ++layer.ids;
  layer.last_day = std::max(layer.last_day, day);
}

bool RequestFilter::may_hold(const Id& id) const {
  return overflowed_ || std::any_of(layers_.begin(), layers_.end(), [&](const Layer& layer) {
           const Block& block = layer.blocks[block_of(id, layer.blocks.size())];
           return each_bit(id, [&](std::size_t byte, std::uint8_t mask) { return (block[byte] & mask) != 0; });
         });
}

void RequestFilter::forget_before(std::uint32_t day) {
  std::erase_if(layers_, [&](const Layer& layer) { return layer.last_day < day; });
}

}  // namespace taus
