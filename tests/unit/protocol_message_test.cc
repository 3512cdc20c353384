// What of a well-framed message is taken, refused under its id, or ends the connection.
#include <algorithm>

#include <capnp/message.h>
#include <gtest/gtest.h>

#include "daemon/protocol/exit_code.h"
#include "daemon/protocol/frame.h"
#include "daemon/protocol/message.h"
#include "eventstore/base/limits.h"

namespace taus::protocol {
namespace {

template <class F>
Bytes request(F&& fill) {
  capnp::MallocMessageBuilder message;
  auto r = message.initRoot<api::Request>();
  r.setId(7);
  fill(r);
  return encode(message);
}

std::string refusal(const Bytes& frame) {
  const auto checked = check_request(frame);
  if (!checked) return "ends: " + std::string(to_string(checked.error().code));
  EXPECT_EQ(checked->id, 7U);
  if (!checked->refusal) return "ok";
  return std::string(to_string(checked->refusal->code)) + " " + checked->refusal->pointer;
}

Bytes find_name(const std::string& name) {
  return request([&](api::Request::Builder r) { r.initSubjectFind().setName(capnp::Text::Reader(name.c_str(), name.size())); });
}

TEST(Message, GoodRequests) {
  EXPECT_EQ(refusal(request([](auto r) { r.setStatus(r.initStatus().asReader()); })), "ok");
  EXPECT_EQ(refusal(find_name("Åse Æ. Øyås")), "ok");
  const Bytes frame = find_name("Kari");
  const RequestReader reader(frame);
  EXPECT_STREQ(reader.root().getSubjectFind().getName().cStr(), "Kari");
}

TEST(Message, TextMustBeUtf8) {
  const char* const bad[] = {
      "\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
      "\xff", "a\xc3",    "\xe2\x82", "\xf0\x9f\x98"};
  for (const char* text : bad) EXPECT_EQ(refusal(find_name(text)), "invalid_argument /name");
  EXPECT_EQ(refusal(find_name(std::string("a\0b", 3))), "invalid_argument /name");
  for (const char* good :
       {"\x7f", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(refusal(find_name(good)), "ok");
  }
}

TEST(Message, LengthsAreBounded) {
  EXPECT_EQ(refusal(find_name(std::string(limits::body_bytes_max, 'x'))), "ok");
  EXPECT_EQ(refusal(find_name(std::string(limits::body_bytes_max + 1, 'x'))), "too_large /name");
  const auto areas = [](unsigned n) {
    return request([n](api::Request::Builder r) { r.initBookingRequest().initFocusAreas(n); });
  };
  EXPECT_EQ(refusal(areas(limits::list_items_max)), "ok");
  EXPECT_EQ(refusal(areas(limits::list_items_max + 1)), "too_large /focusAreas");
}

TEST(Message, PointerNamesTheItem) {
  EXPECT_EQ(refusal(request([](api::Request::Builder r) { r.initBookingRequest().initFocusAreas(3).set(2, "\xff"); })),
            "invalid_argument /focusAreas/2");
}

TEST(Message, EnumerantsAndMethodsOfLaterVersions) {
  EXPECT_EQ(refusal(request([](api::Request::Builder r) { r.initBookingBook().setChannel(static_cast<schema::Channel>(999)); })),
            "invalid_argument /channel");
  EXPECT_EQ(refusal(request([](api::Request::Builder) {})), "invalid_argument ");
  // The union's tag is a u16 of the first data section: find it as the one place where two methods differ.
  Bytes a = request([](auto r) { r.initStatus(); }), b = request([](auto r) { r.initStaffList(); });
  ASSERT_EQ(a.size(), b.size());
  const auto place = std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin();
  a[static_cast<std::size_t>(place) + 1] = 0x7f;
  EXPECT_EQ(refusal(a), "invalid_argument ");
}

// Every one-byte change of a good request is a request, a refusal or malformed; the generated getters then never throw.
TEST(Message, EveryFlippedByteIsDecided) {
  const Bytes good = request([](api::Request::Builder r) {
    auto form = r.initBookingRequest();
    form.setName("Kari Eksempel");
    form.initFocusAreas(2).set(1, "yrkesvalg");
    form.initConsent().setNotice("VT-2022-09-15");
  });
  int malformed = 0, taken = 0;
  for (std::size_t i = 8; i < good.size(); ++i) {
    for (const int flip : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff}) {
      Bytes bad = good;
      bad[i] = static_cast<std::uint8_t>(bad[i] ^ flip);
      const auto checked = check_request(bad);
      if (!checked) {
        EXPECT_EQ(checked.error().code, ErrorCode::malformed);
        ++malformed;
      } else if (!checked->refusal) {
        ++taken;
        const RequestReader reader(bad);
        EXPECT_NO_THROW(static_cast<void>(kj::str(reader.root())));
      }
    }
  }
  EXPECT_GT(malformed, 20);
  EXPECT_GT(taken, 20);
}

// A struct pointer that leads to a struct holding itself: nesting and traversal limits end it.
TEST(Message, LoopsAndAmplification) {
  Bytes frame;
  Writer out(frame);
  out.u32(0).u32(2);
  out.u64(0x0001'0000'0000'0000ULL);  // root: struct at the next word, no data, one pointer
  out.u64(0x0001'0000'ffff'fffcULL);  // its pointer: back to itself
  const auto checked = check_request(frame);
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code, ErrorCode::malformed);
}

TEST(Message, ErrorFrames) {
  const Bytes frame = error_frame(9, Error(ErrorCode::slot_taken, "that time is taken", "/start"));
  bool seen = false;
  const Result<void> read = open_response(frame, [&](api::Response::Reader r) -> Result<void> {
    seen = r.getId() == 9 && r.isError() && r.getError().getCode() == "slot_taken" && r.getError().getPointer() == "/start";
    return {};
  });
  EXPECT_TRUE(read.has_value());
  EXPECT_TRUE(seen);
  EXPECT_EQ(open_response(Bytes(16), [](auto) -> Result<void> { return {}; }).error().code, ErrorCode::malformed);
}

TEST(ExitCodes, ClosedList) {
  const int expected[] = {2, 2, 4, 3, 5, 5, 7, 7, 6, 4, 9, 8, 8, 2, 1, 9, 8};
  for (int i = 1; i <= 17; ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_EQ(exit_code(code), expected[i - 1]) << to_string(code);
    EXPECT_EQ(error_code_of(to_string(code)), code);
  }
  EXPECT_EQ(error_code_of("no such code"), std::nullopt);
}

}  // namespace
}  // namespace taus::protocol
