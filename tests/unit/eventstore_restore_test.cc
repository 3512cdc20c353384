// The first start after a restore, cut short before every durable operation of store, root and floor: what was destroyed or accepted to be is
// never opened again, also not on the way; what lives does; the restore is told once.
#include "eventstore/journal/checkpoint.h"
#include "eventstore/restore_mark.h"
#include "tests/unit/eventstore_support.h"

namespace taus::test {
namespace {

using storage::Table;

constexpr int category = 2;

// Six subjects; one was shredded after the backup of the journal, one is accepted to be.
struct Lost {
  explicit Lost(bool opens_first) : shop(31) {
    shop.open().value();
    for (int i = 0; i < 6; ++i) {
      subjects.push_back(shop.es->new_subject().value());
      shop.append(subjects.back(), {Shop::part(category, "of " + std::to_string(subjects.back()))});
    }
    shop.commit();
    std::array<FaultyStore::Rows, storage::table_count> backup;
    for (const Table table : journal_tables) backup[static_cast<std::size_t>(table)] = shop.store.rows(table);
    shop.append(subjects[5], {Shop::part(category, "lost")});
    shop.shred(subjects[1], 0xffff);
    shop.es->accept_shred(subjects[0], 0xffff, Bytes{1}).value();
    shop.commit();
    before = shop.es->journal().options().incarnation;
    shop.es.reset();
    for (const Table table : journal_tables) {
      const FaultyStore::Rows now = shop.store.rows(table);
      for (const auto& [key, value] : now) shop.store.set(table, key, std::nullopt);
      for (const auto& [key, value] : backup[static_cast<std::size_t>(table)]) shop.store.set(table, key, value);
    }
    storage::WriteBatch mark;
    RestoreMark{}.stage(mark);
    for (const auto& row : mark.rows())
      shop.store.set(row.table, Bytes(row.key.begin(), row.key.end()), Bytes(row.value->begin(), row.value->end()));
    shop.options.shred_faults.restore_opens_first = opens_first;
    shop.options.on_restored = [](EventStore& es, const RestoreFacts& facts) -> Result<void> {
      if (!facts.lost || *facts.lost == 0) return Error(ErrorCode::corrupt, "what is missing is not told");
      const std::vector<NewPart> told = {Shop::part(-1, "restored")};
      TAUS_TRY(es.append(centre_stream, told));
      TAUS_TRY_ASSIGN(const auto commits, es.vault().commits_after(1));
      for (const auto& one : commits) es.receipted(one.generation, one.chunk);
      return {};
    };
  }
  // Opens; whatever comes of it, nothing that is gone may have been seen.
  bool open() {
    good = shop.open().has_value();
    for (const Seen& one : shop.seen)
      for (const std::string& part : one.parts)
        if ((one.leaf.stream == subjects[0] || one.leaf.stream == subjects[1]) && part.front() != '[') opened_too_early = true;
    return good;
  }
  [[nodiscard]] std::string wrong() {
    if (opened_too_early) return "a part was opened whose key was destroyed or was to be";
    int told = 0;
    int live = 0;
    for (const Seen& one : shop.seen) {
      for (const std::string& part : one.parts) {
        told += part == "-1:restored" ? 1 : 0;
        live += part == std::to_string(category) + ":of " + std::to_string(one.leaf.stream) ? 1 : 0;
      }
    }
    if (told != 1) return "the restore is told " + std::to_string(told) + " times";
    if (live != 4) return std::to_string(live) + " of 4 live parts open";
    if (shop.es->journal().options().incarnation == before) return "no new incarnation";
    if (shop.es->shreds_pending()) return "what was accepted is still pending";
    return {};
  }

