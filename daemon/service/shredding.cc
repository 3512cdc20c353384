#include "daemon/service/shredding.h"

#include <chrono>

#include "daemon/service/decision.h"
#include "daemon/service/queries.h"
#include "daemon/service/schedule.h"
#include "daemon/service/version.h"
#include "daemon/service/yearbook.h"

namespace taus::service {

namespace {

constexpr Mask whole_subject = 0xffff;
constexpr std::size_t receipt_keys_max = 1000;  // keys named by one receipt; larger shreds are told in several
constexpr int chunks_told_at_once = 4;          // of a large run, between other work

struct OneOf {
  std::uint32_t chunk = 0;
  std::uint32_t chunks = 1;
};
struct Range {
  std::size_t from = 0;
  std::size_t to = 0;
};

void fill_receipt(const Core& core, const vault::ShredCommit& commit, const OneOf& place, const Range& keys_told,
                  schema::ShredReceipt::Builder receipt) {
  const auto [from, to] = keys_told;
  const std::string today = core.zone->local_date(core.options.clock->now());
  receipt.setGeneration(commit.generation);
  receipt.setChunk(place.chunk);
  receipt.setChunks(place.chunks);
  receipt.setTier(core.options.tier);
  receipt.setLocalDate(today);
  if (const std::string date = fully_erased_by(core); !date.empty()) receipt.setFullyErasedBy(date);
  receipt.setPreviousGeneration(commit.generation - 1);
  receipt.setTopVersion(capnp::Data::Reader(commit.top_version.data(), commit.top_version.size()));
  receipt.setSoftware(version_text);
  std::vector<std::string> replicas;
  for (const vault::ReplicaReport& one : core.store->replicas())
    if (one.state == vault::ReplicaState::current) replicas.push_back(one.name);
  auto names = receipt.initReplicas(static_cast<unsigned>(replicas.size()));
  for (unsigned i = 0; i < names.size(); ++i) names.set(i, replicas[i]);
  auto keepers = receipt.initKeepers(1);
  keepers.set(0, core.options.root_store_kind);
  auto keys = receipt.initKeys(static_cast<unsigned>(to - from));
  for (std::size_t i = from; i < to; ++i) {
    const vault::Victim& victim = commit.victims[i];
    auto key = keys[static_cast<unsigned>(i - from)];
    key.setStream(victim.subject);
    key.setSlot(victim.slot);
    key.setEpoch(victim.epoch);
    key.setKeyId(capnp::Data::Reader(victim.key_id.data(), victim.key_id.size()));
  }
}

Result<Position> append_receipt(Core& core, const vault::ShredCommit& commit, const OneOf& place, const Range& keys_told) {
  capnp::MallocMessageBuilder message;
  fill_receipt(core, commit, place, keys_told, message.initRoot<schema::Event>().initShredCompleted().initPublic());
  TAUS_TRY_ASSIGN(const Appended appended,
                  append_event(core, centre_stream, message.getRoot<schema::Event>().asReader(), all_categories));
  return appended.position;
}

// The projections and the schedule follow what was destroyed.
Result<ShredOutcome> told(Core& core, const vault::ShredCommit& commit) {
  ShredOutcome out;
  out.waits_for = commit.waits_for;
  if (commit.generation == 0) return out;
  for (const vault::PendingShred& request : commit.requests) {
    core.projections.forget(request.subject, request.categories, request.categories == whole_subject);
    core.shredding.erase(request.subject);
    if (has(request.categories, Category::audit)) forget_consulted(core, request.subject);
    reschedule(core, request.subject);
  }
  for (const vault::Victim& one : commit.victims) core.shreds_done += one.subject == centre_ordinal ? 0 : 1;
  // Half of the time is left for the work itself, and for a daemon that was down.
  if (!commit.victims.empty() && core.options.purge_days > 0)
    core.store->want_purge(core.options.clock->now() + std::chrono::hours(12) * core.options.purge_days);
  out.fully_erased_by = fully_erased_by(core);
  TAUS_TRY_ASSIGN(out.receipt, append_receipts(core, commit));
  return out;
}

}  // namespace

Result<Position> append_receipts(Core& core, const vault::ShredCommit& commit) {
  if (commit.chunks > 0) {
    TAUS_TRY_ASSIGN(const Position at, append_receipt(core, commit, {commit.chunk, commit.chunks}, {0, commit.victims.size()}));
    core.store->receipted(commit.generation, commit.chunk);
    return at;
  }
  const std::size_t chunks = std::max<std::size_t>(1, (commit.victims.size() + receipt_keys_max - 1) / receipt_keys_max);
  Position last = 0;
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    const std::size_t from = chunk * receipt_keys_max;
    TAUS_TRY_ASSIGN(last, append_receipt(core, commit, {static_cast<std::uint32_t>(chunk), static_cast<std::uint32_t>(chunks)},
                                         {from, std::min(commit.victims.size(), from + receipt_keys_max)}));
  }
  core.store->receipted(commit.generation);
  return last;
}

