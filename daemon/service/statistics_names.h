// What the codes of a published table mean, in bokmål.
//
// Threads: pure functions. Errors: none; what has no other name is named by its code.
#pragma once

#include <string>

#include "daemon/policy/profile.h"

namespace taus::service {

// "Bostedskommune": of a table or a count.
std::string table_name(const policy::Profile& profile, const std::string& table);
// "Sandefjord (Vestfold)": of a cell in that table.
std::string cell_name(const std::string& table, const std::string& code);

}  // namespace taus::service
