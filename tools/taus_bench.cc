// taus-bench: figures of this machine, three runs each, medians.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "tools/taus_bench_load.h"
#include "tools/taus_bench_parts.h"
#include "tools/taus_bench_report.h"
#include "tools/taus_bench_year.h"

namespace taus::bench {
namespace {

constexpr std::size_t clients = 1000;
constexpr std::size_t many_connections = 64;
constexpr std::size_t many_in_flight = 16;
constexpr int runs = 3;
constexpr std::size_t year_clients = 100'000;
constexpr std::size_t year_clients_in_haste = 1000;  // with runs below a second
constexpr std::uint64_t rebuilt_min = 20'000;  // events
constexpr double default_seconds = 3;

struct Setting {
  std::string tausd;
  std::string directory;
  double seconds = default_seconds;  // a run
};

// Measures on demand and remembers: a figure may be asked for by its name and as another's reference.
class Bench {
 public:
  explicit Bench(Setting setting) : setting_(std::move(setting)) {}

  Result<Figure> figure(const std::string& name) {
    if (const auto known = known_.find(name); known != known_.end()) return known->second;
    const auto* one = find(name);
    if (one == nullptr) return Error(ErrorCode::invalid_argument, "no figure \"" + name + "\"; taus-bench --list names them");
    Figure out{.name = name, .value = 0, .unit = one->unit, .reference = one->reference, .ratio = {}};
    TAUS_TRY_ASSIGN(out.value, three_runs(one->once));
    if (!out.reference.empty()) {
      double beside = bare_;
      if (find(out.reference) != nullptr) {
        TAUS_TRY_ASSIGN(const Figure reference, figure(out.reference));
        beside = reference.value;
      }
      out.ratio = out.value / beside;
    }
    return known_.emplace(name, out).first->second;
  }

  static std::vector<std::string> names() {
    std::vector<std::string> out;
    for (const Measure& one : measures) out.emplace_back(one.name);
    return out;
  }

 private:
  using Once = Result<double> (Bench::*)();
  struct Measure {
    const char* name;
    const char* unit;
    const char* reference;
    Once once;
  };
  static const std::vector<Measure> measures;

  static const Measure* find(const std::string& name) {
    for (const Measure& one : measures)
      if (one.name == name) return &one;
    return nullptr;
  }

  Result<double> three_runs(Once once) {
    std::vector<double> values;
    for (int run = 0; run < runs; ++run) {
      TAUS_TRY_ASSIGN(const double value, (this->*once)());
      values.push_back(value);
    }
    return median(values);
  }

  Result<Centre*> centre() {
    if (!centre_) {
      TAUS_TRY_ASSIGN(centre_, Centre::open(setting_.tausd, setting_.directory + "/centre", clients));
    }
    return centre_.get();
  }
  Result<Loaded> load(std::size_t connections, std::size_t in_flight) {
    TAUS_TRY_ASSIGN(const Centre* at, centre());
    TAUS_TRY_ASSIGN(const auto load, Load::open(*at, connections, in_flight));
    return load->run(setting_.seconds);
  }
  Result<double> append_many() {
    TAUS_TRY_ASSIGN(const Loaded loaded, load(many_connections, many_in_flight));
    return loaded.per_second;
  }
  // What is left of the figure above on a machine that is busy with other work.
  Result<double> append_processor() {
    TAUS_TRY_ASSIGN(const Centre* at, centre());
    const double before = at->processor_seconds();
    TAUS_TRY_ASSIGN(const Loaded loaded, load(many_connections, many_in_flight));
    return (at->processor_seconds() - before) * 1e6 / static_cast<double>(loaded.microseconds.size());
  }
  Result<double> append_one() {
    TAUS_TRY_ASSIGN(Loaded loaded, load(1, 1));
    return median(std::move(loaded.microseconds));
  }
  Result<double> rebuild() {
    TAUS_TRY_ASSIGN(Centre * at, centre());
    std::uint64_t events = 0;
    TAUS_TRY_ASSIGN(events, at->events());
    if (events < rebuilt_min) {  // asked for alone
      TAUS_TRY(load(many_connections, many_in_flight));
      TAUS_TRY_ASSIGN(events, at->events());
    }
    TAUS_TRY_ASSIGN(const double seconds, at->restart());
    return static_cast<double>(events) / seconds;
  }
  Result<Year*> year() {
    if (!year_) {
      const std::size_t many = setting_.seconds < 1 ? year_clients_in_haste : year_clients;
      TAUS_TRY_ASSIGN(year_, Year::open(setting_.tausd, setting_.directory + "/year", many));
    }
    return year_.get();
  }
  Result<double> stats_year() {
    TAUS_TRY_ASSIGN(Year * at, year());
    return at->statistics();
  }
  Result<double> calendar_week() {
    TAUS_TRY_ASSIGN(Year * at, year());
    return at->calendar_week();
  }
  Result<double> retention_plan() {
    TAUS_TRY_ASSIGN(Year * at, year());
    return at->retention_plan();
  }
  Result<double> sync() {
    TAUS_TRY_ASSIGN(std::vector<double> each, raw_fdatasync(setting_.directory, setting_.seconds));
    return median(std::move(each));
  }
  Result<double> rocks() { return rocksdb_batch64(setting_.directory, setting_.seconds); }
  Result<double> seal_part() {
    TAUS_TRY_ASSIGN(const Sealing out, seal(setting_.seconds / 2));
    bare_ = out.bare;
    return out.parts;
  }
  Result<double> open_part() {
    TAUS_TRY_ASSIGN(const Sealing out, open(setting_.seconds / 2));
    bare_ = out.bare;
    return out.parts;
  }

