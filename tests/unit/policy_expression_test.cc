#include <algorithm>

#include "daemon/policy/expression.h"
#include "tests/unit/policy_support.h"

namespace taus::policy {
namespace {

std::string value(std::string_view text, const Anchors& anchors) {
  const auto expression = Expression::parse(text);
  return expression ? utc(expression->evaluate(anchors, oslo())) : expression.error().message;
}

Anchors some() {
  Anchors anchors;
  anchors[static_cast<std::size_t>(Anchor::last_end)] = {at("2025-03-10T10:00:00")};
  anchors[static_cast<std::size_t>(Anchor::last_start)] = {at("2026-01-01T00:30:00")};
  anchors[static_cast<std::size_t>(Anchor::conclusion)] = {at("2025-03-10T10:05:00")};
  anchors[static_cast<std::size_t>(Anchor::dropped)] = {at("2025-03-01T10:00:00"), at("2025-03-05T10:00:00")};
  return anchors;
}

TEST(Expression, AddsChoosesAndEndsYears) {
  EXPECT_EQ(value("conclusion", some()), "2025-03-10T09:05:00Z");
  EXPECT_EQ(value("max(last_end + 28d, conclusion)", some()), "2025-04-07T08:00:00Z");
  EXPECT_EQ(value("min( last_end+28d,conclusion )", some()), "2025-03-10T09:05:00Z");
  EXPECT_EQ(value("year_end(last_start)", some()), "2026-12-31T23:00:00Z");
  EXPECT_EQ(value("year_end(last_end + 1y) + 1d", some()), "2027-01-01T23:00:00Z");
  EXPECT_EQ(value("dropped + 7d", some()), "2025-03-12T09:00:00Z");
  EXPECT_EQ(value("min(dropped) + 7d + 1y", some()), "2026-03-08T09:00:00Z");
}

TEST(Expression, AnAnchorWithoutInstantsDoesNotCount) {
  EXPECT_EQ(value("decided + 28d", some()), "-");
  EXPECT_EQ(value("max(decided + 28d, conclusion)", some()), "2025-03-10T09:05:00Z");
  EXPECT_EQ(value("min(open_end, conclusion)", some()), "2025-03-10T09:05:00Z");
  EXPECT_EQ(value("year_end(decided)", some()), "-");
}

// In an overlap the earlier of two instants can be the later after adding days: every instant is carried along.
TEST(Expression, AddsToEveryInstantBeforeItChooses) {
  Anchors anchors;
  anchors[static_cast<std::size_t>(Anchor::dropped)] = {at("2025-10-26T00:50:00Z"), at("2025-10-26T01:10:00Z")};  // 02:50, 02:10
  EXPECT_EQ(value("dropped + 7d", anchors), "2025-11-02T01:50:00Z");
}

TEST(Expression, NamesTheMistakeAndItsPlace) {
  const auto refused = [](std::string_view text, std::string_view why) {
    const auto expression = Expression::parse(text);
    ASSERT_FALSE(expression) << text;
    EXPECT_NE(expression.error().message.find(why), std::string::npos) << expression.error().message;
  };
  refused("", "at character 1: an anchor or max");
  refused("yesterday", "at character 1: an anchor or max");
  refused("conclusion + 28", "d (days) or y (years)");
  refused("conclusion + 28m", "d (days) or y (years)");
  refused("conclusion + -1d", "at character 14: a whole number");
  refused("conclusion + 99999999999d", "a whole number");
  refused("max(conclusion", ") or , was expected");
  refused("max conclusion", "( was expected");
  refused("max()", "at character 5: an anchor");
  refused("year_end(conclusion, decided)", "year_end takes one argument");
  refused("conclusion decided", "at character 12: an operator or the end");
  refused("max(max(max(max(max(max(max(max(max(max(decided))))))))))", "nested too deeply");
  std::string longish = "max(decided";
  for (int i = 0; i < 100; ++i) longish += ",decided";
  refused(longish + ")", "too long");
}

}  // namespace
}  // namespace taus::policy
