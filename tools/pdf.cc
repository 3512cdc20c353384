#include "tools/pdf.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace taus::tools {

namespace {

constexpr std::size_t read_bytes = 64 << 10;
constexpr std::size_t pdf_bytes_max = 256 << 20;

Error cannot(const std::string& why) { return {ErrorCode::unavailable, "No PDF was made: " + why + "."}; }

class Pipe {
 public:
  Pipe() { open_ = ::pipe2(ends_.data(), O_CLOEXEC) == 0; }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  [[nodiscard]] bool open() const { return open_; }
  [[nodiscard]] int end(std::size_t which) const { return ends_.at(which); }
  void close_end(std::size_t which) {
    if (open_ && ends_.at(which) >= 0) ::close(ends_.at(which));
    ends_.at(which) = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
  bool open_ = false;
};

// It reads everything before it writes anything, so that neither waits for the other.
bool write_all(int to, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ::ssize_t n = ::write(to, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

bool read_all(int from, std::string& out) {
  std::string piece(read_bytes, '\0');
  while (out.size() <= pdf_bytes_max) {
    const ::ssize_t n = ::read(from, piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n == 0;
    out.append(piece, 0, static_cast<std::size_t>(n));
  }
  return false;
}

Result<pid_t> start(Pipe& in, Pipe& out) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.end(0), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.end(1), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::array<std::string, 6> words{"weasyprint", "--quiet", "--pdf-variant", "pdf/ua-1", "-", "-"};
  std::array<char*, 7> arguments{};
  for (std::size_t i = 0; i < words.size(); ++i) arguments.at(i) = words.at(i).data();
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return cannot("the program weasyprint is not installed (package weasyprint)");
  return child;
}

}  // namespace

Result<std::string> pdf_of(const std::string& html) {
  Pipe in, out;
  if (!in.open() || !out.open()) return cannot("no pipe could be opened");
  struct sigaction ignore {
  }, before{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before);
  const Result<pid_t> child = start(in, out);
  in.close_end(0);
  out.close_end(1);
  std::string pdf;
  bool whole = child && write_all(in.end(1), html);
  in.close_end(1);
  whole = whole && read_all(out.end(0), pdf);
  out.close_end(0);
  ::sigaction(SIGPIPE, &before, nullptr);
  if (!child) return child.error();
  int status = 0;
  while (::waitpid(*child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!whole || !WIFEXITED(status) || WEXITSTATUS(status) != 0 || !pdf.starts_with("%PDF-"))
    return cannot("weasyprint could not make it");
  return pdf;
}

}  // namespace taus::tools
