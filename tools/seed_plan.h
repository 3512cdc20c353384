// The people of a synthetic year, in the shape of what the centres publish: who they are, when they come, and what becomes of
// it. Nobody in it exists.
//
// Threads: pure; the same seed gives the same plan on every machine.
// Source:  sessions a client, turn-up, gender and ages as published by HK-dir and the centres in Østfold and Troms (2017-2022);
//          what no figures were found for (origin, education, season, channel) is set here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eventstore/base/zone.h"

namespace taus::tools {

// splitmix64. Not for secrets.
class SeedRandom {
 public:
  explicit SeedRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  std::uint64_t below(std::uint64_t end) { return next() % end; }
  bool chance(double share) { return static_cast<double>(next() >> 11) * 0x1.0p-53 < share; }
  // An index, each as often as its weight says.
  std::size_t pick(const std::vector<double>& weights);

 private:
  std::uint64_t state_;
};

struct SeedPerson {
  std::string name, email, phone, municipality, gender, nationality, mother_tongue, education, labour_also, labour, focus,
      situation, need;
  int age = 0;
  int day = 0;       // of the year, from 0: when the form is sent
  int sessions = 0;  // to be held; 0: never comes
  std::string channel;
  bool explicit_end = false;  // concluded by the counsellor, not by the clock
};

// `clients` people who will have been served by the end of the year, and one in forty beside them who never come; by day.
std::vector<SeedPerson> seed_people(SeedRandom& random, std::size_t clients, int year, bool telemark);
// Monday to Friday, and none of the fixed holidays.
bool seed_working_day(const Zone::Date& date);

}  // namespace taus::tools
