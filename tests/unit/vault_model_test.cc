// Random lives against a plain map.
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

}  // namespace
}  // namespace taus::vault
