#include "tools/taus_bench_report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>

#include <nlohmann/json.hpp>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace taus::bench {
namespace {

struct FileSystem {
  std::uint32_t magic;  // statfs(2)
  const char* name;
};
constexpr std::uint32_t tmpfs_magic = 0x01021994;
constexpr std::array<FileSystem, 6> file_systems{{{0xef53, "ext4"},
                                                  {0x58465342, "xfs"},
                                                  {0x9123683e, "btrfs"},
                                                  {0x794c7630, "overlay"},
                                                  {0x2fc12fc1, "zfs"},
                                                  {tmpfs_magic, "tmpfs"}}};

std::uint32_t magic_of(const std::string& directory) {
  struct statfs found {};
  if (::statfs(directory.c_str(), &found) != 0) return 0;
  return static_cast<std::uint32_t>(found.f_type);
}

std::string file_system_of(const std::string& directory) {
  const std::uint32_t magic = magic_of(directory);
  const auto known =
      std::find_if(file_systems.begin(), file_systems.end(), [&](const FileSystem& one) { return one.magic == magic; });
  return known == file_systems.end() ? "unknown" : known->name;
}

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string load_average() {
  std::ifstream file("/proc/loadavg");
  std::string one;
  file >> one;
  return one;
}

// Three significant digits, so that nobody reads more into a figure than it says.
std::string number(double value) {
  std::array<char, 40> text{};
  if (value >= 100) {
    std::snprintf(text.data(), text.size(), "%.0f", value);
  } else {
    std::snprintf(text.data(), text.size(), "%.3g", value);
  }
  std::string out = text.data();
  if (value < 10'000) return out;
  for (std::size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, 1, ',');
  return out;
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string json_line(const Figure& figure) {
  nlohmann::ordered_json out{
      {"name", figure.name}, {"value", figure.value}, {"unit", figure.unit}, {"reference", nullptr}, {"ratio", nullptr}};
  if (!figure.reference.empty()) out["reference"] = figure.reference;
  if (figure.ratio) out["ratio"] = *figure.ratio;
  return out.dump();
}

std::string table_head() { return "what                       figure  unit         beside"; }

std::string table_line(const Figure& figure) {
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(), "%-20s %12s  %-11s", figure.name.c_str(), number(figure.value).c_str(),
                figure.unit.c_str());
  std::string out = text.data();
  if (figure.ratio) out += "  " + number(*figure.ratio) + " x " + figure.reference;
  return out;
}

std::vector<std::string> machine(const std::string& directory) {
  utsname system{};
  ::uname(&system);
  std::vector<std::string> out;
  out.push_back(cpu_name() + ", " + std::to_string(::sysconf(_SC_NPROCESSORS_ONLN)) + " cores, load " + load_average() + ", " +
                system.sysname + " " + system.release + ", " + file_system_of(directory));
  out.push_back("taus " TAUS_VERSION ", RocksDB " TAUS_ROCKSDB_VERSION ", capnp " TAUS_CAPNP_VERSION
                ", libsodium " TAUS_SODIUM_VERSION ", " TAUS_COMPILER);
  return out;
}

Result<void> check_disk(const std::string& directory) {
  if (magic_of(directory) != tmpfs_magic) return {};
  return Error(ErrorCode::invalid_argument,
               directory + " is in memory, where a sync costs nothing: name a directory on a disk with --dir");
}

}  // namespace taus::bench
