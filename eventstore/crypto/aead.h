// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha). Not key-committing: the journal adds its own commitment (docs/FORMAT.md).
#pragma once

#include <optional>

#include "eventstore/base/bytes.h"
#include "eventstore/crypto/key.h"

namespace taus::crypto {

inline constexpr std::size_t aead_tag_bytes = 16;

// `buffer` is the plaintext and 16 bytes of room behind it; then the ciphertext.
void aead_seal_in_place(const Key& key, const Nonce24& nonce, ByteView associated, std::span<std::uint8_t> buffer);
// plaintext.size() + 16 bytes.
Bytes aead_seal(const Key& key, const Nonce24& nonce, ByteView associated, ByteView plaintext);
// The same into room of ciphertext.size() - 16 bytes; false, and nothing is there, where the tag does not fit.
bool aead_open_into(std::span<std::uint8_t> room, const Key& key, const Nonce24& nonce, ByteView associated, ByteView ciphertext);
// Nothing where the tag does not fit.
std::optional<Bytes> aead_open(const Key& key, const Nonce24& nonce, ByteView associated, ByteView ciphertext);

}  // namespace taus::crypto
