#include "eventstore/journal/floor.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace taus::journal {
namespace {

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool open() const { return fd_ >= 0; }

 private:
  int fd_;
};

Error io_error(const std::string& doing, const std::string& path) {
  if (errno == ELOOP || errno == EISDIR)
    return {ErrorCode::invalid_argument, "the floor file " + path + " is a " + (errno == EISDIR ? "directory" : "symbolic link") +
                                             "; put the file itself there"};
  return {ErrorCode::io, "cannot " + doing + " the floor file " + path + " (" + std::generic_category().message(errno) +
                             "); check the disk and restart"};
}

File open_file(const std::string& path, int flags) { return File(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)); }

bool write_all(int fd, ByteView bytes, off_t at) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    at += n;
  }
  return true;
}

// At most one byte more than a floor file has, so that a longer one is seen.
Result<Bytes> read_all(int fd, const std::string& path) {
  Bytes out(floor_file_bytes + 1);
  std::size_t size = 0;
  while (size < out.size()) {
    const ssize_t n = ::pread(fd, out.data() + size, out.size() - size, static_cast<off_t>(size));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error("read", path);
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  out.resize(size);
  return out;
}

bool sync_parent(const std::string& path) {
  std::string parent = std::filesystem::path(path).parent_path().string();
  if (parent.empty()) parent = ".";
  const File dir(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return dir.open() && ::fsync(dir.fd()) == 0;
}

// Replaces the file as a whole: only for a file that says nothing yet, so that no crash can leave a half-written first slot.
Result<File> replace_file(const std::string& path, ByteView content) {
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());
  File file = open_file(fresh, O_RDWR | O_CREAT | O_EXCL | O_DSYNC);
  if (!file.open() || !write_all(file.fd(), content, 0) || ::fsync(file.fd()) != 0) return io_error("create", path);
  if (std::rename(fresh.c_str(), path.c_str()) != 0 || !sync_parent(path)) return io_error("create", path);
  return file;
}

class FloorFile final : public Floor {
 public:
  FloorFile(std::string path, File file, const crypto::SigningKey& key)
      : path_(std::move(path)), file_(std::move(file)), key_(key) {}

  Result<std::optional<FloorRecord>> read() override {
    TAUS_TRY_ASSIGN(const Bytes bytes, read_all(file_.fd(), path_));
    TAUS_TRY_ASSIGN(const auto state, decode_floor(bytes, key_.public_key()));
    sequence_ = state ? state->sequence : 0;
    if (!state) return std::optional<FloorRecord>();
    return std::optional<FloorRecord>(state->record);
  }

  Result<void> write(const FloorRecord& record) override {
    if (failed_) return Error(ErrorCode::io, "an earlier write of the floor failed; restart, recovery decides what is there");
    if (!sequence_) TAUS_TRY(read());
    const Result<void> outcome = put(*sequence_ + 1, record);
    failed_ = !outcome;
    if (!failed_) ++*sequence_;
    return outcome;
  }

 private:
  Result<void> put(std::uint64_t sequence, const FloorRecord& record) {
    const Bytes slot = encode_floor_slot(sequence, record, key_);
    const std::size_t at = (sequence & 1) * floor_slot_bytes;
    if (sequence > 1) {
      if (!write_all(file_.fd(), slot, static_cast<off_t>(at))) return io_error("write", path_);
      return {};
    }
    Bytes whole(floor_file_bytes);
    std::copy(slot.begin(), slot.end(), whole.begin() + static_cast<std::ptrdiff_t>(at));
    TAUS_TRY_ASSIGN(file_, replace_file(path_, whole));
    return {};
  }

  std::string path_;
  File file_;
  const crypto::SigningKey& key_;
  std::optional<std::uint64_t> sequence_;  // of the newest slot; absent: not read yet
  bool failed_ = false;
};

}  // namespace

Result<std::optional<FloorRecord>> read_floor_file(const std::string& path, const crypto::PublicKey& key) {
  const File file = open_file(path, O_RDONLY);
  if (!file.open() && errno == ENOENT)
    return Error(ErrorCode::not_found, "there is no floor file " + path + "; name it with --floor");
  if (!file.open()) return io_error("open", path);
  TAUS_TRY_ASSIGN(const Bytes bytes, read_all(file.fd(), path));
  TAUS_TRY_ASSIGN(const auto state, decode_floor(bytes, key));
  if (!state) return std::optional<FloorRecord>();
  return std::optional<FloorRecord>(state->record);
}

Result<bool> floor_lost_a_slot(const std::string& path, const crypto::PublicKey& key) {
  const File file = open_file(path, O_RDONLY);
  if (!file.open()) return io_error("open", path);
  TAUS_TRY_ASSIGN(const Bytes bytes, read_all(file.fd(), path));
  if (bytes.size() != floor_file_bytes) return false;
  for (const std::size_t other : {std::size_t{0}, floor_slot_bytes}) {
    Bytes alone = bytes;
    std::fill_n(alone.begin() + static_cast<std::ptrdiff_t>(other), floor_slot_bytes, std::uint8_t{0});
    if (!decode_floor(alone, key)) return true;
  }
  return false;
}

Result<std::unique_ptr<Floor>> open_floor_file(const std::string& path, const crypto::SigningKey& key) {
  File file = open_file(path, O_RDWR | O_DSYNC);
  if (!file.open() && errno != ENOENT) return io_error("open", path);
  if (!file.open()) {
    TAUS_TRY_ASSIGN(file, replace_file(path, Bytes(floor_file_bytes)));
  }
  return std::unique_ptr<Floor>(std::make_unique<FloorFile>(path, std::move(file), key));
}

}  // namespace taus::journal
