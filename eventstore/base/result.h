// Outcomes as values. Everything a correct program can meet is a Result; bugs are TAUS_CHECK; foreign exceptions
// are caught in the adapter where they arise and never cross a layer.
//
// Threads: values, no shared state. Messages say what was wrong and what to do; they never hold personal data or keys.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "eventstore/base/check.h"

namespace taus {

// The closed list of failures, the same on the wire and in exit codes (docs/PROTOCOL.md). Do not renumber.
enum class ErrorCode : std::uint8_t {
  invalid_argument = 1,
  malformed = 2,
  unauthorized = 3,
  not_found = 4,
  version_conflict = 5,
  slot_taken = 6,
  restricted = 7,
  held = 8,
  shredded = 9,
  withheld = 10,
  tampered = 11,
  unavailable = 12,
  busy = 13,
  too_large = 14,
  io = 15,
  corrupt = 16,
  shutting_down = 17,
};

// snake_case name of the code, for messages and JSON.
std::string_view to_string(ErrorCode code) noexcept;

struct Error {
  ErrorCode code;
  std::string message;
  std::string pointer;  // JSON pointer (RFC 6901) of the offending input, empty where there is none

  Error(ErrorCode c, std::string m, std::string p = {}) : code(c), message(std::move(m)), pointer(std::move(p)) {}
};

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)
  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  [[nodiscard]] T& value() & {
    TAUS_CHECK(has_value());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const T& value() const& {
    TAUS_CHECK(has_value());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && {
    TAUS_CHECK(has_value());
    return std::move(*std::get_if<0>(&state_));
  }
  [[nodiscard]] Error& error() & {
    TAUS_CHECK(!has_value());
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] const Error& error() const& {
    TAUS_CHECK(!has_value());
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] Error&& error() && {
    TAUS_CHECK(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  void value() const { TAUS_CHECK(has_value()); }
  [[nodiscard]] const Error& error() const& {
    TAUS_CHECK(!has_value());
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] Error&& error() && {
    TAUS_CHECK(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<std::monostate, Error> state_;
};

}  // namespace taus

#define TAUS_CONCAT_INNER(a, b) a##b
#define TAUS_CONCAT(a, b) TAUS_CONCAT_INNER(a, b)
// Returns the error of `expression` (a Result<void> or Result<T> whose value is not needed) to the caller.
#define TAUS_TRY(expression) TAUS_TRY_IMPL(TAUS_CONCAT(taus_try_, __LINE__), expression)
#define TAUS_TRY_IMPL(name, expression)                       \
  do {                                                        \
    auto name = (expression);                                 \
    if (!name) return ::taus::Error(std::move(name).error()); \
  } while (false)
// Declares `declaration` from the value of `expression` or returns its error to the caller.
#define TAUS_TRY_ASSIGN(declaration, expression) TAUS_TRY_ASSIGN_IMPL(TAUS_CONCAT(taus_try_, __LINE__), declaration, expression)
#define TAUS_TRY_ASSIGN_IMPL(name, declaration, expression) \
  auto name = (expression);                                 \
  if (!name) return ::taus::Error(std::move(name).error()); \
  declaration = std::move(name).value()
