// Independent jobs, run at once by whoever has threads to lend: the layers below the runtime know none themselves.
#pragma once

#include <functional>
#include <span>

namespace taus {

using Job = std::function<void()>;
// Returns when all have ended.
using Parallel = std::function<void(std::span<const Job>)>;

inline void one_after_the_other(std::span<const Job> jobs) {
  for (const Job& job : jobs) job();
}

}  // namespace taus
