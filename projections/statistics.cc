#include "projections/statistics.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

namespace taus::statistics {

namespace {

using projections::AppointmentState;
using projections::DemographicsState;

// EU and EEA without Norway, ISO 3166-1.
constexpr std::array<std::string_view, 29> eu_eea{"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI",
                                                  "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU",
                                                  "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"};

bool is_country(std::string_view name) { return name == "countryOfOrigin" || name == "nationality"; }

bool session(const AppointmentState& one) {
  return one.kind == schema::AppointmentKind::INDIVIDUAL && one.outcome == schema::Outcome::HELD;
}

std::string band_name(const std::vector<int>& bands, std::size_t i) {
  if (i + 1 == bands.size()) return std::to_string(bands[i]) + "+";
  return std::to_string(bands[i]) + "-" + std::to_string(bands[i + 1] - 1);
}

std::string_view group_of(std::string_view country) {
  if (country.empty() || country == "NO") return country.empty() ? "" : "norway";
  return std::find(eu_eea.begin(), eu_eea.end(), country) == eu_eea.end() ? "other" : "euEea";
}

std::string_view gender_of(schema::Gender gender) {
  switch (gender) {
    case schema::Gender::FEMALE: return "female";
    case schema::Gender::MALE: return "male";
    case schema::Gender::OTHER: return "other";
    case schema::Gender::ABSENT:
    case schema::Gender::UNKNOWN: return {};
  }
  return {};
}

std::string_view channel_of(schema::Channel channel_used) {
  switch (channel_used) {
    case schema::Channel::IN_PERSON: return "inPerson";
    case schema::Channel::VIDEO: return "video";
    case schema::Channel::PHONE: return "phone";
    default: return {};
  }
}

void put_back(DemographicsState& to, const projections::Replaced& one) {
  using projections::Fact;
  const std::string& text = one.before.front();
  switch (one.fact) {
    case Fact::municipality_code: to.municipality_code = text; break;
    case Fact::age_years: to.age_years = static_cast<std::int16_t>(std::stoi(text)); break;
    case Fact::gender: to.gender = static_cast<schema::Gender>(std::stoi(text)); break;
    case Fact::nationality: to.nationality = text; break;
    case Fact::country_of_origin: to.country_of_origin = text; break;
    case Fact::mother_tongue: to.mother_tongue = text; break;
    case Fact::education_level: to.education_level = text; break;
    case Fact::labour_status: to.labour_status = one.before; break;
  }
}

// The facts as the year counts them: later changes undone, newest first; what was not known then stands as first told.
DemographicsState facts_of(const Zone& zone, const Subject& subject, int year) {
  DemographicsState out = *subject.demographics;
  const auto in_force = static_cast<std::size_t>(facts_in_force(zone, subject, year).value_or(0));
  for (std::size_t i = out.replaced.size(); i-- > in_force;) put_back(out, subject.demographics->replaced[i]);
  return out;
}

// One cell more; nothing where the answer says nothing.
bool count_cell(Breakdown& to, std::string_view cell) {
  if (cell.empty()) return false;
  const auto it = to.cells.find(cell);
  if (it != to.cells.end())
    ++it->second;
  else
    to.cells.emplace(cell, 1);
  return true;
}

// What the files say of a table itself cannot be the name of a cell in it as well.
std::string_view cell_of(std::string_view answer) { return answer == "total" || answer == "withheld" ? "other" : answer; }

bool count_each(Breakdown& to, const std::vector<std::string>& answers) {
  bool any = false;
  for (auto it = answers.begin(); it != answers.end(); ++it)  // an answer given twice counts once
    if (*it != "unknown" && std::find(answers.begin(), it, *it) == it) any = count_cell(to, cell_of(*it)) || any;
  return any;
}

bool count_age(const Dimension& of, const DemographicsState& from, Breakdown& to) {
  for (std::size_t i = of.bands.size(); i-- > 0;)
    if (from.age_years >= of.bands[i]) return count_cell(to, of.listed[i]);
  return false;
}

using CountFact = bool (*)(const Dimension&, const DemographicsState&, Breakdown&);
struct Source {
  std::string_view name;
  CountFact count;  // counts the cells that a client stands in; false: unknown
};
constexpr std::array<Source, 8> sources{{
    {"gender",
     [](const Dimension&, const DemographicsState& from, Breakdown& to) { return count_cell(to, gender_of(from.gender)); }},
    {"ageYears", count_age},
    {"municipalityCode",
     [](const Dimension&, const DemographicsState& from, Breakdown& to) {
       return from.municipality_code != "9999" && count_cell(to, from.municipality_code);
     }},
    {"countryOfOrigin", [](const Dimension&, const DemographicsState& from,
                           Breakdown& to) { return count_cell(to, group_of(from.country_of_origin)); }},
    {"nationality",
     [](const Dimension&, const DemographicsState& from, Breakdown& to) { return count_cell(to, group_of(from.nationality)); }},
    {"motherTongue",
     [](const Dimension& of, const DemographicsState& from, Breakdown& to) {
       return count_cell(to, of.one_code == nullptr ? from.mother_tongue : of.one_code(from.mother_tongue));
     }},
    {"educationLevel", [](const Dimension&, const DemographicsState& from,
                          Breakdown& to) { return from.education_level != "9" && count_cell(to, from.education_level); }},
    {"labourStatus",
     [](const Dimension&, const DemographicsState& from, Breakdown& to) { return count_each(to, from.labour_status); }},
}};

CountFact source_of(const std::string& name) {
  const auto* const found = std::find_if(sources.begin(), sources.end(), [&](const Source& one) { return one.name == name; });
  return found == sources.end() ? nullptr : found->count;
}

std::string_view kind_of(schema::RightsKind kind) {
  switch (kind) {
    case schema::RightsKind::ACCESS: return "access";
    case schema::RightsKind::PORTABILITY: return "portability";
    case schema::RightsKind::RECTIFY: return "rectify";
    case schema::RightsKind::SUPPLEMENT: return "supplement";
    case schema::RightsKind::ERASE: return "erase";
    case schema::RightsKind::RESTRICT: return "restrict";
    case schema::RightsKind::OBJECT: return "object";
    case schema::RightsKind::COMPLAINT: return "complaint";
    case schema::RightsKind::ABSENT: return {};
  }
  return {};
}

// Local calendar days from receipt to decision, in the bands that the law's month and the notice's 30 days make of interest.
std::string_view days_band(std::int64_t days) {
  if (days <= 7) return "0-7";
  if (days <= 14) return "8-14";
  if (days <= 30) return "15-30";
  return days <= 90 ? "31-90" : "91+";
}

std::int64_t day_number(const Zone::Date& d) {
  using namespace std::chrono;
  return sys_days(std::chrono::year(d.year) / static_cast<int>(d.month) / static_cast<int>(d.day)).time_since_epoch().count();
}

void count(Breakdown& to, bool person, bool known) {
  to.people += person ? 1 : 0;
  to.answered += known ? 1 : 0;
}

}  // namespace

Dimension dimension(std::string name, std::vector<int> bands, std::vector<std::string> options) {
  Dimension out{.name = std::move(name), .bands = std::move(bands), .listed = std::move(options)};
  if (out.name == "gender") out.listed = {"female", "male", "other"};
  if (out.name == "channel") out.listed = {"inPerson", "video", "phone"};
  if (is_country(out.name)) out.listed = {"norway", "euEea", "other"};
  std::sort(out.bands.begin(), out.bands.end());
  if (!out.bands.empty()) out.listed.clear();
  for (std::size_t i = 0; i < out.bands.size(); ++i) out.listed.push_back(band_name(out.bands, i));
  std::erase(out.listed, "unknown");
  if (out.name == "educationLevel") std::erase(out.listed, "9");
  if (!out.listed.empty())
    out.kind = Kind::listed;
  else if (out.name == own_words || out.name == "motherTongue")
    out.kind = Kind::open;
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
    to.people += from.people;
    for (const auto& [cell, n] : from.cells) to.cells[cell] += n;
  }
  for (const auto& [name, n] : other.counts) counts[name] += n;
}

