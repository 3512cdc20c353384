// Byte strings and the little- and big-endian encodings that every format of taus is written in.
//
// Threads: values and pure functions. Bytes may hold plaintext: the daemon wipes all freed memory
// (daemon/runtime/wiping_allocator.h), and Key wipes itself on destruction wherever it is used.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace taus {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;
using Hash32 = ByteArray<32>;   // SHA-256 or BLAKE2b-256
using StoreId = ByteArray<16>;  // random, made once per store
using Nonce24 = ByteArray<24>;  // XChaCha20 nonce

inline ByteView view(std::string_view text) noexcept { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
inline std::string_view text(ByteView bytes) noexcept { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// Appends to a byte string. Integers little-endian unless the name says otherwise.
class Writer {
 public:
  explicit Writer(Bytes& out) noexcept : out_(out) {}
  Writer& u8(std::uint8_t v) {
    out_.push_back(v);
    return *this;
  }
  Writer& u16(std::uint16_t v) { return little(v, 2); }
  Writer& u32(std::uint32_t v) { return little(v, 4); }
  Writer& u64(std::uint64_t v) { return little(v, 8); }
  Writer& u64_big(std::uint64_t v);
  Writer& raw(ByteView v) {
    out_.insert(out_.end(), v.begin(), v.end());
    return *this;
  }
  Writer& raw(std::string_view v) { return raw(view(v)); }

 private:
  Writer& little(std::uint64_t v, int bytes);
  Bytes& out_;
};

// The same encodings into room of a known size. Writing past its end is a TAUS_CHECK; full() says that it was used up.
class RoomWriter {
 public:
  explicit RoomWriter(std::span<std::uint8_t> room) noexcept : left_(room) {}
  RoomWriter& u8(std::uint8_t v) { return little(v, 1); }
  RoomWriter& u32(std::uint32_t v) { return little(v, 4); }
  RoomWriter& u64(std::uint64_t v) { return little(v, 8); }
  RoomWriter& u64_big(std::uint64_t v);
  RoomWriter& raw(ByteView v);
  [[nodiscard]] bool full() const noexcept { return left_.empty(); }

 private:
  RoomWriter& little(std::uint64_t v, std::size_t bytes);
  std::span<std::uint8_t> left_;
};

// Reads what Writer wrote. Reading past the end makes `ok()` false and yields zeros; check `done()` at the end.
class Reader {
 public:
  explicit Reader(ByteView in) noexcept : in_(in) {}
  std::uint8_t u8() { return static_cast<std::uint8_t>(little(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(little(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(little(4)); }
  std::uint64_t u64() { return little(8); }
  std::uint64_t u64_big();
  ByteView raw(std::size_t size);
  template <std::size_t N>
  ByteArray<N> array() {
    ByteArray<N> out{};
    const ByteView v = raw(N);
    if (v.size() == N) std::copy(v.begin(), v.end(), out.begin());
    return out;
  }
  [[nodiscard]] std::size_t remaining() const noexcept { return in_.size(); }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] bool done() const noexcept { return ok_ && in_.empty(); }

 private:
  std::uint64_t little(int bytes);
  ByteView in_;
  bool ok_ = true;
};

// Lower-case hexadecimal, and its strict inverse (even length, 0-9a-f only).
std::string to_hex(ByteView bytes);
std::optional<Bytes> from_hex(std::string_view text);
// RFC 4648 base32, lower case, without padding; the inverse refuses other letters and non-zero spare bits.
std::string to_base32(ByteView bytes);
std::optional<Bytes> from_base32(std::string_view text);

}  // namespace taus
