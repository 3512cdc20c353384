// taus-bench: figures of this machine, three runs each, medians.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "eventstore/base/standard_files.h"
#include "tools/taus_bench_load.h"
#include "tools/taus_bench_memory.h"
#include "tools/taus_bench_parts.h"
#include "tools/taus_bench_peers.h"
#include "tools/taus_bench_reads.h"
#include "tools/taus_bench_report.h"
#include "tools/taus_bench_shred.h"
#include "tools/taus_bench_year.h"

namespace taus::bench {
namespace {

constexpr std::size_t clients = 1000;
constexpr std::size_t many_connections = 64;
constexpr std::size_t many_in_flight = 16;
constexpr int runs = 3;
constexpr std::size_t year_clients = 100'000;
constexpr std::size_t year_clients_in_haste = 1000;  // with runs below a second
constexpr std::uint64_t rebuilt_min = 20'000;        // events
constexpr double default_seconds = 3;
constexpr double memory_clients_a_second = 10'000 / default_seconds;  // of a run: shorter runs are for trying it out
constexpr std::size_t memory_counsellors = 40;
constexpr std::size_t growth_sizes[] = {10'000, 100'000, 1'000'000};
constexpr std::string_view growth_name = "growth";  // asked for by name only
constexpr std::uint64_t subjects_full = 1'000'000;
constexpr std::uint64_t subjects_short = 20'000;
constexpr std::size_t doomed_full = 100'000;
constexpr std::size_t doomed_short = 1000;

struct Setting {
  std::string tausd;
  std::string directory;
  std::string peers;                 // the script that measures them, where they are wanted
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

