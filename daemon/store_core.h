// Everything of one store, opened in the right order, behind the calls the runtime makes.
//
// Threads:    open() on main; then as runtime::Core says.
// Owns:       lock, clock, randomness, keys, engine, root store, floor, service. Opened once, ends with the process.
// Errors:     of open(): busy: another daemon; unavailable: root key missing or of another store; invalid_argument: other
//             profile, newer format, a root store that cannot be overwritten; corrupt and tampered: the store is not what the
//             floor says; io. Nothing was written to a store that was refused.
#pragma once

#include <atomic>
#include <memory>

#include "daemon/dev_clock.h"
#include "daemon/host.h"
#include "daemon/runtime/background.h"
#include "daemon/runtime/core.h"
#include "daemon/settings.h"
#include "eventstore/crypto/sign.h"
#include "eventstore/crypto/system_random.h"
#include "eventstore/vault/replicas.h"

namespace taus {

// Whether this profile, built in or a file, can be loaded: every mistake with its line.
Result<void> check_profile(const std::string& name);

class StoreCore final : public runtime::Core {
 public:
  // `warnings` are shown by status besides the root store's own.
  static Result<std::unique_ptr<StoreCore>> open(const Settings& settings, std::vector<std::string> warnings);
  // Fills an empty root store from the store's escrow and its paper (a file, or - for standard input). Erases nothing.
  static Result<void> recover_root(const Settings& settings, const std::string& paper);
  ~StoreCore() override;

  [[nodiscard]] const Clock& clock() const noexcept {
    return dev_clock_ ? static_cast<const Clock&>(*dev_clock_) : system_clock_;
  }
  [[nodiscard]] std::uint64_t events() const;
  [[nodiscard]] const vault::RootStore& roots() const noexcept { return *roots_; }

  Result<service::Handled> handle(const service::Principal& who, ByteView request, std::uint64_t ticket, Bytes& reply) override;
  Result<std::vector<service::LateReply>> run_shreds() override;
  [[nodiscard]] bool shreds_pending() const override;
  [[nodiscard]] bool shreds_stuck() const override;
  [[nodiscard]] bool shreds_resting() const override;
  [[nodiscard]] bool shreds_want_durable() const override;
  [[nodiscard]] bool shreds_go_on() const override;
  [[nodiscard]] bool reads_history() const override;
  Result<std::vector<service::LateReply>> read_history() override;
  [[nodiscard]] std::optional<Instant> next_due() const override;
  Result<void> run_due() override;
  Commit take_commit() override;
  bool seal_ahead() override;
  void seal(Commit& commit) override;
  Result<void> make_durable(Commit& commit) override;
  void note_durable(const journal::FloorRecord& floor) override;

 private:
  StoreCore() = default;
  Result<void> open_files(const Settings& settings);
  Result<bool> was_restored(const Settings& settings) const;
  Result<void> open_log_key(const Settings& settings, bool new_store);
  [[nodiscard]] Result<std::string> give_public_key(const Settings& settings) const;
  Result<void> refuse_early(const Settings& settings, bool new_store);

  std::unique_ptr<ProcessLock> lock_;
  SystemClock system_clock_;
  std::unique_ptr<DevClock> dev_clock_;
  crypto::SystemRandom random_;
  crypto::SystemRandom commit_random_;  // of the commit stage: one object per thread
  std::unique_ptr<crypto::SigningKey> log_key_;
  std::unique_ptr<policy::Profile> profile_;
  std::unique_ptr<vault::RootStore> roots_;
  std::unique_ptr<journal::Floor> floor_;
  std::unique_ptr<storage::KvStore> engine_;
  std::unique_ptr<vault::Replicas> replicas_;
  std::unique_ptr<vault::ReplicatedStore> store_;  // what everybody writes to
  std::unique_ptr<service::Service> service_;
  Instant looked_{};                                // at the rewriting
  std::unique_ptr<runtime::Background> rewriting_;  // of files after a purge; ends before the engine does
  std::unique_ptr<runtime::Background> flushing_;   // of the keys, between two steps of a large erasure; likewise
  std::atomic<bool> stopping_{false};
  std::unique_ptr<runtime::Background> reading_;  // of the history, for who verifies it; likewise
};

}  // namespace taus
