#include "daemon/service/statistics_files.h"

#include <capnp/dynamic.h>

#include <algorithm>
#include <array>

#include "eventstore/schema/json.h"

namespace taus::service {

namespace {

using Table = schema::PublishedTable::Reader;

constexpr unsigned row_height = 24;
constexpr unsigned label_width = 210;
constexpr unsigned bar_width = 330;

std::string string_of(capnp::Text::Reader text) { return {text.cStr(), text.size()}; }

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else out += c;
  }
  return out;
}

// Codes come from fields that people fill in: a spreadsheet must take none for a formula.
std::string csv_field(const std::string& text) {
  std::string out = text;
  if (!out.empty() && (out[0] == '=' || out[0] == '+' || out[0] == '-' || out[0] == '@')) out.insert(0, "'");
  if (out.find_first_of(";\"\n\r") == std::string::npos) return out;
  std::string quoted = "\"";
  for (const char c : out) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

// Norwegian: thousands apart by a no-break space.
std::string number(std::uint64_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, "\u00a0");
  return digits;
}

std::string shown(schema::PublishedCell::Reader cell) {
  return cell.getHidden() ? ":" : number(static_cast<std::uint64_t>(std::max<std::int64_t>(0, cell.getCount())));
}

struct Word {
  std::string_view code, nb;
};
constexpr std::array<Word, 26> words{{{"sessionsPerClient", "Samtaler per bruker"}, {"notHeld", "Timer som ikke ble holdt"}, {"channel", "Kanal"},
                                      {"female", "Kvinne"}, {"male", "Mann"}, {"other", "Annet"}, {"unknown", "Uoppgitt"}, {"notListed", "Utenfor listen"},
                                      {"inPerson", "Oppmøte"}, {"video", "Video"}, {"phone", "Telefon"}, {"norway", "Norge"},
                                      {"euEea", "EU/EØS ellers"}, {"noShow", "Ikke møtt"}, {"cancelled", "Avlyst"}, {"employed", "I arbeid"},
                                      {"work", "I arbeid"}, {"selfEmployed", "Selvstendig"}, {"education", "I utdanning"},
                                      {"workAndEducation", "Arbeid og utdanning"}, {"jobSeeking", "Arbeidssøker"}, {"unemployed", "Arbeidsledig"},
                                      {"onLeave", "I permisjon"}, {"benefits", "Ytelser"}, {"neither", "Ingen av delene"}, {"clientYear", "bruker i kalenderåret"}}};

std::string word(const std::string& code) {
  const auto* const found = std::find_if(words.begin(), words.end(), [&](const Word& one) { return one.code == code; });
  return found == words.end() ? code : std::string(found->nb);
}

std::string heading(const policy::Profile& profile, const std::string& name) {
  const policy::Field* field = profile.form_field(name);
  if (field == nullptr) field = profile.record_field(name);
  return field == nullptr ? word(name) : field->label.nb;
}

std::string chart(const std::string& title, const std::string& id, Table table) {
  std::int64_t most = 1;
  for (const auto cell : table.getCells()) most = std::max(most, cell.getCount());
  const unsigned height = row_height * table.getCells().size() + 4;
  std::string out = "<svg role=\"img\" aria-labelledby=\"" + id + "-t " + id + "-d\" viewBox=\"0 0 620 " + std::to_string(height) + "\" width=\"620\" height=\"" +
                    std::to_string(height) + "\">\n<title id=\"" + id + "-t\">" + escaped(title) + "</title>\n<desc id=\"" + id +
                    "-d\">Søylediagram; tallene står i tabellen ved siden av.</desc>\n";
  unsigned y = 2;
  for (const auto cell : table.getCells()) {
    const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(0, cell.getCount()));
    const std::string base = std::to_string(y + 15);
    out += "<text x=\"" + std::to_string(label_width - 8) + "\" y=\"" + base + "\" text-anchor=\"end\">" + escaped(word(string_of(cell.getCode()))) + "</text>";
    const auto width = static_cast<unsigned>(count * bar_width / static_cast<std::uint64_t>(most));
    if (!cell.getHidden())
      out += "<rect x=\"" + std::to_string(label_width) + "\" y=\"" + std::to_string(y + 3) + "\" width=\"" + std::to_string(width) + "\" height=\"16\"/>";
    out += "<text x=\"" + std::to_string(label_width + (cell.getHidden() ? 0 : width) + 6) + "\" y=\"" + base + "\">" + shown(cell) + "</text>\n";
    y += row_height;
  }
  return out + "</svg>\n";
}

