// Loaded before everything else (LD_PRELOAD), keeps what a program writes to regular files: for the adversary of docs/CRYPTO.md, who has every
// byte ever written. $TAUS_KEEP_WRITES names the file that all of it is appended to; tests/e2e/kept_writes.py reads it.
//
// A record: device u64, inode u64, birth of the file u64 (ns), offset u64, bytes u32, length of the path u32, path, bytes; little endian.
// A write is kept before it is done, so that none is missing where the program is killed. What goes round these functions (memory maps, stdio)
// is not seen: the reader compares what it has with what lies on the disk.
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

constexpr int first_descriptor = 200;  // out of the program's way
constexpr std::size_t chunk_bytes = 1 << 16;
int kept = -1;

template <class Function>
Function* original(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

__attribute__((constructor)) void open_kept() {
  const char* path = std::getenv("TAUS_KEEP_WRITES");
  if (path == nullptr) return;
  const int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) std::abort();
  kept = fcntl(file, F_DUPFD_CLOEXEC, first_descriptor);
  close(file);
  if (kept < 0) std::abort();
}

struct [[gnu::packed]] Head {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t birth = 0;
  std::uint64_t offset = 0;
  std::uint32_t bytes = 0;
  std::uint32_t path_bytes = 0;
};

// One append, so that records of several threads and programs do not mix.
void keep(int file, const void* bytes, std::size_t size, off_t offset) {
  if (kept < 0 || size == 0) return;
  struct statx about {};
  if (syscall(SYS_statx, file, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &about) != 0) std::abort();
  if (!S_ISREG(about.stx_mode)) return;
  char name[64];
  char path[1024];
  std::snprintf(name, sizeof name, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(name, path, sizeof path);
  if (length < 0) std::abort();
  Head head;
  head.device = std::uint64_t{about.stx_dev_major} << 32 | about.stx_dev_minor;
  head.inode = about.stx_ino;
  head.birth = static_cast<std::uint64_t>(about.stx_btime.tv_sec) * 1'000'000'000 + about.stx_btime.tv_nsec;
  head.offset = static_cast<std::uint64_t>(offset);
  head.bytes = static_cast<std::uint32_t>(size);
  head.path_bytes = static_cast<std::uint32_t>(length);
  const iovec parts[3] = {{&head, sizeof head}, {path, static_cast<std::size_t>(length)}, {const_cast<void*>(bytes), size}};
  const auto whole = static_cast<long>(sizeof head + static_cast<std::size_t>(length) + size);
  if (syscall(SYS_writev, kept, parts, 3) != whole) std::abort();
}

// Where a write without a place of its own goes; negative: to no file.
off_t place_of(int file) {
  if ((fcntl(file, F_GETFL) & O_APPEND) == 0) return lseek(file, 0, SEEK_CUR);
  struct stat about {};
  return fstat(file, &about) == 0 ? about.st_size : -1;
}

void keep_parts(int file, const iovec* parts, int count, off_t offset) {
  if (kept < 0) return;
  const int before = errno;
  for (int i = 0; i < count && offset >= 0; ++i) {
    keep(file, parts[i].iov_base, parts[i].iov_len, offset);
    offset += static_cast<off_t>(parts[i].iov_len);
  }
  errno = before;
}

// What the kernel copied from file to file.
void keep_copied(int file, ssize_t size, off_t offset) {
  if (kept < 0 || size <= 0) return;
  const int before = errno;
  char name[64];
  std::snprintf(name, sizeof name, "/proc/self/fd/%d", file);
  const int again = open(name, O_RDONLY | O_CLOEXEC);
  if (again < 0) std::abort();
  static thread_local char bytes[chunk_bytes];
  while (size > 0) {
    const ssize_t got = pread(
        again, bytes, static_cast<std::size_t>(size) < sizeof bytes ? static_cast<std::size_t>(size) : sizeof bytes, offset);
    if (got <= 0) std::abort();
    keep(file, bytes, static_cast<std::size_t>(got), offset);
    offset += got;
    size -= got;
  }
  close(again);
  errno = before;
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* bytes, size_t size) {
  static auto* const real = original<ssize_t(int, const void*, size_t)>("write");
  const iovec whole{const_cast<void*>(bytes), size};
  if (kept >= 0) keep_parts(file, &whole, 1, place_of(file));
  return real(file, bytes, size);
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  static auto* const real = original<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  const iovec whole{const_cast<void*>(bytes), size};
  keep_parts(file, &whole, 1, offset);
  return real(file, bytes, size, offset);
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t offset) { return pwrite(file, bytes, size, offset); }

ssize_t writev(int file, const iovec* parts, int count) {
  static auto* const real = original<ssize_t(int, const iovec*, int)>("writev");
  if (kept >= 0) keep_parts(file, parts, count, place_of(file));
  return real(file, parts, count);
}

ssize_t pwritev(int file, const iovec* parts, int count, off_t offset) {
  static auto* const real = original<ssize_t(int, const iovec*, int, off_t)>("pwritev");
  keep_parts(file, parts, count, offset);
  return real(file, parts, count, offset);
}

ssize_t pwritev64(int file, const iovec* parts, int count, off64_t offset) { return pwritev(file, parts, count, offset); }

ssize_t sendfile(int to, int from, off_t* offset, size_t size) {
  static auto* const real = original<ssize_t(int, int, off_t*, size_t)>("sendfile");
  const ssize_t done = real(to, from, offset, size);
  if (kept >= 0 && done > 0) {
    const off_t end = lseek(to, 0, SEEK_CUR);
    if (end >= 0) keep_copied(to, done, end - done);
  }
  return done;
}

ssize_t sendfile64(int to, int from, off64_t* offset, size_t size) { return sendfile(to, from, offset, size); }

ssize_t copy_file_range(int from, off64_t* at, int to, off64_t* there, size_t size, unsigned flags) {
  static auto* const real = original<ssize_t(int, off64_t*, int, off64_t*, size_t, unsigned)>("copy_file_range");
  const ssize_t done = real(from, at, to, there, size, flags);
  if (kept >= 0 && done > 0) keep_copied(to, done, (there != nullptr ? *there : lseek(to, 0, SEEK_CUR)) - done);
  return done;
}

}  // extern "C"
