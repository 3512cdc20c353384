// tausd: the records daemon. Parses, opens, serves, ends; docs/OPERATIONS.md "Exit codes".
#include <cstdio>

#include "daemon/arguments.h"
#include "daemon/daemon.h"
#include "daemon/host.h"
#include "daemon/protocol/exit_code.h"
#include "eventstore/base/standard_files.h"

namespace taus {
namespace {

int cannot_start(const Error& error) {
  log::cannot_start(error);
  // What the settings name and is not there is a mistake in the settings: a restart would not mend it.
  return protocol::exit_code(error.code == ErrorCode::not_found ? ErrorCode::invalid_argument : error.code);
}

// The escrow drill: the root store is filled, and nothing is served.
int recover(const Settings& settings, const std::string& paper) {
  log::open(settings.log_level);
  if (const Result<void> hardened = harden_process(); !hardened) return cannot_start(hardened.error());
  const Result<void> done = StoreCore::recover_root(settings, paper);
  if (!done) return cannot_start(done.error());
  std::printf("the root key is back; start tausd\n");
  return 0;
}

int serve(const Settings& settings) {
  log::open(settings.log_level);
  log::starting(TAUS_VERSION, settings.profile);
  if (const Result<void> hardened = harden_process(); !hardened) return cannot_start(hardened.error());
  std::vector<std::string> warnings = host_warnings();
  for (const std::string& warning : warnings) log::warning(warning);
  Result<std::unique_ptr<StoreCore>> core = StoreCore::open(settings, std::move(warnings));
  if (!core) return cannot_start(core.error());
  if (const std::string weak = (*core)->roots().warning(); !weak.empty()) log::warning(weak);
  Daemon daemon(settings, **core);
  if (const Result<void> opened = daemon.open(); !opened) return cannot_start(opened.error());
  return daemon.run();
}

// Both mistakes and warnings, on standard error. false: there are mistakes.
bool tell(const ReadConfig& read) {
  for (const std::string& mistake : read.mistakes) std::fprintf(stderr, "%s\n", mistake.c_str());
  for (const std::string& warning : read.warnings) std::fprintf(stderr, "%s (warning)\n", warning.c_str());
  return read.mistakes.empty();
}

int perform(const Task& task) {
  if (std::holds_alternative<ShowHelp>(task)) {
    std::fputs(usage, stdout);
    return 0;
  }
  if (std::holds_alternative<ShowVersion>(task)) {
    std::printf("tausd %s\n", TAUS_VERSION);
    return 0;
  }
  if (const auto* check = std::get_if<CheckConfig>(&task)) {
    ReadConfig read = read_config(check->config);
    if (read.mistakes.empty()) read.mistakes = settings_mistakes(read.config);
    if (!tell(read)) return 2;
    if (const Result<void> profile = check_profile(read.config.profile); !profile) {
      std::fprintf(stderr, "%s\n", profile.error().message.c_str());
      return 2;
    }
    std::printf("%s: no mistakes\n", check->config.c_str());
    return 0;
  }
  Result<Settings> settings = Error(ErrorCode::invalid_argument, "no settings");
  std::string paper;
  if (const auto* dev = std::get_if<ServeDev>(&task)) {
    settings = dev_settings(dev->directory, dev->profile, dev->replicas);
    paper = dev->paper;
  } else {
    const std::string& file = std::get<Serve>(task).config;
    const ReadConfig read = read_config(file);
    if (!tell(read)) return 2;
    settings = settings_of(read.config, file);
    paper = std::get<Serve>(task).paper;
  }
  if (settings && !paper.empty()) return recover(*settings, paper);
  return settings ? serve(*settings) : cannot_start(settings.error());
}

}  // namespace
}  // namespace taus

int main(int argc, char** argv) {
  taus::open_missing_standard_files();
  const taus::Result<taus::Task> task = taus::parse_arguments(argc, argv);
  if (task) return taus::perform(*task);
  std::fprintf(stderr, "tausd: %s\n%s", task.error().message.c_str(), taus::usage);
  return 2;
}
