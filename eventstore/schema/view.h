// How projections and queries read an event whose parts may be there or not.
//
// What:    EventView collects the parts of one event, or why they are missing; View<Body> reads them by getter, with a state each:
//            View<BookingRequested> view(event);
//            if (auto email = view.get<&BookingRequested::Reader::getEmail>()) use(email->getEmail());
//            else if (view.state<&BookingRequested::Reader::getEmail>() == PartState::shredded) ...
// Owns:    the parts; readers got from it are valid while it lives.
// Threads: one.
#pragma once

#include <array>
#include <optional>

#include <capnp/any.h>

#include "eventstore/schema/part.h"

namespace taus::schema {

// Same numbers as enum State of privacy.capnp.
enum class PartState : std::uint8_t { present, shredded, withheld, unavailable, empty };

class EventView {
 public:
  explicit EventView(const tables::EventInfo& type) : type_(&type) { states_.fill(PartState::unavailable); }

  // malformed: a part of another event type, or of a category that is here already.
  Result<void> add(PartReader part);
  // Why a category's part is not here. What nobody says anything about is unavailable.
  void miss(int category, PartState why) { states_[slot(category)] = why; }

  [[nodiscard]] const tables::EventInfo& type() const { return *type_; }
  // present: the part was opened (whether a field in it was given, View tells).
  [[nodiscard]] PartState state(int category) const {
    return parts_[slot(category)] ? PartState::present : states_[slot(category)];
  }
  [[nodiscard]] const PartReader* part(int category) const { return parts_[slot(category)] ? &*parts_[slot(category)] : nullptr; }
  // From whichever part has one: every sealed part carries the same head. Nothing where no sealed part is here.
  [[nodiscard]] std::optional<Head::Reader> head() const;

 private:
  static constexpr std::size_t slot(int category) { return static_cast<std::size_t>(category + 1); }
  const tables::EventInfo* type_;
  std::array<std::optional<PartReader>, category_count + 1> parts_;
  std::array<PartState, category_count + 1> states_;
};

namespace detail {

template <class Body>
constexpr const tables::EventInfo& info_of_body() {
  for (const auto& event : tables::events)
    if (event.tag != 0 && event.body_id == capnp::typeId<Body>()) return event;
  throw "not the body of an event";  // NOLINT: only ever met at compile time
}

template <class Body, class Content>
constexpr const tables::Pointer& pointer_of() {
  for (const auto& pointer : info_of_body<Body>().pointers)
    if (pointer.type == capnp::typeId<Content>()) return pointer;
  throw "not a field of this event";  // NOLINT: only ever met at compile time
}

template <class Getter>
struct GetterOf;
template <class Class, class Out>
struct GetterOf<Out (Class::*)() const> {
  using Content = capnp::FromReader<Out>;
};

}  // namespace detail

template <class Body>
class View {
 public:
  template <auto Getter>
  using Content = typename detail::GetterOf<decltype(Getter)>::Content;

  // The event must be of this type (View<Body>::fits).
  explicit View(const EventView& event) : event_(event) { TAUS_CHECK(fits(event)); }
  static bool fits(const EventView& event) { return event.type().body_id == capnp::typeId<Body>(); }

  template <auto Getter>
  [[nodiscard]] PartState state() const {
    constexpr const tables::Pointer& pointer = detail::pointer_of<Body, Content<Getter>>();
    const PartState part = event_.state(pointer.category);
    return part == PartState::present && field(pointer).isNull() ? PartState::empty : part;
  }
  // The content where state() is present, else nothing.
  template <auto Getter>
  [[nodiscard]] std::optional<typename Content<Getter>::Reader> get() const {
    constexpr const tables::Pointer& pointer = detail::pointer_of<Body, Content<Getter>>();
    if (state<Getter>() != PartState::present) return std::nullopt;
    return field(pointer).template getAs<Content<Getter>>();
  }

 private:
  [[nodiscard]] capnp::AnyPointer::Reader field(const tables::Pointer& pointer) const {
    const auto event = capnp::AnyStruct::Reader(event_.part(pointer.category)->event()).getPointerSection();
    const auto body = event[tables::body_pointer].getAs<capnp::AnyStruct>().getPointerSection();
    return pointer.index < body.size() ? body[pointer.index] : capnp::AnyPointer::Reader();
  }

  const EventView& event_;
};

}  // namespace taus::schema