void Tally::drop_empty() {
  std::erase_if(breakdowns, [](const auto& one) { return one.second == Breakdown{}; });
}

std::optional<std::int32_t> facts_in_force(const Zone& zone, const Subject& subject, int year) {
  const auto& anchor = subject.anchors[static_cast<std::size_t>(Category::demog)];
  if (anchor && anchor->year == year && anchor->counted >= 0) return anchor->counted;
  const auto& kept = subject.kept_facts[static_cast<std::size_t>(Category::demog)];
  if (kept && kept->counted >= 0 && kept->last_start && zone.year_of(*kept->last_start) == year) return kept->counted;
  std::optional<Instant> first;
  for (const AppointmentState& one : subject.appointments)
    if (session(one) && zone.year_of(one.start) == year && (!first || one.end < *first)) first = one.end;
  if (!first || !subject.demographics) return std::nullopt;
  const auto& replaced = subject.demographics->replaced;
  return static_cast<std::int32_t>(
      std::count_if(replaced.begin(), replaced.end(), [&](const auto& one) { return one.at <= *first; }));
}

std::optional<std::int32_t> earlier_sessions(const Zone& zone, const Subject& subject, int year) {
  if ((subject.gone & bit(Category::appt)) == 0) return 0;
  const auto& kept = subject.kept_facts[static_cast<std::size_t>(Category::ident)];
  const auto& anchor = subject.anchors[static_cast<std::size_t>(Category::ident)];
  const bool of_kept = kept && kept->last_start && zone.year_of(*kept->last_start) == year;
  if (!of_kept && !(anchor && anchor->year == year))
    return subject.has(Category::ident) && !subject.anchor() ? std::optional(0) : std::nullopt;
  const std::int32_t known = subject.has(Category::appt) ? subject.sessions.earlier : subject.sessions.all;
  return known < 0 ? std::nullopt : std::optional(known);
}

