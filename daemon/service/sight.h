// What one caller may be told of one client's events, part by part. The one place that knows: timelines and the feed ask here.
//
// Threads: the core thread. Errors of look_at: busy (not durable yet), tampered, corrupt; whatever else stands in the way is a state.
#pragma once

#include <optional>

#include "daemon/service/core.h"
#include "eventstore/schema/part.h"

namespace taus::service {

struct Sight {
  Mask mine = 0;            // what the caller may read
  Mask shredded = 0;        // what the caller may know to be gone
  Ordinal author = 0;       // whose own messages may be read although `mine` lacks them; 0: nobody's
  bool complaints = false;  // whether complaints may be read

  // Where false, no part of this client's events can be read.
  [[nodiscard]] bool opens(const Subject& subject) const noexcept {
    return (mine & subject.live) != 0 || (author != 0 && subject.has(Category::corr));
  }
};

// By what the caller is to the client now, not by what they were when it happened.
Sight sight_of(const Core& core, const Call& call, const Subject& subject);

struct PartSeen {
  std::optional<Category> category;  // nothing: its subject's node is gone
  schema::State state = schema::State::WITHHELD;
  std::optional<schema::PartReader> part;  // where the caller may read it: present or empty
};

Result<PartSeen> look_at(const Core& core, const Subject& subject, const Sight& sight, const journal::Leaf& leaf,
                         std::size_t index);

}  // namespace taus::service
