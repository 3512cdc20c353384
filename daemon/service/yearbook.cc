#include "daemon/service/yearbook.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include <capnp/dynamic.h>

#include "daemon/policy/code_lists.h"
#include "daemon/service/decision.h"
#include "eventstore/crypto/hash.h"
#include "eventstore/schema/json.h"
#include "eventstore/schema/part.h"

namespace taus::service {

namespace {

using statistics::Tally;

// Category numbers of the centre's own node that hold tallies in turn; 0 and 1 are its fixed keys, 15 its events.
constexpr int first_slot = 2;
constexpr int last_slot = 13;
constexpr std::size_t fetched_ahead = 16;  // clients

std::string string_of(capnp::Text::Reader text) { return {text.cStr(), text.size()}; }

void set_open_year(YearBook& book, const Zone& zone, int year) {
  book.open_year = year;
  book.closes = zone.year_end(year);
}

Tally tally_of(schema::YearTally::Reader from) {
  Tally out{.clients = from.getClients(),
            .sessions = from.getSessions(),
            .bookings = from.getBookings(),
            .no_shows = from.getNoShows(),
            .cancellations = from.getCancellations(),
            .breakdowns = {},
            .counts = {}};
  for (const auto one : from.getBreakdowns()) {
    statistics::Breakdown& to = out.breakdowns[string_of(one.getName())];
    to.answered = one.getAnswered();
    to.people = one.getPeople();
    for (const auto cell : one.getCells()) to.cells[string_of(cell.getCode())] = cell.getCount();
  }
  for (const auto one : from.getCounts()) out.counts[string_of(one.getCode())] = one.getCount();
  return out;
}

template <class Init>
void fill_cells(const statistics::Cells& from, const Init& init) {
  auto to = init(static_cast<unsigned>(from.size()));
  unsigned i = 0;
  for (const auto& [code, n] : from) {
    to[i].setCode(code);
    to[i++].setCount(n);
  }
}

void fill_tally(int year, const Tally& from, schema::YearTally::Builder to) {
  to.setYear(static_cast<std::int16_t>(year));
  to.setClients(from.clients);
  to.setSessions(from.sessions);
  to.setBookings(from.bookings);
  to.setNoShows(from.no_shows);
  to.setCancellations(from.cancellations);
  auto list = to.initBreakdowns(static_cast<unsigned>(from.breakdowns.size()));
  unsigned i = 0;
  for (const auto& [name, breakdown] : from.breakdowns) {
    auto one = list[i++];
    one.setName(name);
    one.setAnswered(breakdown.answered);
    one.setPeople(breakdown.people);
    fill_cells(breakdown.cells, [&](unsigned n) { return one.initCells(n); });
  }
  fill_cells(from.counts, [&](unsigned n) { return to.initCounts(n); });
}

statistics::Publication publication_of(schema::PublishedYear::Reader from) {
  statistics::Publication out{
      .clients = from.getClients(), .sessions = from.getSessions(), .bookings = from.getBookings(), .tables = {}, .counts = {}};
  for (const auto one : from.getCounts())
    out.counts.emplace_back(string_of(one.getCode()), static_cast<std::uint64_t>(one.getCount()));
  for (const auto table : from.getTables()) {
    auto& to = out.tables.emplace_back(statistics::Table{
        .name = string_of(table.getName()), .total = table.getTotal(), .withheld = table.getWithheld(), .cells = {}});
    for (const auto cell : table.getCells())
      to.cells.push_back({string_of(cell.getCode()),
                          cell.getHidden() ? std::nullopt : std::optional(static_cast<std::uint64_t>(cell.getCount()))});
  }
  return out;
}

// Receipts are public, so what they add up to needs no tally.
void count_receipt(YearBook& book, schema::ShredReceipt::Reader receipt) {
  std::uint64_t keys = 0;
  for (const auto one : receipt.getKeys()) keys += one.getStream() == centre_stream ? 0 : 1;
  if (keys > 0) book.erased[std::stoi(string_of(receipt.getLocalDate()))] += keys;
}

void read_group(YearBook& book, schema::Event::Reader event) {
  if (event.isGroupSessionHeld()) {
    const auto from = event.getGroupSessionHeld().getCentre();
    book.groups.push_back({.start = instant_of_ms(from.getStart()),
                           .end = instant_of_ms(from.getEnd()),
                           .channel = from.getChannel(),
                           .topic = string_of(from.getTopic()),
                           .participants = from.getParticipants()});
  } else if (event.isGroupSessionCorrected()) {
    const auto from = event.getGroupSessionCorrected().getCentre();
    if (from.getNumber() < 1 || from.getNumber() > book.groups.size()) return;
    YearBook::Group& to = book.groups[from.getNumber() - 1];
    to.participants = from.getParticipants();
    to.cancelled = from.getCancelled();
  }
}

void count_groups(const YearBook& book, const Zone& zone, int year, Tally& to) {
  for (const YearBook::Group& one : book.groups) {
    if (one.cancelled || zone.year_of(one.start) != year) continue;
    ++to.counts[statistics::group_sessions];
    to.counts[statistics::group_participants] += one.participants;
  }
}

struct Countable {
  Mask categories = 0;
  bool facts = true;
};

// What of these categories counts: nothing that is restricted (art. 18(2)), and of who withdrew the totals only.
Countable countable(const Subject& subject, Mask categories) {
  if (subject.withdrawn_at()) return {.categories = categories, .facts = false};
  return {.categories = static_cast<Mask>(categories & ~subject.restricted()), .facts = true};
}

// Appends the tallies under a key of their own and asks for the older ones' keys to be destroyed.
Result<void> write_tallies(Core& core) {
  YearBook& book = core.book;
  capnp::MallocMessageBuilder message;
  auto event = message.initRoot<schema::Event>();
  event.initHead().setAt(ms_of(core.options.clock->now()));
  event.getHead().setRole(schema::Role::SYSTEM);
  auto tallies = event.initTallyFolded().initCentre();
  book.traces.write(tallies);
  book.traced = false;
  auto years = tallies.initYears(static_cast<unsigned>(book.tallies.size() + book.late.size()));
  unsigned i = 0;
  for (const auto& [year, tally] : book.tallies) fill_tally(year, tally, years[i++]);
  for (const auto& [year, counts] : book.late) fill_tally(year, {.breakdowns = {}, .counts = counts}, years[i++]);
  TAUS_TRY_ASSIGN(const std::uint16_t live, core.store->vault().live_categories(centre_ordinal));
  int slot = book.slot;
  book.crowded = true;
  for (int one = first_slot; one <= last_slot && book.crowded; ++one)
    if ((live >> one & 1) == 0) {
      slot = one;
      book.crowded = false;
    }
  TAUS_TRY_ASSIGN(std::vector<schema::PartBytes> parts, schema::split(event.asReader()));
  TAUS_CHECK(parts.size() == 1);
  const NewPart part{.category = slot, .plaintext = std::move(parts[0].bytes)};
  TAUS_TRY(core.store->append(centre_stream, {&part, 1}));
  book.slot = slot;
  Mask old = 0;
  for (int one = first_slot; one <= last_slot; ++one)
    if (one != slot && (live >> one & 1) != 0) old = static_cast<Mask>(old | 1U << one);
  old = static_cast<Mask>(old & ~core.shredding[centre_ordinal]);
#ifdef TAUS_PLANT_OLD_TALLY_KEPT
  old = 0;
#endif
  if (old == 0) return {};
  const ByteArray<1> note{static_cast<std::uint8_t>(schema::ShredReason::MAINTENANCE)};
  TAUS_TRY(core.store->accept_shred(centre_ordinal, old, note));
  core.shredding[centre_ordinal] = static_cast<Mask>(core.shredding[centre_ordinal] | old);
  return {};
}

Result<void> close_year(Core& core, int year) {
  YearBook& book = core.book;
  YearBook::Closed closed{.publication = statistics::publish(book.rules, year_total(core, year)),
                          .closed_on = core.zone->local_date(core.options.clock->now()),
                          .sha256 = {}};
  capnp::MallocMessageBuilder message;
  auto event = message.initRoot<schema::Event>();
  auto closing = event.initStatisticsYearClosed().initPublic();
  fill_published(core, year, closed.publication, closed.closed_on, closing.initPublished());
  const std::string json = schema::write_json(capnp::DynamicStruct::Reader(closing.getPublished().asReader()));
  closed.sha256 = to_hex(crypto::sha256({view(json)}));
  closing.setSha256(closed.sha256);
  TAUS_TRY_ASSIGN(const Appended appended, append_event(core, centre_stream, event.asReader(), all_categories));
  closed.position = appended.position;
  book.closed.emplace(year, std::move(closed));
  book.leaving.erase(year);
  book.happened.erase(year);
  set_open_year(book, *core.zone, year + 1);
  // The closed year's exact counts go with the key of the tally that held them.
  if (book.tallies.erase(year) > 0) TAUS_TRY(write_tallies(core));
  return {};
}

}  // namespace

statistics::Rules rules_of(const policy::Profile& profile) {
  const policy::Statistics& from = profile.statistics;
  statistics::Rules out{.by_case = from.count_unit == policy::CountUnit::case_,
                        .k = static_cast<std::uint64_t>(from.k),
                        .round_to = static_cast<std::uint64_t>(from.running_round_to),
                        .dimensions = {},
                        .inquiries = profile.inquiries.accepted};
  for (const policy::Dimension& one : from.dimensions) {
    const policy::Field* field = profile.record_field(one.name);
    if (field == nullptr) field = profile.form_field(one.name);
    out.dimensions.push_back(
        statistics::dimension(one.name, one.bands, field == nullptr ? std::vector<std::string>{} : field->options));
    if (field != nullptr && field->type == policy::FieldType::language) out.dimensions.back().one_code = policy::language_code;
  }
  return out;
}

void read_centre_event(YearBook& book, const Zone& zone, int slot, Position position, schema::Event::Reader event) {
  read_group(book, event);
  if (event.isProfileActivated() && !book.open_year)
    set_open_year(book, zone, zone.year_of(instant_of_ms(event.getHead().getAt())));
  if (event.isTallyFolded()) {
    book.tallies.clear();
    book.late.clear();
    for (const auto one : event.getTallyFolded().getCentre().getYears()) {
      const int year = one.getYear();
      if (book.closed.contains(year))
        book.late[year] = tally_of(one).counts;
      else
        book.tallies[year] = tally_of(one);
    }
    if (!book.tallies.empty() && book.open_year && book.tallies.begin()->first < *book.open_year)
      set_open_year(book, zone, book.tallies.begin()->first);
    book.traces.read(event.getTallyFolded().getCentre());
    book.slot = slot;
  }
  if (event.isShredCompleted()) count_receipt(book, event.getShredCompleted().getPublic());
  if (!event.isStatisticsYearClosed()) return;
  const auto closing = event.getStatisticsYearClosed().getPublic();
  const auto year = closing.getPublished();
  book.closed[year.getYear()] = {.publication = publication_of(year),
                                 .closed_on = string_of(year.getClosedOn()),
                                 .sha256 = string_of(closing.getSha256()),
                                 .position = position};
  book.tallies.erase(year.getYear());
  set_open_year(book, zone, year.getYear() + 1);
}

namespace {

// Of every client whose form is not about to be shredded; counted when it is first asked for.
statistics::StayingWords staying_words(const Core& core) {
  return [&core, counted = std::optional<std::unordered_map<std::string, std::uint64_t>>()](const std::string& word) mutable {
    if (!counted) {
      counted.emplace();
      core.projections.each_subject([&](const Subject& one) {
        const auto leaving = core.shredding.find(one.ordinal);
        if (leaving != core.shredding.end() && has(leaving->second, Category::intake)) return;
        const std::set<std::string_view> once(one.focus_areas.begin(), one.focus_areas.end());
        for (const std::string_view each : once) ++(*counted)[std::string(each)];
      });
    }
    const auto it = counted->find(word);
    return it == counted->end() ? 0 : it->second;
  };
}

}  // namespace

Tally year_total(const Core& core, int year) {
  const YearBook& book = core.book;
  Tally out;
  if (const auto it = book.tallies.find(year); it != book.tallies.end()) out = it->second;
  if (const auto it = book.leaving.find(year); it != book.leaving.end())
    fold_group(book.rules, out, it->second, staying_words(core));
  const Tally folded = out;
  std::vector<const Subject*> all;
  core.projections.each_subject([&](const Subject& one) { all.push_back(&one); });
  statistics::Counter counter(book.rules, *core.zone, year, out);
  const auto counted = [&](const Subject& one) {
    const auto it = core.shredding.find(one.ordinal);
    return countable(one, it == core.shredding.end() ? all_categories : static_cast<Mask>(all_categories & ~it->second));
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i + fetched_ahead < all.size()) statistics::Counter::fetch(*all[i + fetched_ahead], *all[i + fetched_ahead / 2]);
    const Countable of = counted(*all[i]);
    counter.add(*all[i], of.categories, of.facts);
  }
  if (const statistics::RareWords rare = statistics::rare_words(book.rules, out); !rare.empty()) {
    const auto wrote = std::count_if(all.begin(), all.end(), [&](const Subject* one) {
      const Countable of = counted(*one);
      return counter.wrote_any(*one, of.categories, of.facts, rare);
    });
    gather_rare(rare, folded, static_cast<std::uint64_t>(wrote), out);
  }
  count_groups(book, *core.zone, year, out);
  if (const auto it = book.happened.find(year); it != book.happened.end()) out.add({.breakdowns = {}, .counts = it->second});
  if (const auto it = book.erased.find(year); it != book.erased.end()) out.counts[statistics::erasures] = it->second;
  return out;
}

