#include "eventstore/vault/copy_file.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eventstore/crypto/hash.h"
#include "eventstore/vault/disk.h"
#include "eventstore/vault/row_codec.h"
#include "eventstore/vault/rows.h"

namespace taus::vault {
namespace {

constexpr std::string_view magic("TAUSCP1\0", 8);
constexpr std::size_t head_bytes = 8 + 1 + 16 + 4;
constexpr std::size_t frame_bytes = 8 + 1;  // size of the body, kind
constexpr std::size_t check_bytes = 32;
constexpr std::size_t chunk_bytes = 1 << 20;

enum Kind : std::uint8_t { base_rows = 1, base_end = 2, batch_rows = 3 };

Bytes encode(const CopyHead& head) {
  Bytes out;
  Writer(out).raw(magic).u8(static_cast<std::uint8_t>(head.table)).raw(head.store_id).u32(head.incarnation);
  return out;
}

Bytes record(const Hash32& chain, std::uint8_t kind, ByteView body, Hash32& next) {
  Bytes out;
  out.reserve(frame_bytes + body.size() + check_bytes);
  Writer w(out);
  w.u64(body.size()).u8(kind).raw(body);
  next = crypto::blake2b_256({chain, out});
  w.raw(next);
  return out;
}

Bytes encode_batch(const KeyBatch& batch) {
  Bytes out;
  Writer(out).u64(batch.first).u64(batch.last).raw(encode_rows(batch.rows, storage::Table::keys));
  return out;
}

// Nothing: no copy of taus, or of no table that this taus knows.
std::optional<CopyHead> decode_head(ByteView bytes) {
  Reader r(bytes);
  CopyHead out{};
  if (text(r.raw(magic.size())) != magic) return std::nullopt;
  const std::uint8_t table = r.u8();
  out.table = static_cast<storage::Table>(table);
  out.store_id = r.array<16>();
  out.incarnation = r.u32();
  return r.ok() && table < storage::table_count ? std::optional(out) : std::nullopt;
}

// Reads the records of one copy, in order.
class CopyReader {
 public:
  CopyReader(std::uint64_t size, const ReadAt& read, const std::string& name, const VisitRows& visit)
      : size_(size), read_(read), name_(name), visit_(visit) {}

  Result<CopyState> run() {
    TAUS_TRY(head());
    while (state_.size < size_) {
      TAUS_TRY_ASSIGN(const bool whole, next());
      if (whole) continue;
      if (state_.base == 0) return damaged("it ends within its base");
      state_.torn = true;
      break;
    }
    if (state_.base == 0) return damaged("it ends within its base");
    return state_;
  }

 private:
  [[nodiscard]] Error damaged(const std::string& why) const {
    return {ErrorCode::corrupt, name_ + " is damaged at byte " + std::to_string(state_.size) + ": " + why +
                                    "; use another copy (nothing was changed)"};
  }
  Result<void> head() {
    Bytes bytes(head_bytes);
    if (size_ < head_bytes) return damaged("it is no copy of taus");
    TAUS_TRY(read_(bytes, 0));
    const std::optional<CopyHead> head = decode_head(bytes);
    if (!head) return damaged("it is no copy of taus, or of no table that this taus knows");
    state_.head = *head;
    state_.chain = crypto::blake2b_256({bytes});
    state_.size = head_bytes;
    return {};
  }
  // False where the file ends within the record.
  Result<bool> next() {
    const std::uint64_t left = size_ - state_.size;
    if (left < frame_bytes + check_bytes) return false;
    Bytes frame(frame_bytes);
    TAUS_TRY(read_(frame, state_.size));
    Reader r(frame);
    const std::uint64_t body_bytes = r.u64();
    const std::uint8_t kind = r.u8();
    if (body_bytes > left - frame_bytes - check_bytes) return false;
    Bytes rest(static_cast<std::size_t>(body_bytes) + check_bytes);
    TAUS_TRY(read_(rest, state_.size + frame_bytes));
    const ByteView body = ByteView(rest).first(rest.size() - check_bytes);
    const Hash32 chain = crypto::blake2b_256({state_.chain, frame, body});
    if (!crypto::equal(chain, ByteView(rest).last(check_bytes))) return damaged("its bytes were changed");
    TAUS_TRY(take(kind, body));
    state_.chain = chain;
    state_.size += frame_bytes + rest.size();
    if (kind == base_end) state_.base = state_.size;
    return true;
  }
  Result<void> take(std::uint8_t kind, ByteView body) {
    Reader r(body);
    const bool in_base = state_.base == 0;
    if (kind == base_rows && in_base) return rows(body);
    if (kind == base_end && in_base) {
      state_.kseq = r.u64();
      const std::uint64_t count = r.u64();
      if (!r.done() || count != state_.rows) return damaged("rows of its base are missing");
      return {};
    }
    if (kind == batch_rows && !in_base && state_.head.table == storage::Table::keys) {
      const std::uint64_t first = r.u64();
      const std::uint64_t last = r.u64();
      if (!r.ok() || first != state_.kseq + 1 || last < first) return damaged("a batch is missing before it");
      state_.kseq = last;
      return rows(r.raw(r.remaining()));
    }
    return damaged("a record there makes no sense");
  }
  Result<void> rows(ByteView bytes) {
    const auto batch = decode_rows(bytes, state_.head.table);
    if (!batch) return damaged("its rows make no sense");
    if (state_.base == 0) state_.rows += batch->rows().size();
    if (!visit_) return {};
    return visit_(*batch);
  }

