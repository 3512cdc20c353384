// Carries out what was accepted to be shredded, and tells of it: receipts in the journal, dates by which keys are gone everywhere.
//
// Threads: the core thread. Errors: io: latched.
#pragma once

#include <optional>
#include <string>

#include "daemon/service/core.h"

namespace taus::service {

// What became of the accepted shreds, for whoever waits.
struct ShredOutcome {
  std::optional<Position> receipt;  // the last one's
  std::string fully_erased_by;      // local date; empty: not known
  std::string waits_for;            // not empty: still pending, and why, for people
};

// One step of S1..S6 for all that is accepted, and of its receipts. Nothing while the run goes on.
Result<std::optional<ShredOutcome>> shred_some(Core& core);
// Whether a run is between its first step and its last receipt.
bool shredding_goes_on(const Core& core);
// The same with a new root in any case.
Result<ShredOutcome> turn_root(Core& core, const vault::EscrowChange& change, std::optional<vault::EscrowPaper>& paper);
// Receipts of shreds whose receipt a crash kept back.
Result<void> append_missing_receipts(Core& core);
// Appends the receipts of one commit; the position of the last.
Result<Position> append_receipts(Core& core, const vault::ShredCommit& commit);
// Local date by which a key destroyed now is gone from the safe too: today where no paper can bring it back; empty where the
// paper's period is over and no new one was begun.
std::string fully_erased_by(const Core& core);
std::string date_of_day(std::int32_t days_since_1970);
std::int32_t day_of_date(const Zone::Date& date);

}  // namespace taus::service
