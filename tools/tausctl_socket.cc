#include "tools/tausctl_socket.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace taus::tools {
namespace {

constexpr std::array<std::string_view, 17> of_operators = {
    "keysEvict",   "keysAdmit",       "keysRotateRoot", "keysEscrow",    "backupRead",   "retentionPurge",
    "status",      "shred",           "receiptShow",    "retentionPlan", "retentionRun", "keysStatus",
    "devClockSet", "devClockAdvance", "staffAdd",       "staffList",     "staffRevoke"};
constexpr std::array<std::string_view, 5> of_auditors = {"auditVerify", "auditCheckpoint", "auditProve", "auditReplay",
                                                         "auditReads"};

const char* role_of(const std::string& method) {
  if (std::find(of_operators.begin(), of_operators.end(), method) != of_operators.end()) return "operator";
  if (std::find(of_auditors.begin(), of_auditors.end(), method) != of_auditors.end()) return "auditor";
  return "frontend";
}

}  // namespace

std::string socket_for(const Globals& globals, const std::string& method) {
  if (!globals.socket.empty()) return globals.socket;
  const std::string directory = globals.dev.empty() ? "/run/taus" : globals.dev + "/run";
  // Only frontends speak for staff.
  return directory + "/" + (globals.as.empty() ? role_of(method) : "frontend") + ".sock";
}

}  // namespace taus::tools
