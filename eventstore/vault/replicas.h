// The durable set: every replica gets every numbered batch, adds and shreds, right after the store has it; a shred's root moves only
// when all of them confirmed its batch (S4). docs/CRYPTO.md "Replicas".
//
// Threads:    commit() on whichever thread commits, one at a time; everything else on the core thread while no commit is under way,
//             but for states(), which may be asked at any time.
// Durability: commit() returns when the store has the batch and each replica has it or is marked as behind.
// Errors:     commit: the store's own. A replica's failure is its state, never an error.
#pragma once

#include <array>
#include <atomic>
#include <set>
#include <vector>

#include "eventstore/base/limits.h"
#include "eventstore/vault/replica.h"

namespace taus::vault {

enum class ReplicaState : std::uint8_t {
  current,      // holds everything
  behind,       // missed a batch: copied anew at the next attempt
  unreachable,  // its directory cannot be read or written
  silent,       // its disk does not answer in time
  damaged,      // what lies there was changed: only the operator has it copied anew
  foreign,      // holds the keys of another store
  newer,        // has batches that the store lacks, which lost its end or is an old copy; never written over but by admit()
  evicted,      // the operator took it out: gets nothing, and no shred waits for it
};
std::string_view to_string(ReplicaState state) noexcept;

struct ReplicaReport {
  std::string name;
  ReplicaState state = ReplicaState::unreachable;
  std::uint64_t kseq = 0;  // of the last batch it confirmed
};

class Replicas {
 public:
  struct Faults {                     // tests only
    bool bypassed_by_adds = false;    // batches without a shred are not handed on
    bool bypassed_by_shreds = false;  // those with one are not
    bool shreds_come_late = false;    // those with one are handed on with the batch after: when the old root is erased
  };
  explicit Replicas(std::vector<std::unique_ptr<Replica>> replicas);
  void plant(const Faults& faults) { faults_ = faults; }

  // From now on the set follows `store`. Replicas that are not its exact copy are brought up by copying; those evicted, damaged,
  // foreign or newer are left alone. `earlier`: incarnations before the present one, whose newer batches a restore gave up.
  void attach(const storage::KvReader& store, const CopyHead& head, std::uint64_t kseq, const std::set<std::string>& evicted,
              const std::set<std::uint32_t>& earlier = {});
  // A replica with batches of this store that come after `kseq`; empty: none. For a store that was just restored.
  [[nodiscard]] std::string newer_than(const StoreId& store_id, std::uint64_t kseq, const std::set<std::string>& evicted);
  // The same for those that fell behind since. True: all are current.
  bool mend(const storage::KvReader& store, std::uint64_t kseq);
  // Hands the batch of a commit to every replica. Before attach(): does nothing.
  void take(const storage::WriteBatch& batch);
  // Whether every replica that counts holds everything up to `kseq`.
  [[nodiscard]] bool confirmed(std::uint64_t kseq) const;

  // Out of the set until admitted again. not_found: no such replica.
  Result<void> evict(const std::string& name);
  // Back into the set, copied anew whatever it holds. not_found, or why it cannot be copied.
  Result<void> admit(const std::string& name, const storage::KvReader& store, std::uint64_t kseq);

  [[nodiscard]] std::vector<ReplicaReport> states() const;
  // What keeps shreds waiting, for people; empty: nothing.
  [[nodiscard]] std::string waits_for() const;
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

 private:
  struct Member {
    std::unique_ptr<Replica> replica;
    std::atomic<ReplicaState> state{ReplicaState::unreachable};
    std::atomic<std::uint64_t> kseq{0};
    bool bulky = false;  // its batches outgrew its base
  };
  void bring_up(Member& member, const storage::KvReader& store, std::uint64_t kseq, bool by_force);
  Member* find(const std::string& name);

  std::array<Member, limits::replicas_max> members_;
  std::size_t count_ = 0;
  CopyHead head_;
  std::set<std::uint32_t> earlier_;
  bool attached_ = false;
  Faults faults_;
  std::optional<storage::WriteBatch> late_;  // planted
};

// A store whose commits reach the replicas: whoever writes `keys` cannot go round them.
class ReplicatedStore final : public storage::KvStore {
 public:
  ReplicatedStore(storage::KvStore& inner, Replicas& replicas) : inner_(inner), replicas_(replicas) {}
  [[nodiscard]] Result<std::optional<Bytes>> get(storage::Table table, ByteView key) const override {
    return inner_.get(table, key);
  }
  Result<void> scan(storage::Table table, ByteView from, ByteView to,
                    const std::function<bool(ByteView, ByteView)>& visit) const override {
    return inner_.scan(table, from, to, visit);
  }
  [[nodiscard]] Result<void> check_files() const override { return inner_.check_files(); }
  Result<void> commit(const storage::WriteBatch& batch) override {
    TAUS_TRY(inner_.commit(batch));
    replicas_.take(batch);
    return {};
  }
  [[nodiscard]] std::unique_ptr<storage::KvReader> snapshot() const override { return inner_.snapshot(); }
  Result<void> flush(storage::Table table) override { return inner_.flush(table); }
  Result<void> compact(storage::Table table) override { return inner_.compact(table); }
  [[nodiscard]] bool latched() const noexcept override { return inner_.latched(); }

 private:
  storage::KvStore& inner_;
  Replicas& replicas_;
};

}  // namespace taus::vault
