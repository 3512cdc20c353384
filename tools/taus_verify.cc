// taus-verify: checks a store from the outside. Offline, read-only, needs no content key. docs/FORMAT.md "Start-up check".
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "eventstore/base/standard_files.h"
#include "eventstore/crypto/hash.h"
#include "eventstore/journal/checkpoint.h"
#include "eventstore/journal/journal.h"
#include "eventstore/restore_mark.h"
#include "eventstore/storage/rocks_store.h"
#include "eventstore/store_meta.h"

namespace taus {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t small_file_bytes_max = 64 << 10;

struct Arguments {
  std::string store;
  std::string key;
  std::string floor;
  std::string checkpoint;
  bool json = false;
};

struct Report {
  std::string profile;
  journal::Journal::Options identity;
  std::uint64_t size = 0;
  Hash32 root{};
  std::set<Ordinal> streams;
  std::uint64_t parts_intact = 0;
  std::uint64_t parts_purged = 0;
  std::uint64_t floor_size = 0;
  std::optional<std::uint64_t> checkpoint_size;
};

// A file that is no checkpoint is as suspect as one that was changed: malformed is 9 here, not 2.
int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
    case ErrorCode::too_large: return 2;
    case ErrorCode::not_found: return 3;
    case ErrorCode::busy:
    case ErrorCode::unavailable:
    case ErrorCode::shutting_down: return 8;
    case ErrorCode::malformed:
    case ErrorCode::tampered:
    case ErrorCode::corrupt: return 9;
    case ErrorCode::io:
    case ErrorCode::unauthorized:
    case ErrorCode::version_conflict:
    case ErrorCode::slot_taken:
    case ErrorCode::restricted:
    case ErrorCode::held:
    case ErrorCode::shredded:
    case ErrorCode::withheld: return 1;
  }
  return 1;
}

Result<std::string> read_small_file(const std::string& path, const char* what) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error == std::errc::no_such_file_or_directory)
    return Error(ErrorCode::not_found, std::string("there is no ") + what + " " + path);
  if (error || size > small_file_bytes_max) return Error(ErrorCode::invalid_argument, path + " is no " + what);
  std::ifstream in(path, std::ios::binary);
  std::string out(std::istreambuf_iterator<char>(in), {});
  if (!in.good() && !in.eof()) return Error(ErrorCode::io, "cannot read " + path);
  return out;
}

