// The rows of Table::part in order, read ahead: at a start every part is opened, and looking each up costs as much as opening it.
//
// Threads: one. Owns: about 1 MiB of ciphertext; `store` must outlive it.
// Errors:  unavailable: no such row; io.
#pragma once

#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/storage/kv_store.h"

namespace taus {

class PartRows {
 public:
  explicit PartRows(const storage::KvReader& store) : store_(store) {}
  // The stored bytes, good until the next call. Quick where calls come in the order of positions; any order is right.
  [[nodiscard]] Result<ByteView> at(Position position, std::uint8_t index);

 private:
  struct Row {
    Bytes key;
    std::size_t begin = 0;
    std::size_t size = 0;
  };
  Result<void> read_from(ByteView key);
  [[nodiscard]] bool covers(ByteView key) const;
  const storage::KvReader& store_;
  std::vector<Row> rows_;
  std::size_t next_ = 0;      // in rows_
  Bytes from_;                // the first key asked for when rows_ was read; empty: nothing was
  bool to_the_end_ = false;   // nothing follows rows_
  Bytes bytes_;
};

}  // namespace taus
