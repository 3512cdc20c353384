#include "eventstore/request_filter.h"

#include <algorithm>
#include <cstring>

namespace taus {
namespace {

constexpr std::size_t ids_per_block = 25;  // about 20 bits an id
constexpr std::size_t blocks = RequestFilter::ids_per_era / ids_per_block + 1;
constexpr int bits_per_id = 7;
constexpr int bit_of_block = 9;  // 2^9 bits a block
static_assert(bits_per_id * bit_of_block <= 64);

std::uint64_t half(const RequestFilter::Id& id, std::size_t at) {
  std::uint64_t out = 0;
  std::memcpy(&out, id.data() + at, sizeof out);
  return out;
}

// The same block of every era, and the bits in it.
std::size_t block_of(const RequestFilter::Id& id) { return static_cast<std::size_t>(half(id, 0) % blocks); }

std::array<std::uint64_t, 8> bits_of(const RequestFilter::Id& id) {
  std::array<std::uint64_t, 8> out{};
  std::uint64_t bits = half(id, 8);
  for (int i = 0; i < bits_per_id; ++i, bits >>= bit_of_block) out[bits >> 6 & 7] |= 1ULL << (bits & 63);
  return out;
}

}  // namespace

RequestFilter::Layer& RequestFilter::layer_of(Era era) {
  auto at = layers_.end();
  while (at != layers_.begin() && std::prev(at)->era >= era) --at;  // most often the last
  if (at != layers_.end() && at->era == era) return *at;
  const bool room = layers_.size() < eras_max_;
  return *layers_.insert(at, {.era = era, .last_day = 0, .blocks = room ? std::make_unique<Block[]>(blocks) : nullptr});
}

void RequestFilter::add(const Id& id, Era era, std::uint32_t day) {
  Layer& layer = layer_of(era);
  layer.last_day = std::max(layer.last_day, day);
  if (!layer.blocks) return;
  Block& block = layer.blocks[block_of(id)];
  const Block bits = bits_of(id);
  for (std::size_t i = 0; i < block.size(); ++i) block[i] |= bits[i];
}

std::vector<RequestFilter::Era> RequestFilter::may_hold(const Id& id) const {
  std::vector<Era> out;
  const std::size_t at = block_of(id);
  const Block bits = bits_of(id);
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    std::uint64_t missing = 0;
    if (layer->blocks)
      for (std::size_t i = 0; i < bits.size(); ++i) missing |= bits[i] & ~layer->blocks[at][i];
    if (missing == 0) out.push_back(layer->era);
  }
  return out;
}

void RequestFilter::forget_before(std::uint32_t day) {
  std::erase_if(layers_, [&](const Layer& layer) { return layer.last_day < day; });
}

}  // namespace taus
