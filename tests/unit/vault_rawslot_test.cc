#include <cerrno>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "eventstore/vault/in_place.h"
#include "eventstore/vault/rawslot.h"
#include "eventstore/vault/root_record.h"

namespace taus::vault {
namespace {

RootRecord record_of(std::uint64_t generation, std::uint8_t byte) {
  RootRecord record;
  record.generation = generation;
  record.root = crypto::Key(Bytes(32, byte));
  record.escrow = crypto::Key(Bytes(32, 0x77));
  return record;
}

std::string bytes_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class RawSlot : public ::testing::Test {
 protected:
  RawSlot() : folder_(std::filesystem::temp_directory_path() / ("taus-rawslot-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / "root").string();
  }
  ~RawSlot() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(RawSlot, KeepsRecordsAndErasesThemInPlace) {
  {
    auto store = open_rawslot(path_, true);
    ASSERT_TRUE(store);
    auto slots = (*store)->read_all();
    ASSERT_TRUE(slots && slots->blank[0] && slots->blank[1]);
    ASSERT_TRUE((*store)->write(0, record_of(1, 0xa1)));
    ASSERT_TRUE((*store)->write(1, record_of(2, 0xb2)));
  }
  struct stat before {};
  ASSERT_EQ(::stat(path_.c_str(), &before), 0);
  EXPECT_EQ(before.st_mode & 0777, 0600U);
  {
    auto store = open_rawslot(path_, true);
    ASSERT_TRUE(store);
    EXPECT_EQ((*store)->read_all()->records[0]->generation, 1U);
    EXPECT_TRUE((*store)->read_all()->records[1]->root == record_of(2, 0xb2).root);
    EXPECT_NE(bytes_of_file(path_).find(std::string(32, '\xa1')), std::string::npos);
    ASSERT_TRUE((*store)->erase(0));
    EXPECT_TRUE((*store)->read_all()->blank[0]);
    EXPECT_FALSE((*store)->read_all()->records[0]);
  }
  struct stat after {};
  ASSERT_EQ(::stat(path_.c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_EQ(bytes_of_file(path_).find(std::string(32, '\xa1')), std::string::npos);
}

TEST_F(RawSlot, ATornSlotIsAbsentAndNotBlank) {
  ASSERT_TRUE((*open_rawslot(path_, true))->write(1, record_of(2, 0xb2)));
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 + 50);
    file.put('\0').put('\0');
  }
  const auto slots = (*open_rawslot(path_, true))->read_all();
  EXPECT_FALSE(slots->records[1]);
  EXPECT_FALSE(slots->blank[1]);
  EXPECT_TRUE(slots->blank[0]);
}

TEST_F(RawSlot, OnlyOneProcessMayHaveIt) {
  const auto first = open_rawslot(path_, true);
  ASSERT_TRUE(first);
  const auto second = open_rawslot(path_, true);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::unavailable);
}

TEST_F(RawSlot, RefusesWhatIsNoRootStore) {
  const auto refused = [&] {
    const auto store = open_rawslot(path_, true);
    return !store && store.error().code == ErrorCode::invalid_argument;
  };
  const auto make = [&](std::size_t size) {
    std::filesystem::remove(path_);
    std::ofstream(path_) << std::string(size, 'x');
    std::filesystem::permissions(path_, std::filesystem::perms(0600));
  };
  for (const std::size_t size : {100, 4096, 8193}) {  // cut, or another file: no mistake in the settings
    make(size);
    const auto store = open_rawslot(path_, true);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::corrupt);
    EXPECT_NE(store.error().message.find(std::to_string(size) + " bytes"), std::string::npos);
    EXPECT_EQ(std::filesystem::file_size(path_), size);
  }
  make(8192);
  EXPECT_FALSE(refused());
  std::filesystem::permissions(path_, std::filesystem::perms(0640));
  EXPECT_TRUE(refused());
  make(8192);
  std::filesystem::create_hard_link(path_, folder_ / "second");
  EXPECT_TRUE(refused());
  std::filesystem::rename(path_, folder_ / "elsewhere");
  std::filesystem::create_symlink(folder_ / "elsewhere", path_);
  EXPECT_TRUE(refused());
  EXPECT_EQ(open_rawslot((folder_ / "none" / "root").string(), true).error().code, ErrorCode::io);
}

TEST_F(RawSlot, ACutShortPreallocationIsFinished) {
  std::ofstream(path_) << std::string(4096, '\0');
  std::filesystem::permissions(path_, std::filesystem::perms(0600));
  EXPECT_TRUE(open_rawslot(path_, true));
  EXPECT_EQ(std::filesystem::file_size(path_), 8192U);
}

// /dev/shm is memory: refused, and with dev taken without a claim.
TEST(RawSlotTier, MemoryIsRefusedAndClaimsNothingInDev) {
  const std::string path = "/dev/shm/taus-rawslot-" + std::to_string(::getpid());
  const auto refused = open_rawslot(path, false);
  const auto dev = open_rawslot(path, true);
  std::filesystem::remove(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(refused.error().message.find("put the root store"), std::string::npos);
  ASSERT_TRUE(dev);
  EXPECT_EQ((*dev)->tier(), Tier::none);
  EXPECT_NE((*dev)->warning(), "");
}

// Where the tests' own folder lies decides which of both must hold; each asserts.
TEST_F(RawSlot, TheTierIsThatOfTheFileSystem) {
  struct statfs system {};
  ASSERT_EQ(::statfs(folder_.c_str(), &system), 0);
  const bool plain = system.f_type == EXT4_SUPER_MAGIC;
  const auto store = open_rawslot(path_, true);
  ASSERT_TRUE(store);
  if (plain && (*store)->warning().empty()) {
    EXPECT_EQ((*store)->tier(), Tier::logical);
    for (int i = 0; i < 200; ++i) ASSERT_TRUE((*store)->write(i % 2, record_of(static_cast<std::uint64_t>(i), 1)));
  } else {
    EXPECT_EQ((*store)->tier(), Tier::none);
    EXPECT_NE((*store)->warning(), "");
  }
}

// As a defragmenter does it: the file's blocks and a stranger's change places. Zero: done; else why not.
int move_blocks(const std::string& path, const std::string& with) {
  struct MoveExtent {  // EXT4_IOC_MOVE_EXT, which no header of user space has
    std::uint32_t reserved, donor;
    std::uint64_t from, donor_from, blocks, moved;
  };
  std::ofstream(with) << std::string(8192, 'd');
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  const int donor = ::open(with.c_str(), O_RDWR | O_CLOEXEC);
  ::fsync(donor);
  MoveExtent order{0, static_cast<std::uint32_t>(donor), 0, 0, 2, 0};
  const int problem = ::ioctl(file, _IOWR('f', 15, MoveExtent), &order) == 0 && order.moved == 2 ? 0 : errno;
  ::close(file);
  ::close(donor);
  return problem;
}

TEST_F(RawSlot, AFileThatIsMovedWhileItIsUsedIsNotWrittenTo) {
  const auto store = open_rawslot(path_, true);
  ASSERT_TRUE(store && (*store)->write(0, record_of(1, 0xa1)));
  if ((*store)->tier() == Tier::none) {  // another file system: nothing is claimed, and nothing can be moved
    EXPECT_NE(move_blocks(path_, (folder_ / "donor").string()), 0);
    return;
  }
  ASSERT_EQ(move_blocks(path_, (folder_ / "donor").string()), 0);
  const std::string there = bytes_of_file(path_);
  for (const auto& refused : {(*store)->write(1, record_of(2, 0xb2)), (*store)->erase(0)}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::io);
    EXPECT_NE(refused.error().message.find("stop whatever defragments"), std::string::npos);
  }
  EXPECT_EQ(bytes_of_file(path_), there) << "nothing is erased by mistake";
  EXPECT_TRUE(open_rawslot((folder_ / "new").string(), true));
}

TEST(InPlace, FileSystemsThatWriteElsewhereAreNamed) {
  EXPECT_EQ(file_system_problem(EXT4_SUPER_MAGIC), "");
  EXPECT_EQ(file_system_problem(0x58465342), "");
  EXPECT_NE(file_system_problem(BTRFS_SUPER_MAGIC).find("btrfs"), std::string::npos);
  EXPECT_NE(file_system_problem(0x2fc12fc1).find("ZFS"), std::string::npos);
  EXPECT_NE(file_system_problem(OVERLAYFS_SUPER_MAGIC).find("overlay"), std::string::npos);
  EXPECT_NE(file_system_problem(TMPFS_MAGIC), "");
  EXPECT_NE(file_system_problem(0x1234), "");
}

TEST(InPlace, DataJournalIsFoundInMountinfo) {
  const std::string_view mounts =
      "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"
      "23 22 8:2 / /var rw,relatime shared:1 - ext4 /dev/sda2 rw,data=journal\n";
  EXPECT_EQ(mount_problem(mounts, 8, 1), "");
  EXPECT_NE(mount_problem(mounts, 8, 2), "");
  EXPECT_EQ(mount_problem(mounts, 8, 3), "");
}

TEST(TierNames, AreWhatReceiptsSay) {
  EXPECT_EQ(to_string(Tier::none), "none");
  EXPECT_EQ(to_string(Tier::logical), "L");
  EXPECT_EQ(to_string(Tier::physical), "P");
}

}  // namespace
}  // namespace taus::vault