std::optional<std::int32_t> sessions_of(const Zone& zone, const Subject& subject, int year) {
  const std::optional<std::int32_t> earlier = earlier_sessions(zone, subject, year);
  if (!earlier) return std::nullopt;
  return *earlier +
         static_cast<std::int32_t>(std::count_if(subject.appointments.begin(), subject.appointments.end(), [&](const auto& one) {
           return session(one) && zone.year_of(one.start) == year;
         }));
}

Counter::Counter(const Rules& rules, const Zone& zone, int year, Tally& to)
    : rules_(rules),
      zone_(zone),
      year_(year),
      begin_(zone.year_end(year - 1)),
      end_(zone.year_end(year)),
      to_(to),
      channel_(&to.breakdowns[channel]),
      each_(&to.breakdowns[sessions_each]) {
  for (const Dimension& one : rules.dimensions)
    if (one.name != channel) facts_.push_back({.dimension = &one, .count = source_of(one.name), .to = &to.breakdowns[one.name]});
}

// A client of this year whose appointments were shredded was counted then.
bool Counter::counted_before(const Subject& subject) const {
  if ((subject.gone & bit(Category::appt)) == 0) return false;
  if (const projections::Kept* kept = subject.kept(); kept != nullptr && kept->last_start && in_year(*kept->last_start))
    return true;
  const auto anchor = subject.anchor();
  if (!anchor || anchor->year != year_) return false;
  const std::optional<std::int32_t> earlier = earlier_sessions(zone_, subject, year_);
  return !earlier || *earlier > 0;  // what went may have been no session
}

// A case by itself: not where it goes on after its appointments were erased.
bool Counter::counts_again(const Subject& subject) const {
  if (!counted_before(subject)) return true;
  const projections::Kept* const kept = subject.kept();
  return rules_.by_case && (kept == nullptr || !kept->last_start) && earlier_sessions(zone_, subject, year_).has_value();
}

bool Counter::guided(const Subject& subject) const {
  if (counted_before(subject)) return true;
  if ((subject.restricted() & bit(Category::appt)) != 0) return false;  // is no client of the year then
  return std::any_of(subject.appointments.begin(), subject.appointments.end(),
                     [&](const AppointmentState& one) { return session(one) && in_year(one.start); });
}

void Counter::add_appointments(const Subject& subject, bool facts) {
  std::uint64_t sessions = 0;
  for (const AppointmentState& one : subject.appointments) {
    if (one.kind != schema::AppointmentKind::INDIVIDUAL || !in_year(one.start)) continue;
    ++to_.bookings;
    if (one.outcome == schema::Outcome::NO_SHOW) ++to_.no_shows;
    if (one.outcome == schema::Outcome::CANCELLED) ++to_.cancellations;
    if (!session(one)) continue;
    if (facts) count(*channel_, sessions == 0, count_cell(*channel_, channel_of(one.channel)));
    ++sessions;
  }
  to_.sessions += sessions;
  if (sessions == 0 || !counts_again(subject)) return;
  ++to_.clients;
  if (facts && rules_.by_case) count_sessions(sessions);
}

