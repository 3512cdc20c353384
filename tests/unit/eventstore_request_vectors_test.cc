// The row of a commit's request ids by golden vectors: written by a store whose every random byte is 42, so that all its keys are known.
#include "tests/unit/eventstore_support.h"
#include "tests/unit/journal_vectors.h"

namespace taus::test {
namespace {

using storage::Table;
using Json = nlohmann::json;

struct FortyTwo final : Random {
  void fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, std::uint8_t{42}); }
};

Instant day(const Json& v) { return instant_of_ms(std::int64_t{86'400'000} * v.at("day").get<std::int64_t>() + 1); }

struct KnownKeys {
  Result<void> open() {
    es.reset();
    EventStore::Options options;
    options.profile = "vt";
    const auto visit = [](const journal::Leaf&, const EntryParts&) -> Result<void> { return {}; };
    TAUS_TRY_ASSIGN(es, EventStore::open(store, roots, floor, random, options, visit));
    return {};
  }
  // The requests of a vector, in one commit; what is in the table then.
  Bytes row_of(const Json& v) {
    const Ordinal somebody = es->new_subject().value();
    for (const Json& asked : v.at("requests")) {
      for (const int sealed : asked.at("parts")) {
        std::vector<NewPart> parts;
        for (int category = 0; category < sealed; ++category) parts.push_back(Shop::part(category, "content"));
        if (sealed == 0) parts.push_back(Shop::part(-1, "told to everybody"));
        EXPECT_TRUE(es->append(sealed == 0 ? centre_stream : somebody, std::move(parts)));
      }
      const RequestKey id = es->request_key(asked.at("principal").get<std::string>(), asked.at("request").get<std::string>());
      EXPECT_EQ(id, array_of<16>(asked, "id"));
      es->remember(id, array_of<16>(asked, "content"), static_cast<std::uint8_t>(asked.at("parts").size()), day(v));
    }
    es->commit(day(v)).value();
    return store.get(Table::dedupe, bytes_of(v, "key")).value().value_or(Bytes());
  }
  Result<void> open_over(const Json& v) {
    storage::WriteBatch batch;
    batch.put(Table::dedupe, bytes_of(v, "key"), bytes_of(v, "row"));
    store.commit(batch).value();
    es.reset();
    floor.restart();
    return open();
  }

  FortyTwo random;
  crypto::SigningKey log_key{crypto::Key::generate(random)};
  FaultyStore store;
  MemoryRootStore roots;
  MemoryFloor floor{log_key};
  std::unique_ptr<EventStore> es;
};

TEST(RequestVectors, AreWrittenAsTheyAreWrittenDown) {
  const Json v = vectors("requests").at(0);
  KnownKeys shop;
  ASSERT_TRUE(shop.open());
  EXPECT_EQ(to_hex(shop.row_of(v)), v.at("row"));
}

TEST(RequestVectors, AreReadAsTheyAreWrittenDown) {
  int refused = 0;
  for (const Json& v : vectors("requests")) {
    KnownKeys shop;
    ASSERT_TRUE(shop.open());
    const auto opened = shop.open_over(v);
    ASSERT_EQ(opened.has_value(), v.at("expect") == "ok") << v.at("name");
    if (!opened) {
      EXPECT_EQ(opened.error().code, ErrorCode::corrupt) << v.at("name");
      ++refused;
      continue;
    }
    for (const Json& asked : v.at("requests")) {
      const auto hit = shop.es->recall(array_of<16>(asked, "id"), day(v)).value();
      ASSERT_TRUE(hit) << v.at("name");
      EXPECT_EQ(hit->first, v.at("position").get<Position>() + asked.at("offset").get<Position>());
      EXPECT_EQ(hit->events, asked.at("parts").size());
      EXPECT_EQ(hit->mark, array_of<16>(asked, "mark"));
    }
  }
  EXPECT_GE(refused, 7);
}

}  // namespace
}  // namespace taus::test
