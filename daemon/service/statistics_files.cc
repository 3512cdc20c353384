#include "daemon/service/statistics_files.h"

#include <algorithm>
#include <array>

#include <capnp/dynamic.h>

#include "daemon/service/statistics_names.h"
#include "eventstore/base/html_text.h"
#include "eventstore/base/zone.h"
#include "eventstore/schema/json.h"

namespace taus::service {

namespace {

using Table = schema::PublishedTable::Reader;

constexpr unsigned row_height = 24;
constexpr unsigned chart_width = 620;
constexpr unsigned label_width = 270;
constexpr unsigned bar_width = 290;
constexpr std::size_t label_letters_max = 38;  // in the chart; the table has the whole

std::string string_of(capnp::Text::Reader text) { return {text.cStr(), text.size()}; }

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

std::string short_label(const std::string& text) {
  std::size_t letters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;  // of a UTF-8 sequence
    if (begins && ++letters > label_letters_max) return text.substr(0, i) + "…";
  }
  return text;
}

std::string chart(const std::string& title, const std::string& id, Table table) {
  std::int64_t most = 1;
  for (const auto cell : table.getCells()) most = std::max(most, cell.getCount());
  const std::string height = std::to_string(row_height * table.getCells().size() + 4);
  const std::string width_text = std::to_string(chart_width);
  std::string out = "<svg role=\"img\" aria-labelledby=\"" + id + "-t " + id + "-d\" viewBox=\"0 0 " + width_text + " " + height +
                    "\" width=\"" + width_text + "\" height=\"" + height + "\">\n<title id=\"" + id + "-t\">" +
                    html_escaped(title) + "</title>\n<desc id=\"" + id +
                    "-d\">Søylediagram; tallene står i tabellen ved siden av.</desc>\n";
  unsigned y = 2;
  for (const auto cell : table.getCells()) {
    const std::string code = string_of(cell.getCode());
    const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(0, cell.getCount()));
    const std::string base = std::to_string(y + 15);
    out += "<text x=\"" + std::to_string(label_width - 8) + "\" y=\"" + base + "\" text-anchor=\"end\">" +
           html_escaped(short_label(cell_name(string_of(table.getName()), code))) + "</text>";
    const auto width = static_cast<unsigned>(count * bar_width / static_cast<std::uint64_t>(most));
    if (width > 0)
      out += std::string("<rect") + (code == "unknown" ? " class=\"unknown\"" : "") + " x=\"" + std::to_string(label_width) +
             "\" y=\"" + std::to_string(y + 3) + "\" width=\"" + std::to_string(width) + "\" height=\"16\"/>";
    out += "<text x=\"" + std::to_string(label_width + width + 6) + "\" y=\"" + base + "\">" + shown(cell) + "</text>\n";
    y += row_height;
  }
  return out + "</svg>\n";
}

std::string many(std::uint64_t n, const char* one, const char* more) { return n == 1 ? one : more; }

// What a table's numbers are numbers of.
std::string unit_of(const std::string& table, bool by_case) {
  if (table == "channel") return "Samtaler";
  if (table == "notHeld") return "Timer";
  if (table == "rightsRequests" || table == "rightsDays") return "Krav";
  return by_case ? "Saker" : "Brukere";
}

std::string section(const policy::Profile& profile, unsigned index, Table table, bool by_case) {
  const std::string name = string_of(table.getName());
  const std::string title = table_name(profile, name);
  std::string out = "<section>\n<h2>" + html_escaped(title) + "</h2>\n";
  if (name == "labourStatus" || name == "focusAreas")
    out += "<p class=\"note\">Flere svar er mulige, så tallene kan bli flere enn alle til sammen.</p>\n";
  if (table.getWithheld())
    return out + "<p>I alt " + number(table.getTotal()) +
           ". Fordelingen er holdt tilbake: gruppene er for små.</p>\n</section>\n";
  out += "<div class=\"pair\">\n" + chart(title, "t" + std::to_string(index), table) + "<table><thead><tr><th scope=\"col\">" +
         html_escaped(title) + "</th><th scope=\"col\">" + unit_of(name, by_case) + "</th></tr></thead><tbody>\n";
  for (const auto cell : table.getCells())
    out += "<tr><th scope=\"row\">" + html_escaped(cell_name(name, string_of(cell.getCode()))) + "</th><td>" + shown(cell) +
           "</td></tr>\n";
  return out + "</tbody><tfoot><tr><th scope=\"row\">I alt</th><td>" + number(table.getTotal()) +
         "</td></tr></tfoot></table>\n</div>\n</section>\n";
}

std::string own_work(const policy::Profile& profile, api::Stats::Reader stats) {
  std::string out = "<section>\n<h2>Senterets arbeid</h2>\n<table><tbody>\n";
  for (const auto one : stats.getPublished().getCounts())
    out += "<tr><th scope=\"row\">" + html_escaped(table_name(profile, string_of(one.getCode()))) + "</th><td>" + shown(one) +
           "</td></tr>\n";
  if (!stats.getRunning())
    out += "<tr><th scope=\"row\">Utfall meldt etter at året var avsluttet (ikke talt med)</th><td>" + number(stats.getLate()) +
           "</td></tr>\n";
  return out + "</tbody></table>\n</section>\n";
}

