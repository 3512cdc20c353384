#include "eventstore/storage/rocks_store.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/file_system.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/slice.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include "eventstore/storage/copy_aside.h"
#include "eventstore/storage/crc32c.h"
#include "eventstore/storage/files_fault.h"
#include "eventstore/storage/pages.h"

namespace taus::storage {
namespace {

constexpr std::array<const char*, table_count> table_names = {"leaf", "part", "keys", "dedupe", "meta"};
constexpr std::size_t journal_block_bytes = 16 << 10;
constexpr std::size_t protection_bytes = 8;  // per key, from our batch to the file
constexpr std::uint64_t rewrite_seconds = 7 * 24 * 3600;

std::size_t index_of(Table table) { return static_cast<std::size_t>(table); }
rocksdb::Slice slice(ByteView v) { return {reinterpret_cast<const char*>(v.data()), v.size()}; }
ByteView view(const rocksdb::Slice& s) { return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()}; }

// RocksDB's log would hold row keys and paths; nothing personal may reach it, so nothing does.
class SilentLogger final : public rocksdb::Logger {
 public:
  SilentLogger() : rocksdb::Logger(rocksdb::FATAL_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

class Latch {
 public:
  [[nodiscard]] bool closed() const noexcept { return closed_.load(std::memory_order_acquire); }
  void close() noexcept {
#ifndef TAUS_PLANT_NO_LATCH
    closed_.store(true, std::memory_order_release);
#endif
  }

 private:
  std::atomic<bool> closed_{false};
};

class LatchingListener final : public rocksdb::EventListener {
 public:
  explicit LatchingListener(std::shared_ptr<Latch> latch) : latch_(std::move(latch)) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status*) override { latch_->close(); }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = false;  // a full disk would otherwise be resumed from behind our back
    latch_->close();
  }

