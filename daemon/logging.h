// The daemon's log: standard error, one line a message, from a closed set of sentences. What is filled in is codes, counts,
// positions, and names of principals and files; never a subject, never what a peer sent.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <string_view>

#include "eventstore/base/result.h"

namespace taus::log {

enum class Level : std::uint8_t { debug, info, warning, error };

void open(Level least);

void starting(std::string_view version, std::string_view profile);
void serving(std::uint64_t position, std::string_view root_store, std::string_view tier);
void cannot_start(const Error& error);  // messages of start-up errors name files and settings only
void warning(std::string_view what);    // of host and root store
void peer_notice(std::string_view what, std::string_view socket, std::uint64_t count);
void latched(const Error& error);
void reloaded(std::uint64_t principals);
void reload_refused(std::uint64_t mistakes);
void config_mistake(std::string_view mistake);
void restart_needed(std::string_view setting);
void stopping(std::string_view why);
void stopped();
void stop_took_too_long();

}  // namespace taus::log