void happen(Core& core, int year, const char* what, std::uint64_t times) { core.book.happened[year][what] += times; }

Result<void> open_earlier_year(Core& core, Instant now) {
  YearBook& book = core.book;
  const int year = core.zone->year_of(now);
  if (!book.open_year || year >= *book.open_year || (!book.closed.empty() && book.closed.rbegin()->first >= year)) return {};
  set_open_year(book, *core.zone, year);
  book.tallies[year];  // an empty one is what a start finds it by
  return write_tallies(core);
}

Result<void> leave(Core& core, const Decision& decision) {
  YearBook& book = core.book;
  TAUS_TRY_ASSIGN(const std::vector<ReadTrace> reads, traced_reads(core, decision));
  for (const ReadTrace& one : reads) book.traces.add(one);
  book.traced = book.traced || !reads.empty();
  if (decision.late_for) happen(core, *decision.late_for, statistics::outcomes_late);
  if (decision.late_answer_in) happen(core, *decision.late_answer_in, statistics::requests_late);
  for (const Decision::PlannedShred& one : decision.shreds) {
    const Subject* subject = core.projections.subject(one.subject);
    if (subject == nullptr || !book.open_year) continue;
    const auto before = core.shredding.find(one.subject);
    const Mask taken = before == core.shredding.end() ? one.categories : static_cast<Mask>(one.categories & ~before->second);
    for (const int year : statistics::years_of(*core.zone, *subject)) {
      if (year < *book.open_year) continue;
      const Countable of = countable(*subject, taken);
      // Whoever wanted it gone did not want it counted first.
#ifdef TAUS_PLANT_ERASED_COUNTED
      const bool facts = of.facts;
#else
      const bool facts = of.facts && one.reason == schema::ShredReason::RETENTION;
#endif
      Tally part = contribution(book.rules, *core.zone, *subject, year, of.categories, facts);
      if (!part.empty()) book.leaving[year].push_back(std::move(part));
    }
  }
  return {};
}

