// What the rules of a profile say for one subject's facts: phase, and per category when its key must be gone, by which
// rule, and what holds that up. Pure: the same facts give the same answer.
//
// Threads: pure functions. Source: the profile's rules; docs/PROFILES.md explains anchors and precedence.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/policy/profile.h"

namespace taus::policy {

struct Session {
  Instant start;
  Instant end;
};

enum class Outcome : std::uint8_t { open, held, no_show, cancelled };

struct Appointment {
  Instant start;
  Instant end;
  Outcome outcome = Outcome::open;
  std::optional<Instant> cancelled_at;
};

// A legal hold or a restriction: which categories, from when, until when (excluded; nothing: until further notice).
struct Cover {
  Mask categories = 0;
  Instant from;
  std::optional<Instant> until;
};

// What is known of appointments and messages that were erased while the case was open: the last of each, as the rules ask for it.
struct Kept {
  std::optional<Instant> last_start, last_end;  // of the last session
  std::optional<Instant> last_appointment;      // end of the last that was not cancelled
  std::optional<Instant> open_end;              // end of the last without an outcome
  std::optional<Instant> dropped;               // of the last that was cancelled or missed
  std::optional<Instant> last_activity;
  [[nodiscard]] bool any() const { return last_end || last_appointment || open_end || dropped || last_activity; }
};

struct Facts {
  Instant now;
  std::vector<Session> held;               // sessions that count; group sessions and pre-calls do not
  std::vector<Appointment> scheduled;      // an entry with outcome held has its twin in `held`
  std::optional<Instant> concluded_at;     // explicitly
  std::optional<Instant> last_message_at;  // the client's own last message or inquiry
  std::optional<Instant> first_collected_at;
  std::optional<Instant> withdrawn_at;  // consent withdrawn, or erasure granted
  std::optional<Instant> rights_decided_at;
  bool rights_open = false;  // an undecided rights request keeps `rights`
  // A reopened case is never P0 again, and `first_collected_at` is when it was reopened.
  bool reopened = false;
  // Served, by sessions that are not in `held`: a reopened case whose appointments were shredded. The rules for somebody served
  // hold; where they need such a session they know no instant, and what was promised when the case was concluded stands.
  bool served_before = false;
  Kept kept{};
  std::vector<Cover> holds;
  std::vector<Cover> restrictions;
};

enum class Deferral : std::uint8_t { none, active, hold, restriction };
std::string_view deferral_name(Deferral deferral) noexcept;  // "", "active", "hold", "restriction"

struct Due {
  std::optional<Instant> at;  // nothing: no instant follows from the facts (active, or never)
  std::string rule;           // empty where the profile does not govern the category
  Deferral deferred = Deferral::none;
  // The key must be destroyed now.
  [[nodiscard]] bool overdue(Instant now) const noexcept { return at && *at <= now && deferred == Deferral::none; }
};

struct Evaluation {
  Phase phase = Phase::none;
  std::array<Due, category_slots> due;  // by category number
  bool active = false;
  bool served = false;
  std::optional<Instant> concluded_at;  // explicit or automatic; may lie ahead; nothing while active
  std::optional<Instant> survey_at;     // when the survey invitation goes out; nothing: never served, active or withdrawn
  std::optional<Instant> next_change;   // the next instant after `now` at which any of this changes by itself
};

// When evidence goes (consent, rights, audit), after the case it belongs to is gone from the facts: by the last due time of the client
// categories, as it was promised then, and the last decision on a rights request.
[[nodiscard]] Due evidence_due(const Profile& profile, const Zone& zone, Category category, bool served,
                               std::optional<Instant> last_client, std::optional<Instant> decided);
// What the rules would miss of these facts if they were erased now. What was agreed for later is called off with them.
[[nodiscard]] Kept kept_of(const Facts& facts);
[[nodiscard]] Evaluation evaluate(const Profile& profile, const Zone& zone, const Facts& facts);

}  // namespace taus::policy
