#include "tools/taus_bench_shred.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <utility>

#include "eventstore/crypto/sign.h"
#include "eventstore/crypto/system_random.h"
#include "eventstore/journal/floor.h"
#include "eventstore/journal/merkle.h"
#include "eventstore/storage/rocks_store.h"
#include "eventstore/vault/key_vault.h"
#include "eventstore/vault/rawslot.h"
#include "tools/bench_thread.h"
#include "tools/taus_bench_report.h"
#include "tools/taus_bench_tree.h"

namespace taus::bench {
namespace {

using Steady = std::chrono::steady_clock;
using storage::Table;
using storage::WriteBatch;

constexpr int keys_each = 6;
constexpr std::uint64_t subjects_per_batch = 2000;
constexpr int single_shreds = 200;
constexpr std::size_t percentile = 99;
constexpr std::size_t receipt_bytes_a_key = 72;

double us_since(Steady::time_point begin) { return std::chrono::duration<double, std::micro>(Steady::now() - begin).count(); }

// Counts what reaches the key rows.
class CountingStore final : public storage::KvStore {
 public:
  explicit CountingStore(storage::KvStore& inner) : inner_(inner) {}
  [[nodiscard]] Result<std::optional<Bytes>> get(Table table, ByteView key) const override { return inner_.get(table, key); }
  Result<void> scan(Table table, ByteView from, ByteView to,
                    const std::function<bool(ByteView, ByteView)>& visit) const override {
    return inner_.scan(table, from, to, visit);
  }
  Result<void> commit(const WriteBatch& batch) override {
    for (const auto& row : batch.rows())
      if (row.table == Table::keys) bytes += row.key.size() + (row.value ? row.value->size() : 0);
    return inner_.commit(batch);
  }
  [[nodiscard]] std::unique_ptr<storage::KvReader> snapshot() const override { return inner_.snapshot(); }
  Result<void> flush(Table table) override { return inner_.flush(table); }
  Result<void> compact(Table table) override { return inner_.compact(table); }
  [[nodiscard]] bool latched() const noexcept override { return inner_.latched(); }
  std::atomic<std::uint64_t> bytes = 0;

 private:
  storage::KvStore& inner_;
};

class Shop {
 public:
  static Result<std::unique_ptr<Shop>> open(const std::string& directory, std::uint64_t subjects) {
    std::unique_ptr<Shop> shop(new Shop);
    storage::RocksOptions options;
    options.create = true;
    TAUS_TRY_ASSIGN(shop->engine_, storage::open_rocks_store(directory + "/db", options));
    shop->store_ = std::make_unique<CountingStore>(*shop->engine_);
    TAUS_TRY_ASSIGN(shop->roots_, vault::open_rawslot(directory + "/root.slots", true));
    shop->log_key_ = std::make_unique<crypto::SigningKey>(crypto::Key::generate(shop->random_));
    TAUS_TRY_ASSIGN(shop->floor_, journal::open_floor_file(directory + "/floor", *shop->log_key_));
    vault::KeyVault::Options vault_options;
    vault_options.delta_path = directory + "/delta";
    TAUS_TRY(plant_tree(*shop->store_, *shop->roots_, shop->random_, vault_options.store_id, subjects, keys_each));
    shop->subjects_ = subjects;
    TAUS_TRY_ASSIGN(shop->keys_, vault::KeyVault::open(*shop->store_, *shop->roots_, shop->random_, vault_options));
    return shop;
  }

  [[nodiscard]] Result<double> bytes_per_subject() const {
    std::uint64_t bytes = 0;
    TAUS_TRY(engine_->scan(Table::keys, {}, {}, [&](ByteView key, ByteView value) {
      bytes += key.size() + value.size();
      return true;
    }));
    return static_cast<double>(bytes) / static_cast<double>(subjects_) - 40.0 * keys_each;
  }

  // One category of one subject, from its acceptance to its receipt's mark: the floor written as the daemon does.
  Result<void> one(ShredFigures& out) {
    std::vector<double> shreds;
    std::vector<double> writes;
    for (int i = 0; i < single_shreds; ++i) {
      WriteBatch accepted;
      const Ordinal subject = 1 + draw() % subjects_;
      TAUS_TRY(keys_->stage_pending(accepted, {0, subject, static_cast<std::uint16_t>(1U << (i % keys_each)), {}}));
      TAUS_TRY(commit(accepted));
      store_->bytes = 0;
      const auto begin = Steady::now();
      TAUS_TRY_ASSIGN(const auto done, keys_->shred());
      out.one_bytes = std::max(out.one_bytes, static_cast<double>(store_->bytes));
      TAUS_TRY(floor_->write(floor_now()));
      shreds.push_back(us_since(begin));
      WriteBatch receipt;
      keys_->stage_receipted(receipt, done.generation);
      TAUS_TRY(commit(receipt));
      WriteBatch plain;
      plain.put(Table::meta, Bytes(8, 'k'), Bytes(700, 'v'));
      const auto write = Steady::now();
      TAUS_TRY(engine_->commit(plain));
      writes.push_back(us_since(write));
    }
    out.one_us = median(std::move(shreds));
    out.synced_write_us = median(std::move(writes));
    return {};
  }