  std::uint64_t size_;
  const ReadAt& read_;
  const std::string& name_;
  const VisitRows& visit_;
  CopyState state_;
};

Result<CopyState> read_open_file(int file, const std::string& path, const VisitRows& visit) {
  struct stat status {};
  if (::fstat(file, &status) != 0) return io_error("look at", path);
  const ReadAt read = [&](std::span<std::uint8_t> into, std::uint64_t offset) { return read_at(file, into, offset, path); };
  return read_copy(static_cast<std::uint64_t>(status.st_size), read, path, visit);
}

Result<int> open_existing(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW);
  if (file >= 0) return file;
  if (errno == ENOENT) return Error(ErrorCode::not_found, "there is no copy at " + path);
  return io_error("open", path);
}

// Synced, and what is on the disk is what was written.
Result<void> write_checked(int file, ByteView bytes, std::uint64_t offset, const std::string& path) {
  TAUS_TRY(write_at(file, bytes, offset, path));
  if (::fdatasync(file) != 0) return io_error("sync", path);
  static_cast<void>(::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED));
  Bytes again(bytes.size());
  TAUS_TRY(read_at(file, again, offset, path));
  if (std::ranges::equal(again, bytes)) return {};
  return Error(ErrorCode::io, path + " does not hold what was written; replace the disk");
}

}  // namespace

std::optional<KeyBatch> key_batch(const storage::WriteBatch& batch) {
  KeyBatch out;
  const Bytes number = counter_key(Counter::kseq);
  for (const auto& row : batch.rows()) {
    if (row.table != storage::Table::keys) continue;
    if (row.value && std::ranges::equal(row.key, number)) {
      out.last = Reader(*row.value).u64();
      if (out.first == 0) out.first = out.last;
    }
    if (row.value)
      out.rows.put(row.table, row.key, *row.value);
    else
      out.rows.erase(row.table, row.key);
  }
  if (out.rows.empty()) return std::nullopt;
  TAUS_CHECK(out.first != 0 && out.first <= out.last);
  return out;
}

Result<CopyState> read_copy(std::uint64_t size, const ReadAt& read, const std::string& name, const VisitRows& visit) {
  return CopyReader(size, read, name, visit).run();
}

Result<CopyState> read_copy_file(const std::string& path, const VisitRows& visit) {
  TAUS_TRY_ASSIGN(const int file, open_existing(path, O_RDONLY));
  Result<CopyState> out = read_open_file(file, path, visit);
  ::close(file);
  return out;
}

Result<std::optional<CopyHead>> read_copy_head(const std::string& path) {
  auto file = open_existing(path, O_RDONLY);
  if (!file && file.error().code == ErrorCode::not_found) return std::optional<CopyHead>();
  if (!file) return file.error();
  Bytes bytes(head_bytes);
  const ssize_t got = ::pread(*file, bytes.data(), bytes.size(), 0);
  ::close(*file);
  if (got < 0) return io_error("read", path);
  return decode_head(ByteView(bytes).first(static_cast<std::size_t>(got)));
}