Result<void> fold_noted(Core& core) {
  YearBook& book = core.book;
  const bool turn = book.crowded && !core.shredding.contains(centre_ordinal);
  if (book.leaving.empty() && book.happened.empty() && !book.traced && !turn) return {};
  const statistics::StayingWords staying = staying_words(core);
  for (const auto& [year, group] : book.leaving) fold_group(book.rules, book.tallies[year], group, staying);
  for (const auto& [year, counts] : book.happened) {
    statistics::Cells& to = book.closed.contains(year) ? book.late[year] : book.tallies[year].counts;
    for (const auto& [what, times] : counts) to[what] += times;
  }
  book.leaving.clear();
  book.happened.clear();
  return write_tallies(core);
}

Result<void> close_years(Core& core, Instant now) {
  while (core.book.closes && *core.book.closes <= now) TAUS_TRY(close_year(core, *core.book.open_year));
  return {};
}

void fill_published(const Core& core, int year, const statistics::Publication& from, const std::string& closed_on,
                    schema::PublishedYear::Builder to) {
  to.setYear(static_cast<std::int16_t>(year));
  to.setProfile(core.profile().name);
  to.setUnit(core.book.rules.by_case ? "case" : "clientYear");
  to.setK(static_cast<std::uint32_t>(core.book.rules.k));
  if (!closed_on.empty()) to.setClosedOn(closed_on);
  to.setClients(from.clients);
  to.setSessions(from.sessions);
  to.setBookings(from.bookings);
  auto counts = to.initCounts(static_cast<unsigned>(from.counts.size()));
  for (unsigned i = 0; i < counts.size(); ++i) {
    counts[i].setCode(from.counts[i].first);
    counts[i].setCount(static_cast<std::int64_t>(from.counts[i].second));
  }
  auto tables = to.initTables(static_cast<unsigned>(from.tables.size()));
  for (unsigned t = 0; t < tables.size(); ++t) {
    auto table = tables[t];
    table.setName(from.tables[t].name);
    table.setTotal(from.tables[t].total);
    table.setWithheld(from.tables[t].withheld);
    auto cells = table.initCells(static_cast<unsigned>(from.tables[t].cells.size()));
    for (unsigned c = 0; c < cells.size(); ++c) {
      const statistics::Cell& cell = from.tables[t].cells[c];
      cells[c].setCode(cell.code);
      cells[c].setHidden(!cell.count);
      if (cell.count) cells[c].setCount(static_cast<std::int64_t>(*cell.count));
    }
  }
}

bool late(const Core& core, Instant at) { return core.book.open_year && core.zone->year_of(at) < *core.book.open_year; }

std::uint64_t late_outcomes(const Core& core, int year) {
  const auto of = core.book.late.find(year);
  if (of == core.book.late.end()) return 0;
  const auto it = of->second.find(statistics::outcomes_late);
  return it == of->second.end() ? 0 : it->second;
}

}  // namespace taus::service
