// TAUS_CHECK: a condition whose failure is a bug in taus, never bad input. Always compiled in; prints where and aborts.
// The text names the expression only, never values, so that no personal data or key bytes reach a log.
#pragma once

namespace taus {
[[noreturn]] void check_failed(const char* expression, const char* file, int line) noexcept;
}  // namespace taus

#define TAUS_CHECK(condition) \
  (static_cast<bool>(condition) ? static_cast<void>(0) : ::taus::check_failed(#condition, __FILE__, __LINE__))
