#include "eventstore/journal/checkpoint.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "eventstore/crypto/hash.h"

namespace taus::journal {
namespace {

constexpr std::string_view base64_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view signature_mark = "\xe2\x80\x94 ";  // em dash, space
constexpr std::uint8_t ed25519_type = 1;
constexpr std::size_t note_bytes_max = 16 << 10;

std::string to_base64(ByteView bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) bits = bits << 8 | (j < n ? bytes[i + j] : 0U);
    for (std::size_t j = 0; j < 4; ++j) out.push_back(j <= n ? base64_letters[bits >> (18 - 6 * j) & 63] : '=');
  }
  return out;
}

// Strict: padded, no other letters, and only what to_base64 would have written.
std::optional<Bytes> from_base64(std::string_view in) {
  if (in.size() % 4 != 0 || in.empty()) return std::nullopt;
  const std::size_t letters = in.find_last_not_of('=') + 1;
  Bytes out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : in.substr(0, letters)) {
    const std::size_t digit = base64_letters.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<std::uint8_t>(bits >> count));
    }
  }
  if (to_base64(out) != in) return std::nullopt;
  return out;
}

Error malformed(const char* what) { return {ErrorCode::malformed, std::string("this is no checkpoint: ") + what}; }

// Cuts the text up to the next line feed off `rest`; nothing where there is none.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

Result<Checkpoint> parse_body(std::string_view body) {
  Checkpoint out;
  const auto origin = take_line(body);
  const auto size = take_line(body);
  const auto root = take_line(body);
  if (!origin || origin->empty() || !size || !root) return malformed("origin, size and root are wanted, a line each");
  if (!body.empty()) return malformed("there are lines after the root");
  out.origin = *origin;
  const auto [end, error] = std::from_chars(size->data(), size->data() + size->size(), out.size);
  if (error != std::errc() || end != size->data() + size->size() || (size->size() > 1 && size->front() == '0')) {
    return malformed("the size is not a decimal number");
  }
  const auto hash = from_base64(*root);
  if (!hash || hash->size() != out.root.size()) return malformed("the root is not 32 bytes in base64");
  std::copy(hash->begin(), hash->end(), out.root.begin());
  return out;
}

// Whether one signature line is `key`'s over `body`. Nothing: the line is of another key.
std::optional<bool> check_line(std::string_view line, std::string_view name, const crypto::PublicKey& key,
                               std::string_view body) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || line.substr(0, space) != name) return std::nullopt;
  const auto blob = from_base64(line.substr(space + 1));
  if (!blob || blob->size() < 4) return std::nullopt;
  const auto id = note_key_id(name, key);
  if (!std::equal(id.begin(), id.end(), blob->begin())) return std::nullopt;
  crypto::Signature signature{};
  if (blob->size() != 4 + signature.size()) return false;
  std::copy(blob->begin() + 4, blob->end(), signature.begin());
  return crypto::verify(key, view(body), signature);
}

}  // namespace

std::string checkpoint_origin(const StoreId& store_id, std::uint32_t incarnation) {
  Bytes number;
  for (int shift = 24; shift >= 0; shift -= 8) number.push_back(static_cast<std::uint8_t>(incarnation >> shift));
  return "taus/" + to_hex(store_id) + "/" + to_hex(number);
}

ByteArray<4> note_key_id(std::string_view name, const crypto::PublicKey& key) {
  static constexpr std::array<std::uint8_t, 2> separator = {'\n', ed25519_type};
  const Hash32 hash = crypto::sha256({view(name), separator, key});
  return {hash[0], hash[1], hash[2], hash[3]};
}

std::string sign_note(std::string_view body, std::string_view name, const crypto::SigningKey& key) {
  Bytes blob;
  Writer(blob).raw(note_key_id(name, key.public_key())).raw(key.sign(view(body)));
  return std::string(body) + "\n" + std::string(signature_mark) + std::string(name) + " " + to_base64(blob) + "\n";
}

std::string checkpoint_body(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" + to_base64(checkpoint.root) + "\n";
}

std::string format_checkpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key) {
  return sign_note(checkpoint_body(checkpoint), checkpoint.origin, key);
}

Result<Checkpoint> verify_checkpoint(std::string_view note, std::string_view origin, const crypto::PublicKey& key) {
  if (note.size() > note_bytes_max) return malformed("it is too long");
  const std::size_t blank = note.rfind("\n\n");
  if (blank == std::string_view::npos) return malformed("there is no blank line before the signatures");
  const std::string_view body = note.substr(0, blank + 1);
  std::string_view rest = note.substr(blank + 2);
  TAUS_TRY_ASSIGN(Checkpoint out, parse_body(body));
  bool signed_by_key = false;
  while (!rest.empty()) {
    const auto line = take_line(rest);
    if (!line || !line->starts_with(signature_mark)) return malformed("a signature line is broken");
    const auto good = check_line(line->substr(signature_mark.size()), origin, key, body);
    if (good && !*good)
      return Error(ErrorCode::tampered, "the checkpoint's signature is wrong: it was changed, or the log key is not its key");
    signed_by_key = signed_by_key || good;
  }
  if (out.origin != origin) return Error(ErrorCode::tampered, "the checkpoint belongs to another store or another restore of it");
  if (!signed_by_key) return Error(ErrorCode::tampered, "the checkpoint is not signed with this log key");
  return out;
}

}  // namespace taus::journal