// 2027-01-01 as people write it.
std::string norwegian_date(const std::string& date) {
  static constexpr std::array<const char*, 12> months{"januar", "februar", "mars",      "april",   "mai",      "juni",
                                                      "juli",   "august",  "september", "oktober", "november", "desember"};
  const Result<Zone::Date> parsed = Zone::parse_date(date);
  return parsed ? std::to_string(parsed->day) + ". " + months.at(parsed->month - 1) + " " + std::to_string(parsed->year) : date;
}

constexpr const char* style =
    "body{font:16px/1.5 'Source Sans 3',Arial,sans-serif;color:#1a1a1a;max-width:66rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.8rem}h2{font-size:1.2rem;margin-top:2.5rem}section{break-inside:avoid}.note{margin:-.5rem 0 1rem;color:#555}"
    ".pair{display:grid;grid-template-columns:minmax(0,38rem) "
    "minmax(0,1fr);gap:2rem;align-items:start}svg{max-width:100%;height:auto}"
    "svg text{font-size:13px;fill:#1a1a1a}svg rect{fill:#2b5c8a}svg rect.unknown{fill:#a9b4bf}"
    "table{border-collapse:collapse}th{text-align:left;font-weight:normal;overflow-wrap:anywhere}td{text-align:right}"
    "th,td{padding:.15rem .8rem;border-bottom:1px solid #ccc;vertical-align:top}thead th,tfoot th,tfoot "
    "td{font-weight:bold}thead th+th{text-align:right}"
    "code{overflow-wrap:anywhere}@media(max-width:55rem){.pair{grid-template-columns:minmax(0,1fr)}}";

}  // namespace

std::string statistics_csv(const policy::Profile& profile, api::Stats::Reader stats) {
  const auto year = stats.getPublished();
  const std::string start = std::to_string(year.getYear()) + ";";
  std::string out = "year;table;code;count;name\n";
  const auto row = [&](const std::string& table, const std::string& code, const std::string& count, const std::string& name) {
    out += start + csv_field(table) + ";" + csv_field(code) + ";" + count + ";" + csv_field(name) + "\n";
  };
  row("totals", "clients", std::to_string(year.getClients()), string_of(year.getUnit()) == "case" ? "Saker" : "Brukere");
  row("totals", "sessions", std::to_string(year.getSessions()), "Samtaler");
  row("totals", "bookings", std::to_string(year.getBookings()), "Timer bestilt");
  for (const auto one : year.getCounts()) {
    const std::string code = string_of(one.getCode());
    row("totals", code, std::to_string(one.getCount()), table_name(profile, code));
  }
  for (const auto table : year.getTables()) {
    const std::string name = string_of(table.getName());
    row(name, "total", std::to_string(table.getTotal()), table_name(profile, name));
    if (table.getWithheld()) row(name, "withheld", ":", cell_name(name, "withheld"));
    for (const auto cell : table.getCells()) {
      const std::string code = string_of(cell.getCode());
      row(name, code, cell.getHidden() ? std::string(":") : std::to_string(cell.getCount()), cell_name(name, code));
    }
  }
  return out;
}

std::string statistics_json(api::Stats::Reader stats) {
  return schema::write_json(capnp::DynamicStruct::Reader(stats.getPublished()));
}

std::string statistics_html(const policy::Profile& profile, api::Stats::Reader stats) {
  const auto year = stats.getPublished();
  const bool by_case = string_of(year.getUnit()) == "case";
  const std::string title = "Statistikk " + std::to_string(year.getYear());
  std::string out =
      "<!doctype html>\n<html lang=\"nb\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width\">\n<title>" +
      html_escaped(profile.centre) + ": " + title + "</title>\n<style>" + style + "</style>\n</head>\n<body>\n<h1>" +
      html_escaped(profile.centre) + ": " + title + "</h1>\n<p><strong>" + number(year.getClients()) + "</strong> " +
      (by_case ? many(year.getClients(), "sak", "saker") : many(year.getClients(), "bruker", "brukere")) + ", <strong>" +
      number(year.getSessions()) + "</strong> " + many(year.getSessions(), "samtale", "samtaler") + ", <strong>" +
      number(year.getBookings()) + "</strong> " + many(year.getBookings(), "time", "timer") + " bestilt. " +
      (stats.getRunning() ? std::string("Året løper, og tallene er avrundet.")
                          : "Året ble avsluttet " + html_escaped(norwegian_date(string_of(year.getClosedOn()))) + ".") +
      "</p>\n<p class=\"note\">«:» er et tall som ikke vises: alle fra 1 til " + std::to_string(std::max(2U, year.getK()) - 1) +
      ", og med dem det minste av de andre, så de små ikke kan regnes ut.</p>\n";
  unsigned index = 0;
  for (const auto table : year.getTables()) out += section(profile, index++, table, by_case);
  out += own_work(profile, stats);
  if (!stats.getRunning())
    out += "<p class=\"note\">SHA-256 av tallene som JSON: <code>" + html_escaped(string_of(stats.getSha256())) + "</code></p>\n";
  return out + "</body>\n</html>\n";
}

}  // namespace taus::service
