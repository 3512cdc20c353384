// A KvStore in memory for tests: one map per table, snapshots by copy, a hook before each commit.
//
// Threads: one. Durability: what commit() returned is in the maps; nothing else. A refused commit latches the store as
// a real engine does; reopen() lifts the latch, as a restart would.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "eventstore/storage/kv_store.h"

namespace taus::test {

using MemoryTables = std::array<std::map<Bytes, Bytes>, storage::table_count>;

class MemoryReader : public storage::KvReader {
 public:
  explicit MemoryReader(MemoryTables tables) : tables_(std::move(tables)) {}
  Result<std::optional<Bytes>> get(storage::Table table, ByteView key) const override { return get_in(tables_, table, key); }
  Result<void> scan(storage::Table table, ByteView from, ByteView to,
                    const std::function<bool(ByteView, ByteView)>& visit) const override {
    return scan_in(tables_, table, from, to, visit);
  }

  static std::optional<Bytes> get_in(const MemoryTables& tables, storage::Table table, ByteView key) {
    const auto& rows = tables.at(static_cast<std::size_t>(table));
    const auto found = rows.find(Bytes(key.begin(), key.end()));
    if (found == rows.end()) return std::nullopt;
    return found->second;
  }
  static Result<void> scan_in(const MemoryTables& tables, storage::Table table, ByteView from, ByteView to,
                              const std::function<bool(ByteView, ByteView)>& visit) {
    const auto& rows = tables.at(static_cast<std::size_t>(table));
    const Bytes end(to.begin(), to.end());
    for (auto row = rows.lower_bound(Bytes(from.begin(), from.end())); row != rows.end(); ++row) {
      if (!end.empty() && !(row->first < end)) break;
      if (!visit(row->first, row->second)) break;
    }
    return {};
  }

 private:
  MemoryTables tables_;
};

class MemoryStore : public storage::KvStore {
 public:
  // Called before a batch is applied; false: the batch is not applied and the store latches (a crash or a failed write).
  std::function<bool(const storage::WriteBatch&)> before_commit;

  Result<std::optional<Bytes>> get(storage::Table table, ByteView key) const override {
    return MemoryReader::get_in(tables_, table, key);
  }
  Result<void> scan(storage::Table table, ByteView from, ByteView to,
                    const std::function<bool(ByteView, ByteView)>& visit) const override {
    return MemoryReader::scan_in(tables_, table, from, to, visit);
  }
  Result<void> commit(const storage::WriteBatch& batch) override {
    if (latched_) return Error(ErrorCode::io, "the memory store is latched; reopen it");
    if (before_commit && !before_commit(batch)) {
      latched_ = true;
      return Error(ErrorCode::io, "the test refused this commit");
    }
    for (const auto& row : batch.rows()) {
      auto& rows = tables_.at(static_cast<std::size_t>(row.table));
      if (row.value) {
        rows.insert_or_assign(Bytes(row.key.begin(), row.key.end()), Bytes(row.value->begin(), row.value->end()));
      } else {
        rows.erase(Bytes(row.key.begin(), row.key.end()));
      }
    }
    ++commits_;
    return {};
  }
  [[nodiscard]] std::unique_ptr<storage::KvReader> snapshot() const override { return std::make_unique<MemoryReader>(tables_); }
  Result<void> flush(storage::Table) override { return latch_result(); }
  Result<void> compact(storage::Table) override { return latch_result(); }
  [[nodiscard]] bool latched() const noexcept override { return latched_; }

  // For tests: lift the latch, look at and change the rows directly.
  void reopen() noexcept { latched_ = false; }
  MemoryTables& tables() noexcept { return tables_; }
  std::map<Bytes, Bytes>& rows(storage::Table table) { return tables_.at(static_cast<std::size_t>(table)); }
  [[nodiscard]] std::size_t commits() const noexcept { return commits_; }

 private:
  [[nodiscard]] Result<void> latch_result() const {
    if (latched_) return Error(ErrorCode::io, "the memory store is latched; reopen it");
    return {};
  }
  MemoryTables tables_;
  std::size_t commits_ = 0;
  bool latched_ = false;
};

}  // namespace taus::test
