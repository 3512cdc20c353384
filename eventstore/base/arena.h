// Room for many byte strings that live and die together, in a few blocks: what one thread fills and another frees would, as many
// small pieces, have the two contend for the allocator.
//
// Threads: a value. Freed as a whole (and wiped, as all freed memory is).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "eventstore/base/bytes.h"

namespace taus {

class Arena {
 public:
  Arena() = default;
  Arena(Arena&& other) noexcept;
  Arena& operator=(Arena&& other) noexcept;
  ~Arena() = default;
  // To be filled by the caller, aligned to 8 bytes; good while the arena, or one it was appended to, lives.
  std::span<std::uint8_t> room(std::size_t bytes);
  ByteView keep(ByteView bytes);
  // Takes over the other's blocks.
  void append(Arena&& other);

 private:
  std::vector<std::unique_ptr<std::uint8_t[]>> blocks_;
  std::span<std::uint8_t> left_;  // of the last block
  std::size_t block_bytes_ = 0;   // of the last block
};

}  // namespace taus
