#include <gtest/gtest.h>

#include "tools/tausctl_text.h"

namespace taus::tools {
namespace {

TEST(Text, WidthIsWhatATerminalGives) {
  EXPECT_EQ(display_width("Ase"), 3U);
  EXPECT_EQ(display_width("Åse"), 3U);
  EXPECT_EQ(display_width("A\xCC\x8Ase"), 3U);  // a ring as a mark of its own
  EXPECT_EQ(display_width("職"), 2U);
  EXPECT_EQ(display_width("नेहा शर्मा"), 8U);      // three marks above and below, two beside their letter
  EXPECT_EQ(display_width("ใจดี"), 3U);           // Thai
  EXPECT_EQ(display_width("مُحَمَّد"), 4U);          // Arabic with its vowels
  EXPECT_EQ(display_width("\U00020000吉"), 4U);  // beyond the first plane
  EXPECT_EQ(display_width("✅⭐🎉"), 6U);
  EXPECT_EQ(display_width("☺…ą"), 3U);
  EXPECT_EQ(display_width("\xFF\xC3"), 2U);  // broken bytes count, and do not run past the end
}

TEST(Text, NothingSteersTheTerminal) {
  EXPECT_EQ(printable("a\x1b[2Jb"), "a?[2Jb");
  EXPECT_EQ(printable("a\xC2\x9B"
                      "b"),
            "a?b");  // C1
  EXPECT_EQ(printable("a\xE2\x80\xAE"
                      "b"),
            "a?b");  // right-to-left override
  EXPECT_EQ(printable("a\u061cb\u2028c\u2029d"), "a?b?c?d");
  EXPECT_EQ(printable("a\nb\tc"), "a b c");
  EXPECT_EQ(printable("a\nb", true), "a\nb");
  EXPECT_EQ(printable("æøå 職"), "æøå 職");
  EXPECT_EQ(printable("a\xFF"), "a?");
}

TEST(Text, ColumnsAlignAndEmptyOnesGo) {
  Table table({"NAME", "NONE", "ID"});
  table.add({"Åse", "", "1"});
  table.add({"Kari Nordmann", "", "2"});
  EXPECT_EQ(table.text(), "NAME           ID\nÅse            1\nKari Nordmann  2\n");
}

TEST(Text, SheetsKeepLinesTogether) {
  Sheet sheet;
  sheet.add("a", "1\n2");
  sheet.add("empty", "");
  sheet.add("bcd", "3");
  EXPECT_EQ(sheet.text(), "a    1\n     2\nbcd  3\n");
}

TEST(Text, TimesAreTheCentres) {
  const auto times = Times::load();
  ASSERT_TRUE(times);
  const auto ms = [&](const char* text) { return ms_of(times.value().zone().parse_time(text).value()); };
  EXPECT_EQ(times.value().time(ms("2025-12-31T23:30:00Z")), "Thu 1 Jan 2026 00:30");
  EXPECT_EQ(times.value().time(ms("2025-07-01T12:00:05Z")), "Tue 1 Jul 2025 14:00:05");
  EXPECT_EQ(times.value().time(no_time_ms), "");
  EXPECT_EQ(times.value().span(ms("2025-03-10T10:00"), ms("2025-03-10T11:00")), "Mon 10 Mar 2025 10:00-11:00");
  EXPECT_EQ(times.value().span(ms("2025-03-10T23:00"), ms("2025-03-11T01:00")), "Mon 10 Mar 2025 23:00-Tue 11 Mar 2025 01:00");
}

TEST(Text, TheHourThatOccursTwiceShowsItsOffset) {
  const auto times = Times::load();
  ASSERT_TRUE(times);
  const auto ms = [&](const char* text) { return ms_of(times.value().zone().parse_time(text).value()); };
  EXPECT_EQ(times.value().time(ms("2026-10-25T02:30+02:00")), "Sun 25 Oct 2026 02:30 (+02:00)");
  EXPECT_EQ(times.value().time(ms("2026-10-25T02:30+01:00")), "Sun 25 Oct 2026 02:30 (+01:00)");
  EXPECT_EQ(times.value().span(ms("2026-10-25T01:30+02:00"), ms("2026-10-25T02:15+01:00")),
            "Sun 25 Oct 2026 01:30-02:15 (+01:00)");
  EXPECT_EQ(times.value().time(ms("2026-10-25T01:59+02:00")), "Sun 25 Oct 2026 01:59");
  EXPECT_EQ(times.value().time(ms("2026-10-25T03:00+01:00")), "Sun 25 Oct 2026 03:00");
  EXPECT_EQ(times.value().time(ms("2026-03-29T03:00")), "Sun 29 Mar 2026 03:00");
}

}  // namespace
}  // namespace taus::tools
