// tausctl events follow: the feed as lines, one JSON object each, until it is stopped.
//
// What:    asks again from where the last answer ended, at once while there is more, else every half second. A line is one write, so that
//          a signal leaves no half of one. SIGINT, SIGTERM and a reader who went end the program with 0; `busy` is asked again.
// Threads: one; takes over those signals of the process.
// Errors:  what the daemon refuses; unavailable: the daemon is gone; io: standard output cannot be written.
#pragma once

#include <string>

#include "daemon/protocol/api.capnp.h"
#include "eventstore/base/result.h"
#include "tools/tausctl_parse.h"

namespace taus::tools {

// The exit code: 0, where --until-now was given or the reader went.
Result<int> follow(const Invocation& invocation);
// The events of one answer, one JSON object a line.
std::string feed_lines(api::EventFeed::Reader feed);

}  // namespace taus::tools
