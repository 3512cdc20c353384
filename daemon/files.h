// Small files of the daemon, whole at a time.
//
// Threads: any. Errors: not_found; io.
#pragma once

#include <string>

#include "eventstore/base/bytes.h"
#include "eventstore/base/result.h"

namespace taus {

// At most 1 MiB.
Result<Bytes> read_file(const std::string& path);
// What read_file would say of a file that is not there, or of a directory; opens nothing, and does not know what may be read.
Result<void> find_file(const std::string& path);
// Replaces the file in one step; durable when it returns. Mode 0600.
Result<void> write_file(const std::string& path, ByteView content);
// Makes the directory with mode 0700 where there is none; its parent must be there.
Result<void> make_directory(const std::string& path);

// By where links lead, as far as there is anything yet; without `.` and `..`.
std::string resolved(const std::string& path);
// Whether the two are one place, or one lies in the other; resolved first.
bool overlap(const std::string& a, const std::string& b);

}  // namespace taus
