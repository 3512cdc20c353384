// `policy explain`: facts as JSON in, what the rules say as JSON out. Needs no store and no daemon.
//
// Threads: pure. Errors: `malformed` for text that is no JSON, `invalid_argument` for unknown keys, wrong types and facts
// that cannot be, with the JSON pointer of the offending place.
#pragma once

#include <string>
#include <string_view>

#include "daemon/policy/retention.h"

namespace taus::policy {

// The shape of the facts is described in docs/PROFILES.md, "Facts".
Result<Facts> parse_facts(const Zone& zone, std::string_view facts_json);
// One document in, one line out (without line break).
Result<std::string> explain(const Profile& profile, const Zone& zone, std::string_view facts_json);
// One document, or several, one a line: as many lines out, each with its line break. The first mistake ends it.
Result<std::string> explain_lines(const Profile& profile, const Zone& zone, std::string_view text);

}  // namespace taus::policy
