// Parts: an event cut into one message per category, and read back.
//
// What:    split() makes, for every category the event's type may touch, a message holding the event with its head and only that
//          category's content; also where nothing was given, so that sizes tell nothing about who gave what. A public part has no
//          head. PartReader opens such bytes.
// Bytes:   docs/format/parts.md. One content has one byte string (canonical Cap'n Proto, one segment, no segment table).
// Threads: values; one PartReader may be read by one thread at a time.
// Errors:  invalid_argument: an event without type; too_large: limits::part_bytes_max; malformed: bytes that are no part, or a part that
//          holds what does not belong to its category.
#pragma once

#include <memory>
#include <vector>

#include "eventstore/base/bytes.h"
#include "eventstore/base/result.h"
#include "eventstore/schema/category.h"
#include "eventstore/schema/event.capnp.h"

namespace taus::schema {

inline constexpr int public_part = -1;

struct PartBytes {
  int category = public_part;  // number of a taus::Category, or public_part
  Bytes bytes;
};

// In order of category number, the public part last. Categories outside `only` are left out; a public part never is.
Result<std::vector<PartBytes>> split(Event::Reader event, Mask only = all_categories);

class PartReader {
 public:
  // Checks everything (see deep_check.h), so that no getter of event() throws. Copies the bytes.
  static Result<PartReader> open(ByteView bytes, int category);
  // The same for bytes that split() made, now or before they were sealed: their form is not looked at again, what they hold is. They
  // are not copied: they must outlive this, and be aligned to 8 bytes (TAUS_CHECK).
  static Result<PartReader> open_own(ByteView bytes, int category);
  PartReader(PartReader&&) noexcept;
  PartReader& operator=(PartReader&&) noexcept;
  ~PartReader();

  [[nodiscard]] Event::Reader event() const;  // valid while this lives
  [[nodiscard]] int category() const;
  [[nodiscard]] const tables::EventInfo& type() const;

 private:
  struct State;
  explicit PartReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace taus::schema
