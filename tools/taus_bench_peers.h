// What a centre would use otherwise, under the same load on the same machine: a script of its own sets it up and measures it.
//
// Threads: one. Errors: unavailable: the script failed; it said why on standard error.
#pragma once

#include <string>

#include "eventstore/base/result.h"

namespace taus::bench {

// One run of `peer` ("postgres" or "redis") in a new directory below `directory`: commands a second.
Result<double> peer(const std::string& script, const std::string& peer, const std::string& directory, double seconds);
// Name and version of both, on one line.
Result<std::string> peer_versions(const std::string& script);

}  // namespace taus::bench
