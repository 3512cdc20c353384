// The code lists that forms and records are checked against; they are put into the program by the build.
//
// Threads: constant data. Errors: invalid_argument with a sentence that says what to give instead; no pointer, the caller knows the field.
// Source: daemon/policy/data/: municipalities of SSB Klass 131 as of 1 January 2024 and what became of the older numbers; countries and
// languages, with what they are called, of Debian's iso-codes 4.15 (ISO 3166-1 alpha-2, and XK for Kosovo, which has no code there, as in
// CLDR; ISO 639-1 and 639-2, both the terminology and the bibliographic codes, and the living languages of ISO 639-3). Where iso-codes gives
// a country's Norwegian name in its formal form only (Den russiske føderasjon), the short one stands.
#pragma once

#include <optional>
#include <string_view>

#include "eventstore/base/result.h"

namespace taus::policy {

inline constexpr std::string_view municipality_unknown = "9999";

// A municipality of 2024, or "unknown". An older number is refused with the one that replaced it.
Result<void> check_municipality(std::string_view code);
Result<void> check_country(std::string_view code);
Result<void> check_language(std::string_view code);

struct Municipality {
  std::string_view name;
  std::string_view county;  // two digits
  std::string_view county_name;
};
// Nothing: no municipality of 2024.
std::optional<Municipality> municipality(std::string_view code);
// As nb, nn or en write it; where the list has no Norwegian name, the English one. Empty: no such language, no such country.
std::string_view language_name(std::string_view code, std::string_view language = "nb");
std::string_view country_name(std::string_view code, std::string_view language);
// The one code that stands for all codes of a language, the shortest (BCP 47): "nb" for "nob", "de" for "ger". Its own where there is no other.
std::string_view language_code(std::string_view code);
// The number of 2024 for an older one that has exactly one successor.
std::optional<std::string_view> municipality_of_2024(std::string_view code);

}  // namespace taus::policy
