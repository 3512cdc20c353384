#include "projections/subject.h"

#include <algorithm>

namespace taus::projections {

std::optional<Anchor> Subject::anchor() const {
  return anchors.begin() == anchors.end() ? std::nullopt : std::optional(*anchors.begin());
}

const Kept* Subject::kept() const { return kept_facts.begin() == kept_facts.end() ? nullptr : &*kept_facts.begin(); }

std::optional<Instant> Subject::reopened_at() const {
  const std::optional<Anchor> known = anchor();
  return known ? known->reopened_at : std::nullopt;
}

bool Subject::only_evidence() const noexcept {
  constexpr auto evidence = bit(Category::rights) | bit(Category::audit) | bit(Category::copy);
  return live != 0 && (live & ~evidence) == 0 && (gone & client_categories) != 0;
}

schema::Phase Subject::phase() const {
  if (only_evidence()) return schema::Phase::P2;
  const std::optional<Anchor> known = anchor();
  if (known) return known->phase;
  const bool held = std::any_of(appointments.begin(), appointments.end(), [](const AppointmentState& one) {
    return one.outcome == schema::Outcome::HELD && one.kind == schema::AppointmentKind::INDIVIDUAL;
  });
  const bool cannot_tell = (gone & bit(Category::appt)) != 0;  // also with new ones: what was erased may have been held
  return held || cannot_tell ? schema::Phase::P1 : schema::Phase::P0;
}

std::uint16_t Subject::held() const {
  unsigned out = 0;
  for (const CoverState& one : covers)
    if (one.hold && !one.until) out |= one.categories | static_cast<unsigned>(bit(Category::rights));
  return static_cast<std::uint16_t>(out);
}

std::uint16_t Subject::restricted() const {
  unsigned out = 0;
  for (const CoverState& one : covers)
    if (!one.hold && !one.until) out |= one.categories;
  return static_cast<std::uint16_t>(out);
}

std::uint16_t Subject::kept_for_requests() const {
  unsigned out = 0;
  for (const RightsState& one : requests) {
    if (!one.open()) continue;
    out |= bit(Category::rights);
    if (one.wants_copy()) out |= bit(Category::copy);
  }
  return static_cast<std::uint16_t>(out);
}

const RightsState* Subject::request(std::uint32_t number) const {
  const auto it = std::find_if(requests.begin(), requests.end(), [&](const auto& one) { return one.number == number; });
  return it == requests.end() ? nullptr : &*it;
}

std::optional<Instant> Subject::withdrawn_at() const {
  if (consent.withdrawn_at) return consent.withdrawn_at;
  for (const CoverState& one : covers)
    if (one.by_withdrawal) return one.from;
  return std::nullopt;
}

Ordinal Subject::assigned() const {
  if (counsellor != 0) return counsellor;
  const std::optional<Anchor> known = anchor();
  return known ? known->counsellor : 0;
}

const AppointmentState* Subject::appointment(std::uint32_t number) const {
  const auto it = std::find_if(appointments.begin(), appointments.end(), [&](const auto& one) { return one.number == number; });
  return it == appointments.end() ? nullptr : &*it;
}

std::optional<Instant> Subject::first_collected() const { return first_seen.earliest(); }

void Subject::forget(Category category) {
  anchors.reset(category);
  kept_facts.reset(category);
  first_seen.reset(category);
  if (has(category)) gone = static_cast<std::uint16_t>(gone | bit(category));
  live = static_cast<std::uint16_t>(live & ~bit(category));
  switch (category) {
    case Category::ident:
      name = std::string();
      sessions = {};
      break;
    case Category::email:
      email = std::string();
      survey_invited = false;
      survey_at.reset();
      invitations = {};
      break;
    case Category::phone: phone = std::string(); break;
    case Category::demog: demographics.reset(); break;
    case Category::special: accommodation_need = std::string(); break;
    case Category::intake:
      focus_areas = {};
      current_situation = std::string();
      inquiries = {};
      break;
    case Category::case_:
      logs = {};
      concluded_at.reset();
      break;
    case Category::corr: messages = {}; break;
    case Category::appt:
      appointments = {};
      counsellor = 0;
      break;
    case Category::consent: consent = {}; break;
    case Category::audit: reads = {}; break;
    case Category::staff: staff.reset(); break;
    case Category::rights:
      covers = {};
      requests = {};
      passed_on = {};
      notices = {};
      break;
    case Category::copy: snapshots = {}; break;
    case Category::job:
    case Category::centre: break;
  }
}

}  // namespace taus::projections
