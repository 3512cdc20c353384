// What we ask of the operating system before a key is in memory, and what we tell the service manager.
//
// Threads: main, before others are started; notify_manager from io.
// Errors:  io: the kernel refused something that the promises rest on.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/result.h"

namespace taus {

// No core dumps, no ptrace or /proc/PID/mem by others, no new privileges, files for nobody else, enough descriptors, no
// SIGPIPE; an exception that nobody caught says its type only, since its text may hold data.
Result<void> harden_process();

// What weakens promise 4 on this machine and what to do: swap, locked memory. For status. `swaps`: the kernel's list; another in tests.
std::vector<std::string> host_warnings(const std::string& swaps = "/proc/swaps");

// "READY=1" and the like, to systemd where it started us; else nothing. Reloading also sends the time it asks for.
void notify_manager(std::string_view state);

// Holds `path` locked for this process. busy: another daemon has it.
class ProcessLock {
 public:
  static Result<std::unique_ptr<ProcessLock>> take(const std::string& path);
  ~ProcessLock();
  ProcessLock(const ProcessLock&) = delete;
  ProcessLock& operator=(const ProcessLock&) = delete;

 private:
  explicit ProcessLock(int file) : file_(file) {}
  int file_;
};

}  // namespace taus
