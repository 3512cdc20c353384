// Arbitrary bytes through the frame decoder: cut in two places or not, the same frames or the same error come out.
#include <vector>

#include "daemon/protocol/frame.h"
#include "daemon/protocol/message.h"
#include "eventstore/base/limits.h"

namespace taus::protocol {
namespace {

struct Outcome {
  std::vector<Bytes> frames;
  std::optional<ErrorCode> error;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome decode(std::initializer_list<ByteView> reads) {
  Outcome outcome;
  FrameDecoder decoder(limits::frame_bytes_first_max);
  for (ByteView input : reads) {
    while (!input.empty()) {
      auto frame = decoder.feed(input);
      if (!frame) {
        outcome.error = frame.error().code;
        return outcome;
      }
      if (frame->has_value()) outcome.frames.push_back(std::move(**frame));
    }
  }
  return outcome;
}

}  // namespace
}  // namespace taus::protocol

// The first byte says where to cut, the rest is the stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using taus::protocol::decode;
  if (size == 0) return 0;
  const taus::ByteView stream(data + 1, size - 1);
  const std::size_t cut = stream.empty() ? 0 : data[0] % (stream.size() + 1);
  const auto whole = decode({stream});
  TAUS_CHECK(whole == decode({stream.first(cut), stream.subspan(cut)}));
  for (const taus::Bytes& frame : whole.frames) {
    TAUS_CHECK(frame.size() <= taus::limits::frame_bytes_first_max);
    TAUS_CHECK(taus::protocol::segments_of(frame).has_value());
    const auto checked = taus::protocol::check_request(frame);
    TAUS_CHECK(checked.has_value() || checked.error().code == taus::ErrorCode::malformed);
  }
  return 0;
}
