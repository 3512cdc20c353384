#include "eventstore/crypto/aead.h"

#include <algorithm>

#include <sodium.h>

#include "eventstore/base/check.h"
#include "eventstore/crypto/sodium_ready.h"

namespace taus::crypto {

static_assert(aead_tag_bytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(Key::size == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

void aead_seal_in_place(const Key& key, const Nonce24& nonce, ByteView associated, std::span<std::uint8_t> buffer) {
  sodium_ready();
  TAUS_CHECK(buffer.size() >= aead_tag_bytes);
  unsigned long long written = 0;
  TAUS_CHECK(crypto_aead_xchacha20poly1305_ietf_encrypt(buffer.data(), &written, buffer.data(), buffer.size() - aead_tag_bytes,
                                                        associated.data(), associated.size(), nullptr, nonce.data(),
                                                        key.view().data()) == 0);
  TAUS_CHECK(written == buffer.size());
}

Bytes aead_seal(const Key& key, const Nonce24& nonce, ByteView associated, ByteView plaintext) {
  Bytes out(plaintext.size() + aead_tag_bytes);
  std::copy(plaintext.begin(), plaintext.end(), out.begin());
  aead_seal_in_place(key, nonce, associated, out);
  return out;
}

std::optional<Bytes> aead_open(const Key& key, const Nonce24& nonce, ByteView associated, ByteView ciphertext) {
  sodium_ready();
  if (ciphertext.size() < aead_tag_bytes) return std::nullopt;
  Bytes out(ciphertext.size() - aead_tag_bytes);
  unsigned long long written = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(out.data(), &written, nullptr, ciphertext.data(), ciphertext.size(),
                                                 associated.data(), associated.size(), nonce.data(), key.view().data()) != 0) {
    return std::nullopt;
  }
  TAUS_CHECK(written == out.size());
  return out;
}

}  // namespace taus::crypto
