// Whether what a receipt of a shred says fits together, and what follows from it for people. docs/FORMAT.md "Receipts".
//
// Threads: pure. Its signature was checked before (tausctl_local.h). Sources: docs/CRYPTO.md "Tiers", "Escrow".
// Errors:  malformed: no receipt of this format; corrupt: signed, and yet it contradicts itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/result.h"

namespace taus::tools {

struct ReceiptFacts {
  std::string store;  // origin of its checkpoints
  std::uint64_t position = 0;
  std::uint64_t generation = 0;
  std::uint32_t chunk = 0;
  std::uint32_t chunks = 0;
  std::size_t keys = 0;
  std::string tier, erased_on, fully_erased_by;
  std::vector<std::string> keepers, replicas;
};

// `text` is what was signed, `signer` who did by the signature line.
Result<ReceiptFacts> check_receipt(std::string_view text, std::string_view signer);

// What it claims, a sentence each, and what it cannot prove.
std::vector<std::string> claims_of(const ReceiptFacts& facts);
std::vector<std::string> not_proved_by(const ReceiptFacts& facts);

}  // namespace taus::tools
