// A year's statistics as files: CSV and JSON for programs, HTML with charts for people (docs/STATISTICS.md).
//
// Threads: pure.
#pragma once

#include <string>

#include "daemon/policy/profile.h"
#include "daemon/protocol/api.capnp.h"

namespace taus::service {

std::string statistics_csv(const policy::Profile& profile, api::Stats::Reader stats);
// Of a closed year: exactly the bytes whose SHA-256 was published.
std::string statistics_json(api::Stats::Reader stats);
std::string statistics_html(const policy::Profile& profile, api::Stats::Reader stats);

}  // namespace taus::service
