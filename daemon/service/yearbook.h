// The centre's statistics: the tallies of the open years, and the years that are closed for good (docs/STATISTICS.md).
//
// Threads:    the core thread. Owns: exact counts of open years, in memory; on disk sealed under a key of the centre that the next fold
//             destroys in the same run as the keys whose content it took in (docs/decisions/0008).
// Durability: staged with the command or the due work that caused it. Errors: io, corrupt.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/service/traces.h"
#include "eventstore/schema/event.capnp.h"
#include "projections/publication.h"

namespace taus::policy {
struct Profile;
}

namespace taus::service {

struct Core;
class Decision;

struct YearBook {
  struct Closed {
    statistics::Publication publication;
    std::string closed_on, sha256;
    Position position = 0;
    friend bool operator==(const Closed&, const Closed&) = default;
  };
  // A group session, with its heads counted.
  struct Group {
    Instant start{}, end{};
    schema::Channel channel = schema::Channel::ABSENT;
    std::string topic;
    std::uint32_t participants = 0;
    bool cancelled = false;
  };
  std::vector<Group> groups;  // by number, from 1
  statistics::Rules rules;
  std::map<int, statistics::Tally> tallies;               // of open years: what was folded
  std::map<int, std::vector<statistics::Tally>> leaving;  // accepted shreds' contributions, not folded yet
  std::map<int, statistics::Cells> happened;  // of the centre itself: outcomes of closed years, late shreds; not folded yet
  std::map<int, statistics::Cells> late;      // of closed years, what was told afterwards
  std::map<int, std::uint64_t> erased;        // keys of clients destroyed, by receipts
  std::map<int, Closed> closed;
  std::optional<int> open_year;   // the earliest that is not closed
  std::optional<Instant> closes;  // when it is over
  bool crowded = false;  // during a long erasure: the newest tally shares its key with others, and should get one of its own
  ReadTraces traces;     // of read logs that went before their time
  bool traced = false;   // not folded yet
  int slot = 0;          // where the newest tally lies in the centre's node; 0: none
};

// How this profile counts.
statistics::Rules rules_of(const policy::Profile& profile);
// What stream 0 tells at start.
void read_centre_event(YearBook& book, const Zone& zone, int slot, Position position, schema::Event::Reader event);
// A year as it stands: folded, and what lives outside accepted shreds.
statistics::Tally year_total(const Core& core, int year);
// Notes something that is no client's, for the next fold.
void happen(Core& core, int year, const char* what, std::uint64_t times = 1);
// Where the clock stands before the earliest open year and nothing was closed since, that year is open too.
Result<void> open_earlier_year(Core& core, Instant now);
// Notes what an accepted shred will take from the open years, and from read logs. Before its events are appended; busy where a read is
// not durable yet, and then nothing is noted.
Result<void> leave(Core& core, const Decision& decision);
// Folds what was noted; in the same batch as the acceptance of the shreds. A tally that shared its key gets one of its own.
Result<void> fold_noted(Core& core);
// Closes every year that is over by `now`, oldest first.
Result<void> close_years(Core& core, Instant now);
void fill_published(const Core& core, int year, const statistics::Publication& from, const std::string& closed_on,
                    schema::PublishedYear::Builder to);
// The year that holds `at` is closed: what is told about it now is not counted.
[[nodiscard]] bool late(const Core& core, Instant at);
// How many outcomes were told of a closed year after it was closed.
[[nodiscard]] std::uint64_t late_outcomes(const Core& core, int year);

}  // namespace taus::service
