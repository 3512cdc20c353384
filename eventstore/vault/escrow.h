// The root key for the safe: sealed under a key that goes forward with every generation by a one-way function, and whose first of a
// period lies on paper. docs/CRYPTO.md "Escrow", docs/format/keys.md "Escrow".
//
// Threads: pure functions. A paper's text holds a key: whoever made or read it wipes it.
// Errors:  invalid_argument: a paper of another store or period, or mistyped; corrupt: a blob that does not open.
#pragma once

#include <optional>
#include <string>

#include "eventstore/base/random.h"
#include "eventstore/vault/root_store.h"

namespace taus::vault {

// From one paper to the next.
struct EscrowPeriod {
  std::uint64_t first_generation = 0;  // whose escrow key is on the paper
  std::int32_t ends_on = 0;            // local day by which that paper is destroyed, days since 1970-01-01
  friend bool operator==(const EscrowPeriod&, const EscrowPeriod&) = default;
};

struct EscrowPaper {
  StoreId store_id{};
  EscrowPeriod period;
  crypto::Key key;  // the escrow key of period.first_generation
};

// The escrow key of the next generation.
crypto::Key next_escrow(const crypto::Key& escrow);

Bytes escrow_row_key(std::uint64_t generation);
// The row of `keys` for this root. Carries the period in the clear.
Bytes seal_escrow(const RootRecord& record, const EscrowPeriod& period, Random& random);
std::optional<EscrowPeriod> period_of_escrow(ByteView row);
// The root record that a row holds, by the paper of its period.
Result<RootRecord> open_escrow(ByteView row_key, ByteView row, const EscrowPaper& paper);

std::string write_paper(const EscrowPaper& paper);
Result<EscrowPaper> read_paper(std::string_view text);

}  // namespace taus::vault
