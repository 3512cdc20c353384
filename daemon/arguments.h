// The command line of tausd.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "eventstore/base/result.h"

namespace taus {

struct Serve {
  std::string config;
  std::string paper;
};
struct CheckConfig {
  std::string config;
};
struct ServeDev {
  std::string directory;
  std::string profile;
  std::vector<std::string> replicas;
  std::string paper;
};
struct ShowVersion {};
struct ShowHelp {};
using Task = std::variant<Serve, CheckConfig, ServeDev, ShowVersion, ShowHelp>;

extern const char* const usage;

// invalid_argument: what is wrong with the line.
Result<Task> parse_arguments(int argc, const char* const* argv);

}  // namespace taus
