// A machine whose power can go at any durable step: the n-th step from now does not happen, happens unseen, or half happens,
// and nothing after it does.
//
// Threads: one.
#pragma once

#include <map>
#include <optional>

#include "tests/support/faulty_store.h"

namespace taus::sim {

struct Power {
  enum class Cut { nothing, unseen, torn };  // what becomes of the step at which it goes
  std::optional<int> steps_left;
  Cut cut = Cut::nothing;
  bool off = false;

  // False: the power is gone.
  bool step() {
    if (off) return false;
    if (!steps_left) return true;
    if (*steps_left > 0) {
      --*steps_left;
      return true;
    }
    off = true;
    return false;
  }
  void back() {
    off = false;
    steps_left.reset();
  }
};

// The store on that machine. Keeps every key row ever written, for the adversary, and can take the last commit back, as a disk
// does that forgets what it confirmed.
class PoweredStore final : public storage::KvStore {
 public:
  PoweredStore(test::FaultyStore& inner, Power& power) : inner_(inner), power_(power) {}

  bool drop_requests = false;     // planted: request-id rows never reach the disk
  bool floor_is_current = false;  // set by the floor: nothing was committed since it was written
  std::multimap<Bytes, Bytes> archive;

  [[nodiscard]] Result<std::optional<Bytes>> get(storage::Table table, ByteView key) const override {
    return inner_.get(table, key);
  }
  Result<void> scan(storage::Table table, ByteView from, ByteView to,
                    const std::function<bool(ByteView, ByteView)>& visit) const override {
    return inner_.scan(table, from, to, visit);
  }
  Result<void> commit(const storage::WriteBatch& batch) override {
    storage::WriteBatch kept;
    for (const auto& row : batch.rows()) {
      if (drop_requests && row.table == storage::Table::dedupe) continue;
      if (row.table == storage::Table::keys && row.value) archive.emplace(owned(row.key), owned(*row.value));
      if (row.value)
        kept.put(row.table, row.key, *row.value);
      else
        kept.erase(row.table, row.key);
    }
    const bool goes = !power_.step();
    if (goes && power_.cut != Power::Cut::unseen) {
      inner_.fail_commit_at(1);
      return inner_.commit(kept);
    }
    floor_is_current = false;
    before_.clear();
    for (const auto& row : kept.rows()) before_.push_back({row.table, owned(row.key), old_value(row)});
    last_ = kept;
    if (goes) inner_.fail_commit_at(1, test::FaultyStore::Failed::kept);
    return inner_.commit(kept);
  }
  [[nodiscard]] std::unique_ptr<storage::KvReader> snapshot() const override { return inner_.snapshot(); }
  Result<void> flush(storage::Table table) override { return inner_.flush(table); }
  Result<void> compact(storage::Table table) override { return inner_.compact(table); }
  [[nodiscard]] bool latched() const noexcept override { return inner_.latched(); }

  void lose_last_commit() {
    for (auto row = before_.rbegin(); row != before_.rend(); ++row) inner_.set(row->table, row->key, row->value);
  }
  void bring_it_back() {
    for (const auto& row : last_.rows())
      inner_.set(row.table, owned(row.key), row.value ? std::optional<Bytes>(owned(*row.value)) : std::nullopt);
  }

 private:
  struct Before {
    storage::Table table;
    Bytes key;
    std::optional<Bytes> value;
  };
  static Bytes owned(ByteView bytes) { return {bytes.begin(), bytes.end()}; }
  [[nodiscard]] std::optional<Bytes> old_value(const storage::WriteBatch::Row& row) const {
    const auto& rows = inner_.rows(row.table);
    const auto found = rows.find(owned(row.key));
    return found == rows.end() ? std::nullopt : std::optional<Bytes>(found->second);
  }
  test::FaultyStore& inner_;
  Power& power_;
  std::vector<Before> before_;  // what the rows of the last commit were
  storage::WriteBatch last_;
};

}  // namespace taus::sim
