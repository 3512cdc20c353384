// Who holds every row ever written, and which root: what can they read? With it, faults planted into the shred that this
// test must notice, or it shows nothing.
#include "tests/support/vault_machine.h"

namespace taus::vault {
namespace {

using test::KeyModel;
using test::Life;
using test::Machine;

struct Outcome {
  std::string adversary;     // after the last acknowledged shred
  std::string disagreement;  // of vault and model
  std::string restart;       // the same after a restart, or why it did not start
};

// Some subjects and keys, shreds of categories and subjects in several runs.
Outcome live_through(const ShredFaults& faults, std::uint64_t seed) {
  Machine machine(seed);
  machine.options.faults = faults;
  KeyModel model;
  Life life{machine, model};
  EXPECT_TRUE(KeyVault::create(machine.store, machine.roots, machine.random, machine.options));
  EXPECT_TRUE(machine.start());
  std::vector<Ordinal> subjects;
  for (int i = 0; i < 70; ++i) {
    subjects.push_back(*life.subject());
    for (int category = 0; category < 4; ++category) EXPECT_TRUE(life.key(subjects.back(), category));
  }
  Outcome out;
  const auto note = [&](std::string& where, const std::string& what) {
    if (where.empty()) where = what;
  };
  const auto run = [&](Ordinal subject, std::uint16_t categories) {
    EXPECT_TRUE(life.accept(subject, categories));
    if (const auto done = life.shred(); !done) return note(out.disagreement, done.error().message);
    note(out.adversary, test::adversary_verdict(machine, model));
    note(out.disagreement, test::disagreement(machine, model));
  };
  run(subjects[3], 0b0101);
  EXPECT_TRUE(life.key(subjects[3], 0));
  run(subjects[65], 0xffff);
  run(subjects[64], 0b0001);
  const auto started = machine.start();
  out.restart = started ? test::disagreement(machine, model) : started.error().message;
  return out;
}

TEST(VaultAdversary, HasNoShreddedKeyAndEveryLiveOneIsReachable) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Outcome outcome = live_through({}, seed);
    EXPECT_EQ(outcome.adversary, "");
    EXPECT_EQ(outcome.disagreement, "");
    EXPECT_EQ(outcome.restart, "");
  }
}

// Positive control: the same tool, given the root from before, must find the keys, or it is blind.
TEST(VaultAdversary, WithTheOldRootTheShreddedKeysAreFound) {
  Machine machine(1);
  KeyModel model;
  Life life{machine, model};
  ASSERT_TRUE(KeyVault::create(machine.store, machine.roots, machine.random, machine.options));
  ASSERT_TRUE(machine.start());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(life.key(*life.subject(), i));
  const auto old_roots = test::present_roots(machine);
  ASSERT_TRUE(life.accept(4, 0xffff));
  ASSERT_TRUE(life.accept(5, 1 << 4));
  ASSERT_TRUE(life.shred());
  ASSERT_EQ(model.dead.size(), 2U);
  EXPECT_EQ(test::adversary_verdict(machine, model), "");
  const auto known = test::reachable(machine, old_roots);
  for (const auto& dead : model.dead) EXPECT_TRUE(known.contains(dead.made.key));
}

TEST(VaultPlantedFault, OldRootNotErasedIsNoticed) { EXPECT_NE(live_through({.keep_old_root = true}, 1).adversary, ""); }

TEST(VaultPlantedFault, AcknowledgingBeforeErasingIsNoticed) {
  EXPECT_NE(live_through({.acknowledge_before_erase = true}, 1).adversary, "");
}

TEST(VaultPlantedFault, AKeyLeftOutOfAShredIsNoticed) {
  const Outcome outcome = live_through({.leave_out_a_key = true}, 1);
  EXPECT_NE(outcome.adversary, "");
  EXPECT_NE(outcome.disagreement, "");
}

TEST(VaultPlantedFault, ReusedNodeKeysAreNoticed) { EXPECT_NE(live_through({.reuse_node_keys = true}, 1).adversary, ""); }

}  // namespace
}  // namespace taus::vault
