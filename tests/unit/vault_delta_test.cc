// The engine drops the tail of its log without a word: the delta file brings a shred's rows back.
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "eventstore/vault/delta_file.h"
#include "tests/support/vault_machine.h"

namespace taus::vault {
namespace {

using test::KeyModel;
using test::Life;
using test::Machine;

class VaultDelta : public ::testing::Test {
 protected:
  VaultDelta() : folder_(std::filesystem::temp_directory_path() / ("taus-delta-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    machine.options.delta_path = (folder_ / "delta").string();
  }
  ~VaultDelta() override { std::filesystem::remove_all(folder_); }
  void SetUp() override {
    ASSERT_TRUE(KeyVault::create(machine.store, machine.roots, machine.random, machine.options));
    ASSERT_TRUE(machine.start());
    for (int i = 0; i < 5; ++i) {
      const Ordinal subject = *life.subject();
      ASSERT_TRUE(life.key(subject, 0) && life.key(subject, 1));
    }
  }
  std::filesystem::path folder_;
  Machine machine{6};
  KeyModel model;
  Life life{machine, model};
};

TEST_F(VaultDelta, FillsInAShredThatTheEngineLost) {
  ASSERT_TRUE(life.accept(2, 0b11));
  const auto before = machine.store.tables();
  ASSERT_TRUE(life.shred());
  machine.store.tables() = before;
  ASSERT_TRUE(machine.start());
  EXPECT_EQ(test::disagreement(machine, model), "");
  EXPECT_TRUE(machine.keys->pending().empty());
  EXPECT_EQ(machine.keys->unreceipted()->size(), 1U);
  EXPECT_EQ(test::adversary_verdict(machine, model), "");
}

// The delta file holds the rows of the shred before the last one, too: with them an old root opens its own top again.
TEST_F(VaultDelta, AnOldRootThatIsPutBackIsRefusedAndNothingIsErased) {
  ASSERT_TRUE(life.accept(2, 0b11) && life.shred() && life.receipt());
  const auto old_roots = machine.roots.images();
  ASSERT_TRUE(life.accept(3, 0b11) && life.shred() && life.receipt());
  const auto roots = machine.roots.images();
  const auto tables = machine.store.tables();
  machine.roots.images() = old_roots;
  for (int i = 0; i < 2; ++i) {
    const auto refused = machine.start();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::corrupt);
    EXPECT_NE(refused.error().message.find("an old copy of the root store"), std::string::npos);
    EXPECT_EQ(machine.store.tables(), tables);
    EXPECT_EQ(machine.roots.images(), old_roots);
  }
  machine.roots.images() = roots;
  ASSERT_TRUE(machine.start());
  EXPECT_EQ(test::disagreement(machine, model), "");
  EXPECT_EQ(test::adversary_verdict(machine, model), "");
}

// An old copy of the keys is no lost batch: what was added since would be missing for good.
TEST_F(VaultDelta, DoesNotMakeAnOldKeyStoreLookNew) {
  const auto old = machine.store.tables();
  ASSERT_TRUE(life.key(3, 9));
  ASSERT_TRUE(life.accept(2, 0b11) && life.shred());
  const auto now = machine.store.tables();
  const auto roots = machine.roots.images();
  machine.store.tables() = old;
  const auto refused = machine.start();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("nothing was erased"), std::string::npos);
  EXPECT_EQ(machine.roots.images(), roots);
  machine.store.tables() = now;
  ASSERT_TRUE(machine.start());
  EXPECT_EQ(test::disagreement(machine, model), "");
}

TEST_F(VaultDelta, FillsInSingleRowsButNeverAnOlderOne) {
  ASSERT_TRUE(life.accept(2, 0b01));
  ASSERT_TRUE(life.shred());
  ASSERT_TRUE(life.key(2, 5));  // rewrites the subject's row after the delta
  ASSERT_TRUE(machine.start());
  EXPECT_EQ(test::disagreement(machine, model), "");
  std::erase_if(machine.store.rows(storage::Table::keys),
                [](const auto& row) { return row.first[0] == 'N' && row.first[1] == 2; });
  ASSERT_TRUE(machine.start());
  EXPECT_EQ(test::disagreement(machine, model), "");
}

TEST_F(VaultDelta, ADamagedOneIsNotUsedAndNothingIsErased) {
  ASSERT_TRUE(life.accept(2, 0b11));
  const auto before = machine.store.tables();
  ASSERT_TRUE(life.shred());
  machine.store.tables() = before;
  const auto images = machine.roots.images();
  machine.keys.reset();
  std::fstream file(machine.options.delta_path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(60);  // generation 2 lies in the first area
  file.put('\x01').put('\x02').put('\x03');
  file.close();
  const auto outcome = machine.start();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::unavailable);
  EXPECT_EQ(machine.roots.images(), images);
}

TEST_F(VaultDelta, OfAnUnfinishedShredIsNotMistakenForTheNext) {
  ASSERT_TRUE(life.accept(2, 0b11));
  machine.die_before(1, false);  // delta and tree are there, the root is not
  ASSERT_FALSE(life.shred());
  machine.power();
  ASSERT_TRUE(machine.start());
  EXPECT_EQ(test::disagreement(machine, model), "");
  machine.options.delta_path.clear();  // the next one does not overwrite it, as a bulk run would not
  ASSERT_TRUE(machine.start());
  ASSERT_TRUE(life.shred());
  machine.options.delta_path = (folder_ / "delta").string();
  const auto rows = machine.store.tables();
  ASSERT_TRUE(machine.start());
  EXPECT_EQ(test::disagreement(machine, model), "");
}

TEST_F(VaultDelta, TooLargeABatchIsFlushedInstead) {
  auto file = DeltaFile::open((folder_ / "other").string());
  ASSERT_TRUE(file);
  storage::WriteBatch batch;
  batch.put(storage::Table::keys, Bytes{'N'}, Bytes(DeltaFile::area_bytes));
  EXPECT_FALSE(*(*file)->write(2, {}, batch));
  EXPECT_FALSE((*file)->read(2, {})->has_value());
  storage::WriteBatch small;
  small.put(storage::Table::keys, Bytes{'a'}, Bytes{1, 2});
  small.erase(storage::Table::keys, Bytes{'b'});
  EXPECT_TRUE(*(*file)->write(2, {}, small));
  const auto again = (*file)->read(2, {});
  ASSERT_TRUE(again && *again);
  ASSERT_EQ((*again)->rows().size(), 2U);
  ASSERT_TRUE((*again)->rows()[0].value);
  EXPECT_TRUE(std::ranges::equal(*(*again)->rows()[0].value, Bytes{1, 2}));
  EXPECT_FALSE((*again)->rows()[1].value);
  EXPECT_FALSE((*file)->read(2, {1})->has_value());
  EXPECT_FALSE((*file)->read(4, {})->has_value());
}

}  // namespace
}  // namespace taus::vault