std::string section(const policy::Profile& profile, unsigned index, Table table) {
  const std::string title = heading(profile, string_of(table.getName()));
  std::string out = "<section>\n<h2>" + escaped(title) + "</h2>\n";
  if (table.getWithheld()) return out + "<p>I alt " + number(table.getTotal()) + ". Fordelingen er holdt tilbake: gruppene er for små.</p>\n</section>\n";
  out += "<div class=\"pair\">\n" + chart(title, "t" + std::to_string(index), table) + "<table><thead><tr><th scope=\"col\">" + escaped(title) +
         "</th><th scope=\"col\">Antall</th></tr></thead><tbody>\n";
  for (const auto cell : table.getCells())
    out += "<tr><th scope=\"row\">" + escaped(word(string_of(cell.getCode()))) + "</th><td>" + shown(cell) + "</td></tr>\n";
  return out + "</tbody><tfoot><tr><th scope=\"row\">I alt</th><td>" + number(table.getTotal()) + "</td></tr></tfoot></table>\n</div>\n</section>\n";
}

constexpr const char* style =
    "body{font:16px/1.5 'Source Sans 3',Arial,sans-serif;color:#1a1a1a;max-width:62rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.8rem}h2{font-size:1.2rem;margin-top:2.5rem}"
    ".pair{display:flex;flex-wrap:wrap;gap:2rem;align-items:flex-start}svg{max-width:100%;height:auto}svg text{font-size:13px;fill:#1a1a1a}svg rect{fill:#2b5c8a}"
    "table{border-collapse:collapse}th{text-align:left;font-weight:normal}td{text-align:right}th,td{padding:.15rem .8rem;border-bottom:1px solid #ccc}"
    "thead th,tfoot th,tfoot td{font-weight:bold}";

}  // namespace

std::string statistics_csv(api::Stats::Reader stats) {
  const auto year = stats.getPublished();
  const std::string start = std::to_string(year.getYear()) + ";";
  std::string out = "year;table;code;count\n";
  out += start + "totals;clients;" + std::to_string(year.getClients()) + "\n" + start + "totals;sessions;" + std::to_string(year.getSessions()) + "\n" + start +
         "totals;bookings;" + std::to_string(year.getBookings()) + "\n";
  for (const auto table : year.getTables()) {
    const std::string name = start + csv_field(string_of(table.getName())) + ";";
    out += name + "total;" + std::to_string(table.getTotal()) + "\n";
    if (table.getWithheld()) out += name + "withheld;:\n";
    for (const auto cell : table.getCells())
      out += name + csv_field(string_of(cell.getCode())) + ";" + (cell.getHidden() ? std::string(":") : std::to_string(cell.getCount())) + "\n";
  }
  return out;
}

std::string statistics_json(api::Stats::Reader stats) { return schema::write_json(capnp::DynamicStruct::Reader(stats.getPublished())); }

std::string statistics_html(const policy::Profile& profile, api::Stats::Reader stats) {
  const auto year = stats.getPublished();
  const std::string title = "Statistikk " + std::to_string(year.getYear());
  std::string out = "<!doctype html>\n<html lang=\"nb\">\n<head>\n<meta charset=\"utf-8\">\n<title>" + title + "</title>\n<style>" + style +
                    "</style>\n</head>\n<body>\n<h1>" + escaped(profile.centre) + ": " + title + "</h1>\n<p>" +
                    (stats.getRunning() ? std::string("Året løper; tallene er avrundet.") : "Avsluttet " + escaped(string_of(year.getClosedOn())) + ".") +
                    " Tall under " + std::to_string(year.getK()) + " vises som «:», sammen med det minste av de andre.</p>\n<p><strong>" + number(year.getClients()) +
                    "</strong> " + (string_of(year.getUnit()) == "case" ? "saker" : "brukere") + ", <strong>" + number(year.getSessions()) + "</strong> samtaler, <strong>" +
                    number(year.getBookings()) + "</strong> timer bestilt.</p>\n";
  unsigned index = 0;
  for (const auto table : year.getTables()) out += section(profile, index++, table);
  if (!stats.getRunning()) out += "<p>SHA-256 av tallene som JSON: <code>" + escaped(string_of(stats.getSha256())) + "</code></p>\n";
  return out + "</body>\n</html>\n";
}

}  // namespace taus::service
