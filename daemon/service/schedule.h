// When each of a subject's categories dies, from its facts while the case lives, from its anchors afterwards.
//
// Threads: pure over Core. Source: the profile's retention rules (docs/PROFILES.md).
#pragma once

#include <array>
#include <optional>

#include "daemon/service/core.h"

namespace taus::service {

struct Schedule {
  schema::Phase phase = schema::Phase::ABSENT;
  std::array<policy::Due, category_count> due;  // by category; only live ones count
  bool active = false;
  bool served = false;
  std::optional<std::int16_t> year;     // of the last guidance
  std::optional<Instant> concluded_at;  // explicit, or automatic and past
  bool conclude_now = false;            // automatic conclusion has come and is not journalled yet
  std::optional<Instant> survey_at;     // when the invitation to the survey is due
  std::optional<Instant> next;          // when to look again
};

// What the schedule knows a subject by beside appointments, messages received, consent and anchors. Taken before an event is folded in.
class Evidence {
 public:
  explicit Evidence(const Subject* subject);
  // Whether an event of this type left everything that a schedule is made of as it was.
  [[nodiscard]] bool unmoved_by(schema::Event::Which event, const Subject* after) const;

 private:
  std::uint16_t live_ = 0;
  projections::Instants first_seen_;
};

policy::Facts facts_of(const Subject& subject, Instant now);
Schedule schedule_of(const Core& core, const Subject& subject, Instant now);
// Live categories whose time has come.
Mask overdue(const Schedule& schedule, const Subject& subject, Instant now);
// Puts the subject at its place in the due list.
void reschedule(Core& core, Ordinal subject);
// The same after the subject was looked at at `now`: its next place lies after `now`.
void reschedule_after(Core& core, Ordinal subject, Instant now);

}  // namespace taus::service
