// The access package as a page to read, in three languages.
#include <array>

#include "eventstore/base/html_text.h"
#include "tools/package_files.h"
#include "tools/tausctl_text.h"

namespace taus::tools {

namespace {

using Json = nlohmann::ordered_json;

struct Phrase {
  const char *nb, *nn, *en;
};
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
constexpr Phrase told{"Oppgitt", "Oppgitt", "Given"};
constexpr Phrase value{"Verdi", "Verdi", "Value"};
constexpr Phrase nothing{"Vi har ikke slike opplysninger.", "Vi har ikkje slike opplysningar.", "We hold no such data."};
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

std::string in(const Phrase& phrase, const std::string& language) {
  return language == "nn" ? phrase.nn : language == "en" ? phrase.en : phrase.nb;
}

std::string escaped(const std::string& text) { return html_escaped(printable(text, true)); }

// "3. april 2026 kl. 10.00"; what is no time, as it is.
std::string when(const Zone& zone, const std::string& text, const std::string& language) {
  static constexpr std::array<std::array<const char*, 12>, 2> months{
      {{"januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "desember"},
       {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December"}}};
  const Result<Instant> at = zone.parse_time(text);
  if (!at) return text;
  const Zone::Date date = zone.date_of(*at);
  const std::string clock = zone.format_local(*at).substr(11, 5);
  const bool english = language == "en";
  const std::string month = months.at(english ? 1 : 0).at(date.month - 1);
  if (english) return std::to_string(date.day) + " " + month + " " + std::to_string(date.year) + " at " + clock;
  return std::to_string(date.day) + ". " + month + " " + std::to_string(date.year) + " kl. " + clock.substr(0, 2) + "." +
         clock.substr(3);
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

std::string held_table(const Json& package, const Zone& zone, const std::string& language) {
  std::string out = "<h2>" + in(kept, language) + "</h2>\n<table>\n" +
                    row({in(data, language), in(state, language), in(erased, language), in(rule, language)}, "th");
  for (const Json& one : package.at("categories"))
    out += row({text_at(one, language.c_str()), state_word(text_at(one, "state"), language),
                when(zone, text_at(one, "due"), language), text_at(one, "rule")});
  return out + "</table>\n";
}

bool has_part(const Json& package, const std::string& category) {
  for (const Json& part : package.at("parts"))
    if (text_at(part, "category") == category) return true;
  return false;
}

// One category: every value with when it was given; values replaced since are there too.
std::string section(const Json& package, const Json& about, const Zone& zone, const std::string& language) {
  const std::string category = text_at(about, "category");
  std::string rows;
  for (const Json& part : package.at("parts")) {
    if (text_at(part, "category") != category || !part.at("content").is_object()) continue;
    for (const auto& [field, content] : part.at("content").items())
      if (!content.is_object() && !shown_value(content).empty())
        rows += row({when(zone, text_at(part, "at"), language), label_of(package, category, field, language),
                     when(zone, shown_value(content), language)});
  }
  const std::string head = "<h2>" + escaped(text_at(about, language.c_str())) + "</h2>\n";
  if (rows.empty()) return head + "<p>" + in(nothing, language) + "</p>\n";
  return head + "<table>\n" + row({in(told, language), in(data, language), in(value, language)}, "th") + rows + "</table>\n";
}

std::string withheld_list(const Json& package, const std::string& language) {
  std::string items;
  for (const Json& one : package.at("withheld")) {
    std::string name = text_at(one, "category");
    for (const Json& about : package.at("categories"))
      if (text_at(about, "category") == name) name = text_at(about, language.c_str());
    items += "<li>" + escaped(name) + "</li>\n";
  }
  return items.empty() ? items : "<h2>" + in(withheld, language) + "</h2>\n<ul>\n" + items + "</ul>\n";
}

constexpr const char* style =
    "body{font:16px/1.5 Arial,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0;"
    "border-bottom:1px solid #ccc;white-space:pre-wrap;overflow-wrap:anywhere}";

// What the law wants named; where the notice names nobody, that is said (MT-32).
std::string named(const Json& package, const Phrase& what, const char* key, const std::string& language) {
  const std::string text = text_at(package, key);
  return " " + in(what, language) + ": " + (text.empty() ? in(unnamed, language) : escaped(text)) + ".";
}

}  // namespace

std::string package_html(const Json& package, const std::string& language) {
  const Result<Zone> zone = Zone::load();
  TAUS_CHECK(zone);  // tausctl has read it before
  const bool any = !package.at("parts").empty();
  std::string out = "<!doctype html>\n<html lang=\"" + language + "\">\n<head>\n<meta charset=\"utf-8\">\n<title>" +
                    in(title, language) + "</title>\n<style>" + style + "</style>\n</head>\n<body>\n<h1>" + in(title, language) +
                    "</h1>\n<p><strong>" + in(any ? yes : none, language) + "</strong> " +
                    escaped(when(*zone, text_at(package, "receivedAt"), language)) + ". " + escaped(text_at(package, "request")) +
                    "</p>\n<h2>" + in(who, language) + "</h2>\n<p>" + escaped(text_at(package, "centre")) + ". " +
                    in(controller, language) + ": " + escaped(text_at(package, "controller")) + ". " + in(processors, language) +
                    ": " + escaped(shown_value(package.at("processors"))) + ". " + escaped(text_at(package, "notice")) + "." +
                    named(package, dated, "noticeDate", language) + named(package, contact, "contact", language) +
                    named(package, officer, "officer", language) + "</p>\n";
  out += held_table(package, *zone, language);
  for (const Json& one : package.at("categories"))
    if (text_at(one, "state") == "present" || has_part(package, text_at(one, "category")))
      out += section(package, one, *zone, language);
  out += withheld_list(package, language);
  out += "<p>" + in(source, language) + "</p>\n<p>" + in(rights, language) + "</p>\n<p>" +
         escaped(text_at(package, "complaintTo")) + "</p>\n</body>\n</html>\n";
  return out;
}

}  // namespace taus::tools
