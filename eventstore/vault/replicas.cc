#include "eventstore/vault/replicas.h"

#include <algorithm>

namespace taus::vault {
namespace {

constexpr std::uint64_t batches_min = 64 << 20;  // bytes of batches that are worth no new base

bool outgrown(const CopyState& state) { return state.size - state.base > std::max(batches_min, state.base); }

ReplicaState state_of(const Error& error) {
  if (error.code == ErrorCode::busy) return ReplicaState::silent;
  if (error.code == ErrorCode::version_conflict) return ReplicaState::foreign;
  return error.code == ErrorCode::corrupt ? ReplicaState::damaged : ReplicaState::unreachable;
}

const char* advice(ReplicaState state) {
  switch (state) {
    case ReplicaState::behind: return "fell behind and could not be copied anew: look at its disk";
    case ReplicaState::unreachable: return "cannot be read or written: bring its disk back";
    case ReplicaState::silent:
      return "did not answer within 5 seconds: look at its disk, or take it out with 'tausctl keys evict'";
    case ReplicaState::damaged: return "is damaged: after a look at its disk have it copied anew with 'tausctl keys admit'";
    case ReplicaState::foreign: return "holds the keys of another store: name another directory";
    case ReplicaState::newer:
      return "has newer keys than this store, which then is an old copy or lost its end: stop it, and put the present store back";
    case ReplicaState::current:
    case ReplicaState::evicted: break;
  }
  return "";
}

}  // namespace

std::string_view to_string(ReplicaState state) noexcept {
  switch (state) {
    case ReplicaState::current: return "current";
    case ReplicaState::behind: return "behind";
    case ReplicaState::unreachable: return "unreachable";
    case ReplicaState::silent: return "silent";
    case ReplicaState::damaged: return "damaged";
    case ReplicaState::foreign: return "foreign";
    case ReplicaState::newer: return "newer";
    case ReplicaState::evicted: return "evicted";
  }
  return "unknown";
}

Replicas::Replicas(std::vector<std::unique_ptr<Replica>> replicas) {
  TAUS_CHECK(replicas.size() <= members_.size());
  for (auto& one : replicas) {
    Member& member = members_.at(count_++);
    member.replica = std::move(one);
  }
}

// By force: also over what is damaged or another store's.
void Replicas::bring_up(Member& member, const storage::KvReader& store, std::uint64_t kseq, bool by_force) {
  Result<CopyState> held = member.replica->look();
  const bool empty = !held && held.error().code == ErrorCode::not_found;
  if (held && held->head == head_ && held->kseq == kseq && !held->torn && !outgrown(*held) && !by_force) {
    member.kseq = kseq;
    member.state = ReplicaState::current;
    return;
  }
  if (held && held->head.store_id != head_.store_id) {  // whoever changed two disks over would lose that store's keys
    member.state = ReplicaState::foreign;
    return;
  }
  // Rows reach the store first: what a replica has beyond it the store has lost, and this may be the last copy.
  const bool of_earlier_era = held && earlier_.contains(held->head.incarnation);
  if (held && !of_earlier_era && held->kseq > kseq && !by_force) {
    member.state = ReplicaState::newer;
    return;
  }
  if (!held && !empty && !by_force) {
    member.state = state_of(held.error());
    return;
  }
  const Result<CopyState> copied = member.replica->copy(head_, store, kseq);
  member.bulky = false;
  if (copied && copied->kseq == kseq) member.kseq = kseq;
  const bool good = copied && copied->kseq == kseq;
  member.state = good ? ReplicaState::current : copied ? ReplicaState::unreachable : state_of(copied.error());
}

void Replicas::attach(const storage::KvReader& store, const CopyHead& head, std::uint64_t kseq,
                      const std::set<std::string>& evicted, const std::set<std::uint32_t>& earlier) {
  head_ = head;
  earlier_ = earlier;
  attached_ = true;
  for (std::size_t i = 0; i < count_; ++i) {
    Member& member = members_.at(i);
    if (evicted.contains(member.replica->name()))
      member.state = ReplicaState::evicted;
    else
      bring_up(member, store, kseq, false);
  }
}

std::string Replicas::newer_than(const StoreId& store_id, std::uint64_t kseq, const std::set<std::string>& evicted) {
  for (std::size_t i = 0; i < count_; ++i) {
    Replica& one = *members_.at(i).replica;
    const Result<CopyState> held = evicted.contains(one.name()) ? Error(ErrorCode::not_found, "") : one.look();
    if (held && held->head.store_id == store_id && held->kseq > kseq) return one.name();
  }
  return {};
}

bool Replicas::mend(const storage::KvReader& store, std::uint64_t kseq) {
  for (std::size_t i = 0; i < count_; ++i) {
    Member& member = members_.at(i);
    const ReplicaState state = member.state;
    const bool lame = state == ReplicaState::behind || state == ReplicaState::unreachable || state == ReplicaState::silent ||
                      (state == ReplicaState::current && member.bulky);
    if (lame) bring_up(member, store, kseq, false);
  }
  return confirmed(kseq);
}

void Replicas::take(const storage::WriteBatch& batch) {
  if (!attached_ || count_ == 0) return;
  const auto keys = key_batch(batch);
  if (!keys) return;
  const bool shreds =
      std::any_of(keys->rows.rows().begin(), keys->rows.rows().end(), [](const auto& row) { return row.key[0] == 'C'; });
  for (std::size_t i = 0; i < count_; ++i) {
    Member& member = members_.at(i);
    if (member.state != ReplicaState::current) continue;
    const bool bypassed = shreds ? faults_.bypassed_by_shreds : faults_.bypassed_by_adds;
    if (shreds && faults_.shreds_come_late) {
      member.kseq = keys->last;
      late_ = batch;
      continue;
    }
    if (late_) static_cast<void>(member.replica->append(*key_batch(*late_)));
    const Result<CopyState> done = member.replica->append(bypassed ? KeyBatch{keys->first, keys->last, {}} : *keys);
    member.bulky = done && outgrown(*done);
    if (done)
      member.kseq = keys->last;
    else
      member.state = done.error().code == ErrorCode::busy ? ReplicaState::silent : ReplicaState::behind;
  }
  if (!shreds) late_.reset();
}

bool Replicas::confirmed(std::uint64_t kseq) const {
  for (std::size_t i = 0; i < count_; ++i) {
    const Member& member = members_.at(i);
    if (member.state == ReplicaState::evicted) continue;
    if (member.state != ReplicaState::current || member.kseq != kseq) return false;
  }
  return true;
}

Replicas::Member* Replicas::find(const std::string& name) {
  for (std::size_t i = 0; i < count_; ++i) {
    if (members_.at(i).replica->name() == name) return &members_.at(i);
  }
  return nullptr;
}

Result<void> Replicas::evict(const std::string& name) {
  Member* member = find(name);
  if (member == nullptr) return Error(ErrorCode::not_found, "no replica of that name: see 'keys status'", "/name");
  member->state = ReplicaState::evicted;
  return {};
}

Result<void> Replicas::admit(const std::string& name, const storage::KvReader& store, std::uint64_t kseq) {
  Member* member = find(name);
  if (member == nullptr) return Error(ErrorCode::not_found, "no replica of that name: see 'keys status'", "/name");
  const ReplicaState before = member->state;
  if (before == ReplicaState::current) return {};
  bring_up(*member, store, kseq, true);
  if (member->state == ReplicaState::current) return {};
  const bool foreign = member->state == ReplicaState::foreign;
  member->state = foreign ? ReplicaState::foreign : before;
  if (foreign)
    return Error(ErrorCode::unavailable,
                 "the directory of this replica holds the keys of another store: name another one, or take that file away first "
                 "(nothing was changed)",
                 "/name");
  return Error(ErrorCode::unavailable, "the replica could not be copied: look at its disk and directory", "/name");
}

std::vector<ReplicaReport> Replicas::states() const {
  std::vector<ReplicaReport> out;
  for (std::size_t i = 0; i < count_; ++i) {
    const Member& member = members_.at(i);
    out.push_back({.name = member.replica->name(), .state = member.state, .kseq = member.kseq});
  }
  return out;
}

std::string Replicas::waits_for() const {
  std::string out;
  for (const ReplicaReport& one : states()) {
    if (one.state == ReplicaState::current || one.state == ReplicaState::evicted) continue;
    if (!out.empty()) out += "; ";
    out += "the replica \"" + one.name + "\" " + advice(one.state);
  }
  return out;
}

}  // namespace taus::vault
