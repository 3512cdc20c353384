// Events for the schema tests.
#pragma once

#include <string>

#include <capnp/message.h>

#include "eventstore/schema/event.capnp.h"

namespace taus::schema::testing {

inline void fill_head(Head::Builder head) {
  head.setAt(1'700'000'000'123);
  head.setActorKind(ActorKind::STAFF);
  head.setActor(7);
  head.setRole(Role::COUNSELLOR);
  head.setRequestId("r-1");
}

// A booking with everything but the special category given.
inline Event::Builder booking(capnp::MessageBuilder& message) {
  auto event = message.initRoot<Event>();
  fill_head(event.initHead());
  auto body = event.initBookingRequested();
  body.initIdent().setName("Kåre Ødegård");
  body.initEmail().setEmail("kare@example.org");
  body.initPhone().setPhone("+4790000000");
  auto demog = body.initDemog();
  demog.setMunicipalityCode("4601");
  demog.setAgeYears(34);
  demog.setGender(Gender::MALE);
  auto status = demog.initLabourStatus(2);
  status.set(0, "employed");
  status.set(1, "student");
  body.initIntake().setCurrentSituation("Leter etter ny jobb.");
  body.initAppt().setWanted("onsdag");
  return event;
}

}  // namespace taus::schema::testing
