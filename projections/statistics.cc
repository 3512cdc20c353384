#include "projections/statistics.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace taus::statistics {

namespace {

using projections::AppointmentState;
using projections::DemographicsState;

// EU and EEA without Norway, ISO 3166-1.
constexpr std::array<std::string_view, 29> eu_eea{"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
                                                  "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"};

bool is_country(std::string_view name) { return name == "countryOfOrigin" || name == "nationality"; }

bool session(const AppointmentState& one) {
  return one.kind == schema::AppointmentKind::INDIVIDUAL && one.outcome == schema::Outcome::HELD;
}

std::string band_of(const std::vector<int>& bands, int value) {
  for (std::size_t i = bands.size(); i-- > 0;) {
    if (value < bands[i]) continue;
    if (i + 1 == bands.size()) return std::to_string(bands[i]) + "+";
    return std::to_string(bands[i]) + "-" + std::to_string(bands[i + 1] - 1);
  }
  return {};
}

std::string group_of(std::string_view country) {
  if (country.empty() || country == "NO") return country.empty() ? "" : "norway";
  return std::find(eu_eea.begin(), eu_eea.end(), country) == eu_eea.end() ? "other" : "euEea";
}

std::string gender_of(schema::Gender gender) {
  switch (gender) {
    case schema::Gender::FEMALE: return "female";
    case schema::Gender::MALE: return "male";
    case schema::Gender::OTHER: return "other";
    case schema::Gender::ABSENT:
    case schema::Gender::UNKNOWN: return {};
  }
  return {};
}

std::string channel_of(schema::Channel channel_used) {
  switch (channel_used) {
    case schema::Channel::IN_PERSON: return "inPerson";
    case schema::Channel::VIDEO: return "video";
    case schema::Channel::PHONE: return "phone";
    default: return {};
  }
}

// The cells that a client stands in; none: unknown.
std::set<std::string> values(const Dimension& of, const DemographicsState& from) {
  std::set<std::string> out;
  if (of.name == "gender") out.insert(gender_of(from.gender));
  if (of.name == "ageYears" && from.age_years >= 0) out.insert(band_of(of.bands, from.age_years));
  if (of.name == "municipalityCode" && from.municipality_code != "9999") out.insert(from.municipality_code);
  if (of.name == "countryOfOrigin") out.insert(group_of(from.country_of_origin));
  if (of.name == "nationality") out.insert(group_of(from.nationality));
  if (of.name == "motherTongue") out.insert(from.mother_tongue);
  if (of.name == "educationLevel" && from.education_level != "9") out.insert(from.education_level);
  if (of.name == "labourStatus")
    for (const std::string& one : from.labour_status)
      if (one != "unknown") out.insert(one);
  out.erase(std::string());
  return out;
}

void count(Tally& to, const std::string& name, const std::set<std::string>& cells) {
  if (cells.empty()) return;
  Breakdown& breakdown = to.breakdowns[name];
  ++breakdown.answered;
  for (const std::string& one : cells) ++breakdown.cells[one];
}

// A client of this year whose appointments were shredded was counted then.
bool counted_before(const Subject& subject, int year) {
  const auto anchor = subject.anchor();
  return (subject.gone & bit(Category::appt)) != 0 && anchor && anchor->year == year;
}

void count_appointments(const Rules& rules, const Zone& zone, const Subject& subject, int year, Tally& out) {
  for (const AppointmentState& one : subject.appointments) {
    if (one.kind != schema::AppointmentKind::INDIVIDUAL || zone.year_of(one.start) != year) continue;
    ++out.bookings;
    if (one.outcome == schema::Outcome::NO_SHOW) ++out.no_shows;
    if (one.outcome == schema::Outcome::CANCELLED) ++out.cancellations;
    if (!session(one)) continue;
    ++out.sessions;
    if (const std::string used = channel_of(one.channel); !used.empty()) count(out, channel, {used});
  }
  if (out.sessions == 0 || (!rules.by_case && counted_before(subject, year))) return;
  out.clients = 1;
  count(out, sessions_each, {out.sessions >= 3 ? std::string("3+") : std::to_string(out.sessions)});
}

bool guided_in(const Zone& zone, const Subject& subject, int year) {
  if (counted_before(subject, year)) return true;
  return std::any_of(subject.appointments.begin(), subject.appointments.end(),
                     [&](const AppointmentState& one) { return session(one) && zone.year_of(one.start) == year; });
}

}  // namespace

Dimension dimension(std::string name, std::vector<int> bands, std::vector<std::string> options) {
  Dimension out{.name = std::move(name), .bands = std::move(bands), .listed = std::move(options)};
  if (out.name == "gender") out.listed = {"female", "male", "other"};
  if (out.name == "channel") out.listed = {"inPerson", "video", "phone"};
  if (is_country(out.name)) out.listed = {"norway", "euEea", "other"};
  std::sort(out.bands.begin(), out.bands.end());
  if (!out.bands.empty()) out.listed.clear();
  for (const int lower : out.bands) out.listed.push_back(band_of(out.bands, lower));
  std::erase(out.listed, "unknown");
  if (out.name == "educationLevel") std::erase(out.listed, "9");
  if (!out.listed.empty()) out.kind = Kind::listed;
  else if (out.name == "focusAreas" || out.name == "motherTongue") out.kind = Kind::open;
  return out;
}

void Tally::add(const Tally& other) {
  clients += other.clients;
  sessions += other.sessions;
  bookings += other.bookings;
  no_shows += other.no_shows;
  cancellations += other.cancellations;
  for (const auto& [name, from] : other.breakdowns) {
    Breakdown& to = breakdowns[name];
    to.answered += from.answered;
    for (const auto& [cell, n] : from.cells) to.cells[cell] += n;
  }
}

Tally Tally::totals_only() const {
  Tally out = *this;
  out.breakdowns.clear();
  return out;
}

Tally contribution(const Rules& rules, const Zone& zone, const Subject& subject, int year, std::uint16_t categories) {
  Tally out;
  if (subject.is_staff()) return out;
  const std::uint16_t live = subject.live & categories;
  if ((live & bit(Category::appt)) != 0) count_appointments(rules, zone, subject, year, out);
  if (!guided_in(zone, subject, year)) return out;
  for (const Dimension& one : rules.dimensions) {
    if (one.name == "focusAreas") {
      if ((live & bit(Category::intake)) != 0) count(out, one.name, {subject.focus_areas.begin(), subject.focus_areas.end()});
    } else if ((live & bit(Category::demog)) != 0 && subject.demographics) {
      count(out, one.name, values(one, *subject.demographics));
    }
  }
  return out;
}

std::vector<int> years_of(const Zone& zone, const Subject& subject) {
  std::set<int> years;
  for (const AppointmentState& one : subject.appointments) years.insert(zone.year_of(one.start));
  if (const auto anchor = subject.anchor(); anchor && anchor->year >= 0) years.insert(anchor->year);
  return {years.begin(), years.end()};
}

void fold_group(const Rules& rules, Tally& tally, const std::vector<Tally>& group) {
  std::uint64_t people = 0;
  for (const Tally& one : group) {
    people += one.empty() ? 0 : 1;
    tally.add(one.totals_only());
  }
  if (people < rules.k && tally.clients < rules.k) return;
  for (const Tally& one : group) {
    Tally known;
    known.breakdowns = one.breakdowns;
    tally.add(known);
  }
}

}  // namespace taus::statistics
