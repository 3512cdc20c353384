// The first lines of every program: standard input, output and error are open, if only to nowhere.
//
// Why:     a process that was started without one of them gives its number to the next file that it opens, and what is written to standard
//          error then lands in the floor or the root key.
// Threads: before there are any. Ends the process with status 1 where not even /dev/null can be opened.
#pragma once

namespace taus {

void open_missing_standard_files() noexcept;

}  // namespace taus
