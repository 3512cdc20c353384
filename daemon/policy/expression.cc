#include "daemon/policy/expression.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace taus::policy {
namespace {

constexpr std::array<std::string_view, anchor_count> names = {
    "last_end", "last_start", "last_activity", "first_collection", "last_uncancelled_end",
    "dropped",  "open_end",   "conclusion",    "last_client",      "decided"};
constexpr int amount_max = 36'500;
constexpr int depth_max = 8;
constexpr std::size_t steps_max = 64;

bool word_letter(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string_view anchor_name(Anchor anchor) noexcept { return names[static_cast<std::size_t>(anchor)]; }

// Recursive descent; every method appends the steps of what it read.
class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text) { out_.text_ = text; }

  Result<Expression> run() {
    TAUS_TRY(expression(0));
    skip_blanks();
    if (at_ != text_.size()) return wrong("an operator or the end was expected");
    return std::move(out_);
  }

 private:
  using Kind = Expression::Kind;

  Result<void> expression(int depth) {
    TAUS_TRY(part(depth));
    while (take('+')) {
      skip_blanks();
      int amount = 0;
      const char* const begin = text_.data() + at_;
      const char* const end = text_.data() + text_.size();
      const auto [rest, failed] = std::from_chars(begin, end, amount);
      if (begin == end || !digit(*begin) || failed != std::errc{} || amount > amount_max)
        return wrong("a whole number of days or years was expected, at most 36500");
      at_ += static_cast<std::size_t>(rest - begin);
      if (at_ < text_.size() && text_[at_] == 'd') {
        TAUS_TRY(add({Kind::plus_days, Anchor::last_end, amount}));
      } else if (at_ < text_.size() && text_[at_] == 'y') {
        TAUS_TRY(add({Kind::plus_years, Anchor::last_end, amount}));
      } else {
        return wrong("d (days) or y (years) was expected after the number");
      }
      ++at_;
    }
    return {};
  }

  Result<void> part(int depth) {
    if (depth > depth_max) return wrong("nested too deeply");
    skip_blanks();
    const std::size_t begin = at_;
    while (at_ < text_.size() && word_letter(text_[at_])) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word == "max") return call(Kind::max, depth);
    if (word == "min") return call(Kind::min, depth);
    if (word == "year_end") return call(Kind::year_end, depth);
    const auto* const found = std::find(names.begin(), names.end(), word);
    if (found == names.end()) {
      at_ = begin;
      return wrong("an anchor or max, min or year_end was expected");
    }
    return add({Kind::anchor, static_cast<Anchor>(found - names.begin()), 0});
  }

  Result<void> call(Kind kind, int depth) {
    if (!take('(')) return wrong("( was expected");
    int arguments = 0;
    do {
      TAUS_TRY(expression(depth + 1));
      ++arguments;
    } while (take(','));
    if (!take(')')) return wrong(") or , was expected");
    if (kind == Kind::year_end && arguments != 1) return wrong("year_end takes one argument");
    return add({kind, Anchor::last_end, arguments});
  }

  Result<void> add(Expression::Step step) {
    if (out_.steps_.size() == steps_max) return wrong("the expression is too long");
    out_.steps_.push_back(step);
    return {};
  }

  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(char c) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] Error wrong(std::string_view why) const {
    return Error(ErrorCode::invalid_argument, "in the expression \"" + std::string(text_) + "\" at character " +
                                                  std::to_string(at_ + 1) + ": " + std::string(why));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Expression out_;
};

Result<Expression> Expression::parse(std::string_view text) { return ExpressionParser(text).run(); }

bool Expression::uses(Anchor anchor) const noexcept {
  return std::any_of(steps_.begin(), steps_.end(), [&](const Step& s) { return s.kind == Kind::anchor && s.anchor == anchor; });
}

std::optional<int> Expression::days_after_a_session() const {
  constexpr int year = 365;
  std::vector<std::optional<int>> values;
  for (const Step& step : steps_) {
    const bool elsewhere = step.anchor == Anchor::dropped || step.anchor == Anchor::open_end || step.anchor == Anchor::decided;
    if (step.kind == Kind::anchor) {
      values.push_back(elsewhere ? std::nullopt : std::optional(0));
      continue;
    }
    if (step.kind == Kind::max || step.kind == Kind::min) {
      std::optional<int> chosen;
      for (int i = 0; i < step.amount; ++i) {
        const std::optional<int> one = values.back();
        values.pop_back();
        if (one && (!chosen || (step.kind == Kind::max ? *one > *chosen : *one < *chosen))) chosen = one;
      }
      values.push_back(chosen);
      continue;
    }
    if (!values.back()) continue;
    *values.back() += step.kind == Kind::plus_days ? step.amount : step.kind == Kind::plus_years ? year * step.amount : year;
  }
  return values.empty() ? std::nullopt : values.front();
}

std::optional<Instant> Expression::evaluate(const Anchors& anchors, const Zone& zone) const {
  std::vector<Instants> values;
  for (const Step& step : steps_) {
    switch (step.kind) {
      case Kind::anchor: values.push_back(anchors[static_cast<std::size_t>(step.anchor)]); break;
      case Kind::plus_days:
        for (Instant& t : values.back()) t = zone.plus_days(t, step.amount);
        break;
      case Kind::plus_years:
        for (Instant& t : values.back()) t = zone.plus_years(t, step.amount);
        break;
      case Kind::year_end:
        for (Instant& t : values.back()) t = zone.year_end(zone.year_of(t));
        break;
      case Kind::max:
      case Kind::min: {
        Instants all;
        for (int i = 0; i < step.amount; ++i) {
          TAUS_CHECK(!values.empty());
          all.insert(all.end(), values.back().begin(), values.back().end());
          values.pop_back();
        }
        if (all.size() > 1)
          all = {step.kind == Kind::max ? *std::max_element(all.begin(), all.end()) : *std::min_element(all.begin(), all.end())};
        values.push_back(std::move(all));
        break;
      }
    }
  }
  if (values.empty()) return std::nullopt;
  TAUS_CHECK(values.size() == 1);
  const Instants& left = values.front();
  if (left.empty()) return std::nullopt;
  return *std::max_element(left.begin(), left.end());
}

}  // namespace taus::policy
