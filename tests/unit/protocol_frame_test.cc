// Frames, by vectors: bytes, and what must come of them.
#include <gtest/gtest.h>
#include <malloc.h>

#include "daemon/protocol/frame.h"
#include "eventstore/base/limits.h"

namespace taus::protocol {
namespace {

constexpr std::size_t first_max = limits::frame_bytes_first_max;

std::string zeros(std::size_t bytes) { return std::string(2 * bytes, '0'); }

struct Vector {
  const char* name;
  std::string hex;
  const char* expect;  // "ok", "more" or an error's code
  std::size_t bytes_max = first_max;
};

// Without spaces; u32 little-endian: segments - 1, words of each, padding, body.
std::vector<Vector> vectors() {
  return {
      {"nothing", "", "more"},
      {"one byte", "00", "more"},
      {"count without sizes", "00000000", "more"},
      {"table without body", "0000000001000000", "more"},
      {"body short by a byte", "0000000001000000" + zeros(7), "more"},
      {"one segment of one word", "0000000001000000" + zeros(8), "ok"},
      {"two segments, padded table",
       "010000000100000001000000"
       "00000000" +
           zeros(16),
       "ok"},
      {"two segments, table without padding is short", "010000000100000001000000" + zeros(16), "more"},
      {"three segments, table needs no padding", "02000000010000000100000001000000" + zeros(24), "ok"},
      {"second segment empty",
       "010000000100000000000000"
       "00000000" +
           zeros(8),
       "ok"},
      {"first segment empty", "0000000000000000", "malformed"},
      {"first of two segments empty",
       "010000000000000001000000"
       "00000000",
       "malformed"},
      {"16 segments",
       "0f000000" +
           [] {
             std::string s;
             for (int i = 0; i < 16; ++i) s += "01000000";
             return s;
           }() +
           zeros(4 + 128),
       "ok"},
      {"17 segments, refused before its table", "10000000", "malformed"},
      {"2^32 segments", "ffffffff", "malformed"},
      {"2^32 - 1 words", "00000000ffffffff", "too_large"},
      {"sum of sizes beyond 2^32 words", "01000000ffffffffffffffff00000000", "too_large"},
      {"sum of 16 sizes beyond any int",
       "0f000000" +
           [] {
             std::string s;
             for (int i = 0; i < 16; ++i) s += "ffffffff";
             return s;
           }() +
           zeros(4),
       "too_large"},
      {"longest first frame", "00000000ff010000" + zeros(511 * 8), "ok"},
      {"a word longer than the first may be", "0000000000020000", "too_large"},
      {"the same later", "0000000000020000" + zeros(4096), "ok", limits::frame_bytes_max},
      {"longest frame's table", "00000000ffff0100", "more", limits::frame_bytes_max},
      {"a word longer than any may be", "0000000000000200", "too_large", limits::frame_bytes_max},
      {"packed input looks like 17 segments",
       "10010100"
       "0000",
       "malformed"},
  };
}

std::string outcome(const Vector& v) {
  FrameDecoder decoder(v.bytes_max);
  const Bytes bytes = from_hex(v.hex).value();
  ByteView input = bytes;
  const Result<std::optional<Bytes>> frame = decoder.feed(input);
  if (!frame) return std::string(to_string(frame.error().code));
  if (!frame->has_value()) return "more";
  EXPECT_EQ(**frame, bytes) << v.name;
  EXPECT_TRUE(input.empty()) << v.name;
  EXPECT_TRUE(segments_of(**frame).has_value()) << v.name;
  return "ok";
}

TEST(Frame, Vectors) {
  for (const Vector& v : vectors()) EXPECT_EQ(outcome(v), v.expect) << v.name;
}

TEST(Frame, TakesNoByteOfTheNext) {
  const Bytes two = from_hex(
                        "0000000001000000"
                        "1122334455667788"
                        "0000000001000000"
                        "99")
                        .value();
  FrameDecoder decoder(first_max);
  ByteView input = two;
  const auto first = decoder.feed(input);
  ASSERT_TRUE(first && first->has_value());
  EXPECT_EQ(to_hex(**first), "00000000010000001122334455667788");
  EXPECT_EQ(input.size(), 9U);
  EXPECT_FALSE(decoder.in_frame());
  const auto second = decoder.feed(input);
  ASSERT_TRUE(second.has_value());
  EXPECT_FALSE(second->has_value());
  EXPECT_TRUE(decoder.in_frame());
}

// A table that promises 1 MiB must cost the peer 1 MiB.
TEST(Frame, PromisesAreNotMemory) {
  FrameDecoder decoder(limits::frame_bytes_max);
  const Bytes table = from_hex(
                          "00000000ffff0100"
                          "00")
                          .value();
  ByteView input = table;
  const std::size_t before = mallinfo2().uordblks;
  ASSERT_TRUE(decoder.feed(input).has_value());
  EXPECT_TRUE(input.empty());
  EXPECT_LT(mallinfo2().uordblks, before + 4096);
}

TEST(Frame, LimitRises) {
  const Bytes table = from_hex("0000000000020000").value();
  FrameDecoder decoder(first_max);
  decoder.set_limit(limits::frame_bytes_max);
  ByteView input = table;
  EXPECT_TRUE(decoder.feed(input).has_value());
}

TEST(Frame, SegmentsOfRefusesAnyOtherLength) {
  const Bytes frame = from_hex("0000000001000000" + zeros(8)).value();
  ASSERT_TRUE(segments_of(frame).has_value());
  EXPECT_EQ(segments_of(frame)->size(), 1U);
  for (std::size_t size = 0; size < frame.size(); ++size)
    EXPECT_FALSE(segments_of(ByteView(frame).first(size)).has_value()) << size;
  Bytes longer = frame;
  longer.resize(frame.size() + 8);
  EXPECT_EQ(segments_of(longer).error().code, ErrorCode::malformed);
}

}  // namespace
}  // namespace taus::protocol
