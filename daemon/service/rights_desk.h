// What commands and queries of the rights desk share: naming a request, who may have to do with it, its deadline.
//
// Threads: the core thread. Errors: not_found, shredded, unauthorized, as each says. Source: GDPR art. 12 to 21; the profile's deadlines.
#pragma once

#include "daemon/service/core.h"

namespace taus::service {

using projections::RightsState;

struct RightsCase {
  const Subject* subject;
  const RightsState* request;
};

// The request meant: what rightsOpen answered ("<subject>.<number>"), or the position at which it was received.
Result<RightsCase> request_named(const Core& core, std::string_view text);
std::string request_name(const Core& core, const Subject& subject, std::uint32_t number);
// Whether the caller may read this request; complaints have readers of their own.
bool may_read_request(const Core& core, const Call& call, const Subject& subject, const RightsState& request);
// Whether an event of the rights desk is about a complaint.
bool about_complaint(schema::Event::Reader event);
// The instant by which it must be answered: the local day it is due is over.
Instant deadline_of(const Core& core, const RightsState& request);
// "" while there is time; soon: 14 days or fewer; urgent: 3 or fewer; late.
std::string_view alarm_of(int days_left);
int days_left(const Core& core, const RightsState& request, Instant now);

// What is held now, as events that answer the request `number` later. too_large: more than one answer can carry.
class Decision;
Result<void> take_snapshot(const Core& core, const Subject& subject, std::uint32_t number, Mask asked, Decision& out);

}  // namespace taus::service
