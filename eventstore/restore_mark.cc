#include "eventstore/restore_mark.h"

namespace taus {
namespace {

using storage::Table;

Bytes key_of(std::string_view name) { return {view(name).begin(), view(name).end()}; }

Error damaged() { return {ErrorCode::corrupt, "the rows that tell of restores are damaged: restore a backup"}; }

}  // namespace

Result<std::optional<RestoreMark>> RestoreMark::read(const storage::KvReader& store) {
  TAUS_TRY_ASSIGN(const auto row, store.get(Table::meta, key_of("restore")));
  if (!row) return std::optional<RestoreMark>();
  Reader in(*row);
  RestoreMark mark{.incarnation = in.u32(), .checkpoint = {}};
  if (!in.ok()) return damaged();
  mark.checkpoint = text(in.raw(in.remaining()));
  return std::optional(std::move(mark));
}

void RestoreMark::stage(storage::WriteBatch& batch) const {
  Bytes value;
  Writer(value).u32(incarnation).raw(view(checkpoint));
  batch.put(Table::meta, key_of("restore"), std::move(value));
}

void RestoreMark::stage_removal(storage::WriteBatch& batch) { batch.erase(Table::meta, key_of("restore")); }

Result<std::vector<journal::Era>> read_eras(const storage::KvReader& store) {
  std::vector<journal::Era> out;
  TAUS_TRY_ASSIGN(const auto row, store.get(Table::meta, key_of("eras")));
  if (!row) return out;
  Reader in(*row);
  while (in.ok() && in.remaining() > 0) {
    const Position from = in.u64();
    out.push_back({.from = from, .incarnation = in.u32()});
  }
  const bool starts = !out.empty() && out.front().from == 0;
  for (std::size_t i = 1; i < out.size(); ++i)
    if (out[i].from < out[i - 1].from) return damaged();
  if (!in.ok() || !starts) return damaged();
  return out;
}

void stage_eras(storage::WriteBatch& batch, const std::vector<journal::Era>& eras) {
  Bytes value;
  Writer out(value);
  for (const journal::Era& one : eras) out.u64(one.from).u32(one.incarnation);
  batch.put(Table::meta, key_of("eras"), std::move(value));
}

}  // namespace taus
