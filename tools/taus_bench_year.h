// A centre with many clients in guidance, and how long its daemon takes to answer about all of them at once.
//
// Threads:   one.
// Ownership: the daemon and its directory, through Centre.
// Errors:    what the daemon answers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tools/client.h"
#include "tools/taus_bench_centre.h"

namespace taus::bench {

class Year {
 public:
  // `clients` with one session each in the last four weeks and all facts told, over a thousand counsellors.
  static Result<std::unique_ptr<Year>> open(const std::string& program, const std::string& directory, std::size_t clients);

  // Milliseconds of the daemon's processor time for one answer.
  Result<double> statistics();
  Result<double> retention_plan();
  // Which of a thousand new bookings are by clients of one counsellor who come back.
  Result<double> match_list();
  // Milliseconds from question to answer of one counsellor's week after another, names and all: the median. What is seen of a client for the
  // first time is journalled: each week is asked for twice, and the second counts.
  Result<double> calendar_week();

 private:
  Year(std::unique_ptr<Centre> centre, tools::Client client) : centre_(std::move(centre)), client_(std::move(client)) {}
  template <class Ask>
  Result<double> once(const Ask& ask);
  template <class Ask>
  Result<double> processor(const Ask& ask);
  Result<void> populate(std::size_t clients);

  std::unique_ptr<Centre> centre_;
  tools::Client client_;
  std::vector<std::string> counsellors_;
  std::size_t clients_ = 0;
  bool came_back_ = false;
  int year_ = 0;
};

}  // namespace taus::bench