void Counter::count_sessions(std::uint64_t sessions) {
  if (sessions > 0) count(*each_, true, count_cell(*each_, sessions >= 3 ? "3+" : sessions == 2 ? "2" : "1"));
}

// Of a client of the year, with the name: that stays until the year is over in which she may return.
void Counter::add_sessions_each(const Subject& subject) {
  const std::optional<std::int32_t> earlier = earlier_sessions(zone_, subject, year_);
  if (!earlier) return;
  const auto sessions = *earlier + std::count_if(subject.appointments.begin(), subject.appointments.end(),
                                                 [&](const AppointmentState& one) { return session(one) && in_year(one.start); });
  count_sessions(static_cast<std::uint64_t>(sessions));
}

void Counter::add_facts(const Subject& subject, bool demographics, bool intake) {
  std::optional<DemographicsState> earlier;
  if (demographics && !subject.demographics->replaced.empty()) earlier = facts_of(zone_, subject, year_);
  for (const Counted& one : facts_) {
    if (one.count != nullptr && demographics)
      count(*one.to, true, one.count(*one.dimension, earlier ? *earlier : *subject.demographics, *one.to));
    if (one.count == nullptr && intake) count(*one.to, true, count_each(*one.to, subject.focus_areas));
  }
}

void Counter::add_requests(const Subject& subject, bool facts) {
  bool first = true;
  for (const projections::RightsState& one : subject.requests) {
    if (!one.decided_at || !in_year(*one.decided_at)) continue;
    ++to_.counts[requests_decided];
    if (!facts) continue;
    Breakdown& kinds = to_.breakdowns[requests_by_kind];
    Breakdown& days = to_.breakdowns[requests_by_days];
    const std::int64_t taken = day_number(zone_.date_of(*one.decided_at)) - day_number(zone_.date_of(one.received_at));
    count(kinds, first, count_cell(kinds, kind_of(one.kind)));
    count(days, first, count_cell(days, days_band(taken)));
    first = false;
  }
}

// Of who returns, what she came for first stands.
bool Counter::counts_words(const Subject& subject, std::uint16_t live) const {
  return (live & bit(Category::intake)) != 0 && ((subject.gone & bit(Category::intake)) == 0 || !counted_before(subject));
}

bool Counter::wrote_any(const Subject& subject, std::uint16_t categories, bool facts, const RareWords& of) const {
  if (subject.is_staff() || !facts || !counts_words(subject, subject.live & categories) || !guided(subject)) return false;
  return std::any_of(subject.focus_areas.begin(), subject.focus_areas.end(), [&](const std::string& word) {
    return word != "unknown" && !word.empty() && (cell_of(word) == other_words || of.contains(word));
  });
}

void Counter::add(const Subject& subject, std::uint16_t categories, bool facts) {
  if (subject.is_staff()) return;
  const std::uint16_t live = subject.live & categories;
  if ((live & bit(Category::appt)) != 0) add_appointments(subject, facts);
  if ((live & bit(Category::email)) != 0)
    for (const Instant at : subject.invitations)
      if (in_year(at)) ++to_.counts[invitations];
  if (rules_.inquiries && (live & bit(Category::intake)) != 0)
    for (const projections::InquiryState& one : subject.inquiries) {
      if (in_year(one.received_at)) ++to_.counts[inquiries_received];
      if (one.answered_at && in_year(*one.answered_at)) ++to_.counts[inquiries_answered];
    }
  if ((live & bit(Category::rights)) != 0 && !subject.requests.empty()) add_requests(subject, facts);
  const bool demographics = (live & bit(Category::demog)) != 0 && subject.demographics;
  const bool intake = counts_words(subject, live);
  const bool ident = (live & bit(Category::ident)) != 0;
  if (!facts || !(demographics || intake || ident) || !guided(subject)) return;
  if (ident && !rules_.by_case) add_sessions_each(subject);
  if (demographics || intake) add_facts(subject, demographics, intake);
}

void Counter::fetch(const Subject& far, const Subject& near) {
  __builtin_prefetch(&far.live);
  __builtin_prefetch(&far.appointments);
  __builtin_prefetch(&far.consent.withdrawn_at);
  __builtin_prefetch(&far.focus_areas);
  constexpr std::size_t cache_line = 64;
  for (std::size_t at = 0; at < sizeof(far.demographics); at += cache_line)
    __builtin_prefetch(reinterpret_cast<const char*>(&far.demographics) + at);
  __builtin_prefetch(near.appointments.data());
  __builtin_prefetch(near.focus_areas.data());
  if (near.demographics) __builtin_prefetch(near.demographics->labour_status.data());
}

