#include "eventstore/schema/part.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <capnp/any.h>
#include <capnp/message.h>

#include "eventstore/schema/deep_check.h"
#include "eventstore/schema/guard.h"

namespace taus::schema {
namespace {

using Pointers = capnp::List<capnp::AnyPointer>::Reader;

// What split() needs of the event, looked up once for all parts.
struct Source {
  const tables::EventInfo* info = nullptr;
  std::uint16_t tag = 0;
  capnp::AnyPointer::Reader head;
  Pointers body;
};

Result<Source> source_of(Event::Reader event) {
  Source out;
  out.tag = static_cast<std::uint16_t>(event.which());
  out.info = event_info(out.tag);
  if (out.info == nullptr)
    return Error(ErrorCode::invalid_argument, "the event has no type that this version knows; set one member of its union");
  const auto pointers = capnp::AnyStruct::Reader(event).getPointerSection();
  if (pointers.size() > tables::head_pointer) out.head = pointers[tables::head_pointer];
  if (pointers.size() > tables::body_pointer && !pointers[tables::body_pointer].isNull())
    out.body = pointers[tables::body_pointer].getAs<capnp::AnyStruct>().getPointerSection();
  return out;
}

bool given(const Source& from, const tables::Pointer& pointer) {
  return pointer.index < from.body.size() && !from.body[pointer.index].isNull();
}

Result<Bytes> part_of(const Source& from, int category) {
  unsigned width = 0;  // canonical structs end with their last pointer that is set
  std::size_t words = 1 + tables::event_data_words + tables::event_pointers;
  const bool with_head = category != public_part && !from.head.isNull();
  if (with_head) words += from.head.targetSize().wordCount + 1;
  for (const auto& pointer : from.info->pointers) {
    if (pointer.category != category || !given(from, pointer)) continue;
    width = pointer.index + 1U > width ? pointer.index + 1U : width;
    words += from.body[pointer.index].targetSize().wordCount + 1;
  }
  words += width;
  if (words * sizeof(capnp::word) > limits::part_bytes_max)
    return Error(ErrorCode::too_large,
                 "one category's content is larger than " + std::to_string(limits::part_bytes_max) + " bytes; shorten it");

  Bytes out(words * sizeof(capnp::word));  // zeroed, as the builder demands; operator new aligns it
  std::size_t used = 0;
  {
    capnp::FlatMessageBuilder message(kj::arrayPtr(reinterpret_cast<capnp::word*>(out.data()), words));
    auto root = message.initRoot<capnp::AnyPointer>().initAsAnyStruct(tables::event_data_words, tables::event_pointers);
    auto data = root.getDataSection();
    data[tables::event_tag_offset * 2] = static_cast<std::uint8_t>(from.tag & 0xFF);
    data[tables::event_tag_offset * 2 + 1] = static_cast<std::uint8_t>(from.tag >> 8);
    auto pointers = root.getPointerSection();
    if (with_head) pointers[tables::head_pointer].setCanonical(from.head);
    auto body = pointers[tables::body_pointer].initAsAnyStruct(0, static_cast<std::uint16_t>(width)).getPointerSection();
    for (const auto& pointer : from.info->pointers)
      if (pointer.category == category && given(from, pointer)) body[pointer.index].setCanonical(from.body[pointer.index]);
    used = message.getSegmentsForOutput()[0].size() * sizeof(capnp::word);
  }
  out.resize(used);
  return out;
}

}  // namespace

Result<std::vector<PartBytes>> split(Event::Reader event, Mask only) {
  return guarded("the event", [&]() -> Result<std::vector<PartBytes>> {
    TAUS_TRY_ASSIGN(const Source from, source_of(event));
    std::vector<PartBytes> out;
    out.reserve(4);
    for (int category = 0; category < category_count; ++category) {
      if ((from.info->touches & only & (1U << category)) == 0) continue;
      TAUS_TRY_ASSIGN(Bytes bytes, part_of(from, category));
      out.push_back({category, std::move(bytes)});
    }
    if (from.info->touches_public) {
      TAUS_TRY_ASSIGN(Bytes bytes, part_of(from, public_part));
      out.push_back({public_part, std::move(bytes)});
    }
    return out;
  });
}

struct PartReader::State {
  State(ByteView bytes, int category_, bool copies)
      : words(copies ? bytes.size() / sizeof(capnp::word) : 0),
        segments{
            kj::arrayPtr(reinterpret_cast<const capnp::word*>(copies ? static_cast<const void*>(words.data()) : bytes.data()),
                         bytes.size() / sizeof(capnp::word))},
        message(kj::arrayPtr(segments.data(), segments.size()), options()),
        category(category_) {
    TAUS_CHECK(reinterpret_cast<std::uintptr_t>(segments[0].begin()) % sizeof(capnp::word) == 0);
    if (copies && !bytes.empty()) std::memcpy(words.data(), bytes.data(), bytes.size());
  }
  // Canonical bytes share nothing, so reading costs what they weigh; the limit leaves room for hundreds of passes.
  static capnp::ReaderOptions options() {
    return {.traversalLimitInWords = 1ULL << 24, .nestingLimit = limits::nesting_levels_max + 4};
  }

