#include "eventstore/unsealed.h"

#include <iterator>
#include <utility>

#include "eventstore/base/check.h"

namespace taus {

using storage::Table;

void Unsealed::add(vault::SlotKey key, ByteView plaintext) {
  parts_.push_back({.key = std::move(key), .plaintext = plaintext_.keep(plaintext), .sealed = {}});
}

void Unsealed::end_event(Ordinal stream, const journal::Journal::Claim& place, std::uint32_t incarnation) {
  TAUS_CHECK(ended_ < parts_.size());
  events_.push_back(
      {.stream = stream, .place = place, .incarnation = incarnation, .first = ended_, .parts = parts_.size() - ended_});
  ended_ = parts_.size();
}

void Unsealed::take_back() { parts_.resize(ended_); }

void Unsealed::mark_last(std::size_t events, RequestMark& mark) const {
  TAUS_CHECK(events > 0 && events <= events_.size());
  for (std::size_t i = events_[events_.size() - events].first; i < ended_; ++i) {
    TAUS_CHECK(!parts_[i].sealed);
    if (parts_[i].key.slot != public_slot) mark.seal_under(parts_[i].key.key);
  }
}

void Unsealed::append(Unsealed&& later) {
  if (events_.empty()) {
    *this = std::move(later);
    return;
  }
  Unsealed from = std::move(later);
  // Which of them are sealed already the parts themselves know.
  for (Event& one : from.events_) one.first += parts_.size();
  events_.insert(events_.end(), from.events_.begin(), from.events_.end());
  parts_.insert(parts_.end(), std::make_move_iterator(from.parts_.begin()), std::make_move_iterator(from.parts_.end()));
  ended_ = parts_.size();
  plaintext_.append(std::move(from.plaintext_));
}

void Unsealed::seal_event(const StoreId& store_id, const Event& event, storage::WriteBatch& batch,
                          const journal::NonceSeed& seed) {
  for (std::size_t i = 0; i < event.parts; ++i) {
    Part& part = parts_[event.first + i];
    if (part.sealed) continue;
    const auto index = static_cast<std::uint8_t>(i);
    const bool is_public = part.key.slot == public_slot;
    const std::size_t bytes = is_public ? part.plaintext.size() : journal::sealed_bytes(part.plaintext.size());
    const std::span<std::uint8_t> room = batch.put_room(Table::part, journal::part_row_name(event.place.position, index), bytes);
    const journal::PartContext context{.store_id = store_id,
                                       .incarnation = event.incarnation,
                                       .stream = event.stream,
                                       .version = event.place.version,
                                       .part_count = static_cast<std::uint8_t>(event.parts),
                                       .part_index = index,
                                       .slot = part.key.slot,
                                       .epoch = part.key.epoch};
    part.sealed = is_public ? journal::public_into(room, part.plaintext)
                            : journal::seal_into(room, part.key.key, context, part.plaintext, seed);
    part.key.key.wipe();
  }
}

std::size_t Unsealed::seal_ahead(const StoreId& store_id, storage::WriteBatch& batch, Random& random, std::size_t most) {
  if (ahead_ == events_.size()) return 0;
  const journal::NonceSeed seed(random);
  std::size_t done = 0;
  for (; ahead_ < events_.size() && done < most; ++ahead_) {
    seal_event(store_id, events_[ahead_], batch, seed);
    done += events_[ahead_].parts;
  }
  return done;
}

void Unsealed::seal(const StoreId& store_id, journal::LogEnd& log, storage::WriteBatch& batch, Random& random) {
  if (events_.empty()) return;
  const journal::NonceSeed seed(random);
  journal::Leaf leaf;
  leaf.store_id = store_id;
  for (const Event& event : events_) {
    seal_event(store_id, event, batch, seed);
    leaf.incarnation = event.incarnation;
    leaf.position = event.place.position;
    leaf.stream = event.stream;
    leaf.version = event.place.version;
    leaf.parts.clear();
    for (std::size_t i = 0; i < event.parts; ++i) leaf.parts.push_back(*parts_[event.first + i].sealed);
    log.append(batch, leaf);
  }
  *this = Unsealed();
}

}  // namespace taus
