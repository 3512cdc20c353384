#include "eventstore/base/bytes.h"

#include <algorithm>

#include "eventstore/base/check.h"

namespace taus {

Writer& Writer::little(std::uint64_t v, int bytes) {
  const std::size_t at = out_.size();
  out_.resize(at + static_cast<std::size_t>(bytes));
  std::uint8_t* to = out_.data() + at;
  for (int i = 0; i < bytes; ++i) to[i] = static_cast<std::uint8_t>(v >> (8 * i));
  return *this;
}

Writer& Writer::u64_big(std::uint64_t v) {
  const std::size_t at = out_.size();
  out_.resize(at + 8);
  std::uint8_t* to = out_.data() + at;
  for (int i = 0; i < 8; ++i) to[i] = static_cast<std::uint8_t>(v >> (56 - 8 * i));
  return *this;
}

RoomWriter& RoomWriter::little(std::uint64_t v, std::size_t bytes) {
  TAUS_CHECK(bytes <= left_.size());
  for (std::size_t i = 0; i < bytes; ++i) left_[i] = static_cast<std::uint8_t>(v >> (8 * i));
  left_ = left_.subspan(bytes);
  return *this;
}

RoomWriter& RoomWriter::u64_big(std::uint64_t v) {
  TAUS_CHECK(left_.size() >= 8);
  for (std::size_t i = 0; i < 8; ++i) left_[i] = static_cast<std::uint8_t>(v >> (56 - 8 * i));
  left_ = left_.subspan(8);
  return *this;
}

RoomWriter& RoomWriter::raw(ByteView v) {
  TAUS_CHECK(v.size() <= left_.size());
  std::copy(v.begin(), v.end(), left_.begin());
  left_ = left_.subspan(v.size());
  return *this;
}

ByteView Reader::raw(std::size_t size) {
  if (in_.size() < size) {
    ok_ = false;
    in_ = {};
    return {};
  }
  const ByteView out = in_.first(size);
  in_ = in_.subspan(size);
  return out;
}

std::uint64_t Reader::little(int bytes) {
  const ByteView v = raw(static_cast<std::size_t>(bytes));
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < v.size(); ++i) out |= static_cast<std::uint64_t>(v[i]) << (8 * i);
  return out;
}

std::uint64_t Reader::u64_big() {
  const ByteView v = raw(8);
  std::uint64_t out = 0;
  for (const std::uint8_t b : v) out = out << 8 | b;
  return out;
}

std::string to_hex(ByteView bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t b : bytes) {
    out.push_back(digits[b >> 4]);
    out.push_back(digits[b & 15]);
  }
  return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  Bytes out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return out;
}

std::string to_base32(ByteView bytes) {
  static constexpr char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string out;
  out.reserve((bytes.size() * 8 + 4) / 5);
  std::uint32_t bits = 0;
  int count = 0;
  for (const std::uint8_t b : bytes) {
    bits = bits << 8 | b;
    for (count += 8; count >= 5; count -= 5) out.push_back(letters[bits >> (count - 5) & 31]);
  }
  if (count > 0) out.push_back(letters[bits << (5 - count) & 31]);
  return out;
}

std::optional<Bytes> from_base32(std::string_view text) {
  Bytes out;
  out.reserve(text.size() * 5 / 8);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = c >= 'a' && c <= 'z' ? c - 'a' : c >= '2' && c <= '7' ? c - '2' + 26 : -1;
    if (digit < 0) return std::nullopt;
    bits = bits << 5 | static_cast<std::uint32_t>(digit);
    count += 5;
    if (count >= 8) {
      out.push_back(static_cast<std::uint8_t>(bits >> (count - 8)));
      count -= 8;
    }
  }
  if (count >= 5 || (bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return out;
}

}  // namespace taus
