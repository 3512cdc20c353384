#include "daemon/service/statistics_names.h"

#include <algorithm>
#include <array>

#include "daemon/policy/code_lists.h"

namespace taus::service {

namespace {

struct Word {
  std::string_view code, nb;
};

constexpr std::array<Word, 13> tables{{{"sessionsPerClient", "Antall samtaler"},
                                       {"notHeld", "Timer som ikke ble holdt"},
                                       {"channel", "Kanal"},
                                       {"surveyInvitations", "Invitasjoner til brukerundersøkelsen"},
                                       {"erasures", "Slettinger (nøkler ødelagt)"},
                                       {"erasuresLate", "Slettinger etter fristen"},
                                       {"rightsRequests", "Rettighetskrav avgjort"},
                                       {"rightsDays", "Dager til svar på rettighetskrav"},
                                       {"rightsLate", "Rettighetskrav besvart etter fristen"},
                                       {"groupSessions", "Gruppesamtaler og kurs"},
                                       {"groupParticipants", "Deltakere i grupper og kurs"},
                                       {"inquiries", "Henvendelser mottatt"},
                                       {"inquiriesAnswered", "Henvendelser besvart"}}};

constexpr std::array<Word, 36> words{{{"female", "Kvinne"},
                                      {"male", "Mann"},
                                      {"other", "Annet"},
                                      {"unknown", "Uoppgitt"},
                                      {"notListed", "Utenfor listen"},
                                      {"inPerson", "Oppmøte"},
                                      {"video", "Video"},
                                      {"phone", "Telefon"},
                                      {"norway", "Norge"},
                                      {"euEea", "EU/EØS ellers"},
                                      {"noShow", "Ikke møtt"},
                                      {"cancelled", "Avlyst"},
                                      {"work", "I arbeid"},
                                      {"employed", "Ansatt"},
                                      {"selfEmployed", "Selvstendig næringsdrivende"},
                                      {"education", "I utdanning"},
                                      {"workAndEducation", "Arbeid og utdanning"},
                                      {"jobSeeking", "Arbeidssøker"},
                                      {"unemployed", "Arbeidsledig"},
                                      {"onLeave", "I permisjon"},
                                      {"benefits", "Mottar ytelser"},
                                      {"neither", "Verken arbeid eller utdanning"},
                                      {"access", "Innsyn"},
                                      {"portability", "Dataportabilitet"},
                                      {"rectify", "Retting"},
                                      {"supplement", "Utfylling"},
                                      {"erase", "Sletting"},
                                      {"restrict", "Begrensning"},
                                      {"object", "Innsigelse"},
                                      {"complaint", "Klage"},
                                      {"0-7", "Inntil 7 dager"},
                                      {"8-14", "8–14 dager"},
                                      {"15-30", "15–30 dager"},
                                      {"31-90", "31–90 dager"},
                                      {"91+", "Mer enn 90 dager"},
                                      {"withheld", "Holdt tilbake"}}};

// NUS2000, first digit.
constexpr std::array<std::string_view, 10> education{"Ingen utdanning og førskole",
                                                     "Barneskole",
                                                     "Ungdomsskole",
                                                     "Videregående, grunnutdanning",
                                                     "Videregående, avsluttende",
                                                     "Påbygging til videregående, fagskole",
                                                     "Universitet/høgskole, lavere nivå",
                                                     "Universitet/høgskole, høyere nivå",
                                                     "Forskerutdanning",
                                                     "Uoppgitt"};

template <std::size_t n>
std::string named(const std::array<Word, n>& in, const std::string& code) {
  const auto* const found = std::find_if(in.begin(), in.end(), [&](const Word& one) { return one.code == code; });
  return found == in.end() ? code : std::string(found->nb);
}

std::string age_name(const std::string& band) {
  if (band.ends_with('+')) return band.substr(0, band.size() - 1) + " år og eldre";
  if (band.starts_with("0-")) return "Under " + std::to_string(std::stoi(band.substr(2)) + 1) + " år";
  const std::size_t dash = band.find('-');
  return dash == std::string::npos ? named(words, band) : band.substr(0, dash) + "–" + band.substr(dash + 1) + " år";
}

}  // namespace

std::string table_name(const policy::Profile& profile, const std::string& table) {
  const policy::Field* field = profile.form_field(table);
  if (field == nullptr) field = profile.record_field(table);
  return field == nullptr ? named(tables, table) : field->label.nb;
}

std::string cell_name(const std::string& table, const std::string& code) {
  if (table == "municipalityCode") {
    if (const auto one = policy::municipality(code)) return std::string(one->name) + " (" + std::string(one->county_name) + ")";
  } else if (table == "educationLevel" && code.size() == 1 && code[0] >= '0' && code[0] <= '9') {
    return std::string(education[static_cast<std::size_t>(code[0] - '0')]);
  } else if (table == "motherTongue") {
    if (const std::string_view name = policy::language_name(code); !name.empty()) return std::string(name);
    if (code == "other") return "Andre språk";
  } else if (table == "ageYears") {
    return age_name(code);
  } else if (table == "focusAreas") {
    if (code == "other") return "Andre ord";
    return code == "unknown" ? named(words, code) : code;  // the clients' own words
  } else if (table == "sessionsPerClient") {
    return code == "1" ? "1 samtale" : code == "3+" ? "3 eller flere" : code == "2" ? "2 samtaler" : named(words, code);
  } else if ((table == "countryOfOrigin" || table == "nationality") && code == "other") {
    return "Andre land";
  }
  return named(words, code);
}

}  // namespace taus::service
