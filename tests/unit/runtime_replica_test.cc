// A replica whose disk stops answering holds nobody up for longer than was allowed, and counts again only when it answers.
#include <condition_variable>
#include <mutex>

#include <gtest/gtest.h>

#include "daemon/runtime/patient_replica.h"
#include "eventstore/vault/replicas.h"
#include "tests/support/memory_replica.h"
#include "tests/support/memory_store.h"

namespace taus::runtime {
namespace {

using namespace std::chrono_literals;
using vault::ReplicaState;

// Holds whoever comes while it is shut.
struct Gate {
  void pass() {
    std::unique_lock hold(mutex);
    ++waiting;
    changed.notify_all();
    changed.wait(hold, [&] { return open; });
    --waiting;
    changed.notify_all();
  }
  void set(bool to) {
    const std::lock_guard hold(mutex);
    open = to;
    changed.notify_all();
  }
  void until_all_passed() {
    std::unique_lock hold(mutex);
    changed.wait(hold, [&] { return waiting == 0; });
  }
  std::mutex mutex;
  std::condition_variable changed;
  bool open = true;
  int waiting = 0;
};

struct Disk {
  Disk() {
    auto inner = std::make_unique<test::MemoryReplica>("second");
    memory = inner.get();
    memory->before_write = [gate = gate] {
      gate->pass();
      return true;
    };
    std::vector<std::unique_ptr<vault::Replica>> all;
    all.push_back(patient_replica(std::move(inner), {.append = 20ms, .copy = 20ms}));
    set = std::make_unique<vault::Replicas>(std::move(all));
    store.commit(batch(1)).value();
    set->attach(store, {}, 1, {});
  }
  static storage::WriteBatch batch(std::uint64_t kseq) {
    storage::WriteBatch out;
    Bytes number;
    Writer(number).u64(kseq);
    out.put(storage::Table::keys, Bytes{'M', 'q'}, number);
    return out;
  }
  void commit(std::uint64_t kseq) {
    store.commit(batch(kseq)).value();
    set->take(batch(kseq));
  }
  [[nodiscard]] ReplicaState state() const { return set->states().front().state; }

  std::shared_ptr<Gate> gate = std::make_shared<Gate>();
  test::MemoryReplica* memory = nullptr;
  test::MemoryStore store;
  std::unique_ptr<vault::Replicas> set;
};

TEST(PatientReplica, AnAnswerInTimeIsTheDisksOwn) {
  Disk disk;
  EXPECT_EQ(disk.state(), ReplicaState::current);
  disk.commit(2);
  EXPECT_TRUE(disk.set->confirmed(2));
  disk.memory->down = true;
  disk.commit(3);
  EXPECT_EQ(disk.state(), ReplicaState::behind);
}

TEST(PatientReplica, ADiskThatDoesNotAnswerIsSilentUntilItDoes) {
  Disk disk;
  disk.gate->set(false);
  disk.commit(2);
  EXPECT_EQ(disk.state(), ReplicaState::silent);
  EXPECT_FALSE(disk.set->confirmed(2));
  EXPECT_NE(disk.set->waits_for().find("within 5 seconds"), std::string::npos);
  disk.commit(3);  // not even tried
  EXPECT_FALSE(disk.set->mend(disk.store, 3));
  EXPECT_EQ(disk.state(), ReplicaState::silent);
  disk.gate->set(true);
  disk.gate->until_all_passed();
  while (!disk.set->mend(disk.store, 3)) {  // the thread may still be on its way out
  }
  EXPECT_TRUE(disk.set->confirmed(3));
}

TEST(PatientReplica, TheOperatorTakesItOutMeanwhile) {
  Disk disk;
  disk.gate->set(false);
  disk.commit(2);
  ASSERT_TRUE(disk.set->evict("second"));
  EXPECT_TRUE(disk.set->confirmed(2));
  EXPECT_EQ(disk.set->waits_for(), "");
  EXPECT_EQ(disk.set->admit("second", disk.store, 2).error().code, ErrorCode::unavailable);
  disk.gate->set(true);
  disk.gate->until_all_passed();
  while (!disk.set->admit("second", disk.store, 2)) {
  }
  EXPECT_EQ(disk.state(), ReplicaState::current);
}

TEST(PatientReplica, TheEndDoesNotWait) {
  auto gate = std::make_shared<Gate>();
  {
    Disk disk;
    gate = disk.gate;
    gate->set(false);
    disk.commit(2);
  }
  gate->set(true);
  gate->until_all_passed();
}

}  // namespace
}  // namespace taus::runtime
