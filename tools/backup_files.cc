#include "tools/backup_files.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "eventstore/crypto/hash.h"
#include "eventstore/journal/checkpoint.h"
#include "eventstore/journal/entry.h"
#include "eventstore/journal/merkle.h"
#include "eventstore/restore_mark.h"
#include "eventstore/storage/rocks_store.h"
#include "eventstore/vault/replica.h"

namespace taus::tools {
namespace {

namespace fs = std::filesystem;
using storage::Table;

constexpr std::string_view title = "taus backup 1";
constexpr std::uintmax_t small_file_max = 64 << 10;

Error bad(const std::string& what) {
  return {ErrorCode::corrupt, "the backup " + what + "; use another one (nothing was changed)"};
}

std::string copy_path(const std::string& dir, std::size_t table) { return dir + "/" + backup_tables.at(table) + ".copy"; }

Result<std::string> read_small(const std::string& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error == std::errc::no_such_file_or_directory)
    return Error(ErrorCode::not_found, "there is no backup here: " + path + " is missing");
  if (error || size > small_file_max) return Error(ErrorCode::io, "cannot read " + path);
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

template <class Number>
bool number(std::string_view digits, Number& out) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return error == std::errc() && end == digits.data() + digits.size();
}

template <std::size_t N>
bool bytes(std::string_view hex, ByteArray<N>& out) {
  const auto raw = from_hex(hex);
  if (!raw || raw->size() != N) return false;
  std::copy(raw->begin(), raw->end(), out.begin());
  return true;
}

// What the leaves of a backup say of its parts, in order.
struct Leaves {
  journal::MerkleTree tree;
  std::vector<std::vector<Hash32>> parts;
};

Result<void> take_leaf(const storage::WriteBatch::Row& row, Leaves& to) {
  if (!row.value || !std::ranges::equal(row.key, journal::leaf_row_key(to.parts.size()))) return bad("lacks an entry");
  const auto leaf = journal::decode_leaf(*row.value);
  if (!leaf || leaf->position != to.parts.size()) return bad("has a damaged entry");
  to.tree.append(journal::leaf_hash(*row.value));
  auto& hashes = to.parts.emplace_back();
  for (const auto& part : leaf->parts) hashes.push_back(part.content_hash);
  return {};
}

Result<void> take_part(const storage::WriteBatch::Row& row, const Leaves& leaves) {
  Reader key(row.key);
  const std::uint64_t position = key.u64_big();
  const std::size_t index = key.u8();
  if (!key.done() || !row.value || position >= leaves.parts.size() || index >= leaves.parts[position].size())
    return bad("has a part of no entry");
  if (crypto::blake2b_256({*row.value}) == leaves.parts[position][index]) return {};
  return Error(ErrorCode::tampered,
               "a part in the backup is not the one that was written; use another backup (nothing was changed)");
}

Result<void> check_head(const Manifest& manifest, std::size_t table, const vault::CopyState& state) {
  const vault::CopyHead head{
      .table = static_cast<Table>(table), .store_id = manifest.store_id, .incarnation = manifest.incarnation};
  const Manifest::Copy found{.bytes = state.size, .chain = state.chain};
  const bool numbered = static_cast<Table>(table) != Table::keys || state.kseq == manifest.kseq;
  if (state.head == head && !state.torn && numbered && found == manifest.copies.at(table)) return {};
  return bad(std::string("has another table ") + backup_tables.at(table) + " than its manifest names");
}

// Without a key: that it is there and says of the entries what they are. Who signed it, only the key tells.
Result<std::string> check_checkpoint(const std::string& dir, const Manifest& manifest, const Leaves& leaves,
                                     const std::optional<crypto::PublicKey>& key) {
  auto read = read_small(dir + "/checkpoint");
  if (!read && read.error().code == ErrorCode::not_found) return bad("lacks its checkpoint");
  if (!read) return read.error();
  const std::string origin = journal::checkpoint_origin(manifest.store_id, manifest.incarnation);
  const std::string body = journal::checkpoint_body({.origin = origin, .size = manifest.size, .root = leaves.tree.root()}) + "\n";
  if (key) {
    const auto good = journal::verify_checkpoint(*read, origin, *key);
    if (!good && good.error().code == ErrorCode::malformed) return bad("has a damaged checkpoint");
    if (!good) return good.error();
  }
  if (read->starts_with(body) && read->size() > body.size() && read->back() == '\n') return read;
  return Error(ErrorCode::tampered,
               "the backup's entries are not those of its checkpoint; use another backup (nothing was changed)");
}

Result<void> sync_path(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool good = file >= 0 && ::fsync(file) == 0;
  const std::string why = std::generic_category().message(errno);
  if (file >= 0) ::close(file);
  if (good) return {};
  return Error(ErrorCode::io, "cannot sync " + path + ": " + why);
}

// The daemon's own lock: two that write below one directory would spoil each other's work.
class PlaceLock {
 public:
  explicit PlaceLock(int file) : file_(file) {}
  ~PlaceLock() { ::close(file_); }
  PlaceLock(const PlaceLock&) = delete;
  PlaceLock& operator=(const PlaceLock&) = delete;
  static Result<std::unique_ptr<PlaceLock>> take(const std::string& dir) {
    const std::string path = dir + "/lock";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return Error(ErrorCode::io, "cannot open " + path + ": " + std::generic_category().message(errno));
    auto lock = std::make_unique<PlaceLock>(file);
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return lock;
    return Error(ErrorCode::busy, dir + " is in use by tausd or by another restore: stop that first (nothing was changed)");
  }

