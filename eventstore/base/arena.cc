#include "eventstore/base/arena.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace taus {
namespace {

constexpr std::size_t block_bytes_min = 1 << 10;  // doubles from block to block, so that a small one has little to wipe
constexpr std::size_t block_bytes_max = 64 << 10;
constexpr std::size_t alignment = 8;
static_assert(alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

}  // namespace

Arena::Arena(Arena&& other) noexcept
    : blocks_(std::exchange(other.blocks_, {})),
      left_(std::exchange(other.left_, {})),
      block_bytes_(std::exchange(other.block_bytes_, 0)) {}

Arena& Arena::operator=(Arena&& other) noexcept {
  if (this == &other) return *this;
  blocks_ = std::exchange(other.blocks_, {});
  left_ = std::exchange(other.left_, {});
  block_bytes_ = std::exchange(other.block_bytes_, 0);
  return *this;
}

std::span<std::uint8_t> Arena::room(std::size_t bytes) {
  const std::size_t taken = (bytes + alignment - 1) / alignment * alignment;
  if (left_.size() < taken) {
    block_bytes_ = std::max(std::clamp(2 * block_bytes_, block_bytes_min, block_bytes_max), taken);
    blocks_.push_back(std::make_unique_for_overwrite<std::uint8_t[]>(block_bytes_));
    left_ = {blocks_.back().get(), block_bytes_};
  }
  const std::span<std::uint8_t> out = left_.first(bytes);
  left_ = left_.subspan(taken);
  return out;
}

ByteView Arena::keep(ByteView bytes) {
  const std::span<std::uint8_t> out = room(bytes.size());
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

void Arena::append(Arena&& other) {
  Arena from = std::move(other);
  std::move(from.blocks_.begin(), from.blocks_.end(), std::back_inserter(blocks_));
  left_ = from.left_;
  block_bytes_ = from.block_bytes_;
}

}  // namespace taus