Result<std::unique_ptr<CopyFile>> CopyFile::open(const std::string& path) {
  TAUS_TRY_ASSIGN(const int file, open_existing(path, O_RDWR));
  Result<CopyState> state = read_open_file(file, path, {});
  if (!state) {
    ::close(file);
    return std::move(state).error();
  }
  return std::unique_ptr<CopyFile>(new CopyFile(file, path, *state));
}

CopyFile::~CopyFile() { ::close(file_); }

Result<void> CopyFile::append(const KeyBatch& batch) {
  if (batch.first != state_.kseq + 1) return Error(ErrorCode::io, path_ + " lacks a batch; it has to be copied anew");
  // Removed or replaced behind our back, the open file would still take everything.
  struct stat here {};
  struct stat there {};
  if (::fstat(file_, &here) != 0 || ::stat(path_.c_str(), &there) != 0) return io_error("find", path_);
  if (here.st_ino != there.st_ino || here.st_dev != there.st_dev)
    return Error(ErrorCode::io, path_ + " was replaced by another file");
  if (!state_.torn && static_cast<std::uint64_t>(here.st_size) != state_.size)
    return Error(ErrorCode::corrupt, path_ + " was cut or written to by somebody else");
  if (state_.torn) {
    if (::ftruncate(file_, static_cast<off_t>(state_.size)) != 0) return io_error("mend", path_);
    state_.torn = false;
  }
  Hash32 chain{};
  const Bytes bytes = record(state_.chain, batch_rows, encode_batch(batch), chain);
  TAUS_TRY(write_checked(file_, bytes, state_.size, path_));
  state_.size += bytes.size();
  state_.chain = chain;
  state_.kseq = batch.last;
  return {};
}

Result<std::unique_ptr<CopyMaker>> CopyMaker::begin(const std::string& path, const CopyHead& head) {
  const std::string fresh = path + ".new";
  const int file = ::open(fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return io_error("make", fresh);
  std::unique_ptr<CopyMaker> out(new CopyMaker(file, path, head));
  const Bytes bytes = encode(head);
  TAUS_TRY(write_at(file, bytes, 0, fresh));
  out->state_.size = bytes.size();
  out->state_.chain = crypto::blake2b_256({bytes});
  return out;
}

CopyMaker::~CopyMaker() { ::close(file_); }

Result<void> CopyMaker::put(std::uint8_t kind, ByteView body) {
  Hash32 chain{};
  const Bytes bytes = record(state_.chain, kind, body, chain);
  TAUS_TRY(write_at(file_, bytes, state_.size, path_ + ".new"));
  state_.size += bytes.size();
  state_.chain = chain;
  return {};
}

Result<void> CopyMaker::add(const storage::WriteBatch& rows) {
  if (rows.empty()) return {};
  state_.rows += rows.rows().size();
  return put(base_rows, encode_rows(rows, state_.head.table));
}

Result<void> CopyMaker::add_all(const storage::KvReader& from) {
  storage::WriteBatch chunk;
  std::size_t bytes = 0;
  Result<void> outcome;
  TAUS_TRY(from.scan(state_.head.table, {}, {}, [&](ByteView key, ByteView value) {
    chunk.put(state_.head.table, Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end()));
    bytes += key.size() + value.size();
    if (bytes < chunk_bytes) return true;
    outcome = add(chunk);
    chunk.clear();
    bytes = 0;
    return outcome.has_value();
  }));
  TAUS_TRY(outcome);
  return add(chunk);
}

Result<CopyState> CopyMaker::finish(std::uint64_t kseq) {
  const std::string fresh = path_ + ".new";
  Bytes body;
  Writer(body).u64(kseq).u64(state_.rows);
  TAUS_TRY(put(base_end, body));
  state_.kseq = kseq;
  state_.base = state_.size;
  if (::fsync(file_) != 0) return io_error("sync", fresh);
  static_cast<void>(::posix_fadvise(file_, 0, 0, POSIX_FADV_DONTNEED));
  TAUS_TRY_ASSIGN(const CopyState again, read_open_file(file_, fresh, {}));
  if (again.chain != state_.chain) return Error(ErrorCode::io, fresh + " does not hold what was written; replace the disk");
  if (::rename(fresh.c_str(), path_.c_str()) != 0) return io_error("put in place", path_);
  TAUS_TRY(sync_parent(path_));
  return again;
}

}  // namespace taus::vault
