// A replica in memory for tests: rows as a plain map, and a hook before each durable operation.
//
// Threads: one.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "eventstore/vault/replica.h"

namespace taus::test {

class MemoryReplica final : public vault::Replica {
 public:
  explicit MemoryReplica(std::string name) : name_(std::move(name)) {}
  // Called before each append and copy; false: it does not happen and fails.
  std::function<bool()> before_write;
  std::function<void(const Bytes& key, const Bytes& value)> saw;  // each row that is written
  bool down = false;                                              // cannot even be looked at

  [[nodiscard]] const std::string& name() const override { return name_; }
  Result<vault::CopyState> look() override {
    if (down) return Error(ErrorCode::io, "the replica is down");
    if (!state_) return Error(ErrorCode::not_found, "nothing there");
    return *state_;
  }
  Result<vault::CopyState> append(const vault::KeyBatch& batch) override {
    if (down || (before_write && !before_write())) return Error(ErrorCode::io, "the test refused this write");
    if (batch.first != state_->kseq + 1) return Error(ErrorCode::io, "a batch is missing");
    for (const auto& row : batch.rows.rows()) {
      const Bytes key(row.key.begin(), row.key.end());
      if (!row.value)
        rows_.erase(key);
      else
        put(key, Bytes(row.value->begin(), row.value->end()));
    }
    state_->kseq = batch.last;
    return *state_;
  }
  Result<vault::CopyState> copy(const vault::CopyHead& head, const storage::KvReader& from, std::uint64_t kseq) override {
    if (down || (before_write && !before_write())) return Error(ErrorCode::io, "the test refused this write");
    rows_.clear();
    TAUS_TRY(from.scan(storage::Table::keys, {}, {}, [&](ByteView key, ByteView value) {
      put(Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end()));
      return true;
    }));
    state_.emplace();
    state_->head = head;
    state_->kseq = kseq;
    return *state_;
  }
  [[nodiscard]] const std::map<Bytes, Bytes>& rows() const { return rows_; }

 private:
  void put(const Bytes& key, const Bytes& value) {
    rows_.insert_or_assign(key, value);
    if (saw) saw(key, value);
  }
  std::string name_;
  std::optional<vault::CopyState> state_;
  std::map<Bytes, Bytes> rows_;
};

}  // namespace taus::test
