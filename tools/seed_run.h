// Plays a synthetic year to a daemon in development mode, through its sockets only and in the order of time: forms, appointments,
// sessions, logs, messages, conclusions. The daemon's clock is moved from day to day, so what is due dies on the way.
//
// Threads: one. Errors: the daemon's first refusal, with what was asked; unavailable where there is no daemon.
#pragma once

#include <cstdint>
#include <string>

#include "eventstore/base/result.h"

namespace taus::tools {

struct SeedOrder {
  std::string frontend;  // sockets
  std::string op;
  std::size_t clients = 0;  // served, a year
  int years = 1;
  std::uint64_t seed = 1;
};

struct SeedResult {
  std::string profile;
  std::string from, to;  // local dates
  std::uint64_t clients = 0, women = 0, never_served = 0;
  std::uint64_t appointments = 0, sessions = 0, no_shows = 0, cancelled = 0;
  std::uint64_t logs = 0, messages = 0, concluded = 0;  // concluded by a counsellor; the clock does the rest
  std::uint64_t commands = 0;
  std::uint64_t shredded = 0;  // categories that died on the way
  std::int64_t position = -1;
};

// Begins with the daemon's year in its first ten days, else with the next one; ends on the afternoon of the last 31 December.
// Progress goes to standard error.
Result<SeedResult> run_seed(const SeedOrder& order);

}  // namespace taus::tools
