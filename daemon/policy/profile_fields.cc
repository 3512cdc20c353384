#include <algorithm>
#include <array>

#include "daemon/policy/profile_load.h"

namespace taus::policy::detail {
namespace {

// What the API can carry; a profile chooses among these. The category of a field is the schema's, not the profile's.
struct Known {
  std::string_view name;
  FieldType type;
  Category category;
  bool form;
  bool record;
};
constexpr std::array<Known, 14> known_fields = {{
    {"name", FieldType::name, Category::ident, true, false},
    {"email", FieldType::email, Category::email, true, false},
    {"phone", FieldType::phone, Category::phone, true, false},
    {"municipalityCode", FieldType::municipality, Category::demog, true, true},
    {"ageYears", FieldType::age, Category::demog, true, true},
    {"gender", FieldType::gender, Category::demog, true, true},
    {"nationality", FieldType::country, Category::demog, true, true},
    {"countryOfOrigin", FieldType::country, Category::demog, false, true},
    {"motherTongue", FieldType::language, Category::demog, true, true},
    {"educationLevel", FieldType::code, Category::demog, false, true},
    {"labourStatus", FieldType::codes, Category::demog, false, true},
    {"accommodationNeed", FieldType::text, Category::special, true, true},
    {"focusAreas", FieldType::texts, Category::intake, true, false},
    {"currentSituation", FieldType::text, Category::intake, true, false},
}};

Field load_field(const TomlNode& node, Mistakes& mistakes, bool form, Mask collected) {
  Section section(node, mistakes);
  Field field;
  field.name = section.text("name");
  field.label = load_words(section);
  if (form) field.required = section.flag("required", true);
  const auto* const known =
      std::find_if(known_fields.begin(), known_fields.end(), [&](const Known& k) { return k.name == field.name; });
  if (known == known_fields.end() || !(form ? known->form : known->record)) {
    if (!field.name.empty())
      section.mistake_at("name",
                         "there is no field \"" + field.name + "\" in " + (form ? "a booking form" : "a client's record"));
  } else {
    field.type = known->type;
    field.category = known->category;
    if (!has(collected, field.category))
      section.mistake_at("name", "field \"" + field.name + "\" belongs to category \"" + std::string(name(field.category)) +
                                     "\", which `collects` does not name");
    if (field.type == FieldType::code || field.type == FieldType::codes) field.options = section.texts("options");
  }
  section.finish();
  return field;
}

std::vector<Field> load_list(Section& root, std::string_view key, bool form, Mask collected) {
  std::vector<Field> fields;
  for (const TomlNode* const node : root.tables(key)) {
    Field field = load_field(*node, root.mistakes(), form, collected);
    const bool twice = std::any_of(fields.begin(), fields.end(), [&](const Field& f) { return f.name == field.name; });
    if (twice && !field.name.empty()) root.mistakes().add(node->line, "field \"" + field.name + "\" is there twice");
    fields.push_back(std::move(field));
  }
  return fields;
}

// Names and free text would show whose they are.
constexpr std::array<std::string_view, 9> countable = {"gender",          "ageYears",     "municipalityCode",
                                                       "countryOfOrigin", "nationality",  "motherTongue",
                                                       "educationLevel",  "labourStatus", "focusAreas"};

void load_dimension(const TomlNode& node, Mistakes& mistakes, Profile& profile) {
  Section section(node, mistakes);
  Dimension dimension{section.text("name"), section.numbers("bands")};
  const Field* field = profile.form_field(dimension.name);
  if (field == nullptr) field = profile.record_field(dimension.name);
  if (field == nullptr && dimension.name != "channel" && !dimension.name.empty())
    section.mistake_at("name", "dimension \"" + dimension.name + "\" is no field of this profile");
  if (field != nullptr && std::find(countable.begin(), countable.end(), dimension.name) == countable.end())
    section.mistake_at("name", "\"" + dimension.name + "\" is nothing that statistics can show");
  const std::vector<Dimension>& others = profile.statistics.dimensions;
  if (std::any_of(others.begin(), others.end(), [&](const Dimension& other) { return other.name == dimension.name; }))
    section.mistake_at("name", "dimension \"" + dimension.name + "\" is there twice");
  if (field != nullptr && field->type == FieldType::age && dimension.bands.empty())
    section.mistake_at("name", "a number is counted in `bands`: say them");
  if (!dimension.bands.empty() && (field == nullptr || field->type != FieldType::age))
    section.mistake_at("bands", "only a number can have bands");
  section.finish();
  profile.statistics.dimensions.push_back(std::move(dimension));
}

}  // namespace

void load_fields(Section& root, Profile& profile) {
  profile.form = load_list(root, "form", true, profile.collected);
  profile.record = load_list(root, "record", false, profile.collected);
}

void load_statistics(Section& root, Profile& profile) {
  const TomlNode* const table = root.table("statistics");
  if (table == nullptr) return;
  Section section(*table, root.mistakes());
  const std::string unit = section.text("count_unit");
  if (unit == "case") {
    profile.statistics.count_unit = CountUnit::case_;
  } else if (!unit.empty() && unit != "clientYear") {
    section.mistake_at("count_unit", "there is no count unit \"" + unit + "\"; it is clientYear or case");
  }
  profile.statistics.k = section.number("k", 3, 10).value_or(0);
  profile.statistics.running_round_to = section.number("running_round_to", 1, 100).value_or(1);
  for (const TomlNode* const node : section.tables("dimensions")) load_dimension(*node, root.mistakes(), profile);
  section.finish();
}

}  // namespace taus::policy::detail
