// Commands at full speed: `message add` of 300 bytes over many connections, each with several requests under way.
//
// Threads: one for all connections, so that the daemon keeps what it can of two cores.
// Errors:  the first refusal by the daemon; unavailable: it closed a connection.
#pragma once

#include <memory>
#include <vector>

#include "tools/taus_bench_centre.h"

namespace taus::bench {

struct Loaded {
  double per_second = 0;             // acknowledged, over the whole run
  std::vector<double> microseconds;  // from send to reply
};

class Load {
 public:
  static Result<std::unique_ptr<Load>> open(const Centre& centre, std::size_t connections, std::size_t in_flight);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  Result<Loaded> run(double seconds);

 private:
  struct State;
  Load();
  std::unique_ptr<State> state_;
};

}  // namespace taus::bench