Result<crypto::PublicKey> read_log_key(const std::string& path) {
  TAUS_TRY_ASSIGN(std::string text, read_small_file(path, "log key"));
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  const auto bytes = from_hex(text);
  crypto::PublicKey key{};
  if (!bytes || bytes->size() != key.size()) {
    return Error(ErrorCode::invalid_argument, path + " is no log key: 64 hexadecimal digits are wanted");
  }
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

Result<void> read_identity(const storage::KvReader& store, Report& report) {
  TAUS_TRY_ASSIGN(const auto row, store.get(storage::Table::meta, view("store")));
  if (!row) return Error(ErrorCode::corrupt, "the store does not say whose it is: its row \"store\" is missing");
  Reader r(*row);
  report.identity.store_id = r.array<16>();
  report.identity.incarnation = r.u32();
  const std::uint8_t format = r.u8();
  if (!r.ok()) return Error(ErrorCode::corrupt, "the store does not say whose it is: its row \"store\" is damaged");
  if (format != store_format) {
    return Error(ErrorCode::corrupt, "the store has format " + std::to_string(format) + ", this program reads format " +
                                         std::to_string(store_format) + "; use the one that fits");
  }
  report.profile = text(r.raw(r.remaining()));
  TAUS_TRY_ASSIGN(report.identity.eras, read_eras(store));
  return {};
}

// Whether each part that is there is the one that its leaf was written for.
Result<void> check_parts(const storage::KvReader& store, const journal::Leaf& leaf, Report& report) {
  for (std::size_t i = 0; i < leaf.parts.size(); ++i) {
    const Bytes key = journal::part_row_key(leaf.position, static_cast<std::uint8_t>(i));
    TAUS_TRY_ASSIGN(const auto row, store.get(storage::Table::part, key));
    if (!row) {
      ++report.parts_purged;
      continue;
    }
    if (crypto::blake2b_256({*row}) != leaf.parts[i].content_hash) {
      return Error(ErrorCode::tampered, "part " + std::to_string(i) + " of the entry at position " +
                                            std::to_string(leaf.position) + " is not the one that was written");
    }
    ++report.parts_intact;
  }
  return {};
}

Result<void> check_no_other_parts(const storage::KvReader& store, const Report& report) {
  std::uint64_t rows = 0;
  TAUS_TRY(store.scan(storage::Table::part, {}, {}, [&](ByteView, ByteView) {
    ++rows;
    return true;
  }));
  if (rows == report.parts_intact) return {};
  return Error(ErrorCode::tampered, std::to_string(rows - report.parts_intact) + " parts in the store belong to no entry");
}

Result<void> check_checkpoint(const Arguments& arguments, const crypto::PublicKey& key, const std::vector<Hash32>& roots,
                              Report& report) {
  TAUS_TRY_ASSIGN(const std::string note, read_small_file(arguments.checkpoint, "checkpoint"));
  const auto of = [&](std::uint32_t incarnation) { return journal::checkpoint_origin(report.identity.store_id, incarnation); };
  auto signed_for = journal::verify_checkpoint(note, of(report.identity.incarnation), key);
  // One from before a restore counts for what the restore brought back.
  const auto& eras = report.identity.eras;
  for (std::size_t i = 0; i + 1 < eras.size() && !signed_for; ++i) {
    auto earlier = journal::verify_checkpoint(note, of(eras[i].incarnation), key);
    if (!earlier) continue;
    if (earlier->size > eras[i + 1].from) {
      return Error(ErrorCode::tampered, "the checkpoint was signed for " + std::to_string(earlier->size) +
                                            " entries and a restore at position " + std::to_string(eras[i + 1].from) +
                                            " brought back fewer: the entry there must say so");
    }
    signed_for = std::move(earlier);
  }
  if (!signed_for) return signed_for.error();
  const journal::Checkpoint& checkpoint = *signed_for;
  if (checkpoint.size >= roots.size()) {
    return Error(ErrorCode::tampered, "the store holds " + std::to_string(report.size) +
                                          " entries and the checkpoint was signed for " + std::to_string(checkpoint.size) +
                                          ": the last ones are lost");
  }
  if (roots[checkpoint.size] != checkpoint.root) {
    return Error(ErrorCode::tampered,
                 "the first " + std::to_string(checkpoint.size) + " entries are not those that the checkpoint was signed for");
  }
  report.checkpoint_size = checkpoint.size;
  return {};
}

Result<Report> verify(const Arguments& arguments) {
  Report report;
  TAUS_TRY_ASSIGN(const auto key, read_log_key(arguments.key));
  const fs::path data = fs::absolute(arguments.store + "/").lexically_normal().parent_path();
  if (std::error_code error; !fs::is_directory(data, error))
    return Error(ErrorCode::not_found, "there is no directory " + data.string() + "; name the data directory of the store");
  const std::string floor_path = arguments.floor.empty() ? (data.parent_path() / "root" / "floor").string() : arguments.floor;
  // The floor before the store: a daemon that is running meanwhile only makes the store longer.
  TAUS_TRY_ASSIGN(const auto floor, journal::read_floor_file(floor_path, key));
  TAUS_TRY_ASSIGN(const auto store, storage::open_rocks_reader((data / "db").string()));
  TAUS_TRY(read_identity(*store, report));
  TAUS_TRY_ASSIGN(const auto restored, RestoreMark::read(*store));
  report.identity.restored = restored.has_value();  // and not started since: the floor is still the one of before
  journal::MerkleTree tree;
  std::vector<Hash32> roots = {tree.root()};
  const bool keep_roots = !arguments.checkpoint.empty();
  TAUS_TRY_ASSIGN(const auto log, journal::Journal::open(*store, restored ? std::nullopt : floor, report.identity,
                                                         [&](const journal::Leaf& leaf) -> Result<void> {
                                                           report.streams.insert(leaf.stream);
                                                           if (keep_roots) {
                                                             tree.append(journal::leaf_hash(journal::encode(leaf)));
                                                             roots.push_back(tree.root());
                                                           }
                                                           return check_parts(*store, leaf, report);
                                                         }));
  report.size = log->tree().size();
  report.root = log->tree().root();
  report.floor_size = floor ? floor->size : 0;
  TAUS_TRY(check_no_other_parts(*store, report));
  if (keep_roots) TAUS_TRY(check_checkpoint(arguments, key, roots, report));
  TAUS_TRY(store->check_files());
  return report;
}

void print(const Report& report, bool json) {
  if (json) {
    nlohmann::ordered_json out;
    out["ok"] = true;
    out["store"] = to_hex(report.identity.store_id);
    out["incarnation"] = report.identity.incarnation;
    out["restores"] = report.identity.eras.empty() ? 0 : report.identity.eras.size() - 1;
    out["profile"] = report.profile;
    out["size"] = report.size;
    out["root"] = to_hex(report.root);
    out["streams"] = report.streams.size();
    out["partsIntact"] = report.parts_intact;
    out["partsPurged"] = report.parts_purged;
    out["floorSize"] = report.floor_size;
    out["checkpointSize"] =
        report.checkpoint_size ? nlohmann::ordered_json(*report.checkpoint_size) : nlohmann::ordered_json(nullptr);
    std::cout << out.dump() << "\n";
    return;
  }
  std::cout << "ok: " << report.size << " entries in " << report.streams.size() << " streams, root " << to_hex(report.root)
            << "\n"
            << "    " << report.parts_intact << " parts intact, " << report.parts_purged << " purged; floor at "
            << report.floor_size;
  if (report.checkpoint_size) std::cout << "; checkpoint at " << *report.checkpoint_size;
  std::cout << "\n";
}

int fail(const Error& error, bool json) {
  if (json) {
    const nlohmann::ordered_json out = {{"ok", false}, {"error", {{"code", to_string(error.code)}, {"message", error.message}}}};
    std::cout << out.dump() << "\n";
  }
  std::cerr << "taus-verify: " << to_string(error.code) << ": " << error.message << "\n";
  return exit_code(error.code);
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Checks a store of taus: every entry, the tree over them, every part that is there, the floor, a checkpoint.",
               "taus-verify");
  app.add_option("store", arguments.store, "data directory of the store (it has db/ in it)")->required();
  app.add_option("--key", arguments.key, "file with the public log key, 64 hexadecimal digits")->required();
  app.add_option("--floor", arguments.floor, "floor file; where not given, ../root/floor beside the store");
  app.add_option("--checkpoint", arguments.checkpoint, "a checkpoint that was kept: the store must still contain it");
  app.add_flag("--json", arguments.json, "one JSON document on standard output");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      app.exit(error);
      return 0;
    }
    return fail(Error(ErrorCode::invalid_argument, std::string(error.what()) + "; see --help"),
                std::any_of(argv, argv + argc, [](const char* word) { return std::string_view(word) == "--json"; }));
  }
  const auto report = verify(arguments);
  if (!report) return fail(report.error(), arguments.json);
  print(*report, arguments.json);
  if (!std::cout.flush()) return fail(Error(ErrorCode::io, "cannot write the answer to standard output"), false);
  return 0;
}

}  // namespace
}  // namespace taus

int main(int argc, char** argv) {
  taus::open_missing_standard_files();
  return taus::run(argc, argv);
}
