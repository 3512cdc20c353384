#include "daemon/policy/code_lists.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "daemon/policy/built_in.h"
#include "eventstore/base/check.h"

namespace taus::policy {
namespace {

using Columns = std::array<std::string_view, 5>;
using Table = std::unordered_map<std::string_view, Columns>;  // by the first column

std::string_view next_until(std::string_view& text, char end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view out = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return out;
}

Table read(std::string_view csv) {
  Table out;
  next_until(csv, '\n');  // the heads
  while (!csv.empty()) {
    std::string_view line = next_until(csv, '\n');
    if (line.empty()) continue;
    Columns columns{};
    for (std::string_view& column : columns) column = next_until(line, ';');
    out.emplace(columns[0], columns);
  }
  TAUS_CHECK(!out.empty());
  return out;
}

const Table& municipalities() {
  static const Table table = read(code_list_text(CodeList::municipalities));
  return table;
}
const Table& older_municipalities() {
  static const Table table = read(code_list_text(CodeList::older_municipalities));
  return table;
}
const Table& countries() {
  static const Table table = read(code_list_text(CodeList::countries));
  return table;
}
const Table& languages() {
  static const Table table = read(code_list_text(CodeList::languages));
  return table;
}

Error bad(std::string message) { return Error(ErrorCode::invalid_argument, std::move(message)); }

}  // namespace

Result<void> check_municipality(std::string_view code) {
  if (code == municipality_unknown || municipalities().contains(code)) return {};
  const auto older = older_municipalities().find(code);
  if (older == older_municipalities().end())
    return bad("there is no municipality with this number: give one of 2024, or 9999 where it is not known");
  const auto successor = municipality_of_2024(code);
  if (!successor && (code.starts_with("21") || code.starts_with("22")))
    return bad(std::string(older->second[1]) + " (" + std::string(code) +
               ") is no municipality: Svalbard and Jan Mayen have none, so give 9999");
  // The code is in a public list, so saying it again tells nothing of anybody.
  const std::string was =
      "municipality " + std::string(code) + " (" + std::string(older->second[1]) + ") is no more since 2024 or before: ";
  if (!successor) return bad(was + "it was divided, so give the number of 2024 of the part that is meant");
  return bad(was + "give " + std::string(*successor) + " (" + std::string(municipality(*successor)->name) +
             "), which replaced it");
}

Result<void> check_country(std::string_view code) {
  if (countries().contains(code)) return {};
  return bad("there is no such country: give two capital letters of ISO 3166-1, as NO, or XK for Kosovo");
}

Result<void> check_language(std::string_view code) {
  if (languages().contains(code)) return {};
  return bad("there is no such language: give two or three small letters of ISO 639, as nb or sma");
}

std::optional<Municipality> municipality(std::string_view code) {
  const auto found = municipalities().find(code);
  if (found == municipalities().end()) return std::nullopt;
  return Municipality{.name = found->second[1], .county = found->second[2], .county_name = found->second[3]};
}

std::string_view language_name(std::string_view code, std::string_view language) {
  const auto found = languages().find(code);
  return found == languages().end() ? std::string_view() : found->second[language == "en" ? 1 : 2];
}

std::string_view country_name(std::string_view code, std::string_view language) {
  const auto found = countries().find(code);
  return found == countries().end() ? std::string_view() : found->second[language == "en" ? 1 : language == "nn" ? 3 : 2];
}

std::string_view language_code(std::string_view code) {
  const auto found = languages().find(code);
  return found == languages().end() || found->second[3].empty() ? code : found->second[3];
}

std::optional<std::string_view> municipality_of_2024(std::string_view code) {
  const auto found = older_municipalities().find(code);
  if (found == older_municipalities().end() || !municipalities().contains(found->second[4])) return std::nullopt;
  return found->second[4];
}

}  // namespace taus::policy
