// Which socket a method is asked on: one per role group, as in docs/PROTOCOL.md; with --as always the frontends'.
#pragma once

#include <string>

#include "tools/tausctl_parse.h"

namespace taus::tools {

// --socket as given; else DIR/run/<role>.sock of --dev DIR; else /run/taus/<role>.sock.
std::string socket_for(const Globals& globals, const std::string& method);

}  // namespace taus::tools
