// A calendar answer as iCalendar, for calendar programs to subscribe to: when a counsellor is taken, and nothing of whom by.
//
// Threads: pure. Errors: io where libical refuses what it is told, which would be a bug of ours. Source: RFC 5545; no METHOD,
// for a feed invites nobody. The only place that knows libical.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/protocol/api.capnp.h"
#include "eventstore/base/result.h"
#include "eventstore/base/zone.h"

namespace taus::tools {

// One VEVENT an entry, cancelled ones marked as such; local times with their zone written out. `now` is the DTSTAMP.
Result<std::string> ical_events(const Zone& zone, api::Calendar::Reader calendar, std::int64_t now);
// One VFREEBUSY a counsellor, in UTC, without cancelled entries; touching and overlapping times as one.
Result<std::string> ical_free_busy(const Zone& zone, api::Calendar::Reader calendar, std::int64_t now);

// One appointment of a client, for her own calendar.
struct OwnAppointment {
  std::string uid;  // without "@taus"
  std::int64_t start = 0, end = 0;
  std::string summary, place;
  bool cancelled = false;
};
Result<std::string> ical_own(const Zone& zone, const std::vector<OwnAppointment>& appointments, std::int64_t now);

}  // namespace taus::tools