Tally contribution(const Rules& rules, const Zone& zone, const Subject& subject, int year, std::uint16_t categories, bool facts) {
  Tally out;
  Counter(rules, zone, year, out).add(subject, categories, facts);
  out.drop_empty();
  return out;
}

std::vector<int> years_of(const Zone& zone, const Subject& subject) {
  std::set<int> years;
  for (const AppointmentState& one : subject.appointments) years.insert(zone.year_of(one.start));
  for (const Instant at : subject.invitations) years.insert(zone.year_of(at));
  for (const projections::InquiryState& one : subject.inquiries) {
    years.insert(zone.year_of(one.received_at));
    if (one.answered_at) years.insert(zone.year_of(*one.answered_at));
  }
  for (const projections::RightsState& one : subject.requests)
    if (one.decided_at) years.insert(zone.year_of(*one.decided_at));
  if (const auto anchor = subject.anchor(); anchor && anchor->year >= 0) years.insert(anchor->year);
  if (const projections::Kept* kept = subject.kept(); kept != nullptr && kept->last_start)
    years.insert(zone.year_of(*kept->last_start));
  return {years.begin(), years.end()};
}

namespace {

bool own_words_taken(const Rules& rules) {
  return std::any_of(rules.dimensions.begin(), rules.dimensions.end(),
                     [](const Dimension& one) { return one.name == own_words && one.kind == Kind::open; });
}

bool may_name(const Breakdown& to, const std::string& word, std::uint64_t leaving, std::uint64_t enough,
              const StayingWords& staying) {
  const auto named = to.cells.find(word);
  if (named != to.cells.end()) return true;  // at least k wrote it before
  if (to.cells.size() >= named_words_max || word.size() > named_word_bytes_max) return false;
  return leaving >= enough || leaving + staying(word) >= enough;
}

}  // namespace

void fold_group(const Rules& rules, Tally& tally, const std::vector<Tally>& group, const StayingWords& staying) {
  Tally sum;
  for (const Tally& one : group) sum.add(one);
  Tally totals = sum;
  totals.breakdowns.clear();
  tally.add(totals);
  for (const auto& [name, from] : sum.breakdowns) {
    Breakdown& to = tally.breakdowns[name];
    to.people += from.people;
#ifdef TAUS_PLANT_FOLD_ALONE
    const std::uint64_t enough = rules.k - rules.k;
#else
    const std::uint64_t enough = rules.k;
#endif
    if (to.people < enough) continue;
    to.answered += from.answered;
    if (name != own_words || !own_words_taken(rules)) {
      for (const auto& [cell, n] : from.cells) to.cells[cell] += n;
      continue;
    }
    std::set<std::string_view> unnamed;
    for (const auto& [word, n] : from.cells) {
      if (word != other_words && may_name(to, word, n, enough, staying))
        to.cells[word] += n;
      else
        unnamed.insert(word);
    }
    for (const Tally& one : group) {
      const auto own = one.breakdowns.find(own_words);
      if (own == one.breakdowns.end()) continue;
      const Cells& words = own->second.cells;
      if (std::any_of(words.begin(), words.end(), [&](const auto& each) { return unnamed.contains(each.first); }))
        ++to.cells[other_words];
    }
  }
}

RareWords rare_words(const Rules& rules, const Tally& tally) {
  RareWords out;
  const auto words = tally.breakdowns.find(own_words);
  if (words == tally.breakdowns.end() || !own_words_taken(rules)) return out;
  for (const auto& [word, n] : words->second.cells)
    if (n < rules.k && word != other_words) out.insert(word);
  return out;
}

void gather_rare(const RareWords& words, const Tally& folded, std::uint64_t clients, Tally& to) {
  const auto before = folded.breakdowns.find(own_words);
  std::uint64_t others = clients;
  if (before != folded.breakdowns.end())
    for (const auto& [word, n] : before->second.cells)
      if (word == other_words || words.contains(word)) others += n;
  Cells& cells = to.breakdowns[own_words].cells;
  const std::vector<std::string> names(words.begin(), words.end());
  for (const std::string& word : names) cells.erase(word);
  cells[other_words] = others;
}

}  // namespace taus::statistics
