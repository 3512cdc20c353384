#include "daemon/service/core.h"

#include <algorithm>

namespace taus::service {

namespace {

using schema::ActorKind;
using schema::Role;

const std::vector<Role>& every_role() {
  static const std::vector<Role> roles{Role::COUNSELLOR, Role::LEADER,  Role::DESK,    Role::DPO,
                                       Role::HR,         Role::AUDITOR, Role::OPERATOR};
  return roles;
}

std::uint16_t bit_of(Role role, bool is_assigned) {
  switch (role) {
    case Role::COUNSELLOR: return is_assigned ? assigned : other_counsellor;
    case Role::LEADER: return leader;
    case Role::DESK: return desk;
    case Role::DPO: return dpo;
    case Role::HR: return hr;
    case Role::AUDITOR: return auditor;
    case Role::OPERATOR: return op;
    case Role::CLIENT: return client;
    case Role::ABSENT:
    case Role::SYSTEM:
    case Role::DEVELOPER: return nobody;
  }
  return nobody;
}

// Which of two answers short of reading shows more.
bool opens_more(policy::Access a, policy::Access b) {
  static constexpr std::array<policy::Access, 8> order{
      policy::Access::none,  policy::Access::package, policy::Access::through_counsellor,
      policy::Access::busy,  policy::Access::counts,  policy::Access::with_purpose,
      policy::Access::trace, policy::Access::own_only};
  return std::find(order.begin(), order.end(), a) > std::find(order.begin(), order.end(), b);
}

constexpr std::array<std::pair<std::uint16_t, policy::Relation>, 9> relation_bits{
    {{assigned, policy::Relation::assigned_counsellor},
     {other_counsellor, policy::Relation::other_counsellor},
     {leader, policy::Relation::leader},
     {desk, policy::Relation::desk},
     {dpo, policy::Relation::dpo},
     {hr, policy::Relation::hr},
     {auditor, policy::Relation::auditor},
     {op, policy::Relation::op},
     {client, policy::Relation::client}}};

// Over all that a caller is at once.
policy::Access best_answer(const policy::Profile& profile, std::uint16_t has_bits, Category category, policy::Phase phase,
                           const policy::Circumstances& circumstances) {
  policy::Access best = policy::Access::none;
  for (const auto& [one, relation] : relation_bits) {
    if ((has_bits & one) == 0) continue;
    const policy::Access answer = policy::access(profile, category, phase, relation, circumstances);
    if (policy::may_read(answer)) return answer;
    if (opens_more(answer, best)) best = answer;
  }
  return best;
}

}  // namespace

bool Actor::has(Role role) const { return std::find(roles.begin(), roles.end(), role) != roles.end(); }

void DueList::set(Ordinal subject, std::optional<Instant> at) {
  const auto it = at_.find(subject);
  if (it != at_.end()) {
    if (at && it->second == *at) return;
    order_.erase({it->second, subject});
    at_.erase(it);
  }
  if (!at) return;
  order_.emplace(*at, subject);
  at_.emplace(subject, *at);
}

std::optional<Instant> DueList::next() const {
  if (order_.empty()) return std::nullopt;
  return order_.begin()->first;
}

std::optional<Instant> DueList::of(Ordinal subject) const {
  const auto it = at_.find(subject);
  return it == at_.end() ? std::nullopt : std::optional(it->second);
}

std::vector<Ordinal> DueList::due(Instant now, std::size_t most) const {
  std::vector<Ordinal> out;
  for (auto it = order_.begin(); it != order_.end() && it->first <= now && out.size() < most; ++it) out.push_back(it->second);
  return out;
}

std::string_view text_of(capnp::Text::Reader text) { return {text.cStr(), text.size()}; }

Result<const Subject*> Core::client(std::string_view id, const char* pointer) const {
  const std::optional<Ordinal> ordinal = store->ordinal_of(id);
  if (!ordinal || *ordinal == centre_stream) return Error(ErrorCode::not_found, "no such subject: check the id", pointer);
  if (projections.wholly_shredded(*ordinal))
    return Error(ErrorCode::shredded, "everything held on this subject was shredded", pointer);
  // Nothing is read from or added to a subject between the acceptance of a shred and its receipt.
  if (shredding.contains(*ordinal)) return Error(ErrorCode::busy, "an erasure of this subject is under way: ask again", pointer);
  const Subject* out = projections.subject(*ordinal);
  if (out == nullptr || out->is_staff() || has(out->gone, Category::staff))
    return Error(ErrorCode::not_found, "no such client: check the id", pointer);
  return out;
}

Result<const Subject*> Core::counsellor(std::string_view id) const {
  const std::optional<Ordinal> ordinal = store->ordinal_of(id);
  const Subject* out = ordinal ? projections.subject(*ordinal) : nullptr;
  if (out == nullptr || !out->is_staff())
    return Error(ErrorCode::not_found, "no such member of staff: see 'staff list'", "/counsellor");
  const auto& roles = out->staff->roles;
  if (out->staff->revoked || std::find(roles.begin(), roles.end(), Role::COUNSELLOR) == roles.end())
    return Error(ErrorCode::invalid_argument, "this member of staff is no active counsellor: choose another", "/counsellor");
  return out;
}

Result<Actor> resolve_actor(const Core& core, const Principal& who, api::Request::Reader request) {
  const std::string_view as = text_of(request.getAs());
  const std::string_view link = text_of(request.getLink());
  if (!link.empty() && !as.empty())
    return Error(ErrorCode::invalid_argument, "a request acts by a client's link or for a member of staff, not both", "/link");
  if (!link.empty()) {
    if (!who.books && !who.speaks_for_staff && !who.developer)
      return Error(ErrorCode::unauthorized, "this connection may not use clients' links: ask the operator to set books = true",
                   "/link");
    TAUS_TRY_ASSIGN(const Ordinal subject, core.store->subject_of_link(link));
    return Actor{.kind = ActorKind::CLIENT, .client = subject, .roles = {Role::CLIENT}};
  }
  if (!as.empty()) {
    if (!who.speaks_for_staff && !who.developer)
      return Error(ErrorCode::unauthorized,
                   "this connection may not speak for staff: ask the operator to set speaks_for_staff = true", "/as");
    const std::optional<Ordinal> ordinal = core.store->ordinal_of(as);
    const Subject* staff = ordinal ? core.projections.subject(*ordinal) : nullptr;
    if (staff == nullptr || !staff->is_staff())
      return Error(ErrorCode::unauthorized, "'as' names no member of staff: see 'staff list'", "/as");
    if (staff->staff->revoked) return Error(ErrorCode::unauthorized, "this member of staff was revoked", "/as");
    return Actor{.kind = ActorKind::STAFF, .staff = *ordinal, .roles = staff->staff->roles};
  }
  if (who.developer) return Actor{.kind = ActorKind::DEVELOPER, .roles = every_role()};
  switch (who.socket) {
    case SocketRole::auditor: return Actor{.kind = ActorKind::OPERATOR, .roles = {Role::AUDITOR}};
    case SocketRole::operators: return Actor{.kind = ActorKind::OPERATOR, .roles = {Role::OPERATOR}};
    case SocketRole::frontend: return Actor{.kind = ActorKind::FRONTEND, .roles = {}};
  }
  return Error(ErrorCode::unauthorized, "unknown kind of connection");
}

std::uint16_t relations(const Call& call, const Subject& subject) {
  const Actor& actor = call.actor;
  if (actor.kind == ActorKind::DEVELOPER) return everyone;
  if (actor.kind == ActorKind::CLIENT) return actor.client == subject.ordinal ? client : nobody;
  std::uint16_t out = actor.kind == ActorKind::FRONTEND && (call.who.books || call.who.speaks_for_staff) ? portal : nobody;
  const bool is_assigned = actor.staff != 0 && subject.assigned() == actor.staff;
  for (const Role role : actor.roles) out = static_cast<std::uint16_t>(out | bit_of(role, is_assigned));
  return out;
}

std::uint16_t standing(const Call& call) { return relations(call, Subject{}); }

policy::Phase phase_of(schema::Phase phase) {
  switch (phase) {
    case schema::Phase::P0: return policy::Phase::p0;
    case schema::Phase::P1: return policy::Phase::p1;
    case schema::Phase::P2: return policy::Phase::p2;
    case schema::Phase::ABSENT: return policy::Phase::none;
  }
  return policy::Phase::none;
}

policy::Access access_to(const Core& core, const Call& call, const Subject& subject, Category category, bool complaint) {
  const bool mine = call.actor.staff != 0 && std::any_of(subject.appointments.begin(), subject.appointments.end(),
                                                         [&](const auto& one) { return one.counsellor == call.actor.staff; });
  const bool ahead = std::any_of(subject.appointments.begin(), subject.appointments.end(), [&](const auto& one) {
    return one.outcome != schema::Outcome::CANCELLED && one.end > call.now;
  });
  const policy::Circumstances circumstances{
      .purpose = call.request.getPurpose().size() > 0, .case_relation = mine, .booked_ahead = ahead, .complaint = complaint};
  const policy::Phase phase = core.profile().phases ? phase_of(subject.phase()) : policy::Phase::none;
  return best_answer(core.profile(), relations(call, subject), category, phase, circumstances);
}

bool wants_purpose(const Core& core, const Call& call, Category category) {
  if (call.request.getPurpose().size() > 0) return false;
  const auto in = [&](policy::Phase phase) {
    return best_answer(core.profile(), standing(call), category, phase, {}) == policy::Access::with_purpose;
  };
  if (!core.profile().phases) return in(policy::Phase::none);
  return in(policy::Phase::p0) || in(policy::Phase::p1) || in(policy::Phase::p2);
}

bool may_read(const Core& core, const Call& call, const Subject& subject, Category category) {
  // Restricted data is kept, not used (art. 18(2)).
  if (has(subject.restricted(), category)) return false;
  return policy::may_read(access_to(core, call, subject, category));
}

Mask readable(const Core& core, const Call& call, const Subject& subject) {
  Mask out = 0;
  for (int i = 0; i < category_count; ++i)
    if (may_read(core, call, subject, static_cast<Category>(i))) out = static_cast<Mask>(out | 1U << i);
  return out;
}

Mask told_of(const Core& core, const Call& call, const Subject& subject) {
  Mask out = 0;
  for (int i = 0; i < category_count; ++i) {
    const auto category = static_cast<Category>(i);
    if (!has(subject.restricted(), category) && access_to(core, call, subject, category) == policy::Access::busy)
      out = static_cast<Mask>(out | bit(category));
  }
  return out;
}

Result<void> require(std::uint16_t has_bits, std::uint16_t needed, std::string_view who_may) {
  if ((has_bits & needed) != 0) return {};
  return Error(ErrorCode::unauthorized, "not allowed in this role: " + std::string(who_may));
}

schema::Role acting_role(const Call& call, const Subject* subject) {
  const Actor& actor = call.actor;
  if (actor.kind == ActorKind::DEVELOPER) return Role::DEVELOPER;
  if (actor.kind == ActorKind::SYSTEM) return Role::SYSTEM;
  if (actor.roles.empty()) return Role::ABSENT;
  if (subject != nullptr && subject->assigned() == actor.staff && actor.has(Role::COUNSELLOR)) return Role::COUNSELLOR;
  return actor.roles.front();
}

}  // namespace taus::service
