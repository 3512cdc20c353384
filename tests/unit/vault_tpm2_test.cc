// The root store in a TPM, on a swtpm that the test starts: records, passwords, a TPM that asks to wait, and the vault's life on
// it with the power cut before every durable operation of a shred.
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "eventstore/vault/tpm2_nv.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/vault_machine.h"

namespace taus::vault {
namespace {

using test::KeyModel;
using test::Life;
using test::Machine;

// A TPM of the test's own; its state is a file in `folder`.
class Swtpm {
 public:
  explicit Swtpm(const std::string& folder) : folder_(folder), socket_(folder + "/tpm") {
    const std::string state = "dir=" + folder, server = "type=unixio,path=" + socket_, control = server + ".ctrl";
    child_ = ::fork();
    if (child_ == 0) {
      ::execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state.c_str(), "--server", server.c_str(), "--ctrl",
               control.c_str(), "--flags", "not-need-init,startup-clear", static_cast<char*>(nullptr));
      ::_exit(127);
    }
    constexpr int tries = 1000;
    for (int i = 0; i < tries && !runs_ && ::waitpid(child_, nullptr, WNOHANG) == 0; ++i) {
      runs_ = std::filesystem::exists(socket_);
      ::poll(nullptr, 0, 10);
    }
  }
  ~Swtpm() {
    if (!runs_) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  Swtpm(const Swtpm&) = delete;
  Swtpm& operator=(const Swtpm&) = delete;
  [[nodiscard]] bool runs() const { return runs_; }
  // The first `count` writes are answered with `code`.
  [[nodiscard]] Tpm2NvOptions options(const std::string& code = "0", int count = 0) const {
    Tpm2NvOptions out;
    out.tcti = "cmd:" TAUS_TEST_PYTHON " -B " TAUS_TEST_PROXY " " + socket_ + " " + code + " " + std::to_string(count);
    out.password = Bytes{'s', 'e', 's', 'a', 'm'};
    return out;
  }
  [[nodiscard]] Bytes state() const {
    std::ifstream file(folder_ + "/tpm2-00.permall", std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(file), {});
  }

 private:
  std::string folder_;
  std::string socket_;
  pid_t child_ = -1;
  bool runs_ = false;
};

class VaultTpm2 : public testing::Test {
 protected:
  void SetUp() override {
    tpm_ = std::make_unique<Swtpm>(folder_.path());
    ASSERT_TRUE(tpm_->runs()) << "swtpm does not start; install the packages swtpm and swtpm-tools";
  }
  std::unique_ptr<RootStore> open(const std::string& code = "0", int count = 0) {
    auto opened = open_tpm2_nv(tpm_->options(code, count));
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(opened).value() : nullptr;
  }
  RootRecord record(std::uint8_t fill) {
    RootRecord out;
    out.generation = fill;
    out.root = crypto::Key(ByteArray<32>{fill, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, fill, 18, 19, 20});
    return out;
  }
  bool holds(const RootRecord& record) {
    const Bytes state = tpm_->state();
    EXPECT_GT(state.size(), 1000U);
    return std::search(state.begin(), state.end(), record.root.view().begin(), record.root.view().end()) != state.end();
  }

