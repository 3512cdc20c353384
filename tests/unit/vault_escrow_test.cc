// Escrow: the paper of a period opens the root of every generation of it, and of no other; nothing on the host does. And the delta
// file, whose reading back is what the erasure of the old root rests on.
#include <fcntl.h>
#include <unistd.h>

#include "eventstore/vault/replicas.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/vault_machine.h"

namespace taus::vault {
namespace {

using test::KeyModel;
using test::Life;
using test::Machine;

class VaultPaper : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(KeyVault::create(machine.store, machine.roots, machine.random, machine.options));
    ASSERT_TRUE(machine.start());
    for (int i = 0; i < 6; ++i) {
      const Ordinal subject = *life.subject();
      ASSERT_TRUE(life.key(subject, 0) && life.key(subject, 3));
    }
  }
  EscrowPaper begin(std::int32_t ends_on) {
    std::optional<EscrowPaper> paper;
    EXPECT_TRUE(machine.keys->rotate({.kind = EscrowChange::Kind::new_period, .ends_on = ends_on}, paper));
    EXPECT_TRUE(life.receipt());
    return std::move(*paper);
  }
  void shred(Ordinal subject) { ASSERT_TRUE(life.accept(subject, 0xffff) && life.shred() && life.receipt()); }
  Result<RootRecord> open_with(const EscrowPaper& paper) {
    std::optional<Bytes> row;
    Bytes key;
    for (const auto& [name, value] : machine.store.rows(storage::Table::keys))
      if (name[0] == 'E') key = name, row = value;
    if (!row) return Error(ErrorCode::not_found, "no escrow row");
    return open_escrow(key, *row, paper);
  }
  int escrow_rows() {
    int out = 0;
    for (const auto& [name, value] : machine.store.rows(storage::Table::keys)) out += name[0] == 'E' ? 1 : 0;
    return out;
  }
  // Everything a paper gives: the escrow chain from it, and with each key whatever escrow row ever written it opens.
  std::set<test::KeyBytes> reachable_by(const EscrowPaper& paper) {
    std::vector<Bytes> images;
    for (const auto& [name, value] : machine.archive) {
      if (name[0] != 'E') continue;
      if (const auto root = open_escrow(name, value, paper)) images.push_back(encode(*root));
    }
    return test::reachable(machine, images);
  }
  Machine machine{11};
  KeyModel model;
  Life life{machine, model};
};

