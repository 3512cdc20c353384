#include "daemon/service/answer.h"

#include "daemon/service/retry.h"
#include "eventstore/schema/part.h"

namespace taus::service {

namespace {

std::uint32_t first_slot(schema::Event::Reader event) {
  const auto slots = event.getSlotsPublished().getStaff().getSlots();
  return slots.size() == 0 ? 0 : slots[0].getNumber();
}

std::optional<std::uint32_t> number_in(schema::Event::Reader event) {
  switch (event.which()) {
    case schema::Event::APPOINTMENT_BOOKED: return event.getAppointmentBooked().getAppt().getNumber();
    case schema::Event::APPOINTMENT_RESCHEDULED: return event.getAppointmentRescheduled().getAppt().getNumber();
    case schema::Event::APPOINTMENT_CANCELLED: return event.getAppointmentCancelled().getAppt().getNumber();
    case schema::Event::SESSION_HELD: return event.getSessionHeld().getAppt().getNumber();
    case schema::Event::NO_SHOW_RECORDED: return event.getNoShowRecorded().getAppt().getNumber();
    case schema::Event::SESSION_OUTCOME_CORRECTED: return event.getSessionOutcomeCorrected().getAppt().getNumber();
    case schema::Event::LEGAL_HOLD_PLACED: return event.getLegalHoldPlaced().getRights().getNumber();
    case schema::Event::LEGAL_HOLD_RELEASED: return event.getLegalHoldReleased().getRights().getNumber();
    case schema::Event::RESTRICTION_IMPOSED: return event.getRestrictionImposed().getRights().getNumber();
    case schema::Event::RESTRICTION_LIFTED: return event.getRestrictionLifted().getRights().getNumber();
    case schema::Event::DISCLOSURE_CONSENT_GIVEN: return event.getDisclosureConsentGiven().getConsent().getNumber();
    case schema::Event::DISCLOSURE_CONSENT_WITHDRAWN: return event.getDisclosureConsentWithdrawn().getConsent().getNumber();
    case schema::Event::DATA_DISCLOSED: return event.getDataDisclosed().getRights().getConsent();
    // Of somebody new, whose other parts do not tell, it is the first.
    case schema::Event::INQUIRY_RECEIVED:
      return event.getInquiryReceived().hasIntake() ? event.getInquiryReceived().getIntake().getNumber() : 1;
    case schema::Event::INQUIRY_ANSWERED: return event.getInquiryAnswered().getIntake().getNumber();
    case schema::Event::GROUP_SESSION_HELD: return event.getGroupSessionHeld().getCentre().getNumber();
    case schema::Event::GROUP_SESSION_CORRECTED: return event.getGroupSessionCorrected().getCentre().getNumber();
    case schema::Event::SLOTS_PUBLISHED: return first_slot(event);
    case schema::Event::SLOTS_WITHDRAWN: return event.getSlotsWithdrawn().getStaff().getNumbers()[0];
    case schema::Event::RIGHTS_REQUEST_RECEIVED: return event.getRightsRequestReceived().getRights().getNumber();
    case schema::Event::RIGHTS_IDENTITY_VERIFIED: return event.getRightsIdentityVerified().getRights().getNumber();
    case schema::Event::RIGHTS_DEADLINE_EXTENDED: return event.getRightsDeadlineExtended().getRights().getNumber();
    case schema::Event::RIGHTS_REQUEST_DECIDED: return event.getRightsRequestDecided().getRights().getNumber();
    default: return std::nullopt;
  }
}

bool of_rights_desk(schema::Event::Reader event) {
  return event.isRightsRequestReceived() || event.isRightsIdentityVerified() || event.isRightsDeadlineExtended() ||
         event.isRightsRequestDecided();
}

// The request as it was named, and its deadline as this event left it.
void fill_request(const Core& core, Ordinal stream, schema::Event::Reader event, api::Ack::Builder out) {
  const std::uint32_t number = *number_in(event);
  out.setRequest(core.store->id_of(stream) + "." + std::to_string(number));
  if (event.isRightsRequestReceived()) {
    out.setDue(event.getRightsRequestReceived().getRights().getDue());
  } else if (event.isRightsDeadlineExtended()) {
    out.setDue(event.getRightsDeadlineExtended().getRights().getDue());
  } else if (const Subject* subject = core.projections.subject(stream); subject != nullptr && !out.hasDue()) {
    if (const auto* request = subject->request(number)) out.setDue(request->due);
  }
}

// Any part of an event that still opens.
Result<schema::PartReader> any_part(const Core& core, const journal::Leaf& leaf) {
  std::optional<Error> why;
  for (std::size_t i = 0; i < leaf.parts.size(); ++i) {
    const Result<OpenedPart> opened = core.store->open_part(leaf, i);
    if (opened) return schema::PartReader::open(opened->plaintext, opened->category);
    why = opened.error();
  }
  if (why->code == ErrorCode::shredded)
    return Error(ErrorCode::shredded, "this request was carried out, and what it was about has been shredded");
  return *why;
}

bool may_shred(schema::Event::Reader event) {
  return event.isConsentWithdrawn() || event.isGuidanceConcluded() || event.isShredRequested() || event.isRightsRequestDecided();
}

// The receipt of the shred that a command at `last` asked for: what was accepted runs in the first run that follows.
Result<std::optional<Position>> receipt_for(const Core& core, Ordinal stream, Position last) {
  const auto run = core.projections.receipts_after(last);
  if (!run) return std::optional<Position>();
  for (Position one = run->first; one <= run->last; ++one) {
    TAUS_TRY_ASSIGN(const journal::Leaf leaf, core.store->leaf(one));
    const Result<schema::PartReader> part = any_part(core, leaf);
    if (!part || !part->event().isShredCompleted()) continue;
    for (const auto key : part->event().getShredCompleted().getPublic().getKeys())
      if (key.getStream() == stream) return std::optional(run->last);
  }
  return std::optional<Position>();
}

Result<std::vector<Ordinal>> streams_of(const Core& core, const DedupeHit& hit) {
  std::vector<Ordinal> out;
  for (Position one = hit.first; one < hit.first + hit.events; ++one) {
    TAUS_TRY_ASSIGN(const journal::Leaf leaf, core.store->leaf(one));
    out.push_back(leaf.stream);
  }
  return out;
}

// What one event of the command adds to its answer.
Result<void> fill_from_event(Core& core, Position one, Position last, api::Ack::Builder out) {
  TAUS_TRY_ASSIGN(const journal::Leaf leaf, core.store->leaf(one));
  const Result<schema::PartReader> found = any_part(core, leaf);
  if (!found) return {};
  if (const auto number = number_in(found->event())) out.setNumber(*number);
  if (of_rights_desk(found->event())) fill_request(core, leaf.stream, found->event(), out);
  if (found->event().isBookingRequested()) {
    TAUS_TRY_ASSIGN(const std::string link, core.store->link_of(leaf.stream, 1));
    out.setLink(link);
  }
  if (may_shred(found->event())) {
    TAUS_TRY_ASSIGN(const auto receipt, receipt_for(core, leaf.stream, last));
    if (receipt) TAUS_TRY(fill_receipt(core, *receipt, out));
  }
  return {};
}

}  // namespace

Result<void> fill_receipt(const Core& core, Position receipt, api::Ack::Builder out) {
  out.setReceipt(static_cast<std::int64_t>(receipt));
  TAUS_TRY_ASSIGN(const journal::Leaf leaf, core.store->leaf(receipt));
  TAUS_TRY_ASSIGN(const schema::PartReader part, any_part(core, leaf));
  if (!part.event().isShredCompleted()) return {};
  const auto told = part.event().getShredCompleted().getPublic();
  if (told.hasFullyErasedBy()) out.setFullyErasedBy(told.getFullyErasedBy());
  return {};
}

Result<void> fill_ack(Core& core, const Decision& decision, const Carried& carried, api::Ack::Builder out) {
  out.setPosition(static_cast<std::int64_t>(carried.last));
  if (decision.subject != centre_stream) out.setSubject(core.store->id_of(decision.subject));
  out.setVersion(static_cast<std::int64_t>(carried.version));
  if (decision.number) out.setNumber(*decision.number);
  if (decision.request) {
    out.setRequest(core.store->id_of(decision.subject) + "." + std::to_string(*decision.request));
    out.setDue(decision.due);
  }
  if (decision.with_link) {
    TAUS_TRY_ASSIGN(const std::string link, core.store->link_of(decision.subject, 1));
    out.setLink(link);
  }
  auto warnings = out.initWarnings(static_cast<unsigned>(decision.warnings.size()));
  for (unsigned i = 0; i < warnings.size(); ++i) warnings.set(i, decision.warnings[i]);
  auto notify = out.initNotify(static_cast<unsigned>(decision.notify.size()));
  for (unsigned i = 0; i < notify.size(); ++i) {
    notify[i].setRecipient(decision.notify[i].recipient);
    notify[i].setAction(decision.notify[i].action);
  }
  return {};
}

Result<void> fill_ack_again(Core& core, const Call& call, const DedupeHit& hit, bool waited, api::Ack::Builder out) {
  const Position last = hit.first + hit.events - 1U;
  TAUS_TRY_ASSIGN(const journal::Leaf first_leaf, core.store->leaf(hit.first));
  const bool erasing = core.shredding.contains(first_leaf.stream);
  if (erasing && !waited) return Error(ErrorCode::busy, "an erasure of this subject is under way: ask again");
  TAUS_TRY_ASSIGN(const schema::PartReader part, any_part(core, first_leaf));
  TAUS_TRY_ASSIGN(const std::optional<bool> same, core.store->asked_the_same(hit, call.request_key, call.request_hash));
  TAUS_TRY_ASSIGN(const std::vector<Ordinal> streams, streams_of(core, hit));
  if (!same.value_or(may_be_retry_of(core, call, streams, part.event().getHead())))
    return Error(ErrorCode::version_conflict, "this request id was used for another request: take a new id for each");
  TAUS_TRY_ASSIGN(const journal::Leaf last_leaf, core.store->leaf(last));
  out.setPosition(static_cast<std::int64_t>(last));
  if (last_leaf.stream != centre_stream) out.setSubject(core.store->id_of(last_leaf.stream));
  out.setVersion(last_leaf.stream == centre_stream ? 0 : static_cast<std::int64_t>(last_leaf.version));
  out.setPending(erasing);
  for (Position one = hit.first; one <= last; ++one) TAUS_TRY(fill_from_event(core, one, last, out));
  out.initWarnings(0);
  out.initNotify(0);
  return {};
}

}  // namespace taus::service
