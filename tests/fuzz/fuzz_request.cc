// Arbitrary frames through check and dispatch of the real service over a store in memory: no crash, and one framed reply under
// the request's id for everything that is well-formed.
#include <chrono>

#include "daemon/protocol/frame.h"
#include "daemon/protocol/message.h"
#include "eventstore/base/limits.h"
#include "tests/support/centre.h"

namespace taus::test {
namespace {

constexpr int inputs_per_centre = 200;  // then a new one, so that an input fails alone

Centre& centre() {
  static std::unique_ptr<Centre> present;
  static int inputs = 0;
  if (inputs++ % inputs_per_centre == 0) {
    present = std::make_unique<Centre>(1, instant_of_ms(1'741'600'000'000));
    TAUS_CHECK(present->start().has_value());
  }
  return *present;
}

service::Principal principal_of(std::uint8_t choice) {
  service::Principal who;
  who.name = "fuzzer";
  who.socket = static_cast<service::SocketRole>(choice % 3);
  who.speaks_for_staff = (choice & 0x10U) != 0;
  who.books = (choice & 0x20U) != 0;
  who.developer = (choice & 0x40U) != 0;
  return who;
}

}  // namespace
}  // namespace taus::test

// The first byte says who asks, the rest is one frame.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > taus::limits::frame_bytes_max) return 0;
  const taus::Bytes frame(data + 1, data + size);
  if (!taus::protocol::segments_of(frame)) return 0;
  const auto checked = taus::protocol::check_request(frame);
  if (!checked || checked->refusal) return 0;
  const auto reply = taus::test::centre().ask_frame(taus::test::principal_of(data[0]), frame);
  TAUS_CHECK(reply.has_value());
  TAUS_CHECK(reply->root().getId() == checked->id);
  return 0;
}
