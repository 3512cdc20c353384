#include "daemon/policy/profile_load.h"

#include <algorithm>

#include "daemon/policy/built_in.h"
#include "eventstore/base/zone.h"
#include "eventstore/crypto/hash.h"

namespace taus::policy {
namespace detail {

Words load_words(Section& section) { return {section.text("nb"), section.text("nn"), section.text("en")}; }

Mask load_categories(Section& section, std::string_view key, Mask allowed, std::string_view allowed_are) {
  Mask mask = 0;
  for (const std::string& text : section.texts(key)) {
    const auto category = category_named(text);
    if (!category) {
      section.mistake_at(key, "there is no category \"" + text + "\"");
    } else if (!has(allowed, *category)) {
      section.mistake_at(key, "category \"" + text + "\" does not belong here: " + std::string(allowed_are));
    } else {
      mask = static_cast<Mask>(mask | bit(*category));
    }
  }
  return mask;
}

}  // namespace detail

namespace {

constexpr std::array<ConsentAct, 4> acts = {ConsentAct::checkbox, ConsentAct::form_submit, ConsentAct::oral, ConsentAct::paper};

void load_identity(Section& root, std::string_view name, Profile& profile) {
  profile.name = root.text("name");
  if (!profile.name.empty() && profile.name != name)
    root.mistake_at("name", "this profile is called \"" + profile.name + "\" but is loaded as \"" + std::string(name) + "\"");
  profile.version = root.text("version");
  profile.centre = root.text("centre");
  profile.controller = root.text("controller");
  profile.contact = root.text("contact", Section::Need::optional);
  profile.officer = root.text("officer", Section::Need::optional);
  profile.processors = root.texts("processors", Section::Need::optional);
  profile.phases = root.flag("phases", false);
  profile.languages = root.texts("languages");
  for (const std::string& language : profile.languages)
    if (language != "nb" && language != "nn" && language != "en")
      root.mistake_at("languages", "there are no texts in \"" + language + "\"; nb, nn and en are known");
  profile.collected = detail::load_categories(root, "collects", client_categories, "it is not one of a client's own");
}

void load_notice(Section& root, Profile& profile) {
  const TomlNode* const table = root.table("notice");
  if (table == nullptr) return;
  Section notice(*table, root.mistakes());
  profile.notice.id = notice.text("id");
  profile.notice.date = notice.text("date", Section::Need::optional);
  if (!profile.notice.date.empty() && !Zone::parse_date(profile.notice.date))
    notice.mistake_at("date", "\"" + profile.notice.date + "\" is no date (YYYY-MM-DD)");
  profile.notice.text = detail::load_words(notice);
  profile.notice.hash = crypto::blake2b_256({view(profile.notice.text.nb)});
  notice.finish();
}

void load_consent(Section& root, Profile& profile) {
  const TomlNode* const table = root.table("consent");
  if (table == nullptr) return;
  Section consent(*table, root.mistakes());
  const std::string act = consent.text("act");
  const auto* const found = std::find_if(acts.begin(), acts.end(), [&](ConsentAct a) { return consent_act_name(a) == act; });
  if (found != acts.end()) {
    profile.consent_act = *found;
  } else if (!act.empty()) {
    consent.mistake_at("act", "there is no consent act \"" + act + "\"; it is checkbox, formSubmit, oral or paper");
  }
  profile.consent_by_client_alone = consent.flag("by_client_alone", false);
  if (profile.consent_by_client_alone && (profile.consent_act == ConsentAct::oral || profile.consent_act == ConsentAct::paper))
    consent.mistake_at("by_client_alone", "an oral or written consent is recorded by staff: leave this out, or take another act");
  profile.purposes = consent.texts("purposes");
  consent.finish();
}

// For how long after the last session there is an address to send the invitation to.
std::optional<int> address_days(const Profile& profile) {
  std::optional<int> least;
  for (const RetentionRule& rule : profile.retention.rules) {
    if (rule.when == Served::never || !has(rule.categories, Category::email)) continue;
    const auto days = rule.due.days_after_a_session();
    if (days && (!least || *days < *least)) least = days;
  }
  return least;
}

void load_small_sections(Section& root, Profile& profile) {
  if (const TomlNode* const table = root.table("log")) {
    Section log(*table, root.mistakes());
    profile.log_only_with_further_session = log.flag("only_with_further_session", false);
    log.finish();
  }
  if (const TomlNode* const table = root.table("deadlines")) {
    Section deadlines(*table, root.mistakes());
    profile.deadlines.rights_days = deadlines.number("rights_days", 1, 31, Section::Need::optional);
    profile.deadlines.extension_months = deadlines.number("extension_months", 0, 2).value_or(0);
    deadlines.finish();
  }
  if (const TomlNode* const table = root.table("rights", Section::Need::optional)) {
    Section rights(*table, root.mistakes());
    profile.rights.complaint = detail::load_words(rights);
    rights.finish();
  }
  if (const TomlNode* const table = root.table("inquiries", Section::Need::optional)) {
    Section inquiries(*table, root.mistakes());
    profile.inquiries.accepted = inquiries.flag("accepted", true);
    profile.inquiries.answer_concludes = inquiries.flag("answer_concludes", true);
    if (profile.inquiries.accepted && !has(profile.collected, Category::intake))
      inquiries.mistake_at("accepted", "an inquiry is kept in 'intake', which this profile does not collect");
    inquiries.finish();
  }
  if (const TomlNode* const table = root.table("survey")) {
    Section survey(*table, root.mistakes());
    profile.survey.days_after_last = survey.number("days_after_last", 1, 60).value_or(0);
    const auto kept = address_days(profile);
    if (kept && profile.survey.days_after_last >= *kept)
      survey.mistake_at("days_after_last", "the e-mail address may be gone by then: the rules keep it for " +
                                               std::to_string(*kept) + " days after the last session");
    survey.finish();
  }
  if (const TomlNode* const table = root.table("staff")) {
    Section staff(*table, root.mistakes());
    profile.staff.confidentiality_required = staff.flag("confidentiality_required", true);
    staff.finish();
  }
}

}  // namespace

Result<Profile> load_profile(std::string_view toml_text, std::string name, std::string_view origin) {
  const std::string shown = origin.empty() ? name + ".toml" : std::string(origin);
  TAUS_TRY_ASSIGN(const TomlNode tree, read_toml(toml_text, shown));
  Mistakes mistakes(shown);
  Section root(tree, mistakes);
  Profile profile;
  load_identity(root, name, profile);
  load_notice(root, profile);
  load_consent(root, profile);
  detail::load_fields(root, profile);
  detail::load_access(root, profile);
  detail::load_retention(root, profile);
  load_small_sections(root, profile);
  detail::load_statistics(root, profile);
  root.finish();
  profile.settings_hash = crypto::blake2b_256({view(toml_text)});
  if (!mistakes.none()) return mistakes.error();
  return profile;
}

Result<Profile> built_in_profile(std::string_view name) {
  for (const BuiltIn& built_in : built_in_texts())
    if (built_in.name == name) return load_profile(built_in.text, std::string(name));
  return Error(ErrorCode::not_found, "there is no built-in profile of that name; vt and mt are built in");
}

}  // namespace taus::policy
