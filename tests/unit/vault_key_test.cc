#include "eventstore/vault/shred.h"
#include "tests/support/vault_machine.h"

namespace taus::vault {
namespace {

using test::KeyModel;
using test::Life;
using test::Machine;

class VaultKeys : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(KeyVault::create(machine.store, machine.roots, machine.random, machine.options));
    ASSERT_TRUE(machine.start());
  }
  Machine machine{1};
  KeyModel model;
  Life life{machine, model};
};

TEST_F(VaultKeys, OrdinalsAscendAndAreNeverReused) {
  EXPECT_EQ(*life.subject(), 1U);
  storage::WriteBatch batch;
  EXPECT_EQ(*machine.keys->stage_subject(batch, 100), 100U);
  ASSERT_TRUE(machine.commit(batch));
  ASSERT_TRUE(life.accept(100, 0xffff));
  ASSERT_TRUE(life.shred());
  ASSERT_TRUE(machine.start());
  EXPECT_EQ(*life.subject(), 101U);
}

TEST_F(VaultKeys, TheLastOrdinalIsRefused) {
  storage::WriteBatch batch;
  EXPECT_EQ(*machine.keys->stage_subject(batch, subject_ordinal_max), subject_ordinal_max);
  const auto refused = machine.keys->stage_subject(batch, 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
}

TEST_F(VaultKeys, TheCentreHasANodeOnce) {
  storage::WriteBatch batch;
  ASSERT_TRUE(machine.keys->stage_centre(batch));
  const auto key = machine.keys->key_for_writing(batch, centre_ordinal, 0);
  ASSERT_TRUE(key);
  ASSERT_TRUE(machine.keys->stage_centre(batch));
  ASSERT_TRUE(machine.commit(batch));
  ASSERT_TRUE(machine.start());
  EXPECT_TRUE(*machine.keys->key_for_reading(centre_ordinal, key->slot, key->epoch) == key->key);
}

TEST_F(VaultKeys, AKeyIsMadeOnceAndItsEpochGoesOnAfterAShred) {
  const Ordinal subject = *life.subject();
  ASSERT_TRUE(life.key(subject, 3));
  const auto first = model.live.at({subject, 3});
  EXPECT_EQ(first.epoch, 1U);
  ASSERT_TRUE(life.key(subject, 3));
  EXPECT_EQ(model.live.at({subject, 3}), first);
  ASSERT_TRUE(life.accept(subject, 1 << 3));
  ASSERT_TRUE(life.shred());
  ASSERT_TRUE(life.key(subject, 3));
  EXPECT_EQ(model.live.at({subject, 3}).epoch, 2U);
  EXPECT_EQ(model.live.at({subject, 3}).slot, first.slot);
  EXPECT_EQ(test::disagreement(machine, model), "");
}

TEST_F(VaultKeys, TheFourAnswersOfAKey) {
  const Ordinal subject = *life.subject();
  ASSERT_TRUE(life.key(subject, 0));
  const auto made = model.live.at({subject, 0});
  const auto code = [&](Ordinal s, Slot slot, Epoch epoch) { return machine.keys->key_for_reading(s, slot, epoch).error().code; };
  EXPECT_EQ(code(subject, made.slot, 2), ErrorCode::unavailable);
  EXPECT_EQ(code(subject, made.slot, 0), ErrorCode::unavailable);
  EXPECT_EQ(code(subject, 16, 1), ErrorCode::unavailable);
  EXPECT_EQ(code(subject + 1, made.slot, 1), ErrorCode::unavailable);
  EXPECT_EQ(code(1ULL << 40, made.slot, 1), ErrorCode::unavailable);
  ASSERT_TRUE(life.accept(subject, 0xffff));
  ASSERT_TRUE(life.shred());
  EXPECT_EQ(code(subject, made.slot, 1), ErrorCode::shredded);
  EXPECT_EQ(code(subject, made.slot, 2), ErrorCode::unavailable);
  storage::WriteBatch batch;
  EXPECT_EQ(machine.keys->key_for_writing(batch, subject, 0).error().code, ErrorCode::not_found);
  EXPECT_FALSE(machine.keys->category_of(subject, made.slot)->has_value());
  EXPECT_EQ(*machine.keys->live_categories(subject), 0);
}

TEST_F(VaultKeys, EveryBatchIsNumberedOnce) {
  const auto before = machine.keys->kseq();
  storage::WriteBatch batch;
  const Ordinal subject = *machine.keys->stage_subject(batch, 0);
  ASSERT_TRUE(machine.keys->key_for_writing(batch, subject, 0));
  ASSERT_TRUE(machine.keys->key_for_writing(batch, subject, 1));
  EXPECT_EQ(machine.keys->kseq(), before + 1);
  ASSERT_TRUE(machine.commit(batch));
  storage::WriteBatch other;
  ASSERT_TRUE(machine.keys->key_for_writing(other, subject, 1));
  EXPECT_TRUE(other.empty());
  ASSERT_TRUE(machine.keys->key_for_writing(other, subject, 2));
  EXPECT_EQ(machine.keys->kseq(), before + 2);
  ASSERT_TRUE(machine.commit(other));
  ASSERT_TRUE(machine.start());
  EXPECT_EQ(machine.keys->kseq(), before + 2);
}

TEST_F(VaultKeys, PendingShredsSurviveARestartAndAreCarriedOutTogether) {
  const Ordinal a = *life.subject();
  const Ordinal b = *life.subject();
  for (const int category : {0, 1, 2}) {
    ASSERT_TRUE(life.key(a, category));
    ASSERT_TRUE(life.key(b, category));
  }
  ASSERT_TRUE(life.accept(a, 0b011));
  ASSERT_TRUE(life.accept(b, 0xffff));
  ASSERT_TRUE(life.accept(99, 0xffff));
  ASSERT_TRUE(machine.start());
  ASSERT_EQ(machine.keys->pending().size(), 3U);
  const auto done = machine.keys->shred();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->generation, 2U);
  EXPECT_EQ(done->victims.size(), 5U);
  EXPECT_EQ(done->requests.size(), 3U);
  EXPECT_EQ(done->requests[0].note, Bytes{7});
  for (const auto& request : done->requests) model.shred(request.subject, request.categories);
  EXPECT_TRUE(machine.keys->pending().empty());
  EXPECT_EQ(test::disagreement(machine, model), "");
  EXPECT_EQ(machine.keys->shred()->generation, 0U);
}

