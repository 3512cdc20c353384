// Many erasures under one new root, prepared in chunks while keys are added beside them: a crash anywhere loses no key and forgets no
// request, and nothing of what is destroyed follows from all that was written.
#include <rapidcheck.h>

#include "tests/support/vault_machine.h"

namespace taus::vault {
namespace {

using test::KeyModel;
using test::Life;
using test::Machine;

// A machine whose large runs begin at four requests and have chunks of a few keys.
struct Town {
  Town(int subjects, int keys_each, const ShredFaults& faults = {}, std::uint64_t seed = 21, bool small = true) : machine(seed) {
    machine.options.faults = faults;
    if (small) {
      machine.options.at_once_max = 3;
      machine.options.chunk_keys = 6;
      machine.options.nodes_max = 16;
    }
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
  Result<void> accept(Ordinal subject, std::uint16_t categories) {
    TAUS_TRY(life.accept(subject, categories));
    wanted[subject] = static_cast<std::uint16_t>(wanted[subject] | categories);
    return {};
  }
  // In no order that would help.
  void accept_many(int count, std::uint16_t categories = 0xffff) {
    storage::WriteBatch batch;
    for (int i = 0; i < count; ++i) {
      const Ordinal subject = 1 + (static_cast<Ordinal>(i) * 7919) % model.subjects.size();
      EXPECT_TRUE(machine.keys->stage_pending(batch, {0, subject, categories, {}}));
      wanted[subject] = categories;
    }
    EXPECT_TRUE(machine.commit(batch));
  }
  // One step, committed. What is done when it is done.
  Result<ShredStep> step() {
    storage::WriteBatch batch;
    TAUS_TRY_ASSIGN(ShredStep step, machine.keys->shred_step(batch));
    if (!batch.empty()) TAUS_TRY(machine.commit(batch));
    if (step.then == ShredStep::Then::flush) machine.keys->note_flushed();
    return step;
  }
  void acknowledged() {
    for (const auto& [subject, categories] : wanted) model.shred(subject, categories);
    wanted.clear();
  }
  [[nodiscard]] std::string wrong() {
    if (auto what = test::disagreement(machine, model); !what.empty()) return what;
    return test::adversary_verdict(machine, model);
  }
  Machine machine;
  KeyModel model;
  Life life{machine, model};
  std::map<Ordinal, std::uint16_t> wanted;
};

TEST(VaultBulk, OneRunOneRootAndTheAdversaryHasNoneOfMoreThanTenThousandKeys) {
  Town town(2000, 7, {}, 21, false);
  const auto old_roots = test::present_roots(town.machine);
  town.accept_many(1700);
  ASSERT_EQ(town.machine.keys->pending_count(), 1700U);
  ASSERT_TRUE(town.life.shred());
  EXPECT_EQ(town.machine.keys->generation(), 2U);
  EXPECT_EQ(town.machine.keys->pending_count(), 0U);
  EXPECT_GT(town.model.dead.size(), 10'000U);
  EXPECT_EQ(town.wrong(), "");
  const auto known = test::reachable(town.machine, old_roots);  // or the adversary is blind
  for (const auto& dead : town.model.dead) ASSERT_TRUE(known.contains(dead.made.key));
  EXPECT_GT(town.machine.keys->unreceipted()->size(), 10U);
  ASSERT_TRUE(town.life.receipt());
  EXPECT_TRUE(town.machine.keys->unreceipted()->empty());
  EXPECT_EQ(town.wrong(), "");
  ASSERT_TRUE(town.machine.start());
  EXPECT_EQ(town.wrong(), "");
  // Nothing of the run is left but what it tells: no request, no work row, no node that the tree does not name.
  std::size_t nodes = 0;
  for (const auto& [key, value] : town.machine.store.rows(storage::Table::keys)) {
    EXPECT_NE(key[0], 'P');
    EXPECT_NE(key[0], 'W');
    nodes += key[0] == 'N' ? 1 : 0;
  }
  EXPECT_LT(nodes, 300 + 64U);
}

// One receipt of many tells that the new root was there: the one before is an old copy then, though its rows are there yet.
TEST(VaultBulk, AnOldRootThatIsPutBackBetweenTheReceiptsIsRefused) {
  Town town(250, 2);
  const auto old_roots = town.machine.roots.images();
  for (Ordinal subject = 1; subject <= 240; subject += 6) ASSERT_TRUE(town.accept(subject, 0xffff));
  for (auto step = town.step(); step->then != ShredStep::Then::done; step = town.step()) ASSERT_TRUE(step);
  town.acknowledged();
  const auto roots = town.machine.roots.images();
  const auto told = town.machine.keys->unreceipted();
  ASSERT_GT(told->size(), 2U);
  storage::WriteBatch batch;
  town.machine.keys->stage_receipted(batch, told->front().generation, told->front().chunk);
  ASSERT_TRUE(town.machine.commit(batch));
  const auto tables = town.machine.store.tables();
  town.machine.roots.images() = old_roots;
  const auto refused = town.machine.start();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::corrupt);
  EXPECT_EQ(town.machine.store.tables(), tables);
  town.machine.roots.images() = roots;
  ASSERT_TRUE(town.machine.start());
  EXPECT_EQ(town.wrong(), "");
}

// What is destroyed may not be read or written from the first step on; everything else may.
TEST(VaultBulk, BetweenItsStepsOnlyWhatItDestroysIsRefused) {
  Town town(70, 3);
  for (Ordinal subject = 1; subject <= 40; ++subject) ASSERT_TRUE(town.accept(subject, subject % 2 == 0 ? 0b1 : 0xffff));
  ASSERT_EQ(town.step()->then, ShredStep::Then::go_on);
  for (int i = 0; i < 3; ++i) {
    storage::WriteBatch batch;
    EXPECT_EQ(town.machine.keys->key_for_writing(batch, 1, 2).error().code, ErrorCode::busy);
    EXPECT_EQ(town.machine.keys->key_for_writing(batch, 40, 0).error().code, ErrorCode::busy);
    const auto dying = town.model.live.at({39, 1});
    EXPECT_EQ(town.machine.keys->key_for_reading(39, dying.slot, dying.epoch).error().code, ErrorCode::busy);
    EXPECT_TRUE(town.life.key(40, 1));
    EXPECT_TRUE(town.life.key(40, 5 + i));
    EXPECT_TRUE(town.life.key(60, 5 + i));
    std::optional<EscrowPaper> none;
    EXPECT_EQ(town.machine.keys->rotate({}, none).error().code, ErrorCode::busy);
    EXPECT_GT(town.machine.keys->progress().of, 0U);
    ASSERT_TRUE(town.step());
  }
}

// `choices` are adds beside the steps. Empty: nothing is wrong.
std::string live_beside(Town& town, const std::vector<std::uint32_t>& choices) {
  std::size_t at = 0;
  for (int steps = 0; steps < 1000; ++steps) {
    const auto step = town.step();
    if (!step) return step.error().message;
    if (step->then == ShredStep::Then::done) {
      town.acknowledged();
      return town.wrong();
    }
    for (int i = 0; i < 2 && at < choices.size(); ++i, ++at) {
      const std::uint32_t choice = choices[at];
      const Ordinal pick = *std::next(town.model.subjects.begin(), choice / 256 % town.model.subjects.size());
      if (choice % 4 == 0) {
        if (!town.life.subject()) return "no new subject";
      } else if (const auto made = town.life.key(pick, static_cast<int>(choice / 16 % 16));
                 !made && made.error().code != ErrorCode::busy) {
        return "no new key: " + made.error().message;
      }
    }
  }
  return "it never ends";
}

TEST(VaultBulk, WhatIsAddedBesideItIsNotLost) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    const auto choices = *rc::gen::container<std::vector<std::uint32_t>>(60, rc::gen::arbitrary<std::uint32_t>());
    Town town(140, 2, {}, seed);
    for (Ordinal subject = 1; subject <= 140; ++subject)
      if (choices[subject % 60] % 2 == 0)
        RC_ASSERT(town.accept(subject, choices[subject % 60] % 4 == 0 ? 0xffff : 0b1).has_value());
    RC_ASSERT(live_beside(town, choices) == "");
    RC_ASSERT(town.life.receipt().has_value());
    RC_ASSERT(town.life.subject().has_value());
    RC_ASSERT(town.machine.start().has_value());
    RC_ASSERT(town.wrong() == "");
  }));
}