 private:
  std::shared_ptr<Latch> latch_;
};

// The texts of RocksDB's statuses may quote keys: only their kind is passed on.
Error error_of(const rocksdb::Status& status, const char* doing) {
  const std::string what = std::string("the store failed while ") + doing;
  if (status.IsCorruption()) return {ErrorCode::corrupt, what + ": its files are damaged; restore them from a backup"};
  if (status.IsNoSpace()) return {ErrorCode::io, what + ": the disk is full; make room and restart"};
  return {ErrorCode::io, what + "; check the disk and restart"};
}

rocksdb::DBOptions database_options(const RocksOptions& ours, const std::shared_ptr<Latch>& latch) {
  TAUS_CHECK(crc32c(0, view("123456789")) == 0xe3069283);  // what every file is checked by; also brings it to the linker
  rocksdb::DBOptions o;
  o.create_if_missing = ours.create;
  o.create_missing_column_families = ours.create;
  o.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  o.track_and_verify_wals_in_manifest = true;
  o.paranoid_checks = true;
  o.verify_sst_unique_id_in_manifest = true;
  o.flush_verify_memtable_count = true;
  o.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  o.max_bgerror_resume_count = 0;
  // While the tables are made RocksDB takes this error for a bug of its own and aborts; a disk that is full refuses the next write anyway.
  o.fail_if_options_file_error = !ours.create;
  o.allow_data_in_errors = false;
  o.wal_compression = rocksdb::kNoCompression;
  o.recycle_log_file_num = 0;
  o.WAL_ttl_seconds = 0;
  o.WAL_size_limit_MB = 0;
  o.max_total_wal_size = ours.log_bytes_max;
  o.max_background_jobs = 2;
  o.bytes_per_sync = 1 << 20;
  o.avoid_flush_during_recovery = false;
  o.avoid_flush_during_shutdown = false;
  o.skip_checking_sst_file_sizes_on_db_open = false;
  o.avoid_unnecessary_blocking_io = false;  // true would let deleted files live longer
  o.info_log = std::make_shared<SilentLogger>();
  o.info_log_level = rocksdb::FATAL_LEVEL;
  o.keep_log_file_num = 1;
  o.stats_dump_period_sec = 0;
  o.stats_persist_period_sec = 0;
  if (latch) o.listeners.push_back(std::make_shared<LatchingListener>(latch));
  return o;
}

std::vector<rocksdb::ColumnFamilyDescriptor> families(const RocksOptions& ours) {
  rocksdb::BlockBasedTableOptions table;
  table.checksum = rocksdb::kXXH3;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.block_cache = rocksdb::NewLRUCache(32 << 20);
  rocksdb::ColumnFamilyOptions o;
  o.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  o.compression = rocksdb::kNoCompression;  // rows are ciphertext, hashes and numbers
  o.bottommost_compression = rocksdb::kNoCompression;
  o.write_buffer_size = ours.write_buffer_bytes;
  o.max_write_buffer_number = 2;
  o.paranoid_file_checks = true;
  o.force_consistency_checks = true;
  o.memtable_protection_bytes_per_key = protection_bytes;
  o.periodic_compaction_seconds = rewrite_seconds;  // erased rows leave the files
  std::vector<rocksdb::ColumnFamilyDescriptor> out;
  out.emplace_back(rocksdb::kDefaultColumnFamilyName, o);
  for (std::size_t i = 0; i < table_count; ++i) {
    rocksdb::ColumnFamilyOptions own = o;
    if (i == index_of(Table::leaf) || i == index_of(Table::part)) {  // read one after the other, and every one asked for is there
      rocksdb::BlockBasedTableOptions large = table;
      large.block_size = journal_block_bytes;
      large.filter_policy.reset();
      own.table_factory.reset(rocksdb::NewBlockBasedTableFactory(large));
    }
    out.emplace_back(table_names[i], own);
  }
  return out;
}

// An open database and its column families; closed in the right order.
class Database {
 public:
  Database(rocksdb::DB* db, const std::vector<rocksdb::ColumnFamilyHandle*>& handles) : db_(db), all_(handles) {}
  ~Database() {
    for (auto* handle : all_) (void)db_->DestroyColumnFamilyHandle(handle);
    (void)db_->Close();
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  [[nodiscard]] rocksdb::DB& db() const { return *db_; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(Table table) const { return all_[index_of(table) + 1]; }
  [[nodiscard]] const std::vector<rocksdb::ColumnFamilyHandle*>& families() const { return all_; }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> all_;
};

rocksdb::ReadOptions read_options(const rocksdb::Snapshot* snapshot) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  options.total_order_seek = true;
  return options;
}

// To the page that holds `from`, where there is one, else to the first behind it.
void seek_page(rocksdb::Iterator& it, ByteView from) {
  it.SeekForPrev(slice(from));
  if (!it.Valid() && it.status().ok()) it.Seek(slice(from));
}

Result<std::optional<Bytes>> get_paged_row(const Database& database, const rocksdb::Snapshot* snapshot, Table table,
                                           ByteView key) {
  const std::unique_ptr<rocksdb::Iterator> it(database.db().NewIterator(read_options(snapshot), database.family(table)));
  it->SeekForPrev(slice(key));
  if (!it->status().ok()) return error_of(it->status(), "reading");
  std::optional<Bytes> found;
  if (!it->Valid()) return found;
  const bool whole = read_page(view(it->value()), [&](ByteView name, ByteView value) {
    if (!std::ranges::equal(name, key)) return true;
    found.emplace(value.begin(), value.end());
    return false;
  });
  if (!whole) return damaged_page();
  return found;
}

Result<std::optional<Bytes>> get_row(const Database& database, const rocksdb::Snapshot* snapshot, Table table, ByteView key) {
  if (is_paged(table)) return get_paged_row(database, snapshot, table, key);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = database.db().Get(options, database.family(table), slice(key), &value);
  if (status.IsNotFound()) return std::optional<Bytes>();
  if (!status.ok()) return error_of(status, "reading");
  const ByteView v = view(value);
  return std::optional<Bytes>(Bytes(v.begin(), v.end()));
}

using Visit = std::function<bool(ByteView, ByteView)>;

// Rows of pages from the one that `it` is at on.
Result<void> scan_pages(rocksdb::Iterator& it, ByteView from, ByteView to, const Visit& visit) {
  bool more = true;
  const auto row = [&](ByteView key, ByteView value) {
    if (std::ranges::lexicographical_compare(key, from)) return true;
    more = (to.empty() || std::ranges::lexicographical_compare(key, to)) && visit(key, value);
    return more;
  };
  for (; it.Valid() && more; it.Next())
    if (!read_page(view(it.value()), row)) return damaged_page();
  return {};
}

Result<void> scan_rows(const Database& database, const rocksdb::Snapshot* snapshot, Table table, ByteView from, ByteView to,
                       const Visit& visit) {
  rocksdb::ReadOptions options = read_options(snapshot);
  options.fill_cache = false;
  options.readahead_size = 256 << 10;
  const rocksdb::Slice end = slice(to);
  if (!to.empty()) options.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> it(database.db().NewIterator(options, database.family(table)));
  if (is_paged(table)) {
    seek_page(*it, from);
    TAUS_TRY(scan_pages(*it, from, to, visit));
  } else {
    for (it->Seek(slice(from)); it->Valid(); it->Next())
      if (!visit(view(it->key()), view(it->value()))) break;
  }
  if (!it->status().ok()) return error_of(it->status(), "reading");
  return {};
}

Result<void> check_all_files(const Database& database) {
  const rocksdb::Status status = database.db().VerifyFileChecksums(rocksdb::ReadOptions());
  if (!status.ok()) return error_of(status, "checking");
  return {};
}

class RocksSnapshot final : public KvReader {
 public:
  explicit RocksSnapshot(const Database& database) : database_(database), snapshot_(database.db().GetSnapshot()) {}
  ~RocksSnapshot() override { database_.db().ReleaseSnapshot(snapshot_); }
  RocksSnapshot(const RocksSnapshot&) = delete;
  RocksSnapshot& operator=(const RocksSnapshot&) = delete;
  [[nodiscard]] Result<std::optional<Bytes>> get(Table table, ByteView key) const override {
    return get_row(database_, snapshot_, table, key);
  }
  Result<void> scan(Table table, ByteView from, ByteView to,
                    const std::function<bool(ByteView, ByteView)>& visit) const override {
    return scan_rows(database_, snapshot_, table, from, to, visit);
  }

