#include "daemon/policy/access.h"

namespace taus::policy {
namespace {

Access cell(const Profile& profile, Category category, Phase phase, Relation relation, bool complaint) {
  const auto reader = static_cast<std::size_t>(relation);
  if (category == Category::rights && complaint) return profile.access.complaint[reader];
  return profile.access.rows[static_cast<std::size_t>(phase)][index_of(category)][reader];
}

}  // namespace

Access access(const Profile& profile, Category category, Phase phase, Relation relation, const Circumstances& circumstances) {
  // The matrix has one plane for a profile without phases and three for one with; the other planes are empty: none.
  const Access said = cell(profile, category, phase, relation, circumstances.complaint);
  switch (said) {
    case Access::with_purpose: return circumstances.purpose ? Access::read : Access::with_purpose;
    case Access::relation_or_purpose:
      return circumstances.case_relation || circumstances.purpose ? Access::read : Access::with_purpose;
    case Access::after_hand_over: return circumstances.handed_over ? Access::read : Access::none;
    case Access::need_only: return circumstances.booked_ahead ? Access::need_only : Access::none;
    default: return said;
  }
}

}  // namespace taus::policy
