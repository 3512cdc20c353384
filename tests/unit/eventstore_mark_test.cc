// What a request is compared by: right while everything that it wrote lives, and no help to anybody's guesses from the first shred on.
#include "eventstore/request_mark.h"
#include "tests/unit/eventstore_support.h"

namespace taus::test {
namespace {

constexpr RequestHash asked{1, 2, 3};
constexpr RequestHash something_else{1, 2, 4};

struct Mark : testing::Test {
  void SetUp() override {
    ASSERT_TRUE(shop.open());
    anna = shop.es->new_subject().value();
    shop.append(anna, {Shop::part(0, "Anna"), Shop::part(1, "anna@example.no"), Shop::part(2, "41234567")});
    shop.append(anna, {Shop::part(9, "yes")});
    shop.es->remember(id(), asked, 2, a_day);
    shop.append(anna, {Shop::part(7, "a mail, of another request")});
    shop.commit();
  }
  [[nodiscard]] RequestKey id() const { return shop.es->request_key("desk", "r-1"); }
  [[nodiscard]] std::string compared(const RequestHash& content) const {
    const auto hit = shop.es->recall(id(), a_day).value();
    if (!hit) return "unknown";
    const auto same = shop.es->asked_the_same(*hit, id(), content).value();
    return !same ? "nobody can tell" : *same ? "the same" : "another";
  }
  Shop shop{1};
  Ordinal anna = 0;
};

TEST_F(Mark, TellsARetryFromAnotherRequestAlsoAfterARestart) {
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(compared(asked), "the same");
    EXPECT_EQ(compared(something_else), "another");
    ASSERT_TRUE(shop.restart());
  }
}

TEST_F(Mark, OutlivesTheShredOfWhatTheRequestDidNotWrite) {
  shop.shred(anna, 1U << 7);
  EXPECT_EQ(compared(asked), "the same");
  EXPECT_EQ(compared(something_else), "another");
}

struct MarkOf : Mark, testing::WithParamInterface<int> {};

TEST_P(MarkOf, EachCategoryThatTheRequestWroteDiesWithIt) {
  const int category = GetParam();
  shop.shred(anna, static_cast<std::uint16_t>(1U << category));
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(compared(asked), "nobody can tell");
    EXPECT_EQ(compared(something_else), "nobody can tell");
    // Also where the category is written to again, under another key.
    shop.append(anna, {Shop::part(category, "again")});
    shop.commit();
    ASSERT_TRUE(shop.restart());
  }
}

INSTANTIATE_TEST_SUITE_P(Categories, MarkOf, testing::Values(0, 1, 2, 9));

TEST_F(Mark, OfPublicEventsAloneIsKeptUnderTheStoresKey) {
  shop.append(centre_stream, {Shop::part(-1, "told to everybody")});
  const RequestKey other = shop.es->request_key("desk", "r-2");
  shop.es->remember(other, asked, 1, a_day);
  shop.commit();
  const auto hit = shop.es->recall(other, a_day).value();
  ASSERT_TRUE(hit);
  EXPECT_EQ(shop.es->asked_the_same(*hit, other, asked).value(), true);
  EXPECT_EQ(shop.es->asked_the_same(*hit, other, something_else).value(), false);
  EXPECT_NE(hit->mark, asked) << "it lies in the store as it is";
}

// What must hold: whoever lacks one key, whichever, cannot make the mark.
TEST(RequestMark, DependsOnEveryKeyItsOrderTheIdAndTheContent) {
  SeededRandom random(7);
  const std::array<crypto::Key, 3> keys{crypto::Key::generate(random), crypto::Key::generate(random),
                                        crypto::Key::generate(random)};
  const RequestKey id{5};
  const auto under = [&](const RequestKey& of, const RequestHash& content, std::initializer_list<std::size_t> order) {
    RequestMark mark(of, content);
    for (const std::size_t one : order) mark.seal_under(keys[one]);
    return mark.value();
  };
  const auto whole = under(id, asked, {0, 1, 2});
  EXPECT_EQ(whole, under(id, asked, {0, 1, 2}));
  EXPECT_NE(whole, under(id, asked, {0, 1}));
  EXPECT_NE(whole, under(id, asked, {0, 2}));
  EXPECT_NE(whole, under(id, asked, {1, 2}));
  EXPECT_NE(whole, under(id, asked, {0, 2, 1}));
  EXPECT_NE(whole, under(RequestKey{6}, asked, {0, 1, 2})) << "equal requests would show";
  EXPECT_NE(whole, under(id, something_else, {0, 1, 2}));
}

}  // namespace
}  // namespace taus::test
