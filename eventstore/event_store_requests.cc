// Which requests were carried out, for seven days (docs/FORMAT.md "Request ids").
#include <algorithm>
#include <utility>

#include "eventstore/base/limits.h"
#include "eventstore/crypto/hash.h"
#include "eventstore/event_store_state.h"
#include "eventstore/replay.h"

namespace taus {

namespace {

using storage::Table;

constexpr int purge_rows = 256;
constexpr std::size_t row_name_bytes = 8;

Bytes row_name(Position first) {
  Bytes out;
  Writer(out).u64_big(first);
  return out;
}

// One request of a row.
struct Remembered {
  RequestKey id{};
  DedupeHit hit;
};

// Requests of one row in order; `visit` returns false to stop. Nothing: damaged; else its day.
template <class Visit>
std::optional<std::uint32_t> read_row(Position name, ByteView value, Visit visit) {
  Reader in(value);
  const std::uint32_t day = in.u32();
  while (in.remaining() > 0) {
    Remembered one;
    one.id = in.array<std::tuple_size_v<RequestKey>>();
    one.hit.first = name + in.u32();
    one.hit.events = in.u8();
    one.hit.mark = in.array<std::tuple_size_v<RequestMark::Value>>();
    if (!in.ok() || !visit(one)) break;
  }
  return in.ok() ? std::optional(day) : std::nullopt;
}

std::uint32_t day_of(Instant t) { return static_cast<std::uint32_t>(std::max<std::int64_t>(0, ms_of(t) / 86'400'000)); }

}  // namespace

RequestKey EventStore::request_key(std::string_view principal, std::string_view id) const {
  static constexpr std::uint8_t nul = 0;
  const RequestKey key = crypto::blake2b<16>(state_->request_key, {view(principal), {&nul, 1}, view(id)});
  state_->seen_requests.fetch(key);  // recall() comes next
  return key;
}

void EventStore::remember(const RequestKey& key, const RequestHash& content, std::uint8_t events, Instant now) {
  State& s = *state_;
  RequestMark mark(key, content);
  s.events.mark_last(events, mark);
  if (mark.open()) mark.seal_under(s.request_key);
  const Position first = s.journal->next_position() - events;
  auto& row = s.request_row;
  Writer out(row.value);
  if (row.value.empty()) {
    row.name = first;
    out.u32(day_of(now));
  }
  out.raw(key).u32(static_cast<std::uint32_t>(first - row.name)).u8(events).raw(mark.value());
  s.seen_requests.add(key, row.name, day_of(now));
}

Result<std::optional<DedupeHit>> EventStore::recall(const RequestKey& key, Instant now) const {
  const State& s = *state_;
  for (const RequestIndex::Place& place : s.seen_requests.may_hold(key)) {
    std::optional<DedupeHit> found;
    bool damaged = false;
    const auto visit = [&](Position name, ByteView value) {
      std::optional<DedupeHit> hit;
      const auto day = read_row(name, value, [&](const Remembered& one) {
        if (one.id == key) hit = one.hit;
        return !hit;
      });
      damaged = !day;
      if (hit && day && *day + limits::dedupe_days >= day_of(now)) found = hit;
      return !damaged && !found;
    };
    const auto look_into = [&](const State::RequestRow& row) {
      if (!found && !row.value.empty() && place.from <= row.name && row.name < place.to) visit(row.name, row.value);
    };
    look_into(s.request_row);
    for (const State::RequestRow& row : s.request_rows) look_into(row);
    if (!found)
      TAUS_TRY(s.kv->scan(Table::dedupe, row_name(place.from), row_name(place.to), [&](ByteView name, ByteView value) {
        damaged = name.size() != row_name_bytes;
        return !damaged && visit(Reader(name).u64_big(), value);
      }));
    if (damaged) return Error(ErrorCode::corrupt, "a request-id row is damaged: run taus-verify");
    if (found) return found;
  }
  return std::optional<DedupeHit>();
}

Result<std::optional<bool>> EventStore::asked_the_same(const DedupeHit& hit, const RequestKey& key,
                                                       const RequestHash& content) const {
  const State& s = *state_;
  RequestMark mark(key, content);
  for (Position one = hit.first; one < hit.first + hit.events; ++one) {
    TAUS_TRY_ASSIGN(const journal::Leaf at, leaf(one));
    for (const journal::PartRef& part : at.parts) {
      if (part.slot == public_slot) continue;
      TAUS_TRY_ASSIGN(const vault::FoundKey found, s.vault->look_up(node_of(at.stream), part.slot, part.epoch));
      if (found.state != vault::FoundKey::State::live) return std::optional<bool>();
      mark.seal_under(found.key);
    }
  }
  if (mark.open()) mark.seal_under(s.request_key);
  return std::optional(mark.value() == hit.mark);
}

void EventStore::State::stage_requests() {
  if (request_row.value.empty()) return;
  batch.put(Table::dedupe, row_name(request_row.name), request_row.value);
  request_row.end = journal->next_position();
  request_rows.push_back(std::exchange(request_row, {}));
}

void EventStore::State::requests_durable() {
  while (!request_rows.empty() && request_rows.front().end <= durable_size) request_rows.pop_front();
}

void EventStore::State::purge_requests(Instant now) {
  std::vector<Bytes> old;
  Bytes last;
  int seen = 0;
  const auto visit = [&](ByteView key, ByteView value) {
    if (Reader(value).u32() + limits::dedupe_days < day_of(now)) old.emplace_back(key.begin(), key.end());
    last.assign(key.begin(), key.end());
    return ++seen < purge_rows;
  };
  // A failed scan only leaves rows for the next round.
  if (!kv->scan(Table::dedupe, purge_cursor, {}, visit)) return;
  purge_cursor = seen < purge_rows ? Bytes() : last;
  for (const Bytes& key : old) batch.erase(Table::dedupe, key);
  const std::uint32_t today = day_of(now);
  if (today > limits::dedupe_days) seen_requests.forget_before(today - limits::dedupe_days);
}

Result<void> EventStore::State::learn_requests() {
  bool damaged = false;
  TAUS_TRY(kv->scan(Table::dedupe, {}, {}, [&](ByteView key, ByteView value) {
    const Position name = Reader(key).u64_big();
    const std::uint32_t day = Reader(value).u32();
    damaged = key.size() != row_name_bytes || !read_row(name, value, [&](const Remembered& one) {
                seen_requests.add(one.id, name, day);
                return true;
              });
    return !damaged;
  }));
  if (damaged) return Error(ErrorCode::corrupt, "a request-id row is damaged: run taus-verify");
  return {};
}

}  // namespace taus
