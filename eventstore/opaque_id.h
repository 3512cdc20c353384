// Opaque ids of subjects (docs/FORMAT.md "Ids"): what outside callers name a subject by. No map on disk; they still resolve after
// a shred.
//
// Threads: one: results are remembered, the newest at each place, because every request names two subjects.
// Errors:  nothing: not an id of this store.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/crypto/key.h"

namespace taus {

class OpaqueIds {
 public:
  explicit OpaqueIds(crypto::Key key);
  [[nodiscard]] std::string id_of(Ordinal subject) const;
  [[nodiscard]] std::optional<Ordinal> ordinal_of(std::string_view id) const;
  // The lasting name of one of a subject's appointments, for calendars; resolves to nothing.
  [[nodiscard]] std::string appointment_id(Ordinal subject, std::uint64_t number) const;

 private:
  static constexpr std::size_t text_bytes = 26;
  struct Known {
    Ordinal subject = no_position;
    std::array<char, text_bytes> text{};
  };
  const Known& known(Ordinal subject) const;
  crypto::Key key_;
  mutable std::vector<Known> known_;      // by ordinal
  mutable std::vector<Ordinal> by_text_;  // where to look in known_
};

}  // namespace taus
