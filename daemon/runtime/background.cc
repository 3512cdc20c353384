#include "daemon/runtime/background.h"

#include <utility>

namespace taus::runtime {

Background::~Background() {
  if (thread_.joinable()) thread_.join();
}

void Background::start(Job job) {
  TAUS_CHECK(!running());
  ended_ = false;
  outcome_.reset();
  thread_ = std::thread([this, work = std::move(job)]() noexcept {
    outcome_.emplace(work());
    ended_ = true;
  });
}

std::optional<Result<void>> Background::finished() {
  if (!running() || !ended_) return std::nullopt;
  thread_.join();
  return std::exchange(outcome_, std::nullopt);
}

}  // namespace taus::runtime