  Result<void> read();

  std::vector<std::uint64_t> words;  // a copy, where one was made
  std::array<kj::ArrayPtr<const capnp::word>, 1> segments;
  capnp::SegmentArrayMessageReader message;
  int category;
  const tables::EventInfo* type = nullptr;
  Event::Reader event;
};

namespace {

Error malformed(const char* what) {
  return {ErrorCode::malformed, std::string("the part ") + what + "; restore it from a replica or backup"};
}

bool possible(ByteView bytes) {
  return !bytes.empty() && bytes.size() % sizeof(capnp::word) == 0 && bytes.size() <= limits::part_bytes_max;
}

// A part may hold its own category only: anything else was never put there by split().
Result<void> check_place(capnp::AnyStruct::Reader event, const tables::EventInfo& info, int category) {
  // An Event is its head and one body for good (the plugin sees to it), so whatever else is in one was put there.
  const auto data = event.getDataSection();
  for (std::size_t i = 0; i < data.size(); ++i)
    if (data[i] != 0 && i / 2 != tables::event_tag_offset) return malformed("has data beside its event's type");
  const auto pointers = event.getPointerSection();
  if (pointers.size() > tables::event_pointers) return malformed("has content beside its head and body");
  if (category == public_part && pointers.size() > tables::head_pointer && !pointers[tables::head_pointer].isNull())
    return malformed("is public and has a head");
  if (pointers.size() <= tables::body_pointer || !pointers[tables::body_pointer].isStruct()) return malformed("has no body");
  const auto body = pointers[tables::body_pointer].getAs<capnp::AnyStruct>();
  if (body.getDataSection().size() > 0) return malformed("has a body with data outside its categories");
  const auto inner = body.getPointerSection();
  for (unsigned i = 0; i < inner.size(); ++i) {
    if (inner[i].isNull()) continue;
    bool own = false;
    for (const auto& pointer : info.pointers) own = own || (pointer.index == i && pointer.category == category);
    if (!own) return malformed("holds content of another category");
  }
  return {};
}

}  // namespace

// What every part must be, whoever made it: of a type that touches the category, with content that no getter throws at.
Result<void> PartReader::State::read() {
  event = message.getRoot<Event>();
  type = event_info(static_cast<std::uint16_t>(event.which()));
  if (type == nullptr) return malformed("is of a type this version does not know (a newer version wrote it)");
  const bool touches = category == public_part
                           ? type->touches_public
                           : category >= 0 && category < category_count && (type->touches & (1U << category)) != 0;
  if (!touches) return malformed("is of a type that has no such category");
  TAUS_TRY(check_place(event, *type, category));
  // Sizes were bounded when the event was made; here only kinds matter, and that nothing can throw later.
  return deep_check<Event>(event, {.list_items = limits::part_bytes_max,
                                   .text_bytes = limits::part_bytes_max,
                                   .data_bytes = limits::part_bytes_max,
                                   .control_characters = true,
                                   .nothing_else = true});
}

Result<PartReader> PartReader::open(ByteView bytes, int category) {
  if (!possible(bytes)) return malformed("has an impossible size");
  return guarded("the part", [&]() -> Result<PartReader> {
    auto state = std::make_unique<State>(bytes, category, true);
    if (!state->message.isCanonical()) return malformed("is not in canonical form");
    TAUS_TRY(state->read());
    // isCanonical() lets an empty list of no width point anywhere: only cutting the part again shows that these are its bytes.
    TAUS_TRY_ASSIGN(const Source again, source_of(state->event));
    TAUS_TRY_ASSIGN(const Bytes same, part_of(again, category));
    if (!std::equal(same.begin(), same.end(), bytes.begin(), bytes.end())) return malformed("is not in canonical form");
    return PartReader(std::move(state));
  });
}

Result<PartReader> PartReader::open_own(ByteView bytes, int category) {
  if (!possible(bytes)) return malformed("has an impossible size");
  return guarded("the part", [&]() -> Result<PartReader> {
    auto state = std::make_unique<State>(bytes, category, false);
    TAUS_TRY(state->read());
    return PartReader(std::move(state));
  });
}

PartReader::PartReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
PartReader::PartReader(PartReader&&) noexcept = default;
PartReader& PartReader::operator=(PartReader&&) noexcept = default;
PartReader::~PartReader() = default;

Event::Reader PartReader::event() const { return state_->event; }
int PartReader::category() const { return state_->category; }
const tables::EventInfo& PartReader::type() const { return *state_->type; }

}  // namespace taus::schema
