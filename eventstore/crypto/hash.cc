#include "eventstore/crypto/hash.h"

#define OPENSSL_API_COMPAT 0x10100000L  // hash functions by their names, which OpenSSL 3 would have us fetch

#include <openssl/sha.h>
#include <sodium.h>

#include "eventstore/base/check.h"
#include "eventstore/crypto/sodium_ready.h"

namespace taus::crypto {
namespace {

void blake2b_any(std::span<std::uint8_t> out, ByteView key, Pieces pieces) {
  sodium_ready();
  crypto_generichash_blake2b_state state;
  TAUS_CHECK(crypto_generichash_blake2b_init(&state, key.data(), key.size(), out.size()) == 0);
  for (const ByteView piece : pieces) {
    TAUS_CHECK(crypto_generichash_blake2b_update(&state, piece.data(), piece.size()) == 0);
  }
  TAUS_CHECK(crypto_generichash_blake2b_final(&state, out.data(), out.size()) == 0);
  sodium_memzero(&state, sizeof state);
}

}  // namespace

Hash32 blake2b_256(Pieces pieces) {
  Hash32 out;
  blake2b_any(out, {}, pieces);
  return out;
}

void blake2b_keyed(std::span<std::uint8_t> out, ByteView key, Pieces pieces) {
  TAUS_CHECK(!key.empty() && key.size() <= 64 && !out.empty() && out.size() <= 64);
  blake2b_any(out, key, pieces);
}

// Not through EVP, whose way to the same function takes as long as hashing a leaf.
Hash32 sha256(Pieces pieces) {
  SHA256_CTX context;
  TAUS_CHECK(SHA256_Init(&context) == 1);
  for (const ByteView piece : pieces) {
    TAUS_CHECK(SHA256_Update(&context, piece.data(), piece.size()) == 1);
  }
  Hash32 out;
  TAUS_CHECK(SHA256_Final(out.data(), &context) == 1);
  return out;
}

}  // namespace taus::crypto