 private:
  int file_;
};

// Rows of one copy into a store, in batches that stay small.
Result<vault::CopyState> pour(const std::string& path, storage::KvStore& into) {
  return vault::read_copy_file(path, [&](const storage::WriteBatch& rows) { return into.commit(rows); });
}

Result<std::string> keys_path(const std::string& dir, const std::string& keys) {
  if (keys.empty()) return copy_path(dir, static_cast<std::size_t>(Table::keys));
  std::error_code ignored;
  return fs::is_directory(keys, ignored) ? keys + "/" + vault::replica_file : keys;
}

Result<void> move_in_place(const std::string& fresh, const std::string& place) {
  std::error_code error;
  fs::rename(fresh, place, error);
  if (error) return Error(ErrorCode::io, "cannot move the restored store to " + place + ": " + error.message());
  return sync_path(fs::path(place).parent_path().string());
}

Result<vault::CopyState> read_table(const std::string& dir, std::size_t table, const vault::VisitRows& visit) {
  auto state = vault::read_copy_file(copy_path(dir, table), visit);
  if (!state && state.error().code == ErrorCode::not_found) return bad(std::string("lacks its table ") + backup_tables.at(table));
  return state;
}

}  // namespace

Result<void> write_durable(const std::string& dir, const std::string& name, const std::string& text) {
  const std::string path = dir + "/" + name, fresh = path + ".new";
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << text;
    out.flush();
    if (!out) return Error(ErrorCode::io, "cannot write " + path + ": is there space?");
  }
  TAUS_TRY(sync_path(fresh));
  std::error_code error;
  fs::rename(fresh, path, error);
  if (error) return Error(ErrorCode::io, "cannot write " + path + ": " + error.message());
  TAUS_TRY(sync_path(dir));
  static_cast<void>(sync_path(dir + "/.."));  // the directory's own name, where it may be read
  return {};
}

std::string encode(const Manifest& manifest) {
  std::ostringstream out;
  out << title << "\nstore " << to_hex(manifest.store_id) << "\nincarnation " << manifest.incarnation << "\nprofile "
      << manifest.profile << "\nsize " << manifest.size << "\ngeneration " << manifest.generation << "\nkseq " << manifest.kseq
      << "\nmade " << manifest.made << "\n";
  for (std::size_t i = 0; i < manifest.copies.size(); ++i)
    out << backup_tables.at(i) << " " << manifest.copies.at(i).bytes << " " << to_hex(manifest.copies.at(i).chain) << "\n";
  const std::string text = out.str();
  return text + "check " + to_hex(crypto::blake2b_256({view(text)})) + "\n";
}

Result<Manifest> decode_manifest(std::string_view text) {
  const std::size_t last = text.rfind("check ");
  if (!text.starts_with(title) || last == std::string_view::npos) return bad("has no manifest");
  const std::string expected = "check " + to_hex(crypto::blake2b_256({view(text.substr(0, last))})) + "\n";
  if (text.substr(last) != expected) return bad("has a manifest that was changed");
  Manifest out;
  std::map<std::string, std::vector<std::string>> lines;
  std::istringstream in{std::string(text.substr(0, last))};
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    auto& values = lines[name];
    for (std::string word; words >> word;) values.push_back(word);
  }
  const auto one = [&](const char* name) { return lines[name].size() == 1 ? lines[name].front() : std::string(); };
  out.profile = one("profile");
  out.made = one("made");
  bool good = bytes(one("store"), out.store_id) && number(one("incarnation"), out.incarnation) && number(one("size"), out.size) &&
              number(one("generation"), out.generation) && number(one("kseq"), out.kseq) && !out.profile.empty();
  for (std::size_t i = 0; i < out.copies.size(); ++i) {
    const auto& values = lines[backup_tables.at(i)];
    good = good && values.size() == 2 && number(values[0], out.copies.at(i).bytes) && bytes(values[1], out.copies.at(i).chain);
  }
  if (!good || encode(out) != text) return bad("has a manifest that this taus does not understand");
  return out;
}

