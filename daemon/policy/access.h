// Who may see a category, by relation to the client and phase. The one place that knows; every read asks here.
//
// Threads: pure. A restriction or a shred is not the matrix's affair: the caller checks those as well.
#pragma once

#include "daemon/policy/profile.h"

namespace taus::policy {

// What a call's circumstances add to the relation.
struct Circumstances {
  bool purpose = false;        // a purpose is stated (and will be journalled)
  bool case_relation = false;  // had part in this case: held, booked or covered an appointment
  bool handed_over = false;    // the case was handed over to this reader
  bool booked_ahead = false;   // an appointment that is not cancelled has yet to end
  bool complaint = false;      // the rights request is a complaint
};

// The answer for one reader. Never relation_or_purpose or after_hand_over: those are resolved. `with_purpose` means that a
// purpose is missing: ask for it, then call again.
[[nodiscard]] Access access(const Profile& profile, Category category, Phase phase, Relation relation,
                            const Circumstances& circumstances = {});

// Whether that answer opens the content as a whole.
[[nodiscard]] inline bool may_read(Access access) noexcept { return access == Access::read || access == Access::need_only; }

}  // namespace taus::policy
