// The durable set: what a replica holds must open with the present root and no other, whatever fails and whenever; a shred waits for
// every replica; nothing that is destroyed follows from a replica's bytes either.
#include "eventstore/vault/replicas.h"
#include "tests/support/memory_replica.h"
#include "tests/support/vault_machine.h"

namespace taus::vault {
namespace {

using test::KeyModel;
using test::Life;
using test::Machine;
using test::MemoryReplica;

// A machine with two replicas, whose operations count like those of the store and the root.
struct Set {
  explicit Set(std::uint64_t seed, const ShredFaults& shred_faults = {}, const Replicas::Faults& set_faults = {})
      : machine(seed), faults(set_faults) {
    machine.options.faults = shred_faults;
    EXPECT_TRUE(KeyVault::create(machine.store, machine.roots, machine.random, machine.options));
    for (const char* name : {"second", "third"}) {
      auto one = std::make_unique<MemoryReplica>(name);
      one->before_write = [this] { return machine.step(); };
      one->saw = [this](const Bytes& key, const Bytes& value) { machine.archive.emplace(key, value); };
      disks.push_back(std::move(one));
    }
    EXPECT_TRUE(start());
  }
  Result<void> start() {
    machine.keys.reset();
    machine.store.reopen();
    std::vector<std::unique_ptr<Replica>> views;
    for (auto& disk : disks) views.push_back(std::make_unique<View>(*disk));
    replicas = std::make_unique<Replicas>(std::move(views));
    replicas->plant(faults);
    store = std::make_unique<ReplicatedStore>(machine.store, *replicas);
    machine.options.replicas = replicas.get();
    auto opened = KeyVault::open(*store, machine.roots, machine.random, machine.options);
    if (!opened) return opened.error();
    machine.keys = std::move(opened).value();
    replicas->attach(machine.store, {.store_id = machine.options.store_id}, machine.keys->kseq(), evicted);
    return {};
  }
  Result<void> commit(storage::WriteBatch& batch) {
    TAUS_TRY(store->commit(batch));
    machine.keys->note_committed();
    return {};
  }
  Result<Ordinal> subject() {
    storage::WriteBatch batch;
    TAUS_TRY_ASSIGN(const Ordinal ordinal, machine.keys->stage_subject(batch, 0));
    TAUS_TRY(commit(batch));
    model.subjects.insert(ordinal);
    return ordinal;
  }
  Result<void> key(Ordinal subject, int category) {
    storage::WriteBatch batch;
    TAUS_TRY_ASSIGN(const auto made, machine.keys->key_for_writing(batch, subject, category));
    if (!batch.empty()) TAUS_TRY(commit(batch));
    model.live.insert_or_assign({subject, category}, KeyModel::Made{made.slot, made.epoch, test::bytes_of(made.key)});
    return {};
  }
  Result<void> accept(Ordinal subject, std::uint16_t categories) {
    storage::WriteBatch batch;
    TAUS_TRY(machine.keys->stage_pending(batch, {0, subject, categories, {}}));
    return commit(batch);
  }
  Result<ShredCommit> shred() {
    TAUS_TRY_ASSIGN(ShredCommit done, machine.keys->shred());
    for (const auto& request : done.requests) model.shred(request.subject, request.categories);
    return done;
  }
  Result<void> receipt() {
    TAUS_TRY_ASSIGN(const auto commits, machine.keys->unreceipted());
    storage::WriteBatch batch;
    for (const auto& one : commits) machine.keys->stage_receipted(batch, one.generation, one.chunk);
    return batch.empty() ? Result<void>() : commit(batch);
  }

  // The store's disk is lost: the present root with the rows of one replica alone must give every live key, and no dead one.
  std::string from_replica_alone(std::size_t which) {
    test::MemoryStore fresh;
    for (const auto& [row_key, value] : disks[which]->rows()) fresh.rows(storage::Table::keys)[row_key] = value;
    test::MemoryRootStore roots;
    roots.images() = machine.roots.images();
    KeyVault::Options options;
    options.store_id = machine.options.store_id;
    const auto opened = KeyVault::open(fresh, roots, machine.random, options);
    if (!opened) return "does not open: " + opened.error().message;
    for (const auto& [place, made] : model.live) {
      const auto found = (*opened)->key_for_reading(place.first, made.slot, made.epoch);
      if (!found || test::bytes_of(*found) != made.key) return "lacks a live key";
    }
    for (const auto& dead : model.dead) {
      const auto found = (*opened)->key_for_reading(dead.subject, dead.made.slot, dead.made.epoch);
      if (found) return "has a shredded key";
      if (found.error().code != ErrorCode::shredded) return "does not know of a shred";
    }
    return {};
  }
  // Everything wrong with the whole; empty: nothing. Only replicas that count are asked.
  std::string wrong() {
    if (auto what = test::disagreement(machine, model); !what.empty()) return what;
    if (auto what = test::adversary_verdict(machine, model); !what.empty()) return what;
    const auto states = replicas->states();
    for (std::size_t i = 0; i < states.size(); ++i) {
      if (states[i].state != ReplicaState::current) continue;
      if (auto what = from_replica_alone(i); !what.empty()) return "replica " + states[i].name + " " + what;
    }
    return {};
  }

