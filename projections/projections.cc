#include "projections/projections.h"

#include <algorithm>
#include <chrono>

#include "eventstore/base/limits.h"
#include "eventstore/base/search_key.h"

namespace taus::projections {

namespace {

constexpr std::chrono::minutes longest_appointment{limits::appointment_minutes_max};

bool indexed(Category category) {
  return category == Category::email || category == Category::phone || category == Category::appt || category == Category::staff;
}

bool takes_time(const AppointmentState& one) { return one.outcome != schema::Outcome::CANCELLED; }

}  // namespace

std::string email_key(std::string_view email) { return search_key(email); }

std::string phone_key(std::string_view phone) {
  std::string digits;
  for (const char c : phone)
    if (c >= '0' && c <= '9') digits.push_back(c);
  if (digits.starts_with("00")) digits.erase(0, 2);
  if (digits.size() == 8) digits.insert(0, "47");
  return digits;
}

Subject& Projections::at(Ordinal stream) {
  Subject& out = subjects_[stream];
  out.ordinal = stream;
  return out;
}

void Projections::event(Ordinal stream, const Place& place) {
  if (stream == centre_stream || gone_.contains(stream)) return;
  Subject& subject = at(stream);
  subject.version = place.version;
  subject.positions.push_back(place.position);
}

void Projections::part(Ordinal stream, Category category, const Place& place, schema::Event::Reader part) {
  if (stream == centre_stream || gone_.contains(stream)) return;
  Subject& subject = at(stream);
  if (category != Category::audit) subject.changed = place.version;
  if (!indexed(category)) {
    fold(subject, category, place, part);
    return;
  }
  unindex(subject, category);
  fold(subject, category, place, part);
  index(subject, category);
}

void Projections::part_shredded(Ordinal stream, std::optional<Category> category) {
  if (stream == centre_stream || gone_.contains(stream)) return;
  if (!category) {
    forget(stream, 0xffff, true);
    return;
  }
  Subject& subject = at(stream);
  subject.gone = static_cast<std::uint16_t>(subject.gone | bit(*category));
  if (*category != Category::audit) subject.changed = subject.version;
}

void Projections::receipt(Position position, schema::ShredReceipt::Reader receipt) {
  for (const auto key : receipt.getKeys())
    if (const auto it = gone_.find(key.getStream()); it != gone_.end()) it->second = position;
  if (receipt_runs_.empty() || receipt_runs_.back().generation != receipt.getGeneration())
    receipt_runs_.push_back({.generation = receipt.getGeneration(), .first = position, .last = position});
  receipt_runs_.back().last = position;
}

void Projections::forget(Ordinal ordinal, std::uint16_t categories, bool all) {
  const auto it = subjects_.find(ordinal);
  if (it != subjects_.end()) {
    for (int i = 0; i < category_count; ++i) {
      if ((categories >> i & 1) == 0) continue;
      const auto category = static_cast<Category>(i);
      if (indexed(category)) unindex(it->second, category);
      it->second.forget(category);
    }
    if (all) subjects_.erase(it);
  }
  if (all) gone_.emplace(ordinal, std::nullopt);
}

void Projections::unindex(const Subject& subject, Category category) {
  if (category == Category::email && !subject.email.empty()) emails_.erase({email_key(subject.email), subject.ordinal});
  if (category == Category::phone && !subject.phone.empty()) phones_.erase({phone_key(subject.phone), subject.ordinal});
  if (category == Category::staff) staff_.erase(subject.ordinal);
  if (category != Category::appt) return;
  for (const AppointmentState& one : subject.appointments)
    calendar_.erase({one.counsellor, one.start, subject.ordinal, one.number});
}

void Projections::index(const Subject& subject, Category category) {
  if (category == Category::email && !subject.email.empty()) emails_.emplace(email_key(subject.email), subject.ordinal);
  if (category == Category::phone && !subject.phone.empty()) phones_.emplace(phone_key(subject.phone), subject.ordinal);
  if (category == Category::staff && subject.staff) staff_.insert(subject.ordinal);
  if (category != Category::appt) return;
  for (const AppointmentState& one : subject.appointments)
    calendar_.insert({one.counsellor, one.start, subject.ordinal, one.number});
}

const Subject* Projections::subject(Ordinal ordinal) const {
  const auto it = subjects_.find(ordinal);
  return it == subjects_.end() ? nullptr : &it->second;
}

std::optional<Position> Projections::receipt_of(Ordinal ordinal) const {
  const auto it = gone_.find(ordinal);
  return it == gone_.end() ? std::nullopt : it->second;
}

std::optional<ReceiptRun> Projections::receipts_after(Position position) const {
  const auto it = std::upper_bound(receipt_runs_.begin(), receipt_runs_.end(), position,
                                   [](Position at, const ReceiptRun& run) { return at < run.first; });
  return it == receipt_runs_.end() ? std::nullopt : std::optional(*it);
}

std::vector<Ordinal> Projections::look_up(const ContactIndex& index, const std::string& key) {
  std::vector<Ordinal> out;
  for (auto it = index.lower_bound({key, 0}); it != index.end() && it->first == key; ++it) out.push_back(it->second);
  return out;
}

std::vector<Ordinal> Projections::by_email(std::string_view email) const { return look_up(emails_, email_key(email)); }
std::vector<Ordinal> Projections::by_phone(std::string_view phone) const { return look_up(phones_, phone_key(phone)); }

std::vector<Ordinal> Projections::by_name(std::string_view name) const {
  const std::string wanted = search_key(name);
  std::vector<Ordinal> out;
  for (const auto& [ordinal, subject] : subjects_)
    if (!subject.name.empty() && search_key(subject.name).find(wanted) != std::string::npos) out.push_back(ordinal);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<CalendarRef> Projections::calendar(Ordinal counsellor, Instant from, Instant to) const {
  std::vector<CalendarRef> out;
  const auto take = [&](const CalendarEntry& entry) {
    const Subject* who = subject(entry.subject);
    const AppointmentState* one = who == nullptr ? nullptr : who->appointment(entry.number);
    if (one != nullptr && one->start < to && one->end > from) out.push_back({.subject = entry.subject, .number = entry.number});
  };
  if (counsellor == 0) {
    for (const CalendarEntry& entry : calendar_)
      if (entry.start < to && entry.start + longest_appointment > from) take(entry);
    const auto start = [&](const CalendarRef& ref) { return subject(ref.subject)->appointment(ref.number)->start; };
    std::stable_sort(out.begin(), out.end(), [&](const CalendarRef& a, const CalendarRef& b) { return start(a) < start(b); });
    return out;
  }
  for (auto it = calendar_.lower_bound({counsellor, from - longest_appointment, 0, 0}); it != calendar_.end(); ++it) {
    if (it->counsellor != counsellor || it->start >= to) break;
    take(*it);
  }
  return out;
}

std::vector<Ordinal> Projections::taken_by(Ordinal counsellor, Instant from, Instant to, const CalendarRef& but) const {
  std::vector<Ordinal> out;
  for (const CalendarRef& ref : calendar(counsellor, from, to)) {
    const bool itself = ref.subject == but.subject && ref.number == but.number;
    if (!itself && takes_time(*subject(ref.subject)->appointment(ref.number))) out.push_back(ref.subject);
  }
  return out;
}

void Projections::each_subject(const std::function<void(const Subject&)>& visit) const {
  for (const auto& [ordinal, subject] : subjects_) visit(subject);
}

}  // namespace taus::projections
