#include "eventstore/storage/files_fault.h"

#include <cerrno>
#include <filesystem>

#include <unistd.h>

namespace taus::storage {

std::optional<Error> no_file(const std::string& dir) {
  std::error_code error;
  for (std::filesystem::directory_iterator one(dir, error), end; !error && one != end; one.increment(error))
    if (!one->is_regular_file(error))
      return Error(ErrorCode::corrupt, "the store in " + dir + " is damaged: " + one->path().filename().string() +
                                           " is no file; move it away and restore the store from a backup");
  return std::nullopt;
}

std::optional<Error> no_access(const std::string& dir, int wanted) {
  std::error_code error;
  const auto denied = [](const std::string& path) {
    return Error(ErrorCode::io,
                 path + ": permission denied: it must belong to the account that tausd runs as; nothing is wrong with it");
  };
  if (::access(dir.c_str(), wanted | X_OK) != 0 && errno == EACCES) return denied(dir);
  for (std::filesystem::directory_iterator one(dir, error), end; !error && one != end; one.increment(error))
    if (::access(one->path().c_str(), wanted) != 0 && errno == EACCES) return denied(one->path().string());
  return std::nullopt;
}

}  // namespace taus::storage
