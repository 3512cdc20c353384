// tausctl backup create, verify, restore. Progress on standard error.
//
// Threads: one. Errors: the daemon's, and those of tools/backup_files.h.
#pragma once

#include <string>

#include "eventstore/base/result.h"
#include "tools/tausctl_parse.h"

namespace taus::tools {

// The text for standard output.
Result<std::string> run_backup(const Invocation& invocation);

}  // namespace taus::tools
