// The requests of a client's life, filled in the way a frontend does. Each takes the builder and what varies.
//
// Threads: pure functions.
#pragma once

#include <initializer_list>
#include <string>

#include "daemon/protocol/api.capnp.h"
#include "eventstore/base/clock.h"

namespace taus::test {

using Ask = api::Request::Builder;

// Who acts, and the request id.
inline void by(Ask r, const std::string& staff, const std::string& request_id = {}) {
  if (!staff.empty()) r.setAs(staff);
  if (!request_id.empty()) r.setRequestId(request_id);
}
inline void fill_staff(Ask r, const std::string& name, std::initializer_list<schema::Role> roles) {
  auto in = r.initStaffAdd();
  in.setName(name);
  auto list = in.initRoles(static_cast<unsigned>(roles.size()));
  unsigned i = 0;
  for (const schema::Role role : roles) list.set(i++, role);
  in.setConfidentialitySigned("2025-01-01");
}
inline void fill_form(Ask r, const std::string& name, const std::string& email, const std::string& phone) {
  auto in = r.initBookingRequest();
  in.setName(name);
  in.setEmail(email);
  in.setPhone(phone);
  in.setMunicipalityCode("4003");
  in.setAgeYears(34);
  in.initFocusAreas(1).set(0, "jobbytte");
  auto consent = in.initConsent();
  consent.setNotice("VT-2022-09-15");
  consent.setAct(schema::ConsentAct::CHECKBOX);
  consent.setLanguage("nb");
}
// By the client's own link.
inline void fill_tick(Ask r) {
  auto in = r.initConsentGive();
  in.setNotice("VT-2022-09-15");
  in.setAct(schema::ConsentAct::CHECKBOX);
  in.setLanguage("nb");
}
inline void fill_book(Ask r, const std::string& subject, const std::string& counsellor, Instant start, int minutes = 60) {
  auto in = r.initBookingBook();
  in.setSubject(subject);
  in.setCounsellor(counsellor);
  in.setStart(ms_of(start));
  in.setMinutes(minutes);
  in.setChannel(schema::Channel::IN_PERSON);
}
inline void fill_move(Ask r, const std::string& subject, std::int64_t number, Instant start) {
  auto in = r.initBookingReschedule();
  in.setSubject(subject);
  in.setNumber(number);
  in.setStart(ms_of(start));
}
inline void fill_cancel(Ask r, const std::string& subject, std::int64_t number) {
  auto in = r.initBookingCancel();
  in.setSubject(subject);
  in.setNumber(number);
}
inline void fill_held(Ask r, const std::string& subject, std::int64_t number = -1) {
  auto in = r.initBookingHeld();
  in.setSubject(subject);
  in.setNumber(number);
}
inline void fill_log(Ask r, const std::string& subject, const std::string& text, bool attested = true) {
  auto in = r.initLogWrite();
  in.setSubject(subject);
  in.setOrder(text);
  in.setAttestNoSpecial(attested);
}
inline void fill_message(Ask r, const std::string& subject, const std::string& direction, const std::string& body) {
  auto in = r.initMessageAdd();
  in.setSubject(subject);
  in.setDirection(direction);
  in.setChannel(schema::Channel::EMAIL);
  in.setBody(body);
}
inline void fill_record(Ask r, const std::string& subject, schema::Gender gender) {
  auto in = r.initSubjectRecord();
  in.setSubject(subject);
  in.setGender(gender);
  in.setCollectedVia(schema::Collected::SESSION);
}
inline void fill_conclude(Ask r, const std::string& subject) { r.initSubjectConclude().setSubject(subject); }
inline void fill_reopen(Ask r, const std::string& subject) { r.initSubjectReopen().setSubject(subject); }
inline void fill_show(Ask r, const std::string& subject) { r.initSubjectShow().setSubject(subject); }
inline void fill_withdraw(Ask r, const std::string& subject, bool no_wait = false) {
  auto in = r.initConsentWithdraw();
  in.setSubject(subject);
  in.setMethod(schema::Channel::EMAIL);
  in.setNoWait(no_wait);
}
inline void fill_shred(Ask r, const std::string& subject, std::initializer_list<schema::Category> categories,
                       std::int64_t decision) {
  auto in = r.initShred();
  in.setSubject(subject);
  in.setReason(schema::ShredReason::REQUEST);
  in.setDecision(decision);
  auto list = in.initCategories(static_cast<unsigned>(categories.size()));
  unsigned i = 0;
  for (const schema::Category one : categories) list.set(i++, one);
}

inline void fill_hold(Ask r, const std::string& subject, std::initializer_list<schema::Category> categories) {
  auto in = r.initHoldPlace();
  in.setSubject(subject);
  in.setGround(schema::HoldGround::LEGAL_CLAIM);
  auto list = in.initCategories(static_cast<unsigned>(categories.size()));
  unsigned i = 0;
  for (const schema::Category one : categories) list.set(i++, one);
}
inline void fill_rights(Ask r, const std::string& subject, schema::RightsKind kind) {
  auto in = r.initRightsOpen();
  in.setSubject(subject);
  in.setKind(kind);
}
inline void fill_verify(Ask r, const std::string& request) {
  auto in = r.initRightsVerify();
  in.setRequest(request);
  in.setMethod(schema::IdentityMethod::KNOWN);
}
inline void fill_decide(Ask r, const std::string& request, schema::RightsOutcome outcome) {
  auto in = r.initRightsDecide();
  in.setRequest(request);
  in.setOutcome(outcome);
  if (outcome == schema::RightsOutcome::FULFILLED) return;
  in.initGrounds(1).set(0, schema::RightsGround::LEGAL_CLAIM);
  in.setText("Kravet er til behandling i retten.");
}

}  // namespace taus::test
