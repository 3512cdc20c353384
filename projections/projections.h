// Everything that is answered from memory: subjects, contact index, calendar, staff, receipts. Rebuilt at start from the journal by
// the same calls that follow an append, so that a restart changes nothing.
//
// Threads: the core thread. Owns: all plaintext it holds; forget() frees it (freed memory is wiped process-wide).
// Errors:  none: input is what schema/part.h opened.
#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "projections/fold.h"

namespace taus::projections {

// One appointment as a counsellor's calendar lists it.
struct CalendarRef {
  Ordinal subject = 0;
  std::uint32_t number = 0;
};

// The receipts of one run of shreds: several where they are many.
struct ReceiptRun {
  std::uint64_t generation = 0;
  Position first = 0, last = 0;
  friend bool operator==(const ReceiptRun&, const ReceiptRun&) = default;
};

class Projections {
 public:
  // Appends: a leaf of `stream` was read or written. Then, for each of its parts, one of the next two.
  void event(Ordinal stream, const Place& place);
  void part(Ordinal stream, Category category, const Place& place, schema::Event::Reader part);
  void part_shredded(Ordinal stream, std::optional<Category> category);  // nothing: the whole node is gone
  void receipt(Position position, schema::ShredReceipt::Reader receipt);

  // Forgets at once what a shred destroyed; all = the whole subject.
  void forget(Ordinal subject, std::uint16_t categories, bool all);

  [[nodiscard]] const Subject* subject(Ordinal ordinal) const;  // nullptr: unknown or wholly shredded
  [[nodiscard]] bool wholly_shredded(Ordinal ordinal) const { return gone_.contains(ordinal); }
  [[nodiscard]] std::optional<Position> receipt_of(Ordinal ordinal) const;
  // The first run of shreds whose receipts stand after `position`.
  [[nodiscard]] std::optional<ReceiptRun> receipts_after(Position position) const;
  [[nodiscard]] std::vector<Ordinal> by_email(std::string_view email) const;
  [[nodiscard]] std::vector<Ordinal> by_phone(std::string_view phone) const;
  [[nodiscard]] std::vector<Ordinal> by_name(std::string_view name) const;
  [[nodiscard]] std::vector<Ordinal> staff() const { return {staff_.begin(), staff_.end()}; }
  // Appointments of one counsellor (0: all) that overlap [from, to), by start.
  [[nodiscard]] std::vector<CalendarRef> calendar(Ordinal counsellor, Instant from, Instant to) const;
  // Whose appointments take the counsellor's time in [from, to), leaving out one appointment of one subject (when it is moved).
  [[nodiscard]] std::vector<Ordinal> taken_by(Ordinal counsellor, Instant from, Instant to, const CalendarRef& but) const;
  void each_subject(const std::function<void(const Subject&)>& visit) const;
  [[nodiscard]] std::size_t gone_count() const noexcept { return gone_.size(); }
  friend bool operator==(const Projections&, const Projections&) = default;

 private:
  struct CalendarEntry {  // by counsellor and start
    Ordinal counsellor = 0;
    Instant start{};
    Ordinal subject = 0;
    std::uint32_t number = 0;
    friend auto operator<=>(const CalendarEntry&, const CalendarEntry&) = default;
  };
  // Whose contact it is, by the form it is looked up under. One set for all: a set for each would be larger than what is in it.
  using ContactIndex = std::set<std::pair<std::string, Ordinal>>;
  static std::vector<Ordinal> look_up(const ContactIndex& index, const std::string& key);
  void unindex(const Subject& subject, Category category);
  void index(const Subject& subject, Category category);
  Subject& at(Ordinal stream);

  std::unordered_map<Ordinal, Subject> subjects_;
  std::unordered_map<Ordinal, std::optional<Position>> gone_;  // wholly shredded → its last receipt
  std::vector<ReceiptRun> receipt_runs_;                       // rising
  ContactIndex emails_;
  ContactIndex phones_;
  std::set<CalendarEntry> calendar_;
  std::set<Ordinal> staff_;
};

// The forms under which contacts are looked up: the search key of an e-mail address, digits of a phone number with +47 understood.
std::string email_key(std::string_view email);
std::string phone_key(std::string_view phone);

}  // namespace taus::projections