 private:
  const Database& database_;
  const rocksdb::Snapshot* snapshot_;
};

class RocksReader final : public KvReader {
 public:
  explicit RocksReader(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  [[nodiscard]] Result<std::optional<Bytes>> get(Table table, ByteView key) const override {
    return get_row(*database_, nullptr, table, key);
  }
  Result<void> scan(Table table, ByteView from, ByteView to,
                    const std::function<bool(ByteView, ByteView)>& visit) const override {
    return scan_rows(*database_, nullptr, table, from, to, visit);
  }
  [[nodiscard]] Result<void> check_files() const override { return check_all_files(*database_); }

 private:
  std::unique_ptr<Database> database_;
};

class RocksStore final : public KvStore {
 public:
  RocksStore(std::unique_ptr<Database> database, std::shared_ptr<Latch> latch)
      : latch_(std::move(latch)), database_(std::move(database)) {}
  // Of each table that lies in pages: behind which row new pages begin.
  Result<void> find_ends();
  // What the log holds goes to the sorted files, or the next start would play all of it back. Where that fails the log is still there.
  ~RocksStore() override {
    if (!latch_->closed()) (void)database_->db().Flush(rocksdb::FlushOptions(), database_->families());
  }
  RocksStore(const RocksStore&) = delete;
  RocksStore& operator=(const RocksStore&) = delete;
  [[nodiscard]] Result<std::optional<Bytes>> get(Table table, ByteView key) const override {
    return get_row(*database_, nullptr, table, key);
  }
  Result<void> scan(Table table, ByteView from, ByteView to,
                    const std::function<bool(ByteView, ByteView)>& visit) const override {
    return scan_rows(*database_, nullptr, table, from, to, visit);
  }
  [[nodiscard]] Result<void> check_files() const override { return check_all_files(*database_); }
  Result<void> commit(const WriteBatch& batch) override;
  [[nodiscard]] std::unique_ptr<KvReader> snapshot() const override { return std::make_unique<RocksSnapshot>(*database_); }
  Result<void> flush(Table table) override;
  Result<void> compact(Table table) override;
  [[nodiscard]] bool latched() const noexcept override { return latch_->closed(); }

