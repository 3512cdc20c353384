// However a stream is cut into reads, the same frames come out of it.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "daemon/protocol/frame.h"
#include "eventstore/base/limits.h"

namespace taus::protocol {
namespace {

Bytes any_frame() {
  const auto segments = *rc::gen::inRange<std::size_t>(1, limits::frame_segments_max + 1);
  Bytes frame;
  Writer out(frame);
  out.u32(static_cast<std::uint32_t>(segments - 1));
  std::size_t words = 0;
  for (std::size_t i = 0; i < segments; ++i) {
    const auto size = *rc::gen::inRange<std::uint32_t>(i == 0 ? 1 : 0, 6);
    out.u32(size);
    words += size;
  }
  if (segments % 2 == 0) out.u32(0);
  out.raw(*rc::gen::container<Bytes>(words * 8, rc::gen::arbitrary<std::uint8_t>()));
  return frame;
}

void expect_frames(const std::vector<Bytes>& frames, const std::vector<std::size_t>& cuts, const Bytes& stream) {
  FrameDecoder decoder(limits::frame_bytes_first_max);
  std::vector<Bytes> got;
  std::size_t from = 0;
  for (const std::size_t to : cuts) {
    ByteView input = ByteView(stream).subspan(from, to - from);
    while (!input.empty()) {
      auto frame = decoder.feed(input);
      RC_ASSERT(frame.has_value());
      if (frame->has_value()) got.push_back(std::move(**frame));
    }
    from = to;
  }
  RC_ASSERT(!decoder.in_frame());
  RC_ASSERT(got == frames);
}

TEST(FrameProperty, CutAnywhere) {
  EXPECT_TRUE(rc::check("frames do not depend on how the stream is cut", [] {
    std::vector<Bytes> frames(*rc::gen::inRange<std::size_t>(1, 6));
    Bytes stream;
    for (Bytes& f : frames) {
      f = any_frame();
      stream.insert(stream.end(), f.begin(), f.end());
    }
    auto cuts = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, stream.size()));
    cuts.push_back(stream.size());
    std::sort(cuts.begin(), cuts.end());
    expect_frames(frames, cuts, stream);
  }));
}

TEST(FrameProperty, ByteByByte) {
  EXPECT_TRUE(rc::check("one byte a read", [] {
    const std::vector<Bytes> frames{any_frame(), any_frame()};
    Bytes stream = frames[0];
    stream.insert(stream.end(), frames[1].begin(), frames[1].end());
    std::vector<std::size_t> cuts(stream.size());
    for (std::size_t i = 0; i < cuts.size(); ++i) cuts[i] = i + 1;
    expect_frames(frames, cuts, stream);
  }));
}

TEST(FrameProperty, AnyBytesNeverCrash) {
  EXPECT_TRUE(rc::check("arbitrary bytes end in an error, a frame or a wait", [](const Bytes& bytes) {
    FrameDecoder decoder(limits::frame_bytes_first_max);
    ByteView input = bytes;
    while (!input.empty()) {
      const auto frame = decoder.feed(input);
      if (!frame) return;
      if (frame->has_value()) RC_ASSERT(segments_of(**frame).has_value());
    }
  }));
}

}  // namespace
}  // namespace taus::protocol
