#include "daemon/service/commands.h"
#include "daemon/service/form.h"

namespace taus::service {

namespace {

void fill_demographics(const Core& core, const Call& call, api::BookingForm::Reader in, schema::Demographics::Builder out) {
  if (in.hasMunicipalityCode()) out.setMunicipalityCode(in.getMunicipalityCode());
  if (in.getAgeYears() >= 0) {
    out.setAgeYears(static_cast<std::int16_t>(in.getAgeYears()));
    out.setAgeAsOf(core.zone->local_date(call.now));
  }
  out.setGender(in.getGender());
  if (in.hasNationality()) out.setNationality(in.getNationality());
  if (in.hasMotherTongue()) out.setMotherTongue(in.getMotherTongue());
  out.setCollectedVia(schema::Collected::BOOKING);
}

void fill_booking(const Core& core, const Call& call, api::BookingForm::Reader in, schema::BookingRequested::Builder out) {
  if (in.hasName()) out.initIdent().setName(in.getName());
  if (in.hasEmail()) out.initEmail().setEmail(in.getEmail());
  if (in.hasPhone()) out.initPhone().setPhone(in.getPhone());
  fill_demographics(core, call, in, out.initDemog());
  auto intake = out.initIntake();
  if (in.hasFocusAreas()) intake.setFocusAreas(in.getFocusAreas());
  if (in.hasCurrentSituation()) intake.setCurrentSituation(in.getCurrentSituation());
  if (in.getAccommodationNeed().size() > 0) out.initSpecial().setAccommodationNeed(in.getAccommodationNeed());
  if (in.hasWanted() || in.getChannel() != schema::Channel::ABSENT) {
    auto wanted = out.initAppt();
    if (in.hasWanted()) wanted.setWanted(in.getWanted());
    wanted.setChannel(in.getChannel());
  }
}

}  // namespace

Result<void> booking_request(Core& core, const Call& call, api::BookingForm::Reader in, Decision& out) {
  TAUS_TRY(require(standing(call), colleagues | portal, "the booking portal or the centre's staff send the form"));
  // What staff enter is not the client's own act, whatever the form says of it (VT-08).
  const bool waits = core.profile().consent_by_client_alone && call.actor.kind == schema::ActorKind::STAFF;
  TAUS_TRY(check_form(core, in, !waits));
  TAUS_TRY_ASSIGN(out.subject, core.store->new_subject());
  out.with_link = true;
  const Mask collected = core.profile().collected;
  fill_booking(core, call, in, out.event(out.subject, collected).initBookingRequested());
  if (waits) {
    ask_consent(core, call, out);
  } else {
    const auto consent = in.getConsent();
    give_consent(core, call,
                 {.notice = text_of(consent.getNotice()), .act = consent.getAct(), .language = text_of(consent.getLanguage())},
                 out.subject, nullptr, out);
  }
  out.event(out.subject).initClientRegistered().initDemog().setYear(static_cast<std::int16_t>(core.zone->year_of(call.now)));
  return {};
}

}  // namespace taus::service
