#include "daemon/files.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace taus {
namespace {

constexpr std::size_t file_bytes_max = 1 << 20;

// A descriptor that closes itself.
struct File {
  int fd;
  explicit File(int f) : fd(f) {}
  ~File() {
    if (fd >= 0) ::close(fd);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
};

Error failed(const std::string& path, const char* what) {
  return Error(errno == ENOENT ? ErrorCode::not_found : ErrorCode::io, path + ": cannot " + what + ": " + std::strerror(errno));
}

Result<void> write_all(const std::string& path, ByteView content) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.fd < 0) return failed(path, "create it");
  while (!content.empty()) {
    const ssize_t n = ::write(file.fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return failed(path, "write it");
    content = content.subspan(static_cast<std::size_t>(n));
  }
  if (fsync(file.fd) != 0) return failed(path, "sync it");
  return {};
}

}  // namespace

Result<Bytes> read_file(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd < 0) return failed(path, "open it");
  Bytes content;
  std::uint8_t block[4096];
  for (;;) {
    const ssize_t n = ::read(file.fd, block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(path, "read it");
    if (n == 0) break;
    content.insert(content.end(), block, block + n);
    if (content.size() > file_bytes_max) return Error(ErrorCode::io, path + ": longer than such a file can be");
  }
  explicit_bzero(block, sizeof block);
  return content;
}

Result<void> find_file(const std::string& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) {
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return failed(path, "open it");
    return {};
  }
  if (!S_ISDIR(st.st_mode)) return {};
  errno = EISDIR;
  return failed(path, "read it");
}

Result<void> write_file(const std::string& path, ByteView content) {
  const std::string fresh = path + ".new";
  TAUS_TRY(write_all(fresh, content));
  if (rename(fresh.c_str(), path.c_str()) != 0) return failed(path, "replace it");
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const File directory(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.fd < 0 || fsync(directory.fd) != 0) return failed(path, "sync its directory");
  return {};
}

Result<void> make_directory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0) return {};
  struct stat st {};
  if (errno == EEXIST && stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) return {};
  return failed(path, "make the directory");
}

std::string resolved(const std::string& path) {
  std::error_code error;
  std::filesystem::path out = std::filesystem::weakly_canonical(path, error);
  if (error) out = std::filesystem::path(path).lexically_normal();
  std::string text = out.string();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

bool overlap(const std::string& a, const std::string& b) {
  const auto within = [](const std::string& inner, const std::string& outer) {
    return inner == outer || inner.starts_with(outer.ends_with('/') ? outer : outer + "/");
  };
  const std::string one = resolved(a), other = resolved(b);
  return within(one, other) || within(other, one);
}

}  // namespace taus
