// The engine seam: what stores key-value rows. RocksDB is the embedded default; the same seam must carry a distributed
// SQL engine, so nothing above storage/ may know more than this.
//
// Threads:    get, scan: any thread. commit: one thread at a time.
// Durability: when commit returns, every row of the batch is on disk, or none is.
// Failure:    after the first failed commit the store is latched: every later commit fails with ErrorCode::io until reopened,
//             because a failed write may or may not have reached the disk (docs/decisions/0003).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "eventstore/base/arena.h"
#include "eventstore/base/bytes.h"
#include "eventstore/base/result.h"

namespace taus::storage {

enum class Table : std::uint8_t { leaf, part, keys, dedupe, meta };
inline constexpr std::size_t table_count = 5;

// Rows to write as one atomic unit, in order (a later row of the same key wins). Holds the bytes of all rows.
class WriteBatch {
 public:
  struct Row {
    Table table;
    ByteView key;                   // into the batch
    std::optional<ByteView> value;  // absent: erase
  };
  WriteBatch() = default;
  WriteBatch(const WriteBatch& other);
  WriteBatch& operator=(const WriteBatch& other);
  WriteBatch(WriteBatch&& other) noexcept;
  WriteBatch& operator=(WriteBatch&& other) noexcept;
  ~WriteBatch() = default;

  void put(Table table, ByteView key, ByteView value) { rows_.push_back({table, bytes_.keep(key), bytes_.keep(value)}); }
  // The same with a value of so many bytes that the caller writes there before the batch is committed.
  std::span<std::uint8_t> put_room(Table table, ByteView key, std::size_t bytes);
  void erase(Table table, ByteView key) { rows_.push_back({table, bytes_.keep(key), std::nullopt}); }
  void append(WriteBatch&& other);
  [[nodiscard]] const std::vector<Row>& rows() const noexcept { return rows_; }
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  void clear() noexcept { *this = WriteBatch(); }

 private:
  std::vector<Row> rows_;
  Arena bytes_;
};

class KvReader {
 public:
  virtual ~KvReader() = default;
  // The value, or nothing where there is no such row.
  [[nodiscard]] virtual Result<std::optional<Bytes>> get(Table table, ByteView key) const = 0;
  // Rows with from <= key < to in key order (bytewise); an empty `to` means to the end. `visit` returns false to stop.
  virtual Result<void> scan(Table table, ByteView from, ByteView to,
                            const std::function<bool(ByteView key, ByteView value)>& visit) const = 0;
  // Reads every sorted file whole against the checksum it was written with, so also what no row that is asked for needs: filters, rows
  // that were replaced. The log is not looked at. corrupt: damaged.
  [[nodiscard]] virtual Result<void> check_files() const { return {}; }
};

class KvStore : public KvReader {
 public:
  // One atomic, synced write. io: latched (see above).
  virtual Result<void> commit(const WriteBatch& batch) = 0;
  // A consistent view of now; must not outlive the store.
  [[nodiscard]] virtual std::unique_ptr<KvReader> snapshot() const = 0;
  // Writes everything held in memory to its sorted files (bulk shreds; docs/FORMAT.md).
  virtual Result<void> flush(Table table) = 0;
  // Rewrites the whole table so that erased rows leave the files.
  virtual Result<void> compact(Table table) = 0;
  [[nodiscard]] virtual bool latched() const noexcept = 0;
};

}  // namespace taus::storage
