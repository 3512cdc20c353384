#include <map>
#include <random>

#include <gtest/gtest.h>

#include "eventstore/storage/pages.h"
#include "eventstore/storage/rocks_store.h"
#include "tests/support/temporary_directory.h"

namespace taus::storage {
namespace {

using Rows = std::map<Bytes, Bytes>;

Bytes key_of(std::uint64_t n) {
  Bytes out;
  Writer(out).u64_big(n);
  return out;
}

Bytes value_of(std::mt19937_64& random) {
  const std::size_t most = random() % 40 == 0 ? 3 * page_bytes_max : 900;
  return Bytes(random() % most, static_cast<std::uint8_t>(random()));
}

Rows all(const KvReader& store, Table table, const Bytes& from = {}, const Bytes& to = {}) {
  Rows out;
  Bytes last;
  EXPECT_TRUE(store.scan(table, from, to, [&](ByteView key, ByteView value) {
    EXPECT_TRUE(out.empty() || last < Bytes(key.begin(), key.end())) << "out of order";
    last.assign(key.begin(), key.end());
    out.emplace(last, Bytes(value.begin(), value.end()));
    return true;
  }));
  return out;
}

// A life of one table: rows at its end most of the time, and now and then rows between others, again, or erased.
class Life {
 public:
  explicit Life(std::uint64_t seed) : random_(seed) { open(); }
  void open() {
    RocksOptions options;
    options.create = true;
    options.write_buffer_bytes = 64 << 10;
    store_.reset();
    auto opened = open_rocks_store(directory_.path() + "/db", options);
    ASSERT_TRUE(opened);
    store_ = std::move(*opened);
  }
  void commit() {
    WriteBatch batch;
    for (std::uint64_t rows = 1 + random_() % 60; rows > 0; --rows) {
      const bool at_end = random_() % 10 != 0;
      next_ += at_end ? 1 + random_() % 3 : 0;
      const Bytes key = key_of(at_end ? next_ : random_() % (next_ + 2));
      if (!at_end && random_() % 3 != 0) {
        batch.erase(Table::part, key);
        rows_.erase(key);
        continue;
      }
      const Bytes value = value_of(random_);
      batch.put(Table::part, key, value);
      rows_[key] = value;
    }
    ASSERT_TRUE(store_->commit(batch));
  }
  [[nodiscard]] bool agrees() {
    bool same = all(*store_, Table::part) == rows_;
    for (int i = 0; i < 20; ++i) {
      const Bytes from = key_of(random_() % (next_ + 2));
      const Bytes to = key_of(random_() % (next_ + 2));
      const auto row = store_->get(Table::part, from).value();
      const auto here = rows_.find(from);
      same = same && (here == rows_.end() ? !row : row == here->second);
      if (from < to) same = same && all(*store_, Table::part, from, to) == Rows(rows_.lower_bound(from), rows_.lower_bound(to));
    }
    return same;
  }
  void erase_all() {
    WriteBatch batch;
    for (const auto& [key, value] : rows_) batch.erase(Table::part, key);
    ASSERT_TRUE(store_->commit(batch));
    rows_.clear();
  }
  KvStore& store() { return *store_; }

 private:
  test::TemporaryDirectory directory_;
  std::mt19937_64 random_;
  std::unique_ptr<KvStore> store_;
  Rows rows_;
  std::uint64_t next_ = 0;
};

TEST(Pages, HoldTheRowsThatWerePutWhateverTheOrder) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    Life life(seed);
    for (int round = 0; round < 12; ++round) {
      for (int i = 0; i < 4; ++i) life.commit();
      ASSERT_TRUE(life.agrees()) << "seed " << seed << ", round " << round;
      if (round % 3 == 2) life.open();
      ASSERT_TRUE(life.agrees()) << "seed " << seed << ", opened in round " << round;
      if (round == 8) life.erase_all();
    }
  }
}

TEST(Pages, ASnapshotKeepsWhatAPageHeld) {
  Life life(9);
  for (int i = 0; i < 8; ++i) life.commit();
  const Rows then = all(life.store(), Table::part);
  const auto snapshot = life.store().snapshot();
  life.erase_all();
  EXPECT_EQ(all(*snapshot, Table::part), then);
  EXPECT_TRUE(all(life.store(), Table::part).empty());
  EXPECT_EQ(snapshot->get(Table::part, then.begin()->first).value(), then.begin()->second);
}

PageWriter fresh() {
  const std::optional<Bytes> no_row;
  return {no_row, [](ByteView, const auto&) { return Result<void>(); }};
}

TEST(Pages, AreFullAndALongRowHasOneOfItsOwn) {
  PageWriter writer = fresh();
  for (std::uint64_t n = 0; n < 1000; ++n) ASSERT_TRUE(writer.put(key_of(n), Bytes(100)));
  ASSERT_TRUE(writer.put(key_of(1000), Bytes(10 * page_bytes_max)));
  ASSERT_TRUE(writer.put(key_of(1001), Bytes(1)));
  const PageWriter::Changes& pages = writer.finish();
  EXPECT_LE(pages.size(), 1000 * 113 / page_bytes_max + 4);
  for (const auto& [key, page] : pages) EXPECT_TRUE(page->size() <= page_bytes_max + 113 || key == key_of(1000));
  EXPECT_EQ(pages.rbegin()->first, key_of(1001));
}

TEST(Pages, ADamagedPageIsToldFromAWholeOne) {
  PageWriter writer = fresh();
  for (std::uint64_t n = 0; n < 3; ++n) ASSERT_TRUE(writer.put(key_of(n), Bytes(20, 7)));
  const Bytes page = *writer.finish().begin()->second;
  int whole = 0;
  for (std::size_t size = 0; size <= page.size(); ++size)
    whole += read_page(ByteView(page).first(size), [](ByteView, ByteView) { return true; }) ? 1 : 0;
  EXPECT_EQ(whole, 4) << "none, one, two or three rows";
  const std::optional<Bytes> last(key_of(9));
  PageWriter over_damage(last, [&](ByteView, const auto& visit) {
    static_cast<void>(visit(key_of(0), ByteView(page).first(page.size() - 1)));
    return Result<void>();
  });
  const auto refused = over_damage.erase(key_of(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::corrupt);
}

TEST(PagesDeathTest, AKeyLongerThanAPageCanSayIsABug) {
  PageWriter writer = fresh();
  EXPECT_DEATH(static_cast<void>(writer.put(Bytes(paged_key_bytes_max + 1), {})), "");
}

}  // namespace
}  // namespace taus::storage
