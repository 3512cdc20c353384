#include "eventstore/crypto/hash.h"

#include <memory>

#include <openssl/evp.h>
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

// Fetching the algorithm and making a context cost more than hashing a leaf: both are kept.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  TAUS_CHECK(algorithm != nullptr);
  return algorithm;
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

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

Hash32 sha256(Pieces pieces) {
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  Hash32 out;
  TAUS_CHECK(context && EVP_DigestInit_ex2(context.get(), sha256_algorithm(), nullptr) == 1);
  for (const ByteView piece : pieces) {
    TAUS_CHECK(EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1);
  }
  unsigned int size = 0;
  TAUS_CHECK(EVP_DigestFinal_ex(context.get(), out.data(), &size) == 1 && size == out.size());
  return out;
}

}  // namespace taus::crypto
