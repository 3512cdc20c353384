#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "eventstore/schema/labels.h"

namespace taus::schema {
namespace {

TEST(Labels, EachFieldIsNamedOnceInThreeLanguages) {
  std::set<std::pair<int, std::string_view>> seen;
  for (const FieldLabel& one : field_labels()) {
    EXPECT_TRUE(seen.emplace(number(one.category), one.field).second) << one.field;
    EXPECT_FALSE(one.nb.empty() || one.nn.empty() || one.en.empty()) << one.field;
  }
  for (const Category category :
       {Category::ident, Category::email, Category::demog, Category::case_, Category::corr, Category::consent}) {
    const bool any = std::any_of(seen.begin(), seen.end(), [&](const auto& one) { return one.first == number(category); });
    EXPECT_TRUE(any) << name(category);
  }
}

TEST(Labels, AreThoseOfTheSchema) {
  const auto& all = field_labels();
  const auto kommune =
      std::find_if(all.begin(), all.end(), [](const FieldLabel& one) { return one.field == "municipalityCode"; });
  ASSERT_NE(kommune, all.end());
  EXPECT_EQ(kommune->category, Category::demog);
  EXPECT_EQ(kommune->nn, "Bustadkommune");
}

}  // namespace
}  // namespace taus::schema
