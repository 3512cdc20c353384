#include <gtest/gtest.h>

#include "eventstore/base/zone.h"

namespace taus {
namespace {

class ZoneTest : public testing::Test {
 protected:
  Instant at(std::string_view text) const {
    auto t = zone_.parse_time(text);
    EXPECT_TRUE(t) << text << ": " << (t ? "" : t.error().message);
    return t ? *t : Instant{};
  }
  std::string utc(std::string_view text) const { return Zone::format_utc(at(text)); }
  std::string refused(std::string_view text) const {
    const auto t = zone_.parse_time(text);
    EXPECT_FALSE(t) << text;
    return t ? std::string() : t.error().message;
  }
  Zone zone_ = Zone::load().value();
};

TEST_F(ZoneTest, ReadsTimesWithAndWithoutOffset) {
  EXPECT_EQ(utc("2025-03-10T10:00:00"), "2025-03-10T09:00:00Z");
  EXPECT_EQ(utc("2025-07-10T10:00"), "2025-07-10T08:00:00Z");
  EXPECT_EQ(utc("2025-07-10 10:00"), "2025-07-10T08:00:00Z");
  EXPECT_EQ(utc("2025-07-10T10:00:00Z"), "2025-07-10T10:00:00Z");
  EXPECT_EQ(utc("2025-07-10T10:00:00.5-03:30"), "2025-07-10T13:30:00.500Z");
  EXPECT_EQ(utc("2025-07-10T10:00:00.001999+00:00"), "2025-07-10T10:00:00.001Z");
  EXPECT_EQ(utc("1900-01-01T00:00:00Z"), "1900-01-01T00:00:00Z");
}

TEST_F(ZoneTest, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           "2025",
                           "2025-03-10",
                           "2025-03-10T",
                           "2025-03-10T1:00:00",
                           "2025-03-10T10",
                           "2025-03-10T24:00:00",
                           "2025-03-10T10:60:00",
                           "2025-03-10T10:00:60",
                           "2025-03-10T10:00:00+1:00",
                           "2025-03-10T10:00:00+24:00",
                           "2025-03-10T10:00:00.",
                           "2025-03-10T10:00:00.1234567890",
                           "2025-03-10T10:00:00Zx",
                           "2025-13-10T10:00:00",
                           "2025-02-29T10:00:00",
                           "2025-03-10X10:00:00",
                           "+025-03-10T10:00:00",
                           "1899-12-31T10:00:00",
                           "2201-01-01T00:00:00",
                           " 2025-03-10T10:00:00"})
    EXPECT_NE(refused(text), "") << text;
}

TEST_F(ZoneTest, RefusesTheGapAndTakesTheFirstOfAnOverlap) {
  EXPECT_NE(refused("2025-03-30T02:30:00").find("does not exist in Norway"), std::string::npos);
  EXPECT_NE(refused("2050-03-27T02:00:00").find("does not exist in Norway"), std::string::npos);
  EXPECT_EQ(utc("2025-03-30T03:00:00"), "2025-03-30T01:00:00Z");
  EXPECT_EQ(utc("2025-10-26T02:30:00"), "2025-10-26T00:30:00Z");
  EXPECT_EQ(utc("2025-10-26T02:30:00+01:00"), "2025-10-26T01:30:00Z");
}

TEST_F(ZoneTest, AddsDaysOnTheLocalCalendar) {
  EXPECT_EQ(Zone::format_utc(zone_.plus_days(at("2025-03-10T10:00:00"), 28)), "2025-04-07T08:00:00Z");
  // Into the gap: the change itself. Into the overlap: the first.
  EXPECT_EQ(Zone::format_utc(zone_.plus_days(at("2025-03-02T02:30:00"), 28)), "2025-03-30T01:00:00Z");
  EXPECT_EQ(Zone::format_utc(zone_.plus_days(at("2025-09-28T02:30:00"), 28)), "2025-10-26T00:30:00Z");
  // From the second of an overlap the wall clock counts.
  EXPECT_EQ(Zone::format_utc(zone_.plus_days(at("2025-10-26T01:30:00Z"), 1)), "2025-10-27T01:30:00Z");
}

