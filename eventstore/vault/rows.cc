#include "eventstore/vault/rows.h"

namespace taus::vault {
namespace {

constexpr std::uint8_t format = 1;

Error bad_row(const char* what) {
  return {ErrorCode::corrupt, std::string("a ") + what + " row of the key store is damaged; restore the newest key rows"};
}

Bytes numbered_key(char kind, std::uint64_t number) {
  Bytes out;
  Writer(out).u8(static_cast<std::uint8_t>(kind)).u64_big(number);
  return out;
}

std::optional<std::uint64_t> number_of(ByteView key, char kind) {
  Reader r(key);
  if (r.u8() != static_cast<std::uint8_t>(kind)) return std::nullopt;
  const std::uint64_t number = r.u64_big();
  if (!r.done()) return std::nullopt;
  return number;
}

void write_request(Writer& w, const PendingShred& request) {
  w.u64(request.subject).u16(request.categories).u8(static_cast<std::uint8_t>(request.note.size())).raw(request.note);
}

void read_request(Reader& r, PendingShred& request) {
  request.subject = r.u64();
  request.categories = r.u16();
  const ByteView note = r.raw(r.u8());
  request.note.assign(note.begin(), note.end());
}

void write_keys(Writer& w, const std::vector<Bytes>& keys) {
  w.u32(static_cast<std::uint32_t>(keys.size()));
  for (const auto& key : keys) w.raw(key);
}

// Node row keys have one length. False where a key is none.
bool read_keys(Reader& r, std::vector<Bytes>& keys) {
  for (std::uint32_t left = r.u32(); left > 0 && r.ok(); --left) {
    const ByteView key = r.raw(18);
    if (!parse_node_row_key(key)) return false;
    keys.emplace_back(key.begin(), key.end());
  }
  return r.ok();
}

}  // namespace

Bytes commit_row_key(std::uint64_t generation) { return numbered_key('C', generation); }

Bytes encode(const CommitRow& row) {
  Bytes out;
  Writer w(out);
  w.u8(format).u8(row.receipted ? 1 : 0).raw(row.commit.top_version);
  w.u32(static_cast<std::uint32_t>(row.commit.victims.size()));
  for (const auto& v : row.commit.victims) w.u64(v.subject).u8(v.slot).u32(v.epoch).raw(v.key_id);
  w.u32(static_cast<std::uint32_t>(row.commit.requests.size()));
  for (const auto& request : row.commit.requests) {
    w.u64(request.id);
    write_request(w, request);
  }
  write_keys(w, row.written);
  write_keys(w, row.superseded);
  return out;
}

Result<CommitRow> decode_commit_row(ByteView key, ByteView value) {
  const auto generation = number_of(key, 'C');
  Reader r(value);
  if (!generation || r.u8() != format) return bad_row("commit");
  CommitRow row;
  row.receipted = r.u8() != 0;
  row.commit.top_version = r.array<8>();
  row.commit.generation = *generation;
  for (std::uint32_t left = r.u32(); left > 0 && r.ok(); --left) {
    Victim& v = row.commit.victims.emplace_back();
    v.subject = r.u64();
    v.slot = r.u8();
    v.epoch = r.u32();
    v.key_id = r.array<32>();
    if (v.slot >= slot_count) return bad_row("commit");
  }
  for (std::uint32_t left = r.u32(); left > 0 && r.ok(); --left) {
    PendingShred& request = row.commit.requests.emplace_back();
    request.id = r.u64();
    read_request(r, request);
  }
  if (!read_keys(r, row.written) || !read_keys(r, row.superseded) || !r.done()) return bad_row("commit");
  return row;
}

Bytes pending_row_key(std::uint64_t id) { return numbered_key('P', id); }

Bytes encode(const PendingShred& request) {
  Bytes out;
  Writer w(out);
  w.u8(format);
  write_request(w, request);
  return out;
}

Result<PendingShred> decode_pending_row(ByteView key, ByteView value) {
  const auto id = number_of(key, 'P');
  Reader r(value);
  PendingShred request;
  if (!id || r.u8() != format) return bad_row("pending");
  request.id = *id;
  read_request(r, request);
  if (!r.done()) return bad_row("pending");
  return request;
}

Bytes counter_key(Counter counter) { return {'M', static_cast<std::uint8_t>(counter)}; }

Bytes encode_counter(std::uint64_t value) {
  Bytes out;
  Writer(out).u64(value);
  return out;
}

Result<std::uint64_t> read_counter(const storage::KvReader& store, Counter counter) {
  TAUS_TRY_ASSIGN(const auto row, store.get(storage::Table::keys, counter_key(counter)));
  if (!row) return std::uint64_t{0};
  Reader r(*row);
  const std::uint64_t value = r.u64();
  if (!r.done()) return bad_row("counter");
  return value;
}

Result<void> scan_kind(const storage::KvReader& store, char kind, const std::function<Result<void>(ByteView, ByteView)>& visit) {
  const ByteArray<1> from = {static_cast<std::uint8_t>(kind)};
  const ByteArray<1> to = {static_cast<std::uint8_t>(kind + 1)};
  Result<void> outcome;
  TAUS_TRY(store.scan(storage::Table::keys, from, to, [&](ByteView key, ByteView value) {
    outcome = visit(key, value);
    return outcome.has_value();
  }));
  return outcome;
}

}  // namespace taus::vault
