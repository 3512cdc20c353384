#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "eventstore/base/bytes.h"
#include "tests/unit/eventstore_support.h"

namespace taus::test {
namespace {

constexpr int consent = 9;

TEST(Ids, NameNobodyAndResolveAlsoAfterAShredAndARestart) {
  Shop shop(1);
  ASSERT_TRUE(shop.open());
  const Ordinal anna = shop.es->new_subject().value();
  shop.append(anna, {shop.part(0, "Anna")});
  shop.commit();
  const std::string id = shop.es->id_of(anna);
  EXPECT_EQ(id.size(), 26U);
  EXPECT_EQ(shop.es->ordinal_of(id), anna);
  shop.shred(anna, 0xffff);
  EXPECT_EQ(shop.es->ordinal_of(id), anna);
  ASSERT_TRUE(shop.restart());
  EXPECT_EQ(shop.es->ordinal_of(id), anna);
  EXPECT_EQ(shop.es->id_of(anna), id);
  std::set<std::string> ids;
  for (Ordinal one = 0; one < 2000; ++one) ids.insert(shop.es->id_of(one));
  EXPECT_EQ(ids.size(), 2000U);
  Shop other(2);
  ASSERT_TRUE(other.open());
  EXPECT_FALSE(other.es->ordinal_of(id)) << "another store's id means nothing here";
}

RC_GTEST_PROP(Ids, AForgedIdIsRefused, ()) {
  static Shop shop(3);
  if (!shop.es) shop.open().value();
  const std::string good = shop.es->id_of(*rc::gen::arbitrary<std::uint64_t>());
  const std::size_t place = *rc::gen::inRange<std::size_t>(0, good.size());
  const char letter = *rc::gen::elementOf(std::string("abcdefghijklmnopqrstuvwxyz234567A=0 \n"));
  std::string forged = good;
  forged[place] = letter;
  if (forged != good) RC_ASSERT(!shop.es->ordinal_of(forged));
  RC_ASSERT(shop.es->ordinal_of(good).has_value());
  RC_ASSERT(!shop.es->ordinal_of(good.substr(0, place)));
  RC_ASSERT(!shop.es->ordinal_of(*rc::gen::arbitrary<std::string>()));
  const Bytes random = *rc::gen::container<Bytes>(16, rc::gen::arbitrary<std::uint8_t>());
  RC_ASSERT(!shop.es->ordinal_of(to_base32(random)));
}

TEST(Links, OpenTheirOwnSubjectAndDieWithTheConsentKey) {
  Shop shop(4);
  ASSERT_TRUE(shop.open());
  const Ordinal anna = shop.es->new_subject().value();
  const Ordinal berit = shop.es->new_subject().value();
  shop.append(anna, {shop.part(0, "Anna"), shop.part(consent, "yes")});
  shop.append(berit, {shop.part(0, "Berit"), shop.part(consent, "yes")});
  shop.commit();
  const std::string link = shop.es->link_of(anna, 1).value();
  EXPECT_EQ(shop.es->subject_of_link(link).value(), anna);
  EXPECT_NE(shop.es->link_of(berit, 1).value(), link);
  // One subject's id with another's mark, and any changed letter.
  const auto refused = [&](const std::string& forged) {
    const auto found = shop.es->subject_of_link(forged);
    return !found && found.error().code == ErrorCode::unauthorized;
  };
  EXPECT_TRUE(refused(shop.es->id_of(berit) + link.substr(26)));
  for (std::size_t i = 0; i < link.size(); ++i) {
    std::string forged = link;
    forged[i] = forged[i] == 'a' ? 'b' : 'a';
    EXPECT_TRUE(refused(forged)) << i;
  }
  EXPECT_TRUE(refused("")) << "empty";
  EXPECT_TRUE(refused(shop.es->link_of(anna, 2).value())) << "another number of the same subject";
  ASSERT_TRUE(shop.restart());
  EXPECT_EQ(shop.es->subject_of_link(link).value(), anna);
  shop.shred(anna, 1U << consent);
  const auto dead = shop.es->subject_of_link(link);
  ASSERT_FALSE(dead);
  EXPECT_EQ(dead.error().code, ErrorCode::shredded);
  shop.append(anna, {shop.part(consent, "consent anew")});
  shop.commit();
  EXPECT_TRUE(refused(link)) << "a new consent key makes new links";
}

}  // namespace
}  // namespace taus::test
