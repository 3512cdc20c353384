// Signed notes (C2SP signed-note) and the keys that check them.
#include <algorithm>
#include <cctype>

#include "eventstore/journal/checkpoint.h"
#include "tools/tausctl_local.h"

namespace taus::tools {
namespace {

std::optional<Bytes> from_base64(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) return std::nullopt;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  Bytes out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char letter : text) {
    const std::size_t value = alphabet.find(letter);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<std::uint8_t>(bits >> count));
    bits &= (1U << count) - 1;
  }
  if (bits != 0) return std::nullopt;  // spare bits that say something
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  return text;
}

struct SignatureLine {
  std::string_view name;
  Bytes blob;  // key id, signature
};

std::optional<SignatureLine> parse_signature(std::string_view line) {
  constexpr std::string_view dash = "\xE2\x80\x94 ";
  if (!line.starts_with(dash)) return std::nullopt;
  line.remove_prefix(dash.size());
  const std::size_t space = line.rfind(' ');
  if (space == std::string_view::npos || space == 0) return std::nullopt;
  auto blob = from_base64(line.substr(space + 1));
  if (!blob) return std::nullopt;
  return SignatureLine{line.substr(0, space), std::move(*blob)};
}

bool signed_by(const SignatureLine& line, std::string_view text, const crypto::PublicKey& key) {
  if (line.blob.size() != 4 + 64) return false;
  const ByteArray<4> id = journal::note_key_id(line.name, key);
  if (!std::equal(id.begin(), id.end(), line.blob.begin())) return false;
  crypto::Signature signature{};
  std::copy(line.blob.begin() + 4, line.blob.end(), signature.begin());
  return crypto::verify(key, view(text), signature);
}

}  // namespace

Result<crypto::PublicKey> parse_public_key(std::string_view text) {
  text = trimmed(text);
  Bytes raw = from_hex(text).value_or(Bytes());
  if (raw.empty()) {
    const std::size_t first = text.find('+');
    const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
    if (second != std::string_view::npos) raw = from_base64(text.substr(second + 1)).value_or(Bytes());
    if (raw.size() == 33 && raw.front() == 1) raw.erase(raw.begin());
  }
  crypto::PublicKey key{};
  if (raw.size() != key.size())
    return Error(ErrorCode::invalid_argument,
                 "--key: give 64 hexadecimal digits or name+id+base64, or a file that holds one of them.");
  std::copy(raw.begin(), raw.end(), key.begin());
  return key;
}

Result<VerifiedNote> verify_note(std::string_view note, const crypto::PublicKey& key) {
  const std::size_t blank = note.rfind("\n\n");
  if (blank == std::string_view::npos || note.back() != '\n') return Error(ErrorCode::malformed, "The file is no signed text.");
  const std::string_view text = note.substr(0, blank + 1);
  std::string_view lines = note.substr(blank + 2);
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    const auto line = parse_signature(lines.substr(0, end));
    if (!line) return Error(ErrorCode::malformed, "A signature line of the signed text is not understood.");
    if (signed_by(*line, text, key)) return VerifiedNote{std::string(line->name), std::string(text)};
    lines.remove_prefix(end + 1);
  }
  return Error(ErrorCode::tampered,
               "The receipt carries no good signature by this key: it was changed, or another log signed it.");
}

}  // namespace taus::tools
