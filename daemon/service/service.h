// What the daemon does with a request: decide (commands) and answer (queries). No threads, no sockets, no disk of its own.
//
// Threads:    one (core).
// Owns:       projections; store, profile, clock must outlive it.
// Durability: handle() only stages. The runtime takes store.take_commit(), makes it durable, and only then sends the reply;
//             a reply without writes may only leave once everything it could have seen is durable.
// Errors:     travel inside the reply; a Result error here means that the store is latched: stop.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/policy/profile.h"
#include "eventstore/event_store.h"

namespace taus::service {

enum class SocketRole : std::uint8_t { frontend, auditor, operators };

// Who speaks on a connection: fixed at connect by SO_PEERCRED and the configuration.
struct Principal {
  std::string name;  // of the configured principal, part of the request-id key
  SocketRole socket = SocketRole::frontend;
  bool speaks_for_staff = false;  // may name a member of staff in `as`
  bool books = false;             // booking portal: may book without `as` and use clients' links
  bool developer = false;         // --dev: every role; without `as` acts as the built-in developer
};

// Who may ask for the clock to be set: only with --dev.
class SettableClock : public Clock {
 public:
  virtual Result<void> move_to(Instant now) = 0;  // io: it could not be kept, and the time is as before
};

enum class Handled : std::uint8_t {
  replied,  // `reply` is complete
  waits,    // the reply comes from run_shreds() or history_read(), under the ticket given
  drain,    // it needs rows that are not durable yet: make everything durable and call again with the same request
};

struct LateReply {
  std::uint64_t ticket = 0;
  Bytes reply;
};

// Whether the reader of a long history should give up: the daemon stops.
using Stopped = std::function<bool()>;
using HistoryJob = std::function<void(const Stopped&)>;

class Service {
 public:
  struct Options {
    const policy::Profile* profile = nullptr;
    Clock* clock = nullptr;
    SettableClock* dev_clock = nullptr;  // with --dev
    std::string root_store_kind;
    std::string tier;
    std::vector<std::string> warnings;  // shown by status
    int purge_days = 7;                 // within which the ciphertext of what was shredded leaves the files
    std::string log_name;               // origin line of checkpoints
    const crypto::SigningKey* log_key = nullptr;
  };
  // Opens the event store and rebuilds every projection from it.
  static Result<std::unique_ptr<Service>> open(storage::KvStore& kv, vault::RootStore& roots, journal::Floor& floor,
                                               Random& random, const EventStore::Options& store_options, const Options& options);
  ~Service();

  // `request` is one framed message (segment table included, already validated by protocol/frame.h); `reply` gets one the same way.
  Result<Handled> handle(const Principal& who, ByteView request, std::uint64_t ticket, Bytes& reply);
  // Carries out accepted shreds, one short step of it; where shreds_want_durable(), everything staged must be durable. Replies may be
  // sent after the next commit.
  Result<std::vector<LateReply>> run_shreds();
  // Whether there is something to carry out now. What falls due at one instant is all accepted first, and goes together.
  [[nodiscard]] bool shreds_pending() const;
  [[nodiscard]] bool shreds_want_durable() const;
  // A run is between its first step and its last receipt.
  [[nodiscard]] bool shreds_go_on() const;
  // The next step wants EventStore::flush_keys() done, by whatever thread; flushed() tells that it is.
  [[nodiscard]] bool shreds_want_flush() const;
  void flushed();
  // What is pending waits for a replica rather than for its turn.
  [[nodiscard]] bool shreds_stuck() const;
  // Who asked for what only the whole history answers waits: the job runs on any thread while everything else goes on, and when it
  // has returned history_read() gives the answers. Nothing: nobody waits, or a job was given out and is not answered yet.
  std::optional<HistoryJob> history_job();
  [[nodiscard]] bool history_waited_for() const;
  Result<std::vector<LateReply>> history_read();
  // The next instant at which something falls due by itself; nothing: never.
  [[nodiscard]] std::optional<Instant> next_due() const;
  // Stages what is due now: automatic conclusions, accepted shreds.
  Result<void> run_due();

  EventStore& store();

  struct State;  // internal, see dispatch.h

 private:
  Service();
  Result<void> activate_profile();
  std::unique_ptr<State> state_;
};

}  // namespace taus::service
