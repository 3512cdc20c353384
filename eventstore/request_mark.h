// What a request is told from another request under the same id by, without anybody being able to test guesses of what it said once some
// of that was shredded: its hash, keyed by every key that a part of its events was sealed under, one after the other
// (docs/FORMAT.md "Request ids", docs/decisions/0010).
//
// What:    made while the command is carried out, and again when a request comes under an id that was used. Whoever lacks one of the
//          keys cannot make it for any content, so it dies with the first of them.
// Threads: a value. Keys are not kept.
// Source:  BLAKE2b as a MAC (RFC 7693 section 2.9).
#pragma once

#include "eventstore/base/bytes.h"
#include "eventstore/crypto/key.h"

namespace taus {

// Keyed hash of a caller and the id of its request.
using RequestKey = ByteArray<16>;

// Of what is asked, so that equal requests have equal ones. Unkeyed: it never leaves the command it was made for.
using RequestHash = ByteArray<16>;

class RequestMark {
 public:
  using Value = ByteArray<16>;

  RequestMark(const RequestKey& id, const RequestHash& content) : id_(id), value_(content) {}
  // The key of the next part, in the order of events and of parts; public parts have none.
  void seal_under(const crypto::Key& key);
  // Under no key yet: there was no sealed part.
  [[nodiscard]] bool open() const noexcept { return !sealed_; }
  // After the last; not open (TAUS_CHECK).
  [[nodiscard]] const Value& value() const;

 private:
  RequestKey id_;
  Value value_;
  bool sealed_ = false;
};

}  // namespace taus