  static std::vector<std::string> names(bool with_peers) {
    std::vector<std::string> out;
    for (const Measure& one : measures)
      if (with_peers || (one.once != &Bench::postgres && one.once != &Bench::redis)) out.emplace_back(one.name);
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
  Result<double> append_client() {
    const auto used = [] { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; };
    const double before = used();
    TAUS_TRY_ASSIGN(const Loaded loaded, load(many_connections, many_in_flight));
    return (used() - before) * 1e6 / static_cast<double>(loaded.microseconds.size());
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
  Result<double> match_list() {
    TAUS_TRY_ASSIGN(Year * at, year());
    return at->match_list();
  }
  // Beyond the start of a store with nothing in it.
  Result<double> rebuild_shredded() {
    const std::string directory = setting_.directory + "/shredded";
    double empty = 0;
    {
      TAUS_TRY_ASSIGN(const auto at, Centre::open(setting_.tausd, directory, 1));
      TAUS_TRY_ASSIGN(empty, at->restart());
    }
    TAUS_TRY_ASSIGN(const auto at, Centre::open(setting_.tausd, directory, clients));
    {
      TAUS_TRY_ASSIGN(const auto load, Load::open(*at, many_connections, many_in_flight));
      TAUS_TRY(load->run(setting_.seconds));
    }
    TAUS_TRY(at->shred_clients());
    TAUS_TRY_ASSIGN(const std::uint64_t events, at->events());
    TAUS_TRY_ASSIGN(const double all, at->restart());
    return static_cast<double>(events) / std::max(all - empty, all / 100);
  }
  // What the daemon grows by with each client and a typical year of theirs.
  Result<double> memory() {
    TAUS_TRY_ASSIGN(const auto at, Centre::open(setting_.tausd, setting_.directory + "/memory", 0));
    TAUS_TRY_ASSIGN(const std::vector<std::string> counsellors, at->hire(memory_counsellors));
    const auto count = static_cast<std::size_t>(setting_.seconds * memory_clients_a_second);
    TAUS_TRY(live_a_year(*at, counsellors, count));
    const std::uint64_t before = at->resident_bytes();
    TAUS_TRY(live_a_year(*at, counsellors, count));
    return static_cast<double>(at->resident_bytes() - before) / static_cast<double>(count);
  }
  Result<double> postgres() { return measure_peer("postgres"); }
  Result<double> redis() { return measure_peer("redis"); }
  Result<double> measure_peer(const std::string& name) {
    if (setting_.peers.empty())
      return Error(ErrorCode::invalid_argument, name + " is compared with by --peers SCRIPT: see tools/dev bench --peers");
    return peer(setting_.peers, name, setting_.directory, setting_.seconds);
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

  // Half a minute, so measured once for all its figures, and with fewer subjects in a short run.
  Result<const ShredFigures*> shreds() {
    if (!shreds_) {
      const std::uint64_t subjects = setting_.seconds < 1 ? subjects_short : subjects_full;
      TAUS_TRY_ASSIGN(const ShredFigures figures, shred_figures(setting_.directory, subjects));
      shreds_ = figures;
    }
    return &*shreds_;
  }
  // Most of it is making the clients, so once.
  Result<double> shred_bulk_read() {
    if (!reads_) {
      const std::size_t doomed = setting_.seconds < 1 ? doomed_short : doomed_full;
      TAUS_TRY_ASSIGN(reads_, reads_beside_erasures(setting_.tausd, setting_.directory + "/reads", doomed));
    }
    return *reads_;
  }
  template <double ShredFigures::*field>
  Result<double> of_shreds() {
    TAUS_TRY_ASSIGN(const ShredFigures* figures, shreds());
    return figures->*field;
  }

  Setting setting_;
  std::optional<ShredFigures> shreds_;
  std::optional<double> reads_;
  std::unique_ptr<Centre> centre_;
  std::unique_ptr<Year> year_;  // 100,000 clients in guidance
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
    {"append_client", "us/command", "", &Bench::append_client},
    {"rebuild", "events/s", "", &Bench::rebuild},
    {"stats_year", "ms", "", &Bench::stats_year},
    {"calendar_week", "ms", "", &Bench::calendar_week},
    {"retention_plan", "ms", "", &Bench::retention_plan},
    {"match_list", "ms", "", &Bench::match_list},
    {"rebuild_shredded", "events/s", "", &Bench::rebuild_shredded},
    {"memory_per_client", "bytes", "", &Bench::memory},
    {"postgres_pgcrypto_64", "commands/s", "append_64x16", &Bench::postgres},
    {"redis_xadd_64x16", "commands/s", "append_64x16", &Bench::redis},
    {"rocksdb_sync", "us", "", &Bench::of_shreds<&ShredFigures::synced_write_us>},
    {"shred_one", "us", "rocksdb_sync", &Bench::of_shreds<&ShredFigures::one_us>},
    {"shred_one_bytes", "bytes", "", &Bench::of_shreds<&ShredFigures::one_bytes>},
    {"shred_bulk", "s", "", &Bench::of_shreds<&ShredFigures::bulk_seconds>},
    {"shred_bulk_pause", "ms", "", &Bench::of_shreds<&ShredFigures::bulk_pause_ms>},
    {"shred_bulk_read", "ms", "", &Bench::shred_bulk_read},
    {"key_store", "bytes/subject", "", &Bench::of_shreds<&ShredFigures::bytes_per_subject>},
};

void print(const Figure& figure, bool json) {
  std::printf("%s\n", (json ? json_line(figure) : table_line(figure)).c_str());
  std::fflush(stdout);
}

// The same store at ten times the size, and at ten times that: once each, as it takes minutes.
Result<void> growth(const Setting& setting, bool json) {
  TAUS_TRY_ASSIGN(const auto at, Centre::open(setting.tausd, setting.directory + "/growth", clients));
  const auto say = [&](const char* what, std::size_t size, double value, const char* unit) {
    print({.name = std::string(what) + "_" + std::to_string(size), .value = value, .unit = unit, .reference = {}, .ratio = {}},
          json);
  };
  for (const std::size_t size : growth_sizes) {
    const std::size_t wanted =
        static_cast<std::size_t>(static_cast<double>(size) * std::min(1.0, setting.seconds / default_seconds));
    const std::size_t more = wanted - std::min(wanted, at->clients().size());
    const auto begin = std::chrono::steady_clock::now();
    TAUS_TRY(at->add_clients(more));
    const double passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (more > 0) say("booking", wanted, static_cast<double>(more) / passed, "commands/s");
    const std::uint64_t before = at->resident_bytes();
    {
      TAUS_TRY_ASSIGN(const auto load, Load::open(*at, many_connections, many_in_flight));
      TAUS_TRY_ASSIGN(const Loaded loaded, load->run(setting.seconds));
      say("append", wanted, loaded.per_second, "commands/s");
    }
    say("memory", wanted, static_cast<double>(before) / static_cast<double>(at->clients().size()), "bytes/client");
    TAUS_TRY_ASSIGN(const std::uint64_t events, at->events());
    TAUS_TRY_ASSIGN(const double seconds, at->restart());
    say("rebuild", wanted, static_cast<double>(events) / seconds, "events/s");
  }
  return {};
}

Result<void> measure(const Setting& setting, const std::vector<std::string>& names, bool json) {
  TAUS_TRY(check_disk(setting.directory));
  if (!json) {
    for (const std::string& line : machine(setting.directory)) std::printf("%s\n", line.c_str());
    if (!setting.peers.empty()) {
      TAUS_TRY_ASSIGN(const std::string versions, peer_versions(setting.peers));
      std::printf("%s\n", versions.c_str());
    }
    std::printf("%s\n", table_head().c_str());
  }
  Bench bench(setting);
  for (const std::string& name : names) {
    if (name == growth_name) {
      TAUS_TRY(growth(setting, json));
      continue;
    }
    TAUS_TRY_ASSIGN(const Figure figure, bench.figure(name));
    print(figure, json);
  }
  return {};
}

int run(int argc, char** argv) {
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  CLI::App app("Figures of taus on this machine: three runs each, medians. TAUS_BENCH_SECONDS is the length of a run (3).",
               "taus-bench");
  std::vector<std::string> names;
  std::string directory = here.parent_path().string();
  std::string peers;
  bool json = false;
  bool list = false;
  app.add_option("NAME", names, "figures wanted; without any, all but growth (10,000 to 1,000,000 subjects, minutes)");
  app.add_option("--dir", directory, "where to write; on a disk, not in memory");
  app.add_option("--peers", peers, "also PostgreSQL and Redis, set up and measured by this script");
  app.add_flag("--json", json, "one object a line");
  app.add_flag("--list", list, "name the figures");
  CLI11_PARSE(app, argc, argv);
  if (list) {
    for (const std::string& name : Bench::names(!peers.empty())) std::printf("%s\n", name.c_str());
    return 0;
  }
  Setting setting{.tausd = (here / "tausd").string(), .directory = directory + "/bench-XXXXXX", .peers = peers};
  if (const char* seconds = std::getenv("TAUS_BENCH_SECONDS")) setting.seconds = std::atof(seconds);
  if (setting.seconds <= 0 || ::mkdtemp(setting.directory.data()) == nullptr) {
    std::fprintf(stderr, "taus-bench: cannot write in %s, or TAUS_BENCH_SECONDS is no number above 0\n", directory.c_str());
    return 2;
  }
  const Result<void> done = measure(setting, names.empty() ? Bench::names(!peers.empty()) : names, json);
  std::error_code ignored;
  std::filesystem::remove_all(setting.directory, ignored);
  if (done) return 0;
  std::fprintf(stderr, "taus-bench: %s\n", done.error().message.c_str());
  return done.error().code == ErrorCode::invalid_argument ? 2 : 1;
}

}  // namespace
}  // namespace taus::bench

int main(int argc, char** argv) {
  taus::open_missing_standard_files();
  return taus::bench::run(argc, argv);
}
