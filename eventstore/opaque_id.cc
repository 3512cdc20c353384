#include "eventstore/opaque_id.h"

#include <algorithm>
#include <cstring>

#include "eventstore/base/bytes.h"
#include "eventstore/base/check.h"
#include "eventstore/crypto/hash.h"

namespace taus {
namespace {

constexpr std::size_t places = 1 << 14;
constexpr std::size_t id_bytes = 16;
constexpr std::size_t half = id_bytes / 2;

using Half = ByteArray<half>;

Half little(Ordinal subject) {
  Half out;
  for (std::size_t i = 0; i < half; ++i) out[i] = static_cast<std::uint8_t>(subject >> (8 * i));
  return out;
}

// The text is of random bits already.
std::size_t place_of(std::string_view id) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, id.data(), sizeof bits);
  return bits * 0x9e3779b97f4a7c15 >> 50;
}
static_assert(places == 1ULL << (64 - 50));

}  // namespace

OpaqueIds::OpaqueIds(crypto::Key key) : key_(std::move(key)), known_(places), by_text_(places, no_position) {}

const OpaqueIds::Known& OpaqueIds::known(Ordinal subject) const {
  Known& out = known_[subject % places];
  if (out.subject == subject) return out;
  const Half number = little(subject);
  const Half tag = crypto::blake2b<half>(key_, {view("1"), number});
  const Half mask = crypto::blake2b<half>(key_, {view("2"), tag});
  ByteArray<id_bytes> id;
  std::copy(tag.begin(), tag.end(), id.begin());
  for (std::size_t i = 0; i < half; ++i) id[half + i] = number[i] ^ mask[i];
  const std::string text = to_base32(id);
  TAUS_CHECK(text.size() == text_bytes);
  std::copy(text.begin(), text.end(), out.text.begin());
  out.subject = subject;
  by_text_[place_of(text)] = subject;
  return out;
}

std::string OpaqueIds::id_of(Ordinal subject) const {
  const Known& one = known(subject);
  return {one.text.data(), one.text.size()};
}

std::string OpaqueIds::appointment_id(Ordinal subject, std::uint64_t number) const {
  return to_base32(crypto::blake2b<id_bytes>(key_, {view("3"), little(subject), little(number)}));
}

std::optional<Ordinal> OpaqueIds::ordinal_of(std::string_view id) const {
  if (id.size() != text_bytes) return std::nullopt;
  const auto is = [&](const Known& one) { return std::string_view(one.text.data(), text_bytes) == id; };
  const Ordinal guess = by_text_[place_of(id)];
  if (const Known& one = known_[guess % places]; guess != no_position && one.subject == guess && is(one)) return guess;
  const std::optional<Bytes> raw = from_base32(id);
  if (!raw || raw->size() != id_bytes) return std::nullopt;
  const Half mask = crypto::blake2b<half>(key_, {view("2"), ByteView(*raw).first(half)});
  Ordinal subject = 0;
  for (std::size_t i = 0; i < half; ++i)
    subject |= std::uint64_t{static_cast<std::uint8_t>((*raw)[half + i] ^ mask[i])} << (8 * i);
  if (!is(known(subject))) return std::nullopt;
  by_text_[place_of(id)] = subject;  // another may have taken its place since it was made
  return subject;
}

}  // namespace taus
