#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "eventstore/storage/copy_aside.h"
#include "eventstore/storage/rocks_store.h"
#include "tests/support/temporary_directory.h"

namespace taus::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::array tables = {Table::leaf, Table::part, Table::keys, Table::dedupe, Table::meta};

Bytes bytes(std::string_view text) { return Bytes(text.begin(), text.end()); }

WriteBatch put(Table table, std::string_view key, std::string_view value) {
  WriteBatch batch;
  batch.put(table, bytes(key), bytes(value));
  return batch;
}

class RocksTest : public testing::Test {
 protected:
  Result<std::unique_ptr<KvStore>> try_open(bool create = true) {
    RocksOptions options;
    options.create = create;
    options.write_buffer_bytes = 1 << 20;
    return open_rocks_store(path_, options);
  }
  std::unique_ptr<KvStore> open() {
    auto store = try_open();
    EXPECT_TRUE(store) << (store ? "" : store.error().message);
    return std::move(*store);
  }
  static std::string get(const KvReader& store, Table table, std::string_view key) {
    const auto row = store.get(table, view(key));
    EXPECT_TRUE(row);
    return *row ? std::string(text(**row)) : "(nothing)";
  }
  static std::string keys(const KvReader& store, Table table, std::string_view from, std::string_view to, std::size_t most = 99) {
    std::string out;
    EXPECT_TRUE(store.scan(table, view(from), view(to), [&](ByteView key, ByteView) {
      out += std::string(text(key)) + " ";
      return --most > 0;
    }));
    return out;
  }
  // The file of the write-ahead log that is written now.
  fs::path log_file() const {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(path_)) {
      if (entry.path().extension() == ".log" && entry.path() > newest) newest = entry.path();
    }
    return newest;
  }
  test::TemporaryDirectory dir_;
  std::string path_ = dir_.path() + "/db";
};

TEST_F(RocksTest, RowsOfEveryTableComeBackAfterReopening) {
  {
    auto store = open();
    for (const Table table : tables)
      ASSERT_TRUE(store->commit(put(table, "key", "value " + std::to_string(static_cast<int>(table)))));
  }
  auto store = open();
  for (const Table table : tables) {
    EXPECT_EQ(get(*store, table, "key"), "value " + std::to_string(static_cast<int>(table)));
    EXPECT_EQ(get(*store, table, "other"), "(nothing)");
  }
}

TEST_F(RocksTest, ABatchIsWrittenInOrder) {
  auto store = open();
  WriteBatch batch = put(Table::meta, "a", "1");
  batch.erase(Table::meta, bytes("a"));
  batch.put(Table::meta, bytes("b"), bytes("1"));
  WriteBatch more = put(Table::meta, "b", "2");
  more.erase(Table::meta, bytes("never there"));
  batch.append(std::move(more));
  EXPECT_EQ(batch.rows().size(), 5U);
  ASSERT_TRUE(store->commit(batch));
  EXPECT_EQ(get(*store, Table::meta, "a"), "(nothing)");
  EXPECT_EQ(get(*store, Table::meta, "b"), "2");
  EXPECT_TRUE(store->commit(WriteBatch()));
}

TEST_F(RocksTest, ScansAreOrderedAndBounded) {
  auto store = open();
  for (const char* key : {"c", "a", "b", "bb", "d"}) ASSERT_TRUE(store->commit(put(Table::keys, key, "x")));
  ASSERT_TRUE(store->commit(put(Table::part, "aa", "x")));
  EXPECT_EQ(keys(*store, Table::keys, "", ""), "a b bb c d ");
  EXPECT_EQ(keys(*store, Table::keys, "b", "d"), "b bb c ");
  EXPECT_EQ(keys(*store, Table::keys, "b", "", 2), "b bb ");
  ASSERT_TRUE(store->flush(Table::keys));
  ASSERT_TRUE(store->compact(Table::keys));
  EXPECT_EQ(keys(*store, Table::keys, "b", "d"), "b bb c ");
}

