#include "daemon/policy/explain.h"

#include <algorithm>

#include "daemon/policy/access.h"

namespace taus::policy {
namespace {

// All that is written here is plain ASCII without anything to escape: names, rule ids, times.
std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }
std::string quoted_or_null(std::string_view text) { return text.empty() ? "null" : quoted(text); }

std::string due_json(const Due& due) {
  return "{\"at\":" + (due.at ? quoted(Zone::format_utc(*due.at)) : std::string("null")) + ",\"rule\":" + quoted(due.rule) +
         ",\"deferred\":" + quoted_or_null(deferral_name(due.deferred)) + "}";
}

// Whoever may read the content: with a purpose stated, but with nothing else that facts do not tell.
std::string readers_json(const Profile& profile, Category category, Phase phase, bool booked_ahead) {
  std::string out;
  for (std::size_t i = 0; i < relation_count; ++i) {
    const auto relation = static_cast<Relation>(i);
    const Circumstances circumstances{.purpose = true, .booked_ahead = booked_ahead};
    if (may_read(access(profile, category, phase, relation, circumstances)))
      out += (out.empty() ? "" : ",") + quoted(relation_name(relation));
  }
  return "[" + out + "]";
}

bool is_booked_ahead(const Facts& facts) {
  return std::any_of(facts.scheduled.begin(), facts.scheduled.end(),
                     [&](const Appointment& a) { return a.outcome != Outcome::cancelled && a.end > facts.now; });
}

std::string answer(const Profile& profile, const Zone& zone, const Facts& facts) {
  const Evaluation e = evaluate(profile, zone, facts);
  const Mask governed = governed_categories(profile);
  const bool booked_ahead = is_booked_ahead(facts);
  std::string due;
  std::string access;
  for (int c = 0; c < category_count; ++c) {
    const auto category = static_cast<Category>(c);
    if (!has(governed, category)) continue;
    const std::string key = (due.empty() ? "" : ",") + quoted(name(category)) + ":";
    due += key + due_json(e.due[index_of(category)]);
    access += key + readers_json(profile, category, e.phase, booked_ahead);
  }
  return "{\"phase\":" + quoted_or_null(phase_name(e.phase)) + ",\"due\":{" + due + "},\"access\":{" + access + "}}";
}

bool blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace

Result<std::string> explain(const Profile& profile, const Zone& zone, std::string_view facts_json) {
  TAUS_TRY_ASSIGN(const Facts facts, parse_facts(zone, facts_json));
  return answer(profile, zone, facts);
}

Result<std::string> explain_lines(const Profile& profile, const Zone& zone, std::string_view text) {
  if (blank(text)) return Error(ErrorCode::malformed, "there are no facts; give a JSON document, or several, one a line");
  // A single document may be spread over lines; several are one a line.
  const auto whole = explain(profile, zone, text);
  if (whole) return *whole + "\n";
  const bool one_document = whole.error().code == ErrorCode::invalid_argument ||
                            text.find('\n', text.find_first_not_of(" \t\r\n")) == std::string_view::npos;
  if (one_document) return whole.error();
  std::string out;
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (blank(line)) continue;
    const auto one = explain(profile, zone, line);
    if (!one) return Error(one.error().code, "line " + std::to_string(number) + ": " + one.error().message, one.error().pointer);
    out += *one + "\n";
  }
  return out;
}

}  // namespace taus::policy
