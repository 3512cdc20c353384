// What a client's typical year leaves in a store: form, two sessions agreed and held, logs, messages, what was told of oneself.
//
// Threads: one. Errors: the daemon's first refusal.
#pragma once

#include "tools/taus_bench_centre.h"

namespace taus::bench {

// The year of `count` new clients. `counsellors` are shared among all of them, also between calls.
Result<void> live_a_year(Centre& centre, const std::vector<std::string>& counsellors, std::size_t count);

}  // namespace taus::bench
