#include <algorithm>

#include "daemon/policy/profile_load.h"

namespace taus::policy::detail {
namespace {

using enum Anchor;
constexpr int active_days_max = 90;

Expression load_expression(Section& section, std::string_view key, std::initializer_list<Anchor> forbidden) {
  const std::string text = section.text(key);
  if (text.empty()) return {};
  auto parsed = Expression::parse(text);
  if (!parsed) {
    section.mistake_at(key, parsed.error().message);
    return {};
  }
  for (const Anchor anchor : forbidden)
    if (parsed->uses(anchor))
      section.mistake_at(key, "the anchor " + std::string(anchor_name(anchor)) + " is not known yet where `" + std::string(key) +
                                  "` is computed");
  return std::move(*parsed);
}

// Whether the expression has a value whatever the facts are, for somebody served or never served.
bool always_known(const Expression& expression, bool served) {
  const auto uses = [&](std::initializer_list<Anchor> anchors) {
    return std::any_of(anchors.begin(), anchors.end(), [&](Anchor a) { return expression.uses(a); });
  };
  return uses({last_activity, first_collection, conclusion, last_client}) ||
         (served && uses({last_end, last_start, last_uncancelled_end}));
}

bool valid_id(std::string_view id) {
  return std::all_of(id.begin(), id.end(), [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; });
}

std::string load_rule_id(Section& section, std::string_view key) {
  std::string id = section.text(key);
  if (!valid_id(id)) section.mistake_at(key, "a rule id is made of A to Z, 0 to 9 and -");
  return id;
}

RetentionRule load_rule(const TomlNode& node, Mistakes& mistakes, const Profile& profile) {
  Section section(node, mistakes);
  RetentionRule rule;
  rule.id = load_rule_id(section, "id");
  rule.source = section.text("source");
  const std::string when = section.text("when", Section::Need::optional);
  if (when == "served") {
    rule.when = Served::served;
  } else if (when == "neverServed") {
    rule.when = Served::never;
  } else if (!when.empty()) {
    section.mistake_at("when", "`when` is served or neverServed");
  }
  rule.categories = load_categories(section, "categories", governed_categories(profile),
                                    "this profile does not collect it, or no rule decides about it");
  if ((rule.categories & client_categories) != 0) {
    rule.due = load_expression(section, "due", {last_client});
  } else {
    rule.due = load_expression(section, "due", {});
  }
  section.finish();
  return rule;
}

void check_complete(Section& section, const Profile& profile) {
  const Mask governed = governed_categories(profile);
  for (int c = 0; c < category_count; ++c) {
    if (!has(governed, static_cast<Category>(c))) continue;
    for (const bool served : {true, false}) {
      const bool decided =
          std::any_of(profile.retention.rules.begin(), profile.retention.rules.end(), [&](const RetentionRule& r) {
            return has(r.categories, static_cast<Category>(c)) &&
                   (r.when == Served::either || (r.when == Served::served) == served) && always_known(r.due, served);
          });
      if (!decided)
        section.mistake_at("rules", "no rule always gives a due time for \"" + std::string(name(static_cast<Category>(c))) +
                                        "\" of somebody " + (served ? "served" : "never served"));
    }
  }
}

}  // namespace

void load_retention(Section& root, Profile& profile) {
  const TomlNode* const table = root.table("retention");
  if (table == nullptr) return;
  Section section(*table, root.mistakes());
  Retention& retention = profile.retention;
  retention.active_days = section.number("active_days", 1, active_days_max).value_or(0);
  retention.conclusion_served = load_expression(section, "conclusion_served", {conclusion, last_client, decided});
  retention.conclusion_never = load_expression(section, "conclusion_never_served", {conclusion, last_client, decided});
  if (!retention.conclusion_served.text().empty() && !always_known(retention.conclusion_served, true))
    section.mistake_at("conclusion_served", "this may give no time at all");
  if (!retention.conclusion_never.text().empty() && !always_known(retention.conclusion_never, false))
    section.mistake_at("conclusion_never_served", "this may give no time at all");
  retention.withdrawal_rule = load_rule_id(section, "withdrawal_rule");
  for (const TomlNode* const node : section.tables("rules"))
    retention.rules.push_back(load_rule(*node, root.mistakes(), profile));
  check_complete(section, profile);
  section.finish();
}

}  // namespace taus::policy::detail
