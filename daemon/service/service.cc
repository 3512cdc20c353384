#include "daemon/service/service.h"

#include <algorithm>
#include <deque>

#include "daemon/protocol/message.h"
#include "daemon/service/answer.h"
#include "daemon/service/commands.h"
#include "daemon/service/core.h"
#include "daemon/service/dispatch.h"
#include "daemon/service/kept_facts.h"
#include "daemon/service/keys.h"
#include "daemon/service/restoring.h"
#include "daemon/service/schedule.h"
#include "daemon/service/shredding.h"
#include "eventstore/schema/part.h"

namespace taus::service {

namespace {

// A shred that fell due this much before it is run was late (the daemon was down).
constexpr std::chrono::minutes lateness{1};
constexpr std::size_t due_subjects = 25;      // of whom something falls due, looked at in one go; others after who asks meanwhile
constexpr std::uint64_t purge_leaves = 5000;  // looked at in one go, between other work
constexpr std::chrono::minutes backup_idle{10};  // then its snapshot no longer keeps old rows in the files
constexpr std::chrono::minutes replica_wait{1};  // between attempts to bring up a replica that no shred waits for

Principal system_principal() { return {.name = "system", .socket = SocketRole::operators}; }

// A start that finds no row where a key lives has a store that lost something, and trying again brings nothing back.
Result<ByteView> open_whole(const EntryParts& parts, std::size_t index) {
  Result<ByteView> out = parts.open(index);
  if (!out && out.error().code == ErrorCode::unavailable) return Error(ErrorCode::corrupt, out.error().message);
  return out;
}

// Stream 0: the profile, the tallies and the closed years. What was folded away since needs no more.
Result<void> rebuild_centre(projections::Projections& to, YearBook& book, const Zone& zone, const journal::Leaf& leaf,
                            const EntryParts& parts) {
  for (std::size_t i = 0; i < leaf.parts.size(); ++i) {
    if (parts.shredded(i)) continue;
    TAUS_TRY_ASSIGN(const ByteView opened, open_whole(parts, i));
    const int category = parts.category(i).value_or(-1);
    const int content = category < 0 ? schema::public_part : static_cast<int>(Category::centre);
    TAUS_TRY_ASSIGN(const schema::PartReader part, schema::PartReader::open_own(opened, content));
    read_centre_event(book, zone, category, leaf.position, part.event());
    if (part.event().isShredCompleted()) to.receipt(leaf.position, part.event().getShredCompleted().getPublic());
  }
  return {};
}

Result<void> rebuild_leaf(projections::Projections& to, const journal::Leaf& leaf, const EntryParts& parts) {
  const projections::Place place{.position = leaf.position, .version = leaf.version};
  to.event(leaf.stream, place);
  for (std::size_t i = 0; i < leaf.parts.size(); ++i) {
    const std::optional<int> category = parts.category(i);
    if (parts.shredded(i)) {
      to.part_shredded(leaf.stream, category ? std::optional(static_cast<Category>(*category)) : std::nullopt);
      continue;
    }
    TAUS_TRY_ASSIGN(const ByteView opened, open_whole(parts, i));
    TAUS_TRY_ASSIGN(const schema::PartReader part, schema::PartReader::open_own(opened, category.value_or(schema::public_part)));
    if (category)
      to.part(leaf.stream, static_cast<Category>(*category), place, part.event());
    else if (part.event().isShredCompleted())
      to.receipt(leaf.position, part.event().getShredCompleted().getPublic());
  }
  return {};
}

}  // namespace

bool more_due(const Core& core) {
  const std::optional<Instant> due = core.due.next();
  return due && *due <= core.options.clock->now();
}

Service::Service() : state_(std::make_unique<State>()) {}
Service::~Service() = default;

EventStore& Service::store() { return *state_->core.store; }

bool Service::shreds_stuck() const { return state_->core.shreds_stuck; }

bool Service::shreds_pending() const {
  const Core& core = state_->core;
  if (shredding_goes_on(core)) return true;
  return (core.store->shreds_pending() || !state_->sweeping.empty()) && !more_due(core);
}

bool Service::shreds_want_durable() const {
  const EventStore& store = *state_->core.store;
  return store.first_unreceipted() == nullptr && store.shred_step_wants_durable();
}

bool Service::shreds_go_on() const { return shredding_goes_on(state_->core); }

bool Service::shreds_want_flush() const { return state_->core.flush_wanted; }

void Service::flushed() {
  state_->core.flush_wanted = false;
  state_->core.store->shred_flushed();
}

std::optional<HistoryJob> Service::history_job() { return state_->history.next(); }
bool Service::history_waited_for() const { return state_->history.waited_for(); }
Result<std::vector<LateReply>> Service::history_read() { return state_->history.done(); }

std::optional<Instant> Service::next_due() const {
  const std::optional<Instant> due = state_->core.due.next();
  const std::optional<Instant> closes = state_->core.book.closes;
  const std::optional<Instant> own = due && closes ? std::min(*due, *closes) : due ? due : closes;
  std::optional<Instant> out = own;
  const auto earlier = [&](Instant at) { out = out ? std::min(*out, at) : at; };
  if (!state_->core.store->shreds_wait_for().empty()) earlier(state_->core.replicas_tried + replica_wait);
  if (const auto traces = state_->core.book.traces.next(*state_->core.zone)) earlier(*traces);
  if (const auto purge = state_->core.store->purge_due()) earlier(*purge);
  if (state_->core.backup) earlier(state_->core.backup_used + backup_idle + std::chrono::milliseconds(1));
  return out;
}

Result<std::unique_ptr<Service>> Service::open(storage::KvStore& kv, vault::RootStore& roots, journal::Floor& floor,
                                               Random& random, const EventStore::Options& store_options, const Options& options) {
  std::unique_ptr<Service> self(new Service());
  Core& core = self->state_->core;
  core.options = options;
  TAUS_TRY_ASSIGN(Zone zone, Zone::load());
  core.zone = std::make_shared<const Zone>(zone);
  core.book.rules = rules_of(core.profile());
  const auto visit = [&](const journal::Leaf& leaf, const EntryParts& parts) {
    if (leaf.stream == centre_stream) return rebuild_centre(core.projections, core.book, *core.zone, leaf, parts);
    return rebuild_leaf(core.projections, leaf, parts);
  };
  EventStore::Options with_restores = store_options;
  with_restores.on_restored = [&core](EventStore& store, const RestoreFacts& facts) {
    return append_restoration(core, store, facts);
  };
  TAUS_TRY_ASSIGN(core.store, EventStore::open(kv, roots, floor, random, with_restores, visit));
  for (const vault::PendingShred& one : core.store->vault().pending())
    core.shredding[one.subject] = static_cast<Mask>(core.shredding[one.subject] | one.categories);
  std::vector<Ordinal> all;
  core.projections.each_subject([&](const Subject& one) { all.push_back(one.ordinal); });
  for (const Ordinal one : all) reschedule(core, one);
  TAUS_TRY(append_missing_receipts(core));
  TAUS_TRY(journal_replica_set(core));
  if (core.store->journal().version(centre_stream) == 0) TAUS_TRY(self->activate_profile());
  TAUS_TRY(core.store->commit(core.options.clock->now()));
  return self;
}

// The first event of a store: whose rules it runs by.
Result<void> Service::activate_profile() {
  Core& core = state_->core;
  const policy::Profile& profile = core.profile();
  capnp::MallocMessageBuilder message;
  auto event = message.initRoot<schema::Event>();
  event.initHead().setAt(ms_of(core.options.clock->now()));
  event.getHead().setRole(schema::Role::SYSTEM);
  auto settings = event.initProfileActivated().initCentre();
  settings.setProfile(profile.name);
  settings.setVersion(profile.version);
  settings.setNoticeId(profile.notice.id);
  settings.setSettingsHash(capnp::Data::Reader(profile.settings_hash.data(), profile.settings_hash.size()));
  TAUS_TRY(append_event(core, centre_stream, event.asReader(), all_categories));
  read_centre_event(core.book, *core.zone, 0, 0, event.asReader());
  return {};
}

Result<Handled> Service::handle(const Principal& who, ByteView request, std::uint64_t ticket, Bytes& reply) {
  const protocol::RequestReader reader(request);
  return dispatch(*this, *state_, who, reader.root(), ticket, reply);
}

namespace {

// What a deferral kept until now was awaited for now, whenever it would have been due.
bool is_late(const Core& core, Ordinal subject, Instant due, Instant now) {
  if (core.jumped_from && due >= *core.jumped_from) return false;
  const Instant awaited = core.caught_up ? std::max(due, core.due.of(subject).value_or(due)) : due;
  return awaited + lateness < now;
}

// Everything due was looked at: who waited for that waits for its shreds now, or is answered where there are none.
template <class State>
void swept(State& state, std::vector<LateReply>& out) {
  const bool shreds = state.core.store->shreds_pending();
  for (auto& one : state.sweeping) {
    if (shreds) {
      state.waiting.push_back(std::move(one));
    } else {
      out.push_back({.ticket = one.ticket, .reply = one.finish(ShredOutcome{})});
    }
  }
  state.sweeping.clear();
}

}  // namespace

Result<void> Service::run_due() {
  Core& core = state_->core;
  const Instant now = core.options.clock->now();
  if (const auto due = core.store->purge_due(); due && *due <= now) TAUS_TRY(core.store->purge_step(purge_leaves));
  if (core.backup && core.backup_used + backup_idle < now) core.backup.reset();
  if (!core.store->shreds_wait_for().empty() && core.store->everything_durable()) {
    core.store->mend_replicas();
    core.replicas_tried = now;
  }
  const Principal who = system_principal();
  capnp::MallocMessageBuilder nothing;
  TAUS_TRY(open_earlier_year(core, now));
  if (core.book.traces.expire(*core.zone, now)) core.book.traced = true;
  TAUS_TRY(close_years(core, now));  // before anything that counts in a year is shredded (VT-R10)
  const Call call{
      .who = who, .request = nothing.initRoot<api::Request>().asReader(), .now = now, .actor = {.roles = {schema::Role::SYSTEM}}};
  for (const Ordinal ordinal : core.due.due(now, due_subjects)) {
    const Subject* subject = core.projections.subject(ordinal);
    if (subject == nullptr) {
      core.due.set(ordinal, std::nullopt);
      continue;
    }
    if (subject->withdrawn_at() && !traceable(core, *subject)) continue;  // stays due until what was read just now is durable
    Decision decision(call);
    decision.subject = ordinal;
    const Schedule schedule = schedule_of(core, *subject, now);
    if (schedule.conclude_now) {
      conclude(core, *subject, now, *schedule.concluded_at, schema::Conclusion::AUTOMATIC, decision);
      ++core.automatic_conclusions;
      if (is_late(core, ordinal, *schedule.concluded_at, now)) ++core.late;
    } else if (const Mask due = overdue(schedule, *subject, now); due != 0) {
      for (std::size_t i = 0; i < category_count; ++i)
        if ((due >> i & 1) != 0 && is_late(core, ordinal, *schedule.due[i].at, now)) {
          ++core.late;
          happen(core, core.zone->year_of(now), statistics::erasures_late);
        }
      plan_shred(core, decision, *subject, due, schema::ShredReason::RETENTION);
      keep_facts(core, *subject, due, schema::ShredReason::RETENTION, now, decision);
    }
    if (!decision.events.empty()) {
      TAUS_TRY(carry_out(core, call, decision));
    } else if (!decision.shreds.empty()) {
      TAUS_TRY(leave(core, decision));
      TAUS_TRY(accept_shreds(core, decision));
    }
    // What was accepted is out of the schedule until it is shredded; the rest is looked at again when something changes.
    if (decision.shreds.empty()) reschedule_after(core, ordinal, now);
  }
  if (const auto next = core.due.next(); !next || *next > now) {
    core.caught_up = true;
    if (!core.store->shreds_pending()) core.jumped_from.reset();  // else more may fall due with them
  }
  return fold_noted(core);
}

Result<std::vector<LateReply>> Service::run_shreds() {
  std::vector<LateReply> out;
  Core& core = state_->core;
  if (!shredding_goes_on(core)) {
    if (!more_due(core)) swept(*state_, out);
    if (!out.empty()) return out;
    state_->waiting_for_run = state_->waiting.size();  // whoever comes later is answered by the next run
  }
  TAUS_TRY_ASSIGN(const std::optional<ShredOutcome> outcome, shred_some(core));
  if (!outcome) return out;
  core.shreds_stuck = !outcome->waits_for.empty();
  const auto end = state_->waiting.begin() + static_cast<std::ptrdiff_t>(state_->waiting_for_run);
  for (auto one = state_->waiting.begin(); one != end; ++one)
    out.push_back({.ticket = one->ticket, .reply = one->finish(*outcome)});
  state_->waiting.erase(state_->waiting.begin(), end);
  state_->waiting_for_run = 0;
  return out;
}

}  // namespace taus::service
