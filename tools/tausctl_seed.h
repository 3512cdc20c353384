// `dev seed` as typed: its numbers, its sockets, its summary.
//
// Threads: one. Errors: invalid_argument for a number that is none; otherwise as run_seed.
#pragma once

#include <string>

#include "eventstore/base/result.h"
#include "tools/tausctl_parse.h"

namespace taus::tools {

// Plays the years and gives the summary for standard output.
Result<std::string> seed_years(const Invocation& invocation);

}  // namespace taus::tools
