// format_write_store DIR [FAULT]: writes a store with the journal of taus through RocksDB, and beside it what a test needs to
// know: log.pub, checkpoint, parts.json (where each part lies, its key, its plaintext). FAULT damages the store afterwards.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "eventstore/crypto/hash.h"
#include "eventstore/journal/checkpoint.h"
#include "eventstore/journal/journal.h"
#include "eventstore/storage/rocks_store.h"
#include "tests/support/seeded_random.h"

namespace taus {
namespace {

using storage::Table;

constexpr int events = 300;
constexpr int purge_every = 29;

struct Made {
  journal::Journal::Options identity{{0xa1, 2, 3, 4}, 0x01020304, {}, false};
  crypto::SigningKey log_key{crypto::Key(Bytes(32, 42))};
  test::SeededRandom random{7};
  nlohmann::json parts = nlohmann::json::array();
};

void write_text(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

Result<void> write_row(storage::KvStore& store, Table table, const Bytes& key, const std::optional<Bytes>& value) {
  storage::WriteBatch batch;
  if (value)
    batch.put(table, key, *value);
  else
    batch.erase(table, key);
  return store.commit(batch);
}

// One event of one to three parts; the last of some is public.
void stage(Made& made, journal::Journal& journal, storage::WriteBatch& batch, int number) {
  const auto stream = static_cast<Ordinal>(number % 7);
  const auto count = static_cast<std::uint8_t>(1 + number % 3);
  std::vector<journal::SealedPart> sealed;
  for (std::uint8_t i = 0; i < count; ++i) {
    const std::string plaintext =
        std::string(static_cast<std::size_t>(number * number % 2000), static_cast<char>('a' + i)) + std::to_string(number);
    nlohmann::json about = {
        {"position", number}, {"index", i}, {"plaintext", to_hex(view(plaintext))}, {"key", std::string(64, '0')}};
    if (i == count - 1 && number % 5 == 0) {
      sealed.push_back(journal::public_part(view(plaintext)));
    } else {
      const crypto::Key key = crypto::Key::generate(made.random);
      about["key"] = to_hex(key.view());
      const journal::PartContext context{
          made.identity.store_id,  made.identity.incarnation, stream, journal.version(stream) + 1, count, i, i,
          1 + stream < 4 ? 1U : 2U};
      sealed.push_back(journal::seal_part(key, context, view(plaintext), made.random));
    }
    about["purged"] = number % purge_every == 0 && i == 0;
    made.parts.push_back(about);
  }
  const Position position = journal.stage(batch, stream, sealed);
  if (number % purge_every == 0) batch.erase(Table::part, journal::part_row_key(position, 0));
}

Result<void> fill(Made& made, storage::KvStore& store, journal::Floor& floor, const std::string& dir) {
  Bytes row;
  Writer(row).raw(made.identity.store_id).u32(made.identity.incarnation).u8(2).raw("vt");
  const std::string_view store_key = "store";
  TAUS_TRY(write_row(store, Table::meta, Bytes(store_key.begin(), store_key.end()), row));
  const auto now = [&](const journal::MerkleTree& tree) {
    return journal::FloorRecord{
        made.identity.store_id, made.identity.incarnation, tree.size(), tree.root(), tree.frontier(), 3, 1};
  };
  TAUS_TRY(floor.write(now({})));
  TAUS_TRY_ASSIGN(const auto before, floor.read());
  TAUS_TRY_ASSIGN(const auto log, journal::Journal::open(store, before, made.identity, {}));
  for (int number = 0; number < events;) {
    storage::WriteBatch batch;
    for (int i = 0; i < 8 && number < events; ++i) stage(made, *log, batch, number++);
    TAUS_TRY(store.commit(batch));
    TAUS_TRY(floor.write(now(log->tree())));
    if (number == 152) {
      const std::string origin = journal::checkpoint_origin(made.identity.store_id, made.identity.incarnation);
      write_text(dir + "/checkpoint", journal::format_checkpoint({origin, log->tree().size(), log->tree().root()}, made.log_key));
    }
  }
  return store.flush(Table::leaf);
}

Result<void> damage(storage::KvStore& store, const std::string& fault) {
  if (fault.empty()) return {};
  if (fault == "tail") return write_row(store, Table::leaf, journal::leaf_row_key(events - 1), std::nullopt);
  if (fault == "gap") return write_row(store, Table::leaf, journal::leaf_row_key(100), std::nullopt);
  if (fault == "part") return write_row(store, Table::part, journal::part_row_key(5, 0), Bytes(272, 1));
  if (fault == "orphan") return write_row(store, Table::part, journal::part_row_key(events, 0), Bytes(272, 1));
  if (fault == "format") return write_row(store, Table::meta, {'s', 't', 'o', 'r', 'e'}, Bytes(23, 9));
  if (fault != "leaf") return Error(ErrorCode::invalid_argument, "no such fault");
  TAUS_TRY_ASSIGN(auto leaf, store.get(Table::leaf, journal::leaf_row_key(100)));
  leaf->back() ^= 1;
  return write_row(store, Table::leaf, journal::leaf_row_key(100), leaf);
}

Result<void> run(const std::string& dir, const std::string& fault) {
  std::filesystem::create_directories(dir + "/data");
  std::filesystem::create_directories(dir + "/root");
  Made made;
  storage::RocksOptions options;
  options.create = true;
  TAUS_TRY_ASSIGN(const auto store, storage::open_rocks_store(dir + "/data/db", options));
  TAUS_TRY_ASSIGN(const auto floor, journal::open_floor_file(dir + "/root/floor", made.log_key));
  TAUS_TRY(fill(made, *store, *floor, dir));
  write_text(dir + "/log.pub", to_hex(made.log_key.public_key()) + "\n");
  write_text(dir + "/parts.json", made.parts.dump());
  return damage(*store, fault);
}

}  // namespace
}  // namespace taus

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const auto outcome = taus::run(argv[1], argc > 2 ? argv[2] : "");
  if (!outcome) std::fprintf(stderr, "%s\n", outcome.error().message.c_str());
  return outcome ? 0 : 1;
}
