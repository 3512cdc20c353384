#include "eventstore/vault/disk.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace taus::vault {

Error io_error(const std::string& operation, const std::string& path) {
  // No disk puts these there: somebody did, and trying again mends nothing.
  if (errno == ELOOP || errno == EISDIR)
    return {ErrorCode::invalid_argument, "cannot " + operation + " " + path + ": it is a " +
                                             (errno == EISDIR ? "directory" : "symbolic link") + "; put the file itself there"};
  return {ErrorCode::io, "cannot " + operation + " " + path + ": " + std::generic_category().message(errno)};
}

Result<void> write_at(int file, std::span<const std::uint8_t> bytes, std::uint64_t offset, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return io_error("write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

Result<void> read_at(int file, std::span<std::uint8_t> bytes, std::uint64_t offset, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::pread(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error("read", path);
    if (n == 0) return Error(ErrorCode::io, "cannot read " + path + ": it is shorter than it was made");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

Result<void> sync_parent(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return io_error("open the folder", folder);
  Result<void> outcome;
  if (::fsync(file) != 0) outcome = io_error("sync the folder", folder);
  ::close(file);
  return outcome;
}

}  // namespace taus::vault
