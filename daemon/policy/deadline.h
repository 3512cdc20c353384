// By when a rights request must be answered (GDPR art. 12(3); the centre's own promise where it is shorter).
//
// Threads: pure. Both dates are local and inclusive.
#pragma once

#include <string>
#include <string_view>

#include "daemon/policy/profile.h"

namespace taus::policy {

struct RightsDeadline {
  std::string due;       // "2026-04-04"
  std::string extended;  // after an extension, which the person must be told of before `due`
};
// `received` is the local date of receipt, "2026-03-05".
Result<RightsDeadline> rights_deadline(const Profile& profile, std::string_view received);

}  // namespace taus::policy
