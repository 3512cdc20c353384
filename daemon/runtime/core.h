// What the runtime drives: the service and its store, seen as the few calls whose order decides what may be told to whom.
//
// Threads:    seal and make_durable each on a thread of the commit stage, everything else on the core thread. take_commit hands a value over.
// Errors:     any error ends service: the store is latched (storage/kv_store.h).
#pragma once

#include <optional>
#include <vector>

#include "daemon/service/service.h"
#include "eventstore/event_store.h"

namespace taus::runtime {

class Core {
 public:
  virtual ~Core() = default;
  // See service::Service.
  virtual Result<service::Handled> handle(const service::Principal& who, ByteView request, std::uint64_t ticket,
                                          Bytes& reply) = 0;
  virtual Result<std::vector<service::LateReply>> run_shreds() = 0;
  [[nodiscard]] virtual bool shreds_pending() const = 0;
  [[nodiscard]] virtual bool shreds_stuck() const { return false; }        // not worth an attempt at once
  [[nodiscard]] virtual bool shreds_resting() const { return false; }      // a step waits for something that is under way
  [[nodiscard]] virtual bool shreds_want_durable() const { return true; }  // before run_shreds()
  [[nodiscard]] virtual bool shreds_go_on() const { return false; }        // a run is not at its end after run_shreds()
  // Readings of the whole history go on beside everything else. read_history() begins the next one where none is under way, and gives the
  // answers of one that has ended.
  [[nodiscard]] virtual bool reads_history() const { return false; }
  virtual Result<std::vector<service::LateReply>> read_history() { return std::vector<service::LateReply>(); }
  [[nodiscard]] virtual std::optional<Instant> next_due() const = 0;
  virtual Result<void> run_due() = 0;
  // See EventStore.
  virtual Commit take_commit() = 0;
  virtual bool seal_ahead() { return false; }  // some of what seal would do; false: nothing left
  virtual void seal(Commit& commit) = 0;
  virtual Result<void> make_durable(Commit& commit) = 0;
  virtual void note_durable(const journal::FloorRecord& floor) = 0;
};

}  // namespace taus::runtime
