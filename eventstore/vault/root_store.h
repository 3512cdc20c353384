// Where the one root key lies: two slots that can be overwritten for good. Outside every backup.
//
// Threads: one. Durability: each call is durable and was read back when it returns.
// Source: docs/CRYPTO.md "Root stores".
#pragma once

#include <array>
#include <optional>
#include <string>

#include "eventstore/base/result.h"
#include "eventstore/crypto/key.h"

namespace taus::vault {

struct RootRecord {
  StoreId store_id{};
  std::uint64_t generation = 0;
  ByteArray<8> top_version{};  // ver of the top node that `root` opens
  crypto::Key root;
  crypto::Key escrow;  // esc of the generation (docs/CRYPTO.md "Escrow")
};

// What may be claimed of an erasure (docs/CRYPTO.md "Tiers").
enum class Tier : std::uint8_t { none, logical, physical };
std::string_view to_string(Tier tier) noexcept;  // "none", "L", "P"

class RootStore {
 public:
  struct Slots {
    std::array<std::optional<RootRecord>, 2> records;  // absent: empty, torn or damaged
    std::array<bool, 2> blank{};                       // certainly holds nothing (all zero)
  };
  virtual ~RootStore() = default;
  virtual Result<Slots> read_all() = 0;
  // Writes slot 0 or 1 in place, reads it back.
  virtual Result<void> write(int slot, const RootRecord& record) = 0;
  // Overwrites slot 0 or 1 with zeros in place, whatever it holds, reads it back.
  virtual Result<void> erase(int slot) = 0;
  [[nodiscard]] virtual Tier tier() const = 0;
  [[nodiscard]] virtual std::string kind() const = 0;     // "rawslot", "tpm2-nv", "memory"
  [[nodiscard]] virtual std::string warning() const = 0;  // empty, or what weakens the claim and what to do
};

}  // namespace taus::vault
