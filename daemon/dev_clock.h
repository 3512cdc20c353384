// The clock of --dev: the system's, plus an offset that can be set and survives a restart.
//
// Threads:    now() any; set() core.
// Durability: set() returns after the offset is on disk, so that time does not run backwards over a restart.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "daemon/service/service.h"

namespace taus {

class DevClock final : public service::SettableClock {
 public:
  // Reads `path`; none: offset 0. corrupt: not a number of ours.
  static Result<std::unique_ptr<DevClock>> open(const std::string& path);
  [[nodiscard]] Instant now() const override;
  Result<void> move_to(Instant now) override;

 private:
  DevClock(std::string path, std::int64_t offset_ms) : path_(std::move(path)), offset_ms_(offset_ms) {}
  const std::string path_;
  std::atomic<std::int64_t> offset_ms_;
};

}  // namespace taus
