// Several rows of a table in one row of the engine (a page), for tables whose rows are written in the order of their keys: a row of the
// engine costs more than what is in it. docs/FORMAT.md "Pages".
//
// Shape:   page := (key length u8 | key | value length u32 | value) *, in the order of keys. Its own key is that of the first row that was
//          ever in it; every row of the table from there to the next page's key is in it.
// Threads: a writer is a value of the thread that commits; read_page is a pure function.
// Errors:  corrupt: a page that is none.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>

#include "eventstore/storage/kv_store.h"

namespace taus::storage {

inline constexpr std::size_t page_bytes_max = 16 << 10;   // beyond it a page takes no further row; one row alone may be longer
inline constexpr std::size_t paged_key_bytes_max = 0xff;  // of a row

inline constexpr std::array paged_tables{Table::leaf, Table::part};
[[nodiscard]] constexpr bool is_paged(Table table) noexcept { return table == Table::leaf || table == Table::part; }

// Rows in order; `visit` returns false to stop. false: damaged, and the rows before the damage were visited.
[[nodiscard]] bool read_page(ByteView page, const std::function<bool(ByteView key, ByteView value)>& visit);
Error damaged_page();

// What becomes of the pages of one table by a batch. Rows behind the last one go into new pages; others into the page that they belong to.
class PageWriter {
 public:
  // Pages of the store with a key not behind `key`, the last one first, until `visit` returns false.
  using PagesBefore = std::function<Result<void>(ByteView key, const std::function<bool(ByteView key, ByteView page)>& visit)>;
  // `last`: no row of the store lies behind it; nothing where there is none.
  PageWriter(std::optional<Bytes> last, PagesBefore before) : last_(std::move(last)), before_(std::move(before)) {}

  Result<void> put(ByteView key, ByteView value);
  Result<void> erase(ByteView key);
  // By key; nothing: the page goes.
  using Changes = std::map<Bytes, std::optional<Bytes>>;
  const Changes& finish();
  [[nodiscard]] const std::optional<Bytes>& last() const noexcept { return last_; }

 private:
  struct Page {
    Bytes key;
    Bytes rows;
  };
  void close();
  [[nodiscard]] Result<std::optional<Page>> page_of(ByteView key) const;
  Result<void> change(ByteView key, std::optional<ByteView> value);
  void keep(const Bytes& first, Bytes rows);

  std::optional<Bytes> last_;
  PagesBefore before_;
  std::optional<Page> open_;
  Changes changes_;
};

}  // namespace taus::storage
