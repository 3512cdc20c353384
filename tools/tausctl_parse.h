// The command line, taken apart: which verb, with which words, and the switches that every verb has.
//
// Threads: called once, from main. The only place that knows CLI11.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/base/result.h"
#include "tools/tausctl_surface.h"

namespace taus::tools {

struct Globals {
  std::string socket;
  std::string dev;  // directory of a tausd --dev
  std::string as;   // acting member of staff
  std::string purpose;
  std::string request_id;
  std::optional<std::string> at_least;  // answer not before this position
  bool json = false;
};

struct Invocation {
  Globals globals;
  const Verb* verb = nullptr;
  std::map<std::string, std::vector<std::string>> values;  // by Argument::name; only what was given

  [[nodiscard]] bool has(const std::string& name) const { return values.contains(name); }
  // The one value of an argument; empty where it was not given.
  [[nodiscard]] std::string value(const std::string& name) const;
};

// An invocation, or what was wrong with the words, or neither: help was shown.
struct Parsed {
  std::optional<Invocation> invocation;
  std::optional<Error> error;
  bool json = false;  // the error is also asked for as a document
};

Parsed parse_command_line(int argc, const char* const* argv);

}  // namespace taus::tools
