#include "daemon/service/commands.h"
#include "daemon/service/form.h"

namespace taus::service {

namespace {

// Whether facts of `demog` are among what is recorded.
bool any_facts(api::Record::Reader in) {
  return in.hasMunicipalityCode() || in.getAgeYears() >= 0 || in.getGender() != schema::Gender::ABSENT || in.hasNationality() ||
         in.hasCountryOfOrigin() || in.hasMotherTongue() || in.hasEducationLevel() || in.hasLabourStatus();
}

void fill_facts(const Core& core, const Call& call, api::Record::Reader in, schema::Demographics::Builder to) {
  if (in.hasMunicipalityCode()) to.setMunicipalityCode(in.getMunicipalityCode());
  if (in.getAgeYears() >= 0) {
    to.setAgeYears(static_cast<std::int16_t>(in.getAgeYears()));
    to.setAgeAsOf(core.zone->local_date(call.now));
  }
  to.setGender(in.getGender());
  if (in.hasNationality()) to.setNationality(in.getNationality());
  if (in.hasCountryOfOrigin()) to.setCountryOfOrigin(in.getCountryOfOrigin());
  if (in.hasMotherTongue()) to.setMotherTongue(in.getMotherTongue());
  if (in.hasEducationLevel()) to.setEducationLevel(in.getEducationLevel());
  if (in.hasLabourStatus()) to.setLabourStatus(in.getLabourStatus());
  to.setCollectedVia(in.getCollectedVia());
}

// What the client told of herself when she booked, told otherwise now (GDPR art. 16).
void rectify_details(api::Record::Reader in, const Subject& subject, Decision& out) {
  const bool intake = in.getFocusAreas().size() > 0 || in.getCurrentSituation().size() > 0;
  const auto given = [](bool any, Category category) { return any ? bit(category) : Mask{0}; };
  const Mask told =
      static_cast<Mask>(given(in.getName().size() > 0, Category::ident) | given(in.getEmail().size() > 0, Category::email) |
                        given(in.getPhone().size() > 0, Category::phone) | given(intake, Category::intake));
  if (told == 0) return;
  auto to = out.event(subject.ordinal, told, &subject)
                .initDetailsRectified();  // no empty parts: a category that is not told of may be gone
  if (in.getName().size() > 0) to.initIdent().setName(in.getName());
  if (in.getEmail().size() > 0) to.initEmail().setEmail(in.getEmail());
  if (in.getPhone().size() > 0) to.initPhone().setPhone(in.getPhone());
  if (in.getFocusAreas().size() > 0) to.initIntake().setFocusAreas(in.getFocusAreas());
  if (in.getCurrentSituation().size() > 0)
    (to.hasIntake() ? to.getIntake() : to.initIntake()).setCurrentSituation(in.getCurrentSituation());
}

}  // namespace

Result<void> subject_record(Core& core, const Call& call, api::Record::Reader in, Decision& out) {
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  TAUS_TRY(require(relations(call, *subject), assigned, "the assigned counsellor records facts about the client"));
  TAUS_TRY(expect_version(*subject, in.getExpectedVersion()));
  TAUS_TRY(expect_named(*subject));
  TAUS_TRY(expect_open_case(*subject));
  TAUS_TRY(expect_consent(*subject));
  TAUS_TRY(check_record(core, in));
  if (in.getCollectedVia() == schema::Collected::ABSENT)
    return Error(ErrorCode::invalid_argument, "say how it was collected: phone, session, email or desk", "/collectedVia");
  if (in.getCollectedVia() == schema::Collected::BOOKING)
    return Error(ErrorCode::invalid_argument,
                 "what a booking tells comes with the form; say how this was collected: phone, session, email or desk",
                 "/collectedVia");
  out.subject = subject->ordinal;
  if (any_facts(in))
    fill_facts(core, call, in, out.event(out.subject, all_categories, subject).initDemographicsRecorded().initDemog());
  if (in.getAccommodationNeed().size() > 0)
    out.event(out.subject, all_categories, subject)
        .initAccommodationNeedRecorded()
        .initSpecial()
        .setAccommodationNeed(in.getAccommodationNeed());
  rectify_details(in, *subject, out);
  return {};
}

}  // namespace taus::service
