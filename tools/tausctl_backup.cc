#include "tools/tausctl_backup.h"

#include <filesystem>
#include <iostream>

#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "daemon/protocol/exit_code.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/limits.h"
#include "eventstore/base/zone.h"
#include "eventstore/vault/row_codec.h"
#include "tools/backup_files.h"
#include "tools/client.h"
#include "tools/tausctl_local.h"
#include "tools/tausctl_request.h"
#include "tools/tausctl_socket.h"

namespace taus::tools {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using storage::Table;

constexpr int attempts_max = 5;  // for keys that a shred overtook
constexpr std::uint64_t progress_bytes = 64 << 20;

void say(const std::string& line) { std::cerr << line << "\n"; }

Bytes bytes_of(capnp::Data::Reader data) { return Bytes(data.begin(), data.end()); }

struct Piece {
  Manifest about;
  std::uint64_t session = 0;
  bool current = false;
  bool done = false;
  std::string checkpoint;
  Bytes rows;
  Bytes last;
};

// One backup being read from a daemon.
class Source {
 public:
  static Result<Source> open(const Globals& globals) {
    TAUS_TRY_ASSIGN(Client client, Client::connect(socket_for(globals, "backupRead")));
    return Source(std::move(client), globals.as);
  }
  Result<Piece> read(std::uint64_t session, const char* table, ByteView after) {
    capnp::MallocMessageBuilder message;
    auto request = message.initRoot<api::Request>();
    if (!as_.empty()) request.setAs(as_);
    auto query = request.initBackupRead();
    query.setSession(session);
    query.setTable(table);
    query.setAfter(capnp::Data::Reader(after.data(), after.size()));
    TAUS_TRY_ASSIGN(const auto reply, client_.call(message));
    const auto response = reply->get();
    if (response.isError()) {
      const auto code = protocol::error_code_of(response.getError().getCode().cStr());
      return Error(code.value_or(ErrorCode::io), response.getError().getMessage().cStr());
    }
    if (!response.isBackupRead()) return Error(ErrorCode::io, "The daemon answered another method than was asked.");
    return piece_of(response.getBackupRead());
  }

