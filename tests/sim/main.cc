// taus_sim --seeds N --steps N --first SEED --seconds N [--plant FAULT]: runs seeds until one disagrees with the model or time is up.
// Exit code: 0 no disagreement, 1 one ("model mismatch: ..." with its seed), 2 wrong usage.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "tests/sim/simulation.h"

namespace {

using taus::sim::Faults;

const std::map<std::string, bool Faults::*>& plants() {
  static const std::map<std::string, bool Faults::*> all{{"ack-before-sync", &Faults::ack_before_sync},
                                                         {"floor-not-written", &Faults::floor_not_written},
                                                         {"requests-not-stored", &Faults::requests_not_stored},
                                                         {"category-left-out", &Faults::category_left_out},
                                                         {"old-root-kept", &Faults::old_root_kept}};
  return all;
}

struct Arguments {
  std::uint64_t seeds = 20;
  std::uint64_t first = 1;
  int steps = 150;
  double seconds = 1e9;
  std::string plant;
};

bool parse(int argc, char** argv, Arguments& out, Faults& faults) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const char* const value = argv[i + 1];
    if (name == "--seeds")
      out.seeds = std::strtoull(value, nullptr, 10);
    else if (name == "--first")
      out.first = std::strtoull(value, nullptr, 10);
    else if (name == "--steps")
      out.steps = static_cast<int>(std::strtol(value, nullptr, 10));
    else if (name == "--seconds")
      out.seconds = std::strtod(value, nullptr);
    else if (name == "--plant" && plants().contains(value))
      faults.*plants().at(value) = true;
    else
      return false;
  }
  return argc % 2 == 1;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  Faults faults;
  if (!parse(argc, argv, arguments, faults)) {
    std::fprintf(stderr, "usage: taus_sim [--seeds N] [--first SEED] [--steps N] [--seconds N] [--plant FAULT]; faults:\n");
    for (const auto& [name, member] : plants()) std::fprintf(stderr, "  %s\n", name.c_str());
    return 2;
  }
  if (const char* const longer = std::getenv("TAUS_LONG"); longer != nullptr && *longer != '\0') {
    arguments.seeds *= 20;
    arguments.seconds *= 20;
  }
  const auto start = std::chrono::steady_clock::now();
  std::size_t acknowledged = 0;
  long restarts = 0;
  long shreds = 0;
  std::uint64_t run = 0;
  for (; run < arguments.seeds; ++run) {
    if (std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() > arguments.seconds) break;
    const std::uint64_t seed = arguments.first + run;
    const auto outcome = taus::sim::simulate(seed, arguments.steps, faults);
    acknowledged += outcome.acknowledged;
    restarts += outcome.restarts;
    shreds += outcome.shreds;
    if (outcome.mismatch.empty()) continue;
    std::printf("model mismatch: %s\nseed %llu; again: taus_sim --first %llu --seeds 1 --steps %d\n", outcome.mismatch.c_str(),
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(seed), arguments.steps);
    return 1;
  }
  std::printf("seeds %llu to %llu: %zu acknowledged commands, %ld restarts, %ld shreds, no disagreement\n",
              static_cast<unsigned long long>(arguments.first), static_cast<unsigned long long>(arguments.first + run - 1),
              acknowledged, restarts, shreds);
  return 0;
}
