#include "daemon/protocol/frame.h"

#include <algorithm>
#include <utility>

#include "eventstore/base/limits.h"

namespace taus::protocol {
namespace {

constexpr std::size_t word_bytes = 8;
constexpr std::size_t reserved_bytes_max = 2 << 10;  // before the peer has sent them
constexpr std::size_t usual_frame_bytes = 512;

std::uint32_t u32_at(ByteView bytes, std::size_t offset) { return Reader(bytes.subspan(offset, 4)).u32(); }

// Bytes of the table of `segments` segments: the count, the sizes, padding.
constexpr std::size_t table_bytes(std::size_t segments) { return (4 + 4 * segments + 7) / 8 * 8; }
static_assert(table_bytes(1) == 8 && table_bytes(2) == 16 && table_bytes(3) == 16);

Result<std::size_t> segment_count(ByteView head) {
  const std::uint64_t count = std::uint64_t{u32_at(head, 0)} + 1;
  if (count > limits::frame_segments_max) {
    return Error(ErrorCode::malformed, "frame with more than 16 segments; send Cap'n Proto stream framing, unpacked");
  }
  return static_cast<std::size_t>(count);
}

// Length of the whole frame. No sum can overflow: 16 segments of 2^32 words are less than 2^40 bytes.
std::uint64_t frame_bytes(ByteView table, std::size_t segments) {
  std::uint64_t words = 0;
  for (std::size_t i = 0; i < segments; ++i) words += u32_at(table, 4 + 4 * i);
  return table_bytes(segments) + words * word_bytes;
}

}  // namespace

Result<void> FrameDecoder::read_table() {
  TAUS_TRY_ASSIGN(const std::size_t segments, segment_count(frame_));
  if (part_ == Part::count) {
    part_ = Part::table;
    needed_ = table_bytes(segments);
    return {};
  }
  if (u32_at(frame_, 4) == 0) return Error(ErrorCode::malformed, "frame whose first segment is empty");
  const std::uint64_t total = frame_bytes(frame_, segments);
  if (total > bytes_max_) {
    return Error(ErrorCode::too_large, "frame of more than " + std::to_string(bytes_max_) + " bytes; split the request");
  }
  part_ = Part::body;
  needed_ = static_cast<std::size_t>(total);
  frame_.reserve(std::min(needed_, reserved_bytes_max));
  return {};
}

Result<std::optional<Bytes>> FrameDecoder::feed(ByteView& input) {
  if (frame_.capacity() == 0 && !input.empty()) frame_.reserve(usual_frame_bytes);
  for (;;) {
    const std::size_t take = std::min(needed_ - frame_.size(), input.size());
    frame_.insert(frame_.end(), input.begin(), input.begin() + static_cast<std::ptrdiff_t>(take));
    input = input.subspan(take);
    if (frame_.size() < needed_) return std::optional<Bytes>{};
    if (part_ == Part::body) break;
    TAUS_TRY(read_table());
  }
  TAUS_CHECK(frame_.size() == needed_ && frame_.size() <= bytes_max_);
  part_ = Part::count;
  needed_ = 4;
  return std::optional<Bytes>(std::exchange(frame_, Bytes{}));
}

Result<void> each_segment(ByteView frame, const std::function<void(ByteView)>& take) {
  const auto wrong = [] { return Error(ErrorCode::malformed, "frame whose segment table does not fit its bytes"); };
  if (frame.size() < word_bytes) return wrong();
  TAUS_TRY_ASSIGN(const std::size_t count, segment_count(frame));
  if (frame.size() < table_bytes(count) || frame_bytes(frame, count) != frame.size()) return wrong();
  if (u32_at(frame, 4) == 0) return Error(ErrorCode::malformed, "frame whose first segment is empty");
  std::size_t offset = table_bytes(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t size = std::size_t{u32_at(frame, 4 + 4 * i)} * word_bytes;
    take(frame.subspan(offset, size));
    offset += size;
  }
  return {};
}

Result<std::vector<ByteView>> segments_of(ByteView frame) {
  std::vector<ByteView> segments;
  TAUS_TRY(each_segment(frame, [&](ByteView one) { segments.push_back(one); }));
  return segments;
}

}  // namespace taus::protocol
