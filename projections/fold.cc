#include "projections/fold.h"

#include <algorithm>

namespace taus::projections {

namespace {

using schema::Event;

std::string text_of(capnp::Text::Reader text) { return {text.cStr(), text.size()}; }

std::vector<std::string> texts_of(capnp::List<capnp::Text>::Reader list) {
  std::vector<std::string> out;
  for (const auto one : list) out.push_back(text_of(one));
  return out;
}

std::optional<Instant> time_of(std::int64_t ms) {
  if (ms == no_time_ms) return std::nullopt;
  return instant_of_ms(ms);
}

void set_anchor(Subject& subject, Category category, schema::Anchor::Reader from, std::int32_t counted = -1) {
  subject.anchors.set(category, Anchor{.phase = from.getPhase(),
                                       .year = from.getYear(),
                                       .due = time_of(from.getDue()),
                                       .rule = text_of(from.getRule()),
                                       .counsellor = from.getCounsellor(),
                                       .counted = counted});
}

void fold_kept(Subject& subject, Category category, schema::Anchor::Reader anchor, std::int32_t counted = -1) {
  const schema::Kept::Reader from = anchor.getKept();
  subject.kept_facts.set(category, {.since = time_of(from.getSince()),
                                    .last_start = time_of(from.getLastStart()),
                                    .last_end = time_of(from.getLastEnd()),
                                    .last_appointment = time_of(from.getLastAppointment()),
                                    .open_end = time_of(from.getOpenEnd()),
                                    .dropped = time_of(from.getDropped()),
                                    .last_activity = time_of(from.getLastActivity()),
                                    .counted = counted});
}

void fold_ident(Subject& subject, schema::IdentAnchor::Reader from) {
  subject.sessions = {.all = from.getSessions(), .earlier = from.getEarlier()};
}

// The anchors of a conclusion or a reopening, whichever category this part is of.
template <class Body>
void fold_anchors(Subject& subject, Category category, Body body) {
  if (body.hasIdent()) {
    set_anchor(subject, category, body.getIdent().getAnchor());
    fold_ident(subject, body.getIdent());
  }
  if (body.hasEmail()) {
    set_anchor(subject, category, body.getEmail().getAnchor());
    subject.survey_invited = body.getEmail().getInvited();
    subject.survey_at = time_of(body.getEmail().getSurveyAt());
  }
  if (body.hasPhone()) set_anchor(subject, category, body.getPhone().getAnchor());
  if (body.hasDemog()) set_anchor(subject, category, body.getDemog().getAnchor(), body.getDemog().getCounted());
  if (body.hasSpecial()) set_anchor(subject, category, body.getSpecial().getAnchor());
  if (body.hasIntake()) set_anchor(subject, category, body.getIntake().getAnchor());
  if (body.hasCorr()) set_anchor(subject, category, body.getCorr().getAnchor());
  if (body.hasAppt()) set_anchor(subject, category, body.getAppt().getAnchor());
  if (body.hasConsent()) set_anchor(subject, category, body.getConsent().getAnchor());
  if (body.hasRights()) set_anchor(subject, category, body.getRights().getAnchor());
  if (body.hasAudit()) set_anchor(subject, category, body.getAudit().getAnchor());
  subject.kept_facts.reset(category);
}

// Of a closed case what a category is promised, of an open one what is kept of the rest.
void fold_schedule(Subject& subject, Category category, schema::ErasureScheduled::Reader body) {
  const auto fold = [&](schema::Anchor::Reader anchor, std::int32_t counted = -1) {
    if (anchor.hasKept())
      fold_kept(subject, category, anchor, counted);
    else
      set_anchor(subject, category, anchor);
  };
  if (body.hasConsent()) fold(body.getConsent().getAnchor());
  if (body.hasRights()) fold(body.getRights().getAnchor());
  if (body.hasAudit()) fold(body.getAudit().getAnchor());
  if (body.hasIdent()) {
    fold(body.getIdent().getAnchor());
    fold_ident(subject, body.getIdent());
  }
  if (body.hasEmail()) fold(body.getEmail().getAnchor());
  if (body.hasPhone()) fold(body.getPhone().getAnchor());
  if (body.hasDemog()) fold(body.getDemog().getAnchor(), body.getDemog().getCounted());
  if (body.hasSpecial()) fold(body.getSpecial().getAnchor());
  if (body.hasIntake()) fold(body.getIntake().getAnchor());
  if (body.hasCase()) fold(body.getCase().getAnchor());
  if (body.hasCorr()) fold(body.getCorr().getAnchor());
  if (body.hasAppt()) fold(body.getAppt().getAnchor());
}

void fold_invitation(Subject& subject, schema::SurveyInvitationSent::Reader body) {
  subject.survey_invited = true;
  if (const auto at = time_of(body.getEmail().getSentAt())) subject.invitations.push_back(*at);
}

// Sets a fact; what stood there before is kept, for the year that it counts in.
template <class Value>
void set_fact(DemographicsState& in, Fact fact, Instant at, Value& field, Value value, std::vector<std::string> before) {
  if (field == value) return;
  if (!before.empty()) in.replaced.push_back({.fact = fact, .at = at, .before = std::move(before)});
  field = std::move(value);
}

void fold_demographics(Subject& subject, Instant at, schema::Demographics::Reader from) {
  if (!subject.demographics) subject.demographics.emplace();
  DemographicsState& to = *subject.demographics;
  const auto keep = [&](Fact fact, std::string& field, bool given, capnp::Text::Reader value) {
    if (given)
      set_fact(to, fact, at, field, text_of(value), field.empty() ? std::vector<std::string>{} : std::vector<std::string>{field});
  };
  keep(Fact::municipality_code, to.municipality_code, from.hasMunicipalityCode(), from.getMunicipalityCode());
  if (from.hasAgeAsOf()) to.age_as_of = text_of(from.getAgeAsOf());
  keep(Fact::nationality, to.nationality, from.hasNationality(), from.getNationality());
  keep(Fact::country_of_origin, to.country_of_origin, from.hasCountryOfOrigin(), from.getCountryOfOrigin());
  keep(Fact::mother_tongue, to.mother_tongue, from.hasMotherTongue(), from.getMotherTongue());
  keep(Fact::education_level, to.education_level, from.hasEducationLevel(), from.getEducationLevel());
  if (from.getAgeYears() >= 0)
    set_fact(to, Fact::age_years, at, to.age_years, from.getAgeYears(),
             to.age_years < 0 ? std::vector<std::string>{} : std::vector{std::to_string(to.age_years)});
  if (from.getGender() != schema::Gender::ABSENT)
    set_fact(to, Fact::gender, at, to.gender, from.getGender(),
             to.gender == schema::Gender::ABSENT ? std::vector<std::string>{}
                                                 : std::vector{std::to_string(static_cast<int>(to.gender))});
  if (from.hasLabourStatus())
    set_fact(to, Fact::labour_status, at, to.labour_status, texts_of(from.getLabourStatus()), to.labour_status);
}

void fold_intake(Subject& subject, schema::Intake::Reader from) {
  if (from.hasFocusAreas()) subject.focus_areas = texts_of(from.getFocusAreas());
  if (from.hasCurrentSituation()) subject.current_situation = text_of(from.getCurrentSituation());
}

void fold_booking(Subject& subject, Instant at, schema::BookingRequested::Reader body) {
  if (body.hasIdent()) subject.name = text_of(body.getIdent().getName());
  if (body.hasEmail()) subject.email = text_of(body.getEmail().getEmail());
  if (body.hasPhone()) subject.phone = text_of(body.getPhone().getPhone());
  if (body.hasDemog()) fold_demographics(subject, at, body.getDemog());
  if (body.hasIntake()) fold_intake(subject, body.getIntake());
  if (body.hasSpecial()) subject.accommodation_need = text_of(body.getSpecial().getAccommodationNeed());
}

void fold_inquiry(Subject& subject, const Place& place, Instant at, schema::InquiryReceived::Reader body) {
  if (body.hasIntake())
    subject.inquiries.push_back({.number = body.getIntake().getNumber(),
                                 .position = place.position,
                                 .received_at = at,
                                 .channel = body.getIntake().getChannel(),
                                 .answered_at = {}});
  if (body.hasIdent()) subject.name = text_of(body.getIdent().getName());
  if (body.hasEmail()) subject.email = text_of(body.getEmail().getEmail());
  if (body.hasPhone()) subject.phone = text_of(body.getPhone().getPhone());
}

void fold_details(Subject& subject, schema::DetailsRectified::Reader body) {
  if (body.hasIdent()) subject.name = text_of(body.getIdent().getName());
  if (body.hasEmail()) subject.email = text_of(body.getEmail().getEmail());
  if (body.hasPhone()) subject.phone = text_of(body.getPhone().getPhone());
  if (body.hasIntake()) fold_intake(subject, body.getIntake());
}

AppointmentState* find(Subject& subject, std::uint32_t number) {
  const auto it = std::find_if(subject.appointments.begin(), subject.appointments.end(),
                               [&](const AppointmentState& one) { return one.number == number; });
  return it == subject.appointments.end() ? nullptr : &*it;
}

void fold_appointment(Subject& subject, Event::Reader event) {
  switch (event.which()) {
    case Event::APPOINTMENT_BOOKED: {
      const auto from = event.getAppointmentBooked().getAppt();
      subject.appointments.push_back({.number = from.getNumber(),
                                      .start = instant_of_ms(from.getStart()),
                                      .end = instant_of_ms(from.getEnd()),
                                      .channel = from.getChannel(),
                                      .kind = from.getKind(),
                                      .counsellor = from.getCounsellor(),
                                      .place = text_of(from.getPlace()),
                                      .cancelled_at = {}});
      break;
    }
    case Event::APPOINTMENT_RESCHEDULED: {
      const auto from = event.getAppointmentRescheduled().getAppt();
      if (AppointmentState* to = find(subject, from.getNumber())) {
        to->start = instant_of_ms(from.getStart());
        to->end = instant_of_ms(from.getEnd());
      }
      break;
    }
    case Event::APPOINTMENT_CANCELLED: {
      const auto from = event.getAppointmentCancelled().getAppt();
      if (AppointmentState* to = find(subject, from.getNumber())) {
        to->outcome = schema::Outcome::CANCELLED;
        to->cancelled_at = time_of(from.getAt());
      }
      break;
    }
    case Event::SESSION_HELD: {
      const auto from = event.getSessionHeld().getAppt();
      if (AppointmentState* to = find(subject, from.getNumber())) {
        to->outcome = schema::Outcome::HELD;
        to->cancelled_at.reset();
      }
      break;
    }
    case Event::NO_SHOW_RECORDED:
      if (AppointmentState* to = find(subject, event.getNoShowRecorded().getAppt().getNumber()))
        to->outcome = schema::Outcome::NO_SHOW;
      break;
    case Event::SESSION_OUTCOME_CORRECTED: {
      const auto from = event.getSessionOutcomeCorrected().getAppt();
      if (AppointmentState* to = find(subject, from.getNumber())) {
        to->outcome = from.getOutcome();
        to->cancelled_at = from.getOutcome() == schema::Outcome::CANCELLED ? time_of(event.getHead().getAt()) : std::nullopt;
      }
      break;
    }
    default: break;
  }
}

void fold_message(Subject& subject, const Place& place, schema::Message::Reader from, bool from_client) {
  subject.messages.push_back(
      {.position = place.position, .at = instant_of_ms(from.getAt()), .author = from.getAuthor(), .from_client = from_client});
}

void fold_staff(Subject& subject, schema::StaffProfile::Reader from) {
  StaffState staff{
      .name = text_of(from.getName()), .confidentiality_signed = text_of(from.getConfidentialitySigned()), .roles = {}};
  for (const auto role : from.getRoles()) staff.roles.push_back(role);
  subject.staff = std::move(staff);
}

template <class List>
std::uint16_t mask_of(List categories) {
  unsigned out = 0;
  for (const auto one : categories) out |= bit(static_cast<Category>(one));
  return static_cast<std::uint16_t>(out);
}

void end_cover(Subject& subject, std::uint32_t number, Instant at) {
  for (CoverState& one : subject.covers)
    if (one.number == number) one.until = at;
}

void fold_cover(Subject& subject, const Place& place, Event::Reader event) {
  const Instant at = instant_of_ms(event.getHead().getAt());
  if (event.isLegalHoldPlaced()) {
    const auto from = event.getLegalHoldPlaced().getRights();
    subject.covers.push_back({.number = from.getNumber(),
                              .hold = true,
                              .categories = mask_of(from.getCategories()),
                              .position = place.position,
                              .from = at,
                              .until = {}});
  } else if (event.isRestrictionImposed()) {
    const auto from = event.getRestrictionImposed().getRights();
    subject.covers.push_back({.number = from.getNumber(),
                              .by_withdrawal = from.getGround() == schema::RestrictionGround::WITHDRAWN,
                              .categories = mask_of(from.getCategories()),
                              .position = place.position,
                              .from = at,
                              .until = {}});
  } else if (event.isLegalHoldReleased()) {
    end_cover(subject, event.getLegalHoldReleased().getRights().getNumber(), at);
  } else {
    end_cover(subject, event.getRestrictionLifted().getRights().getNumber(), at);
  }
}

RightsState* find_request(Subject& subject, std::uint32_t number) {
  for (RightsState& one : subject.requests)
    if (one.number == number) return &one;
  return nullptr;
}

void fold_decision(RightsState& to, const Place& place, Event::Reader event) {
  const auto from = event.getRightsRequestDecided().getRights();
  to.outcome = from.getOutcome();
  for (const auto one : from.getGrounds()) to.grounds.push_back(one);
  to.decided_at = instant_of_ms(event.getHead().getAt());
  to.decision = place.position;
  to.late = from.getLate();
  const bool granted = to.outcome == schema::RightsOutcome::FULFILLED || to.outcome == schema::RightsOutcome::PARTLY;
  if (to.kind == schema::RightsKind::ERASE && granted)
    to.granted = from.getCategories().size() == 0 ? all_categories : mask_of(from.getCategories());
}

void fold_rights(Subject& subject, const Place& place, Event::Reader event) {
  if (event.isRightsRequestReceived()) {
    const auto from = event.getRightsRequestReceived().getRights();
    subject.requests.push_back({.number = from.getNumber(),
                                .position = place.position,
                                .kind = from.getKind(),
                                .received_at = instant_of_ms(from.getReceivedAt()),
                                .due = text_of(from.getDue()),
                                .categories = from.getCategories().size() == 0 ? all_categories : mask_of(from.getCategories()),
                                .grounds = {},
                                .decided_at = {}});
  } else if (event.isRightsIdentityVerified()) {
    if (RightsState* to = find_request(subject, event.getRightsIdentityVerified().getRights().getNumber())) to->verified = true;
  } else if (event.isRightsDeadlineExtended()) {
    const auto from = event.getRightsDeadlineExtended().getRights();
    if (RightsState* to = find_request(subject, from.getNumber())) {
      to->extended = true;
      to->due = text_of(from.getDue());
    }
  } else if (RightsState* to = find_request(subject, event.getRightsRequestDecided().getRights().getNumber())) {
    fold_decision(*to, place, event);
  }
}

void fold_consent(Subject& subject, Event::Reader event) {
  if (event.isConsentGiven()) {
    const auto from = event.getConsentGiven().getConsent();
    subject.consent.notice = text_of(from.getNotice());
    subject.consent.language = text_of(from.getLanguage());
    subject.consent.act = from.getAct();
    subject.consent.given_at = time_of(from.getIndicatedAt());
    subject.consent.withdrawn_at = {};
  } else if (event.isConsentAsked()) {
    subject.consent.notice = text_of(event.getConsentAsked().getConsent().getNotice());
    subject.consent.asked_at = time_of(event.getConsentAsked().getConsent().getAskedAt());
  } else {
    subject.consent.withdrawn_at = time_of(event.getConsentWithdrawn().getConsent().getIndicatedAt());
  }
}

void fold_disclosure(Subject& subject, Event::Reader event) {
  if (event.isDisclosureConsentGiven()) {
    const auto from = event.getDisclosureConsentGiven().getConsent();
    subject.consent.disclosures.push_back({.number = from.getNumber(),
                                           .categories = mask_of(from.getCategories()),
                                           .recipient = text_of(from.getRecipient()),
                                           .purpose = text_of(from.getPurpose()),
                                           .given_at = instant_of_ms(from.getIndicatedAt()),
                                           .withdrawn_at = {}});
    return;
  }
  const auto end = event.getDisclosureConsentWithdrawn().getConsent();
  for (DisclosureState& one : subject.consent.disclosures)
    if (one.number == end.getNumber()) one.withdrawn_at = time_of(end.getIndicatedAt());
}

// To whom data went, and what they were told of since.
void fold_recipients(Subject& subject, const Place& place, Event::Reader event) {
  if (event.isDataDisclosed()) {
    const auto from = event.getDataDisclosed().getRights();
    subject.passed_on.push_back({.consent = from.getConsent(),
                                 .categories = mask_of(from.getCategories()),
                                 .recipient = text_of(from.getRecipient()),
                                 .at = instant_of_ms(from.getAt())});
    return;
  }
  const auto from = event.getRecipientsNotified().getRights();
  subject.notices.push_back({.action = from.getAction(),
                             .position = place.position,
                             .at = instant_of_ms(from.getAt()),
                             .recipients = texts_of(from.getRecipients())});
}

void fold_conclusion(Subject& subject, Category category, schema::GuidanceConcluded::Reader from) {
  fold_anchors(subject, category, from);
  if (!from.hasCase()) return;
  subject.concluded_at = time_of(from.getCase().getConcludedAt());
  if (from.getCase().hasAnchor()) set_anchor(subject, category, from.getCase().getAnchor());
}

void fold_reopening(Subject& subject, Category category, Instant at, schema::GuidanceReopened::Reader from) {
  fold_anchors(subject, category, from);
  if (const Anchor* written = subject.anchors[static_cast<std::size_t>(category)]) {
    Anchor anew = *written;
    anew.reopened_at = at;
    subject.anchors.set(category, std::move(anew));
  }
  if (!from.hasCase()) return;
  subject.concluded_at.reset();
  subject.anchors.reset(category);
}

void fold_answer(Subject& subject, schema::InquiryAnswer::Reader from) {
  for (InquiryState& one : subject.inquiries)
    if (one.number == from.getNumber()) one.answered_at = time_of(from.getAt());
}

void fold_slots(Subject& subject, Event::Reader event) {
  if (!subject.staff) return;
  StaffState& staff = *subject.staff;
  if (event.isSlotsPublished()) {
    // What lies behind is offered to nobody and taken by nobody.
    const Instant now = instant_of_ms(event.getHead().getAt());
    std::erase_if(staff.slots, [&](const SlotState& one) { return one.end <= now; });
    for (const auto from : event.getSlotsPublished().getStaff().getSlots()) {
      staff.slots.push_back({.number = from.getNumber(),
                             .start = instant_of_ms(from.getStart()),
                             .end = instant_of_ms(from.getEnd()),
                             .channel = from.getChannel(),
                             .place = text_of(from.getPlace())});
      staff.slots_made = from.getNumber();
    }
    return;
  }
  for (const std::uint32_t number : event.getSlotsWithdrawn().getStaff().getNumbers())
    std::erase_if(staff.slots, [&](const SlotState& one) { return one.number == number; });
}

// The rights desk, and what is of the centre itself or changes nothing that is remembered of a subject.
void fold_desk(Subject& subject, const Place& place, Event::Reader event) {
  switch (event.which()) {
    case Event::LEGAL_HOLD_PLACED:
    case Event::LEGAL_HOLD_RELEASED:
    case Event::RESTRICTION_IMPOSED:
    case Event::RESTRICTION_LIFTED: fold_cover(subject, place, event); break;
    case Event::RIGHTS_REQUEST_RECEIVED:
    case Event::RIGHTS_IDENTITY_VERIFIED:
    case Event::RIGHTS_DEADLINE_EXTENDED:
    case Event::RIGHTS_REQUEST_DECIDED: fold_rights(subject, place, event); break;
    case Event::DISCLOSURE_CONSENT_GIVEN:
    case Event::DISCLOSURE_CONSENT_WITHDRAWN: fold_disclosure(subject, event); break;
    case Event::DATA_DISCLOSED:
    case Event::RECIPIENTS_NOTIFIED: fold_recipients(subject, place, event); break;
    case Event::DETAILS_RECTIFIED: fold_details(subject, event.getDetailsRectified()); break;
    case Event::INQUIRY_ANSWERED: fold_answer(subject, event.getInquiryAnswered().getIntake()); break;
    case Event::SLOTS_PUBLISHED:
    case Event::SLOTS_WITHDRAWN: fold_slots(subject, event); break;
    case Event::SNAPSHOT_TAKEN:
      subject.snapshots.push_back({.number = event.getSnapshotTaken().getCopy().getNumber(), .position = place.position});
      break;
    default: break;
  }
}

}  // namespace

void fold(Subject& subject, Category category, const Place& place, Event::Reader event) {
  subject.live = static_cast<std::uint16_t>(subject.live | bit(category));
  const auto first = subject.first_seen[static_cast<std::size_t>(category)];
  if (const auto at = time_of(event.getHead().getAt()); at && (!first || *at < *first)) subject.first_seen.set(category, *at);
  switch (event.which()) {
    case Event::INQUIRY_RECEIVED:
      fold_inquiry(subject, place, instant_of_ms(event.getHead().getAt()), event.getInquiryReceived());
      break;
    case Event::BOOKING_REQUESTED:
      fold_booking(subject, instant_of_ms(event.getHead().getAt()), event.getBookingRequested());
      break;
    case Event::CONSENT_ASKED:
    case Event::CONSENT_GIVEN:
    case Event::CONSENT_WITHDRAWN: fold_consent(subject, event); break;
    case Event::CLIENT_REGISTERED:
      if (!subject.demographics) subject.demographics.emplace();
      subject.demographics->first_year = event.getClientRegistered().getDemog().getYear();
      break;
    case Event::COUNSELLOR_ASSIGNED: subject.counsellor = event.getCounsellorAssigned().getAppt().getCounsellor(); break;
    case Event::DEMOGRAPHICS_RECORDED:
      fold_demographics(subject, instant_of_ms(event.getHead().getAt()), event.getDemographicsRecorded().getDemog());
      break;
    case Event::ACCOMMODATION_NEED_RECORDED:
      subject.accommodation_need = text_of(event.getAccommodationNeedRecorded().getSpecial().getAccommodationNeed());
      break;
    case Event::APPOINTMENT_BOOKED:
    case Event::APPOINTMENT_RESCHEDULED:
    case Event::APPOINTMENT_CANCELLED:
    case Event::SESSION_HELD:
    case Event::NO_SHOW_RECORDED:
    case Event::SESSION_OUTCOME_CORRECTED: fold_appointment(subject, event); break;
    case Event::SESSION_LOG_WRITTEN:
    case Event::SESSION_LOG_AMENDED: subject.logs.push_back(place.position); break;
    case Event::MESSAGE_SENT: fold_message(subject, place, event.getMessageSent().getCorr(), false); break;
    case Event::MESSAGE_RECEIVED: fold_message(subject, place, event.getMessageReceived().getCorr(), true); break;
    case Event::GUIDANCE_CONCLUDED: fold_conclusion(subject, category, event.getGuidanceConcluded()); break;
    case Event::GUIDANCE_REOPENED:
      fold_reopening(subject, category, instant_of_ms(event.getHead().getAt()), event.getGuidanceReopened());
      break;
    case Event::ERASURE_SCHEDULED: fold_schedule(subject, category, event.getErasureScheduled()); break;
    case Event::SURVEY_INVITATION_SENT: fold_invitation(subject, event.getSurveyInvitationSent()); break;
    case Event::RECORD_CONSULTED:
    case Event::ACCESS_DENIED: subject.reads.push_back(place.position); break;
    case Event::STAFF_ADDED: fold_staff(subject, event.getStaffAdded().getStaff()); break;
    case Event::STAFF_REVOKED:
      if (subject.staff) subject.staff->revoked = true;
      break;
    default: fold_desk(subject, place, event);
  }
}

}  // namespace taus::projections
