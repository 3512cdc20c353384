#include "tools/package_words.h"

#include <algorithm>
#include <array>
#include <span>

namespace taus::tools {

namespace {

struct Entry {
  std::string_view name;
  Words words;
};

constexpr Entry events[] = {
    {"inquiryReceived", {"Spørsmål mottatt", "Spørsmål motteke", "Question received"}},
    {"inquiryAnswered", {"Spørsmål besvart", "Spørsmål svart på", "Question answered"}},
    {"bookingRequested", {"Bestilling mottatt", "Bestilling motteken", "Booking received"}},
    {"consentGiven", {"Samtykke gitt", "Samtykke gitt", "Consent given"}},
    {"consentAsked", {"Bedt om samtykke", "Bede om samtykke", "Consent asked for"}},
    {"disclosureConsentGiven", {"Samtykke til å gi videre", "Samtykke til å gi vidare", "Consent to passing on"}},
    {"disclosureConsentWithdrawn",
     {"Samtykke til å gi videre trukket", "Samtykke til å gi vidare trekt", "Consent to passing on withdrawn"}},
    {"dataDisclosed", {"Gitt videre", "Gitt vidare", "Passed on"}},
    {"recipientsNotified", {"Mottaker varslet", "Mottakar varsla", "Recipient told"}},
    {"consentWithdrawn", {"Samtykke trukket", "Samtykke trekt", "Consent withdrawn"}},
    {"clientRegistered", {"Registrert", "Registrert", "Registered"}},
    {"counsellorAssigned", {"Veileder valgt", "Rettleiar vald", "Counsellor assigned"}},
    {"demographicsRecorded", {"Bakgrunn ført", "Bakgrunn ført", "Background recorded"}},
    {"accommodationNeedRecorded", {"Behov ført", "Behov ført", "Need recorded"}},
    {"detailsRectified", {"Opplysninger rettet", "Opplysningar retta", "Details rectified"}},
    {"appointmentBooked", {"Time avtalt", "Time avtalt", "Appointment booked"}},
    {"appointmentRescheduled", {"Time flyttet", "Time flytta", "Appointment moved"}},
    {"appointmentCancelled", {"Time avlyst", "Time avlyst", "Appointment cancelled"}},
    {"sessionHeld", {"Samtale gjennomført", "Samtale gjennomført", "Session held"}},
    {"noShowRecorded", {"Ikke møtt", "Ikkje møtt", "Did not attend"}},
    {"sessionOutcomeCorrected", {"Oppmøte rettet", "Oppmøte retta", "Attendance corrected"}},
    {"sessionLogWritten", {"Logg skrevet", "Logg skriven", "Log written"}},
    {"sessionLogAmended", {"Logg rettet", "Logg retta", "Log amended"}},
    {"messageSent", {"Melding sendt", "Melding send", "Message sent"}},
    {"messageReceived", {"Melding mottatt", "Melding motteken", "Message received"}},
    {"guidanceConcluded", {"Veiledningen avsluttet", "Rettleiinga avslutta", "Guidance concluded"}},
    {"guidanceReopened", {"Veiledningen gjenopptatt", "Rettleiinga teken opp att", "Guidance reopened"}},
    {"recordConsulted", {"Sett på", "Sett på", "Consulted"}},
    {"accessDenied", {"Innsyn nektet", "Innsyn nekta", "Access denied"}},
    {"erasureScheduled", {"Sletting planlagt", "Sletting planlagd", "Erasure scheduled"}},
    {"shredRequested", {"Sletting bestilt", "Sletting bestilt", "Erasure ordered"}},
    {"legalHoldPlaced", {"Sletting stanset", "Sletting stansa", "Legal hold placed"}},
    {"legalHoldReleased", {"Stans opphevet", "Stans oppheva", "Legal hold released"}},
    {"restrictionImposed", {"Bruken begrenset", "Bruken avgrensa", "Processing restricted"}},
    {"restrictionLifted", {"Begrensning opphevet", "Avgrensing oppheva", "Restriction lifted"}},
    {"surveyInvitationSent", {"Invitasjon sendt", "Invitasjon send", "Invitation sent"}},
    {"returningClientMatched", {"Kjent igjen", "Kjend att", "Recognised as returning"}},
    {"rightsRequestReceived", {"Krav mottatt", "Krav motteke", "Request received"}},
    {"rightsIdentityVerified", {"Identitet bekreftet", "Identitet stadfesta", "Identity verified"}},
    {"rightsDeadlineExtended", {"Svarfrist utsatt", "Svarfrist utsett", "Deadline extended"}},
    {"rightsRequestDecided", {"Krav avgjort", "Krav avgjort", "Request decided"}},
    {"snapshotTaken", {"Kopi tatt", "Kopi teken", "Copy taken"}},
};

constexpr Entry fields[] = {
    {"sessions", {"Samtaler det året", "Samtalar det året", "Sessions that year"}},
    {"since", {"Første opplysning", "Første opplysning", "First told"}},
    {"lastStart", {"Siste samtale begynte", "Siste samtale byrja", "Last session began"}},
    {"lastEnd", {"Siste samtale sluttet", "Siste samtale slutta", "Last session ended"}},
    {"lastAppointment", {"Siste time", "Siste time", "Last appointment"}},
    {"openEnd", {"Siste time uten oppmøte ført", "Siste time utan oppmøte ført", "Last appointment without outcome"}},
    {"dropped",
     {"Siste time som ikke ble noe av", "Siste time som det ikkje vart noko av", "Last appointment that did not take place"}},
    {"lastActivity", {"Siste kontakt", "Siste kontakt", "Last contact"}},
    {"kind", {"Type", "Type", "Kind"}},
    {"by", {"Av", "Av", "By"}},
    {"reason", {"Begrunnelse", "Grunngiving", "Reason"}},
    {"at", {"Tidspunkt", "Tidspunkt", "Time"}},
    {"sequence", {"Samtale nummer", "Samtale nummer", "Session number"}},
    {"year", {"År", "År", "Year"}},
    {"method", {"Måte", "Måte", "Method"}},
    {"outcome", {"Resultat", "Resultat", "Outcome"}},
    {"how", {"Hvordan", "Korleis", "How"}},
    {"ground", {"Grunnlag", "Grunnlag", "Ground"}},
    {"basis", {"Grunnlag", "Grunnlag", "Basis"}},
    {"categories", {"Opplysninger", "Opplysningar", "Data"}},
    {"reference", {"Referanse", "Referanse", "Reference"}},
    {"reviewDate", {"Vurderes igjen", "Blir vurdert att", "Reviewed on"}},
    {"informedAt", {"Varslet", "Varsla", "Told"}},
    {"concludedAt", {"Avsluttet", "Avslutta", "Concluded"}},
    {"late", {"For sent", "For seint", "Late"}},
    {"invited", {"Invitert til undersøkelse", "Invitert til undersøking", "Invited to the survey"}},
    {"surveyAt", {"Invitasjon sendes", "Invitasjon blir send", "Invitation goes out"}},
    {"byClient", {"Bekreftet av deg", "Stadfesta av deg", "Confirmed by you"}},
    {"format", {"Form", "Form", "Format"}},
};

constexpr std::string_view listed[] = {
    "channel", "act", "kind",   "by",       "outcome", "gender",          "collectedVia", "method",   "ground",  "grounds",
    "basis",   "how", "reason", "purposes", "action",  "attestNoSpecial", "late",         "byClient", "invited", "labourStatus"};

constexpr Entry roles[] = {
    {"counsellor", {"veileder", "rettleiar", "counsellor"}},
    {"leader", {"leder", "leiar", "manager"}},
    {"desk", {"skranke", "skranke", "front desk"}},
    {"dpo", {"personvernombud", "personvernombod", "data protection officer"}},
    {"hr", {"personalansvarlig", "personalansvarleg", "staff administration"}},
    {"auditor", {"revisor", "revisor", "auditor"}},
    {"operator", {"drift", "drift", "operations"}},
    {"client", {"deg", "deg", "you"}},
    {"system", {"systemet", "systemet", "the system"}},
    {"developer", {"utvikler", "utviklar", "developer"}},
};

constexpr Entry values[] = {
    {"inPerson", {"ved oppmøte", "ved oppmøte", "in person"}},
    {"video", {"video", "video", "video"}},
    {"phone", {"telefon", "telefon", "telephone"}},
    {"email", {"e-post", "e-post", "e-mail"}},
    {"sms", {"SMS", "SMS", "SMS"}},
    {"web", {"nettskjema", "nettskjema", "web form"}},
    {"paper", {"papir", "papir", "paper"}},
    {"booking", {"bestilling", "bestilling", "booking"}},
    {"session", {"samtale", "samtale", "session"}},
    {"desk", {"skranke", "skranke", "desk"}},
    {"female", {"kvinne", "kvinne", "female"}},
    {"male", {"mann", "mann", "male"}},
    {"other", {"annet", "anna", "other"}},
    {"unknown", {"ukjent", "ukjend", "unknown"}},
    {"checkbox", {"avkryssing", "avkryssing", "box ticked"}},
    {"formSubmit", {"skjema sendt inn", "skjema sendt inn", "form submitted"}},
    {"oral", {"muntlig", "munnleg", "orally"}},
    {"individual", {"enesamtale", "einesamtale", "individual"}},
    {"preCall", {"forsamtale", "forsamtale", "preliminary call"}},
    {"group", {"gruppe", "gruppe", "group"}},
    {"client", {"deg", "deg", "you"}},
    {"centre", {"senteret", "senteret", "the centre"}},
    {"held", {"gjennomført", "gjennomført", "held"}},
    {"noShow", {"ikke møtt", "ikkje møtt", "did not attend"}},
    {"cancelled", {"avlyst", "avlyst", "cancelled"}},
    {"explicit", {"av veilederen", "av rettleiaren", "by the counsellor"}},
    {"automatic", {"av seg selv", "av seg sjølv", "by itself"}},
    {"guidance", {"veiledning", "rettleiing", "guidance"}},
    {"accommodation", {"tilrettelegging", "tilrettelegging", "adaptation"}},
    {"survey", {"brukerundersøkelse", "brukarundersøking", "user survey"}},
    {"statistics", {"statistikk", "statistikk", "statistics"}},
    {"access", {"innsyn", "innsyn", "access"}},
    {"portability", {"dataportabilitet", "dataportabilitet", "portability"}},
    {"rectify", {"retting", "retting", "rectification"}},
    {"supplement", {"utfylling", "utfylling", "supplement"}},
    {"erase", {"sletting", "sletting", "erasure"}},
    {"restrict", {"begrensning", "avgrensing", "restriction"}},
    {"object", {"protest", "protest", "objection"}},
    {"complaint", {"klage", "klage", "complaint"}},
    {"fulfilled", {"innfridd", "innfridd", "fulfilled"}},
    {"partly", {"delvis innfridd", "delvis innfridd", "fulfilled in part"}},
    {"refused", {"avslått", "avslått", "refused"}},
    {"unfounded", {"åpenbart grunnløst", "openbert grunnlaust", "manifestly unfounded"}},
    {"excessive", {"overdrevent", "overdrive", "excessive"}},
    {"identityNotVerified", {"identitet ikke bekreftet", "identitet ikkje stadfesta", "identity not verified"}},
    {"legalClaim", {"rettskrav", "rettskrav", "legal claim"}},
    {"archiveDuty", {"arkivplikt", "arkivplikt", "duty to archive"}},
    {"legalObligation", {"rettslig plikt", "rettsleg plikt", "legal obligation"}},
    {"rightsOfOthers", {"andres rettigheter", "rettane til andre", "rights of others"}},
    {"secrecy", {"taushetsplikt", "teieplikt", "secrecy"}},
    {"noSuchRight", {"retten gjelder ikke her", "retten gjeld ikkje her", "no such right here"}},
    {"alreadyCorrect", {"allerede riktig", "alt rett", "already correct"}},
    {"nothingHeld", {"ingen opplysninger", "ingen opplysningar", "nothing held"}},
    {"link", {"din egen lenke", "di eiga lenkje", "your own link"}},
    {"known", {"kjent for oss", "kjend for oss", "known to us"}},
    {"documentSeen", {"legitimasjon vist", "legitimasjon vist", "document shown"}},
    {"callBack", {"ringt tilbake", "ringt tilbake", "called back"}},
    {"electronicId", {"elektronisk ID", "elektronisk ID", "electronic ID"}},
    {"complexity", {"kravet er sammensatt", "kravet er samansett", "complexity"}},
    {"number", {"mange krav", "mange krav", "number of requests"}},
    {"name", {"navn", "namn", "name"}},
    {"accuracyContested", {"riktigheten bestridt", "rettleiken bestridd", "accuracy contested"}},
    {"unlawful", {"ulovlig behandling", "ulovleg behandling", "unlawful processing"}},
    {"neededForClaim", {"trengs til rettskrav", "trengst til rettskrav", "needed for a claim"}},
    {"objection", {"protest", "protest", "objection"}},
    {"unnecessary", {"ikke nødvendig", "ikkje nødvendig", "not necessary"}},
    {"withdrawn", {"samtykke trukket", "samtykke trekt", "consent withdrawn"}},
    {"retention", {"lagringstiden er ute", "lagringstida er ute", "retention is over"}},
    {"withdrawal", {"samtykke trukket", "samtykke trekt", "consent withdrawn"}},
    {"request", {"ditt krav", "ditt krav", "your request"}},
    {"maintenance", {"vedlikehold", "vedlikehald", "maintenance"}},
    {"rectified", {"rettet", "retta", "rectified"}},
    {"erased", {"slettet", "sletta", "erased"}},
    {"restricted", {"begrenset", "avgrensa", "restricted"}},
    {"work", {"i arbeid", "i arbeid", "in work"}},
    {"employed", {"ansatt", "tilsett", "employed"}},
    {"selfEmployed", {"selvstendig næringsdrivende", "sjølvstendig næringsdrivande", "self-employed"}},
    {"education", {"i utdanning", "i utdanning", "in education"}},
    {"workAndEducation", {"arbeid og utdanning", "arbeid og utdanning", "work and education"}},
    {"jobSeeking", {"arbeidssøker", "arbeidssøkjar", "looking for work"}},
    {"unemployed", {"arbeidsledig", "arbeidsledig", "unemployed"}},
    {"onLeave", {"i permisjon", "i permisjon", "on leave"}},
    {"benefits", {"mottar ytelser", "får ytingar", "on benefits"}},
    {"neither", {"verken arbeid eller utdanning", "verken arbeid eller utdanning", "neither work nor education"}},
    {"true", {"ja", "ja", "yes"}},
    {"false", {"nei", "nei", "no"}},
};

// Levels of NUS2000, its first digit.
constexpr Entry education[] = {
    {"0", {"ingen utdanning og førskole", "inga utdanning og førskule", "none, and pre-school"}},
    {"1", {"barneskole", "barneskule", "primary school"}},
    {"2", {"ungdomsskole", "ungdomsskule", "lower secondary school"}},
    {"3", {"videregående, grunnutdanning", "vidaregåande, grunnutdanning", "upper secondary, basic"}},
    {"4", {"videregående, avsluttende", "vidaregåande, avsluttande", "upper secondary, completed"}},
    {"5", {"påbygging til videregående, fagskole", "påbygging til vidaregåande, fagskule", "post-secondary, vocational college"}},
    {"6", {"universitet/høgskole, lavere nivå", "universitet/høgskule, lågare nivå", "university or college, lower level"}},
    {"7", {"universitet/høgskole, høyere nivå", "universitet/høgskule, høgare nivå", "university or college, higher level"}},
    {"8", {"forskerutdanning", "forskarutdanning", "doctoral"}},
    {"9", {"uoppgitt", "ikkje oppgitt", "not stated"}},
};

constexpr Entry deferrals[] = {
    {"active", {"etter at saken er avsluttet", "etter at saka er avslutta", "after the case is concluded"}},
    {"hold", {"når stansen er opphevet", "når stansen er oppheva", "once the legal hold is released"}},
    {"restriction", {"når begrensningen er opphevet", "når avgrensinga er oppheva", "once the restriction is lifted"}},
};

constexpr Entry undated[] = {
    {"copy", {"når kravet er besvart", "når kravet er svart på", "once the request is answered"}},
    {"rights", {"tidligst når kravet er besvart", "tidlegast når kravet er svart på", "not before the request is answered"}},
    {"audit", {"tidligst når kravet er besvart", "tidlegast når kravet er svart på", "not before the request is answered"}},
};

const Words* find(std::span<const Entry> in, std::string_view name) {
  const auto it = std::find_if(in.begin(), in.end(), [&](const Entry& one) { return one.name == name; });
  return it == in.end() ? nullptr : &it->words;
}

}  // namespace

const Words* event_words(std::string_view event) { return find(events, event); }
const Words* role_words(std::string_view role) { return find(roles, role); }
const Words* field_words(std::string_view field) { return find(fields, field); }
const Words* deferral_words(std::string_view deferral) { return find(deferrals, deferral); }
const Words* undated_words(std::string_view category) { return find(undated, category); }

const Words* value_words(std::string_view event, std::string_view field, std::string_view value) {
  if (field == "educationLevel") return find(education, value);
  if (field == "reason" && event != "shredRequested") return nullptr;  // somebody's own words
  return std::find(std::begin(listed), std::end(listed), field) == std::end(listed) ? nullptr : find(values, value);
}

bool machine_only(std::string_view event, std::string_view field) {
  if (event == "accessDenied" && field == "method") return true;  // of the API
  static constexpr std::string_view names[] = {"noticeHash", "counsellor", "author",  "confirmedBy",
                                               "supersedes", "manifest",   "counted", "earlier"};
  return std::find(std::begin(names), std::end(names), field) != std::end(names);
}

}  // namespace taus::tools
