#include "eventstore/crypto/sign.h"

#include <sodium.h>

#include "eventstore/base/check.h"
#include "eventstore/crypto/sodium_ready.h"

namespace taus::crypto {

SigningKey::SigningKey(const Key& seed) : public_{}, secret_{} {
  sodium_ready();
  TAUS_CHECK(crypto_sign_ed25519_seed_keypair(public_.data(), secret_.data(), seed.view().data()) == 0);
}

SigningKey::~SigningKey() { wipe(secret_); }

Signature SigningKey::sign(ByteView message) const {
  Signature signature;
  TAUS_CHECK(crypto_sign_ed25519_detached(signature.data(), nullptr, message.data(), message.size(), secret_.data()) == 0);
  return signature;
}

bool verify(const PublicKey& key, ByteView message, const Signature& signature) {
  sodium_ready();
  return crypto_sign_ed25519_verify_detached(signature.data(), message.data(), message.size(), key.data()) == 0;
}

}  // namespace taus::crypto