 private:
  Result<void> outcome(const rocksdb::Status& status, const char* doing);
  [[nodiscard]] PageWriter writer_of(Table table) const;
  std::shared_ptr<Latch> latch_;
  std::unique_ptr<Database> database_;
  std::array<std::optional<Bytes>, table_count> ends_;
};

Result<void> RocksStore::outcome(const rocksdb::Status& status, const char* doing) {
  if (status.ok()) return {};
  latch_->close();
  return error_of(status, doing);
}

Error latched_error() {
  return {ErrorCode::io, "an earlier write failed and the store takes no more; restart, recovery decides what is there"};
}

Result<void> RocksStore::find_ends() {
  for (const Table table : paged_tables) {
    const std::unique_ptr<rocksdb::Iterator> it(database_->db().NewIterator(read_options(nullptr), database_->family(table)));
    it->SeekToLast();
    if (!it->status().ok()) return error_of(it->status(), "reading");
    const auto last = [&](ByteView key, ByteView) {
      ends_[index_of(table)].emplace(key.begin(), key.end());
      return true;
    };
#ifdef TAUS_PLANT_ENDS_NOT_FOUND
    if (it->Valid()) it->Prev();
#endif
    if (it->Valid() && !read_page(view(it->value()), last)) return damaged_page();
  }
  return {};
}

PageWriter RocksStore::writer_of(Table table) const {
  return {
      ends_[index_of(table)], [this, table](ByteView key, const Visit& visit) -> Result<void> {
        const std::unique_ptr<rocksdb::Iterator> it(database_->db().NewIterator(read_options(nullptr), database_->family(table)));
        for (it->SeekForPrev(slice(key)); it->Valid(); it->Prev())
          if (!visit(view(it->key()), view(it->value()))) break;
        return it->status().ok() ? Result<void>() : Result<void>(error_of(it->status(), "reading"));
      }};
}

Result<void> RocksStore::commit(const WriteBatch& batch) {
  if (latch_->closed()) return latched_error();
  if (batch.empty()) return {};
  std::size_t bytes = 64;
  for (const auto& row : batch.rows()) bytes += row.key.size() + (row.value ? row.value->size() : 0) + 16;
  rocksdb::WriteBatch rocks(bytes, 0, protection_bytes, 0);
  const auto add = [&](Table table, ByteView key, const std::optional<ByteView>& value) {
    auto* family = database_->family(table);
    return outcome(value ? rocks.Put(family, slice(key), slice(*value)) : rocks.Delete(family, slice(key)), "building a batch");
  };
  std::array pages{writer_of(paged_tables[0]), writer_of(paged_tables[1])};
  for (const auto& row : batch.rows()) {
    const auto paged = std::ranges::find(paged_tables, row.table);
    if (paged == paged_tables.end()) {
      TAUS_TRY(add(row.table, row.key, row.value));
      continue;
    }
    PageWriter& writer = pages[static_cast<std::size_t>(paged - paged_tables.begin())];
    if (const Result<void> done = row.value ? writer.put(row.key, *row.value) : writer.erase(row.key); !done) {
      latch_->close();
      return done;
    }
  }
  for (std::size_t i = 0; i < pages.size(); ++i) {
    for (const auto& [key, page] : pages[i].finish())
      TAUS_TRY(add(paged_tables[i], key, page ? std::optional<ByteView>(*page) : std::nullopt));
  }
  rocksdb::WriteOptions options;
  options.sync = true;
  TAUS_TRY(outcome(database_->db().Write(options, &rocks), "writing"));
  for (std::size_t i = 0; i < pages.size(); ++i) ends_[index_of(paged_tables[i])] = pages[i].last();
  return {};
}

Result<void> RocksStore::flush(Table table) {
  if (latch_->closed()) return latched_error();
  return outcome(database_->db().Flush(rocksdb::FlushOptions(), database_->family(table)), "flushing");
}

Result<void> RocksStore::compact(Table table) {
  if (latch_->closed()) return latched_error();
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  options.exclusive_manual_compaction = true;
  return outcome(database_->db().CompactRange(options, database_->family(table), nullptr, nullptr), "compacting");
}

Error damaged(const std::string& dir) {
  return {ErrorCode::corrupt, "the store in " + dir + " is damaged and cannot be opened; restore it from a backup"};
}

Result<void> check_present(const std::string& dir, bool create) {
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::path(dir) / "CURRENT", error)) return {};
  if (error && !create) return Error(ErrorCode::io, "cannot look into " + dir + " (" + error.message() + ")");
  for (std::filesystem::directory_iterator one(dir, error), end; !error && one != end; one.increment(error))
    if (one->path().filename().string().starts_with("MANIFEST-")) return damaged(dir);
  if (create) return {};
  return Error(ErrorCode::not_found, "there is no store in " + dir + "; check the path, or restore it from a backup");
}

struct Opened {
  rocksdb::Status status;
  std::unique_ptr<Database> database;
};

Opened open_database(const rocksdb::DBOptions& options, const std::string& dir, const RocksOptions& ours, bool read_only) {
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  Opened out;
  out.status = read_only ? rocksdb::DB::OpenForReadOnly(options, dir, families(ours), &handles, &db)
                         : rocksdb::DB::Open(options, dir, families(ours), &handles, &db);
  if (out.status.ok()) out.database = std::make_unique<Database>(db, handles);
  return out;
}

Error open_error(const rocksdb::Status& status, const std::string& dir) {
  if (const auto damage = no_file(dir)) return *damage;
  // CURRENT is there, or check_present would have said so: a path that is not found is a file of the store that is gone.
  if (status.IsCorruption() || status.IsInvalidArgument() || status.IsPathNotFound()) return damaged(dir);
  if (status.IsIOError() && status.ToString().find("LOCK") != std::string::npos) {
    return {ErrorCode::busy, "another process has the store in " + dir + " open; stop the other daemon first"};
  }
  return error_of(status, "opening");
}

// Makes an empty store beside its place and moves it there whole: a crash in between leaves none, not half of one.
Result<void> make_store(const std::string& dir, const RocksOptions& options) {
  const std::string fresh = dir + ".new";
  std::error_code error;
  std::filesystem::remove_all(fresh, error);
  {
    const Opened made = open_database(database_options(options, nullptr), fresh, options, false);
    if (!made.status.ok()) return error_of(made.status, "being made");
  }
  std::filesystem::rename(fresh, dir, error);
  if (error) return Error(ErrorCode::io, "cannot move the new store to " + dir + " (" + error.message() + ")");
  std::unique_ptr<rocksdb::FSDirectory> parent;
  const std::string parent_path = std::filesystem::path(dir).parent_path().string();
  auto& files = *rocksdb::FileSystem::Default();
  rocksdb::IOStatus synced = files.NewDirectory(parent_path.empty() ? "." : parent_path, {}, &parent, nullptr);
  if (synced.ok()) synced = parent->Fsync({}, nullptr);
  if (!synced.ok()) return error_of(synced, "being made");
  return {};
}

}  // namespace

