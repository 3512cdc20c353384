// Whether overwriting a file or a block device really overwrites the blocks that it lies on. Inside vault/ only.
//
// Threads: any; only looks. Sources: statfs(2), ioctl FIEMAP (kernel Documentation/filesystems/fiemap.rst), mountinfo, sysfs.
#pragma once

#include <string>
#include <vector>

#include "eventstore/base/bytes.h"

namespace taus::vault {

struct Extent {
  std::uint64_t logical = 0;
  std::uint64_t physical = 0;
  std::uint64_t length = 0;
  friend bool operator==(const Extent&, const Extent&) = default;
};

struct InPlace {
  std::string problem;          // empty: overwriting is in place
  std::vector<Extent> extents;  // must stay where they are
};

// `file` is open, and fully written where it is a plain one. A block device has no extents.
InPlace look_in_place(int file);

// Parts of the above, for tests. Each gives the problem or an empty string.
std::string file_system_problem(std::uint64_t statfs_type);
std::string mount_problem(std::string_view mountinfo, unsigned device_major, unsigned device_minor);

}  // namespace taus::vault
