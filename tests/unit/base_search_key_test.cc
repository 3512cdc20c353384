#include <gtest/gtest.h>

#include "eventstore/base/search_key.h"

namespace taus {
namespace {

TEST(SearchKey, CaseFallsAway) {
  EXPECT_EQ(search_key("KARI@Example.NO"), "kari@example.no");
  EXPECT_EQ(search_key("ÅSE BJØRNSDÆTTER"), search_key("åse bjørnsdætter"));
  EXPECT_EQ(search_key("ĐORĐE ŠIŠLJAGIĆ"), search_key("đorđe šišljagić"));
  EXPECT_EQ(search_key("ΟΔΥΣΣΕΎΣ"), search_key("οδυσσεύς"));
  EXPECT_EQ(search_key("STRAẞE"), "strasse");
}

TEST(SearchKey, HowALetterIsComposedFallsAway) {
  EXPECT_EQ(search_key("A\u030ase"), search_key("Åse"));
  EXPECT_EQ(search_key("\u212bse"), search_key("åse"));  // the sign for ångström
  EXPECT_EQ(search_key("Zoe\u0308"), search_key("ZOË"));
}

TEST(SearchKey, LettersStayApart) {
  EXPECT_NE(search_key("Åse"), search_key("Ase"));
  EXPECT_NE(search_key("Ødegård"), search_key("Odegard"));
}

TEST(SearchKey, SpacesAtTheEndsFallAway) {
  EXPECT_EQ(search_key("  Kari Nordmann\t"), "kari nordmann");
  EXPECT_EQ(search_key(" \n "), "");
  EXPECT_EQ(search_key(""), "");
}

TEST(SearchKey, WhatIsNotUtf8StillFoldsAscii) { EXPECT_EQ(search_key("AB\xff"), "ab\xff"); }

TEST(Letters, AreCountedOnceHoweverComposed) {
  EXPECT_EQ(count_letters("Åse"), 3U);
  EXPECT_EQ(count_letters("A\u030ase"), 3U);
  EXPECT_EQ(count_letters("a\u0301\u0302"), 1U);
  EXPECT_EQ(count_letters("ß"), 1U);                   // folds to two
  EXPECT_EQ(count_letters("\u1112\u1161\u11ab"), 1U);  // one Korean syllable, taken apart
  EXPECT_EQ(count_letters("李"), 1U);
  EXPECT_EQ(count_letters("李明"), 2U);
  EXPECT_EQ(count_letters("علي"), 3U);
  EXPECT_EQ(count_letters("X9"), 2U);
}

TEST(Letters, NothingElseIsOne) {
  for (const char* const none : {"", "  ", "😀😀", "\u200b\u200d\u200b", "\u0301\u0301", "-.'", "\xff\xff"})
    EXPECT_EQ(count_letters(none), 0U) << none;
}

}  // namespace
}  // namespace taus
