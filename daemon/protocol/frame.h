// One message on the socket: standard Cap'n Proto stream framing, without any prefix.
//
// What:    u32 segments - 1, u32 words of each segment, padding to 8 bytes, the segments. docs/PROTOCOL.md "Framing".
// Threads: a decoder belongs to one connection.
// Memory:  grows with the bytes that have come, never with what a table promises.
// Errors:  malformed: more than 16 segments or an empty first one; too_large. Both end the connection: nobody knows where
//          the next frame starts.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "eventstore/base/bytes.h"
#include "eventstore/base/result.h"

namespace taus::protocol {

// Cuts a byte stream into frames.
class FrameDecoder {
 public:
  explicit FrameDecoder(std::size_t bytes_max) noexcept : bytes_max_(bytes_max) {}

  // Takes bytes from the front of `input` until one frame is complete or `input` is empty. A frame is a private copy, table
  // included, aligned to 8 bytes. After an error the decoder is of no more use.
  Result<std::optional<Bytes>> feed(ByteView& input);
  // From now on frames may be this long. Call between frames.
  void set_limit(std::size_t bytes_max) noexcept { bytes_max_ = bytes_max; }
  // Whether the first byte of a frame has come and its last has not.
  [[nodiscard]] bool in_frame() const noexcept { return !frame_.empty(); }

 private:
  Result<void> read_table();
  std::size_t bytes_max_;
  Bytes frame_;
  std::size_t needed_ = 4;  // bytes until the next thing is known: segment count, table, whole frame
  enum class Part : std::uint8_t { count, table, body } part_ = Part::count;
};

// The segments of one complete frame. malformed: the table does not describe exactly these bytes.
Result<std::vector<ByteView>> segments_of(ByteView frame);
Result<void> each_segment(ByteView frame, const std::function<void(ByteView)>& take);

}  // namespace taus::protocol
