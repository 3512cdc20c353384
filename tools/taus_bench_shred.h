// What an erasure costs in a key store of a million subjects: over the real engine, a root file and a delta file, without a daemon.
//
// Threads: one. Errors: io.
#pragma once

#include <string>
#include <vector>

#include "eventstore/base/result.h"

namespace taus::bench {

struct ShredFigures {
  double one_us = 0;             // median of single shreds of one category, floor included
  double synced_write_us = 0;    // median of one synced write of a row to the same engine, between them
  double one_bytes = 0;          // key rows written by one shred, the most
  double bulk_seconds = 0;       // a tenth of all subjects
  double bulk_pause_ms = 0;      // the 99th percentile of how long a read waited meanwhile
  double bytes_per_subject = 0;  // of rows, beside 40 a live key
};

// `subjects` with six keys each; takes half a minute for a million.
Result<ShredFigures> shred_figures(const std::string& directory, std::uint64_t subjects);

}  // namespace taus::bench
