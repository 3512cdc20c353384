#include "eventstore/journal/journal.h"

#include <algorithm>

#include "eventstore/base/check.h"
#include "eventstore/base/limits.h"
#include "eventstore/journal/log_end.h"

namespace taus::journal {
namespace {

std::string number(std::uint64_t n) { return std::to_string(n); }

Error corrupt(std::string what) {
  return {ErrorCode::corrupt, std::move(what) + "; do not use this store: restore it from a backup and tell the auditors"};
}

// Reads rows in order and insists that no position is missing. `take` returns false to stop.
Result<void> scan_leaves(const storage::KvReader& store, Position from, Position to,
                         const std::function<Result<bool>(Leaf&, ByteView)>& take) {
  Position next = from;
  std::optional<Error> failure;
  const Bytes end = to == no_position ? Bytes() : leaf_row_key(to);
  const Bytes begin = leaf_row_key(from);
  TAUS_TRY(store.scan(storage::Table::leaf, begin, end, [&](ByteView key, ByteView value) {
    if (Reader row(key); row.u64_big() != next || !row.done()) {
      failure = corrupt("the entry at position " + number(next) + " is missing");
      return false;
    }
    auto leaf = decode_leaf(value);
    if (!leaf) {
      failure = corrupt("the entry at position " + number(next) + " is damaged (" + leaf.error().message + ")");
      return false;
    }
    if (leaf->position != next) {
      failure = corrupt("the entry at position " + number(next) + " says that it belongs to position " + number(leaf->position));
      return false;
    }
    auto more = take(*leaf, value);
    if (!more) failure = std::move(more).error();
    ++next;
    return !failure && *more;
  }));
  if (failure) return *failure;
  return {};
}

// The tree as it was at the floor's size must be the floor's tree.
Result<void> check_floor(const MerkleTree& tree, const FloorRecord& floor) {
  if (tree.frontier() == floor.frontier && tree.root() == floor.root) return {};
  return corrupt("the first " + number(floor.size) + " entries are not those that the floor was signed for");
}

Result<void> check_identity(const FloorRecord& floor, const Journal::Options& options) {
  if (floor.store_id == options.store_id && floor.incarnation == options.incarnation) return {};
  return corrupt("the floor file belongs to another store or another restore of it");
}

}  // namespace

Journal::Journal(const storage::KvReader& store, const std::optional<FloorRecord>& floor, const Options& options)
    : store_(store), floor_(floor), options_(options) {
  if (options_.eras.empty()) options_.eras.push_back({.from = 0, .incarnation = options_.incarnation});
}

std::uint32_t Journal::incarnation_at(Position position) const {
  std::uint32_t out = options_.incarnation;
  for (const Era& era : options_.eras)
    if (era.from <= position) out = era.incarnation;
  return out;
}

void Journal::begin_era(std::uint32_t incarnation) {
  options_.incarnation = incarnation;
  options_.eras.push_back({.from = next_position(), .incarnation = incarnation});
}

Result<void> Journal::admit(const Leaf& leaf) {
  if (leaf.store_id != options_.store_id || leaf.incarnation != incarnation_at(leaf.position)) {
    return corrupt("the entry at position " + number(leaf.position) + " belongs to another store or another restore of it");
  }
  const auto begins = [&](const Era& era) { return era.from == leaf.position && era.from > 0; };
  const bool public_one = leaf.stream == centre_stream && leaf.parts.size() == 1 && leaf.parts[0].slot == public_slot;
  if (std::any_of(options_.eras.begin(), options_.eras.end(), begins) && !public_one) {
    return corrupt("at position " + number(leaf.position) +
                   " another incarnation begins without an entry that tells of a restore");
  }
  Version& version = versions_[leaf.stream];
  if (leaf.version != version + 1) {
    return corrupt("the entry at position " + number(leaf.position) + " has version " + number(leaf.version) + " where version " +
                   number(version + 1) + " of its stream is due");
  }
  version = leaf.version;
  highest_stream_ = std::max(highest_stream_, leaf.stream);
  return {};
}

Result<std::unique_ptr<Journal>> Journal::open(const storage::KvReader& store, const std::optional<FloorRecord>& floor,
                                               const Options& options, const std::function<Result<void>(const Leaf&)>& visit) {
  TAUS_TRY_ASSIGN(auto journal, begin(store, floor, options));
  TAUS_TRY(scan_leaves(store, 0, no_position, [&](Leaf& leaf, ByteView bytes) -> Result<bool> {
    const LeafRow row{.leaf = std::move(leaf), .hash = leaf_hash(bytes)};
    TAUS_TRY(journal->take(row));
    if (visit) TAUS_TRY(visit(row.leaf));
    return true;
  }));
  TAUS_TRY(journal->finish());
  return journal;
}

Result<std::unique_ptr<Journal>> Journal::begin(const storage::KvReader& store, const std::optional<FloorRecord>& floor,
                                                const Options& options) {
  std::unique_ptr<Journal> journal(new Journal(store, floor, options));
  if (floor) TAUS_TRY(check_identity(*floor, options));
  if (floor && floor->size == 0) TAUS_TRY(check_floor(journal->tree_, *floor));
  return journal;
}

Result<void> Journal::take(const LeafRow& row) {
  if (!floor_ && !options_.restored) return corrupt("the store holds entries and the floor file is blank or new");
  TAUS_CHECK(row.leaf.position == tree_.size());
  TAUS_TRY(admit(row.leaf));
  tree_.append(row.hash);
  next_ = tree_.size();
  if (floor_ && tree_.size() == floor_->size) TAUS_TRY(check_floor(tree_, *floor_));
  return {};
}

Result<void> Journal::finish() const {
#ifndef TAUS_PLANT_TAIL_NOT_CHECKED
  if (floor_ && tree_.size() < floor_->size) {
    return corrupt("the store holds " + number(tree_.size()) + " entries and the floor says " + number(floor_->size) +
                   " were acknowledged: the last ones are lost");
  }
#endif
  return {};
}

Result<void> Journal::read_leaves(const storage::KvReader& store, Position from, std::size_t most, std::vector<LeafRow>& out) {
  if (most == 0) return {};
  return scan_leaves(store, from, no_position, [&](Leaf& leaf, ByteView bytes) -> Result<bool> {
    out.push_back({.leaf = std::move(leaf), .hash = leaf_hash(bytes)});
    return out.size() < most;
  });
}

Journal::Claim Journal::claim(Ordinal stream) {
  highest_stream_ = std::max(highest_stream_, stream);
  return {.position = next_++, .version = ++versions_[stream]};
}

void Journal::settle(std::uint64_t size, const std::vector<Hash32>& frontier) {
  if (size <= tree_.size()) return;
  std::optional<MerkleTree> tree = MerkleTree::resume(size, frontier);
  TAUS_CHECK(tree && size <= next_);
  tree_ = std::move(*tree);
}

Position Journal::stage(storage::WriteBatch& batch, Ordinal stream, std::span<const SealedPart> parts) {
  TAUS_CHECK(!parts.empty() && parts.size() <= limits::parts_per_event_max && next_ == tree_.size());
  const Claim at = claim(stream);
  Leaf leaf;
  leaf.store_id = options_.store_id;
  leaf.incarnation = options_.incarnation;
  leaf.position = at.position;
  leaf.stream = stream;
  leaf.version = at.version;
  leaf.parts.reserve(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    leaf.parts.push_back(parts[i].ref);
    batch.put(storage::Table::part, part_row_key(leaf.position, static_cast<std::uint8_t>(i)), parts[i].bytes);
  }
  LogEnd end(std::move(tree_));
  end.append(batch, leaf);
  tree_ = end.tree();
  return leaf.position;
}

Version Journal::version(Ordinal stream) const {
  const auto it = versions_.find(stream);
  return it == versions_.end() ? 0 : it->second;
}

Result<Leaf> Journal::read_leaf(Position position) const {
  TAUS_TRY_ASSIGN(const auto row, store_.get(storage::Table::leaf, leaf_row_key(position)));
  if (!row) return Error(ErrorCode::not_found, "there is no entry at position " + number(position));
  auto leaf = decode_leaf(*row);
  if (!leaf || leaf->position != position) return corrupt("the entry at position " + number(position) + " is damaged");
  return leaf;
}

Result<Bytes> Journal::read_part(Position position, std::uint8_t index) const {
  TAUS_TRY_ASSIGN(auto row, store_.get(storage::Table::part, part_row_key(position, index)));
  if (!row) {
    return Error(ErrorCode::unavailable, "part " + std::to_string(index) + " of the entry at position " + number(position) +
                                             " is not in the store: it was purged, or is lost");
  }
  return std::move(*row);
}

Result<void> Journal::scan(Position from, Position to, const std::function<Result<bool>(const Leaf&)>& visit) const {
  if (from >= to) return {};
  return scan_leaves(store_, from, to, [&](Leaf& leaf, ByteView) { return visit(leaf); });
}

Result<std::vector<Hash32>> Journal::prove(Position position, std::uint64_t size) const {
  if (position >= size)
    return Error(ErrorCode::invalid_argument, "a tree of " + number(size) + " entries has no position " + number(position));
  std::vector<Hash32> hashes;
  TAUS_TRY(scan_leaves(store_, 0, size, [&](Leaf&, ByteView bytes) -> Result<bool> {
    hashes.push_back(leaf_hash(bytes));
    return true;
  }));
  if (hashes.size() < size)
    return Error(ErrorCode::not_found, "the journal has only " + number(hashes.size()) + " entries on disk");
  return inclusion_proof(hashes, position);
}

}  // namespace taus::journal
