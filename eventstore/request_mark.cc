#include "eventstore/request_mark.h"

#include "eventstore/base/check.h"
#include "eventstore/crypto/hash.h"

namespace taus {

void RequestMark::seal_under(const crypto::Key& key) {
#ifdef TAUS_PLANT_MARK_NOT_SEALED
  if (sealed_) return;
#endif
  value_ = crypto::blake2b<16>(key, {view("taus/req/1"), id_, value_});
  sealed_ = true;
}

const RequestMark::Value& RequestMark::value() const {
  TAUS_CHECK(sealed_);
  return value_;
}

}  // namespace taus
