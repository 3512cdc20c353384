// Reads through the daemon while it erases very many: what New Year is for those who work meanwhile.
//
// Threads: one. Errors: the daemon's first refusal.
#pragma once

#include <string>

#include "eventstore/base/result.h"

namespace taus::bench {

// `doomed` clients fall due at one instant; milliseconds from question to answer about others meanwhile, all but the slowest hundredth.
Result<double> reads_beside_erasures(const std::string& program, const std::string& directory, std::size_t doomed);

}  // namespace taus::bench
