#include "tools/taus_bench_peers.h"

#include <array>
#include <cstdlib>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace taus::bench {
namespace {

// Standard output of the script.
Result<std::string> said(const std::string& script, const std::string& peer, const std::string& directory,
                         const std::string& seconds) {
  int output[2];
  if (::pipe2(output, O_CLOEXEC) != 0) return Error(ErrorCode::io, "cannot make a pipe");
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, output[1], STDOUT_FILENO);
  const std::array<const char*, 5> arguments{script.c_str(), peer.c_str(), directory.c_str(), seconds.c_str(), nullptr};
  pid_t process = -1;
  const int failed =
      ::posix_spawn(&process, script.c_str(), &files, nullptr, const_cast<char* const*>(arguments.data()), environ);
  posix_spawn_file_actions_destroy(&files);
  ::close(output[1]);
  std::string out;
  std::array<char, 4096> buffer;
  for (ssize_t n = 0; failed == 0 && (n = ::read(output[0], buffer.data(), buffer.size())) > 0;)
    out.append(buffer.data(), static_cast<std::size_t>(n));
  ::close(output[0]);
  int status = 1;
  if (failed == 0) ::waitpid(process, &status, 0);
  if (status != 0) return Error(ErrorCode::unavailable, script + " " + peer + " failed");
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

}  // namespace

Result<double> peer(const std::string& script, const std::string& peer, const std::string& directory, double seconds) {
  TAUS_TRY_ASSIGN(const std::string text, said(script, peer, directory, std::to_string(seconds)));
  const double out = std::atof(text.c_str());
  if (out > 0) return out;
  return Error(ErrorCode::unavailable, script + " " + peer + " gave no figure");
}

Result<std::string> peer_versions(const std::string& script) { return said(script, "versions", ".", "0"); }

}  // namespace taus::bench