// Power cuts before every durable operation of the run, of what is added beside it, of its receipts, and of the recovery.
std::string cut_at(const ShredFaults& faults, int cut, int second, bool torn, bool& finished) {
  Town town(70, 2, faults, 5);
  EXPECT_TRUE(town.accept(70, 0xffff) && town.life.shred() && town.life.receipt());  // so that both slots were used
  town.acknowledged();
  for (const Ordinal subject : {3, 64, 65, 66, 5, 69}) EXPECT_TRUE(town.accept(subject, subject % 2 == 0 ? 0b10 : 0xffff));
  town.machine.die_before(cut, torn);
  finished = false;
  for (int i = 0; i < 100; ++i) {
    const auto step = town.step();
    if (!step && step.error().code == ErrorCode::corrupt) return step.error().message;
    if (!step) break;
    if (step->then == ShredStep::Then::done) {
      town.acknowledged();
      finished = town.life.receipt().has_value();
      break;
    }
    if (!town.life.key(20 + static_cast<Ordinal>(i) % 40, 7) || !town.life.key(64, 8 + i % 4)) break;
    if (i < 2 && !town.life.subject()) break;
  }
  town.machine.die_before(second, torn);
  if (const auto started = town.machine.start(); !started) town.machine.power();
  town.machine.power();
  if (const auto started = town.machine.start(); !started) return "does not start: " + started.error().message;
  if (!town.wanted.empty() && town.machine.keys->generation() == 3) town.acknowledged();
  if (town.machine.keys->pending().size() != town.wanted.size()) return "an accepted shred was forgotten, or is done twice";
  if (auto wrong = town.wrong(); !wrong.empty()) return wrong;
  // What is left is done now, with another request, in a run of its own.
  if (!town.accept(10, 0b11) || !town.accept(7, 0xffff)) return "nothing is accepted any more";
  if (!town.life.shred() || !town.life.receipt()) return "the next shred failed";
  town.acknowledged();
  if (auto wrong = town.wrong(); !wrong.empty()) return wrong;
  if (!town.machine.start()) return "does not start again";
  return town.wrong();
}

