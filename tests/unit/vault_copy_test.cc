// Copies of tables as files: what was written comes back; what was cut short or changed anywhere is refused or known to be behind, and
// is never taken for whole. The golden file was made by another program from docs/format/copies.md.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "eventstore/vault/replicas.h"
#include "eventstore/vault/rows.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_directory.h"

namespace taus::vault {
namespace {

using storage::Table;
using storage::WriteBatch;

Bytes bytes_of(std::string_view text) { return {view(text).begin(), view(text).end()}; }

WriteBatch numbered(std::uint64_t kseq, std::string_view key, std::string_view value) {
  WriteBatch out;
  out.put(Table::keys, counter_key(Counter::kseq), encode_counter(kseq));
  if (value.empty())
    out.erase(Table::keys, bytes_of(key));
  else
    out.put(Table::keys, bytes_of(key), bytes_of(value));
  return out;
}

CopyHead head_of(std::uint8_t id) {
  CopyHead head;
  head.store_id.fill(id);
  head.incarnation = 7;
  return head;
}

std::map<Bytes, Bytes> rows_in(const std::string& path, CopyState* state = nullptr) {
  std::map<Bytes, Bytes> out;
  const auto read = read_copy_file(path, [&](const WriteBatch& rows) -> Result<void> {
    for (const auto& row : rows.rows()) {
      const Bytes key(row.key.begin(), row.key.end());
      if (row.value)
        out[key] = Bytes(row.value->begin(), row.value->end());
      else
        out.erase(key);
    }
    return {};
  });
  EXPECT_TRUE(read) << (read ? "" : read.error().message);
  if (read && state != nullptr) *state = *read;
  return out;
}

class VaultCopy : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store.commit(numbered(1, "Na", "one")));
    ASSERT_TRUE(store.commit(numbered(2, "Nb", "two")));
  }
  Bytes file() {
    std::ifstream in(path, std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(in), {});
  }
  void set_file(const Bytes& bytes) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  std::unique_ptr<Replica> replica() { return directory_replica("second", folder.path()); }

  test::TemporaryDirectory folder;
  std::string path = folder.path() + "/" + replica_file;
  test::MemoryStore store;
};

TEST_F(VaultCopy, HoldsTheBaseAndEveryBatchAfterIt) {
  const auto one = replica();
  EXPECT_EQ(one->look().error().code, ErrorCode::not_found);
  ASSERT_TRUE(one->copy(head_of(1), store, 2));
  ASSERT_TRUE(store.commit(numbered(3, "Nc", "three")));
  ASSERT_TRUE(one->append(*key_batch(numbered(3, "Nc", "three"))));
  ASSERT_TRUE(store.commit(numbered(4, "Na", "")));
  ASSERT_TRUE(one->append(*key_batch(numbered(4, "Na", ""))));
  CopyState state;
  EXPECT_EQ(rows_in(path, &state), store.rows(Table::keys));
  EXPECT_EQ(state.kseq, 4U);
  EXPECT_EQ(state.head, head_of(1));
  EXPECT_FALSE(one->append(*key_batch(numbered(6, "Nd", "a gap"))));
}

TEST_F(VaultCopy, ABatchMadeOfSeveralCarriesAllTheirNumbers) {
  WriteBatch both = numbered(3, "Nc", "three");
  both.append(numbered(4, "Nd", "four"));
  const auto batch = key_batch(both);
  EXPECT_EQ(batch->first, 3U);
  EXPECT_EQ(batch->last, 4U);
  WriteBatch other;
  other.put(Table::leaf, bytes_of("x"), {});
  EXPECT_FALSE(key_batch(other));
}

TEST_F(VaultCopy, TheGoldenFile) {
  ASSERT_TRUE(replica()->copy(head_of(1), store, 2));
  const auto again = replica();
  ASSERT_TRUE(again->look());
  ASSERT_TRUE(again->append(*key_batch(numbered(3, "Na", ""))));
  EXPECT_EQ(to_hex(file()),
            "54415553435031000201010101010101010101010101010101070000002d00000000000000010300000002004d71010800000002000000"
            "0000000002004e6101030000006f6e6502004e62010300000074776ff92b97333645199d01033355bd3361f6b4f2008d1551de55c37528"
            "d8fa6b1733100000000000000002020000000000000003000000000000006834e12d78e871a5c60ff30b27a7e7a03d3ce2dd827adfb22b"
            "c2b35cf5aad34a2a0000000000000003030000000000000003000000000000000200000002004d71010800000003000000000000000200"
            "4e6100eda87ec1cd8fe958f7593afecf300b50705ee50376e21a60255bf4f8c4673f1d");
}

