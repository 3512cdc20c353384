#include "daemon/store_core.h"

#include <filesystem>

#include <sys/stat.h>

#include "daemon/files.h"
#include "daemon/policy/profile.h"
#include "daemon/runtime/patient_replica.h"
#include "daemon/runtime/worker_pool.h"
#include "eventstore/base/limits.h"
#include "eventstore/storage/rocks_store.h"
#include "eventstore/store_meta.h"
#include "eventstore/vault/rawslot.h"
#include "eventstore/vault/rows.h"
#include "eventstore/vault/tpm2_nv.h"

namespace taus {
namespace {

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

// An account that may not look there must not be told that nothing is there.
Result<bool> there(const std::string& path) {
  std::error_code error;
  const bool found = std::filesystem::exists(path, error);
  if (!error) return found;
  return Error(ErrorCode::io, path + ": cannot look there: " + error.message());
}

bool same_disk(const std::string& a, const std::string& b) {
  struct stat one {};
  struct stat other {};
  return ::stat(a.c_str(), &one) == 0 && ::stat(b.c_str(), &other) == 0 && one.st_dev == other.st_dev;
}

// By what lies there and not by how it is written: a link or a second mount is the same place.
Result<void> refuse_wrong_places(const Settings& settings) {
  const std::vector<ReplicaPlace>& replicas = settings.replicas;
  for (std::size_t i = 0; i < replicas.size(); ++i) {
    for (const std::string& own : {settings.database, settings.floor}) {
      if (overlap(replicas[i].dir, std::filesystem::path(own).parent_path().string()))
        return Error(ErrorCode::invalid_argument,
                     "the replica \"" + replicas[i].name +
                         "\" lies with the store or the root key; it must outlive both, on another disk");
    }
    for (std::size_t other = 0; other < i; ++other) {
      std::error_code error;
      const bool same = std::filesystem::equivalent(replicas[i].dir, replicas[other].dir, error);
      if (replicas[i].dir == replicas[other].dir || (!error && same))
        return Error(ErrorCode::invalid_argument, "the replicas \"" + replicas[other].name + "\" and \"" + replicas[i].name +
                                                      "\" are both in " + replicas[i].dir +
                                                      ": each needs a directory of its own, better a disk");
    }
  }
  return {};
}

Result<policy::Profile> open_profile(const std::string& name) {
  if (name.find('/') == std::string::npos) {
    Result<policy::Profile> built_in = policy::built_in_profile(name);
    if (built_in || built_in.error().code != ErrorCode::not_found) return built_in;
    return Error(ErrorCode::invalid_argument, "no profile \"" + name + "\"; choose vt or mt, or the path of a profile file");
  }
  TAUS_TRY_ASSIGN(const Bytes content, read_file(name));
  return policy::load_profile(text(content), std::filesystem::path(name).stem().string(), name);
}

// 32 bytes, or 64 hexadecimal digits with or without an end of line.
Result<crypto::Key> seed_of(const std::string& path, ByteView content) {
  if (content.size() == crypto::Key::size) return crypto::Key(content);
  std::string_view digits = text(content);
  if (!digits.empty() && digits.back() == '\n') digits.remove_suffix(1);
  const std::optional<Bytes> seed = from_hex(digits);
  if (seed && seed->size() == crypto::Key::size) return crypto::Key(*seed);
  return Error(ErrorCode::invalid_argument, path + ": the log key must be 32 bytes or 64 hexadecimal digits (0-9, a-f)");
}

Result<std::unique_ptr<vault::RootStore>> open_roots(const Settings& settings) {
  if (!settings.root_slots.empty()) return vault::open_rawslot(settings.root_slots, settings.dev());
  vault::Tpm2NvOptions options;
  options.tcti = settings.tpm_tcti;
  options.first_index = settings.tpm_index;
  TAUS_TRY_ASSIGN(options.password, read_file(settings.tpm_password));
  if (!options.password.empty() && options.password.back() == '\n') options.password.pop_back();
  return vault::open_tpm2_nv(std::move(options));
}

}  // namespace

Result<void> check_profile(const std::string& name) {
  const Result<policy::Profile> profile = open_profile(name);
  return profile ? Result<void>() : Result<void>(profile.error());
}

StoreCore::~StoreCore() { stopping_ = true; }

Result<void> StoreCore::open_log_key(const Settings& settings, bool new_store) {
  if (new_store && settings.log_key_may_be_made && !exists(settings.log_key)) {
    const crypto::Key seed = crypto::Key::generate(random_);
    TAUS_TRY(write_file(settings.log_key, view(to_hex(seed.view()) + "\n")));
  }
  Result<Bytes> content = read_file(settings.log_key);
  if (!content) return log_key_missing(content.error());
  TAUS_TRY_ASSIGN(const crypto::Key seed, seed_of(settings.log_key, *content));
  log_key_ = std::make_unique<crypto::SigningKey>(seed);
  return {};
}

// After the floor has told that the log key is this store's. What is wrong with it, for people; empty: nothing.
Result<std::string> StoreCore::give_public_key(const Settings& settings) const {
  const std::string& path = settings.log_public_key;
  if (path.empty()) return std::string();
  const std::string written = to_hex(log_key_->public_key()) + "\n";
  const Result<Bytes> held = read_file(path);
  if (held && text(*held) == written) return std::string();
  if (held || held.error().code != ErrorCode::not_found)
    return path +
           " is not the public half of the log key: who checks with it finds everything tampered; remove it and restart, it "
           "is written anew";
  TAUS_TRY(write_file(path, view(written)));
  return std::string();
}

// From a backup, and not started since: then there may be no floor yet.
Result<bool> StoreCore::was_restored(const Settings& settings) const {
  if (!exists(settings.database)) return false;
  const auto reader = storage::open_rocks_reader(settings.database);
  if (!reader) return false;  // opening for writing says what is wrong
  TAUS_TRY_ASSIGN(const auto mark, RestoreMark::read(**reader));
  return mark.has_value();
}

// Opening the engine replays its log and rewrites files: what can be refused without that leaves every byte as it is.
Result<void> StoreCore::refuse_early(const Settings& settings, bool new_store) {
  TAUS_TRY_ASSIGN(const auto floor, floor_->read());
  TAUS_TRY_ASSIGN(const vault::RootStore::Slots slots, roots_->read_all());
  if (new_store && floor)
    return Error(ErrorCode::corrupt,
                 "the floor is ahead of the journal: it promises a store where there is none; put the data directory back");
  if (new_store && !(slots.blank[0] && slots.blank[1]))
    return Error(ErrorCode::corrupt,
                 "the root store holds the key of another store: give a new store an empty root directory; nothing was erased");
  if (new_store) return {};
  const auto reader = storage::open_rocks_reader(settings.database);
  if (!reader) return {};  // opening for writing knows what of that can be mended
  return StoreMeta::check(**reader, slots, floor, profile_->name);
}

// Engine last: where a database is, root store and floor must have been, also after a crash in the first start.
Result<void> StoreCore::open_files(const Settings& settings) {
  TAUS_TRY_ASSIGN(lock_, ProcessLock::take(settings.lock));
  TAUS_TRY_ASSIGN(const bool old_store, there(settings.database));
  const bool new_store = !old_store;
  TAUS_TRY_ASSIGN(const bool root, there(settings.root_slots.empty() ? settings.floor : settings.root_slots));
  if (!new_store && !settings.root_slots.empty() && !root) {
    return Error(ErrorCode::unavailable,
                 settings.root_slots + ": the root key of this store is missing; without it nothing can be read, bring it back");
  }
  TAUS_TRY_ASSIGN(const bool restored, was_restored(settings));
  if (!new_store && !restored && !exists(settings.floor)) {
    return Error(ErrorCode::corrupt,
                 settings.floor + ": the floor of this store is missing; whether its end was lost cannot be told, bring it back");
  }
  TAUS_TRY(open_log_key(settings, new_store));
  TAUS_TRY_ASSIGN(roots_, open_roots(settings));
  TAUS_TRY_ASSIGN(floor_, journal::open_floor_file(settings.floor, *log_key_));
  TAUS_TRY(refuse_early(settings, new_store));
  storage::RocksOptions options;
  options.create = new_store;
  TAUS_TRY_ASSIGN(engine_, storage::open_rocks_store(settings.database, options));
  return {};
}

Result<std::unique_ptr<StoreCore>> StoreCore::open(const Settings& settings, std::vector<std::string> warnings) {
  std::unique_ptr<StoreCore> core(new StoreCore);
  TAUS_TRY_ASSIGN(policy::Profile profile, open_profile(settings.profile));
  core->profile_ = std::make_unique<policy::Profile>(std::move(profile));
  TAUS_TRY(refuse_wrong_places(settings));
  TAUS_TRY(core->open_files(settings));
  TAUS_TRY_ASSIGN(const bool torn, journal::floor_lost_a_slot(settings.floor, core->log_key_->public_key()));
  if (torn)
    warnings.emplace_back(
        "one of the two places of the floor was damaged at the start: after a power cut that is in order, otherwise look at the "
        "disk of " +
        settings.floor);
  if (!settings.dev_clock.empty()) {
    TAUS_TRY_ASSIGN(core->dev_clock_, DevClock::open(settings.dev_clock));
  }
  if (std::string weak = core->roots_->warning(); !weak.empty()) warnings.push_back(std::move(weak));
  TAUS_TRY_ASSIGN(std::string wrong_key, core->give_public_key(settings));
  if (!wrong_key.empty()) warnings.push_back(std::move(wrong_key));
  std::vector<std::unique_ptr<vault::Replica>> replicas;
  for (const ReplicaPlace& one : settings.replicas) {
    if (same_disk(one.dir, settings.database))
      warnings.push_back("the replica \"" + one.name + "\" lies on the store's own disk and is lost with it");
    replicas.push_back(runtime::patient_replica(vault::directory_replica(one.name, one.dir),
                                                {.append = std::chrono::seconds(limits::replica_seconds_max),
                                                 .copy = std::chrono::seconds(limits::replica_copy_seconds_max)}));
  }
  core->replicas_ = std::make_unique<vault::Replicas>(std::move(replicas));
  core->rewriting_ = std::make_unique<runtime::Background>();
  core->flushing_ = std::make_unique<runtime::Background>();
  core->reading_ = std::make_unique<runtime::Background>();
  core->store_ = std::make_unique<vault::ReplicatedStore>(*core->engine_, *core->replicas_);

  EventStore::Options store_options;
  store_options.delta_path = settings.delta;
  store_options.replicas = core->replicas_.get();
  store_options.profile = core->profile_->name;
  store_options.log_key = core->log_key_->public_key();
  store_options.commit_random = &core->commit_random_;
  service::Service::Options options;
  options.profile = core->profile_.get();
  options.clock = core->dev_clock_ ? static_cast<Clock*>(core->dev_clock_.get()) : &core->system_clock_;
  options.dev_clock = core->dev_clock_.get();
  options.root_store_kind = core->roots_->kind();
  options.tier = std::string(vault::to_string(core->roots_->tier()));
  options.warnings = std::move(warnings);
  options.log_name = "taus/" + to_hex(ByteView(core->log_key_->public_key()).first(8));
  options.log_key = core->log_key_.get();
  runtime::WorkerPool workers(runtime::WorkerPool::for_all_processors());
  store_options.parallel = [&](std::span<const Job> jobs) { workers.run(jobs); };
  options.purge_days = settings.purge_days;
  TAUS_TRY_ASSIGN(core->service_,
                  service::Service::open(*core->store_, *core->roots_, *core->floor_, core->random_, store_options, options));
  return core;
}

Result<void> StoreCore::recover_root(const Settings& settings, const std::string& paper_file) {
  TAUS_TRY_ASSIGN(const auto lock, ProcessLock::take(settings.lock));
  TAUS_TRY_ASSIGN(Bytes written, read_file(paper_file == "-" ? "/dev/stdin" : paper_file));
  auto paper = vault::read_paper(text(written));
  crypto::wipe(written);
  if (!paper) return paper.error();
  storage::WriteBatch mark;
  vault::RootRecord record;
  {
    TAUS_TRY_ASSIGN(const auto store, storage::open_rocks_reader(settings.database));
    Bytes key;
    Bytes row;
    TAUS_TRY(vault::scan_kind(*store, 'E', [&](ByteView name, ByteView value) -> Result<void> {
      key.assign(name.begin(), name.end());
      row.assign(value.begin(), value.end());
      return {};
    }));
    if (row.empty())
      return Error(ErrorCode::not_found,
                   "these keys have no escrow: no paper was printed, or the last one was ended; nothing was changed");
    TAUS_TRY_ASSIGN(record, vault::open_escrow(key, row, *paper));
    TAUS_TRY_ASSIGN(const auto restored, RestoreMark::read(*store));
    if (!exists(settings.floor) && !restored) RestoreMark{}.stage(mark);
  }
  TAUS_TRY_ASSIGN(const auto roots, open_roots(settings));
  TAUS_TRY_ASSIGN(const auto slots, roots->read_all());
  if (!slots.blank[0] || !slots.blank[1])
    return Error(ErrorCode::invalid_argument, "the root store is not empty: escrow only fills an empty one; nothing was changed");
  if (!mark.empty()) {
    TAUS_TRY_ASSIGN(const auto engine, storage::open_rocks_store(settings.database, {}));
    TAUS_TRY(engine->commit(mark));
  }
  return roots->write(0, record);
}

std::uint64_t StoreCore::events() const { return service_->store().durable_size(); }

Result<service::Handled> StoreCore::handle(const service::Principal& who, ByteView request, std::uint64_t ticket, Bytes& reply) {
  return service_->handle(who, request, ticket, reply);
}
Result<std::vector<service::LateReply>> StoreCore::run_shreds() {
  if (auto outcome = flushing_->finished()) {
    if (!*outcome) return std::move(*outcome).error();
    service_->flushed();
  }
  auto out = service_->run_shreds();
  if (out && service_->shreds_want_flush())
    flushing_->start([engine = engine_.get()] { return EventStore::flush_keys(*engine); });
  return out;
}
bool StoreCore::shreds_resting() const { return flushing_->running() && !flushing_->ended(); }
bool StoreCore::shreds_want_durable() const { return service_->shreds_want_durable(); }
bool StoreCore::shreds_go_on() const { return service_->shreds_go_on(); }
bool StoreCore::shreds_stuck() const { return service_->shreds_stuck(); }
bool StoreCore::shreds_pending() const { return service_->shreds_pending(); }
bool StoreCore::reads_history() const { return reading_->running() || service_->history_waited_for(); }
Result<std::vector<service::LateReply>> StoreCore::read_history() {
  std::vector<service::LateReply> out;
  if (reading_->finished()) {
    TAUS_TRY_ASSIGN(out, service_->history_read());
  }
  if (reading_->running()) return out;
  if (auto job = service_->history_job())
    reading_->start([job = std::move(*job), stopping = &stopping_]() -> Result<void> {
      job([stopping] { return stopping->load(); });
      return {};
    });
  return out;
}
std::optional<Instant> StoreCore::next_due() const {
  const std::optional<Instant> due = service_->next_due();
  const bool waits = rewriting_->running() || service_->store().purge_wants_compaction();
  if (!waits) return due;
  const Instant look = looked_ + std::chrono::milliseconds(200);
  return due ? std::min(*due, look) : look;
}

Result<void> StoreCore::run_due() {
  TAUS_TRY(service_->run_due());
  looked_ = clock().now();
  EventStore& store = service_->store();
  if (auto outcome = rewriting_->finished()) {
    if (!*outcome) return std::move(*outcome).error();
    store.purge_done();
  } else if (!rewriting_->running() && store.purge_wants_compaction()) {
    rewriting_->start([engine = engine_.get()] { return EventStore::compact_purged(*engine); });
  }
  return {};
}
Commit StoreCore::take_commit() { return service_->store().take_commit(clock().now()); }
bool StoreCore::seal_ahead() { return service_->store().seal_ahead(); }
void StoreCore::seal(Commit& commit) { service_->store().seal(commit); }
Result<void> StoreCore::make_durable(Commit& commit) { return service_->store().make_durable(commit); }
void StoreCore::note_durable(const journal::FloorRecord& floor) { service_->store().note_durable(floor); }

}  // namespace taus
