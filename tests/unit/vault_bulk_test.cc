// Thousands of erasures accepted at once: carried out in runs, each with a root of its own, others between them; a crash anywhere loses
// and repeats none. And the adversary over more than ten thousand destroyed keys.
#include "eventstore/base/limits.h"
#include "tests/support/vault_machine.h"

namespace taus::vault {
namespace {

using test::KeyModel;
using test::Life;
using test::Machine;

constexpr int keys_each = 7;

struct Town {
  explicit Town(int subjects) {
    EXPECT_TRUE(KeyVault::create(machine.store, machine.roots, machine.random, machine.options));
    EXPECT_TRUE(machine.start());
    storage::WriteBatch batch;
    for (int i = 0; i < subjects; ++i) {
      const Ordinal subject = *machine.keys->stage_subject(batch, 0);
      model.subjects.insert(subject);
      for (int category = 0; category < keys_each; ++category) {
        const SlotKey made = machine.keys->key_for_writing(batch, subject, category).value();
        model.live.insert_or_assign({subject, category}, KeyModel::Made{made.slot, made.epoch, test::bytes_of(made.key)});
      }
    }
    EXPECT_TRUE(machine.commit(batch));
  }
  // In no order that would help.
  void accept(int count) {
    storage::WriteBatch batch;
    for (int i = 0; i < count; ++i) {
      const Ordinal subject = 1 + (static_cast<Ordinal>(i) * 7919) % model.subjects.size();
      EXPECT_TRUE(machine.keys->stage_pending(batch, {0, subject, 0xffff, {}}));
      wanted.insert(subject);
    }
    EXPECT_TRUE(machine.commit(batch));
  }
  Machine machine{21};
  KeyModel model;
  Life life{machine, model};
  std::set<Ordinal> wanted;
};

TEST(VaultBulk, RunsAreBoundedAndTheAdversaryHasNoneOfMoreThanTenThousandKeys) {
  Town town(2000);
  const auto old_roots = test::present_roots(town.machine);
  town.accept(1700);
  std::size_t left = town.machine.keys->pending_count();
  ASSERT_EQ(left, 1700U);
  int runs = 0;
  while (town.machine.keys->pending_count() > 0) {
    ASSERT_TRUE(town.life.shred());
    ASSERT_TRUE(town.life.receipt());
    EXPECT_LE(left - town.machine.keys->pending_count(), limits::shreds_per_run_max);
    left = town.machine.keys->pending_count();
    ASSERT_TRUE(town.life.key(*town.model.subjects.rbegin(), 12));  // somebody else's turn
    ++runs;
  }
  EXPECT_EQ(runs, 2);
  EXPECT_GT(town.model.dead.size(), 10'000U);
  EXPECT_EQ(test::disagreement(town.machine, town.model), "");
  EXPECT_EQ(test::adversary_verdict(town.machine, town.model), "");
  const auto known = test::reachable(town.machine, old_roots);  // or the adversary is blind
  for (const auto& dead : town.model.dead) ASSERT_TRUE(known.contains(dead.made.key));
}

TEST(VaultBulk, TheRestWaitsOutARestartAndACrash) {
  for (int cut = 0; cut < 4; ++cut) {
    Town town(1400);
    town.accept(1200);
    ASSERT_TRUE(town.life.shred());
    town.machine.die_before(cut, false);
    static_cast<void>(town.life.shred());
    town.machine.power();
    ASSERT_TRUE(town.machine.start());
    while (town.machine.keys->pending_count() > 0) ASSERT_TRUE(town.life.shred());
    for (const Ordinal subject : town.wanted) town.model.shred(subject, 0xffff);
    ASSERT_TRUE(town.life.receipt());
    EXPECT_EQ(test::disagreement(town.machine, town.model), "");
    EXPECT_EQ(test::adversary_verdict(town.machine, town.model), "");
  }
}

}  // namespace
}  // namespace taus::vault
