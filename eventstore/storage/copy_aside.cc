#include "eventstore/storage/copy_aside.h"

#include <filesystem>

namespace taus::storage {

namespace fs = std::filesystem;

Result<std::string> copy_aside(const std::string& dir) {
  std::error_code error;
  for (int n = 1; n <= damaged_copies_max; ++n) {
    const fs::path copy = dir + ".damaged-" + std::to_string(n);
    const bool taken = fs::exists(fs::symlink_status(copy, error));
    if (taken) continue;
    fs::copy(dir, copy, fs::copy_options::recursive, error);
    if (error) {
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
