#include "eventstore/vault/in_place.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace taus::vault {
namespace {

constexpr std::uint64_t xfs_magic = 0x58465342;
constexpr std::uint64_t zfs_magic = 0x2fc12fc1;
constexpr const char* advice = "; put the root store on a plain ext4 or XFS file system";
constexpr std::uint32_t bad_extents = FIEMAP_EXTENT_SHARED | FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC |
                                      FIEMAP_EXTENT_ENCODED | FIEMAP_EXTENT_DATA_INLINE | FIEMAP_EXTENT_DATA_TAIL |
                                      FIEMAP_EXTENT_UNWRITTEN;

std::string read_all(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string extents_problem(int file, std::vector<Extent>& extents) {
  constexpr std::uint32_t extents_max = 8;
  alignas(fiemap) ByteArray<sizeof(fiemap) + extents_max * sizeof(fiemap_extent)> buffer{};
  fiemap request{};
  request.fm_length = FIEMAP_MAX_OFFSET;
  request.fm_flags = FIEMAP_FLAG_SYNC;
  request.fm_extent_count = extents_max;
  std::memcpy(buffer.data(), &request, sizeof request);
  if (::ioctl(file, FS_IOC_FIEMAP, buffer.data()) != 0) {
    return std::string("the file system does not tell where the root store lies") + advice;
  }
  std::memcpy(&request, buffer.data(), sizeof request);
  bool last = false;
  for (std::uint32_t i = 0; i < request.fm_mapped_extents && i < extents_max; ++i) {
    fiemap_extent extent{};
    std::memcpy(&extent, buffer.data() + sizeof request + i * sizeof extent, sizeof extent);
    if ((extent.fe_flags & bad_extents) != 0) {
      return "the blocks of the root store are shared, inline or not yet written; make it anew, never by copying, outside "
             "snapshots and reflinks";
    }
    extents.push_back({extent.fe_logical, extent.fe_physical, extent.fe_length});
    last = (extent.fe_flags & FIEMAP_EXTENT_LAST) != 0;
  }
  if (!last) return std::string("the root store lies in too many pieces; make it anew") + advice;
  return {};
}

// What lies behind a loop device is a file, and its partitions are its own.
std::string loop_problem(const std::string& device) {
  for (const char* where : {"/loop/backing_file", "/../loop/backing_file"}) {
    std::string path = read_all(device + where);
    if (path.empty()) continue;
    path.pop_back();  // the line feed
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return "the file behind the loop device cannot be looked at; name a partition of a disk";
    std::string problem = look_in_place(file).problem;
    ::close(file);
    return problem.empty() ? problem : "behind the loop device: " + problem;
  }
  return {};
}

// Volumes of the device mapper may be origins of snapshots, which keep what is overwritten. Only encryption is known not to.
std::string device_problem(unsigned device_major, unsigned device_minor) {
  const std::string device = "/sys/dev/block/" + std::to_string(device_major) + ":" + std::to_string(device_minor);
  if (std::string problem = loop_problem(device); !problem.empty()) return problem;
  const std::string mapped = read_all(device + "/dm/uuid");
  std::error_code error;
  if (!std::filesystem::exists(device + "/dm", error)) return {};
  if (!mapped.starts_with("CRYPT-"))
    return "a mapped volume (LVM and such) may keep snapshots of the root store; name a partition of a disk";
  for (const auto& below : std::filesystem::directory_iterator(device + "/slaves", error)) {
    unsigned below_major = 0, below_minor = 0;
    char colon = 0;
    std::istringstream number(read_all(below.path().string() + "/dev"));
    if (!(number >> below_major >> colon >> below_minor))
      return "what lies below the encrypted volume is not known; name a partition of a disk";
    if (std::string problem = device_problem(below_major, below_minor); !problem.empty()) return problem;
  }
  return {};
}

}  // namespace

std::string file_system_problem(std::uint64_t statfs_type) {
  switch (statfs_type) {
    case EXT4_SUPER_MAGIC:
    case xfs_magic: return {};
    case BTRFS_SUPER_MAGIC: return std::string("btrfs writes every change to a new place") + advice;
    case zfs_magic: return std::string("ZFS writes every change to a new place") + advice;
    case OVERLAYFS_SUPER_MAGIC: return std::string("an overlay file system may copy the file at any write") + advice;
    case TMPFS_MAGIC:
    case RAMFS_MAGIC: return std::string("the root store would be lost at a restart: it lies in memory") + advice;
    default: return std::string("this file system is not known to overwrite in place") + advice;
  }
}

// Fields of mountinfo: id parent major:minor root point options [optional...] - type source super-options.
std::string mount_problem(std::string_view mountinfo, unsigned device_major, unsigned device_minor) {
  const std::string device = std::to_string(device_major) + ":" + std::to_string(device_minor);
  std::istringstream lines{std::string(mountinfo)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string id;
    std::string parent;
    std::string number;
    words >> id >> parent >> number;
    if (number == device && line.find("data=journal") != std::string::npos) {
      return "the file system journals data (data=journal), which keeps a second copy of every root; mount it with data=ordered";
    }
  }
  return {};
}

InPlace look_in_place(int file) {
  InPlace out;
  struct statfs system {};
  struct stat status {};
  if (::fstatfs(file, &system) != 0 || ::fstat(file, &status) != 0) {
    out.problem = "cannot tell which file system the root store lies on";
    return out;
  }
  if (S_ISBLK(status.st_mode)) {
    out.problem = device_problem(major(status.st_rdev), minor(status.st_rdev));
    return out;
  }
  out.problem = file_system_problem(static_cast<std::uint64_t>(static_cast<std::uint32_t>(system.f_type)));
  if (out.problem.empty()) {
    out.problem = mount_problem(read_all("/proc/self/mountinfo"), major(status.st_dev), minor(status.st_dev));
  }
  int flags = 0;
  if (out.problem.empty() && ::ioctl(file, FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_JOURNAL_DATA_FL) != 0) {
    out.problem = "the root store has the attribute j (journalled data); remove it with chattr -j and make the file anew";
  }
  if (out.problem.empty()) out.problem = extents_problem(file, out.extents);
  return out;
}

}  // namespace taus::vault
