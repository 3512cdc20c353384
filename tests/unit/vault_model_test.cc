// Random lives against a plain map.
#include <cstdlib>

#include <rapidcheck.h>

#include "tests/support/vault_machine.h"

namespace taus::vault {
namespace {

using test::KeyModel;
using test::Life;
using test::Machine;

// False: the vault and the model went apart.
void one_life(std::uint64_t seed, const std::vector<std::uint32_t>& choices) {
  Machine machine(seed);
  machine.options.nodes_max = 16;
  KeyModel model;
  Life life{machine, model};
  RC_ASSERT(KeyVault::create(machine.store, machine.roots, machine.random, machine.options).has_value());
  RC_ASSERT(machine.start().has_value());
  std::map<std::pair<Ordinal, int>, Epoch> epochs;
  for (const std::uint32_t choice : choices) {
    const std::uint32_t what = choice % 16;
    const int category = static_cast<int>(choice / 16 % 16);
    const Ordinal pick = model.subjects.empty() ? 1 : *std::next(model.subjects.begin(), choice / 256 % model.subjects.size());
    if (what < 4 || model.subjects.empty()) {
      RC_ASSERT(life.subject().has_value());
    } else if (what < 10) {
      RC_ASSERT(life.key(pick, category).has_value());
      Epoch& last = epochs[{pick, category}];
      const Epoch now = model.live.at({pick, category}).epoch;
      RC_ASSERT(now == last || now == last + 1);
      last = now;
    } else if (what < 12) {
      RC_ASSERT(life.accept(pick, static_cast<std::uint16_t>(1U << category | 1U)).has_value());
    } else if (what == 12) {
      RC_ASSERT(life.accept(pick, 0xffff).has_value());
    } else if (what == 13) {
      RC_ASSERT(life.shred().has_value());
      RC_ASSERT(test::adversary_verdict(machine, model) == "");
    } else if (what == 14) {
      RC_ASSERT(life.receipt().has_value());
    } else {
      RC_ASSERT(machine.start().has_value());
    }
  }
  RC_ASSERT(life.shred().has_value());
  RC_ASSERT(test::disagreement(machine, model) == "");
  RC_ASSERT(machine.start().has_value());
  RC_ASSERT(test::disagreement(machine, model) == "");
  RC_ASSERT(test::adversary_verdict(machine, model) == "");
}

TEST(VaultModel, RandomLivesAgreeWithAPlainMap) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    const auto choices = *rc::gen::container<std::vector<std::uint32_t>>(200, rc::gen::arbitrary<std::uint32_t>());
    one_life(seed, choices);
  }));
}

// One long life: 100,000 operations, three times as many where TAUS_LONG is set.
TEST(VaultModel, ALongLifeAgreesWithAPlainMap) {
  const int operations = std::getenv("TAUS_LONG") != nullptr ? 300'000 : 100'000;
  Machine machine(77);
  machine.options.nodes_max = 256;
  KeyModel model;
  Life life{machine, model};
  ASSERT_TRUE(KeyVault::create(machine.store, machine.roots, machine.random, machine.options));
  ASSERT_TRUE(machine.start());
  test::SeededRandom dice(78);
  const auto draw = [&] {
    ByteArray<8> bytes{};
    dice.fill(bytes);
    return Reader(bytes).u64();
  };
  Ordinal highest = 0;
  for (int done = 0; done < operations; ++done) {
    const std::uint64_t choice = draw();
    const std::uint64_t what = choice % 1000;
    const int category = static_cast<int>(choice / 1000 % 16);
    const auto from = model.subjects.lower_bound(highest == 0 ? 0 : choice / 16'000 % highest);
    const Ordinal pick = from == model.subjects.end() ? 0 : *from;
    if (pick == 0 || what < 60) {
      const auto made = life.subject();
      ASSERT_TRUE(made) << done;
      ASSERT_GT(*made, highest) << "a number given out twice";
      highest = *made;
    } else if (what < 930) {
      ASSERT_TRUE(life.key(pick, category)) << done;
    } else if (what < 970) {
      ASSERT_TRUE(life.accept(pick, static_cast<std::uint16_t>(what < 960 ? 1U << category : 0xffffU))) << done;
    } else if (what < 990) {
      ASSERT_TRUE(life.shred()) << done;
    } else if (what < 999) {
      ASSERT_TRUE(life.receipt()) << done;
    } else if (choice / 1000 % 20 == 0) {
      ASSERT_TRUE(machine.start()) << done;
    }
    if (done % (operations / 4) == operations / 8) {
      ASSERT_TRUE(life.shred());
      ASSERT_EQ(test::disagreement(machine, model), "") << done;
    }
  }
  ASSERT_TRUE(life.shred() && life.receipt());
  ASSERT_TRUE(machine.start());
  EXPECT_EQ(test::disagreement(machine, model), "");
  EXPECT_EQ(test::adversary_verdict(machine, model), "");
  EXPECT_GT(model.dead.size(), 1000U);
}

}  // namespace
}  // namespace taus::vault
