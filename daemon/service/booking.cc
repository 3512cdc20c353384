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

void fill_consent(const Core& core, const Call& call, api::FormConsent::Reader in, schema::ConsentEvidence::Builder out) {
  const policy::Profile& profile = core.profile();
  out.setNotice(in.getNotice());
  out.setNoticeHash(capnp::Data::Reader(profile.notice.hash.data(), profile.notice.hash.size()));
  out.setAct(in.getAct());
  out.setLanguage(in.getLanguage());
  auto purposes = out.initPurposes(static_cast<unsigned>(profile.purposes.size()));
  for (unsigned i = 0; i < purposes.size(); ++i) purposes.set(i, profile.purposes[i]);
  out.setIndicatedAt(ms_of(call.now));
}

}  // namespace

Result<void> booking_request(Core& core, const Call& call, api::BookingForm::Reader in, Decision& out) {
  TAUS_TRY(require(standing(call), colleagues | portal, "the booking portal or the centre's staff send the form"));
  TAUS_TRY(check_form(core, in));
  TAUS_TRY_ASSIGN(out.subject, core.store->new_subject());
  out.with_link = true;
  const Mask collected = core.profile().collected;
  fill_booking(core, call, in, out.event(out.subject, collected).initBookingRequested());
  fill_consent(core, call, in.getConsent(), out.event(out.subject).initConsentGiven().initConsent());
  out.event(out.subject).initClientRegistered().initDemog().setYear(static_cast<std::int16_t>(core.zone->year_of(call.now)));
  return {};
}

}  // namespace taus::service