TEST_F(VaultCopy, CutAnywhereItIsRefusedOrKnownToBeBehind) {
  const auto one = replica();
  ASSERT_TRUE(one->copy(head_of(1), store, 2));
  const std::size_t base = file().size();
  ASSERT_TRUE(one->append(*key_batch(numbered(3, "Nc", "three"))));
  const Bytes whole = file();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    set_file(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    const auto state = read_copy_file(path, {});
    if (size < base) {
      ASSERT_FALSE(state) << size;
      EXPECT_EQ(state.error().code, ErrorCode::corrupt);
      EXPECT_NE(state.error().message.find("nothing was changed"), std::string::npos);
    } else {
      ASSERT_TRUE(state) << size;
      EXPECT_EQ(state->kseq, 2U);
    }
  }
}

TEST_F(VaultCopy, AnyBitTurnedIsRefusedOrKnownToBeBehind) {
  const auto one = replica();
  ASSERT_TRUE(one->copy(head_of(1), store, 2));
  ASSERT_TRUE(one->append(*key_batch(numbered(3, "Nc", "three"))));
  const Bytes whole = file();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes changed = whole;
      changed[at] = static_cast<std::uint8_t>(changed[at] ^ (1U << bit));
      const ReadAt read = [&](std::span<std::uint8_t> into, std::uint64_t offset) -> Result<void> {
        std::copy_n(changed.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
        return {};
      };
      const auto state = read_copy(changed.size(), read, "copy", {});
      EXPECT_TRUE(!state || state->kseq < 3) << at << "." << bit;
    }
  }
}

// What the set makes of what it finds in a replica's directory.
TEST_F(VaultCopy, TheSetBringsUpWhatIsBehindAndRefusesWhatIsStrangeOrDamaged) {
  const auto state_after = [&](std::uint8_t id, std::uint64_t kseq) {
    std::vector<std::unique_ptr<Replica>> all;
    all.push_back(replica());
    Replicas set(std::move(all));
    set.attach(store, head_of(id), kseq, {});
    return set.states().front().state;
  };
  EXPECT_EQ(state_after(1, 2), ReplicaState::current);  // new: copied
  EXPECT_EQ(rows_in(path), store.rows(Table::keys));
  ASSERT_TRUE(store.commit(numbered(3, "Nc", "three")));
  EXPECT_EQ(state_after(1, 3), ReplicaState::current);  // behind: copied
  EXPECT_EQ(rows_in(path), store.rows(Table::keys));
  Bytes torn = file();
  torn.resize(torn.size() + 40, 1);
  set_file(torn);
  EXPECT_EQ(state_after(1, 3), ReplicaState::current);  // a batch that was cut short: copied
  const Bytes good = file();
  EXPECT_EQ(state_after(2, 3), ReplicaState::foreign);
  EXPECT_EQ(file(), good);
  Bytes flipped = good;
  flipped[flipped.size() / 2] ^= 1;
  set_file(flipped);
  EXPECT_EQ(state_after(1, 3), ReplicaState::damaged);
  EXPECT_EQ(file(), flipped);
  std::vector<std::unique_ptr<Replica>> all;
  all.push_back(replica());
  Replicas set(std::move(all));
  set.attach(store, head_of(1), 3, {});
  EXPECT_NE(set.waits_for().find("is damaged"), std::string::npos);
  ASSERT_TRUE(set.admit("second", store, 3));  // the operator looked at the disk
  EXPECT_EQ(rows_in(path), store.rows(Table::keys));
  std::filesystem::remove_all(folder.path());
  EXPECT_EQ(state_after(1, 3), ReplicaState::unreachable);
}

