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

bool aead_open_into(std::span<std::uint8_t> room, const Key& key, const Nonce24& nonce, ByteView associated,
                    ByteView ciphertext) {
  sodium_ready();
  TAUS_CHECK(room.size() + aead_tag_bytes == ciphertext.size());
  unsigned long long written = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(room.data(), &written, nullptr, ciphertext.data(), ciphertext.size(),
                                                 associated.data(), associated.size(), nonce.data(), key.view().data()) != 0) {
    return false;
  }
  TAUS_CHECK(written == room.size());
  return true;
}

std::optional<Bytes> aead_open(const Key& key, const Nonce24& nonce, ByteView associated, ByteView ciphertext) {
  if (ciphertext.size() < aead_tag_bytes) return std::nullopt;
  Bytes out(ciphertext.size() - aead_tag_bytes);
  if (!aead_open_into(out, key, nonce, associated, ciphertext)) return std::nullopt;
  return out;
}

}  // namespace taus::crypto
