#include "daemon/policy/profile.h"

#include <algorithm>

namespace taus::policy {
namespace {

template <std::size_t N, class E>
std::string_view named(const std::array<std::string_view, N>& names, E value) {
  const auto i = static_cast<std::size_t>(value);
  TAUS_CHECK(i < N);
  return names[i];
}

const Field* field_in(const std::vector<Field>& fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace

std::string_view field_type_name(FieldType type) noexcept {
  static constexpr std::array<std::string_view, 11> names = {"text",   "name",    "email",    "phone", "municipality", "age",
                                                             "gender", "country", "language", "code",  "texts"};
  return type == FieldType::codes ? std::string_view("codes") : named(names, type);
}

std::string_view consent_act_name(ConsentAct act) noexcept {
  static constexpr std::array<std::string_view, 4> names = {"checkbox", "formSubmit", "oral", "paper"};
  return named(names, act);
}

std::string_view phase_name(Phase phase) noexcept {
  static constexpr std::array<std::string_view, 4> names = {"", "P0", "P1", "P2"};
  return named(names, phase);
}

std::string_view relation_name(Relation relation) noexcept {
  static constexpr std::array<std::string_view, relation_count> names = {
      "assignedCounsellor", "otherCounsellor", "leader", "desk", "dpo", "hr", "auditor", "operator", "client"};
  return named(names, relation);
}

std::string_view access_name(Access access) noexcept {
  static constexpr std::array<std::string_view, access_count> names = {"none",
                                                                       "busy",
                                                                       "read",
                                                                       "ownOnly",
                                                                       "counts",
                                                                       "trace",
                                                                       "needOnly",
                                                                       "throughCounsellor",
                                                                       "package",
                                                                       "withPurpose",
                                                                       "relationOrPurpose",
                                                                       "afterHandOver"};
  return named(names, access);
}

const Field* Profile::form_field(std::string_view field) const noexcept { return field_in(form, field); }
const Field* Profile::record_field(std::string_view field) const noexcept { return field_in(record, field); }

Mask governed_categories(const Profile& profile) noexcept {
  return static_cast<Mask>(profile.collected | bit(Category::consent) | bit(Category::rights) | bit(Category::audit));
}

}  // namespace taus::policy
