#include "daemon/policy/deadline.h"

#include <algorithm>

#include "eventstore/base/zone.h"

namespace taus::policy {
namespace {
constexpr int months_by_law = 1;  // GDPR art. 12(3)
}

Result<RightsDeadline> rights_deadline(const Profile& profile, std::string_view received) {
  TAUS_TRY_ASSIGN(const Zone::Date day, Zone::parse_date(received));
  const Deadlines& rules = profile.deadlines;
  Zone::Date due = Zone::plus_months(day, months_by_law);
  if (rules.rights_days) due = std::min(due, Zone::plus_days(day, *rules.rights_days));
  const Zone::Date extended = Zone::plus_months(day, months_by_law + rules.extension_months);
  return RightsDeadline{Zone::format_date(due), Zone::format_date(extended)};
}

}  // namespace taus::policy
