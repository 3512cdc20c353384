// The parts of load_profile, one per section of the file. Each notes its mistakes and leaves what it could read.
#pragma once

#include "daemon/policy/profile.h"
#include "daemon/policy/section.h"

namespace taus::policy::detail {

void load_fields(Section& root, Profile& profile);      // [[form]], [[record]]
void load_access(Section& root, Profile& profile);      // [[access]]
void load_retention(Section& root, Profile& profile);   // [retention]
void load_statistics(Section& root, Profile& profile);  // [statistics]

// Categories by name; what the profile does not know of is a mistake.
Mask load_categories(Section& section, std::string_view key, Mask allowed, std::string_view allowed_are);
Words load_words(Section& section);  // nb, nn, en

}  // namespace taus::policy::detail
