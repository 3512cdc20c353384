// A KvStore in memory that knows which commits reached the disk: it can lose those that did not, and fail a chosen commit.
//
// Threads: one. After crash() the same object is the store as the next process would find it, unlatched.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "eventstore/storage/kv_store.h"

namespace taus::test {

class FaultyStore final : public storage::KvStore {
 public:
  // What a commit that fails leaves on disk: a failed write may or may not have got there.
  enum class Failed { lost, kept };

  // Planted bug: commit() answers before its rows are synced; they are only with the commit after it.
  bool acknowledge_before_sync = false;
  // Planted bug: a failed commit does not latch the store.
  bool forget_latch = false;

  // The n-th commit from now (1 = the next one) fails with io and latches the store. 0: none.
  void fail_commit_at(std::uint64_t n, Failed outcome = Failed::lost) {
    fail_in_ = n;
    outcome_ = outcome;
  }
  // Power cut and restart: what was not synced is gone.
  void crash() {
    visible_ = synced_;
    unsynced_.clear();
    latched_ = false;
    fail_in_ = 0;
  }
  [[nodiscard]] std::uint64_t commits() const { return commits_; }  // that were acknowledged
  // The rows of a table, to look at and to damage. Damage both copies with set().
  using Rows = std::map<Bytes, Bytes>;
  [[nodiscard]] const Rows& rows(storage::Table table) const { return visible_[index(table)]; }
  void set(storage::Table table, const Bytes& key, const std::optional<Bytes>& value) {
    for (auto* tables : {&visible_, &synced_}) write((*tables)[index(table)], key, value);
  }

  [[nodiscard]] Result<std::optional<Bytes>> get(storage::Table table, ByteView key) const override {
    return get_from(visible_, table, key);
  }
  Result<void> scan(storage::Table table, ByteView from, ByteView to,
                    const std::function<bool(ByteView, ByteView)>& visit) const override {
    scan_in(visible_, table, from, to, visit);
    return {};
  }
  Result<void> commit(const storage::WriteBatch& batch) override {
    if (latched_) return Error(ErrorCode::io, "latched");
    if (fail_in_ > 0 && --fail_in_ == 0) {
      latched_ = !forget_latch;
      if (outcome_ == Failed::kept) apply(synced_, batch);
      return Error(ErrorCode::io, "a fault was injected into this commit");
    }
    sync();
    apply(visible_, batch);
    unsynced_.push_back(batch);
    if (!acknowledge_before_sync) sync();
    ++commits_;
    return {};
  }
  [[nodiscard]] std::unique_ptr<storage::KvReader> snapshot() const override { return std::make_unique<Snapshot>(visible_); }
  Result<void> flush(storage::Table) override { return written(); }
  Result<void> compact(storage::Table) override { return written(); }
  [[nodiscard]] bool latched() const noexcept override { return latched_; }

 private:
  using Tables = std::array<Rows, storage::table_count>;

  static std::size_t index(storage::Table table) { return static_cast<std::size_t>(table); }
  static void write(Rows& rows, const Bytes& key, const std::optional<Bytes>& value) {
    if (value) {
      rows[key] = *value;
    } else {
      rows.erase(key);
    }
  }
  static void apply(Tables& tables, const storage::WriteBatch& batch) {
    for (const auto& row : batch.rows()) {
      const auto value = row.value ? std::optional<Bytes>(std::in_place, row.value->begin(), row.value->end()) : std::nullopt;
      write(tables[index(row.table)], Bytes(row.key.begin(), row.key.end()), value);
    }
  }
  static std::optional<Bytes> get_from(const Tables& tables, storage::Table table, ByteView key) {
    const Rows& rows = tables[index(table)];
    const auto it = rows.find(Bytes(key.begin(), key.end()));
    return it == rows.end() ? std::nullopt : std::optional<Bytes>(it->second);
  }
  static void scan_in(const Tables& tables, storage::Table table, ByteView from, ByteView to,
                      const std::function<bool(ByteView, ByteView)>& visit) {
    const Rows& rows = tables[index(table)];
    const Bytes end(to.begin(), to.end());
    for (auto it = rows.lower_bound(Bytes(from.begin(), from.end())); it != rows.end(); ++it) {
      if ((!end.empty() && it->first >= end) || !visit(it->first, it->second)) return;
    }
  }
  void sync() {
    for (const auto& batch : unsynced_) apply(synced_, batch);
    unsynced_.clear();
  }
  Result<void> written() {
    if (latched_) return Error(ErrorCode::io, "latched");
    sync();
    return {};
  }

  class Snapshot final : public storage::KvReader {
   public:
    explicit Snapshot(const Tables& tables) : tables_(tables) {}
    [[nodiscard]] Result<std::optional<Bytes>> get(storage::Table table, ByteView key) const override {
      return get_from(tables_, table, key);
    }
    Result<void> scan(storage::Table table, ByteView from, ByteView to,
                      const std::function<bool(ByteView, ByteView)>& visit) const override {
      scan_in(tables_, table, from, to, visit);
      return {};
    }

   private:
    Tables tables_;
  };

  Tables visible_;
  Tables synced_;
  std::vector<storage::WriteBatch> unsynced_;
  std::uint64_t commits_ = 0;
  std::uint64_t fail_in_ = 0;
  Failed outcome_ = Failed::lost;
  bool latched_ = false;
};

}  // namespace taus::test