TEST_F(VaultPaper, ThePaperBringsBackTheRootOfEveryGenerationOfItsPeriod) {
  EXPECT_FALSE(machine.keys->escrow());
  const EscrowPaper paper = begin(20'500);
  EXPECT_EQ(machine.keys->escrow()->ends_on, 20'500);
  for (const Ordinal victim : {1, 2, 3}) {
    const auto root = open_with(paper);
    ASSERT_TRUE(root);
    machine.roots.images() = {encode(*root), test::MemoryRootStore::blank()};  // the drill: a new root store, from the paper
    ASSERT_TRUE(machine.start());
    EXPECT_EQ(test::disagreement(machine, model), "");
    shred(victim);
    EXPECT_EQ(escrow_rows(), 1);
  }
  const auto root = open_with(*read_paper(write_paper(paper)));
  ASSERT_TRUE(root);
  EXPECT_EQ(root->generation, machine.keys->generation());
}

TEST_F(VaultPaper, WithoutThePaperNothingDestroyedFollowsAndWithItOnlyWhatItsPeriodHad) {
  shred(1);
  const EscrowPaper first = begin(20'500);
  shred(2);
  const EscrowPaper second = begin(20'530);
  shred(3);
  EXPECT_EQ(test::adversary_verdict(machine, model), "");  // the host's own roots and escrow keys
  const auto early = reachable_by(first);
  const auto late = reachable_by(second);
  for (const auto& dead : model.dead) {
    EXPECT_EQ(early.contains(dead.made.key), dead.subject != 1);  // what died in its period or lived on after it
    EXPECT_EQ(late.contains(dead.made.key), dead.subject == 3);
  }
  // The present escrow key, which lies beside the present root, opens no older escrow.
  for (const auto& image : test::present_roots(machine)) {
    const auto record = decode_root_record(image);
    if (!record) continue;
    EscrowPaper host{machine.options.store_id, *machine.keys->escrow(), record->escrow.clone()};
    EXPECT_TRUE(reachable_by(host).empty());
  }
}

TEST_F(VaultPaper, AnotherPeriodsPaperIsRefusedWithASentence) {
  const EscrowPaper first = begin(20'500);
  const EscrowPaper second = begin(20'530);
  const auto refused = open_with(first);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(refused.error().message.find("period that began with generation 3"), std::string::npos);
  EXPECT_NE(refused.error().message.find("nothing was changed"), std::string::npos);
  EscrowPaper stranger{second.store_id, second.period, second.key.clone()};
  stranger.store_id[0] ^= 1;
  EXPECT_EQ(open_with(stranger).error().code, ErrorCode::invalid_argument);
}

TEST_F(VaultPaper, AnEndLeavesNoEscrowBehind) {
  begin(20'500);
  std::optional<EscrowPaper> paper;
  ASSERT_TRUE(machine.keys->rotate({.kind = EscrowChange::Kind::end}, paper));
  ASSERT_TRUE(life.receipt());
  EXPECT_FALSE(paper);
  EXPECT_FALSE(machine.keys->escrow());
  EXPECT_EQ(escrow_rows(), 0);
  shred(4);
  EXPECT_EQ(escrow_rows(), 0);
}

TEST_F(VaultPaper, AMistypedPaperIsRefusedWhereverTheMistakeIs) {
  const EscrowPaper paper = begin(20'500);
  const std::string text = write_paper(paper);
  ASSERT_TRUE(read_paper(text));
  std::string edited;  // ends of lines as another system makes them, blanks behind them
  for (const char letter : text) edited += letter == '\n' ? std::string(" \r\n") : std::string(1, letter);
  EXPECT_TRUE(read_paper(edited));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string typed = text;
    typed[at] = text[at] == 'x' ? 'y' : 'x';
    const auto read = read_paper(typed);
    EXPECT_FALSE(read && (read->key == paper.key) != true) << at;
    const bool counts = std::isalnum(static_cast<unsigned char>(text[at])) != 0;
    EXPECT_FALSE(counts && read) << typed;
  }
  EXPECT_FALSE(read_paper(""));
}

TEST_F(VaultPaper, AChangedRowIsRefusedWhicheverBitIs) {
  const EscrowPaper paper = begin(20'500);
  const Bytes key = escrow_row_key(machine.keys->generation());
  const Bytes good = machine.store.rows(storage::Table::keys).at(key);
  ASSERT_TRUE(open_escrow(key, good, paper));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes changed = good;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << bit % 8));
    EXPECT_FALSE(open_escrow(key, changed, paper)) << bit;
  }
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(open_escrow(key, ByteView(good).first(size), paper)) << size;
  EXPECT_FALSE(open_escrow(escrow_row_key(1), good, paper));
}

// Cut anywhere, the escrow row is that of the root that is adopted.
TEST_F(VaultPaper, ThePowerMayGoAtAnyOperation) {
  const EscrowPaper paper = begin(20'500);
  for (int cut = 0; cut < 6; ++cut) {
    ASSERT_TRUE(life.key(4, cut % 10) && life.accept(4, static_cast<std::uint16_t>(1U << (cut % 10))));
    machine.die_before(cut, false);
    static_cast<void>(life.shred());
    machine.power();
    ASSERT_TRUE(machine.start());
    const auto root = open_with(paper);
    ASSERT_TRUE(root) << cut;
    EXPECT_EQ(root->generation, machine.keys->generation()) << cut;
    ASSERT_TRUE(machine.keys->shred());
    ASSERT_TRUE(life.receipt());
  }
}

int descriptor_of(const std::string& path) {
  for (int file = 3; file < 256; ++file) {
    const std::string link = "/proc/self/fd/" + std::to_string(file);
    std::array<char, 512> target{};
    const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
    if (size > 0 && std::string(target.data(), static_cast<std::size_t>(size)) == path) return file;
  }
  return -1;
}

// A shred whose delta file lies on a disk that confirms and writes elsewhere, and an engine that then loses the tail of its log. What is
// left of the live keys; empty: all.
std::string after_both_disks_lied(bool read_back) {
  test::TemporaryDirectory folder;
  Machine machine(12);
  KeyModel model;
  Life life{machine, model};
  machine.options.delta_path = folder.path() + "/delta";
  machine.options.faults.delta_not_read_back = !read_back;
  EXPECT_TRUE(KeyVault::create(machine.store, machine.roots, machine.random, machine.options));
  EXPECT_TRUE(machine.start());
  EXPECT_TRUE(life.key(*life.subject(), 1) && life.key(*life.subject(), 1) && life.accept(1, 0xffff));
  const auto before = machine.store.tables();
  // Opened for appending, a file takes what is written at its end, wherever it was meant to go.
  const int delta = descriptor_of(machine.options.delta_path);
  const int elsewhere = ::open(machine.options.delta_path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
  EXPECT_TRUE(delta >= 0 && ::dup2(elsewhere, delta) >= 0);
  ::close(elsewhere);
  const bool done = life.shred().has_value();
  EXPECT_NE(done, read_back);
  machine.store.tables() = before;
  if (const auto started = machine.start(); !started) return "does not start: " + started.error().message;
  return test::disagreement(machine, model);
}

TEST(VaultDeltaReadBack, ADiskThatDropsTheDeltaFileStopsTheShred) { EXPECT_EQ(after_both_disks_lied(true), ""); }
TEST(VaultPlantedFault, ADeltaFileThatIsNotReadBackIsNoticed) { EXPECT_NE(after_both_disks_lied(false), ""); }

}  // namespace
}  // namespace taus::vault
