#include "eventstore/storage/copy_aside.h"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

namespace taus::storage {

namespace fs = std::filesystem;

namespace {

std::error_code sync_disk_of(const fs::path& dir) {
  const int file = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool good = file >= 0 && ::syncfs(file) == 0;
  const std::error_code why(errno, std::generic_category());
  if (file >= 0) ::close(file);
  return good ? std::error_code() : why;
}

}  // namespace

Result<std::string> copy_aside(const std::string& dir) {
  std::error_code error;
  for (int n = 1; n <= damaged_copies_max; ++n) {
    const fs::path copy = dir + ".damaged-" + std::to_string(n);
    const bool taken = fs::exists(fs::symlink_status(copy, error));
    if (taken) continue;
    const fs::path unfinished = dir + ".damaged-unfinished";
    std::error_code ignored;
    fs::remove_all(unfinished, ignored);
    fs::copy(dir, unfinished, fs::copy_options::recursive, error);
    if (!error) error = sync_disk_of(unfinished);
    if (!error) fs::rename(unfinished, copy, error);
    if (error) {
      fs::remove_all(unfinished, ignored);  // half a copy would take the room that the next start needs
      return Error(ErrorCode::io, "the store's log is damaged and its directory cannot be copied to " + copy.string() + " (" +
                                      error.message() + "); make room beside it and start again");
    }
    return copy.string();
  }
  return Error(ErrorCode::corrupt, "the store's log is damaged again and " + std::to_string(damaged_copies_max) +
                                       " copies of earlier damage lie beside " + dir +
                                       "; check the disk, move the copies away, start again");
}

}  // namespace taus::storage
