// The centre's desk: rights requests.
#include "tools/tausctl_print.h"

namespace taus::tools {

std::string people_of(const Times& times, api::RightsList::Reader list) {
  Table table({"REQUEST", "RIGHT", "STATE", "RECEIVED", "DUE", "DAYS LEFT", "ALARM", "OUTCOME", "DECISION"});
  for (auto one : list.getRequests()) {
    const bool decided = one.getDecision() >= 0;
    table.add({safe(one.getRequest()), word(one.getKind()), safe(one.getState()), times.time(one.getReceivedAt()),
               safe(one.getDue()) + (one.getExtended() ? ", extended" : ""), decided ? "" : std::to_string(one.getDaysLeft()),
               decided && one.getLate() ? "was late" : safe(one.getAlarm()), word(one.getOutcome()),
               number_or_nothing(one.getDecision())});
  }
  return table.empty() ? "No requests.\n" : table.text();
}

}  // namespace taus::tools