TEST_F(RocksTest, ASnapshotSeesItsMoment) {
  auto store = open();
  ASSERT_TRUE(store->commit(put(Table::meta, "a", "old")));
  const auto snapshot = store->snapshot();
  WriteBatch batch = put(Table::meta, "a", "new");
  batch.put(Table::meta, bytes("b"), bytes("new"));
  ASSERT_TRUE(store->commit(batch));
  EXPECT_EQ(get(*snapshot, Table::meta, "a"), "old");
  EXPECT_EQ(keys(*snapshot, Table::meta, "", ""), "a ");
  EXPECT_EQ(get(*store, Table::meta, "a"), "new");
}

TEST_F(RocksTest, AStoreThatIsNotThereIsNotMade) {
  const auto missing = try_open(false);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_FALSE(fs::exists(path_));
  EXPECT_EQ(open_rocks_reader(path_).error().code, ErrorCode::not_found);
  EXPECT_FALSE(fs::exists(path_));
  (void)open();
  EXPECT_TRUE(try_open(false));
}

TEST_F(RocksTest, AStoreAppearsWholeOrNotAtAll) {
  fs::create_directory(path_ + ".new");  // a crash while it was made left this
  std::ofstream(path_ + ".new/CURRENT") << "half";
  EXPECT_EQ(try_open(false).error().code, ErrorCode::not_found);
  EXPECT_TRUE(open()->commit(put(Table::meta, "a", "1")));
  EXPECT_FALSE(fs::exists(path_ + ".new"));
  EXPECT_TRUE(try_open(false));
}

TEST_F(RocksTest, ASecondDaemonIsRefusedAndTold) {
  auto first = open();
  const auto second = try_open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::busy);
  EXPECT_TRUE(first->commit(put(Table::meta, "a", "1")));
}

TEST_F(RocksTest, AReaderNeitherWritesNorLocks) {
  {
    auto store = open();
    ASSERT_TRUE(store->commit(put(Table::meta, "a", "1")));
  }
  std::map<fs::path, std::uintmax_t> before;
  for (const auto& file : fs::directory_iterator(path_)) before[file.path()] = file.file_size();
  {
    const auto reader = open_rocks_reader(path_);
    ASSERT_TRUE(reader);
    EXPECT_EQ(get(**reader, Table::meta, "a"), "1");
    EXPECT_EQ(keys(**reader, Table::meta, "", ""), "a ");
  }
  std::map<fs::path, std::uintmax_t> after;
  for (const auto& file : fs::directory_iterator(path_)) after[file.path()] = file.file_size();
  EXPECT_EQ(before, after);
}

