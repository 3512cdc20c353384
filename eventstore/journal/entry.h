// The bytes of one journal entry: the leaf, and the sealing of its parts. docs/FORMAT.md "Leaves" and "Parts".
//
// Threads: pure functions.
// Errors:  tampered: commitment or tag does not fit; malformed: bytes that are no leaf.
#pragma once

#include <vector>

#include "eventstore/base/arena.h"
#include "eventstore/base/bytes.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/random.h"
#include "eventstore/base/result.h"
#include "eventstore/crypto/key.h"

namespace taus::journal {

inline constexpr std::uint8_t format_version = 1;

// Keys of the rows in Table::leaf and Table::part; they sort as positions do.
Bytes leaf_row_key(Position position);
Bytes part_row_key(Position position, std::uint8_t index);
ByteArray<8> leaf_row_name(Position position);  // the same without a heap
ByteArray<9> part_row_name(Position position, std::uint8_t index);

struct PartRef {
  Slot slot = 0;
  Epoch epoch = 0;
  Nonce24 nonce{};
  ByteArray<32> commitment{};
  Hash32 content_hash{};  // BLAKE2b-256 of the stored bytes
  friend bool operator==(const PartRef&, const PartRef&) = default;
};

struct Leaf {
  StoreId store_id{};
  std::uint32_t incarnation = 0;
  Position position = 0;
  Ordinal stream = 0;
  Version version = 0;
  std::vector<PartRef> parts;
  friend bool operator==(const Leaf&, const Leaf&) = default;
};

Bytes encode(const Leaf& leaf);
// The same into room of leaf_bytes(its parts) bytes.
std::size_t leaf_bytes(std::size_t parts);
void encode_into(std::span<std::uint8_t> room, const Leaf& leaf);
Result<Leaf> decode_leaf(ByteView bytes);
Hash32 leaf_hash(ByteView leaf_bytes);  // RFC 6962 2.1

// Where a part belongs: everything its sealing is bound to, beside the nonce.
struct PartContext {
  StoreId store_id{};
  std::uint32_t incarnation = 0;
  Ordinal stream = 0;
  Version version = 0;
  std::uint8_t part_count = 0;
  std::uint8_t part_index = 0;
  Slot slot = 0;
  Epoch epoch = 0;
};

// The bytes of a context with its nonce, and the size a plaintext is padded to: at least 256, then Padmé.
Bytes encode(const PartContext& context, const Nonce24& nonce);
std::size_t padded_bytes(std::size_t plaintext_bytes);

struct SealedPart {
  PartRef ref;
  Bytes bytes;
};

// Fresh randomness for the nonces of some parts. Each nonce is its hash with where the part belongs, which no two parts share, and
// with the text: a generator that was cloned with its virtual machine repeats one only where it seals the same text in the same place.
class NonceSeed {
 public:
  explicit NonceSeed(Random& random) { random.fill(fresh_); }
  ~NonceSeed() { crypto::wipe(fresh_); }
  NonceSeed(const NonceSeed&) = delete;
  NonceSeed& operator=(const NonceSeed&) = delete;
  [[nodiscard]] Nonce24 nonce(ByteView where, ByteView plaintext) const;

 private:
  ByteArray<64> fresh_{};
};

// At most limits::part_bytes_max of plaintext, slot 0..15, epoch from 1 (TAUS_CHECK).
SealedPart seal_part(const crypto::Key& key, const PartContext& context, ByteView plaintext, Random& random);
SealedPart public_part(ByteView plaintext);
// The same into room of sealed_bytes(plaintext) bytes, or of the plaintext's own where it is public.
std::size_t sealed_bytes(std::size_t plaintext_bytes);
PartRef seal_into(std::span<std::uint8_t> room, const crypto::Key& key, const PartContext& context, ByteView plaintext,
                  const NonceSeed& seed);
PartRef public_into(std::span<std::uint8_t> room, ByteView plaintext);
Result<Bytes> open_part(const crypto::Key& key, const PartContext& context, const PartRef& ref, ByteView stored);
Result<Bytes> open_public_part(const PartRef& ref, ByteView stored);
// The same into an arena.
Result<ByteView> open_into(Arena& to, const crypto::Key& key, const PartContext& context, const PartRef& ref, ByteView stored);
Result<ByteView> open_public_into(Arena& to, const PartRef& ref, ByteView stored);

}  // namespace taus::journal
