// What is known by category: something of a few categories, or an instant of each. Both take little room where there is nothing.
//
// Threads: values. Forgetting leaves no copy behind in memory that is kept; what is freed is wiped process-wide.
#pragma once

#include <array>
#include <bit>
#include <optional>
#include <utility>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/schema/category.h"

namespace taus::projections {

template <class T>
class PerCategory {
 public:
  // nullptr: nothing there.
  [[nodiscard]] const T* operator[](std::size_t category) const { return holds(category) ? &values_[rank(category)] : nullptr; }
  void set(Category category, T value) {
    const auto at = static_cast<std::size_t>(category);
    if (holds(at)) {
      values_[rank(at)] = std::move(value);
      return;
    }
    values_.reserve(values_.size() + 1);  // few, and kept by each of many subjects
    values_.insert(values_.begin() + static_cast<std::ptrdiff_t>(rank(at)), std::move(value));
    mask_ = static_cast<Mask>(mask_ | 1U << at);
  }
  void reset(Category category) {
    const auto at = static_cast<std::size_t>(category);
    if (!holds(at)) return;
    values_.erase(values_.begin() + static_cast<std::ptrdiff_t>(rank(at)));
    mask_ = static_cast<Mask>(mask_ & ~(1U << at));
    values_ = std::vector<T>(values_);  // the room behind the last one still held a copy
  }
  // Those that are there, in order of category.
  [[nodiscard]] auto begin() const { return values_.begin(); }
  [[nodiscard]] auto end() const { return values_.end(); }
  friend bool operator==(const PerCategory&, const PerCategory&) = default;

 private:
  [[nodiscard]] bool holds(std::size_t category) const { return (mask_ >> category & 1) != 0; }
  [[nodiscard]] std::size_t rank(std::size_t category) const {
    return static_cast<std::size_t>(std::popcount(static_cast<unsigned>(mask_) & ((1U << category) - 1)));
  }
  Mask mask_ = 0;
  std::vector<T> values_;
};

class Instants {
 public:
  Instants() { at_.fill(no_time_ms); }
  [[nodiscard]] std::optional<Instant> operator[](std::size_t category) const {
    return at_[category] == no_time_ms ? std::nullopt : std::optional(instant_of_ms(at_[category]));
  }
  void set(Category category, Instant at) { at_[static_cast<std::size_t>(category)] = ms_of(at); }
  void reset(Category category) { at_[static_cast<std::size_t>(category)] = no_time_ms; }
  [[nodiscard]] std::optional<Instant> earliest() const {
    std::optional<Instant> out;
    for (const std::int64_t one : at_)
      if (one != no_time_ms && (!out || one < ms_of(*out))) out = instant_of_ms(one);
    return out;
  }
  friend bool operator==(const Instants&, const Instants&) = default;

 private:
  std::array<std::int64_t, category_count> at_;
};

}  // namespace taus::projections
