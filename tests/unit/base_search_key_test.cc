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

}  // namespace
}  // namespace taus
