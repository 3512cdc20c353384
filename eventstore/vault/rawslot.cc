#include "eventstore/vault/rawslot.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eventstore/vault/disk.h"
#include "eventstore/vault/in_place.h"
#include "eventstore/vault/root_record.h"

namespace taus::vault {
namespace {

constexpr std::size_t block_bytes = 4096;

// O_DIRECT asks for aligned memory. Wiped: it carries root keys.
struct alignas(block_bytes) Block {
  ByteArray<block_bytes> bytes{};
  ~Block() { crypto::wipe(bytes); }
};

class File {
 public:
  explicit File(int number) : number_(number) {}
  ~File() {
    if (number_ >= 0) ::close(number_);
  }
  File(File&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  File& operator=(File&&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

class RawSlot final : public RootStore {
 public:
  RawSlot(File file, std::string path, InPlace place)
      : file_(std::move(file)), path_(std::move(path)), place_(std::move(place)) {}

  Result<Slots> read_all() override {
    Slots out;
    for (std::size_t slot = 0; slot < 2; ++slot) {
      Block block;
      // A block that the disk cannot read is a damaged slot, not a reason to give up the other.
      if (!read_at(file_.number(), block.bytes, slot * block_bytes, path_)) continue;
      out.blank.at(slot) = std::all_of(block.bytes.begin(), block.bytes.end(), [](auto byte) { return byte == 0; });
      out.records.at(slot) = decode_root_record(ByteView(block.bytes).first(root_record_bytes));
    }
    return out;
  }

  Result<void> write(int slot, const RootRecord& record) override {
    Block block;
    Bytes bytes = encode(record);
    std::copy(bytes.begin(), bytes.end(), block.bytes.begin());
    crypto::wipe(bytes);
    return overwrite(slot, block);
  }
  Result<void> erase(int slot) override { return overwrite(slot, Block{}); }
  [[nodiscard]] Tier tier() const override { return place_.problem.empty() ? Tier::logical : Tier::none; }
  [[nodiscard]] std::string kind() const override { return "rawslot"; }
  [[nodiscard]] std::string warning() const override {
    return place_.problem.empty() ? "" : "the root store cannot be erased for good here: " + place_.problem;
  }

 private:
  Result<void> overwrite(int slot, const Block& block) {
    TAUS_CHECK(slot == 0 || slot == 1);
    const auto offset = static_cast<std::uint64_t>(slot) * block_bytes;
    TAUS_TRY(unmoved());
    TAUS_TRY(write_at(file_.number(), block.bytes, offset, path_));
    static_cast<void>(::posix_fadvise(file_.number(), 0, 0, POSIX_FADV_DONTNEED));  // where O_DIRECT is not to be had
    Block again;
    TAUS_TRY(read_at(file_.number(), again.bytes, offset, path_));
    if (!crypto::equal(again.bytes, block.bytes)) {
      return Error(ErrorCode::io, "the root store " + path_ + " does not hold what was written; replace the disk");
    }
    return unmoved();
  }

  // A file that moved has left its old roots behind on the disk.
  Result<void> unmoved() const {
    if (!place_.problem.empty()) return {};
    const InPlace now = look_in_place(file_.number());
    if (now.problem.empty() && now.extents == place_.extents) return {};
    return Error(ErrorCode::io, "the root store " + path_ +
                                    " was moved, shared or copied on write while taus ran; stop whatever "
                                    "defragments or snapshots it, and shred that disk's free space");
  }

  File file_;
  std::string path_;
  InPlace place_;
};

// Zeros, not only reserved space: an unwritten extent would be converted, and might move, at the first write.
Result<void> preallocate(int file, const std::string& path) {
  for (std::uint64_t slot = 0; slot < 2; ++slot) TAUS_TRY(write_at(file, Block{}.bytes, slot * block_bytes, path));
  if (::fsync(file) != 0) return io_error("sync the root store", path);
  return sync_parent(path);
}

// New, or preallocating it was cut short.
Result<bool> half_made(int file, std::uint64_t size, const std::string& path) {
  if (size != block_bytes) return size == 0;
  Block block;
  TAUS_TRY(read_at(file, block.bytes, 0, path));
  return crypto::equal(block.bytes, Block{}.bytes);
}

bool is_device(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISBLK(status.st_mode);
}

// A root in one of the slots, or zeros in both: a file system begins with neither.
Result<void> check_device(int file, const struct stat& status, const std::string& path) {
  if ((status.st_mode & 007) != 0)
    return Error(ErrorCode::invalid_argument, "everybody may read the device " + path + "; give it mode 0600");
  bool blank = true;
  for (std::uint64_t slot = 0; slot < 2; ++slot) {
    Block block;
    TAUS_TRY(read_at(file, block.bytes, slot * block_bytes, path));
    if (decode_root_record(ByteView(block.bytes).first(root_record_bytes))) return {};
    blank = blank && crypto::equal(block.bytes, Block{}.bytes);
  }
  if (blank) return {};
  return Error(ErrorCode::invalid_argument,
               "the device " + path + " holds something else than roots; name another, or write zeros over its first 8192 bytes");
}

Result<File> open_file(const std::string& path) {
  const bool device = is_device(path);
  const int flags =
      O_RDWR | O_DSYNC | O_CLOEXEC | O_NOFOLLOW | (device ? O_EXCL : O_CREAT);  // without O_CREAT: nobody else has it mounted
  int number = ::open(path.c_str(), flags | O_DIRECT, 0600);
  if (number < 0 && errno == EINVAL) number = ::open(path.c_str(), flags, 0600);
  if (number < 0 && device && errno == EBUSY)
    return Error(ErrorCode::unavailable, "the device " + path + " is in use; unmount it, or name another");
  if (number < 0) return io_error("open the root store", path);
  File file(number);
  if (::flock(number, LOCK_EX | LOCK_NB) != 0) {
    return Error(ErrorCode::unavailable, "another process uses the root store " + path + "; stop it first");
  }
  struct stat status {};
  if (::fstat(number, &status) != 0) return io_error("look at the root store", path);
  if (S_ISBLK(status.st_mode)) {
    TAUS_TRY(check_device(file.number(), status, path));
    return file;
  }
  if (!S_ISREG(status.st_mode)) return Error(ErrorCode::invalid_argument, "the root store " + path + " is not a plain file");
  if ((status.st_mode & 077) != 0) {
    return Error(ErrorCode::invalid_argument, "others may read the root store " + path + "; give it mode 0600");
  }
  if (status.st_nlink != 1) {
    return Error(ErrorCode::invalid_argument, "the root store " + path + " has a second name; remove the other hard links");
  }
  TAUS_TRY_ASSIGN(const bool unmade, half_made(number, static_cast<std::uint64_t>(status.st_size), path));
  if (unmade) {
    TAUS_TRY(preallocate(number, path));
  } else if (status.st_size != static_cast<off_t>(2 * block_bytes)) {
    return Error(ErrorCode::corrupt,
                 "the root store " + path + " has " + std::to_string(status.st_size) +
                     " bytes instead of 8192: it was cut, or it is another file; bring back the present one, or "
                     "the root from escrow (nothing was changed)");
  }
  return file;
}

}  // namespace

Result<std::unique_ptr<RootStore>> open_rawslot(const std::string& path, bool dev) {
  TAUS_TRY_ASSIGN(File file, open_file(path));
  InPlace place = look_in_place(file.number());
  if (!place.problem.empty() && !dev) {
    return Error(ErrorCode::invalid_argument, "the root store " + path + " cannot be erased for good: " + place.problem);
  }
  return std::unique_ptr<RootStore>(std::make_unique<RawSlot>(std::move(file), path, std::move(place)));
}

}  // namespace taus::vault
