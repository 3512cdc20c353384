#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "eventstore/base/bytes.h"
#include "eventstore/base/check.h"
#include "eventstore/base/result.h"

namespace taus {
namespace {

TEST(Bytes, IntegersAreLittleEndianUnlessTheNameSaysBig) {
  Bytes out;
  Writer(out).u8(1).u16(0x0203).u32(0x04050607).u64(0x08090a0b0c0d0e0f).u64_big(0x1011121314151617).raw("ab");
  EXPECT_EQ(to_hex(out),
            "01030207060504"
            "0f0e0d0c0b0a0908"
            "1011121314151617"
            "6162");
  Reader r(out);
  EXPECT_EQ(r.u8(), 1);
  EXPECT_EQ(r.u16(), 0x0203);
  EXPECT_EQ(r.u32(), 0x04050607U);
  EXPECT_EQ(r.u64(), 0x08090a0b0c0d0e0fU);
  EXPECT_EQ(r.u64_big(), 0x1011121314151617U);
  EXPECT_FALSE(r.done());
  EXPECT_EQ(r.array<2>(), (ByteArray<2>{'a', 'b'}));
  EXPECT_TRUE(r.done());
}

TEST(Bytes, ReadingPastTheEndStaysBad) {
  const Bytes in = {1, 2, 3};
  Reader r(in);
  EXPECT_EQ(r.u32(), 0U);
  EXPECT_FALSE(r.ok());
  EXPECT_EQ(r.u8(), 0);
  EXPECT_FALSE(r.ok());
  EXPECT_FALSE(r.done());
  Reader array(in);
  EXPECT_EQ(array.array<4>(), (ByteArray<4>{}));
  EXPECT_FALSE(array.ok());
}

TEST(Bytes, HexIsStrict) {
  EXPECT_EQ(from_hex("00ff"), (Bytes{0, 255}));
  EXPECT_EQ(from_hex(""), Bytes());
  for (const char* bad : {"0", "0g", "FF", "0x00", " 00", "00 "}) EXPECT_FALSE(from_hex(bad)) << bad;
}

TEST(Bytes, Base32IsStrict) {
  EXPECT_EQ(to_base32(view("foobar")), "mzxw6ytboi");  // RFC 4648 section 10, in small letters
  EXPECT_EQ(to_base32(view("f")), "my");
  for (const char* bad : {"m", "mz", "MY", "m1", "my=", "mzxw6ytbo"}) EXPECT_FALSE(from_base32(bad)) << bad;
}

RC_GTEST_PROP(Bytes, HexAndBase32ComeBack, (const Bytes& bytes)) {
  RC_ASSERT(from_hex(to_hex(bytes)) == std::optional<Bytes>(bytes));
  RC_ASSERT(from_base32(to_base32(bytes)) == std::optional<Bytes>(bytes));
}

RC_GTEST_PROP(Bytes, WhatBase32TakesItWouldHaveWritten, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcdefghijklmnopqrstuvwxyz234567")));
  if (const auto bytes = from_base32(text)) RC_ASSERT(to_base32(*bytes) == text);
}

Result<int> half(int n) {
  if (n % 2 != 0) return Error(ErrorCode::invalid_argument, "odd", "/n");
  return n / 2;
}
Result<int> quarter(int n) {
  TAUS_TRY_ASSIGN(const int once, half(n));
  TAUS_TRY(half(once));
  return half(once);
}

TEST(Result, ErrorsTravelWhole) {
  EXPECT_EQ(*quarter(8), 2);
  const auto failed = quarter(6);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(failed.error().message, "odd");
  EXPECT_EQ(failed.error().pointer, "/n");
}

TEST(Result, EveryCodeHasItsName) {
  for (int code = 1; code <= 17; ++code) EXPECT_NE(to_string(static_cast<ErrorCode>(code)), "unknown") << code;
  EXPECT_EQ(to_string(static_cast<ErrorCode>(18)), "unknown");
}

TEST(CheckDeathTest, AFalseConditionEndsTheProcessAndShowsNoValue) {
  const int secret = 4711;
  EXPECT_DEATH(TAUS_CHECK(secret == 1), "secret == 1");
  EXPECT_DEATH((void)Result<int>(Error(ErrorCode::io, "x")).value(), "has_value");
}

}  // namespace
}  // namespace taus