 private:
  Source(Client client, std::string as) : client_(std::move(client)), as_(std::move(as)) {}
  static Result<Piece> piece_of(api::BackupChunk::Reader from) {
    Piece out;
    out.session = from.getSession();
    out.current = from.getCurrent();
    out.done = from.getDone();
    out.checkpoint = from.getCheckpoint().cStr();
    out.rows = bytes_of(from.getRows());
    out.last = bytes_of(from.getLast());
    const auto id = from_hex(from.getStoreId().cStr());
    if (!id || id->size() != out.about.store_id.size()) return Error(ErrorCode::io, "The daemon's answer makes no sense.");
    std::copy(id->begin(), id->end(), out.about.store_id.begin());
    out.about.incarnation = from.getIncarnation();
    out.about.profile = from.getProfile().cStr();
    out.about.size = from.getSize();
    out.about.generation = from.getGeneration();
    out.about.kseq = from.getKseq();
    return out;
  }
  Client client_;
  std::string as_;
};

// One table into its file. `current` tells whether the root is still that of the snapshot.
Result<vault::CopyState> copy_table(Source& source, const Piece& begun, std::size_t table, const std::string& dir,
                                    bool& current) {
  const char* name = backup_tables.at(table);
  const vault::CopyHead head{
      .table = static_cast<Table>(table), .store_id = begun.about.store_id, .incarnation = begun.about.incarnation};
  TAUS_TRY_ASSIGN(const auto maker, vault::CopyMaker::begin(dir + "/" + name + ".copy", head));
  Bytes after;
  std::uint64_t bytes = 0;
  say(std::string("copying ") + name);
  for (bool done = false; !done;) {
    TAUS_TRY_ASSIGN(const Piece piece, source.read(begun.session, name, after));
    const auto rows = vault::decode_rows(piece.rows, head.table);
    if (!rows) return Error(ErrorCode::io, "The daemon's answer makes no sense.");
    TAUS_TRY(maker->add(*rows));
    if (bytes / progress_bytes != (bytes + piece.rows.size()) / progress_bytes)
      say(std::string(name) + ": " + std::to_string(bytes >> 20) + " MiB");
    bytes += piece.rows.size();
    after = piece.last;
    done = piece.done || rows->empty();
    current = piece.current;
  }
  return maker->finish(head.table == Table::keys ? begun.about.kseq : 0);
}

Result<void> empty_place(const std::string& dir) {
  std::error_code error;
  fs::create_directories(dir, error);
  if (!fs::is_directory(dir, error)) return Error(ErrorCode::invalid_argument, dir + " is no directory");
  if (!fs::is_empty(dir, error))
    return Error(ErrorCode::invalid_argument, dir + " is not empty: name a new directory for each backup");
  return {};
}

Json json_of(const BackupReport& report) {
  return {{"size", report.manifest.size}, {"generation", report.manifest.generation},
          {"kseq", report.manifest.kseq}, {"parts", report.parts},
          {"purged", report.purged},      {"made", report.manifest.made}};
}

Result<std::string> create(const Invocation& invocation) {
  const std::string dir = invocation.value("DIR");
  ::umask(0077);
  TAUS_TRY(empty_place(dir));
  TAUS_TRY_ASSIGN(Source source, Source::open(invocation.globals));
  TAUS_TRY_ASSIGN(Piece begun, source.read(0, "", {}));
  Manifest manifest = begun.about;
  manifest.made = Zone::format_utc(SystemClock().now());
  const std::string checkpoint = begun.checkpoint;
  bool current = true;
  const auto keep = [&](std::size_t table, const vault::CopyState& state) {
    manifest.copies.at(table) = {.bytes = state.size, .chain = state.chain};
  };
  constexpr auto keys = static_cast<std::size_t>(Table::keys);
  for (std::size_t table = 0; table < backup_tables.size(); ++table) {
    if (table == keys) continue;
    TAUS_TRY_ASSIGN(const auto state, copy_table(source, begun, table, dir, current));
    keep(table, state);
  }
  // Keys last: those of an older root are worth nothing.
  for (int attempt = 0;; ++attempt) {
    TAUS_TRY_ASSIGN(const auto state, copy_table(source, begun, keys, dir, current));
    keep(keys, state);
    manifest.generation = begun.about.generation;
    manifest.kseq = begun.about.kseq;
    if (current) break;
    if (attempt == attempts_max)
      return Error(ErrorCode::busy, "shreds overtook the backup again and again: try when it is quiet");
    say("a shred replaced the root key meanwhile: copying the keys once more");
    TAUS_TRY_ASSIGN(begun, source.read(0, "", {}));
  }
  TAUS_TRY(source.read(begun.session, "", {}));
  TAUS_TRY(write_durable(dir, "checkpoint", checkpoint));
  TAUS_TRY(write_durable(dir, "manifest", encode(manifest)));
  TAUS_TRY_ASSIGN(const BackupReport report, verify_backup(dir, std::nullopt, say));
  if (invocation.globals.json) return json_of(report).dump() + "\n";
  return "backup of " + std::to_string(report.manifest.size) + " entries and the keys of generation " +
         std::to_string(report.manifest.generation) + " in " + dir +
         "\nIts keys are good until the next shred; after that restore them from a replica (--keys).\n";
}

Result<std::optional<crypto::PublicKey>> key_of(const Invocation& invocation) {
  if (!invocation.has("--key")) return std::optional<crypto::PublicKey>();
  const std::string given = invocation.value("--key");
  auto parsed = parse_public_key(given);
  if (!parsed) {
    TAUS_TRY_ASSIGN(const std::string text, read_document(given, limits::json_bytes_max));
    parsed = parse_public_key(text);
  }
  if (!parsed) return parsed.error();
  return std::optional(*parsed);
}

constexpr const char* signed_by_key = "its checkpoint is signed by this key\n";

Result<std::string> verify(const Invocation& invocation) {
  TAUS_TRY_ASSIGN(const auto key, key_of(invocation));
  TAUS_TRY_ASSIGN(const BackupReport report, verify_backup(invocation.value("DIR"), key, say));
  if (invocation.globals.json) {
    Json out = json_of(report);
    out["checkpoint"] = report.checkpoint_signed ? "signed" : "not checked";
    return out.dump() + "\n";
  }
  return "whole: " + std::to_string(report.manifest.size) + " entries, " + std::to_string(report.parts) + " parts (" +
         std::to_string(report.purged) +
         " not there: purged after a shred, or lost, which only a start can tell), keys of generation " +
         std::to_string(report.manifest.generation) + ", made " + report.manifest.made + "\n" +
         (report.checkpoint_signed ? signed_by_key : "its checkpoint was not checked: give the log's key with --key\n");
}

Result<std::string> restore(const Invocation& invocation) {
  ::umask(0077);
  TAUS_TRY_ASSIGN(const auto key, key_of(invocation));
  const bool unsigned_too = invocation.has("--unsigned");
  if (key && unsigned_too)
    return Error(ErrorCode::invalid_argument, "--key checks who signed the backup, --unsigned lets it be: give one of them");
  TAUS_TRY_ASSIGN(const Restored done, restore_backup({.dir = invocation.value("DIR"),
                                                       .to = invocation.value("--to"),
                                                       .keys = invocation.value("--keys"),
                                                       .key = key,
                                                       .unsigned_too = unsigned_too},
                                                      say));
  const auto [word, sentence] = key ? std::pair("signed", signed_by_key)
                                : unsigned_too
                                    ? std::pair("not checked", "nobody checks who signed its checkpoint\n")
                                    : std::pair("at start", "who signed its checkpoint is checked at the first start\n");
  if (invocation.globals.json) {
    Json out = json_of(done.backup);
    out["checkpoint"] = word;
    out["kseq"] = done.kseq;  // those that were taken
    return out.dump() + "\n";
  }
  return "restored " + std::to_string(done.backup.manifest.size) + " entries and the keys up to batch " +
         std::to_string(done.kseq) + " to " + invocation.value("--to") + "\n" + sentence +
         "Start tausd: it begins a new incarnation, carries out what was accepted to be shredded, and journals what is missing "
         "at the end.\n";
}

}  // namespace

Result<std::string> run_backup(const Invocation& invocation) {
  const std::string verb = invocation.verb->verb;
  if (verb == "create") return create(invocation);
  return verb == "verify" ? verify(invocation) : restore(invocation);
}

}  // namespace taus::tools
