// What taus-bench found out, for people and for programs, and the machine it found it out on.
//
// Threads: one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "eventstore/base/result.h"

namespace taus::bench {

struct Figure {
  std::string name;
  double value = 0;
  std::string unit;
  std::string reference;        // the figure of the same run that it is compared with
  std::optional<double> ratio;  // value / the reference's value
};

double median(std::vector<double> values);
// One object a line: {"name","value","unit","reference","ratio"}; the last two null where there is none.
std::string json_line(const Figure& figure);
// One line of the table.
std::string table_line(const Figure& figure);
std::string table_head();
// CPU, cores, kernel, file system of `directory`; versions of what is measured.
std::vector<std::string> machine(const std::string& directory);
// Nothing where `directory` is on a disk; else why its syncs mean nothing.
Result<void> check_disk(const std::string& directory);

}  // namespace taus::bench
