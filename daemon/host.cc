#include "daemon/host.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <fstream>
#include <new>
#include <system_error>
#include <typeinfo>

#include <cxxabi.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace taus {
namespace {

constexpr rlim_t descriptors_wanted = 4096;  // connections_max, the store's files, room
constexpr rlim_t descriptors_min = 64;       // the store's files, its replicas, and a few connections
constexpr rlim_t locked_bytes_wanted = 8 << 20;

[[noreturn]] void say_type_and_abort() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  // Nothing of this process is at fault, and what was acknowledged is on the disk: it ends as after a kill, and may be started again.
  if (type != nullptr && (*type == typeid(std::bad_alloc) || *type == typeid(std::system_error))) {
    std::fputs("tausd: the system gives no more memory or threads: raise the limits (LimitAS, MemoryMax, TasksMax of the unit)\n",
               stderr);
    std::_Exit(1);
  }
  std::fprintf(stderr, "tausd: uncaught exception of type %s\n", type != nullptr ? type->name() : "unknown");
  std::abort();
}

Error refused(const char* what) {
  return Error(ErrorCode::io, std::string("the kernel refused ") + what + ": " + std::strerror(errno));
}

bool swap_is_on(const std::string& list) {
  std::ifstream swaps(list);
  std::string line;
  std::getline(swaps, line);  // heading
  return static_cast<bool>(std::getline(swaps, line));
}

}  // namespace

Result<void> harden_process() {
  std::set_terminate(say_type_and_abort);
  std::signal(SIGPIPE, SIG_IGN);
  umask(0077);
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) return refused("to switch off core dumps");
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return refused("to make the process undumpable");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("no-new-privileges");
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < descriptors_wanted) {
    files.rlim_cur = std::min(files.rlim_max, descriptors_wanted);
    if (setrlimit(RLIMIT_NOFILE, &files) != 0) return refused("more file descriptors");
  }
  if (files.rlim_cur < descriptors_min)
    return Error(ErrorCode::io, "no more than " + std::to_string(files.rlim_cur) + " open files are allowed, and " +
                                    std::to_string(descriptors_min) +
                                    " are needed: raise LimitNOFILE in the unit (4096 is good)");
  return {};
}

std::vector<std::string> host_warnings(const std::string& swaps) {
  std::vector<std::string> warnings;
  if (swap_is_on(swaps)) {
    warnings.emplace_back("swap is on: memory may reach the disk; switch it off or encrypt it with a key that dies at boot");
  }
  rlimit locked{};
  if (getrlimit(RLIMIT_MEMLOCK, &locked) == 0 && locked.rlim_cur != RLIM_INFINITY && locked.rlim_cur < locked_bytes_wanted) {
    warnings.emplace_back("less than 8 MiB may be locked in memory; set LimitMEMLOCK=64M in the unit");
  }
  return warnings;
}

void notify_manager(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || (path[0] != '/' && path[0] != '@')) return;
  sockaddr_un address{};
  const std::size_t length = std::strlen(path);
  if (length >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = '\0';
  std::string message(state);
  if (state == "RELOADING=1") {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    message += "\nMONOTONIC_USEC=" + std::to_string(std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000);
  }
  const int out = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (out < 0) return;
  static_cast<void>(sendto(out, message.data(), message.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
                           static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length)));
  ::close(out);
}

Result<std::unique_ptr<ProcessLock>> ProcessLock::take(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0 && (errno == ELOOP || errno == EISDIR))
    return Error(ErrorCode::invalid_argument, path + ": the lock is an empty file; remove what lies there instead");
  if (file < 0) return Error(ErrorCode::io, path + ": cannot open the lock file: " + std::strerror(errno));
  if (flock(file, LOCK_EX | LOCK_NB) == 0) return std::unique_ptr<ProcessLock>(new ProcessLock(file));
  const int why = errno;
  ::close(file);
  if (why == EWOULDBLOCK) return Error(ErrorCode::busy, path + ": another tausd is running on this directory; stop it first");
  return Error(ErrorCode::io, path + ": cannot lock: " + std::strerror(why));
}

ProcessLock::~ProcessLock() { ::close(file_); }

}  // namespace taus
