// A floor in memory with the bytes of a real one: it can lose or tear a write as a disk does, and can be planted to forget.
//
// Threads: one. `key` must outlive it. restart() is what the next process finds.
#pragma once

#include <functional>

#include "eventstore/journal/floor.h"

namespace taus::test {

class MemoryFloor final : public journal::Floor {
 public:
  enum class Write { done, refused, torn };

  explicit MemoryFloor(const crypto::SigningKey& key) : key_(key) {}

  // Called before each write; refused: nothing happens; torn: half of the slot changes. Both fail.
  std::function<Write()> before_write;
  // Planted bug: writes after the first are answered and not done.
  bool ignore_writes = false;

  Result<std::optional<journal::FloorRecord>> read() override {
    TAUS_TRY_ASSIGN(const auto state, journal::decode_floor(file, key_.public_key()));
    if (!state) return std::optional<journal::FloorRecord>();
    return std::optional<journal::FloorRecord>(state->record);
  }
  Result<void> write(const journal::FloorRecord& record) override {
    if (failed_) return Error(ErrorCode::io, "latched");
    TAUS_TRY_ASSIGN(const auto state, journal::decode_floor(file, key_.public_key()));
    const std::uint64_t sequence = state ? state->sequence + 1 : 1;
    const Bytes slot = journal::encode_floor_slot(sequence, record, key_);
    const auto at = file.begin() + static_cast<std::ptrdiff_t>((sequence & 1) * journal::floor_slot_bytes);
    const Write outcome = before_write ? before_write() : Write::done;
    const bool planted = ignore_writes && state && outcome == Write::done;
    if (planted) return {};
    if (outcome == Write::done) std::copy(slot.begin(), slot.end(), at);
    // The first write replaces the whole file, so it cannot tear.
    if (outcome == Write::torn && sequence > 1) std::copy_n(slot.begin(), slot.size() / 2, at);
    failed_ = outcome != Write::done;
    if (failed_) return Error(ErrorCode::io, "the test refused this write");
    return {};
  }
  void restart() { failed_ = false; }

  Bytes file = Bytes(journal::floor_file_bytes);

 private:
  const crypto::SigningKey& key_;
  bool failed_ = false;
};

}  // namespace taus::test