  // The disk outlives the set that was opened on it.
  class View final : public Replica {
   public:
    explicit View(MemoryReplica& disk) : disk_(disk) {}
    [[nodiscard]] const std::string& name() const override { return disk_.name(); }
    Result<CopyState> look() override { return disk_.look(); }
    Result<CopyState> append(const KeyBatch& batch) override { return disk_.append(batch); }
    Result<CopyState> copy(const CopyHead& head, const storage::KvReader& from, std::uint64_t kseq) override {
      return disk_.copy(head, from, kseq);
    }

   private:
    MemoryReplica& disk_;
  };

  Machine machine;
  Replicas::Faults faults;
  KeyModel model;
  std::vector<std::unique_ptr<MemoryReplica>> disks;
  std::set<std::string> evicted;
  std::unique_ptr<Replicas> replicas;
  std::unique_ptr<ReplicatedStore> store;
};

void live(Set& set, int subjects) {
  for (int i = 0; i < subjects; ++i) {
    const Ordinal subject = *set.subject();
    ASSERT_TRUE(set.key(subject, 1) && set.key(subject, 2));
  }
}

TEST(VaultReplicas, AddsAndShredsReachEveryReplica) {
  Set set(1);
  live(set, 70);
  EXPECT_EQ(set.wrong(), "");
  ASSERT_TRUE(set.accept(3, 0b10) && set.accept(66, 0xffff));
  EXPECT_EQ(set.shred()->generation, 2U);
  EXPECT_EQ(set.wrong(), "");
  ASSERT_TRUE(set.receipt() && set.key(3, 1));
  EXPECT_EQ(set.wrong(), "");
}

TEST(VaultReplicas, AShredWaitsForAReplicaThatIsDownAndNothingIsLost) {
  Set set(2);
  live(set, 5);
  set.disks[1]->down = true;
  ASSERT_TRUE(set.key(4, 7));  // adds go on
  ASSERT_TRUE(set.accept(2, 0xffff));
  const auto waiting = set.shred();
  ASSERT_TRUE(waiting);
  EXPECT_EQ(waiting->generation, 0U);
  EXPECT_NE(waiting->waits_for.find("\"third\""), std::string::npos);
  EXPECT_EQ(set.machine.keys->pending().size(), 1U);
  EXPECT_EQ(set.machine.keys->generation(), 1U);
  EXPECT_EQ(set.wrong(), "");
  set.disks[1]->down = false;  // comes back: brought up by copying, and the shred goes on
  EXPECT_EQ(set.shred()->generation, 2U);
  EXPECT_EQ(set.from_replica_alone(1), "");
  EXPECT_EQ(set.wrong(), "");
}

TEST(VaultReplicas, AReplicaThatFailsInTheShredItselfTakesItBack) {
  Set set(3);
  live(set, 5);
  ASSERT_TRUE(set.accept(2, 0xffff));
  int writes = 0;
  set.disks[0]->before_write = [&] { return ++writes > 2; };  // the tree's batch, and the copy that follows
  const auto waiting = set.shred();
  ASSERT_TRUE(waiting);
  EXPECT_EQ(waiting->generation, 0U);
  EXPECT_EQ(set.wrong(), "");
  ASSERT_TRUE(set.key(4, 9));  // the vault goes on
  ASSERT_TRUE(set.start());
  EXPECT_EQ(set.machine.keys->pending().size(), 1U);
  EXPECT_EQ(set.shred()->generation, 2U);
  EXPECT_EQ(set.wrong(), "");
}

TEST(VaultReplicas, AnEvictedReplicaHoldsNothingUp) {
  Set set(4);
  live(set, 5);
  set.disks[0]->down = true;
  ASSERT_TRUE(set.accept(1, 0xffff));
  EXPECT_NE(set.shred()->waits_for, "");
  EXPECT_EQ(set.replicas->evict("nobody").error().code, ErrorCode::not_found);
  ASSERT_TRUE(set.replicas->evict("second"));
  EXPECT_EQ(set.shred()->generation, 2U);
  EXPECT_EQ(set.wrong(), "");
  // What it held is worth nothing any more, and it is not asked again until it is admitted.
  EXPECT_NE(set.from_replica_alone(0), "");
  set.disks[0]->down = false;
  set.evicted = {"second"};
  ASSERT_TRUE(set.start());
  EXPECT_EQ(set.replicas->states()[0].state, ReplicaState::evicted);
  ASSERT_TRUE(set.replicas->admit("second", set.machine.store, set.machine.keys->kseq()));
  EXPECT_EQ(set.from_replica_alone(0), "");
}

TEST(VaultReplicas, ANewRootForTheSameKeysReachesThem) {
  Set set(5);
  live(set, 3);
  std::optional<EscrowPaper> paper;
  ASSERT_EQ(set.machine.keys->rotate({}, paper)->generation, 2U);
  EXPECT_FALSE(paper);
  ASSERT_EQ(set.machine.keys->rotate({.kind = EscrowChange::Kind::new_period, .ends_on = 20'000}, paper)->generation, 3U);
  ASSERT_TRUE(paper);
  EXPECT_EQ(set.wrong(), "");
  EXPECT_EQ(set.machine.keys->escrow()->first_generation, 3U);
}

// The power goes off before every durable operation of a shred, those of the replicas among them, and again in what follows.
std::string first_wrong(const ShredFaults& shred_faults, const Replicas::Faults& set_faults) {
  for (int cut = 0;; ++cut) {
    EXPECT_LT(cut, 200);
    for (int second = 0; second < 6; ++second) {
      Set set(9, shred_faults, set_faults);
      live(set, 6);
      EXPECT_TRUE(set.accept(1, 0xffff) && set.shred() && set.receipt());
      EXPECT_TRUE(set.key(4, 5));
      EXPECT_TRUE(set.accept(2, 0b10) && set.accept(5, 0xffff));
      set.machine.die_before(cut, cut % 2 == 1);
      const auto first = set.shred();
      const bool finished = first && first->generation != 0;
      set.machine.die_before(second, false);
      static_cast<void>(set.start());
      set.machine.power();
      const std::string where = " (cut " + std::to_string(cut) + ", then " + std::to_string(second) + ")";
      if (const auto started = set.start(); !started) return "does not start: " + started.error().message + where;
      if (!finished && set.machine.keys->unreceipted()->size() == 1) {
        set.model.shred(2, 0b10);
        set.model.shred(5, 0xffff);
      }
      if (auto what = set.wrong(); !what.empty()) return what + where;
      if (!set.accept(6, 0b110) || !set.shred() || !set.receipt() || !set.key(6, 1)) return "the next shred failed" + where;
      if (auto what = set.wrong(); !what.empty()) return what + where;
      if (finished && second == 5) return {};
    }
  }
}

TEST(VaultReplicas, NoCrashLeavesAReplicaThatDoesNotOpen) { EXPECT_EQ(first_wrong({}, {}), ""); }

// A replica's own disk fails, for good, at every write of a life; no power is lost.
std::string wrong_when_a_disk_fails(const ShredFaults& shred_faults, const Replicas::Faults& set_faults) {
  for (int write = 0; write < 12; ++write) {
    Set set(7, shred_faults, set_faults);
    int seen = 0;
    live(set, 4);
    set.disks[1]->before_write = [&] { return seen++ < write; };
    for (const Ordinal victim : {1, 2}) {
      EXPECT_TRUE(set.key(4, 6 + static_cast<int>(victim)) && set.accept(victim, 0xffff));
      const std::uint64_t before = set.machine.keys->generation();
      EXPECT_TRUE(set.shred());
      if (set.machine.keys->generation() != before) {
        for (std::size_t i = 0; i < set.disks.size(); ++i)
          if (auto what = set.from_replica_alone(i); !what.empty()) return "the root moved, and a replica " + what;
        EXPECT_TRUE(set.receipt());
      }
    }
  }
  return {};
}

TEST(VaultReplicas, TheRootMovesOnlyWhenEveryReplicaHasTheTree) { EXPECT_EQ(wrong_when_a_disk_fails({}, {}), ""); }

TEST(VaultPlantedFault, ARootThatDoesNotWaitForTheReplicasIsNoticed) {
  EXPECT_NE(wrong_when_a_disk_fails({.root_before_replicas = true}, {}), "");
}

// Each order that the model of the commit calls wrong: a disk lost right after the erasure takes every key with it.
TEST(VaultPlantedFault, ReplicasThatGetAShredAfterTheErasureAreNoticed) {
  EXPECT_NE(wrong_when_a_disk_fails({}, {.shreds_come_late = true}), "");
}
TEST(VaultPlantedFault, ReplicasThatGetNoShredAreNoticed) { EXPECT_NE(first_wrong({}, {.bypassed_by_shreds = true}), ""); }

TEST(VaultPlantedFault, AnAddThatBypassesAReplicaIsNoticed) {
  Set set(8, {}, {.bypassed_by_adds = true});
  live(set, 3);
  EXPECT_NE(set.wrong(), "");
}

}  // namespace
}  // namespace taus::vault