  // A tenth of the subjects in one run, in steps beside a commit thread, as the daemon does it; between the steps a reader asks. Whoever asks
  // at any moment waits for the step under way: the figure is that of the time, not of the steps.
  Result<void> bulk(ShredFigures& out) {
    WriteBatch accepted;
    for (std::uint64_t i = 0; i < subjects_ / 10; ++i) {
      TAUS_TRY(keys_->stage_pending(accepted, {0, 1 + (i * 10 + draw() % 10) % subjects_, 0xffff, {}}));
      if (i % subjects_per_batch == 0) TAUS_TRY(commit(accepted));
    }
    TAUS_TRY(commit(accepted));
    std::vector<double> pauses;
    const auto begin = Steady::now();
    for (bool done = false; !done || keys_->first_unreceipted() != nullptr;) {
      const auto step = Steady::now();
      done = done || keys_->first_unreceipted() != nullptr;
      TAUS_TRY_ASSIGN(const bool finished, done ? tell() : one_step());
      done = done || finished;
      TAUS_TRY(keys_->live_categories(1 + draw() % subjects_));
      pauses.push_back(us_since(step));
    }
    TAUS_TRY(drain());
    out.bulk_seconds = us_since(begin) / 1e6;
    out.bulk_pause_ms = worst_of_the_time(std::move(pauses)) / 1e3;
    return {};
  }

 private:
  // What whoever asks at a random moment waits for at most, but for one time in a hundred.
  static double worst_of_the_time(std::vector<double> pauses) {
    std::sort(pauses.begin(), pauses.end());
    double all = 0;
    for (const double one : pauses) all += one;
    double left = all * (100 - percentile) / 100;
    for (auto one = pauses.rbegin(); one != pauses.rend(); ++one)
      if ((left -= *one) < 0) return *one;
    return 0;
  }

  // What is staged goes to the commit thread as soon as that is free, and the floor after it.
  Result<void> submit(WriteBatch batch) {
    staged_.append(std::move(batch));
    return hand_over();
  }
  Result<void> hand_over() {
    if (committing_.running()) {
      const auto outcome = committing_.finished();
      if (!outcome) return {};
      TAUS_TRY(*outcome);
    }
    if (staged_.empty()) return {};
    auto batch = std::make_shared<WriteBatch>(std::exchange(staged_, {}));
    committing_.start([this, batch, floor = floor_now()]() -> Result<void> {
      TAUS_TRY(store_->commit(*batch));
      return floor_->write(floor);
    });
    return {};
  }
  Result<void> drain() {
    while (committing_.running() || !staged_.empty()) {
      if (committing_.running()) TAUS_TRY(committing_.wait());
      TAUS_TRY(hand_over());
    }
    return {};
  }

  // True: the root has moved.
  Result<bool> one_step() {
    WriteBatch batch;
    if (keys_->step_wants_durable()) {
      TAUS_TRY(drain());
      keys_->note_committed();
    }
    if (flushing_.running()) {
      const auto outcome = flushing_.finished();
      if (!outcome) return false;
      TAUS_TRY(*outcome);
      keys_->note_flushed();
    }
    TAUS_TRY_ASSIGN(const auto step, keys_->shred_step(batch));
    if (step.then == vault::ShredStep::Then::flush) flushing_.start([this] { return store_->flush(Table::keys); });
    if (!batch.empty()) TAUS_TRY(submit(std::move(batch)));
    return step.then == vault::ShredStep::Then::done;
  }
  // The receipt of a chunk, as large as it is in the journal.
  Result<bool> tell() {
    const vault::ShredCommit* one = keys_->first_unreceipted();
    if (one == nullptr) return true;
    WriteBatch batch;
    Bytes row;
    Writer(row).u8('r').u64(one->chunk);
    batch.put(Table::part, row, Bytes(one->victims.size() * receipt_bytes_a_key, 'v'));
    keys_->stage_receipted(batch, one->generation, one->chunk);
    TAUS_TRY(submit(std::move(batch)));
    return true;
  }
  Shop() = default;
  Result<void> commit(WriteBatch& batch) {
    TAUS_TRY(store_->commit(batch));
    keys_->note_committed();
    batch.clear();
    return {};
  }
  [[nodiscard]] journal::FloorRecord floor_now() const {
    journal::FloorRecord record;
    record.root = journal::MerkleTree().root();
    record.kseq = keys_->kseq();
    record.generation = keys_->generation();
    return record;
  }
  std::uint64_t draw() {
    Bytes bytes(8);
    random_.fill(bytes);
    return Reader(bytes).u64();
  }
  crypto::SystemRandom random_;
  std::unique_ptr<storage::KvStore> engine_;
  std::unique_ptr<CountingStore> store_;
  std::unique_ptr<vault::RootStore> roots_;
  std::unique_ptr<crypto::SigningKey> log_key_;
  std::unique_ptr<journal::Floor> floor_;
  std::unique_ptr<vault::KeyVault> keys_;
  std::uint64_t subjects_ = 0;
  WriteBatch staged_;
  BenchThread committing_;
  BenchThread flushing_;
};

}  // namespace

Result<ShredFigures> shred_figures(const std::string& directory, std::uint64_t subjects) {
  const std::string place = directory + "/shred";
  std::error_code error;
  std::filesystem::create_directories(place, error);
  ShredFigures out;
  {
    TAUS_TRY_ASSIGN(const auto shop, Shop::open(place, subjects));
    TAUS_TRY_ASSIGN(out.bytes_per_subject, shop->bytes_per_subject());
    TAUS_TRY(shop->one(out));
    TAUS_TRY(shop->bulk(out));
  }
  std::filesystem::remove_all(place, error);
  return out;
}

}  // namespace taus::bench
