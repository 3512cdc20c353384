#include <csignal>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "eventstore/journal/entry.h"
#include "eventstore/journal/floor.h"
#include "eventstore/journal/merkle.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/journal_vectors.h"

namespace taus::journal {
namespace {

namespace fs = std::filesystem;

crypto::SigningKey key_of(std::uint8_t seed) { return crypto::SigningKey(crypto::Key(Bytes(32, seed))); }

FloorRecord record_of(std::uint64_t size) {
  MerkleTree tree;
  for (std::uint64_t i = 0; i < size; ++i) {
    Bytes leaf;
    Writer(leaf).u64(i);
    tree.append(leaf_hash(leaf));
  }
  return {{1, 2, 3}, 4, size, tree.root(), tree.frontier(), size + 10, 5};
}

Bytes read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

void write_file(const std::string& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

class FloorTest : public testing::Test {
 protected:
  std::unique_ptr<Floor> open() {
    auto floor = open_floor_file(path_, key_);
    EXPECT_TRUE(floor);
    return std::move(*floor);
  }
  test::TemporaryDirectory dir_;
  std::string path_ = dir_.path() + "/floor";
  const crypto::SigningKey key_{crypto::Key(Bytes(32, 1))};
};

TEST(Floor, Vectors) {
  for (const auto& v : test::vectors("floor")) {
    SCOPED_TRACE(v.at("name"));
    Bytes file;
    if (v.contains("bytes")) file.resize(v.at("bytes"));
    if (v.contains("slots")) {
      for (std::size_t i = 0; i < 2; ++i) {
        const Bytes slot = *from_hex(v.at("slots")[i].get<std::string>());
        file.insert(file.end(), slot.begin(), slot.end());
        file.resize((i + 1) * floor_slot_bytes);
      }
    }
    const auto state = decode_floor(file, test::array_of<32>(v, "key"));
    const std::string expect = v.at("expect");
    if (expect == "none") {
      ASSERT_TRUE(state);
      EXPECT_FALSE(*state);
    } else if (expect != "ok") {
      ASSERT_FALSE(state);
      EXPECT_EQ(to_string(state.error().code), expect);
    } else {
      ASSERT_TRUE(state && *state);
      const FloorState& found = **state;
      EXPECT_EQ(found.sequence, v.at("sequence").get<std::uint64_t>());
      const crypto::SigningKey key(crypto::Key(test::bytes_of(v, "seed")));
      const auto at = static_cast<std::ptrdiff_t>((found.sequence & 1) * floor_slot_bytes);
      EXPECT_EQ(to_hex(encode_floor_slot(found.sequence, found.record, key)),
                to_hex(Bytes(file.begin() + at, file.begin() + at + floor_slot_bytes)));
    }
  }
}

TEST_F(FloorTest, ANewFileIsBlankAndKeepsWhatIsWritten) {
  EXPECT_FALSE(*open()->read());
  EXPECT_EQ(fs::file_size(path_), floor_file_bytes);
  for (std::uint64_t size = 0; size < 20; ++size) {
    auto floor = open();
    ASSERT_TRUE(floor->write(record_of(size)));
    EXPECT_EQ(**floor->read(), record_of(size));
    EXPECT_EQ(**open()->read(), record_of(size));
  }
  EXPECT_EQ(**read_floor_file(path_, key_.public_key()), record_of(19));
}

TEST_F(FloorTest, WritesAreInPlaceAndLeaveTheOtherSlotAlone) {
  auto floor = open();
  ASSERT_TRUE(floor->write(record_of(1)));
  struct ::stat before {
  }, after{};
  ::stat(path_.c_str(), &before);
  for (std::uint64_t size = 2; size < 10; ++size) {
    const Bytes old = read_file(path_);
    ASSERT_TRUE(floor->write(record_of(size)));
    const Bytes now = read_file(path_);
    const bool first = std::equal(old.begin(), old.begin() + floor_slot_bytes, now.begin());
    const bool second = std::equal(old.begin() + floor_slot_bytes, old.end(), now.begin() + floor_slot_bytes);
    EXPECT_NE(first, second);
  }
  ::stat(path_.c_str(), &after);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_EQ(after.st_mode & 0777, 0600U);
}

// However a write is torn, what was acknowledged before it is still there.
TEST_F(FloorTest, ATornWriteLeavesTheFloorBeforeIt) {
  for (std::uint64_t writes = 2; writes <= 3; ++writes) {
    fs::remove(path_);
    auto floor = open();
    for (std::uint64_t size = 1; size < writes; ++size) ASSERT_TRUE(floor->write(record_of(size * 3)));
    const Bytes before = read_file(path_);
    ASSERT_TRUE(floor->write(record_of(writes * 3)));
    const Bytes after = read_file(path_);
    const std::size_t slot = (writes & 1) * floor_slot_bytes;
    for (std::size_t torn = 0; torn < 400; ++torn) {
      Bytes file = before;
      std::copy_n(after.begin() + static_cast<std::ptrdiff_t>(slot), torn, file.begin() + static_cast<std::ptrdiff_t>(slot));
      const auto state = decode_floor(file, key_.public_key());
      ASSERT_TRUE(state && *state) << torn;
      const std::uint64_t size = (*state)->record.size;
      ASSERT_TRUE(size == (writes - 1) * 3 || file == after) << torn << " " << size;
    }
  }
}

TEST_F(FloorTest, NoBitMayChangeUnseen) {
  auto floor = open();
  ASSERT_TRUE(floor->write(record_of(5)));
  ASSERT_TRUE(floor->write(record_of(6)));
  const Bytes good = read_file(path_);
  for (std::size_t i = 0; i < 8 * floor_slot_bytes; i += i < 8 * 400 ? 1 : 61) {
    Bytes bad = good;
    bad[i / 8] ^= static_cast<std::uint8_t>(1 << (i % 8));  // in the newer slot, which is slot 0
    const auto state = decode_floor(bad, key_.public_key());
    ASSERT_TRUE(state && *state) << i;
    ASSERT_EQ((*state)->record, record_of(5)) << i;
  }
}

TEST_F(FloorTest, AnotherKeyIsTampering) {
  ASSERT_TRUE(open()->write(record_of(1)));
  const auto stranger = key_of(2);
  EXPECT_EQ((*open_floor_file(path_, stranger))->read().error().code, ErrorCode::tampered);
  EXPECT_EQ((*open_floor_file(path_, stranger))->write(record_of(1)).error().code, ErrorCode::tampered);
}

TEST_F(FloorTest, AFileOfAnotherLengthIsCorrupt) {
  ASSERT_TRUE(open()->write(record_of(1)));
  const Bytes good = read_file(path_);
  for (const std::size_t size : {std::size_t{0}, floor_slot_bytes, floor_file_bytes - 1, floor_file_bytes + 1}) {
    Bytes bad = good;
    bad.resize(size);
    write_file(path_, bad);
    EXPECT_EQ(open()->read().error().code, ErrorCode::corrupt) << size;
  }
}

TEST_F(FloorTest, LinksAndMissingDirectoriesAreRefused) {
  fs::create_symlink(dir_.path() + "/elsewhere", path_);
  EXPECT_EQ(open_floor_file(path_, key_).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(open_floor_file(dir_.path() + "/no/floor", key_).error().code, ErrorCode::io);
  EXPECT_EQ(read_floor_file(dir_.path() + "/nothing", key_.public_key()).error().code, ErrorCode::not_found);
}

TEST_F(FloorTest, AfterAFailedWriteEveryLaterOneFails) {
  auto floor = open();
  ASSERT_TRUE(floor->write(record_of(1)));
  ASSERT_TRUE(floor->write(record_of(2)));
  std::signal(SIGXFSZ, SIG_IGN);
  ::rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  const ::rlimit tight{100, old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &tight);
  const auto failed = floor->write(record_of(3));
  ::setrlimit(RLIMIT_FSIZE, &old);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::io);
  EXPECT_EQ(floor->write(record_of(3)).error().code, ErrorCode::io);
  EXPECT_EQ(**open()->read(), record_of(2));
}

}  // namespace
}  // namespace taus::journal
