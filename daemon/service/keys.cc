#include "daemon/service/keys.h"

#include "daemon/service/decision.h"
#include "daemon/service/shredding.h"
#include "eventstore/base/limits.h"

namespace taus::service {

namespace {

// A public event of the centre's stream: no head, since it says nobody's name.
Result<void> append_public(Core& core, schema::Event::Reader event) {
  TAUS_TRY(append_event(core, centre_stream, event, all_categories));
  return {};
}

std::string today(const Core& core) { return core.zone->local_date(core.options.clock->now()); }

Result<void> journal_escrow(Core& core, std::uint64_t generation, const std::string& ends_on) {
  capnp::MallocMessageBuilder message;
  auto turn = message.initRoot<schema::Event>().initEscrowTurned().initPublic();
  turn.setGeneration(generation);
  if (!ends_on.empty()) turn.setEndsOn(ends_on);
  turn.setLocalDate(today(core));
  return append_public(core, message.getRoot<schema::Event>().asReader());
}

Result<void> may_turn(const Core& core, const Call& call) {
  TAUS_TRY(require(standing(call), op, "operators look after the keys"));
  if (core.store->everything_durable()) return {};
  return Error(ErrorCode::busy, "not durable yet: ask again");
}

void fill_turn(const Core& core, const ShredOutcome& outcome, api::RootTurn::Builder out) {
  out.setGeneration(core.store->vault().generation());
  if (outcome.receipt) out.setReceipt(static_cast<std::int64_t>(*outcome.receipt));
  out.setPending(!outcome.waits_for.empty());
  if (!outcome.waits_for.empty()) out.setWaitsFor(outcome.waits_for);
}

// A list of names.
template <class List>
void fill_names(const std::vector<std::string>& names, List list) {
  for (unsigned i = 0; i < list.size(); ++i) list.set(i, names[i]);
}

}  // namespace

void fill_replica(const vault::ReplicaReport& from, api::ReplicaView::Builder to) {
  to.setName(from.name);
  to.setState(std::string(vault::to_string(from.state)));
  to.setKseq(from.kseq);
}

Result<void> keys_status(Core& core, const Call& call, api::KeysStatus::Builder out) {
  TAUS_TRY(require(standing(call), op, "operators look after the keys"));
  const vault::KeyVault& vault = core.store->vault();
  out.setGeneration(vault.generation());
  out.setTier(core.options.tier);
  out.setRootStore(core.options.root_store_kind);
  out.setKseq(vault.kseq());
  std::uint64_t subjects = 0;
  core.projections.each_subject([&](const Subject&) { ++subjects; });
  out.setSubjects(subjects);
  out.setPending(vault.pending_count());
  fill_replicas(core, out);
  if (const std::string waits = core.store->shreds_wait_for(); !waits.empty()) out.setWaitsFor(waits);
  if (const auto period = vault.escrow()) {
    out.setEscrowUntil(date_of_day(period->ends_on));
    out.setEscrowGeneration(period->first_generation);
  }
  return {};
}

Result<void> journal_replica_set(Core& core) {
  if (!core.store->replica_set_is_news()) return {};
  std::vector<std::string> current;
  std::vector<std::string> evicted;
  for (const vault::ReplicaReport& one : core.store->replicas())
    (one.state == vault::ReplicaState::evicted ? evicted : current).push_back(one.name);
  capnp::MallocMessageBuilder message;
  auto set = message.initRoot<schema::Event>().initReplicaSetChanged().initPublic();
  fill_names(current, set.initCurrent(static_cast<unsigned>(current.size())));
  fill_names(evicted, set.initEvicted(static_cast<unsigned>(evicted.size())));
  set.setLocalDate(today(core));
  TAUS_TRY(append_public(core, message.getRoot<schema::Event>().asReader()));
  core.store->note_replica_set();
  return {};
}

Result<void> change_replicas(Core& core, const Call& call, api::ReplicaRef::Reader in, bool admit) {
  TAUS_TRY(may_turn(core, call));
  const std::string name(text_of(in.getName()));
  if (admit)
    TAUS_TRY(core.store->admit_replica(name));
  else
    TAUS_TRY(core.store->evict_replica(name));
  return journal_replica_set(core);
}

Result<void> keys_rotate_root(Core& core, const Call& call, api::RootTurn::Builder out) {
  TAUS_TRY(may_turn(core, call));
  std::optional<vault::EscrowPaper> none;
  TAUS_TRY_ASSIGN(const ShredOutcome outcome, turn_root(core, {}, none));
  fill_turn(core, outcome, out);
  return {};
}

Result<void> keys_escrow(Core& core, const Call& call, api::EscrowOrder::Reader in, api::RootTurn::Builder out) {
  TAUS_TRY(may_turn(core, call));
  vault::EscrowChange change{.kind = vault::EscrowChange::Kind::end};
  if (in.getEnd()) {
    if (in.getDays() != 0)
      return Error(ErrorCode::invalid_argument, "ending the escrow takes no days: leave one of the two out", "/days");
    if (!core.store->vault().escrow()) return Error(ErrorCode::not_found, "there is no escrow to end", "/end");
  } else {
    if (in.getDays() < 1 || in.getDays() > limits::escrow_days_max)
      return Error(ErrorCode::invalid_argument, "a paper is for 1 to 366 days; 30 is usual", "/days");
    change = {.kind = vault::EscrowChange::Kind::new_period, .ends_on = day_of_date(core.zone->date_of(call.now)) + in.getDays()};
  }
  std::optional<vault::EscrowPaper> paper;
  TAUS_TRY_ASSIGN(const ShredOutcome outcome, turn_root(core, change, paper));
  fill_turn(core, outcome, out);
  if (!outcome.waits_for.empty()) return {};
  const std::string ends_on = paper ? date_of_day(paper->period.ends_on) : std::string();
  if (paper) {
    std::string text = vault::write_paper(*paper);
    out.setPaper(text);
    crypto::wipe(std::span(reinterpret_cast<std::uint8_t*>(text.data()), text.size()));
    out.setEndsOn(ends_on);
  }
  return journal_escrow(core, core.store->vault().generation(), ends_on);
}

namespace {

// How far a large erasure is; empty: none is under way.
std::string erasure_under_way(const EventStore& store) {
  const vault::ShredProgress progress = store.vault().progress();
  if (progress.of > 0)
    return "a large erasure is under way: " + std::to_string(progress.done) + " of " + std::to_string(progress.of) +
           " requests are prepared";
  const vault::ShredCommit* next = store.first_unreceipted();
  if (next == nullptr || next->chunks == 0) return {};
  return "a large erasure is done, and told: " + std::to_string(next->chunk) + " of " + std::to_string(next->chunks) +
         " receipts are written";
}

}  // namespace

std::vector<std::string> key_warnings(const Core& core) {
  std::vector<std::string> out;
  if (std::string under_way = erasure_under_way(*core.store); !under_way.empty()) out.push_back(std::move(under_way));
  std::size_t counted = 0;
  for (const vault::ReplicaReport& one : core.store->replicas()) {
    if (one.state == vault::ReplicaState::evicted)
      out.push_back("the replica \"" + one.name +
                    "\" was evicted: have it back with 'tausctl keys admit', or take it out of the configuration");
    else
      ++counted;
  }
  if (counted == 0) {
    out.emplace_back(
        "no replica of the keys: a disk lost after a shred loses all keys that no newer backup holds; see docs/OPERATIONS.md");
  }
  if (const std::string waits = core.store->shreds_wait_for(); !waits.empty()) {
    const std::size_t pending = core.store->vault().pending_count();
    out.push_back((pending > 0 ? std::to_string(pending) + " shreds are pending: " : "the next shred will be pending: ") + waits);
  }
  if (const auto period = core.store->vault().escrow(); period && fully_erased_by(core).empty()) {
    out.push_back("the escrow period ended on " + date_of_day(period->ends_on) +
                  ": destroy its paper and begin a new one with 'tausctl keys escrow', or receipts cannot say when data is gone "
                  "everywhere");
  }
  return out;
}

}  // namespace taus::service
