#include "eventstore/replica_set.h"

namespace taus {
namespace {

Bytes row_key() { return {view("replicas").begin(), view("replicas").end()}; }

}  // namespace

ReplicaSet ReplicaSet::of(const std::vector<vault::ReplicaReport>& states) {
  ReplicaSet out;
  for (const auto& one : states) (one.state == vault::ReplicaState::evicted ? out.evicted : out.current).insert(one.name);
  return out;
}

Result<ReplicaSet> ReplicaSet::read(const storage::KvReader& store) {
  ReplicaSet out;
  TAUS_TRY_ASSIGN(const auto row, store.get(storage::Table::meta, row_key()));
  if (!row) return out;
  Reader in(*row);
  while (in.ok() && in.remaining() > 0) {
    const bool evicted = in.u8() != 0;
    const ByteView name = in.raw(in.u8());
    (evicted ? out.evicted : out.current).insert(std::string(text(name)));
  }
  if (!in.ok()) return Error(ErrorCode::corrupt, "the row of the replicas is damaged: restore a backup");
  return out;
}

void ReplicaSet::stage(storage::WriteBatch& batch) const {
  Bytes value;
  Writer out(value);
  const auto write = [&](const std::set<std::string>& names, std::uint8_t mark) {
    for (const std::string& name : names) out.u8(mark).u8(static_cast<std::uint8_t>(name.size())).raw(name);
  };
  write(current, 0);
  write(evicted, 1);
  batch.put(storage::Table::meta, row_key(), std::move(value));
}

}  // namespace taus
