// Pages by golden vectors: what a reader sees in these bytes, and which bytes a commit makes of these rows.
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "eventstore/storage/pages.h"
#include "tests/unit/journal_vectors.h"

namespace taus::storage {
namespace {

using Listed = std::vector<std::pair<Bytes, Bytes>>;
using Pages = std::map<Bytes, Bytes>;

// Words of hex, `xx*n` for a byte n times.
Bytes words(const nlohmann::json& text) {
  Bytes out;
  std::istringstream in(text.get<std::string>());
  for (std::string word; in >> word;) {
    const auto star = word.find('*');
    const Bytes once = from_hex(word.substr(0, star)).value();
    for (std::size_t n = star == std::string::npos ? 1 : std::stoul(word.substr(star + 1)); n > 0; --n)
      out.insert(out.end(), once.begin(), once.end());
  }
  return out;
}

Pages pages_of(const nlohmann::json& listed) {
  Pages out;
  for (const auto& one : listed) out[test::bytes_of(one, "key")] = words(one.at("page"));
  return out;
}

// One commit over the pages that a store has.
Pages written(const nlohmann::json& v) {
  Pages store = pages_of(v.at("had"));
  const auto before = [&](ByteView key, const std::function<bool(ByteView, ByteView)>& visit) {
    for (auto at = store.upper_bound(Bytes(key.begin(), key.end())); at != store.begin();) {
      --at;
      if (!visit(at->first, at->second)) break;
    }
    return Result<void>();
  };
  PageWriter writer(v.contains("last") ? std::optional(test::bytes_of(v, "last")) : std::nullopt, before);
  for (const auto& change : v.at("changes")) {
    const Bytes key = test::bytes_of(change, "key");
    EXPECT_TRUE(change.contains("value") ? writer.put(key, words(change.at("value"))) : writer.erase(key));
  }
  for (const auto& [key, page] : writer.finish()) {
    store.erase(key);
    if (page) store.emplace(key, *page);
  }
  return store;
}

TEST(PageVectors, AreReadAsTheyAreWrittenDown) {
  int seen = 0;
  for (const auto& v : test::vectors("page")) {
    if (!v.contains("page")) continue;
    Listed rows;
    const bool whole = read_page(words(v.at("page")), [&](ByteView key, ByteView value) {
      rows.emplace_back(Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end()));
      return true;
    });
    EXPECT_EQ(whole, v.at("expect") == "ok") << v.at("name");
    ++seen;
    if (!whole) continue;
    Listed expected;
    for (const auto& row : v.at("rows")) expected.emplace_back(test::bytes_of(row, "key"), words(row.at("value")));
    EXPECT_EQ(rows, expected) << v.at("name");
  }
  EXPECT_GT(seen, 15);
}

TEST(PageVectors, AreWrittenAsTheyAreWrittenDown) {
  int seen = 0;
  for (const auto& v : test::vectors("page")) {
    if (!v.contains("changes")) continue;
    EXPECT_EQ(written(v), pages_of(v.at("pages"))) << v.at("name");
    ++seen;
  }
  EXPECT_GE(seen, 7);
}

}  // namespace
}  // namespace taus::storage
