#include "daemon/service/form.h"

#include <algorithm>
#include <set>

#include "daemon/policy/code_lists.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/text_check.h"

namespace taus::service {

namespace {

// One field as given: texts, or a number, or nothing.
struct Given {
  const char* name;
  bool present = false;
  std::vector<std::string_view> texts;
  std::optional<std::int64_t> number;
};

Error bad(const char* name, std::string message) {
  return {ErrorCode::invalid_argument, std::move(message), std::string("/") + name};
}

// The same outcome, with the field it is about.
Result<void> at(const char* name, Result<void> outcome) {
  if (outcome) return outcome;
  return bad(name, outcome.error().message);
}

Given text_field(const char* name, bool has, capnp::Text::Reader text) {
  return {.name = name, .present = has && text.size() > 0, .texts = {text_of(text)}, .number = {}};
}

Given list_field(const char* name, bool has, capnp::List<capnp::Text>::Reader list) {
  Given out{.name = name, .present = has && list.size() > 0, .texts = {}, .number = {}};
  for (const auto one : list) out.texts.push_back(text_of(one));
  return out;
}

Given number_field(const char* name, std::int64_t value) {
  return {.name = name, .present = value != -1, .texts = {}, .number = value};
}

template <class Enum>
Given enum_field(const char* name, Enum value) {
  return {.name = name, .present = value != Enum::ABSENT, .texts = {}, .number = {}};
}

template <class In>
std::vector<Given> common_fields(In in) {
  return {text_field("municipalityCode", in.hasMunicipalityCode(), in.getMunicipalityCode()),
          number_field("ageYears", in.getAgeYears()),
          enum_field("gender", in.getGender()),
          text_field("nationality", in.hasNationality(), in.getNationality()),
          text_field("motherTongue", in.hasMotherTongue(), in.getMotherTongue()),
          text_field("accommodationNeed", in.hasAccommodationNeed(), in.getAccommodationNeed())};
}

bool all_of(std::string_view text, bool (*test)(char)) { return std::all_of(text.begin(), text.end(), test); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

Result<void> check_one_text(const policy::Field& field, const char* name, std::string_view text) {
  const std::string pointer = std::string("/") + name;
  switch (field.type) {
    case policy::FieldType::name: return schema::check_name(text, limits::name_bytes_max, pointer);
    case policy::FieldType::email: return check_email(text, pointer.c_str());
    case policy::FieldType::phone: return check_phone(text, pointer.c_str());
    case policy::FieldType::municipality:
      if (text.size() != 4 || !all_of(text, is_digit)) return bad(name, "a municipality number has four digits");
      return at(name, policy::check_municipality(text));
    case policy::FieldType::country:
      if (text.size() != 2 || !all_of(text, is_upper)) return bad(name, "a country is two capital letters (ISO 3166-1 alpha-2)");
      return at(name, policy::check_country(text));
    case policy::FieldType::language:
      if (text.size() < 2 || text.size() > 3 || !all_of(text, is_lower))
        return bad(name, "a language is two or three small letters (ISO 639)");
      return at(name, policy::check_language(text));
    case policy::FieldType::code:
    case policy::FieldType::codes:
      if (!field.options.empty() && std::find(field.options.begin(), field.options.end(), text) == field.options.end())
        return bad(name, "this value is not one the profile lists");
      return schema::check_text(text, limits::name_bytes_max, pointer);
    case policy::FieldType::text:
    case policy::FieldType::texts: return schema::check_text(text, limits::text_bytes_max, pointer);
    case policy::FieldType::age:
    case policy::FieldType::gender: return {};
  }
  return {};
}

Result<void> check_value(const policy::Field& field, const Given& given) {
  if (field.type == policy::FieldType::age && (!given.number || *given.number < 0 || *given.number > limits::age_years_max))
    return bad(given.name, "an age is a whole number from 0 to 120");
  const bool list = field.type == policy::FieldType::texts || field.type == policy::FieldType::codes;
  for (const std::string_view text : given.texts) {
    TAUS_TRY(check_one_text(field, given.name, text));
    if (list && schema::blank(text)) return bad(given.name, "an entry of the list is empty: leave it out");
    if (schema::blank(text)) return bad(given.name, "there is nothing in it but blanks: fill it in or leave it out");
  }
  if (field.type == policy::FieldType::codes &&
      std::set<std::string_view>(given.texts.begin(), given.texts.end()).size() < given.texts.size())
    return bad(given.name, "a value of the list is given twice: give each once");
  return {};
}

}  // namespace

Result<void> check_consent(const policy::Profile& profile, const ConsentAsTold& told, const std::string& pointer) {
  if (told.notice != profile.notice.id)
    return Error(ErrorCode::invalid_argument, "consent must be to the notice in force, '" + profile.notice.id + "'",
                 pointer + "/notice");
  static constexpr std::array<schema::ConsentAct, 4> acts{schema::ConsentAct::CHECKBOX, schema::ConsentAct::FORM_SUBMIT,
                                                          schema::ConsentAct::ORAL, schema::ConsentAct::PAPER};
  if (told.act != acts[static_cast<std::size_t>(profile.consent_act)])
    return Error(ErrorCode::invalid_argument,
                 "consent at this centre is given by '" + std::string(policy::consent_act_name(profile.consent_act)) +
                     "' and nothing else",
                 pointer + "/act");
  if (std::find(profile.languages.begin(), profile.languages.end(), told.language) == profile.languages.end())
    return Error(ErrorCode::invalid_argument, "the notice is not published in this language", pointer + "/language");
  return {};
}

Result<void> check_email(std::string_view text, const char* pointer) {
  TAUS_TRY(schema::check_text(text, limits::email_bytes_max, pointer));
  const std::size_t at = text.find('@');
  const bool good = at != std::string_view::npos && at > 0 && text.find('@', at + 1) == std::string_view::npos &&
                    text.find('.', at) != std::string_view::npos && text.back() != '.' && text[at + 1] != '.' &&
                    text.find_first_of(" \t\n<>,;\"") == std::string_view::npos;
  if (!good) return Error(ErrorCode::invalid_argument, "this is no e-mail address (name@example.no)", pointer);
  return {};
}

Result<void> check_phone(std::string_view text, const char* pointer) {
  const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  const auto count = std::count_if(digits.begin(), digits.end(), is_digit);
  const bool good = text.size() <= limits::phone_bytes_max && count >= 5 && count <= 15 &&
                    std::all_of(digits.begin(), digits.end(), [](char c) { return is_digit(c) || c == ' '; });
  if (!good)
    return Error(ErrorCode::invalid_argument, "a telephone number has 5 to 15 digits, with + and country code if foreign",
                 pointer);
  return {};
}

Result<void> check_form(const Core& core, api::BookingForm::Reader form, bool consent_needed) {
  std::vector<Given> fields = common_fields(form);
  fields.push_back(text_field("name", form.hasName(), form.getName()));
  fields.push_back(text_field("email", form.hasEmail(), form.getEmail()));
  fields.push_back(text_field("phone", form.hasPhone(), form.getPhone()));
  fields.push_back(list_field("focusAreas", form.hasFocusAreas(), form.getFocusAreas()));
  fields.push_back(text_field("currentSituation", form.hasCurrentSituation(), form.getCurrentSituation()));
  const policy::Profile& profile = core.profile();
  for (const Given& given : fields) {
    const policy::Field* field = profile.form_field(given.name);
    if (field == nullptr) {
      if (given.present)
        return bad(given.name, std::string("the form of this centre does not ask for '") + given.name + "': leave it out");
      continue;
    }
    if (!given.present) {
      if (field->required) return bad(given.name, std::string("the form needs '") + given.name + "'");
      continue;
    }
    TAUS_TRY(check_value(*field, given));
  }
  TAUS_TRY(schema::check_text(text_of(form.getWanted()), limits::text_bytes_max, "/wanted"));
  if (!form.hasConsent()) {
    if (!consent_needed) return {};
    return Error(ErrorCode::invalid_argument, "the form needs 'consent': notice, act and language", "/consent");
  }
  const auto consent = form.getConsent();
  return check_consent(
      profile, {.notice = text_of(consent.getNotice()), .act = consent.getAct(), .language = text_of(consent.getLanguage())},
      "/consent");
}

Result<void> check_record(const Core& core, api::Record::Reader record) {
  std::vector<Given> fields = common_fields(record);
  fields.push_back(text_field("countryOfOrigin", record.hasCountryOfOrigin(), record.getCountryOfOrigin()));
  fields.push_back(text_field("educationLevel", record.hasEducationLevel(), record.getEducationLevel()));
  fields.push_back(list_field("labourStatus", record.hasLabourStatus(), record.getLabourStatus()));
  const std::size_t recorded = fields.size();
  fields.push_back(text_field("name", record.hasName(), record.getName()));
  fields.push_back(text_field("email", record.hasEmail(), record.getEmail()));
  fields.push_back(text_field("phone", record.hasPhone(), record.getPhone()));
  fields.push_back(list_field("focusAreas", record.hasFocusAreas(), record.getFocusAreas()));
  fields.push_back(text_field("currentSituation", record.hasCurrentSituation(), record.getCurrentSituation()));
  bool any = false;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Given& given = fields[i];
    if (!given.present) continue;
    const policy::Field* field = i < recorded ? core.profile().record_field(given.name) : core.profile().form_field(given.name);
    if (field == nullptr) return bad(given.name, std::string("this centre does not collect '") + given.name + "': leave it out");
    TAUS_TRY(check_value(*field, given));
    any = true;
  }
  if (!any) return Error(ErrorCode::invalid_argument, "nothing to record: give at least one field");
  return {};
}

}  // namespace taus::service
