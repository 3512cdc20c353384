#include "daemon/arguments.h"

#include <optional>
#include <string_view>

#include "eventstore/base/limits.h"

namespace taus {

const char* const usage =
    "tausd --config FILE                 serve (default /etc/taus/taus.toml)\n"
    "tausd --check-config [--config FILE]  say every mistake in the file; exit 2 on any\n"
    "tausd --dev DIR --profile vt|mt [--replica DIR …]  serve from DIR, for trying and testing\n"
    "  … --recover-root PAPER            bring the root key back from escrow, and end; - is standard input\n"
    "tausd --version\n";

namespace {

Error wrong(std::string what) { return Error(ErrorCode::invalid_argument, std::move(what)); }

struct Line {
  std::optional<std::string> config, dev, profile, paper;
  std::vector<std::string> replicas;
  bool check = false, version = false, help = false;
};

Result<Line> read_line(int argc, const char* const* argv) {
  Line line;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument(argv[i]);
    std::optional<std::string>* value = nullptr;
    if (argument == "--config")
      value = &line.config;
    else if (argument == "--dev")
      value = &line.dev;
    else if (argument == "--profile")
      value = &line.profile;
    else if (argument == "--recover-root")
      value = &line.paper;
    else if (argument == "--replica") {
      if (i + 1 == argc || *argv[i + 1] == '\0') return wrong("--replica needs a directory");
      line.replicas.emplace_back(argv[++i]);
      continue;
    } else if (argument == "--check-config")
      line.check = true;
    else if (argument == "--version")
      line.version = true;
    else if (argument == "--help" || argument == "-h")
      line.help = true;
    else
      return wrong("unknown argument \"" + std::string(argument) + "\"");
    if (value == nullptr) continue;
    if (value->has_value()) return wrong(std::string(argument) + " given twice");
    if (i + 1 == argc || *argv[i + 1] == '\0') return wrong(std::string(argument) + " needs a value");
    *value = argv[++i];
  }
  return line;
}

}  // namespace

Result<Task> parse_arguments(int argc, const char* const* argv) {
  TAUS_TRY_ASSIGN(Line line, read_line(argc, argv));
  if (line.help) return Task(ShowHelp{});
  if (line.version) return Task(ShowVersion{});
  if (line.dev) {
    if (line.config || line.check) return wrong("--dev takes no --config; its settings are fixed");
    if (!line.profile) return wrong("--dev needs --profile vt or --profile mt");
    if (line.replicas.size() > limits::replicas_max) return wrong("at most 8 replicas");
    return Task(ServeDev{*line.dev, *line.profile, line.replicas, line.paper.value_or("")});
  }
  if (!line.replicas.empty()) return wrong("--replica goes with --dev; otherwise the configuration names them");
  if (line.profile) return wrong("--profile goes with --dev; otherwise the configuration names it");
  if (!line.config && !line.check) return wrong("nothing to do");
  const std::string config = line.config.value_or("/etc/taus/taus.toml");
  if (line.check && line.paper) return wrong("--check-config recovers nothing");
  if (line.check) return Task(CheckConfig{config});
  return Task(Serve{config, line.paper.value_or("")});
}

}  // namespace taus