Result<std::unique_ptr<KvStore>> open_rocks_store(const std::string& dir, const RocksOptions& options) {
  TAUS_TRY(check_present(dir, options.create));
  std::error_code error;
  if (options.create && !std::filesystem::exists(dir, error)) TAUS_TRY(make_store(dir, options));
  auto latch = std::make_shared<Latch>();
  rocksdb::DBOptions db_options = database_options(options, latch);
  Opened opened = open_database(db_options, dir, options, false);
  if (!opened.status.ok())
    if (const auto denied = no_access(dir, R_OK | W_OK)) return *denied;
  if (opened.status.IsCorruption()) {
    TAUS_TRY(copy_aside(dir));
    latch = std::make_shared<Latch>();
    db_options = database_options(options, latch);
    db_options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    opened = open_database(db_options, dir, options, false);
  }
  if (!opened.status.ok()) return open_error(opened.status, dir);
  auto store = std::make_unique<RocksStore>(std::move(opened.database), std::move(latch));
  TAUS_TRY(store->find_ends());
  return std::unique_ptr<KvStore>(std::move(store));
}

Result<std::unique_ptr<KvReader>> open_rocks_reader(const std::string& dir) {
  TAUS_TRY(check_present(dir, false));
  rocksdb::DBOptions db_options = database_options({}, nullptr);
  Opened opened = open_database(db_options, dir, {}, true);
  if (!opened.status.ok())
    if (const auto denied = no_access(dir, R_OK)) return *denied;
  if (opened.status.IsCorruption()) {
    db_options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    opened = open_database(db_options, dir, {}, true);
  }
  if (!opened.status.ok()) return open_error(opened.status, dir);
  return std::unique_ptr<KvReader>(std::make_unique<RocksReader>(std::move(opened.database)));
}

}  // namespace taus::storage