TEST_F(ZoneTest, AddsYearsAndClampsTheLeapDayDown) {
  EXPECT_EQ(Zone::format_utc(zone_.plus_years(at("2024-02-29T14:00:00"), 1)), "2025-02-28T13:00:00Z");
  EXPECT_EQ(Zone::format_utc(zone_.plus_years(at("2024-02-29T14:00:00"), 4)), "2028-02-29T13:00:00Z");
  EXPECT_EQ(Zone::format_utc(zone_.plus_years(at("2024-03-30T02:30:00"), 1)), "2025-03-30T01:00:00Z");
}

TEST_F(ZoneTest, AYearEndsAtLocalMidnight) {
  EXPECT_EQ(Zone::format_utc(zone_.year_end(2025)), "2025-12-31T23:00:00Z");
  EXPECT_EQ(zone_.year_of(at("2025-12-31T23:30:00Z")), 2026);
  EXPECT_EQ(zone_.year_of(at("2025-12-31T22:59:59.999Z")), 2025);
  for (int year = 1980; year < 2200; ++year)
    EXPECT_EQ(Zone::format_utc(zone_.year_end(year)), std::to_string(year) + "-12-31T23:00:00Z");
}

// The host's zone files stop in 2037; the rule goes on.
TEST_F(ZoneTest, SummerTimeGoesOnAfter2037) {
  EXPECT_EQ(utc("2037-07-01T12:00:00"), "2037-07-01T10:00:00Z");
  EXPECT_EQ(utc("2038-07-01T12:00:00"), "2038-07-01T10:00:00Z");
  EXPECT_EQ(utc("2100-07-01T12:00:00"), "2100-07-01T10:00:00Z");
  EXPECT_EQ(utc("2200-12-01T12:00:00"), "2200-12-01T11:00:00Z");
  EXPECT_EQ(utc("2050-03-27T03:00:00"), "2050-03-27T01:00:00Z");  // last Sunday of March
  EXPECT_EQ(utc("2050-03-27T01:59:59"), "2050-03-27T00:59:59Z");
  EXPECT_EQ(zone_.local_date(at("2050-12-31T23:00:00Z")), "2051-01-01");
}

TEST_F(ZoneTest, WritesLocalTimesAndDates) {
  EXPECT_EQ(zone_.format_local(at("2025-07-10T08:00:00.250Z")), "2025-07-10T10:00:00.250+02:00");
  EXPECT_EQ(zone_.format_local(at("2025-01-10T08:00:00Z")), "2025-01-10T09:00:00+01:00");
  EXPECT_EQ(zone_.local_date(at("2025-07-09T22:00:00Z")), "2025-07-10");
  EXPECT_EQ(Zone::format_utc(zone_.start_of_day("2025-07-10").value()), "2025-07-09T22:00:00Z");
  EXPECT_FALSE(zone_.start_of_day("2025-7-10"));
  EXPECT_FALSE(zone_.start_of_day("2025-02-29"));
  EXPECT_FALSE(zone_.start_of_day("2025-07-10T00:00:00"));
}

TEST_F(ZoneTest, CalendarDatesClampDown) {
  const auto plus = [](std::string_view date, int months) {
    return Zone::format_date(Zone::plus_months(Zone::parse_date(date).value(), months));
  };
  EXPECT_EQ(plus("2026-08-31", 1), "2026-09-30");
  EXPECT_EQ(plus("2026-12-05", 1), "2027-01-05");
  EXPECT_EQ(plus("2024-01-31", 1), "2024-02-29");
  EXPECT_EQ(Zone::format_date(Zone::plus_days(Zone::parse_date("2026-02-01").value(), 30)), "2026-03-03");
}

}  // namespace
}  // namespace taus
