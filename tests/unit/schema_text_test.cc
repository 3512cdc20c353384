// Text checks and the deep check of whole messages.
#include <capnp/message.h>
#include <gtest/gtest.h>

#include "daemon/protocol/api.capnp.h"
#include "eventstore/schema/deep_check.h"
#include "eventstore/schema/event.capnp.h"
#include "eventstore/schema/text_check.h"
#include "tests/unit/schema_random.h"

namespace taus::schema {
namespace {

TEST(Text, utf8_is_what_rfc_3629_says) {
  for (const char* good : {"", "abc", "æøå", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80",
                           "\xf4\x8f\xbf\xbf", "abcdefgh12345678æ"})
    EXPECT_TRUE(valid_utf8(good)) << good;
  for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82", "\xf0\x8f\xbf\xbf",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "abcdefgh1234567\xc3"})
    EXPECT_FALSE(valid_utf8(bad));
  EXPECT_EQ(valid_utf8_prefix("abcdefghij\xff"), 10U);
}

TEST(Text, faults_have_their_kind) {
  EXPECT_EQ(text_fault("linje 1\nlinje\t2 æøå", 100), TextFault::none);
  EXPECT_EQ(text_fault("abc", 2), TextFault::too_long);
  EXPECT_EQ(text_fault("\xff", 100), TextFault::not_utf8);
  for (const std::string& control :
       {std::string("a\0b", 3), std::string("\r"), std::string("\x1b[2J"), std::string("\x7f"), std::string("\xc2\x85")})
    EXPECT_EQ(text_fault(control, 100), TextFault::control);
  EXPECT_EQ(check_text("abc", 2, "/name").error().code, ErrorCode::too_large);
  EXPECT_EQ(check_text("\r", 2, "/name").error().pointer, "/name");
}

// Several bytes are looked at together: each value at each place, alone and beside its neighbours.
TEST(Text, EveryByteAtEveryPlace) {
  for (unsigned value = 0; value < 0x80; ++value)
    for (std::size_t at = 0; at < 21; ++at)
      for (const char beside : {' ', '~', '\n', 'x'}) {
        std::string text(21, 'a');
        text[at] = static_cast<char>(value);
        if (at > 0) text[at - 1] = beside;
        const bool allowed = (value >= 0x20 && value < 0x7F) || value == '\n' || value == '\t';
        ASSERT_EQ(text_fault(text, 100), allowed ? TextFault::none : TextFault::control) << value << " at " << at;
      }
}

TEST(DeepCheck, takes_random_messages) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    capnp::MallocMessageBuilder request, event;
    testing::RandomMessage(seed).fill(request.initRoot<api::Request>());
    testing::RandomMessage(seed).fill(event.initRoot<Event>());
    const DeepLimits control{.control_characters = true};
    EXPECT_TRUE(deep_check<api::Request>(request.getRoot<api::Request>().asReader(), control));
    EXPECT_TRUE(deep_check<Event>(event.getRoot<Event>().asReader(), control));
  }
}

struct Refused {
  ErrorCode code;
  std::string pointer;
};

template <class T>
Refused refused(capnp::MallocMessageBuilder& message) {
  const auto done = deep_check<T>(message.getRoot<T>().asReader());
  if (done) return {ErrorCode::shutting_down, "accepted"};
  return {done.error().code, done.error().pointer};
}

TEST(DeepCheck, names_the_place_of_bad_text_lists_and_enums) {
  capnp::MallocMessageBuilder text, control, list, value;
  text.initRoot<api::Request>().initBookingRequest().initConsent().setNotice("\xff");
  EXPECT_EQ(refused<api::Request>(text).pointer, "/bookingRequest/consent/notice");
  control.initRoot<api::Request>().initBookingRequest().initFocusAreas(2).set(1, "a\rb");
  EXPECT_EQ(refused<api::Request>(control).pointer, "/bookingRequest/focusAreas/1");
  list.initRoot<api::Request>().initBookingRequest().initFocusAreas(limits::list_items_max + 1);
  EXPECT_EQ(refused<api::Request>(list).code, ErrorCode::too_large);
  EXPECT_EQ(refused<api::Request>(list).pointer, "/bookingRequest/focusAreas");
  value.initRoot<api::Request>().initStaffAdd().initRoles(1).set(0, static_cast<Role>(99));
  EXPECT_EQ(refused<api::Request>(value).pointer, "/staffAdd/roles/0");
}

// Every pointer of a message in turn made to point at another type.
TEST(DeepCheck, refuses_pointers_of_another_type) {
  capnp::MallocMessageBuilder message;
  auto root = message.initRoot<capnp::AnyPointer>().initAsAnyStruct(5, 8);
  auto pointers = root.getPointerSection();
  pointers[0].initAsAnyStruct(1, 1);  // `as` is a text
  EXPECT_EQ(refused<api::Request>(message).code, ErrorCode::malformed);
  EXPECT_EQ(refused<api::Request>(message).pointer, "/as");
  pointers[0].setAs<capnp::List<std::uint32_t>>({1, 2, 3});
  EXPECT_EQ(refused<api::Request>(message).code, ErrorCode::malformed);
  pointers[0].clear();
  EXPECT_EQ(refused<api::Request>(message).pointer, "accepted");
}

TEST(DeepCheck, refuses_an_unknown_union_member) {
  capnp::MallocMessageBuilder message;
  auto data = message.initRoot<capnp::AnyPointer>().initAsAnyStruct(5, 8).getDataSection();
  std::fill(data.begin(), data.end(), kj::byte{0x7F});
  EXPECT_EQ(refused<api::Request>(message).code, ErrorCode::malformed);
}

TEST(Text, LinesOfMailEndInALineFeed) {
  EXPECT_EQ(with_line_feeds("Hei,\r\n\r\nkan jeg komme?\r\n"), "Hei,\n\nkan jeg komme?\n");
  EXPECT_EQ(with_line_feeds("a\rb\r"), "a\rb\r") << "which check_text refuses";
}

TEST(Text, WhatNobodyCanReadIsBlank) {
  for (const char* const one : {"", " \t\n", "\u00a0", "\u00ad", "\u2003\u3000", "\u200b\u2060\ufeff", "\u2800", "\u3164",
                                "\u115f", "\uffa0", "\U000e0020", "\u202e"})
    EXPECT_TRUE(blank(one)) << one;
  for (const char* const one : {"a", " \u00e5 ", ".", "\u0660", "\u4e2d", "\U0001f600", "\xff"}) EXPECT_FALSE(blank(one)) << one;
}

TEST(Text, ANameIsReadOnOneLineInOneDirection) {
  EXPECT_TRUE(check_name("K\u00e1ri \u00d8ye", 40, "/name"));
  EXPECT_TRUE(check_name("\u0645\u06cc\u200c\u062e", 40, "/name")) << "letters may be kept apart (ZWNJ)";
  for (const char* const one : {"\u3000", "Anna\nMyr", "Anna\tMyr", "Anna\u202eryM", "Anna\u2066M", "Anna\u2028M"})
    EXPECT_EQ(check_name(one, 40, "/name").error().code, ErrorCode::invalid_argument) << one;
  EXPECT_EQ(check_name("Anna", 3, "/name").error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace taus::schema
