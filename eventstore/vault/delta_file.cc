#include "eventstore/vault/delta_file.h"

#include <algorithm>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eventstore/crypto/hash.h"
#include "eventstore/vault/disk.h"
#include "eventstore/vault/row_codec.h"

namespace taus::vault {
namespace {

constexpr std::string_view magic("TAUSDL1\0", 8);
constexpr std::size_t head_bytes = 8 + 8 + 8 + 4;  // magic, generation, top version, body length
constexpr std::size_t check_bytes = 32;

std::uint64_t area_of(std::uint64_t generation) { return generation % 2 * DeltaFile::area_bytes; }

}  // namespace

Result<std::unique_ptr<DeltaFile>> DeltaFile::open(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return io_error("open the delta file", path);
  std::unique_ptr<DeltaFile> out(new DeltaFile(file, path));
  struct stat status {};
  if (::fstat(file, &status) != 0) return io_error("look at the delta file", path);
  if (status.st_size < static_cast<off_t>(2 * area_bytes)) {
    // Zeros, not only reserved space: the file system must have nothing left to do when a shred writes.
    const Bytes zeros(2 * area_bytes, 0);
    TAUS_TRY(write_at(file, zeros, 0, path));
    if (::fsync(file) != 0) return io_error("sync the delta file", path);
    TAUS_TRY(sync_parent(path));
  }
  return out;
}

DeltaFile::~DeltaFile() { ::close(file_); }

Result<bool> DeltaFile::write(std::uint64_t generation, const NodeVersion& top_version, const storage::WriteBatch& batch,
                              bool check_it) {
  const Bytes body = encode_rows(batch, storage::Table::keys);
  if (head_bytes + body.size() + check_bytes > area_bytes) return false;
  Bytes area;
  area.reserve(head_bytes + body.size() + check_bytes);
  Writer w(area);
  w.raw(magic).u64(generation).raw(top_version).u32(static_cast<std::uint32_t>(body.size())).raw(body);
  const Hash32 check = crypto::blake2b_256({area});
  w.raw(check);
  TAUS_TRY(write_at(file_, area, area_of(generation), path_));
  if (::fdatasync(file_) != 0) return io_error("sync the delta file", path_);
  if (!check_it) return true;
  // Best effort: without the cached pages the reading below comes from the disk.
  static_cast<void>(::posix_fadvise(file_, 0, 0, POSIX_FADV_DONTNEED));
  Bytes again(area.size());
  TAUS_TRY(read_at(file_, again, area_of(generation), path_));
  if (again != area) return Error(ErrorCode::io, "the delta file " + path_ + " does not hold what was written; replace the disk");
  return true;
}

Result<std::optional<storage::WriteBatch>> DeltaFile::read(std::uint64_t generation, const NodeVersion& top_version) const {
  Bytes area(area_bytes);
  TAUS_TRY(read_at(file_, area, area_of(generation), path_));
  Reader r(area);
  const bool ours = text(r.raw(magic.size())) == magic && r.u64() == generation && r.array<8>() == top_version;
  const std::size_t size = r.u32();
  const std::optional<storage::WriteBatch> none;
  if (!ours || size > area_bytes - head_bytes - check_bytes) return none;
  const ByteView covered = ByteView(area).first(head_bytes + size);
  if (!crypto::equal(crypto::blake2b_256({covered}), ByteView(area).subspan(covered.size(), check_bytes))) return none;
  return decode_rows(covered.subspan(head_bytes), storage::Table::keys);
}

}  // namespace taus::vault
