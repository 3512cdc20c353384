#include "eventstore/vault/escrow.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "eventstore/base/limits.h"
#include "eventstore/crypto/aead.h"
#include "eventstore/crypto/hash.h"

namespace taus::vault {
namespace {

constexpr std::uint8_t format = 1;
constexpr std::size_t group_letters = 4;  // of the key, as people copy it
constexpr std::string_view title = "taus escrow paper 1";

struct Row {
  EscrowPeriod period;
  std::uint64_t generation = 0;
  ByteArray<8> version{};
  Nonce24 nonce{};
  ByteView sealed;
};

std::optional<Row> decode(ByteView bytes) {
  Reader r(bytes);
  if (r.u8() != format) return std::nullopt;
  Row row;
  row.period.first_generation = r.u64();
  row.period.ends_on = static_cast<std::int32_t>(r.u32());
  row.generation = r.u64();
  row.version = r.array<8>();
  row.nonce = r.array<24>();
  row.sealed = r.raw(r.remaining());
  if (!r.ok()) return std::nullopt;
  return row;
}

Bytes associated(const StoreId& store_id, ByteView head) {
  Bytes out;
  Writer(out).raw("taus/escrow/1").raw(store_id).raw(head);
  return out;
}

crypto::Key blob_key(const crypto::Key& escrow) {
  auto bytes = crypto::blake2b<32>(escrow, {view("taus/escb/1")});
  crypto::Key out(bytes);
  crypto::wipe(bytes);
  return out;
}

ByteArray<4> paper_check(const EscrowPaper& paper) {
  Bytes head;
  Writer(head).raw(paper.store_id).u64(paper.period.first_generation).u32(static_cast<std::uint32_t>(paper.period.ends_on));
  const auto full = crypto::blake2b<8>(paper.key, {view("taus/paper/1"), head});
  ByteArray<4> out{};
  std::copy_n(full.begin(), out.size(), out.begin());
  return out;
}

template <class Number>
bool parse_number(std::string_view digits, Number& out) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return error == std::errc() && end == digits.data() + digits.size();
}

Error bad_paper(const std::string& why) {
  return {ErrorCode::invalid_argument, "this is not the escrow paper that is needed: " + why + " (nothing was changed)"};
}

}  // namespace

crypto::Key next_escrow(const crypto::Key& escrow) {
  auto bytes = crypto::blake2b<32>(escrow, {view("taus/esc/1")});
  crypto::Key out(bytes);
  crypto::wipe(bytes);
  return out;
}

Bytes escrow_row_key(std::uint64_t generation) {
  Bytes out;
  Writer(out).u8('E').u64_big(generation);
  return out;
}

Bytes seal_escrow(const RootRecord& record, const EscrowPeriod& period, Random& random) {
  Bytes out;
  Writer w(out);
  w.u8(format).u64(period.first_generation).u32(static_cast<std::uint32_t>(period.ends_on)).u64(record.generation);
  w.raw(record.top_version);
  const Bytes sealed_with = associated(record.store_id, out);
  Nonce24 nonce{};
  random.fill(nonce);
  w.raw(nonce).raw(crypto::aead_seal(blob_key(record.escrow), nonce, sealed_with, record.root.view()));
  return out;
}

std::optional<EscrowPeriod> period_of_escrow(ByteView bytes) {
  const auto row = decode(bytes);
  if (!row) return std::nullopt;
  return row->period;
}

Result<RootRecord> open_escrow(ByteView row_key, ByteView bytes, const EscrowPaper& paper) {
  const auto row = decode(bytes);
  if (!row || !std::ranges::equal(row_key, escrow_row_key(row->generation))) {
    return Error(ErrorCode::corrupt, "the escrow row of the key store is damaged; use another copy of the keys");
  }
  if (row->period != paper.period) {
    return bad_paper("the keys are of the period that began with generation " + std::to_string(row->period.first_generation) +
                     ", the paper is of that of generation " + std::to_string(paper.period.first_generation));
  }
  if (row->generation < paper.period.first_generation ||
      row->generation - paper.period.first_generation > limits::escrow_steps_max) {
    return Error(ErrorCode::corrupt, "the escrow row of the key store is damaged; use another copy of the keys");
  }
  RootRecord out;
  out.store_id = paper.store_id;
  out.generation = row->generation;
  out.top_version = row->version;
  out.escrow = paper.key.clone();
  for (std::uint64_t g = paper.period.first_generation; g < row->generation; ++g) out.escrow = next_escrow(out.escrow);
  const ByteView head = bytes.first(1 + 8 + 4 + 8 + 8);
  auto root = crypto::aead_open(blob_key(out.escrow), row->nonce, associated(paper.store_id, head), row->sealed);
  if (!root || root->size() != crypto::Key::size)
    return bad_paper("it does not open the escrow of these keys; is the store the same?");
  out.root = crypto::Key(*root);
  crypto::wipe(*root);
  return out;
}

std::string write_paper(const EscrowPaper& paper) {
  Bytes key(paper.key.view().begin(), paper.key.view().end());
  Writer(key).raw(paper_check(paper));
  const std::string letters = to_base32(key);
  crypto::wipe(key);
  std::string out(title);
  out += "\nstore      " + to_hex(paper.store_id) + "\ngeneration " + std::to_string(paper.period.first_generation) +
         "\nends       " + std::to_string(paper.period.ends_on) + "\nkey       ";
  for (std::size_t at = 0; at < letters.size(); at += group_letters) out += " " + letters.substr(at, group_letters);
  return out + "\n";
}

Result<EscrowPaper> read_paper(std::string_view text) {
  std::istringstream lines{std::string(text)};
  std::string line;
  std::getline(lines, line);
  line.erase(line.find_last_not_of(" \t\r") + 1);  // as an editor may leave it; in the other lines blanks end a word anyway
  if (line != title) return bad_paper("its first line is not \"" + std::string(title) + "\"");
  EscrowPaper paper;
  std::string letters;
  int seen = 0;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string name;
    std::string word;
    words >> name;
    if (name == "key") {
      while (words >> word) letters += word;
      ++seen;
      continue;
    }
    words >> word;
    if (name == "store") {
      const auto id = from_hex(word);
      if (!id || id->size() != paper.store_id.size()) return bad_paper("the line \"store\" is mistyped");
      std::copy(id->begin(), id->end(), paper.store_id.begin());
      ++seen;
    } else if (name == "generation") {
      if (!parse_number(word, paper.period.first_generation)) return bad_paper("the line \"generation\" is mistyped");
      ++seen;
    } else if (name == "ends") {
      if (!parse_number(word, paper.period.ends_on)) return bad_paper("the line \"ends\" is mistyped");
      ++seen;
    } else if (!name.empty()) {
      return bad_paper("it has a line that no paper has");
    }
  }
  auto key = from_base32(letters);
  crypto::wipe(std::span(reinterpret_cast<std::uint8_t*>(letters.data()), letters.size()));
  if (seen != 4 || !key || key->size() != crypto::Key::size + 4) return bad_paper("it is not complete, or the key is mistyped");
  paper.key = crypto::Key(ByteView(*key).first(crypto::Key::size));
  const bool good = std::ranges::equal(paper_check(paper), ByteView(*key).last(4));
  crypto::wipe(*key);
  if (!good) return bad_paper("something in it is mistyped");
  return paper;
}

}  // namespace taus::vault
