#include "eventstore/base/limits.h"
#include "eventstore/request_index.h"
#include "tests/unit/eventstore_support.h"

namespace taus::test {
namespace {

// Planted bug: what the store held at the start is not learned by the index.
class HidesRequests final : public storage::KvStore {
 public:
  explicit HidesRequests(storage::KvStore& inner) : inner_(inner) {}
  [[nodiscard]] Result<std::optional<Bytes>> get(storage::Table table, ByteView key) const override {
    return inner_.get(table, key);
  }
  Result<void> scan(storage::Table table, ByteView from, ByteView to,
                    const std::function<bool(ByteView, ByteView)>& visit) const override {
    if (table == storage::Table::dedupe) return {};
    return inner_.scan(table, from, to, visit);
  }
  Result<void> commit(const storage::WriteBatch& batch) override { return inner_.commit(batch); }
  [[nodiscard]] std::unique_ptr<storage::KvReader> snapshot() const override { return inner_.snapshot(); }
  Result<void> flush(storage::Table table) override { return inner_.flush(table); }
  Result<void> compact(storage::Table table) override { return inner_.compact(table); }
  [[nodiscard]] bool latched() const noexcept override { return inner_.latched(); }

 private:
  storage::KvStore& inner_;
};

// Planted bug: request ids are remembered in memory only, their rows never reach the store.
class ForgetsRequests final : public storage::KvStore {
 public:
  explicit ForgetsRequests(storage::KvStore& inner) : inner_(inner) {}
  [[nodiscard]] Result<std::optional<Bytes>> get(storage::Table table, ByteView key) const override {
    return inner_.get(table, key);
  }
  Result<void> scan(storage::Table table, ByteView from, ByteView to,
                    const std::function<bool(ByteView, ByteView)>& visit) const override {
    return inner_.scan(table, from, to, visit);
  }
  Result<void> commit(const storage::WriteBatch& batch) override {
    storage::WriteBatch rest;
    for (const auto& row : batch.rows()) {
      if (row.table == storage::Table::dedupe) continue;
      if (row.value)
        rest.put(row.table, row.key, *row.value);
      else
        rest.erase(row.table, row.key);
    }
    return inner_.commit(rest);
  }
  [[nodiscard]] std::unique_ptr<storage::KvReader> snapshot() const override { return inner_.snapshot(); }
  Result<void> flush(storage::Table table) override { return inner_.flush(table); }
  Result<void> compact(storage::Table table) override { return inner_.compact(table); }
  [[nodiscard]] bool latched() const noexcept override { return inner_.latched(); }

