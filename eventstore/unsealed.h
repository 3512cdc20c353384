// Events that have their place in the journal and not yet their entry: decided on the core thread, sealed on the commit stage.
//
// What:    their parts as plaintext, each beside the key it is to be sealed under, as of the moment it was decided. Lives until the
//          commit it belongs to is written: milliseconds, and never across a shred, which waits until everything is durable.
// Threads: a value, handed from one thread to the other. Keys wipe themselves, plaintext is wiped when freed.
#pragma once

#include <optional>
#include <vector>

#include "eventstore/base/arena.h"
#include "eventstore/journal/journal.h"
#include "eventstore/journal/log_end.h"
#include "eventstore/request_mark.h"
#include "eventstore/vault/key_vault.h"

namespace taus {

class Unsealed {
 public:
  // Parts of the next event, then the event; or what was added since the last event is taken back.
  void add(vault::SlotKey key, ByteView plaintext);
  void add_public(ByteView plaintext) { add({.slot = public_slot, .epoch = 0, .key = {}}, plaintext); }
  void end_event(Ordinal stream, const journal::Journal::Claim& place, std::uint32_t incarnation);
  void take_back();
  // Every key of the last `events`, none of which is sealed yet, in their order.
  void mark_last(std::size_t events, RequestMark& mark) const;

  [[nodiscard]] bool empty() const noexcept { return events_.empty(); }
  void append(Unsealed&& later);
  // Seals at most `most` parts of complete events that are not sealed yet: the rows, without their leaves. How many it were.
  std::size_t seal_ahead(const StoreId& store_id, storage::WriteBatch& batch, Random& random, std::size_t most);
  // Seals the rest, makes the entries, and forgets them. `random` makes the nonces.
  void seal(const StoreId& store_id, journal::LogEnd& log, storage::WriteBatch& batch, Random& random);

 private:
  struct Part {
    vault::SlotKey key;  // wiped once sealed
    ByteView plaintext;
    std::optional<journal::PartRef> sealed;
  };
  struct Event {
    Ordinal stream = 0;
    journal::Journal::Claim place;
    std::uint32_t incarnation = 0;
    std::size_t first = 0;  // part
    std::size_t parts = 0;
  };
  void seal_event(const StoreId& store_id, const Event& event, storage::WriteBatch& batch, const journal::NonceSeed& seed);
  std::vector<Event> events_;
  std::vector<Part> parts_;  // of all events, in order
  std::size_t ended_ = 0;    // parts of events that are complete
  std::size_t ahead_ = 0;    // events whose parts are sealed
  Arena plaintext_;
};

}  // namespace taus
