// A journal in plain memory that projections are fed from, the way the service does: as events happen, and all over again.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include <capnp/message.h>
#include <gtest/gtest.h>

#include "eventstore/schema/part.h"
#include "projections/projections.h"

namespace taus::test {

using projections::Place;
using projections::Projections;
using projections::Subject;
using EventBuilder = schema::Event::Builder;

class PlainJournal {
 public:
  struct Part {
    int category;
    Bytes bytes;
    bool dead = false;
  };
  struct Entry {
    Ordinal stream;
    Version version;
    std::vector<Part> parts;
  };

  // Appends and folds. `at` is the head's time.
  Position append(Projections& to, Ordinal stream, Instant at, const std::function<void(EventBuilder)>& fill,
                  Mask only = all_categories) {
    capnp::MallocMessageBuilder message;
    auto event = message.initRoot<schema::Event>();
    fill(event);
    if (!event.isShredCompleted()) event.initHead().setAt(ms_of(at));
    const auto position = static_cast<Position>(entries_.size());
    entries_.push_back({.stream = stream, .version = ++versions_[stream], .parts = {}});
    auto parts = schema::split(event.asReader(), only).value();
    if (parts.empty()) parts = schema::split(event.asReader()).value();  // an event has a part at least
    for (auto& part : parts) entries_.back().parts.push_back({.category = part.category, .bytes = std::move(part.bytes)});
    feed(to, position);
    return position;
  }
  // Destroys the keys; all: the node itself.
  void shred(Ordinal stream, Mask categories, bool all) {
    for (Entry& entry : entries_)
      if (entry.stream == stream)
        for (Part& part : entry.parts)
          part.dead = part.dead || (part.category >= 0 && (all || (categories >> part.category & 1) != 0));
    if (all) gone_.insert(stream);
  }
  [[nodiscard]] Projections rebuilt() const {
    Projections out;
    for (Position one = 0; one < entries_.size(); ++one) feed(out, one);
    return out;
  }

 private:
  void feed(Projections& to, Position position) const {
    const Entry& entry = entries_[position];
    const Place place{.position = position, .version = entry.version};
    to.event(entry.stream, place);
    for (const Part& part : entry.parts) {
      const auto category = static_cast<Category>(part.category);
      if (part.dead) {
        to.part_shredded(entry.stream, gone_.contains(entry.stream) ? std::nullopt : std::optional(category));
        continue;
      }
      const auto reader = schema::PartReader::open(part.bytes, part.category).value();
      if (part.category >= 0)
        to.part(entry.stream, category, place, reader.event());
      else
        to.receipt(position, reader.event().getShredCompleted().getPublic());
    }
  }
  std::vector<Entry> entries_;
  std::map<Ordinal, Version> versions_;
  std::set<Ordinal> gone_;
};

inline const Instant day_one = instant_of_ms(1'772'000'000'000);
inline Instant hour(int n) { return day_one + std::chrono::hours(n); }

inline void fill_appointment(EventBuilder e, std::uint32_t number, Ordinal counsellor, Instant start, Instant end,
                             schema::AppointmentKind kind = schema::AppointmentKind::INDIVIDUAL) {
  auto to = e.initAppointmentBooked().initAppt();
  to.setNumber(number);
  to.setCounsellor(counsellor);
  to.setStart(ms_of(start));
  to.setEnd(ms_of(end));
  to.setKind(kind);
}

}  // namespace taus::test
