// Counting: what one subject contributes to a year, and the year's tally that contributions add up to.
//
// What:    contribution() reads only the categories it is told to, so that what a shred takes away can be folded into the tally by the
//          same code that counts what lives: tally + contributions of the living = the year (docs/STATISTICS.md).
// Threads: pure functions and plain values. Owns: nothing but its values. Errors: none.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "eventstore/base/zone.h"
#include "projections/subject.h"

namespace taus::statistics {

using projections::Subject;

// How the values of a dimension become cells.
enum class Kind : std::uint8_t {
  listed,  // a closed list: every cell is shown, also where it is 0
  coded,   // a code list too long to show: cells that occur
  open,    // words or rare codes: small ones go together under "other"
};

struct Dimension {
  std::string name;                 // of the field counted, or "channel"
  std::vector<int> bands;           // lower bounds, for numbers
  std::vector<std::string> listed;  // of kind listed
  Kind kind = Kind::coded;
  std::string_view (*one_code)(std::string_view) = nullptr;  // of codes that mean the same: which is counted
};

struct Rules {
  bool by_case = false;  // every case counts; else a client once a calendar year
  std::uint64_t k = 5;
  std::uint64_t round_to = 1;  // of the running year
  std::vector<Dimension> dimensions;
  bool inquiries = false;  // are counted: the profile takes them
};

// How each of a profile's dimensions is shown.
Dimension dimension(std::string name, std::vector<int> bands, std::vector<std::string> options);

using Cells = std::map<std::string, std::uint64_t, std::less<>>;

struct Breakdown {
  std::uint64_t answered = 0;  // clients (channel: sessions) that gave at least one value
  std::uint64_t people = 0;    // clients whose answer, known or not, it has taken in
  Cells cells;
  friend bool operator==(const Breakdown&, const Breakdown&) = default;
};

struct Tally {
  std::uint64_t clients = 0;
  std::uint64_t sessions = 0;
  std::uint64_t bookings = 0;
  std::uint64_t no_shows = 0;
  std::uint64_t cancellations = 0;
  std::map<std::string, Breakdown, std::less<>> breakdowns;
  Cells counts{};  // what is no client's answer: see below

  void add(const Tally& other);
  void drop_empty();  // breakdowns that nobody was taken into
  [[nodiscard]] bool empty() const { return *this == Tally{}; }
  friend bool operator==(const Tally&, const Tally&) = default;
};

inline constexpr const char* own_words = "focusAreas";
// Names of a tally's own words: it is one part of limited size (limits::part_bytes_max).
inline constexpr std::size_t named_words_max = 500;
inline constexpr std::size_t named_word_bytes_max = 100;
inline constexpr const char* other_words = "other";
inline constexpr const char* sessions_each = "sessionsPerClient";
inline constexpr const char* channel = "channel";
inline constexpr const char* requests_by_kind = "rightsRequests";
inline constexpr const char* requests_by_days = "rightsDays";
// Counts.
inline constexpr const char* invitations = "surveyInvitations";
inline constexpr const char* erasures = "erasures";
inline constexpr const char* erasures_late = "erasuresLate";
inline constexpr const char* outcomes_late = "outcomesLate";
inline constexpr const char* inquiries_received = "inquiries";
inline constexpr const char* inquiries_answered = "inquiriesAnswered";
inline constexpr const char* group_sessions = "groupSessions";
inline constexpr const char* group_participants = "groupParticipants";
inline constexpr const char* requests_decided = "rightsDecided";
inline constexpr const char* requests_late = "rightsLate";

// Words of clients that too few wrote to be shown.
using RareWords = std::unordered_set<std::string_view>;

// Adds up clients of one year, straight into a tally, so that a hundred thousand take milliseconds. `to` must outlive it.
class Counter {
 public:
  Counter(const Rules& rules, const Zone& zone, int year, Tally& to);
  // What these categories of the subject contribute; without `facts` totals only.
  void add(const Subject& subject, std::uint16_t categories, bool facts = true);
  // Whether a client whom add() counted wrote one of these, or what goes under "other" by its name.
  [[nodiscard]] bool wrote_any(const Subject& subject, std::uint16_t categories, bool facts, const RareWords& of) const;
  // Clients lie scattered in memory: asks for what add() will read, some clients ahead. near: she was asked for as far before.
  static void fetch(const Subject& far, const Subject& near);

 private:
  using CountFact = bool (*)(const Dimension&, const projections::DemographicsState&, Breakdown&);
  struct Counted {
    const Dimension* dimension;
    CountFact count;  // nullptr: the client's own words, of another category
    Breakdown* to;
  };
  [[nodiscard]] bool in_year(Instant at) const { return at >= begin_ && at < end_; }
  [[nodiscard]] bool counted_before(const Subject& subject) const;
  [[nodiscard]] bool counts_words(const Subject& subject, std::uint16_t live) const;
  [[nodiscard]] bool counts_again(const Subject& subject) const;
  [[nodiscard]] bool guided(const Subject& subject) const;
  void add_appointments(const Subject& subject, bool facts);
  void count_sessions(std::uint64_t sessions);
  void add_sessions_each(const Subject& subject);
  void add_facts(const Subject& subject, bool demographics, bool intake);
  void add_requests(const Subject& subject, bool facts);
  const Rules& rules_;
  const Zone& zone_;
  int year_;
  Instant begin_, end_;
  Tally& to_;
  std::vector<Counted> facts_;
  Breakdown* channel_;
  Breakdown* each_;
};

// The same for one subject alone.
Tally contribution(const Rules& rules, const Zone& zone, const Subject& subject, int year, std::uint16_t categories,
                   bool facts = true);
// How many of the subject's changed facts were in force at the first session of `year` (at its end). The year counts with these: who moves
// house in summer stays where the first session found her. Nothing: no session of that year is known.
std::optional<std::int32_t> facts_in_force(const Zone& zone, const Subject& subject, int year);
// Sessions of `year` whose appointments are gone, as the subject's name remembers them. Nothing: some were erased on request, and what is left
// would tell a wrong number.
std::optional<std::int32_t> earlier_sessions(const Zone& zone, const Subject& subject, int year);
// All of `year`.
std::optional<std::int32_t> sessions_of(const Zone& zone, const Subject& subject, int year);
// The years to which the subject's live categories contribute, ascending.
std::vector<int> years_of(const Zone& zone, const Subject& subject);

// How many clients who stay wrote this among their focus areas.
using StayingWords = std::function<std::uint64_t(const std::string& word)>;

// The words that fewer than k clients wrote; they name cells of `tally`.
RareWords rare_words(const Rules& rules, const Tally& tally);
// Puts clients in place of their rare words: `clients` wrote some, beside those in `folded`, who were counted when their data went.
void gather_rare(const RareWords& words, const Tally& folded, std::uint64_t clients, Tally& to);

// Contributions about to lose their keys, into the tally: totals always; of each breakdown what is known only where it has taken in at least k
// people, the group included, so that a cell can be anyone's of k. What clients wrote in their own words goes in by name only where at
// least k of them did, folded by name, of the group or staying; all else under "other".
void fold_group(const Rules& rules, Tally& tally, const std::vector<Tally>& group, const StayingWords& staying);

}  // namespace taus::statistics
