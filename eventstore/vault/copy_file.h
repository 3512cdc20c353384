// Rows of one table in a file of their own: the form of a replica of `keys` and of each table in a backup. A base, then the
// batches that came after it, every record chained to all before it. docs/format/copies.md.
//
// Threads:    one a file.
// Durability: CopyFile::append and CopyMaker::finish return after sync, and after what was written was read back.
// Errors:     corrupt: not such a file, truncated in its base, or changed; io.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "eventstore/storage/kv_store.h"

namespace taus::vault {

struct CopyHead {
  storage::Table table = storage::Table::keys;
  StoreId store_id{};
  std::uint32_t incarnation = 0;
  friend bool operator==(const CopyHead&, const CopyHead&) = default;
};

// What a good file says.
struct CopyState {
  CopyHead head;
  std::uint64_t kseq = 0;  // of the last batch it holds
  std::uint64_t rows = 0;  // of the base
  std::uint64_t base = 0;  // bytes of the base, head included
  std::uint64_t size = 0;  // bytes that count: a torn last batch does not
  Hash32 chain{};          // over all of them
  bool torn = false;       // a last batch that was cut short follows
};

// The numbered batches that one commit carries.
struct KeyBatch {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  storage::WriteBatch rows;  // Table::keys only
};
// What a commit does to `keys`; nothing where it does nothing. Its rows must be numbered.
std::optional<KeyBatch> key_batch(const storage::WriteBatch& batch);

// Reads a copy from wherever its bytes lie; `visit` gets the rows in order, to be applied one after the other.
using ReadAt = std::function<Result<void>(std::span<std::uint8_t> into, std::uint64_t offset)>;
using VisitRows = std::function<Result<void>(const storage::WriteBatch& rows)>;
Result<CopyState> read_copy(std::uint64_t size, const ReadAt& read, const std::string& name, const VisitRows& visit);
// The same from a file. not_found: no such file.
Result<CopyState> read_copy_file(const std::string& path, const VisitRows& visit);
// Whose the copy is, whatever became of the rest of it. Nothing: no such file, or it does not begin as a copy does.
Result<std::optional<CopyHead>> read_copy_head(const std::string& path);

// A file that grows batch by batch.
class CopyFile {
 public:
  // not_found: no such file; corrupt.
  static Result<std::unique_ptr<CopyFile>> open(const std::string& path);
  ~CopyFile();
  CopyFile(const CopyFile&) = delete;
  CopyFile& operator=(const CopyFile&) = delete;
  Result<void> append(const KeyBatch& batch);
  [[nodiscard]] const CopyState& state() const noexcept { return state_; }

 private:
  CopyFile(int file, std::string path, CopyState state) : file_(file), path_(std::move(path)), state_(state) {}
  int file_;
  std::string path_;
  CopyState state_;
};

// Writes a base beside its place; finish() puts it there as a whole.
class CopyMaker {
 public:
  static Result<std::unique_ptr<CopyMaker>> begin(const std::string& path, const CopyHead& head);
  ~CopyMaker();
  CopyMaker(const CopyMaker&) = delete;
  CopyMaker& operator=(const CopyMaker&) = delete;
  Result<void> add(const storage::WriteBatch& rows);
  // Rows of the head's table of `from`, all of them.
  Result<void> add_all(const storage::KvReader& from);
  Result<CopyState> finish(std::uint64_t kseq);

 private:
  CopyMaker(int file, std::string path, const CopyHead& head) : file_(file), path_(std::move(path)) { state_.head = head; }
  Result<void> put(std::uint8_t kind, ByteView body);
  int file_;
  std::string path_;
  CopyState state_;
};

}  // namespace taus::vault