Result<BackupReport> verify_backup(const std::string& dir, const std::optional<crypto::PublicKey>& key,
                                   const Progress& progress) {
  BackupReport out;
  TAUS_TRY_ASSIGN(const std::string text, read_small(dir + "/manifest"));
  TAUS_TRY_ASSIGN(out.manifest, decode_manifest(text));
  Leaves leaves;
  for (std::size_t table = 0; table < backup_tables.size(); ++table) {
    progress(std::string("verifying ") + backup_tables.at(table));
    TAUS_TRY_ASSIGN(const auto state, read_table(dir, table, [&](const storage::WriteBatch& rows) -> Result<void> {
                      for (const auto& row : rows.rows()) {
                        if (row.table == Table::leaf) TAUS_TRY(take_leaf(row, leaves));
                        if (row.table == Table::part) TAUS_TRY(take_part(row, leaves));
                        out.parts += row.table == Table::part ? 1 : 0;
                      }
                      return {};
                    }));
    TAUS_TRY(check_head(out.manifest, table, state));
  }
  if (leaves.parts.size() != out.manifest.size) return bad("has not as many entries as its manifest says");
  for (const auto& hashes : leaves.parts) out.purged += hashes.size();
  out.purged -= out.parts;
  TAUS_TRY_ASSIGN(out.checkpoint, check_checkpoint(dir, out.manifest, leaves, key));
  out.checkpoint_signed = key.has_value();
  return out;
}

Result<Restored> restore_backup(const RestoreOrder& order, const Progress& progress) {
  const std::string &dir = order.dir, &to = order.to;
  std::error_code error;
  const std::string place = to + "/db";
  if (fs::exists(to, error) && !fs::is_directory(to, error))
    return Error(ErrorCode::invalid_argument, to + " is no directory: name the data directory (nothing was changed)");
  if (fs::equivalent(dir, to, error))
    return Error(ErrorCode::invalid_argument, to + " is the backup itself: name the data directory (nothing was changed)");
  if (fs::exists(place, error))
    return Error(ErrorCode::invalid_argument,
                 place + " exists: move the old store aside first, do not remove it (nothing was changed)");
  Restored out;
  TAUS_TRY_ASSIGN(out.backup, verify_backup(dir, order.key, progress));
  TAUS_TRY_ASSIGN(const std::string key_rows, keys_path(dir, order.keys));
  TAUS_TRY_ASSIGN(const auto held, vault::read_copy_file(key_rows, {}));
  if (held.head.table != Table::keys || held.head.store_id != out.backup.manifest.store_id)
    return Error(ErrorCode::invalid_argument, key_rows + " holds no keys of this store (nothing was changed)");
  if (held.kseq < out.backup.manifest.kseq)
    return Error(ErrorCode::invalid_argument,
                 key_rows + " is older than the backup's own keys: leave --keys out (nothing was changed)");
  fs::create_directories(to, error);
  if (error) return Error(ErrorCode::io, "cannot make the directory " + to + ": " + error.message() + " (nothing was changed)");
  TAUS_TRY_ASSIGN(const auto lock, PlaceLock::take(to));
  const std::string fresh = place + ".restoring";
  fs::remove_all(fresh, error);
  {
    storage::RocksOptions options;
    options.create = true;
    TAUS_TRY_ASSIGN(const auto store, storage::open_rocks_store(fresh, options));
    for (std::size_t table = 0; table < backup_tables.size(); ++table) {
      progress(std::string("restoring ") + backup_tables.at(table));
      const bool own = static_cast<Table>(table) != Table::keys;
      TAUS_TRY(pour(own ? copy_path(dir, table) : key_rows, *store));
    }
    storage::WriteBatch mark;
    const bool at_start = !order.key && !order.unsigned_too;
    RestoreMark{.incarnation = 0, .checkpoint = at_start ? out.backup.checkpoint : ""}.stage(mark);
    TAUS_TRY(store->commit(mark));
    for (std::size_t table = 0; table < backup_tables.size(); ++table) TAUS_TRY(store->flush(static_cast<Table>(table)));
  }
  out.kseq = held.kseq;
  TAUS_TRY(move_in_place(fresh, place));
  return out;
}

}  // namespace taus::tools