  static constexpr std::array<Table, 4> journal_tables{Table::leaf, Table::part, Table::dedupe, Table::meta};
  Shop shop;
  std::vector<Ordinal> subjects;
  std::uint32_t before = 0;
  bool good = false;
  bool opened_too_early = false;
};

enum class Cut { commit_lost, commit_kept, root_refused, root_torn, floor_refused, floor_torn };

// What is wrong after a cut before the n-th operation of this kind; `finished`: there are not so many.
std::string cut_at(Cut kind, int n, bool opens_first, bool& finished) {
  Lost lost(opens_first);
  int roots = n;
  int floors = n;
  const bool torn = kind == Cut::root_torn || kind == Cut::floor_torn;
  if (kind == Cut::commit_lost) lost.shop.store.fail_commit_at(static_cast<std::uint64_t>(n));
  if (kind == Cut::commit_kept) lost.shop.store.fail_commit_at(static_cast<std::uint64_t>(n), FaultyStore::Failed::kept);
  if (kind == Cut::root_refused || kind == Cut::root_torn)
    lost.shop.roots.before_write = [&] {
      if (--roots > 0) return MemoryRootStore::Write::done;
      return torn && roots == 0 ? MemoryRootStore::Write::torn : MemoryRootStore::Write::refused;
    };
  if (kind == Cut::floor_refused || kind == Cut::floor_torn)
    lost.shop.floor.before_write = [&] {
      if (--floors > 0) return MemoryFloor::Write::done;
      return torn ? MemoryFloor::Write::torn : MemoryFloor::Write::refused;
    };
  finished = lost.open();
  lost.shop.roots.before_write = nullptr;
  lost.shop.floor.before_write = nullptr;
  lost.shop.store.crash();
  lost.shop.floor.restart();
  if (!lost.open()) return "does not start again: " + lost.shop.refusal();
  if (auto wrong = lost.wrong(); !wrong.empty()) return wrong;
  // It goes on as any store does.
  const Ordinal fresh = lost.shop.es->new_subject().value();
  if (fresh <= lost.subjects.back()) return "a subject number is given out again";
  lost.shop.append(fresh, {Shop::part(category, "fresh")});
  lost.shop.commit();
  lost.shop.shred(lost.subjects[2], 0xffff);
  if (!lost.shop.restart()) return "does not start a third time";
  return {};
}

std::string first_wrong(bool opens_first) {
  for (const Cut kind :
       {Cut::commit_lost, Cut::commit_kept, Cut::root_refused, Cut::root_torn, Cut::floor_refused, Cut::floor_torn}) {
    bool finished = false;
    for (int n = 1; !finished; ++n) {
      if (n > 50) return "it never comes to an end";
      const auto wrong = cut_at(kind, n, opens_first, finished);
      if (!wrong.empty()) return wrong + " (cut " + std::to_string(static_cast<int>(kind)) + ", " + std::to_string(n) + ")";
    }
  }
  return {};
}

TEST(RestoreCrash, NothingThatIsGoneComesBackAndNothingElseIsLost) { EXPECT_EQ(first_wrong(false), ""); }

TEST(RestoreCrash, OpeningBeforeTheShredsIsNoticed) { EXPECT_NE(first_wrong(true).find("was to be"), std::string::npos); }

// A backup of this moment, put back; `change` gets the rows of its journal.
std::string refusal_of(const std::function<void(Shop&)>& change, const crypto::SigningKey* log_key = nullptr) {
  Shop shop(37);
  shop.open().value();
  const Ordinal subject = shop.es->new_subject().value();
  for (int i = 0; i < 4; ++i) shop.append(subject, {Shop::part(category, "entry " + std::to_string(i))});
  shop.commit();
  RestoreMark restored;
  if (log_key != nullptr) {
    const auto& of = shop.es->journal().options();
    const auto& tree = shop.es->journal().tree();
    const std::string origin = journal::checkpoint_origin(of.store_id, of.incarnation);
    restored.checkpoint = journal::format_checkpoint({.origin = origin, .size = tree.size(), .root = tree.root()}, *log_key);
  }
  shop.es.reset();
  storage::WriteBatch mark;
  restored.stage(mark);
  for (const auto& row : mark.rows())
    shop.store.set(row.table, Bytes(row.key.begin(), row.key.end()), Bytes(row.value->begin(), row.value->end()));
  change(shop);
  shop.options.on_restored = [](EventStore& es, const RestoreFacts&) -> Result<void> {
    const std::vector<NewPart> told = {Shop::part(-1, "restored")};
    TAUS_TRY(es.append(centre_stream, told));
    return {};
  };
  return shop.refusal();
}

// Whoever can write a backup can make its hashes fit each other: what was signed elsewhere tells.
TEST(Restored, EntriesThatTheFloorWasNotSignedForAreRefused) {
  EXPECT_EQ(refusal_of([](Shop&) {}), "opened");
  const std::string changed = refusal_of([](Shop& shop) {
    auto [key, leaf] = *shop.store.rows(Table::leaf).rbegin();
    leaf.back() ^= 1;  // another content hash: as good a leaf as any
    shop.store.set(Table::leaf, key, leaf);
  });
  EXPECT_NE(changed.find("tampered: the restored entries are not those that the floor was signed for"), std::string::npos)
      << changed;
  const std::string older = refusal_of([](Shop& shop) {
    const auto [key, leaf] = *shop.store.rows(Table::leaf).rbegin();
    shop.store.set(Table::leaf, key, std::nullopt);
  });
  EXPECT_EQ(older, "opened") << "a backup from before the end of the floor is in order";
}

// A backup from before the end of the floor, which says nothing of it then: who signed its checkpoint tells.
TEST(Restored, AnOldBackupIsCheckedByItsSignature) {
  const crypto::SigningKey ours{crypto::Key(ByteArray<32>{1})};
  const crypto::SigningKey other{crypto::Key(ByteArray<32>{2})};
  const auto without_floor = [&](const std::function<void(Shop&)>& change) {
    return [&, change](Shop& shop) {
      std::ranges::fill(shop.floor.file, std::uint8_t{0});
      shop.options.log_key = ours.public_key();
      change(shop);
    };
  };
  const auto as_it_was = [](Shop&) {};
  EXPECT_EQ(refusal_of(without_floor(as_it_was), &ours), "opened");
  EXPECT_EQ(refusal_of(without_floor(as_it_was)), "opened") << "nobody wants to know";
  const std::string by_other = refusal_of(without_floor(as_it_was), &other);
  EXPECT_NE(by_other.find("tampered: the backup that was restored is not signed by this store's log key"), std::string::npos)
      << by_other;
  const std::string changed = refusal_of(without_floor([](Shop& shop) {
                                           auto [key, leaf] = *shop.store.rows(Table::leaf).rbegin();
                                           leaf.back() ^= 1;
                                           shop.store.set(Table::leaf, key, leaf);
                                         }),
                                         &ours);
  EXPECT_NE(changed.find("tampered: the restored entries are not those that the backup's checkpoint"), std::string::npos)
      << changed;
  const std::string cut = refusal_of(without_floor([](Shop& shop) {
                                       const auto [key, leaf] = *shop.store.rows(Table::leaf).rbegin();
                                       shop.store.set(Table::leaf, key, std::nullopt);
                                     }),
                                     &ours);
  EXPECT_NE(cut.find("tampered: the restored entries are not those that the backup's checkpoint"), std::string::npos) << cut;
}

}  // namespace
}  // namespace taus::test