TEST_F(VaultKeys, AReceiptIsOwedUntilItIsMarkedAlsoAfterARestart) {
  const Ordinal subject = *life.subject();
  ASSERT_TRUE(life.key(subject, 0));
  ASSERT_TRUE(life.accept(subject, 0xffff));
  ASSERT_TRUE(life.shred());
  ASSERT_TRUE(machine.start());
  ASSERT_EQ(machine.keys->unreceipted()->size(), 1U);
  EXPECT_EQ(machine.keys->unreceipted()->front().victims.size(), 1U);
  ASSERT_TRUE(life.receipt());
  ASSERT_TRUE(machine.start());
  EXPECT_TRUE(machine.keys->unreceipted()->empty());
  EXPECT_EQ(test::disagreement(machine, model), "");
  std::size_t nodes = 0;
  for (const auto& [key, value] : machine.store.rows(storage::Table::keys)) nodes += key[0] == 'N' ? 1 : 0;
  EXPECT_EQ(nodes, 1U) << "superseded rows are left behind";
}

TEST_F(VaultKeys, ASmallCacheAnswersTheSame) {
  machine.options.nodes_max = 8;
  ASSERT_TRUE(machine.start());
  storage::WriteBatch batch;
  for (int i = 0; i < 200; ++i) {  // staged far beyond the cache, then durable
    const Ordinal subject = *machine.keys->stage_subject(batch, 0);
    const auto key = machine.keys->key_for_writing(batch, subject, i % 16);
    ASSERT_TRUE(key);
    model.subjects.insert(subject);
    model.live.insert({{subject, i % 16}, {key->slot, key->epoch, test::bytes_of(key->key)}});
  }
  EXPECT_EQ(test::disagreement(machine, model), "");
  ASSERT_TRUE(machine.commit(batch));
  EXPECT_EQ(test::disagreement(machine, model), "");
  ASSERT_TRUE(life.accept(7, 0xffff));
  ASSERT_TRUE(life.accept(150, 0xffff));
  ASSERT_TRUE(life.shred());
  EXPECT_EQ(test::disagreement(machine, model), "");
}

