#include <capnp/message.h>

#include "daemon/service/queries.h"
#include "daemon/service/statistics_files.h"
#include "daemon/service/statistics_names.h"
#include "daemon/service/yearbook.h"

namespace taus::service {

namespace {

struct Shown {
  statistics::Publication publication;
  const YearBook::Closed* closed = nullptr;  // nothing: the year runs
};

// A closed year is for whoever works with the centre; the running one for its leader, rounded.
Result<Shown> shown(const Core& core, const Call& call, std::int32_t year) {
  const YearBook& book = core.book;
  if (year < 0) return Error(ErrorCode::invalid_argument, "say which year", "/year");
  if (const auto it = book.closed.find(year); it != book.closed.end()) {
    TAUS_TRY(require(standing(call), static_cast<std::uint16_t>(colleagues | dpo | hr | auditor | op),
                     "the centre's staff and operators see published statistics"));
    return Shown{.publication = it->second.publication, .closed = &it->second};
  }
  TAUS_TRY(require(standing(call), leader, "the leader sees the running year"));
  if (!book.open_year || year < *book.open_year || year > core.zone->year_of(call.now))
    return Error(ErrorCode::not_found, "there are no statistics of that year", "/year");
  return Shown{.publication = statistics::rounded(statistics::publish(book.rules, year_total(core, year)), book.rules.round_to)};
}

void fill_names(const policy::Profile& profile, api::Stats::Builder out) {
  const auto published = out.getPublished().asReader();
  unsigned n = published.getCounts().size();
  for (const auto table : published.getTables()) n += 1 + table.getCells().size();
  auto names = out.initNames(n);
  n = 0;
  const auto add = [&](const std::string& table, const std::string& code, const std::string& name) {
    names[n].setTable(table);
    names[n].setCode(code);
    names[n++].setName(name);
  };
  for (const auto one : published.getCounts()) add({}, one.getCode().cStr(), table_name(profile, one.getCode().cStr()));
  for (const auto table : published.getTables()) {
    add(table.getName().cStr(), {}, table_name(profile, table.getName().cStr()));
    for (const auto cell : table.getCells())
      add(table.getName().cStr(), cell.getCode().cStr(), cell_name(table.getName().cStr(), cell.getCode().cStr()));
  }
}

void fill(const Core& core, std::int32_t year, const Shown& from, api::Stats::Builder out) {
  fill_published(core, year, from.publication, from.closed == nullptr ? std::string() : from.closed->closed_on,
                 out.initPublished());
  out.setRunning(from.closed == nullptr);
  out.setLate(late_outcomes(core, year));
  fill_names(core.profile(), out);
  if (from.closed == nullptr) return;
  out.setSha256(from.closed->sha256);
  out.setPosition(static_cast<std::int64_t>(from.closed->position));
}

}  // namespace

Result<void> stats_show(Core& core, const Call& call, api::StatsQuery::Reader in, api::Stats::Builder out) {
  TAUS_TRY_ASSIGN(const Shown year, shown(core, call, in.getYear()));
  fill(core, in.getYear(), year, out);
  return {};
}

Result<void> stats_close(Core& core, const Call& call, api::StatsQuery::Reader in, api::Stats::Builder out) {
  TAUS_TRY(require(standing(call), leader, "the leader closes a year"));
  const std::int32_t year = in.getYear();
  if (year < 0) return Error(ErrorCode::invalid_argument, "say which year", "/year");
  if (core.book.closed.contains(year))
    return Error(ErrorCode::version_conflict, "this year is closed already: see 'stats show'", "/year");
  if (year >= core.zone->year_of(call.now))
    return Error(ErrorCode::invalid_argument, "this year is not over: close it from 1 January on", "/year");
  if (!core.book.open_year || year < *core.book.open_year)
    return Error(ErrorCode::not_found, "there are no statistics of that year", "/year");
  TAUS_TRY(close_years(core, core.zone->year_end(year)));
  TAUS_TRY_ASSIGN(const Shown closed, shown(core, call, year));
  fill(core, year, closed, out);
  return {};
}

Result<void> stats_export(Core& core, const Call& call, api::StatsExport::Reader in, api::StatsFile::Builder out) {
  TAUS_TRY_ASSIGN(const Shown year, shown(core, call, in.getYear()));
  capnp::MallocMessageBuilder message;
  auto stats = message.initRoot<api::Stats>();
  fill(core, in.getYear(), year, stats);
  const std::string_view format = text_of(in.getFormat());
  if (format == "csv") {
    out.setText(statistics_csv(core.profile(), stats.asReader()));
    out.setMediaType("text/csv");
  } else if (format == "json") {
    out.setText(statistics_json(stats.asReader()));
    out.setMediaType("application/json");
  } else if (format == "html") {
    out.setText(statistics_html(core.profile(), stats.asReader()));
    out.setMediaType("text/html");
  } else {
    return Error(ErrorCode::invalid_argument, "the format is csv, json or html", "/format");
  }
  return {};
}

}  // namespace taus::service
