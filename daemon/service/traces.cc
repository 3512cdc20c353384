#include "daemon/service/traces.h"

#include <algorithm>
#include <cstdio>

#include "daemon/service/decision.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/part.h"

namespace taus::service {

namespace {

constexpr std::int32_t year_months = 12;

// Too many lines to tell apart: what was read in one month by one member of staff in one role becomes one line.
std::map<ReadTrace, std::uint32_t> coarser(const std::map<ReadTrace, std::uint32_t>& lines) {
  std::map<ReadTrace, std::pair<Mask, std::uint32_t>> merged;
  for (const auto& [line, times] : lines) {
    ReadTrace key = line;
    key.categories = 0;
    auto& [categories, all] = merged[key];
    categories = static_cast<Mask>(categories | line.categories);
    all += times;
  }
  std::map<ReadTrace, std::uint32_t> out;
  for (auto& [key, value] : merged) {
    ReadTrace line = key;
    line.categories = value.first;
    out.emplace(line, value.second);
  }
  return out;
}

template <class List>
Mask mask_of(List categories) {
  Mask out = 0;
  for (const auto one : categories) out = static_cast<Mask>(out | bit(static_cast<Category>(one)));
  return out;
}

// One read, without the client; nothing where it was no member of staff's, or cannot be read any more.
Result<std::optional<ReadTrace>> trace_of(const Core& core, Position position, std::int32_t erased) {
  TAUS_TRY_ASSIGN(const journal::Leaf leaf, core.store->leaf(position));
  for (std::size_t i = 0; i < leaf.parts.size(); ++i) {
    const Result<OpenedPart> opened = core.store->open_part(leaf, i);
    if (!opened && (opened.error().code == ErrorCode::busy || opened.error().code == ErrorCode::io)) return opened.error();
    if (!opened) continue;  // an erasure does not wait for what is damaged
    TAUS_TRY_ASSIGN(const schema::PartReader part, schema::PartReader::open(opened->plaintext, opened->category));
    const auto event = part.event();
    if (event.getHead().getActor() == 0) continue;
    const bool denied = event.isAccessDenied();
    if (!denied && !event.isRecordConsulted()) continue;
#ifdef TAUS_PLANT_TRACE_TO_THE_DAY
    const auto day = std::chrono::floor<std::chrono::days>(instant_of_ms(event.getHead().getAt()));
    const auto month = static_cast<std::int32_t>(day.time_since_epoch().count());
#else
    const std::int32_t month = month_of(*core.zone, instant_of_ms(event.getHead().getAt()));
#endif
    return std::optional(ReadTrace{.erased = erased,
                                   .staff = event.getHead().getActor(),
                                   .role = event.getHead().getRole(),
                                   .month = month,
                                   .denied = denied,
                                   .categories = denied ? mask_of(event.getAccessDenied().getAudit().getCategories())
                                                        : mask_of(event.getRecordConsulted().getAudit().getCategories())});
  }
  return std::optional<ReadTrace>();
}

// Whether this shred takes a read log before its own time.
bool takes_reads(const Core& core, const Subject& subject, const Decision::PlannedShred& shred) {
  const auto before = core.shredding.find(subject.ordinal);
  const Mask taken = before == core.shredding.end() ? shred.categories : static_cast<Mask>(shred.categories & ~before->second);
  if (!has(taken, Category::audit) || !subject.has(Category::audit) || subject.is_staff()) return false;
  return shred.reason != schema::ShredReason::RETENTION || subject.withdrawn_at().has_value();
}

}  // namespace

void ReadTraces::add(const ReadTrace& one, std::uint32_t times) {
  lines_[one] += times;
  if (lines_.size() <= limits::trace_lines_max) return;
  lines_ = coarser(lines_);
  while (lines_.size() > limits::trace_lines_max) lines_.erase(lines_.begin());
}

bool ReadTraces::expire(const Zone& zone, Instant now) {
  const std::size_t before = lines_.size();
  std::erase_if(lines_, [&](const auto& one) { return end_of_trace(zone, one.first.erased) <= now; });
  return lines_.size() != before;
}

std::optional<Instant> ReadTraces::next(const Zone& zone) const {
  if (lines_.empty()) return std::nullopt;
  return end_of_trace(zone, lines_.begin()->first.erased);
}

void ReadTraces::read(schema::Tallies::Reader from) {
  lines_.clear();
  for (const auto one : from.getReads())
    lines_[{.erased = one.getErased(),
            .staff = one.getStaff(),
            .role = one.getRole(),
            .month = one.getMonth(),
            .denied = one.getDenied(),
            .categories = one.getCategories()}] += one.getTimes();
}

void ReadTraces::write(schema::Tallies::Builder to) const {
  auto list = to.initReads(static_cast<unsigned>(lines_.size()));
  unsigned i = 0;
  for (const auto& [line, times] : lines_) {
    auto one = list[i++];
    one.setErased(line.erased);
    one.setStaff(line.staff);
    one.setRole(line.role);
    one.setMonth(line.month);
    one.setDenied(line.denied);
    one.setCategories(line.categories);
    one.setTimes(times);
  }
}

std::vector<std::pair<ReadTrace, std::uint32_t>> ReadTraces::of(Ordinal staff) const {
  std::vector<std::pair<ReadTrace, std::uint32_t>> out;
  for (const auto& one : lines_)
    if (one.first.staff == staff) out.push_back(one);
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return std::tie(a.first.month, a.first) < std::tie(b.first.month, b.first); });
  return out;
}

std::int32_t month_of(const Zone& zone, Instant at) {
  const Zone::Date date = zone.date_of(at);
  return date.year * year_months + static_cast<std::int32_t>(date.month) - 1;
}

std::string month_text(std::int32_t month) {
  return Zone::format_date({.year = month / year_months, .month = static_cast<unsigned>(month % year_months) + 1, .day = 1})
      .substr(0, 7);
}

Instant end_of_trace(const Zone& zone, std::int32_t erased) {
  const Result<Instant> out = zone.start_of_day(month_text(erased + year_months) + "-01");
  TAUS_CHECK(out);
  return *out;
}

bool traceable(const Core& core, const Subject& subject) {
  return subject.reads.empty() || subject.reads.back() < core.store->durable_size();
}

Result<std::vector<ReadTrace>> traced_reads(const Core& core, const Decision& decision) {
  std::vector<ReadTrace> out;
  const std::int32_t erased = month_of(*core.zone, core.options.clock->now());
  for (const Decision::PlannedShred& one : decision.shreds) {
    const Subject* subject = core.projections.subject(one.subject);
    if (subject == nullptr || !takes_reads(core, *subject, one)) continue;
    for (const Position position : subject->reads) {
      TAUS_TRY_ASSIGN(const std::optional<ReadTrace> read, trace_of(core, position, erased));
      if (read) out.push_back(*read);
    }
  }
  return out;
}

}  // namespace taus::service
