// Ed25519 (RFC 8032) signatures: floor, checkpoints, receipts.
#pragma once

#include "eventstore/base/bytes.h"
#include "eventstore/crypto/key.h"

namespace taus::crypto {

using PublicKey = ByteArray<32>;
using Signature = ByteArray<64>;

// Holds the secret half in memory that is wiped; made from a 32-byte seed.
class SigningKey {
 public:
  explicit SigningKey(const Key& seed);
  ~SigningKey();
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;
  [[nodiscard]] const PublicKey& public_key() const noexcept { return public_; }
  [[nodiscard]] Signature sign(ByteView message) const;

 private:
  PublicKey public_;
  ByteArray<64> secret_;
};

bool verify(const PublicKey& key, ByteView message, const Signature& signature);

}  // namespace taus::crypto