std::string first_wrong(const ShredFaults& faults) {
  for (const bool torn : {false, true}) {
    bool finished = false;
    for (int cut = 0; !finished; ++cut) {
      if (cut > 200) return "it never comes to an end";
      for (const int second : {0, 1, 3, 9}) {
        const auto wrong = cut_at(faults, cut, second, torn, finished);
        if (!wrong.empty()) return wrong + " (cut " + std::to_string(cut) + ", then " + std::to_string(second) + ")";
      }
    }
  }
  return {};
}

TEST(VaultBulk, APowerCutAnywhereLosesNoKeyAndForgetsNoRequest) { EXPECT_EQ(first_wrong({}), ""); }

TEST(VaultBulkPlanted, AddsThatAreNotFollowedAreNoticed) { EXPECT_NE(first_wrong({.adds_not_followed = true}), ""); }
TEST(VaultBulkPlanted, AnOldRootThatStaysIsNoticed) { EXPECT_NE(first_wrong({.keep_old_root = true}), ""); }
TEST(VaultBulkPlanted, AnErasureBeforeTheNewRootIsNoticed) { EXPECT_NE(first_wrong({.erase_before_root = true}), ""); }
TEST(VaultBulkPlanted, AnErasureBeforeTheNewTreeIsNoticed) { EXPECT_NE(first_wrong({.erase_before_tree = true}), ""); }
TEST(VaultBulkPlanted, AKeyLeftOutIsNoticed) { EXPECT_NE(first_wrong({.leave_out_a_key = true}), ""); }
TEST(VaultBulkPlanted, AnAcknowledgementBeforeTheErasureIsNoticed) {
  EXPECT_NE(first_wrong({.acknowledge_before_erase = true}), "");
}

// A row that the engine changed behind our back is found before the root moves.
TEST(VaultBulk, WhatDoesNotReadBackStopsIt) {
  Town town(70, 2);
  for (Ordinal subject = 1; subject <= 30; ++subject) ASSERT_TRUE(town.accept(subject, 0b1));
  while (town.step()->then != ShredStep::Then::flush) {
  }
  for (auto& [key, value] : town.machine.store.rows(storage::Table::keys))
    if (key[0] == 'N' && key[1] == subject_level && value[1] == 2) value.back() ^= 1;  // of the new generation
  auto step = town.step();
  while (step && step->then == ShredStep::Then::go_on) step = town.step();
  EXPECT_EQ(step.error().code, ErrorCode::corrupt);
  EXPECT_EQ(town.machine.keys->generation(), 1U);
}

}  // namespace
}  // namespace taus::vault