 private:
  storage::KvStore& inner_;
};

struct OneRequest {
  explicit OneRequest(std::uint64_t seed) : shop(seed) {}
  void carry_out() {
    const Ordinal anna = shop.es->new_subject().value();
    shop.append(anna, {shop.part(0, "Anna")});
    shop.append(anna, {shop.part(9, "yes")});
    shop.es->remember(shop.es->request_key("desk", "r-1"), RequestHash{}, 2, a_day);
  }
  std::optional<DedupeHit> recall(std::string_view who, std::string_view id, Instant now) {
    return shop.es->recall(shop.es->request_key(who, id), now).value();
  }
  Shop shop;
};

// What must hold: a request id that was acknowledged is known after a restart.
bool remembered_after_restart(OneRequest& one, storage::KvStore* kv) {
  one.shop.open(kv).value();
  one.carry_out();
  one.shop.commit();
  one.shop.es.reset();
  one.shop.store.crash();
  one.shop.open(kv).value();
  const auto hit = one.recall("desk", "r-1", a_day);
  return hit && hit->first == 0 && hit->events == 2;
}

TEST(Requests, AreKnownWhileStagedWhenDurableAndAfterARestart) {
  OneRequest one(1);
  ASSERT_TRUE(one.shop.open());
  one.carry_out();
  ASSERT_TRUE(one.recall("desk", "r-1", a_day));
  EXPECT_EQ(one.recall("desk", "r-1", a_day)->events, 2);
  EXPECT_FALSE(one.recall("desk", "r-2", a_day));
  EXPECT_FALSE(one.recall("portal", "r-1", a_day)) << "another caller's id is another request";
  EventStore& store = *one.shop.es;
  Commit under_way = store.take_commit(a_day);
  ASSERT_TRUE(one.recall("desk", "r-1", a_day)) << "on its way to the disk";
  store.seal(under_way);
  store.make_durable(under_way).value();
  store.note_durable(under_way.floor);
  ASSERT_TRUE(one.recall("desk", "r-1", a_day));
  OneRequest other(2);
  EXPECT_TRUE(remembered_after_restart(other, nullptr));
}

TEST(Requests, PlantedDedupeInMemoryOnlyIsNoticed) {
  OneRequest one(1);
  ForgetsRequests planted(one.shop.store);
  EXPECT_FALSE(remembered_after_restart(one, &planted));
}

// What must hold: every id of before a restart is known after it, whichever row of whichever era it is in.
bool all_remembered_from_all_rows(Shop& shop, storage::KvStore* kv) {
  constexpr int ids = 2500;
  constexpr int mails = 53;  // to each
  static_assert(ids * mails > RequestIndex::era_positions, "in two eras");
  shop.open(kv).value();
  const Ordinal anna = shop.es->new_subject().value();
  for (int i = 0; i < ids; ++i) {
    for (int n = 0; n < mails; ++n) shop.append(anna, {shop.part(7, "mail")});
    shop.es->remember(shop.es->request_key("desk", std::to_string(i)), RequestHash{}, 1, a_day);
    if (i % 7 == 0) shop.commit();
  }
  shop.commit();
  shop.es.reset();
  shop.store.crash();
  shop.open(kv).value();
  bool known = true;
  for (int i = 0; i < ids; ++i) {
    const auto hit = shop.es->recall(shop.es->request_key("desk", std::to_string(i)), a_day).value();
    known = known && hit && hit->first == static_cast<Position>(mails * i + mails - 1) && hit->events == 1;
  }
  return known && !shop.es->recall(shop.es->request_key("desk", "never"), a_day).value();
}

TEST(Requests, OfEveryRowAreKnownAfterARestart) {
  Shop shop(5);
  EXPECT_TRUE(all_remembered_from_all_rows(shop, nullptr));
}

TEST(Requests, PlantedIndexThatLearnsNothingIsNoticed) {
  Shop shop(5);
  HidesRequests planted(shop.store);
  EXPECT_FALSE(all_remembered_from_all_rows(shop, &planted));
}

TEST(Requests, ADamagedRowIsRefusedAtTheStart) {
  OneRequest one(6);
  ASSERT_TRUE(one.shop.open());
  one.carry_out();
  one.shop.commit();
  const auto [name, value] = *one.shop.store.rows(storage::Table::dedupe).begin();
  for (std::size_t size = 0; size < value.size(); ++size) {
    if (size == 4) continue;  // a day without a request: nothing that can be told from an empty row
    one.shop.es.reset();
    one.shop.store.set(storage::Table::dedupe, name, Bytes(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(size)));
    const auto opened = one.shop.open();
    ASSERT_FALSE(opened) << size;
    EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
  }
}

TEST(Requests, ARequestThatDiedWithItsCommitIsNotRemembered) {
  OneRequest one(3);
  ASSERT_TRUE(one.shop.open());
  one.carry_out();
  ASSERT_TRUE(one.shop.restart());
  EXPECT_FALSE(one.recall("desk", "r-1", a_day));
}

TEST(Requests, LiveSevenDaysAndTheirRowsGoAway) {
  OneRequest one(4);
  ASSERT_TRUE(one.shop.open());
  one.carry_out();
  one.shop.commit();
  EXPECT_TRUE(one.recall("desk", "r-1", a_day + limits::dedupe_days * day_long));
  EXPECT_FALSE(one.recall("desk", "r-1", a_day + (limits::dedupe_days + 1) * day_long));
  EXPECT_EQ(one.shop.store.rows(storage::Table::dedupe).size(), 1U);
  const auto& rows = one.shop.store.rows(storage::Table::dedupe);
  EXPECT_EQ(rows.begin()->first.size(), 8U);
  // Rows say nothing of who asked what: neither caller nor id is in them.
  const std::string shown = std::string(text(rows.begin()->first)) + std::string(text(rows.begin()->second));
  EXPECT_EQ(shown.find("desk"), std::string::npos);
  for (int i = 0; i < 64; ++i) {
    one.shop.append(1, {one.shop.part(7, "mail")});
    one.shop.commit(a_day + (limits::dedupe_days + 1) * day_long);
  }
  EXPECT_TRUE(one.shop.store.rows(storage::Table::dedupe).empty());
}

}  // namespace
}  // namespace taus::test
