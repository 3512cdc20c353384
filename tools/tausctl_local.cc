#include "tools/tausctl_local.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "daemon/policy/deadline.h"
#include "daemon/policy/explain.h"
#include "eventstore/base/limits.h"
#include "tools/receipt_check.h"
#include "tools/tausctl_backup.h"
#include "tools/tausctl_request.h"
#include "tools/tausctl_seed.h"
#include "tools/tausctl_text.h"

namespace taus::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t facts_bytes_max = 256 << 20;

// Pure answers are data for a script unless a person watches.
bool for_a_person(const Globals& globals) { return !globals.json && ::isatty(STDOUT_FILENO) == 1; }

Result<policy::Profile> profile_of(const std::string& name) {
  auto built_in = policy::built_in_profile(name);
  if (built_in || name.find_first_of("./") == std::string::npos) return built_in;
  TAUS_TRY_ASSIGN(const std::string text, read_document(name, limits::json_bytes_max));
  return policy::load_profile(text, name, name);
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump();
}

std::string answer_for_people(const Times& times, const std::string& line) {
  const Json answer = Json::parse(line);
  Table table({"DATA", "DIES", "RULE", "DEFERRED BY", "WHO MAY SEE IT"});
  const Json access = answer.value("access", Json::object());
  for (const auto& [category, due] : answer.at("due").items()) {
    std::string at = text_of(due.value("at", Json()));
    if (auto parsed = times.zone().parse_time(at); parsed) at = times.time(ms_of(*parsed));
    std::string who;
    for (const auto& role : access.value(category, Json::array())) who += (who.empty() ? "" : ", ") + text_of(role);
    table.add(
        {category, at.empty() ? "not set" : at, text_of(due.value("rule", Json())), text_of(due.value("deferred", Json())), who});
  }
  const std::string phase = text_of(answer.value("phase", Json()));
  return "Phase: " + (phase.empty() ? "none" : phase) + "\n" + table.text();
}

Result<std::string> explain(const Invocation& invocation) {
  TAUS_TRY_ASSIGN(const policy::Profile profile, profile_of(invocation.value("--profile")));
  TAUS_TRY_ASSIGN(const Times times, Times::load());
  TAUS_TRY_ASSIGN(const std::string facts, read_document(invocation.value("--facts"), facts_bytes_max));
  TAUS_TRY_ASSIGN(const std::string answers, policy::explain_lines(profile, times.zone(), facts));
  if (!for_a_person(invocation.globals)) return answers;
  std::string out;
  std::istringstream lines(answers);
  for (std::string line; std::getline(lines, line);) out += (out.empty() ? "" : "\n") + answer_for_people(times, line);
  return out;
}

Result<std::string> deadline(const Invocation& invocation) {
  TAUS_TRY_ASSIGN(const policy::Profile profile, profile_of(invocation.value("--profile")));
  auto found = policy::rights_deadline(profile, invocation.value("--received"));
  if (!found) return Error(found.error().code, "--received: " + found.error().message);
  if (!for_a_person(invocation.globals)) return Json{{"due", found->due}, {"extended", found->extended}}.dump() + "\n";
  return "Answer by " + found->due + "; after an extension, told with reasons before then, by " + found->extended + ".\n";
}

// The text itself, or the JSON that `receipt show --json` prints.
Result<std::string> signed_text(const std::string& document) {
  if (document.empty() || document.front() != '{') return document;
  const Json parsed = Json::parse(document, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("signedText") || !parsed["signedText"].is_string())
    return Error(ErrorCode::malformed, "The file is no receipt: it has no signedText.", "/signedText");
  return parsed["signedText"].get<std::string>();
}

// What `receipt show --json` prints beside the signed text says the same, or somebody changed it.
Result<void> check_beside(const std::string& document, const std::string& text) {
  const auto file = nlohmann::json::parse(document, nullptr, false);
  if (!file.is_object()) return {};
  std::istringstream lines(text);  // title, origin, position, receipt
  std::string line;
  for (int skipped = 0; skipped < 2; ++skipped) std::getline(lines, line);
  for (const char* const name : {"position", "receipt"}) {
    std::getline(lines, line);
    if (file.contains(name) && file[name] != nlohmann::json::parse(line, nullptr, false))
      return Error(ErrorCode::tampered,
                   "The file was changed: what it says beside the signed text is not what was signed; trust `signedText` alone.",
                   std::string("/") + name);
  }
  return {};
}

std::string paragraph(const std::vector<std::string>& sentences) {
  std::string out;
  for (const std::string& one : sentences) out += one + "\n";
  return out;
}

Result<std::string> verify_receipt(const Invocation& invocation) {
  std::string key_text = invocation.value("--key");
  if (std::ifstream(key_text).good()) {
    TAUS_TRY_ASSIGN(key_text, read_document(key_text, limits::json_bytes_max));
  }
  TAUS_TRY_ASSIGN(const crypto::PublicKey key, parse_public_key(key_text));
  TAUS_TRY_ASSIGN(const std::string document, read_document(invocation.value("FILE"), limits::json_bytes_max));
  TAUS_TRY_ASSIGN(const std::string note, signed_text(document));
  TAUS_TRY_ASSIGN(const VerifiedNote verified, verify_note(note, key));
  TAUS_TRY_ASSIGN(const ReceiptFacts facts, check_receipt(verified.text, verified.signer));
  TAUS_TRY(check_beside(document, verified.text));
  if (invocation.globals.json) {
    return Json{{"ok", true},
                {"signer", verified.signer},
                {"text", verified.text},
                {"claims", claims_of(facts)},
                {"cannotProve", paragraph(not_proved_by(facts))}}
               .dump() +
           "\n";
  }
  return printable(verified.text, true) + "\nThe signature is good: " + printable(verified.signer) + " signed this receipt.\n" +
         printable(paragraph(claims_of(facts)), true) + paragraph(not_proved_by(facts));
}

}  // namespace

Result<std::string> run_local(const Invocation& invocation) {
  switch (invocation.verb->special) {
    case Special::explain: return explain(invocation);
    case Special::deadline: return deadline(invocation);
    case Special::receipt: return verify_receipt(invocation);
    case Special::seed: return seed_years(invocation);
    case Special::backup: return run_backup(invocation);
    case Special::none:
    case Special::document:
    case Special::message:
    case Special::duration:
    case Special::ics:
    case Special::freebusy:
    case Special::package:
    case Special::follow:
    case Special::call: break;
  }
  TAUS_CHECK(false && "a verb without a method must be one of the above");
  return std::string();
}

}  // namespace taus::tools
