// A root store in memory for tests: keeps every byte image ever written, and can tear or refuse a write.
//
// Threads: one.
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "eventstore/vault/root_record.h"

namespace taus::test {

class MemoryRootStore final : public vault::RootStore {
 public:
  enum class Write { done, refused, torn };
  // Called before each write and erasure; refused: nothing happens; torn: half of the bytes change. Both fail.
  std::function<Write()> before_write;

  Result<Slots> read_all() override {
    Slots out;
    for (std::size_t slot = 0; slot < 2; ++slot) {
      out.blank.at(slot) = images_.at(slot) == blank();
      out.records.at(slot) = vault::decode_root_record(images_.at(slot));
    }
    return out;
  }
  Result<void> write(int slot, const vault::RootRecord& record) override { return put(slot, vault::encode(record)); }
  Result<void> erase(int slot) override { return put(slot, blank()); }
  [[nodiscard]] vault::Tier tier() const override { return vault::Tier::none; }
  [[nodiscard]] std::string kind() const override { return "memory"; }
  [[nodiscard]] std::string warning() const override { return "the root key lies in memory: a test"; }

  std::array<Bytes, 2>& images() { return images_; }
  [[nodiscard]] const std::vector<Bytes>& history() const { return history_; }
  static Bytes blank() { return Bytes(vault::root_record_bytes, 0); }

 private:
  Result<void> put(int slot, const Bytes& image) {
    const Write outcome = before_write ? before_write() : Write::done;
    Bytes& here = images_.at(static_cast<std::size_t>(slot));
    if (outcome == Write::done) here = image;
    if (outcome == Write::torn) std::copy_n(image.begin(), image.size() / 2, here.begin());
    history_.push_back(here);
    if (outcome == Write::done) return {};
    return Error(ErrorCode::io, "the test refused this write");
  }
  std::array<Bytes, 2> images_ = {blank(), blank()};
  std::vector<Bytes> history_;
};

}  // namespace taus::test
