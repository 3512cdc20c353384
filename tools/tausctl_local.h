// What tausctl does other than by one call to a daemon: explain rules, compute deadlines, check the signature of a receipt, seed.
//
// Threads: pure, but for the files that the words name and standard output.
// Errors:  as the result; output only where there is none. tampered: a receipt whose signature is not this key's.
#pragma once

#include <string>
#include <string_view>

#include "eventstore/base/result.h"
#include "eventstore/crypto/sign.h"
#include "tools/tausctl_parse.h"

namespace taus::tools {

// Carries out a verb that has no method of its own; the text for standard output.
Result<std::string> run_local(const Invocation& invocation);

struct VerifiedNote {
  std::string signer;
  std::string text;
};
// A C2SP signed note: text, blank line, "— name base64(key id | signature)".
Result<VerifiedNote> verify_note(std::string_view note, const crypto::PublicKey& key);
// 64 hexadecimal digits, or name+id+base64(1 | key) as signed notes write verifier keys.
Result<crypto::PublicKey> parse_public_key(std::string_view text);

}  // namespace taus::tools
