// What the policy tests share: the zone, the profiles, and short ways to write times and facts.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "daemon/policy/retention.h"

namespace taus::policy {

inline const Zone& oslo() {
  static const Zone zone = Zone::load().value();
  return zone;
}
inline Instant at(std::string_view text) { return oslo().parse_time(text).value(); }
inline std::string utc(std::optional<Instant> t) { return t ? Zone::format_utc(*t) : "-"; }

inline const Profile& built_in(const std::string& name) {
  static const Profile vt = built_in_profile("vt").value();
  static const Profile mt = built_in_profile("mt").value();
  return name == "vt" ? vt : mt;
}

inline std::string third_text() {
  std::ifstream in(TAUS_TEST_DATA "/third.toml", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
inline const Profile& third() {
  static const Profile profile = load_profile(third_text(), "third").value();
  return profile;
}

inline Session session(std::string_view start, std::string_view end) { return {at(start), at(end)}; }
inline Appointment appointment(std::string_view start, std::string_view end, Outcome outcome = Outcome::open) {
  return {at(start), at(end), outcome, std::nullopt};
}
inline Appointment cancelled(std::string_view start, std::string_view end, std::string_view when) {
  return {at(start), at(end), Outcome::cancelled, at(when)};
}

// "2025-06-30T08:00:00Z VT-R9", with " (hold)" where deferred.
inline std::string told(const Evaluation& e, Category category) {
  const Due& due = e.due[index_of(category)];
  std::string out = utc(due.at) + " " + due.rule;
  if (due.deferred != Deferral::none) out += " (" + std::string(deferral_name(due.deferred)) + ")";
  return out;
}

}  // namespace taus::policy
