// The little language in which a profile says when something is due: "max(last_end + 28d, conclusion)".
//
//   expression := part { "+" number ("d" | "y") }          days and years are added on the local calendar
//   part       := anchor | ("max" | "min" | "year_end") "(" expression { "," expression } ")"
//
// An anchor stands for all instants of that kind that the facts know, possibly none. "+" adds to each of them; max and min
// choose among all instants of their arguments; an argument without any does not count. A whole expression yields the
// latest of what is left, or nothing. year_end takes one argument: the end of the local year each instant falls in.
//
// Threads: values, immutable after parsing. Errors: `invalid_argument` that names the place in the text.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/zone.h"

namespace taus::policy {

enum class Anchor : std::uint8_t {
  last_end,              // end of the held session that ended last
  last_start,            // start of that session
  last_activity,         // the client's last sign of life (docs/PROFILES.md, "Anchors")
  first_collection,      // when the first datum was collected
  last_uncancelled_end,  // end of the last appointment that was not cancelled
  dropped,               // every cancelled or no-show appointment: when it was over for sure
  open_end,              // end of every appointment that has no outcome
  conclusion,            // when the case is known to be over
  last_client,           // the latest due time of the client categories
  decided,               // when the last rights request was decided
};
inline constexpr std::size_t anchor_count = 10;
std::string_view anchor_name(Anchor anchor) noexcept;

using Instants = std::vector<Instant>;
using Anchors = std::array<Instants, anchor_count>;

class Expression {
 public:
  static Result<Expression> parse(std::string_view text);
  // The latest instant of the expression for these facts; nothing where no anchor it names has one.
  [[nodiscard]] std::optional<Instant> evaluate(const Anchors& anchors, const Zone& zone) const;
  [[nodiscard]] bool uses(Anchor anchor) const noexcept;
  // How many days after one session with which everything ended at once the expression lies, at most; nothing where it is about
  // something else. A year has 365 days, and ends as late as it can.
  [[nodiscard]] std::optional<int> days_after_a_session() const;
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  friend class ExpressionParser;
  enum class Kind : std::uint8_t { anchor, plus_days, plus_years, max, min, year_end };
  // In evaluation order: an operator takes its operands from the values left before it.
  struct Step {
    Kind kind;
    Anchor anchor = Anchor::last_end;
    int amount = 0;  // days, years, or number of operands
  };
  std::string text_;
  std::vector<Step> steps_;
};

}  // namespace taus::policy
