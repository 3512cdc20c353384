// What every command and query works on, and who is asking. Internal to daemon/service/.
//
// Threads: the core thread. Core owns projections and the due list; everything else must outlive it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/policy/access.h"
#include "daemon/policy/profile.h"
#include "daemon/policy/retention.h"
#include "daemon/protocol/api.capnp.h"
#include "daemon/service/service.h"
#include "daemon/service/yearbook.h"
#include "eventstore/base/zone.h"
#include "projections/projections.h"

namespace taus::service {

using projections::Subject;

// Relations a caller can have, as bits, so that one caller may have several.
enum Who : std::uint16_t {
  nobody = 0,
  assigned = 1 << 0,
  other_counsellor = 1 << 1,
  leader = 1 << 2,
  desk = 1 << 3,
  dpo = 1 << 4,
  hr = 1 << 5,
  auditor = 1 << 6,
  op = 1 << 7,
  client = 1 << 8,
  portal = 1 << 9,  // the booking frontend itself, speaking for nobody
  any_counsellor = assigned | other_counsellor,
  colleagues = any_counsellor | leader | desk,  // «karrieresenterets medarbeidere» (VT-15)
  everyone = 0x3ff,
  // Who sees the staff list, the times that are offered, group sessions.
  staff_readers = colleagues | dpo | hr | portal | op,
  slot_readers = colleagues | portal | client,
  group_readers = colleagues,
};

// The person or system behind a call.
struct Actor {
  schema::ActorKind kind = schema::ActorKind::SYSTEM;
  Ordinal staff = 0;   // kind staff
  Ordinal client = 0;  // kind client: whose link it is
  std::vector<schema::Role> roles;
  [[nodiscard]] bool has(schema::Role role) const;
};

struct Call {
  const Principal& who;
  api::Request::Reader request;
  Instant now;
  Actor actor;
  std::uint64_t ticket = 0;
  RequestHash request_hash{};  // of what is asked
  RequestKey request_key{};    // of who asks under which id
};

// When something next happens to a subject by itself, for all subjects, earliest first.
class DueList {
 public:
  void set(Ordinal subject, std::optional<Instant> at);
  [[nodiscard]] std::optional<Instant> next() const;
  [[nodiscard]] std::optional<Instant> of(Ordinal subject) const;
  [[nodiscard]] std::vector<Ordinal> due(Instant now, std::size_t most) const;

 private:
  std::set<std::pair<Instant, Ordinal>> order_;
  std::unordered_map<Ordinal, Instant> at_;
};

struct Core {
  std::unique_ptr<EventStore> store;
  projections::Projections projections;
  YearBook book;
  DueList due;
  Service::Options options;
  std::shared_ptr<const Zone> zone;
  std::unordered_map<Ordinal, Mask> shredding;  // accepted and not yet carried out
  std::map<std::string, Mask>
      consulted_today;  // reads journalled once a day, as far as they were: subject, method, actor, purpose
  std::string consulted_day;
  std::uint64_t late = 0;              // shreds that were due before the daemon could do them
  bool caught_up = false;              // what fell due while the daemon was down has been looked at
  std::optional<Instant> jumped_from;  // by a clock in development, until all that fell due on the way is done: that is not late
  std::uint64_t automatic_conclusions = 0;
  std::uint64_t shreds_done = 0;
  std::unique_ptr<Backup> backup;  // being read by an operator
  bool shreds_stuck = false;       // the last run could not go on: a replica is down
  bool flush_wanted = false;       // by a large run, before its next step
  std::uint64_t backup_session = 0;
  Instant backup_used{};
  Instant replicas_tried{};  // when those that fell behind were last looked at

  [[nodiscard]] const policy::Profile& profile() const { return *options.profile; }
  // Whom the id means. not_found: no such id; shredded: wholly gone.
  [[nodiscard]] Result<const Subject*> client(std::string_view id, const char* pointer = "/subject") const;
  [[nodiscard]] Result<const Subject*> counsellor(std::string_view id) const;
};

// unauthorized: this connection may not speak as the person named.
Result<Actor> resolve_actor(const Core& core, const Principal& who, api::Request::Reader request);
// What the caller is to this subject.
std::uint16_t relations(const Call& call, const Subject& subject);
// What the caller is at all, where no subject is meant.
std::uint16_t standing(const Call& call);
// The best answer of the access matrix over all the caller is.
policy::Access access_to(const Core& core, const Call& call, const Subject& subject, Category category, bool complaint = false);
bool may_read(const Core& core, const Call& call, const Subject& subject, Category category);
Mask readable(const Core& core, const Call& call, const Subject& subject);
// Whether this caller sees `category` of other people's clients in some phase for a stated purpose only, and has stated none. By the profile
// alone: it says nothing of any client.
bool wants_purpose(const Core& core, const Call& call, Category category);
// Categories of which this caller learns that something is held, yes or no, and nothing of it.
Mask told_of(const Core& core, const Call& call, const Subject& subject);
// unauthorized with a sentence that names who may.
Result<void> require(std::uint16_t has, std::uint16_t needed, std::string_view who_may);
schema::Role acting_role(const Call& call, const Subject* subject);
policy::Phase phase_of(schema::Phase phase);

std::string_view text_of(capnp::Text::Reader text);
inline capnp::Text::Reader capnp_text(const std::string& text) { return {text.c_str(), text.size()}; }
inline std::string opt_id(const Core& core, Ordinal ordinal) { return ordinal == 0 ? std::string() : core.store->id_of(ordinal); }

}  // namespace taus::service
