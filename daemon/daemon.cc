#include "daemon/daemon.h"

#include <bit>
#include <csignal>
#include <cstdio>

#include <unistd.h>

#include "daemon/host.h"

namespace taus {
namespace {

using namespace std::chrono_literals;

constexpr auto latched_time = 250ms;    // for the answers that say so
constexpr auto stop_time = 60s;         // for what was accepted, within the unit's TimeoutStopSec
constexpr auto last_answers_time = 5s;  // for peers to take them

const char* sentence(net::Notice what) {
  switch (what) {
    case net::Notice::unknown_peer: return "unknown peers refused";
    case net::Notice::too_many_connections: return "connections refused, too many are open";
    case net::Notice::malformed: return "connections ended for malformed requests";
    case net::Notice::slow_reader: return "connections ended for not taking their replies";
  }
  return "";
}

// Descriptors and threads of a process that must not run destructors.
[[noreturn]] void leave(int status) {
  std::fflush(nullptr);
  _exit(status);
}

}  // namespace

Daemon::Daemon(Settings settings, StoreCore& core)
    : settings_(std::move(settings)),
      core_(core),
      server_(io_, principals_, server_options()),
      loop_(core, core.clock(), server_, runtime::CoreLoop::Options{}),
      signals_(io_, SIGTERM, SIGINT, SIGHUP),
      end_timer_(io_) {
  principals_.set(settings_.principals);
}

net::Server::Options Daemon::server_options() {
  net::Server::Options options;
  options.listeners = settings_.listeners;
  options.submit = [this](runtime::Request& request) { return loop_.submit(request); };
  options.notice = [this](net::Notice what, service::SocketRole role) { notice(what, role); };
  options.on_latched = [this](const Error& error) { latched(error); };
  options.on_stopped = [this] {
    server_.when_idle([this] { io_.stop(); });
    if (latched_) return;  // which has its own time
    end_timer_.expires_after(last_answers_time);
    end_timer_.async_wait([this](const net::SystemError& error) {
      if (!error) io_.stop();
    });
  };
  return options;
}

int Daemon::run() {
  wait_for_signal();
  loop_.start();
  server_.start();
  ready();
  io_.run();
  loop_.join();
  if (latched_) leave(exit_latched);
  log::stopped();
  return 0;
}

void Daemon::ready() {
  log::serving(core_.events(), core_.roots().kind(), vault::to_string(core_.roots().tier()));
  notify_manager("READY=1");
  if (!settings_.dev()) return;
  std::printf("ready %s\n", settings_.dev_directory.c_str());
  std::fflush(stdout);
}

void Daemon::wait_for_signal() {
  signals_.async_wait([this](const net::SystemError& error, int signal) {
    if (error) return;
    if (signal == SIGHUP)
      reload();
    else
      stop(signal == SIGTERM ? "SIGTERM" : "SIGINT");
    wait_for_signal();
  });
}

void Daemon::reload() {
  if (stopping_ || settings_.dev()) return;
  notify_manager("RELOADING=1");
  ReadConfig read = read_config(settings_.config_file);
  Result<Settings> fresh = settings_of(read.config, settings_.config_file);
  if (read.mistakes.empty() && !fresh) read.mistakes.push_back(fresh.error().message);
  for (const std::string& mistake : read.mistakes) log::config_mistake(mistake);
  for (const std::string& warning : read.warnings) log::warning(warning);
  if (!read.mistakes.empty()) {
    log::reload_refused(read.mistakes.size());
  } else {
    for (const std::string& setting : wants_restart(settings_, *fresh)) log::restart_needed(setting);
    principals_.set(fresh->principals);
    server_.principals_changed();
    log::open(fresh->log_level);
    log::reloaded(fresh->principals.size());
  }
  notify_manager("READY=1");
}

void Daemon::stop(const char* why) {
  if (stopping_ || latched_) return;
  stopping_ = true;
  log::stopping(why);
  notify_manager("STOPPING=1");
  server_.stop_accepting();
  loop_.stop();
  end_timer_.expires_after(stop_time);
  end_timer_.async_wait([](const net::SystemError& error) {
    if (error) return;
    log::stop_took_too_long();
    leave(1);
  });
}

void Daemon::latched(const Error& error) {
  if (latched_) return;
  latched_ = true;
  log::latched(error);
  end_timer_.expires_after(latched_time);
  end_timer_.async_wait([](const net::SystemError& cancelled) {
    if (!cancelled) leave(exit_latched);
  });
}

// The 1st, 2nd, 4th, 8th ... of a kind: a flood of them must not fill the log.
void Daemon::notice(net::Notice what, service::SocketRole role) {
  const std::uint64_t count = ++notices_[{what, role}];
  if (std::has_single_bit(count)) log::peer_notice(sentence(what), to_string(role), count);
}

}  // namespace taus
