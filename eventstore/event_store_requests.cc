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

constexpr std::size_t request_row_bytes = 4 + 16;
constexpr std::size_t request_value_bytes = 8 + 1 + 4 + 16;
constexpr int purge_rows = 256;
constexpr int seen_rows = 2048;  // read into the filter with one commit

RequestFilter::Era era_of(Position first) { return static_cast<RequestFilter::Era>(first / RequestFilter::ids_per_era); }

// Requests of one time lie together, so that a new one goes in beside those before it and nothing is rewritten for it.
ByteArray<request_row_bytes> request_row(RequestFilter::Era era, const RequestKey& key) {
  ByteArray<request_row_bytes> out{};
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(era >> (24 - 8 * i));
  std::copy(key.begin(), key.end(), out.begin() + 4);
  return out;
}

struct RequestRow {
  RequestFilter::Era era = 0;
  RequestKey key{};
};

std::optional<RequestRow> request_of(ByteView row) {
  if (row.size() != request_row_bytes) return std::nullopt;
  RequestRow out;
  for (std::size_t i = 0; i < 4; ++i) out.era = out.era << 8 | row[i];
  std::copy(row.begin() + 4, row.end(), out.key.begin());
  return out;
}

std::uint32_t day_of(Instant t) { return static_cast<std::uint32_t>(std::max<std::int64_t>(0, ms_of(t) / 86'400'000)); }

}  // namespace

RequestKey EventStore::request_key(std::string_view principal, std::string_view id) const {
  static constexpr std::uint8_t nul = 0;
  return crypto::blake2b<16>(state_->request_key, {view(principal), {&nul, 1}, view(id)});
}

void EventStore::remember(const RequestKey& key, const RequestHash& content, std::uint8_t events, Instant now) {
  State& s = *state_;
  RequestMark mark(key, content);
  s.events.mark_last(events, mark);
  if (mark.open()) mark.seal_under(s.request_key);
  const Position first = s.journal->next_position() - events;
  ByteArray<request_value_bytes> value{};
  RoomWriter(value).u64(first).u8(events).u32(day_of(now)).raw(mark.value());
  s.batch.put(Table::dedupe, request_row(era_of(first), key), value);
  s.fresh_requests[key] = {.first = first, .events = events, .mark = mark.value()};
  s.seen_requests.add(key, era_of(first), day_of(now));
}

Result<std::optional<DedupeHit>> EventStore::recall(const RequestKey& key, Instant now) const {
  const State& s = *state_;
  if (const auto it = s.fresh_requests.find(key); it != s.fresh_requests.end()) return std::optional(it->second);
  std::vector<RequestFilter::Era> eras = s.seen_requests.may_hold(key);
  if (s.seen_cursor)
    for (auto era = request_of(*s.seen_cursor)->era; era <= s.seen_end; ++era) eras.push_back(era);
  for (const RequestFilter::Era era : eras) {
    TAUS_TRY_ASSIGN(const std::optional<Bytes> value, s.kv->get(Table::dedupe, request_row(era, key)));
    if (!value) continue;
    Reader in(*value);
    DedupeHit hit{.first = in.u64(), .events = in.u8()};
    const std::uint32_t day = in.u32();
    hit.mark = in.array<std::tuple_size_v<RequestMark::Value>>();
    if (!in.done()) return Error(ErrorCode::corrupt, "a request-id row is damaged: run taus-verify");
    if (day + limits::dedupe_days >= day_of(now)) return std::optional(hit);
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

void EventStore::State::purge_requests(Instant now) {
  std::vector<Bytes> old;
  Bytes last;
  int seen = 0;
  const auto visit = [&](ByteView key, ByteView value) {
    Reader in(value);
    in.u64();
    in.u8();
    if (in.u32() + limits::dedupe_days < day_of(now)) old.emplace_back(key.begin(), key.end());
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

// What was there at the start, a little with each commit, so that the start need not wait for it.
Result<void> EventStore::State::begin_learning() {
  if (journal->next_position() > 0) seen_end = era_of(journal->next_position() - 1);
  return kv->scan(Table::dedupe, {}, {}, [&](ByteView key, ByteView) {
    if (request_of(key)) seen_cursor.emplace(key.begin(), key.end());
    return !seen_cursor;
  });
}

void EventStore::State::learn_requests() {
  if (!seen_cursor) return;
  const Bytes from = *seen_cursor;
  int seen = 0;
  const auto visit = [&](ByteView key, ByteView value) {
    const auto row = request_of(key);
    if (!row || value.size() != request_value_bytes) return true;
    seen_requests.add(row->key, row->era, Reader(value.last(sizeof(std::uint32_t))).u32());
    seen_cursor->assign(key.begin(), key.end());
    return row->era <= seen_end && ++seen < seen_rows;
  };
  // A failed scan leaves the rest for the next time.
  if (kv->scan(Table::dedupe, from, {}, visit) && seen < seen_rows) seen_cursor.reset();
}

}  // namespace taus
