#include "eventstore/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace taus {

void check_failed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "taus: bug: check failed: %s at %s:%d\n", expression, file, line);
  std::abort();
}

}  // namespace taus
