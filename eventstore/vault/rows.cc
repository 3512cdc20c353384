#include "eventstore/vault/rows.h"

namespace taus::vault {
namespace {

constexpr std::uint8_t format = 1;
constexpr std::uint8_t format_chunked = 2;  // of a commit row

Error bad_row(const char* what) {
  return {ErrorCode::corrupt, std::string("a ") + what + " row of the key store is damaged; restore the newest key rows"};
}

Bytes numbered_key(char kind, std::uint64_t number) {
  Bytes out;
  Writer(out).u8(static_cast<std::uint8_t>(kind)).u64_big(number);
  return out;
}

Bytes chunk_key(char kind, std::uint64_t generation, std::uint32_t chunk) {
  Bytes out;
  Writer(out).u8(static_cast<std::uint8_t>(kind)).u64_big(generation).u64_big(chunk);
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

void write_victims(Writer& w, const std::vector<Victim>& victims) {
  w.u32(static_cast<std::uint32_t>(victims.size()));
  for (const auto& v : victims) w.u64(v.subject).u8(v.slot).u32(v.epoch).raw(v.key_id);
}

bool read_victims(Reader& r, std::vector<Victim>& victims) {
  for (std::uint32_t left = r.u32(); left > 0 && r.ok(); --left) {
    Victim& v = victims.emplace_back();
    v.subject = r.u64();
    v.slot = r.u8();
    v.epoch = r.u32();
    v.key_id = r.array<32>();
    if (v.slot >= slot_count) return false;
  }
  return r.ok();
}

void write_requests(Writer& w, const std::vector<PendingShred>& requests) {
  w.u32(static_cast<std::uint32_t>(requests.size()));
  for (const auto& request : requests) {
    w.u64(request.id);
    write_request(w, request);
  }
}

bool read_requests(Reader& r, std::vector<PendingShred>& requests) {
  for (std::uint32_t left = r.u32(); left > 0 && r.ok(); --left) {
    PendingShred& request = requests.emplace_back();
    request.id = r.u64();
    read_request(r, request);
  }
  return r.ok();
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
  w.u8(row.commit.chunks > 0 ? format_chunked : format).u8(row.receipted ? 1 : 0).raw(row.commit.top_version);
  write_victims(w, row.commit.victims);
  write_requests(w, row.commit.requests);
  write_keys(w, row.written);
  write_keys(w, row.superseded);
  if (row.commit.chunks > 0) w.u32(row.commit.chunks);
  return out;
}

Result<CommitRow> decode_commit_row(ByteView key, ByteView value) {
  const auto generation = number_of(key, 'C');
  Reader r(value);
  const std::uint8_t as = r.u8();
  if (!generation || (as != format && as != format_chunked)) return bad_row("commit");
  CommitRow row;
  row.receipted = r.u8() != 0;
  row.commit.top_version = r.array<8>();
  row.commit.generation = *generation;
  if (!read_victims(r, row.commit.victims) || !read_requests(r, row.commit.requests)) return bad_row("commit");
  if (!read_keys(r, row.written) || !read_keys(r, row.superseded)) return bad_row("commit");
  if (as == format_chunked) row.commit.chunks = r.u32();
  if (!r.done() || (as == format_chunked && row.commit.chunks == 0)) return bad_row("commit");
  return row;
}

Bytes chunk_row_key(std::uint64_t generation, std::uint32_t chunk) { return chunk_key('D', generation, chunk); }
Bytes work_row_key(std::uint64_t generation, std::uint32_t chunk) { return chunk_key('W', generation, chunk); }

std::optional<ChunkName> parse_chunk_key(ByteView key) {
  Reader r(key);
  const std::uint8_t kind = r.u8();
  ChunkName name;
  name.generation = r.u64_big();
  const std::uint64_t chunk = r.u64_big();
  name.chunk = static_cast<std::uint32_t>(chunk);
  if (chunk != name.chunk) return std::nullopt;
  if ((kind != 'D' && kind != 'W') || !r.done()) return std::nullopt;
  return name;
}

Bytes encode_chunk(const ShredCommit& chunk) {
  Bytes out;
  Writer w(out);
  w.u8(format);
  write_victims(w, chunk.victims);
  write_requests(w, chunk.requests);
  return out;
}

Result<ShredCommit> decode_chunk_row(ByteView key, ByteView value) {
  const auto name = parse_chunk_key(key);
  Reader r(value);
  if (!name || r.u8() != format) return bad_row("chunk");
  ShredCommit out;
  out.generation = name->generation;
  out.chunk = name->chunk;
  if (!read_victims(r, out.victims) || !read_requests(r, out.requests) || !r.done()) return bad_row("chunk");
  return out;
}

Bytes encode(const ChunkWork& work) {
  Bytes out;
  Writer w(out);
  w.u8(format);
  write_keys(w, work.written);
  write_keys(w, work.superseded);
  return out;
}

Result<ChunkWork> decode_work_row(ByteView value) {
  Reader r(value);
  ChunkWork out;
  if (r.u8() != format || !read_keys(r, out.written) || !read_keys(r, out.superseded) || !r.done()) return bad_row("chunk");
  return out;
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
