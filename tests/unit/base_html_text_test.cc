#include <gtest/gtest.h>

#include "eventstore/base/html_text.h"

namespace taus {
namespace {

TEST(HtmlText, WhatWouldBeMarkupIsText) {
  EXPECT_EQ(html_escaped("<script>alert(\"1\") & more</script>"), "&lt;script&gt;alert(&quot;1&quot;) &amp; more&lt;/script&gt;");
  EXPECT_EQ(html_escaped("&lt;"), "&amp;lt;") << "what looks escaped is text too";
}

TEST(HtmlText, OtherTextStaysAsItIs) { EXPECT_EQ(html_escaped("Åse, 50 % – «ja»"), "Åse, 50 % – «ja»"); }

}  // namespace
}  // namespace taus
