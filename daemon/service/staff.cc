#include <set>

#include "daemon/service/commands.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/text_check.h"

namespace taus::service {

Result<void> staff_add(Core& core, const Call& call, api::StaffAdd::Reader in, Decision& out) {
  TAUS_TRY(require(standing(call), leader | op, "staff are added by the leader or an operator"));
  const std::string_view name = text_of(in.getName());
  if (schema::blank(name)) return Error(ErrorCode::invalid_argument, "a member of staff needs a name", "/name");
  TAUS_TRY(schema::check_name(name, limits::name_bytes_max, "/name"));
  if (in.getRoles().size() == 0) return Error(ErrorCode::invalid_argument, "give at least one role", "/roles");
  for (const auto role : in.getRoles())
    if (role != schema::Role::COUNSELLOR && role != schema::Role::LEADER && role != schema::Role::DESK &&
        role != schema::Role::DPO && role != schema::Role::HR)
      return Error(ErrorCode::invalid_argument, "a role is one of counsellor, leader, desk, dpo, hr", "/roles");
  std::set<schema::Role> roles;
  for (const auto role : in.getRoles())
    if (!roles.insert(role).second) return Error(ErrorCode::invalid_argument, "give each role once", "/roles");
  const std::string_view signed_on = text_of(in.getConfidentialitySigned());
  if (signed_on.empty() && core.profile().staff.confidentiality_required)
    return Error(ErrorCode::invalid_argument, "nobody acts before the confidentiality declaration is signed: give its date",
                 "/confidentialitySigned");
  if (!signed_on.empty()) {
    const Result<Zone::Date> date = Zone::parse_date(signed_on);
    if (!date)
      return Error(ErrorCode::invalid_argument, "the date of the declaration: " + date.error().message, "/confidentialitySigned");
    if (*date > core.zone->date_of(call.now))
      return Error(ErrorCode::invalid_argument, "the confidentiality declaration cannot be signed in the future",
                   "/confidentialitySigned");
  }
  TAUS_TRY_ASSIGN(out.subject, core.store->new_subject());
  auto profile = out.event(out.subject).initStaffAdded().initStaff();
  profile.setName(in.getName());
  profile.setRoles(in.getRoles());
  profile.setConfidentialitySigned(in.getConfidentialitySigned());
  return {};
}

Result<void> staff_revoke(Core& core, const Call& call, api::SubjectRef::Reader in, Decision& out) {
  TAUS_TRY(require(standing(call), leader | op, "staff are revoked by the leader or an operator"));
  const std::optional<Ordinal> ordinal = core.store->ordinal_of(text_of(in.getSubject()));
  const Subject* staff = ordinal ? core.projections.subject(*ordinal) : nullptr;
  if (staff == nullptr || !staff->is_staff())
    return Error(ErrorCode::not_found, "no such member of staff: see 'staff list'", "/subject");
  if (staff->staff->revoked) return Error(ErrorCode::version_conflict, "this member of staff was revoked before", "/subject");
  out.subject = *ordinal;
  out.event(out.subject).initStaffRevoked().initStaff().setRevoked(true);
  return {};
}

}  // namespace taus::service
