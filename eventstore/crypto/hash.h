// Hashes and keyed hashes. BLAKE2b (RFC 7693) for everything of our own, SHA-256 (FIPS 180-4) for the Merkle log (RFC 6962).
//
// Threads: pure functions. Inputs are given as a list of pieces that are hashed one after the other.
#pragma once

#include <initializer_list>

#include "eventstore/base/bytes.h"
#include "eventstore/crypto/key.h"

namespace taus::crypto {

using Pieces = std::initializer_list<ByteView>;

Hash32 blake2b_256(Pieces pieces);
void blake2b_keyed(std::span<std::uint8_t> out, ByteView key, Pieces pieces);  // key of 1..64 bytes
// Keyed BLAKE2b of N bytes (8..64).
template <std::size_t N>
ByteArray<N> blake2b(const Key& key, Pieces pieces) {
  ByteArray<N> out;
  blake2b_keyed(out, key.view(), pieces);
  return out;
}
Hash32 sha256(Pieces pieces);

}  // namespace taus::crypto
