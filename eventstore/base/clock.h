// Time as taus means it: an instant in UTC with millisecond resolution, and the source it comes from.
//
// The wall clock decides what is due and what an event says; it never decides order (positions do).
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace taus {

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

inline constexpr std::int64_t no_time_ms = std::numeric_limits<std::int64_t>::min();  // "absent" in schemas

inline Instant instant_of_ms(std::int64_t ms) noexcept { return Instant(std::chrono::milliseconds(ms)); }
inline std::int64_t ms_of(Instant t) noexcept { return t.time_since_epoch().count(); }

// Where the present comes from. now() may be called from any thread and may go backwards.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

}  // namespace taus