  Setting setting_;
  std::unique_ptr<Centre> centre_;
  std::unique_ptr<Year> year_;   // 100,000 clients in guidance
  std::map<std::string, Figure> known_;
  double bare_ = 0;  // of the cipher alone, beside the sealing measured last
};

const std::vector<Bench::Measure> Bench::measures{
    {"raw_fdatasync", "us", "", &Bench::sync},
    {"rocksdb_batch64", "commands/s", "", &Bench::rocks},
    {"seal", "parts/s", "aead_seal", &Bench::seal_part},
    {"open", "parts/s", "aead_open", &Bench::open_part},
    {"append_1x1", "us", "raw_fdatasync", &Bench::append_one},
    {"append_64x16", "commands/s", "rocksdb_batch64", &Bench::append_many},
    {"append_processor", "us/command", "", &Bench::append_processor},
    {"rebuild", "events/s", "", &Bench::rebuild},
    {"stats_year", "ms", "", &Bench::stats_year},
    {"calendar_week", "ms", "", &Bench::calendar_week},
    {"retention_plan", "ms", "", &Bench::retention_plan},
};

Result<void> measure(const Setting& setting, const std::vector<std::string>& names, bool json) {
  TAUS_TRY(check_disk(setting.directory));
  if (!json) {
    for (const std::string& line : machine(setting.directory)) std::printf("%s\n", line.c_str());
    std::printf("%s\n", table_head().c_str());
  }
  Bench bench(setting);
  for (const std::string& name : names) {
    TAUS_TRY_ASSIGN(const Figure figure, bench.figure(name));
    std::printf("%s\n", (json ? json_line(figure) : table_line(figure)).c_str());
    std::fflush(stdout);
  }
  return {};
}

int run(int argc, char** argv) {
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  CLI::App app("Figures of taus on this machine: three runs each, medians. TAUS_BENCH_SECONDS is the length of a run (3).",
               "taus-bench");
  std::vector<std::string> names;
  std::string directory = here.parent_path().string();
  bool json = false;
  bool list = false;
  app.add_option("NAME", names, "figures wanted; without any, all");
  app.add_option("--dir", directory, "where to write; on a disk, not in memory");
  app.add_flag("--json", json, "one object a line");
  app.add_flag("--list", list, "name the figures");
  CLI11_PARSE(app, argc, argv);
  if (list) {
    for (const std::string& name : Bench::names()) std::printf("%s\n", name.c_str());
    return 0;
  }
  Setting setting{.tausd = (here / "tausd").string(), .directory = directory + "/bench-XXXXXX"};
  if (const char* seconds = std::getenv("TAUS_BENCH_SECONDS")) setting.seconds = std::atof(seconds);
  if (setting.seconds <= 0 || ::mkdtemp(setting.directory.data()) == nullptr) {
    std::fprintf(stderr, "taus-bench: cannot write in %s, or TAUS_BENCH_SECONDS is no number above 0\n", directory.c_str());
    return 2;
  }
  const Result<void> done = measure(setting, names.empty() ? Bench::names() : names, json);
  std::error_code ignored;
  std::filesystem::remove_all(setting.directory, ignored);
  if (done) return 0;
  std::fprintf(stderr, "taus-bench: %s\n", done.error().message.c_str());
  return done.error().code == ErrorCode::invalid_argument ? 2 : 1;
}

}  // namespace
}  // namespace taus::bench

int main(int argc, char** argv) { return taus::bench::run(argc, argv); }
