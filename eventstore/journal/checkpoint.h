// Checkpoints: the size and root of the journal as a C2SP signed note (tlog-checkpoint, signed-note) that auditors keep.
//
// Threads: pure functions.
// Errors:  malformed: no such note; tampered: no good signature by this key, or of another log.
// Format:  docs/FORMAT.md "Checkpoints".
#pragma once

#include <string>
#include <string_view>

#include "eventstore/base/bytes.h"
#include "eventstore/base/result.h"
#include "eventstore/crypto/sign.h"

namespace taus::journal {

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Hash32 root{};
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// "taus/<store id>/<incarnation>", in hexadecimal: names the log, and its key in the note.
std::string checkpoint_origin(const StoreId& store_id, std::uint32_t incarnation);
// Key id of a signed note: SHA-256(name | LF | 0x01 | key), its first 4 bytes.
ByteArray<4> note_key_id(std::string_view name, const crypto::PublicKey& key);

// `body` (which ends in LF) as a signed note: body, blank line, the signature of `name`.
std::string sign_note(std::string_view body, std::string_view name, const crypto::SigningKey& key);
// What is signed: origin, size and root, a line each.
std::string checkpoint_body(const Checkpoint& checkpoint);
std::string format_checkpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key);
// `origin` is whose checkpoint it must be. Signatures by other keys (witnesses) are passed over.
Result<Checkpoint> verify_checkpoint(std::string_view note, std::string_view origin, const crypto::PublicKey& key);

}  // namespace taus::journal
