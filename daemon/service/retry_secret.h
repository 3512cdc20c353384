// What requests are hashed under, so that a retry can be told from another request. The hash lies in the head of every part of an event, also
// of those that outlive others: under a key that anybody could have, whoever guesses a shredded telephone number could see that it is right.
//
// Threads: the core thread. Lives in memory only, and no longer than to the next shred: what was hashed before cannot be compared any more,
// and a retry of it is taken for one.
#pragma once

#include <algorithm>

#include "eventstore/base/random.h"
#include "eventstore/crypto/hash.h"

namespace taus::service {

using RequestHash = ByteArray<24>;  // number of the secret[8] | hash[16]

class RetrySecret {
 public:
  explicit RetrySecret(Random& random) : random_(&random) { renew(); }
  void renew() {
    random_->fill(number_);
    key_ = crypto::Key::generate(*random_);
  }
  [[nodiscard]] RequestHash hash(ByteView head, ByteView data, ByteView rest) const {
    const Hash32 whole = crypto::sha256({key_.view(), head, data, rest});
    RequestHash out{};
    std::copy(number_.begin(), number_.end(), out.begin());
    std::copy_n(whole.begin(), out.size() - number_.size(), out.begin() + number_.size());
    return out;
  }
  // `before` was made for another request, as far as can be told.
  [[nodiscard]] static bool differs(ByteView before, const RequestHash& now) {
    const std::size_t named = number_bytes;
    if (before.size() != now.size() || !std::equal(now.begin(), now.begin() + named, before.begin())) return false;
    return !std::equal(now.begin(), now.end(), before.begin());
  }

 private:
  static constexpr std::size_t number_bytes = 8;
  Random* random_;
  ByteArray<number_bytes> number_{};
  crypto::Key key_;
};

}  // namespace taus::service
