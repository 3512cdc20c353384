#include "daemon/logging.h"

#include <memory>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace taus::log {
namespace {

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> made = [] {
    auto l = std::make_shared<spdlog::logger>("tausd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    l->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    l->flush_on(spdlog::level::debug);
    return l;
  }();
  return *made;
}

}  // namespace

void open(Level least) {
  switch (least) {
    case Level::debug: return logger().set_level(spdlog::level::debug);
    case Level::info: return logger().set_level(spdlog::level::info);
    case Level::warning: return logger().set_level(spdlog::level::warn);
    case Level::error: return logger().set_level(spdlog::level::err);
  }
}

void starting(std::string_view version, std::string_view profile) {
  logger().info("tausd {} starting, profile {}", version, profile);
}
void serving(std::uint64_t position, std::string_view root_store, std::string_view tier) {
  logger().info("serving; {} events, root store {}, tier {}", position, root_store, tier);
}
void cannot_start(const Error& error) { logger().error("cannot start: {} ({})", error.message, to_string(error.code)); }
void warning(std::string_view what) { logger().warn("{}", what); }
void peer_notice(std::string_view what, std::string_view socket, std::uint64_t count) {
  logger().warn("{} on the {} socket, {} so far", what, socket, count);
}
void latched(const Error& error) {
  logger().error("a write failed ({}): {}; nothing more is acknowledged, exiting for a restart", to_string(error.code),
                 error.message);
}
void reloaded(std::uint64_t principals) { logger().info("configuration read again; {} principals", principals); }
void reload_refused(std::uint64_t mistakes) {
  logger().error("configuration not taken over: {} mistakes; the old one stays", mistakes);
}
void config_mistake(std::string_view mistake) { logger().error("{}", mistake); }
void restart_needed(std::string_view setting) { logger().warn("setting {} has changed; it takes a restart", setting); }
void stopping(std::string_view why) { logger().info("stopping: {}", why); }
void stopped() { logger().info("stopped; everything accepted is durable"); }
void stop_took_too_long() { logger().error("stopping took too long; ending without the last answers"); }

}  // namespace taus::log