// A shred counts on what was confirmed before it: what is no longer there confirms nothing more.
TEST_F(VaultCopy, AFileThatWasCutBehindOurBackTakesNothingMore) {
  const auto one = replica();
  ASSERT_TRUE(one->copy(head_of(1), store, 2));
  const Bytes good = file();
  for (const std::size_t size : {std::size_t{0}, good.size() / 2, good.size() - 1, good.size() + 1}) {
    Bytes changed = good;
    changed.resize(size);
    set_file(changed);
    const auto done = one->append(*key_batch(numbered(3, "Nc", "three")));
    ASSERT_FALSE(done) << size;
    EXPECT_EQ(done.error().code, ErrorCode::corrupt);
    EXPECT_EQ(file(), changed) << "it is left as it is, for whoever looks at the disk";
  }
  set_file(good);
  EXPECT_TRUE(one->append(*key_batch(numbered(3, "Nc", "three"))));
}

// With two disks changed over this may be the last copy of the other store's keys.
TEST_F(VaultCopy, AnotherStoresKeysAreNotWrittenOverByAnybody) {
  ASSERT_TRUE(replica()->copy(head_of(2), store, 2));
  const Bytes good = file();
  Bytes flipped = good;
  flipped[good.size() - 3] ^= 1;
  Bytes cut = good;
  cut.resize(40);  // the head, and little more
  for (const Bytes& others : {good, flipped, cut}) {
    set_file(others);
    std::vector<std::unique_ptr<Replica>> all;
    all.push_back(replica());
    Replicas set(std::move(all));
    set.attach(store, head_of(1), 2, {});
    const auto admitted = set.admit("second", store, 2);
    ASSERT_FALSE(admitted);
    EXPECT_NE(admitted.error().message.find("another store"), std::string::npos);
    EXPECT_EQ(set.states().front().state, ReplicaState::foreign);
    EXPECT_EQ(file(), others);
    std::filesystem::remove(path);
    EXPECT_TRUE(set.admit("second", store, 2));
  }
}

// Rows reach the store first: a replica with more is the last copy of what the store lost.
TEST_F(VaultCopy, TheSetWritesOverNothingThatIsNewerThanTheStore) {
  const auto attached = [&](std::uint64_t kseq, std::uint32_t incarnation, const std::set<std::uint32_t>& earlier) {
    std::vector<std::unique_ptr<Replica>> all;
    all.push_back(replica());
    auto set = std::make_unique<Replicas>(std::move(all));
    CopyHead head = head_of(1);
    head.incarnation = incarnation;
    set->attach(store, head, kseq, {}, earlier);
    return set;
  };
  const std::uint32_t ours = head_of(1).incarnation;
  EXPECT_EQ(attached(2, ours, {})->states().front().state, ReplicaState::current);
  ASSERT_TRUE(store.commit(numbered(3, "Nc", "three")));
  EXPECT_EQ(attached(3, ours, {})->states().front().state, ReplicaState::current);
  const Bytes newest = file();
  // The store as it was before, and one from before a restore.
  for (const std::uint32_t incarnation : {ours, ours + 1}) {
    const auto set = attached(2, incarnation, {});
    EXPECT_EQ(set->states().front().state, ReplicaState::newer);
    EXPECT_FALSE(set->confirmed(2));
    EXPECT_NE(set->waits_for().find("newer keys"), std::string::npos);
    EXPECT_FALSE(set->mend(store, 2));
    EXPECT_EQ(file(), newest);
  }
  // What a restore gave up; and by the operator's word.
  EXPECT_EQ(attached(2, ours + 1, {ours})->states().front().state, ReplicaState::current);
  set_file(newest);
  const auto set = attached(2, ours, {});
  ASSERT_TRUE(set->admit("second", store, 2));
  EXPECT_EQ(set->states().front().state, ReplicaState::current);
}

TEST_F(VaultCopy, AFileThatWasReplacedBehindOurBackIsNotWrittenTo) {
  const auto one = replica();
  ASSERT_TRUE(one->copy(head_of(1), store, 2));
  std::filesystem::remove(path);
  EXPECT_FALSE(one->append(*key_batch(numbered(3, "Nc", "three"))));
}

}  // namespace
}  // namespace taus::vault