TEST_F(RocksTest, AFailedWriteLatches) {
  auto store = open();
  ASSERT_TRUE(store->commit(put(Table::meta, "a", "1")));
  std::signal(SIGXFSZ, SIG_IGN);
  ::rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  const ::rlimit tight{fs::file_size(log_file()), old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &tight);
  const auto failed = store->commit(put(Table::meta, "b", std::string(100'000, 'x')));
  ::setrlimit(RLIMIT_FSIZE, &old);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::io);
  EXPECT_TRUE(store->latched());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(store->commit(put(Table::meta, "c", "1")).error().code, ErrorCode::io);
  EXPECT_FALSE(store->flush(Table::meta));
  EXPECT_FALSE(store->compact(Table::meta));
  EXPECT_EQ(get(*store, Table::meta, "a"), "1");
  store.reset();
  store = open();
  EXPECT_FALSE(store->latched());
  EXPECT_EQ(get(*store, Table::meta, "a"), "1");
  EXPECT_EQ(get(*store, Table::meta, "c"), "(nothing)");
  EXPECT_TRUE(store->commit(put(Table::meta, "c", "1")));
}

// A process that ends without closing its store, as kill -9 does.
TEST_F(RocksTest, CommitsOutliveTheProcess) {
  const ::pid_t child = ::fork();
  if (child == 0) {
    auto store = open();
    for (int i = 0; i < 50; ++i) {
      if (!store->commit(put(Table::leaf, "key " + std::to_string(100 + i), std::string(100, 'v')))) ::_exit(1);
    }
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_EQ(keys(*open(), Table::leaf, "key 148", ""), "key 148 key 149 ");
}

TEST_F(RocksTest, ADamagedLogIsCopiedBeforeItIsRecovered) {
  const ::pid_t child = ::fork();
  if (child == 0) {
    auto store = open();
    for (int i = 0; i < 50; ++i) (void)store->commit(put(Table::leaf, "key " + std::to_string(100 + i), std::string(1000, 'v')));
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  const fs::path log = log_file();
  const auto size = fs::file_size(log);
  {
    std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(20'000);
    file.write("damage", 6);
  }
  const auto store = try_open();
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ(get(**store, Table::leaf, "key 100"), std::string(1000, 'v'));
  EXPECT_EQ(get(**store, Table::leaf, "key 149"), "(nothing)");  // silently gone: what the floor is for
  EXPECT_EQ(fs::file_size(fs::path(path_ + ".damaged-1") / log.filename()), size);
}

TEST_F(RocksTest, ACopyThatFindsNoRoomLeavesNothingBehind) {
  const fs::path dir = fs::path(path_) / "engine";
  fs::create_directories(dir);
  std::ofstream(dir / "log", std::ios::binary) << std::string(1 << 16, 'v');
  std::ofstream(dir / "other", std::ios::binary) << std::string(100, 'v');
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  for (int again = 0; again < 5; ++again) {
    const auto refused = copy_aside(dir.string());
    EXPECT_TRUE(!refused && refused.error().code == ErrorCode::io);
    EXPECT_EQ(std::distance(fs::directory_iterator(path_), {}), 1);
  }
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, ignored);
  const auto copied = copy_aside(dir.string());
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(*copied, dir.string() + ".damaged-1");
  EXPECT_EQ(fs::file_size(fs::path(*copied) / "log"), 1U << 16);
}

TEST_F(RocksTest, ADamagedTableIsCorruptAndItsKeysAreNotQuoted) {
  {
    auto store = open();
    ASSERT_TRUE(store->commit(put(Table::meta, "secret-key", std::string(1000, 'v'))));
    ASSERT_TRUE(store->flush(Table::meta));
  }
  for (const auto& entry : fs::directory_iterator(path_)) {
    if (entry.path().extension() != ".sst") continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file.write("damage", 6);
  }
  const auto store = try_open();
  const auto row = store ? (*store)->get(Table::meta, view("secret-key")) : Result<std::optional<Bytes>>(store.error());
  ASSERT_FALSE(row);
  EXPECT_EQ(row.error().code, ErrorCode::corrupt);
  EXPECT_EQ(row.error().message.find("secret"), std::string::npos);
}

TEST_F(RocksTest, ADamagedByteIsSeenThoughNobodyAsksForItsRow) {
  constexpr std::uint64_t stride = 23;
  fs::path table;
  {
    auto store = open();
    for (const char* const value : {"replaced", "kept"}) {
      ASSERT_TRUE(store->commit(put(Table::meta, "key", value)));
      ASSERT_TRUE(store->flush(Table::meta));
    }
    EXPECT_TRUE(store->check_files());
  }
  for (const auto& entry : fs::directory_iterator(path_))
    if (entry.path().extension() == ".sst" && (table.empty() || entry.path() < table)) table = entry.path();
  const std::uint64_t size = fs::file_size(table);
  ASSERT_GT(size, 500U);
  for (std::uint64_t at = 0; at < size; at += stride) {
    const auto flip = [&] {
      std::fstream file(table, std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(static_cast<std::streamoff>(at));
      const int byte = file.get() ^ 0x10;
      file.seekp(static_cast<std::streamoff>(at));
      file.put(static_cast<char>(byte));
    };
    flip();
    const auto reader = open_rocks_reader(path_);
    const Result<void> checked = reader ? (*reader)->check_files() : Result<void>(reader.error());
    ASSERT_FALSE(checked) << at;
    EXPECT_EQ(checked.error().code, ErrorCode::corrupt) << at << checked.error().message;
    flip();
  }
  const auto reader = open_rocks_reader(path_);
  ASSERT_TRUE(reader);
  EXPECT_TRUE((*reader)->check_files());
}

// A start again does not bring it back: whoever supervises the daemon must not try for ever.
TEST_F(RocksTest, AFileThatIsGoneIsDamage) {
  for (const char* const prefix : {"CURRENT", "MANIFEST-", "0"}) {  // the last: tables, named by number
    {
      auto store = open();
      ASSERT_TRUE(store->commit(put(Table::meta, "key", std::string(1000, 'v'))));
      ASSERT_TRUE(store->flush(Table::meta));
    }
    std::vector<fs::path> gone;
    for (const auto& entry : fs::directory_iterator(path_))
      if (entry.path().filename().string().starts_with(prefix) && entry.path().extension() != ".log")
        gone.push_back(entry.path());
    ASSERT_FALSE(gone.empty());
    for (const fs::path& file : gone) fs::remove(file);
    const auto store = try_open();
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::corrupt) << prefix << store.error().message;
    const auto reader = open_rocks_reader(path_);
    ASSERT_FALSE(reader);
    EXPECT_EQ(reader.error().code, ErrorCode::corrupt) << prefix << reader.error().message;
    fs::remove_all(path_);
  }
}

TEST_F(RocksTest, ADirectoryInPlaceOfAFileIsDamage) {
  for (const char* const prefix : {"CURRENT", "MANIFEST-", "0", "LOCK"}) {
    {
      auto store = open();
      ASSERT_TRUE(store->commit(put(Table::meta, "key", std::string(1000, 'v'))));
      ASSERT_TRUE(store->flush(Table::meta));
    }
    std::vector<fs::path> taken;
    for (const auto& entry : fs::directory_iterator(path_))
      if (entry.path().filename().string().starts_with(prefix) && entry.path().extension() != ".log")
        taken.push_back(entry.path());
    ASSERT_FALSE(taken.empty());
    for (const fs::path& file : taken) {
      fs::remove(file);
      fs::create_directory(file);
    }
    const auto store = try_open();
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::corrupt) << prefix << store.error().message;
    EXPECT_NE(store.error().message.find("restore"), std::string::npos) << prefix << store.error().message;
    const auto reader = open_rocks_reader(path_);  // reads without the lock
    if (std::string(prefix) != "LOCK") {
      ASSERT_FALSE(reader) << prefix;
      EXPECT_EQ(reader.error().code, ErrorCode::corrupt) << prefix << reader.error().message;
    }
    fs::remove_all(path_);
  }
}

TEST_F(RocksTest, TheLogOfTheEngineSaysNothing) {
  {
    auto store = open();
    ASSERT_TRUE(store->commit(put(Table::meta, "canary-key", "canary-value")));
    ASSERT_TRUE(store->flush(Table::meta));
    ASSERT_TRUE(store->compact(Table::meta));
  }
  for (const auto& entry : fs::directory_iterator(path_))
    EXPECT_FALSE(entry.path().filename().string().starts_with("LOG") && entry.path().filename() != "LOCK") << entry.path();
}

TEST_F(RocksTest, ErasedRowsLeaveTheFilesWhenCompacted) {
  const std::string canary = "canary-7f3a";
  auto store = open();
  ASSERT_TRUE(store->commit(put(Table::part, "a", canary)));
  ASSERT_TRUE(store->flush(Table::part));
  const auto found = [&] {
    int hits = 0;
    for (const auto& entry : fs::directory_iterator(path_)) {
      if (entry.path().extension() != ".sst") continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string all(std::istreambuf_iterator<char>(in), {});
      hits += all.find(canary) != std::string::npos;
    }
    return hits;
  };
  EXPECT_EQ(found(), 1);
  WriteBatch batch;
  batch.erase(Table::part, bytes("a"));
  ASSERT_TRUE(store->commit(batch));
  ASSERT_TRUE(store->flush(Table::part));
  ASSERT_TRUE(store->compact(Table::part));
  EXPECT_EQ(found(), 0);
}

// A night's work as root leaves files that tausd's account may not open: that is no damage, and no reason to restore anything.
TEST_F(RocksTest, AFileThatMayNotBeOpenedIsNamed) {
  open().reset();
  fs::permissions(dir_.path(), fs::perms::all);
  for (const char* name : {"CURRENT", "LOCK"}) {
    const fs::path file = fs::path(path_) / name;
    fs::permissions(path_, fs::perms::all);
    for (const auto& one : fs::directory_iterator(path_)) fs::permissions(one.path(), fs::perms::all);
    fs::permissions(file, fs::perms::none);
    const pid_t child = ::fork();
    if (child == 0) {
      if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(3);
      const auto opened = open_rocks_store(path_, {});
      const bool named = !opened && opened.error().code == ErrorCode::io && opened.error().message.starts_with(file.string());
      if (!named) ::perror(opened ? "opened" : opened.error().message.c_str());
      ::_exit(named ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << name;
  }
}

}  // namespace
}  // namespace taus::storage
