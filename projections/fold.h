// Applies one opened part of one event to what is known of its subject. The same code runs when an event is appended and when
// projections are rebuilt at start, so that a restart changes nothing.
//
// Threads: pure over its arguments. Order: events in journal order; a part never reads another category's content.
#pragma once

#include "projections/subject.h"

namespace taus::projections {

// Where an event stands in its stream.
struct Place {
  Position position = 0;
  Version version = 0;
};

void fold(Subject& subject, Category category, const Place& place, schema::Event::Reader part);

}  // namespace taus::projections
