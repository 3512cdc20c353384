// What is left of a read log that a withdrawal or a granted erasure destroys: who of the staff read, in which role, which categories, in
// which month; no client (docs/decisions/0011). Kept for a year with the centre's tally, under the key that every fold replaces.
//
// Threads: the core thread. Durability: with the fold that writes it (yearbook.h). Errors: busy (a read is not durable yet).
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/base/zone.h"
#include "eventstore/schema/event.capnp.h"
#include "projections/subject.h"

namespace taus::service {

struct Core;
class Decision;

// Months are counted from January of year 0, local time.
struct ReadTrace {
  std::int32_t erased =
      0;  // the month in which the client's own log was destroyed; the trace lives to the same month a year later
  Ordinal staff = 0;
  schema::Role role = schema::Role::ABSENT;
  std::int32_t month = 0;  // of the read
  bool denied = false;
  std::uint16_t categories = 0;
  friend auto operator<=>(const ReadTrace&, const ReadTrace&) = default;
};

class ReadTraces {
 public:
  void add(const ReadTrace& one, std::uint32_t times = 1);
  // Lines whose year is over by `now` go; whether there were any.
  bool expire(const Zone& zone, Instant now);
  // When the next ones go.
  [[nodiscard]] std::optional<Instant> next(const Zone& zone) const;
  [[nodiscard]] const std::map<ReadTrace, std::uint32_t>& lines() const noexcept { return lines_; }
  void read(schema::Tallies::Reader from);
  void write(schema::Tallies::Builder to) const;
  [[nodiscard]] std::vector<std::pair<ReadTrace, std::uint32_t>> of(Ordinal staff) const;

 private:
  std::map<ReadTrace, std::uint32_t> lines_;
};

std::int32_t month_of(const Zone& zone, Instant at);
std::string month_text(std::int32_t month);                   // 2026-03
Instant end_of_trace(const Zone& zone, std::int32_t erased);  // local midnight

// Whether every read of this client is durable, and could be traced.
bool traceable(const Core& core, const projections::Subject& subject);
// What a decision's shreds take of reads by the staff. Before anything of it is staged: only this can fail.
Result<std::vector<ReadTrace>> traced_reads(const Core& core, const Decision& decision);

}  // namespace taus::service
