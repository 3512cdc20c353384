// The power goes off before every durable operation of a shred, torn or clean, and again in the recovery; another shred
// comes next. No live key may be lost, no acknowledged shred undone, no accepted request forgotten.
#include "tests/support/vault_machine.h"

namespace taus::vault {
namespace {

using test::KeyModel;
using test::Life;
using test::Machine;

struct Case {
  ShredFaults faults;
  int cut = 0;         // operations of the shred that still happen
  int second_cut = 0;  // operations of the recovery that still happen
  bool torn = false;
};

// What went wrong; empty: nothing. `finished` tells that the cut came after the shred's last operation.
std::string run_case(const Case& c, bool& finished) {
  Machine machine(9);
  machine.options.faults = c.faults;
  KeyModel model;
  Life life{machine, model};
  EXPECT_TRUE(KeyVault::create(machine.store, machine.roots, machine.random, machine.options));
  EXPECT_TRUE(machine.start());
  for (int i = 0; i < 70; ++i) {
    const Ordinal subject = *life.subject();
    EXPECT_TRUE(life.key(subject, 1) && life.key(subject, 2));
  }
  EXPECT_TRUE(life.accept(1, 0xffff) && life.shred() && life.receipt());  // so that both slots were used
  EXPECT_TRUE(life.accept(5, 0b10) && life.accept(66, 0xffff));

  machine.die_before(c.cut, c.torn);
  const auto first = life.shred();
  finished = first.has_value();
  machine.die_before(c.second_cut, c.torn);
  if (const auto started = machine.start(); !started) machine.power();
  machine.power();
  if (const auto started = machine.start(); !started) return "does not start: " + started.error().message;

  if (!first) {  // done or not, but all of it, and whoever asked must still be answered
    const bool done = machine.keys->unreceipted()->size() == 1;
    if (done) {
      model.shred(5, 0b10);
      model.shred(66, 0xffff);
    }
    if (machine.keys->pending().size() != (done ? 0U : 2U)) return "an accepted shred was forgotten, or is done twice";
  }
  if (auto wrong = test::disagreement(machine, model); !wrong.empty()) return wrong;
  if (auto wrong = test::adversary_verdict(machine, model); !wrong.empty()) return wrong;
  // Another shred, on the same paths, then a new key beside it.
  if (!life.accept(6, 0b110) || !life.shred() || !life.receipt() || !life.key(6, 1)) return "the next shred failed";
  if (model.live.contains({66, 1})) return "the first shred was never carried out";
  if (auto wrong = test::disagreement(machine, model); !wrong.empty()) return wrong;
  if (auto wrong = test::adversary_verdict(machine, model); !wrong.empty()) return wrong;
  if (!machine.start()) return "does not start again";
  return test::disagreement(machine, model);
}

// All cuts with these faults: what the first bad one said.
std::string first_wrong(const ShredFaults& faults) {
  for (const bool torn : {false, true}) {
    bool finished = false;
    for (int cut = 0; !finished; ++cut) {
      EXPECT_LT(cut, 100);
      for (int second = 0; second < 4; ++second) {
        const auto wrong = run_case({faults, cut, second, torn}, finished);
        if (!wrong.empty()) return wrong + " (cut " + std::to_string(cut) + ", then " + std::to_string(second) + ")";
      }
    }
  }
  return {};
}

TEST(VaultCrash, LosesNoLiveKeyAndForgetsNoShred) { EXPECT_EQ(first_wrong({}), ""); }

TEST(VaultCrash, ThereAreAtLeastThreeDurableOperations) {
  bool finished = false;
  EXPECT_EQ(run_case({{}, 2, 9, false}, finished), "");
  EXPECT_FALSE(finished);
  EXPECT_EQ(run_case({{}, 3, 9, false}, finished), "");
  EXPECT_TRUE(finished);
}

TEST(VaultPlantedFault, ErasingBeforeTheNewRootIsNoticed) { EXPECT_NE(first_wrong({.erase_before_root = true}), ""); }
TEST(VaultPlantedFault, ErasingBeforeTheNewTreeIsNoticed) { EXPECT_NE(first_wrong({.erase_before_tree = true}), ""); }
TEST(VaultPlantedFault, ANewRootBeforeItsTreeIsNoticed) { EXPECT_NE(first_wrong({.root_before_tree = true}), ""); }
TEST(VaultPlantedFault, OldRootKeptIsNoticedAcrossCrashes) { EXPECT_NE(first_wrong({.keep_old_root = true}), ""); }
TEST(VaultPlantedFault, OrphansLeftByRecoveryAreNoticed) { EXPECT_NE(first_wrong({.forget_orphans = true}), ""); }

// A vault that failed half way serves nothing more until it is opened again.
TEST(VaultCrash, AfterAFailureTheVaultRefuses) {
  Machine machine(2);
  KeyModel model;
  Life life{machine, model};
  ASSERT_TRUE(KeyVault::create(machine.store, machine.roots, machine.random, machine.options));
  ASSERT_TRUE(machine.start());
  const Ordinal subject = *life.subject();
  ASSERT_TRUE(life.key(subject, 0) && life.accept(subject, 1));
  const auto made = model.live.at({subject, 0});
  machine.die_before(1, false);
  ASSERT_FALSE(life.shred());
  machine.power();
  storage::WriteBatch batch;
  EXPECT_EQ(machine.keys->shred().error().code, ErrorCode::io);
  EXPECT_EQ(machine.keys->stage_subject(batch, 0).error().code, ErrorCode::io);
  EXPECT_EQ(machine.keys->key_for_writing(batch, subject, 1).error().code, ErrorCode::io);
  EXPECT_EQ(machine.keys->key_for_reading(subject, made.slot, made.epoch).error().code, ErrorCode::io);
  ASSERT_TRUE(machine.start());
  EXPECT_EQ(test::disagreement(machine, model), "");
}

}  // namespace
}  // namespace taus::vault
