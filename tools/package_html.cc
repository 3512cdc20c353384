// The access package as a page to read, in three languages.
#include <array>
#include <utility>

#include "daemon/policy/code_lists.h"
#include "eventstore/base/html_text.h"
#include "tools/package_files.h"
#include "tools/package_words.h"
#include "tools/tausctl_text.h"

namespace taus::tools {

namespace {

using Json = nlohmann::ordered_json;

using Phrase = Words;
constexpr Phrase title{"Innsyn i opplysningene dine", "Innsyn i opplysningane dine", "The data held on you"};
constexpr Phrase yes{"Ja, vi har opplysninger om deg.", "Ja, vi har opplysningar om deg.", "Yes, we hold data on you."};
constexpr Phrase none{"Nei, vi har ingen opplysninger om deg.", "Nei, vi har ingen opplysningar om deg.",
                      "No, we hold no data on you."};
constexpr Phrase who{"Hvem vi er", "Kven vi er", "Who we are"};
constexpr Phrase controller{"Behandlingsansvarlig", "Behandlingsansvarleg", "Controller"};
constexpr Phrase contact{"Ansvarlig hos oss", "Ansvarleg hos oss", "Answers for it"};
constexpr Phrase officer{"Personvernombud", "Personvernombod", "Data protection officer"};
constexpr Phrase dated{"Sist oppdatert", "Sist oppdatert", "Last updated"};
constexpr Phrase unnamed{"ikke oppgitt i personvernerklæringen", "ikkje oppgitt i personvernfråsegna",
                         "not given in the privacy notice"};
constexpr Phrase processors{"Databehandlere", "Databehandlarar", "Processors"};
constexpr Phrase kept{"Hva vi har, og når det slettes", "Kva vi har, og når det blir sletta",
                      "What we hold, and when it is erased"};
constexpr Phrase data{"Opplysninger", "Opplysningar", "Data"};
constexpr Phrase state{"Status", "Status", "State"};
constexpr Phrase erased{"Slettes", "Blir sletta", "Erased"};
constexpr Phrase rule{"Regel", "Regel", "Rule"};
constexpr Phrase told{"Når", "Når", "When"};
constexpr Phrase happened{"Hva", "Kva", "What"};
constexpr Phrase by_whom{"Av", "Av", "By"};
constexpr Phrase withheld{"Ikke gitt til denne mottakeren", "Ikkje gitt til denne mottakaren", "Not given to this receiver"};
constexpr Phrase source{
    "Alle opplysninger kommer fra deg selv; loggen er skrevet av veilederen din. Ingen avgjørelser er automatiske.",
    "Alle opplysningar kjem frå deg sjølv; loggen er skriven av rettleiaren din. Ingen avgjerder er automatiske.",
    "All data come from yourself; the log was written by your counsellor. No decision is automatic."};
constexpr Phrase rights{"Du kan be om retting, utfylling, sletting og begrensning, og trekke samtykket tilbake når som helst.",
                        "Du kan be om retting, utfylling, sletting og avgrensing, og trekkje samtykket tilbake når som helst.",
                        "You may ask for rectification, supplement, erasure and restriction, and withdraw consent at any time."};
constexpr Phrase present{"har vi", "har vi", "held"};
constexpr Phrase shredded{"slettet", "sletta", "erased"};
constexpr Phrase empty{"har vi ikke", "har vi ikkje", "not held"};

constexpr Phrase for_machines{"Det samme for maskiner", "Det same for maskiner", "The same for machines"};
constexpr Phrase csv_files{"en CSV-fil for hver type opplysninger", "ei CSV-fil for kvar type opplysningar",
                           "a CSV file for each kind of data"};
constexpr Phrase hashes{"manifest.json har SHA-256 av hver fil.", "manifest.json har SHA-256 av kvar fil.",
                        "manifest.json has the SHA-256 of every file."};

std::string in(const Phrase& phrase, const std::string& language) { return phrase.in(language); }

std::string escaped(const std::string& text) { return html_escaped(printable(text, true)); }

// "3. april 2026".
std::string day(const Zone::Date& date, const std::string& language) {
  static constexpr std::array<std::array<const char*, 12>, 2> months{
      {{"januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "desember"},
       {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December"}}};
  const bool english = language == "en";
  return std::to_string(date.day) + (english ? " " : ". ") + months.at(english ? 1 : 0).at(date.month - 1) + " " +
         std::to_string(date.year);
}

// "3. april 2026 kl. 10.00", or the day alone; what is neither a time nor a date, as it is.
std::string when(const Zone& zone, const std::string& text, const std::string& language) {
  if (const Result<Zone::Date> date = Zone::parse_date(text)) return day(*date, language);
  const Result<Instant> at = zone.parse_time(text);
  if (!at) return text;
  const std::string local = zone.format_local(*at);
  const auto same_clock = [&](std::chrono::hours shift) {
    return zone.format_local(*at + shift).substr(0, 19) == local.substr(0, 19);
  };
  const bool twice = same_clock(std::chrono::hours(1)) || same_clock(std::chrono::hours(-1));
  const std::string offset = twice ? " (" + local.substr(local.size() - 6) + ")" : "";
  const std::string clock = local.substr(11, 5);
  const std::string date = day(zone.date_of(*at), language);
  if (language == "en") return date + " at " + clock + offset;
  return date + " kl. " + clock.substr(0, 2) + "." + clock.substr(3) + offset;
}

std::string row(const std::vector<std::string>& cells, const char* tag = "td") {
  std::string out = "<tr>";
  for (const std::string& one : cells) out += std::string("<") + tag + ">" + escaped(one) + "</" + tag + ">";
  return out + "</tr>\n";
}

std::string state_word(const std::string& of, const std::string& language) {
  if (of == "present") return in(present, language);
  if (of == "shredded") return in(shredded, language);
  return of == "empty" ? in(empty, language) : in(withheld, language);
}

// When it dies, or what that waits for.
std::string dies(const Zone& zone, const Json& about, const std::string& language) {
  const std::string due = when(zone, text_at(about, "due"), language);
  const Words* waits = deferral_words(text_at(about, "deferred"));
  // What an open request keeps has no date yet.
  if (waits == nullptr && due.empty() && text_at(about, "state") == "present") waits = undated_words(text_at(about, "category"));
  if (waits == nullptr) return due;
  return due + (due.empty() ? "" : ", ") + waits->in(language);
}

std::string held_table(const Json& package, const Zone& zone, const std::string& language) {
  std::string out = "<h2>" + in(kept, language) + "</h2>\n<table>\n" +
                    row({in(data, language), in(state, language), in(erased, language), in(rule, language)}, "th");
  for (const Json& one : package.at("categories"))
    out += row({text_at(one, language.c_str()), state_word(text_at(one, "state"), language), dies(zone, one, language),
                text_at(one, "rule")});
  return out + "</table>\n";
}

bool has_part(const Json& package, const std::string& category) {
  for (const Json& part : package.at("parts"))
    if (text_at(part, "category") == category) return true;
  return false;
}

std::string category_name(const Json& package, const std::string& category, const std::string& language) {
  for (const Json& about : package.at("categories"))
    if (text_at(about, "category") == category) return text_at(about, language.c_str());
  return category;
}

// A code with its text; a time as people write it.
std::string readable(const Json& package, const Zone& zone, const std::string& event, const std::string& field, const Json& from,
                     const std::string& language) {
  if (from.is_array()) {
    std::string out;
    for (const Json& one : from) out += (out.empty() ? "" : ", ") + readable(package, zone, event, field, one, language);
    return out;
  }
  const std::string text = shown_value(from);
  if (const Words* words = value_words(event, field, text)) return words->in(language);
  if (field == "categories") return category_name(package, text, language);
  if (field == "municipalityCode") {
    const auto known = policy::municipality(text);
    return known ? text + " " + std::string(known->name) : text;
  }
  if (field == "motherTongue" || field == "language" || field == "countryOfOrigin" || field == "nationality") {
    const bool spoken = field == "motherTongue" || field == "language";
    const std::string_view name = spoken ? policy::language_name(text, language) : policy::country_name(text, language);
    return name.empty() ? text : std::string(name);
  }
  return when(zone, text, language);
}

// What one event says, a line a field.
std::string told_by(const Json& package, const Json& part, const Zone& zone, const std::string& language) {
  std::string out;
  const std::string event = text_at(part, "type");
  const auto say = [&](const std::string& field, const Json& content) {
    if (content.is_object() || machine_only(event, field) || shown_value(content).empty()) return;
    out += (out.empty() ? "" : "\n") + label_of(package, text_at(part, "category"), field, language) + ": " +
           readable(package, zone, event, field, content, language);
  };
  for (const auto& [field, content] : part.at("content").items()) {
    say(field, content);
    // Of an anchor: what it knows of data that were erased.
    if (!content.is_object() || !content.contains("kept") || !content.at("kept").is_object()) continue;
    for (const auto& [name, time] : content.at("kept").items()) say(name, time);
  }
  return out;
}

// One category: every event with what it said and when; values replaced since are there too.
std::string section(const Json& package, const Json& about, const Zone& zone, const std::string& language) {
  const std::string category = text_at(about, "category");
  std::string rows;
  for (const Json& part : package.at("parts")) {
    if (text_at(part, "category") != category || !part.at("content").is_object()) continue;
    const Words* event = event_words(text_at(part, "type"));
    const Words* role = role_words(text_at(part, "role"));
    if (const std::string said = told_by(package, part, zone, language); !said.empty() || event != nullptr)
      rows += row({when(zone, text_at(part, "at"), language), event == nullptr ? text_at(part, "type") : event->in(language),
                   role == nullptr ? text_at(part, "role") : role->in(language), said});
  }
  if (rows.empty()) return rows;
  const std::string head = "<h2>" + escaped(text_at(about, language.c_str())) + "</h2>\n";
  return head + "<table>\n" + row({in(told, language), in(happened, language), in(by_whom, language), in(data, language)}, "th") +
         rows + "</table>\n";
}

std::string withheld_list(const Json& package, const std::string& language) {
  std::string items;
  for (const Json& one : package.at("withheld"))
    items += "<li>" + escaped(category_name(package, text_at(one, "category"), language)) + "</li>\n";
  return items.empty() ? items : "<h2>" + in(withheld, language) + "</h2>\n<ul>\n" + items + "</ul>\n";
}

constexpr const char* style =
    "body{font:16px/1.5 Arial,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0;"
    "border-bottom:1px solid #ccc;white-space:pre-wrap;overflow-wrap:anywhere}"
    "td:first-child{white-space:nowrap}h2{break-after:avoid}tr{break-inside:avoid}@page{margin:1.5cm}";

// Only files that are there: not every package has appointments or consent.
std::string other_files(const std::vector<std::string>& beside, const std::string& language) {
  std::string list;
  bool csv = false;
  for (const std::string& name : beside) {
    if (name.ends_with(".csv") && std::exchange(csv, true)) continue;
    list += (list.empty() ? "" : ", ") + (name.ends_with(".csv") ? in(csv_files, language) : name);
  }
  return in(for_machines, language) + ": " + list + ". " + in(hashes, language);
}

// What the law wants named; where the notice names nobody, that is said (MT-32).
std::string named(const Json& package, const Zone& zone, const Phrase& what, const char* key, const std::string& language) {
  const std::string text = when(zone, shown_value(package.at(key)), language);
  return " " + in(what, language) + ": " + (text.empty() ? in(unnamed, language) : escaped(text)) + ".";
}

}  // namespace

std::string package_html(const Json& package, const std::string& language, const std::vector<std::string>& beside) {
  const Result<Zone> zone = Zone::load();
  TAUS_CHECK(zone);  // tausctl has read it before
  const bool any = !package.at("parts").empty();
  std::string out = "<!doctype html>\n<html lang=\"" + language + "\">\n<head>\n<meta charset=\"utf-8\">\n<title>" +
                    in(title, language) + "</title>\n<style>" + style + "</style>\n</head>\n<body>\n<h1>" + in(title, language) +
                    "</h1>\n<p><strong>" + in(any ? yes : none, language) + "</strong> " +
                    escaped(when(*zone, text_at(package, "receivedAt"), language)) + ". " + escaped(text_at(package, "request")) +
                    "</p>\n<h2>" + in(who, language) + "</h2>\n<p>" + escaped(text_at(package, "centre")) + ". " +
                    in(controller, language) + ": " + escaped(text_at(package, "controller")) + "." +
                    named(package, *zone, processors, "processors", language) + " " + escaped(text_at(package, "notice")) + "." +
                    named(package, *zone, dated, "noticeDate", language) + named(package, *zone, contact, "contact", language) +
                    named(package, *zone, officer, "officer", language) + "</p>\n";
  out += held_table(package, *zone, language);
  for (const Json& one : package.at("categories"))
    if (has_part(package, text_at(one, "category"))) out += section(package, one, *zone, language);
  out += withheld_list(package, language);
  out += "<p>" + in(source, language) + "</p>\n<p>" + in(rights, language) + "</p>\n<p>" +
         escaped(text_at(package, "complaintTo")) + "</p>\n<p>" + other_files(beside, language) + "</p>\n</body>\n</html>\n";
  return out;
}

}  // namespace taus::tools
