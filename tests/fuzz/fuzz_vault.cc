// Bytes of keys from elsewhere: copies of tables, rows of a key store, escrow and its paper, root slots, a backup's manifest. The first byte
// chooses. What decodes must encode to itself, and nothing opens that nobody sealed.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "eventstore/base/check.h"
#include "eventstore/crypto/hash.h"
#include "eventstore/vault/copy_file.h"
#include "eventstore/vault/escrow.h"
#include "eventstore/vault/root_record.h"
#include "eventstore/vault/row_codec.h"
#include "eventstore/vault/rows.h"
#include "tools/backup_files.h"
#include "tools/receipt_check.h"

namespace taus::vault {
namespace {

// The checks of a copy are hashes that no mutation meets: they are made right again, record by record, so that what is below is reached.
Bytes mended(ByteView in) {
  constexpr std::size_t head = 29;
  constexpr std::size_t frame = 9;
  constexpr std::size_t check = 32;
  Bytes out(in.begin(), in.end());
  if (out.size() < head) return out;
  Hash32 chain = crypto::blake2b_256({ByteView(out).first(head)});
  for (std::size_t at = head; out.size() - at >= frame + check;) {
    const std::uint64_t body = Reader(ByteView(out).subspan(at)).u64();
    if (body > out.size() - at - frame - check) break;
    const std::size_t end = at + frame + static_cast<std::size_t>(body);
    chain = crypto::blake2b_256({chain, ByteView(out).subspan(at, end - at)});
    std::copy(chain.begin(), chain.end(), out.begin() + static_cast<std::ptrdiff_t>(end));
    at = end + check;
  }
  return out;
}

void copy(ByteView in) {
  for (const Bytes& file : {Bytes(in.begin(), in.end()), mended(in)}) {
    std::uint64_t rows = 0;
    const ReadAt read = [&](std::span<std::uint8_t> into, std::uint64_t offset) -> Result<void> {
      TAUS_CHECK(offset + into.size() <= file.size());
      std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
      return {};
    };
    const auto state = read_copy(file.size(), read, "a copy", [&](const storage::WriteBatch& batch) -> Result<void> {
      rows += batch.rows().size();
      return {};
    });
    if (!state) continue;
    TAUS_CHECK(state->size <= file.size() && state->base <= state->size && state->rows <= rows);
  }
}

void key_rows(ByteView in) {
  const Bytes name = commit_row_key(7);
  if (const auto row = decode_commit_row(name, in)) TAUS_CHECK(std::ranges::equal(encode(*row), in) || in[1] > 1);
  if (const auto row = decode_chunk_row(chunk_row_key(7, 1), in)) TAUS_CHECK(std::ranges::equal(encode_chunk(*row), in));
  if (const auto row = decode_work_row(in)) TAUS_CHECK(std::ranges::equal(encode(*row), in));
  if (const auto row = decode_pending_row(pending_row_key(7), in)) TAUS_CHECK(std::ranges::equal(encode(*row), in));
  if (const auto batch = decode_rows(in, storage::Table::keys))
    TAUS_CHECK(decode_rows(encode_rows(*batch, storage::Table::keys), storage::Table::keys).has_value());
  static_cast<void>(parse_chunk_key(in));
  static_cast<void>(parse_node_row_key(in));
  TAUS_CHECK(!open_node({}, {}, crypto::Key(Bytes(32, 2)), in));
}

void escrow(ByteView in) {
  static_cast<void>(period_of_escrow(in));
  const EscrowPaper paper{{}, {.first_generation = 1, .ends_on = 20'000}, crypto::Key(Bytes(32, 3))};
  for (const std::uint64_t generation : {1U, 2U, 9U}) TAUS_CHECK(!open_escrow(escrow_row_key(generation), in, paper));
}

void paper(ByteView in) {
  const auto read = read_paper(text(in));
  if (!read) return;
  const auto again = read_paper(write_paper(*read));
  TAUS_CHECK(again && again->period == read->period && again->key == read->key);
}

void root_slot(ByteView in) {
  const auto record = decode_root_record(in);
  if (record) TAUS_CHECK(decode_root_record(encode(*record)).has_value());
}

void manifest(ByteView in) {
  const std::string said(text(in));
  const std::string whole = said + "check " + to_hex(crypto::blake2b_256({in})) + "\n";  // as above
  for (const std::string& one : {said, whole}) {
    const auto decoded = tools::decode_manifest(one);
    if (decoded) TAUS_CHECK(tools::encode(*decoded) == one);
  }
}

void receipt(ByteView in) {
  const auto facts = tools::check_receipt(text(in), "taus/000102030405060708090a0b0c0d0e0f/0000002a");
  if (facts) TAUS_CHECK(!tools::claims_of(*facts).empty() && !tools::not_proved_by(*facts).empty());
}

}  // namespace
}  // namespace taus::vault

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const taus::ByteView rest(data + 1, size - 1);
  switch (data[0] % 7) {
    case 0: taus::vault::copy(rest); break;
    case 1: taus::vault::key_rows(rest); break;
    case 2: taus::vault::escrow(rest); break;
    case 3: taus::vault::paper(rest); break;
    case 4: taus::vault::root_slot(rest); break;
    case 5: taus::vault::manifest(rest); break;
    default: taus::vault::receipt(rest);
  }
  return 0;
}