TEST_F(VaultKeys, ADamagedOrMissingNodeIsCorruptAndOthersAreServed) {
  const Ordinal subject = *life.subject();
  ASSERT_TRUE(life.key(subject, 0));
  const auto made = model.live.at({subject, 0});
  auto& rows = machine.store.rows(storage::Table::keys);
  for (auto& [key, value] : rows) {
    if (key[0] == 'N' && key[1] == 5) value.back() ^= 1;
  }
  ASSERT_TRUE(machine.start());
  EXPECT_EQ(machine.keys->key_for_reading(subject, made.slot, made.epoch).error().code, ErrorCode::corrupt);
  std::erase_if(rows, [](const auto& row) { return row.first[0] == 'N' && row.first[1] == 5; });
  ASSERT_TRUE(machine.start());
  EXPECT_EQ(machine.keys->key_for_reading(subject, made.slot, made.epoch).error().code, ErrorCode::corrupt);
  EXPECT_TRUE(life.subject());
}

TEST_F(VaultKeys, ANoteTooLongIsRefused) {
  storage::WriteBatch batch;
  const auto refused = machine.keys->stage_pending(batch, {0, 1, 1, Bytes(65)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
}

TEST_F(VaultKeys, AWrongRootOpensNothingAndErasesNothing) {
  ASSERT_TRUE(life.subject());
  const auto images = machine.roots.images();
  const auto tables = machine.store.tables();
  const auto refuses = [&] {
    const auto outcome = machine.start();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::unavailable);
  };
  machine.options.store_id.fill(1);  // another store
  refuses();
  machine.options.store_id.fill(0x5a);
  for (auto& image : machine.roots.images()) image = test::MemoryRootStore::blank();
  refuses();
  EXPECT_FALSE(KeyVault::is_new(machine.store, machine.roots));
  EXPECT_FALSE(KeyVault::create(machine.store, machine.roots, machine.random, machine.options));
  machine.roots.images()[0].assign(root_record_bytes, 9);
  refuses();
  machine.roots.images() = images;
  machine.store.tables() = {};  // the key rows are gone
  refuses();
  EXPECT_EQ(KeyVault::is_new(machine.store, machine.roots).error().code, ErrorCode::unavailable);
  EXPECT_EQ(machine.roots.images(), images);
  machine.store.tables() = tables;
  EXPECT_TRUE(machine.start());
  EXPECT_FALSE(KeyVault::create(machine.store, machine.roots, machine.random, machine.options));
}

TEST_F(VaultKeys, OldKeyRowsUnderANewRootAreRefused) {
  const Ordinal subject = *life.subject();
  const auto old = machine.store.tables();
  ASSERT_TRUE(life.accept(subject, 0xffff));
  ASSERT_TRUE(life.shred());
  const auto images = machine.roots.images();
  machine.store.tables() = old;
  const auto outcome = machine.start();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::unavailable);
  EXPECT_EQ(machine.roots.images(), images);
}

TEST(VaultCreate, MayBeCutShortAnywhere) {
  for (const bool torn : {false, true}) {
    for (int cut = 0; cut < 2; ++cut) {
      Machine machine(3);
      ASSERT_TRUE(*KeyVault::is_new(machine.store, machine.roots));
      machine.die_before(cut, torn);
      EXPECT_FALSE(KeyVault::create(machine.store, machine.roots, machine.random, machine.options));
      machine.power();
      ASSERT_TRUE(*KeyVault::is_new(machine.store, machine.roots)) << cut;
      ASSERT_TRUE(KeyVault::create(machine.store, machine.roots, machine.random, machine.options));
      EXPECT_FALSE(*KeyVault::is_new(machine.store, machine.roots));
      ASSERT_TRUE(machine.start());
      KeyModel model;
      EXPECT_TRUE((Life{machine, model}.subject()));
    }
  }
}

TEST(VaultEscrow, TheKeyGoesForwardWithEveryGeneration) {
  Machine machine(4);
  ASSERT_TRUE(KeyVault::create(machine.store, machine.roots, machine.random, machine.options));
  ASSERT_TRUE(machine.start());
  KeyModel model;
  Life life{machine, model};
  const auto first = decode_root_record(machine.roots.images()[0]);
  ASSERT_TRUE(life.accept(*life.subject(), 0xffff));
  ASSERT_TRUE(life.shred());
  const auto second = decode_root_record(machine.roots.images()[1]);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->escrow == next_escrow(first->escrow));
  EXPECT_EQ(machine.roots.images()[0], test::MemoryRootStore::blank());
}

}  // namespace
}  // namespace taus::vault
