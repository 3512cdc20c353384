// Who was given data and must be told what became of it (art. 19): composed before anything is shredded, since afterwards nobody can know.
//
// Threads: the core thread; pure over the subject, `tell_all` and `tell_due` fill a Decision.
#pragma once

#include <string>
#include <vector>

#include "daemon/service/decision.h"

namespace taus::service {

// What must still be told, each recipient once for each thing that was done.
std::vector<Notice> notices_due(const Subject& subject);
// The same for one decided request.
std::vector<Notice> notices_due(const Subject& subject, const projections::RightsState& request);

// Into the answer: everybody to whom some of these categories went, told of something before or not.
void tell_all(const Call& call, const Subject& subject, schema::NoticeAction action, Mask categories, Decision& out);
// Into the answer: what is still due.
void tell_due(const Call& call, const Subject& subject, Decision& out);
// Whether the caller may be told who the recipients are. Operators see no plaintext: they are told how many.
bool may_name_recipients(const Call& call, const Subject& subject);

}  // namespace taus::service
