// One seeded life of a whole centre on a machine whose power goes off, against the model.
//
// Threads: one. The same seed and faults give the same life.
#pragma once

#include <string>

namespace taus::sim {

// Bugs put in on purpose; each must end in a disagreement.
struct Faults {
  bool ack_before_sync = false;  // the answer leaves before make_durable
  bool floor_not_written = false;
  bool requests_not_stored = false;  // dedupe in memory only
  bool category_left_out = false;    // of a shred
  bool old_root_kept = false;
};

struct Outcome {
  std::string mismatch;  // empty: none
  std::size_t acknowledged = 0;
  int restarts = 0;
  int shreds = 0;
};

Outcome simulate(std::uint64_t seed, int steps, const Faults& faults);

}  // namespace taus::sim
