// The numbers that taus names things by.
#pragma once

#include <cstdint>

namespace taus {

// A subject's number, from 1, never reused; also its stream. Inside only: outside it is an opaque id.
using Ordinal = std::uint64_t;
// A place in the journal, from 0 without gaps.
using Position = std::uint64_t;
// A place in one stream, from 1 without gaps; 0 = nothing yet.
using Version = std::uint64_t;
// A place in a subject's key node, 0..15; which category it is only the node knows.
using Slot = std::uint8_t;
// How-manieth key of that slot, from 1.
using Epoch = std::uint32_t;

inline constexpr Ordinal centre_stream = 0;             // the centre's own stream
inline constexpr Ordinal centre_ordinal = 63ULL << 24;  // its key node: first below top child 63
inline constexpr Ordinal subject_ordinal_max = centre_ordinal - 1;
inline constexpr Slot public_slot = 255;  // a part in the clear
inline constexpr std::uint64_t no_position = ~0ULL;

}  // namespace taus