  test::TemporaryDirectory folder_;
  std::unique_ptr<Swtpm> tpm_;
};

TEST_F(VaultTpm2, KeepsWhatWasWrittenAndForgetsWhatWasErased) {
  {
    const auto roots = open();
    ASSERT_TRUE(roots);
    EXPECT_EQ(roots->kind(), "tpm2-nv");
    EXPECT_EQ(roots->tier(), Tier::logical) << "swtpm keeps its state in a file";
    EXPECT_NE(roots->warning(), "");
    EXPECT_TRUE(roots->read_all()->blank[0] && roots->read_all()->blank[1]);
    ASSERT_TRUE(roots->write(0, record(7)));
    ASSERT_TRUE(roots->write(1, record(8)));
    EXPECT_TRUE(holds(record(7)));
  }
  const auto roots = open();
  ASSERT_TRUE(roots && roots->erase(0));
  const auto slots = roots->read_all();
  ASSERT_TRUE(slots);
  EXPECT_TRUE(slots->blank[0] && !slots->records[0]);
  ASSERT_TRUE(slots->records[1]);
  EXPECT_EQ(slots->records[1]->generation, 8U);
  EXPECT_EQ(test::bytes_of(slots->records[1]->root), test::bytes_of(record(8).root));
  EXPECT_FALSE(holds(record(7)));
  EXPECT_TRUE(holds(record(8)));
}

TEST_F(VaultTpm2, AnotherPasswordIsRefused) {
  ASSERT_TRUE(open() != nullptr);
  auto options = tpm_->options();
  options.password.push_back('!');
  const auto refused = open_tpm2_nv(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unauthorized) << refused.error().message;
  EXPECT_NE(refused.error().message.find("password"), std::string::npos);
  for (const std::size_t size : {std::size_t{0}, std::size_t{33}}) {
    options.password = Bytes(size, 1);
    EXPECT_EQ(open_tpm2_nv(options).error().code, ErrorCode::invalid_argument);
  }
  EXPECT_TRUE(open() != nullptr);  // and the TPM did not lock itself
}

TEST_F(VaultTpm2, NoTpmIsUnavailable) {
  auto options = tpm_->options();
  options.tcti = "device:" + folder_.path() + "/nothing";
  EXPECT_EQ(open_tpm2_nv(options).error().code, ErrorCode::unavailable);
}

TEST_F(VaultTpm2, WaitsForATpmThatAsksToWait) {
  ASSERT_TRUE(open() != nullptr);
  for (const std::string code : {"0x922", "0x920"}) {
    auto options = tpm_->options(code, 11);
    int waited = 0;
    options.wait = [&](int) { ++waited; };
    auto roots = open_tpm2_nv(options);
    ASSERT_TRUE(roots);
    EXPECT_TRUE((*roots)->write(0, record(9))) << code;
    EXPECT_GT(waited, 0) << code;
    EXPECT_TRUE((*roots)->read_all()->records[0]);
  }
}

TEST_F(VaultTpm2, GivesUpWaitingAndKeepsWhatIsThere) {
  ASSERT_TRUE(open()->write(0, record(3)));
  auto options = tpm_->options("0x920", 100'000);
  int waited = 0;
  options.wait = [&](int) { ++waited; };
  const auto roots = open_tpm2_nv(options);
  ASSERT_TRUE(roots);
  const auto refused = (*roots)->write(0, record(4));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_EQ(waited, tpm_attempts_max);
  EXPECT_EQ((*roots)->read_all()->records[0]->generation, 3U);
}

// The power goes off before an operation of the machine; afterwards the store is opened anew.
class CutRoots final : public RootStore {
 public:
  CutRoots(std::unique_ptr<RootStore> roots, Machine& machine) : roots_(std::move(roots)), machine_(machine) { note(); }
  Result<Slots> read_all() override { return roots_->read_all(); }
  Result<void> write(int slot, const RootRecord& record) override {
    if (!machine_.step()) return Error(ErrorCode::io, "no power");
    return noted(roots_->write(slot, record));
  }
  Result<void> erase(int slot) override {
    if (!machine_.step()) return Error(ErrorCode::io, "no power");
    return noted(roots_->erase(slot));
  }
  [[nodiscard]] Tier tier() const override { return roots_->tier(); }
  [[nodiscard]] std::string kind() const override { return roots_->kind(); }
  [[nodiscard]] std::string warning() const override { return roots_->warning(); }

 private:
  Result<void> noted(Result<void> done) {
    note();
    return done;
  }
  // What the TPM holds, where the adversary of vault_machine.h looks.
  void note() {
    const auto slots = roots_->read_all();
    ASSERT_TRUE(slots);
    for (std::size_t slot = 0; slot < 2; ++slot) {
      machine_.roots.images().at(slot) =
          slots->records.at(slot) ? encode(*slots->records.at(slot)) : test::MemoryRootStore::blank();
    }
  }
  std::unique_ptr<RootStore> roots_;
  Machine& machine_;
};

class VaultTpm2Cut : public VaultTpm2 {
 protected:
  // What went wrong; empty: nothing. `finished` tells that the cut came after the shred's last operation.
  std::string run_case(const ShredFaults& faults, int cut, bool& finished) {
    Machine machine(9);
    machine.options.faults = faults;
    KeyModel model;
    Life life{machine, model};
    auto roots = std::make_unique<CutRoots>(open(), machine);
    machine.other_roots = roots.get();
    EXPECT_TRUE(roots->erase(0) && roots->erase(1));
    EXPECT_TRUE(KeyVault::create(machine.store, *roots, machine.random, machine.options) && machine.start());
    for (Ordinal subject = 1; subject <= 3; ++subject)
      EXPECT_TRUE(life.subject() && life.key(subject, 1) && life.key(subject, 2));
    EXPECT_TRUE(life.accept(1, 0xffff) && life.shred() && life.receipt() && life.accept(2, 0b10));
    machine.die_before(cut, false);
    finished = life.shred().has_value();
    machine.power();
    machine.keys.reset();
    roots.reset();
    roots = std::make_unique<CutRoots>(open(), machine);
    machine.other_roots = roots.get();
    if (const auto started = machine.start(); !started) return "does not start: " + started.error().message;
    if (!finished && machine.keys->pending().empty()) model.shred(2, 0b10);
    if (auto wrong = test::disagreement(machine, model); !wrong.empty()) return wrong;
    if (auto wrong = test::adversary_verdict(machine, model); !wrong.empty()) return wrong;
    if (!life.accept(3, 0b110) || !life.shred() || !life.receipt()) return "the next shred failed";
    if (model.live.contains({2, 1})) return "the first shred was never carried out";
    return test::adversary_verdict(machine, model);
  }
  std::string first_wrong(const ShredFaults& faults, int& cuts) {
    bool finished = false;
    for (cuts = 0; !finished; ++cuts) {
      EXPECT_LT(cuts, 20);
      if (auto wrong = run_case(faults, cuts, finished); !wrong.empty()) return wrong + " (cut " + std::to_string(cuts) + ")";
    }
    return {};
  }
};

TEST_F(VaultTpm2Cut, BeforeAnyOperationOfAShredLosesNothing) {
  int cuts = 0;
  EXPECT_EQ(first_wrong({}, cuts), "");
  EXPECT_GE(cuts, 4) << "tree, new root, erasure, and the shred that was not cut";
}

TEST_F(VaultTpm2Cut, PlantedFaultsAreNoticed) {
  int cuts = 0;
  EXPECT_NE(first_wrong({.erase_before_root = true}, cuts), "");
  EXPECT_NE(first_wrong({.acknowledge_before_erase = true}, cuts), "");
}

}  // namespace
}  // namespace taus::vault