bool shredding_goes_on(const Core& core) {
  return core.store->first_unreceipted() != nullptr || core.store->vault().progress().of > 0;
}

namespace {

// A few chunks of a large run; when it was the last, the run is over.
Result<std::optional<ShredOutcome>> tell_chunks(Core& core) {
  ShredOutcome last;
  for (int i = 0; i < chunks_told_at_once; ++i) {
    const vault::ShredCommit* one = core.store->first_unreceipted();
    if (one == nullptr) break;
    const vault::ShredCommit commit = *one;
    TAUS_TRY_ASSIGN(last, told(core, commit));
  }
  if (core.store->first_unreceipted() != nullptr) return std::optional<ShredOutcome>();
  TAUS_TRY(fold_noted(core));
  return std::optional(std::move(last));
}

}  // namespace

Result<std::optional<ShredOutcome>> shred_some(Core& core) {
  if (core.store->first_unreceipted() != nullptr) return tell_chunks(core);
  TAUS_TRY_ASSIGN(const vault::ShredStep step, core.store->shred_step());
  if (step.then == vault::ShredStep::Then::flush) core.flush_wanted = true;
  if (step.then == vault::ShredStep::Then::nothing) return std::optional(ShredOutcome{});
  if (step.then != vault::ShredStep::Then::done || step.commit.chunks > 0) return std::optional<ShredOutcome>();
  TAUS_TRY_ASSIGN(ShredOutcome outcome, told(core, step.commit));
  return std::optional(std::move(outcome));
}

Result<ShredOutcome> turn_root(Core& core, const vault::EscrowChange& change, std::optional<vault::EscrowPaper>& paper) {
  TAUS_TRY_ASSIGN(const vault::ShredCommit commit, core.store->rotate(change, paper));
  return told(core, commit);
}

Result<void> append_missing_receipts(Core& core) {
  TAUS_TRY_ASSIGN(const std::vector<vault::ShredCommit> commits, core.store->unreceipted());
  for (const vault::ShredCommit& commit : commits) TAUS_TRY(append_receipts(core, commit));
  return {};
}

std::string date_of_day(std::int32_t days) {
  return Zone::format_date(Zone::plus_days({.year = 1970, .month = 1, .day = 1}, days));
}

std::int32_t day_of_date(const Zone::Date& date) {
  const std::chrono::year_month_day day{std::chrono::year(date.year), std::chrono::month(date.month), std::chrono::day(date.day)};
  return static_cast<std::int32_t>(std::chrono::sys_days(day).time_since_epoch().count());
}

std::string fully_erased_by(const Core& core) {
  const Zone::Date today = core.zone->date_of(core.options.clock->now());
  const auto period = core.store->vault().escrow();
  if (!period) return Zone::format_date(today);
  return period->ends_on < day_of_date(today) ? std::string() : date_of_day(period->ends_on);
}

}  // namespace taus::service
