// The pieces that a command's time is made of, each alone: what the disk, the engine and the cipher cost without us.
//
// Threads: one. Errors: io.
#pragma once

#include <string>
#include <vector>

#include "eventstore/base/result.h"

namespace taus::bench {

// Appends 700 bytes and fdatasyncs, over and over: microseconds of each.
Result<std::vector<double>> raw_fdatasync(const std::string& directory, double seconds);
// The rows of 64 commands a synced batch, without sealing, policy or sockets: commands a second.
Result<double> rocksdb_batch64(const std::string& directory, double seconds);
// One part of a 300-byte message sealed or opened; `bare` is the cipher alone over the same bytes. Parts a second.
struct Sealing {
  double parts = 0;
  double bare = 0;
};
Result<Sealing> seal(double seconds);
Result<Sealing> open(double seconds);

}  // namespace taus::bench
