#include "eventstore/replay.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace taus {
namespace {

using storage::Table;

constexpr std::size_t block_leaves = 2048;
constexpr std::size_t reading_leaves = 1024;  // of a block, read by one job
constexpr std::size_t piece_leaves = 256;     // of a block, opened by one job

// Its key lives, so no purge took it.
Error not_there(Position position) {
  return {ErrorCode::unavailable, "a part of the entry at position " + std::to_string(position) +
                                      " is lost, although its key lives; do not use this store: restore it from another backup"};
}

}  // namespace

Ordinal node_of(Ordinal stream) { return stream == centre_stream ? centre_ordinal : stream; }

journal::PartContext context_of(const StoreId& store_id, const journal::Leaf& leaf, std::size_t index) {
  const journal::PartRef& ref = leaf.parts[index];
  return {.store_id = store_id,
          .incarnation = leaf.incarnation,
          .stream = leaf.stream,
          .version = leaf.version,
          .part_count = static_cast<std::uint8_t>(leaf.parts.size()),
          .part_index = static_cast<std::uint8_t>(index),
          .slot = ref.slot,
          .epoch = ref.epoch};
}

// One leaf of a block and its parts.
class Replay::Entry final : public EntryParts {
 public:
  Entry(const Block& block, std::size_t leaf) : refs_(block.leaves[leaf].leaf.parts), parts_(&block.parts[block.first[leaf]]) {}
  [[nodiscard]] bool shredded(std::size_t index) const override {
    return parts_[index].key.state == vault::FoundKey::State::destroyed;
  }
  [[nodiscard]] std::optional<int> category(std::size_t index) const override { return parts_[index].key.category; }
  [[nodiscard]] Result<ByteView> open(std::size_t index) const override {
    TAUS_CHECK(index < refs_.size());
    const Part& part = parts_[index];
    if (shredded(index)) return Error(ErrorCode::shredded, "the key was destroyed by a shred");
    if (part.why_not) return *part.why_not;
    return part.plaintext;
  }

 private:
  const std::vector<journal::PartRef>& refs_;
  const Part* parts_;
};

Replay::Replay(const storage::KvReader& store, const vault::KeyVault& vault, const StoreId& store_id, const Parallel& parallel)
    : store_(store), vault_(vault), store_id_(store_id), parallel_(parallel) {}

void Replay::read(Position from, Reading& to) const {
  to.leaves.reserve(reading_leaves);
  if (Result<void> done = journal::Journal::read_leaves(store_, from, reading_leaves, to.leaves); !done)
    to.ends_with = done.error();
}

std::size_t Replay::leaves_of(const Block& block) {
  std::size_t out = 0;
  for (const Reading& one : block.readings) {
    out += one.leaves.size();
    if (one.leaves.size() < reading_leaves || one.ends_with) break;  // what lies behind a gap is no part of it
  }
  return out;
}

void Replay::join(Block& block) {
  block.leaves.reserve(block_leaves);
  for (Reading& one : block.readings) {
    block.leaves.insert(block.leaves.end(), std::make_move_iterator(one.leaves.begin()),
                        std::make_move_iterator(one.leaves.end()));
    block.ends_with = std::move(one.ends_with);
    if (one.leaves.size() < reading_leaves || block.ends_with) break;
  }
  block.readings.clear();
}

Result<void> Replay::find_keys_of(Block& block, const journal::Leaf& leaf) const {
  const Ordinal node = node_of(leaf.stream);
  for (const journal::PartRef& ref : leaf.parts) {
    Part& part = block.parts.emplace_back();
    if (ref.slot == public_slot) continue;
    TAUS_TRY_ASSIGN(part.key, vault_.look_up(node, ref.slot, ref.epoch));
    part.settled = part.key.state != vault::FoundKey::State::live;
    if (part.key.state != vault::FoundKey::State::lost) continue;
    const Result<crypto::Key> why = vault_.key_for_reading(node, ref.slot, ref.epoch);
    TAUS_CHECK(!why);
    part.why_not = std::make_unique<Error>(why.error());
  }
  return {};
}

void Replay::find_keys(Block& block) const {
  join(block);
  block.first.reserve(block.leaves.size());
  block.parts.reserve(block.leaves.size() * 2);
  for (std::size_t i = 0; i < block.leaves.size(); ++i) {
    block.first.push_back(block.parts.size());
    const Result<void> found = find_keys_of(block, block.leaves[i].leaf);
    if (found) continue;
    block.ends_with = found.error();
    block.leaves.resize(i);
  }
  block.pieces.resize((block.leaves.size() + piece_leaves - 1) / piece_leaves);
}

Result<ByteView> Replay::open_stored(Arena& room, const journal::Leaf& leaf, std::size_t index, const crypto::Key& key,
                                     ByteView stored) const {
  const journal::PartRef& ref = leaf.parts[index];
  if (ref.slot == public_slot) return journal::open_public_into(room, ref, stored);
  return journal::open_into(room, key, context_of(store_id_, leaf, index), ref, stored);
}

// Opens what can be opened of one piece in a single walk over its rows.
void Replay::open(Block& block, std::size_t number) const {
  Piece& piece = block.pieces[number];
  const std::size_t begin = number * piece_leaves;
  const std::size_t end = std::min(begin + piece_leaves, block.leaves.size());
  std::size_t leaf = begin;
  std::size_t index = 0;
  const auto part = [&]() -> Part& { return block.parts[block.first[leaf] + index]; };
  const auto settle = [&](const Result<ByteView>& outcome) {
    Part& one = part();
    one.settled = true;
    if (outcome)
      one.plaintext = *outcome;
    else
      one.why_not = std::make_unique<Error>(outcome.error());
  };
  const auto step = [&] {
    if (++index < block.leaves[leaf].leaf.parts.size()) return;
    index = 0;
    ++leaf;
  };
  // To the next part that waits for its row.
  const auto skip = [&] {
    while (leaf < end && part().settled) step();
    return leaf < end;
  };
  if (!skip()) return;
  const Bytes from = journal::part_row_key(block.leaves[leaf].leaf.position, 0);
  const Bytes to = journal::part_row_key(block.leaves[end - 1].leaf.position + 1, 0);
  const auto visit = [&](ByteView key, ByteView stored) {
    Reader row(key);
    const std::pair at{row.u64_big(), std::size_t{row.u8()}};
    for (; skip() && std::pair{block.leaves[leaf].leaf.position, index} < at; step())
      settle(not_there(block.leaves[leaf].leaf.position));
    if (leaf == end) return false;
    if (std::pair{block.leaves[leaf].leaf.position, index} != at) return true;
    settle(open_stored(piece.room, block.leaves[leaf].leaf, index, part().key.key, stored));
    return skip();
  };
  if (Result<void> done = store_.scan(Table::part, from, to, visit); !done) piece.fault = done.error();
  for (; skip(); step()) settle(not_there(block.leaves[leaf].leaf.position));
}

Result<void> Replay::hand_on(const Block& block, const std::function<Result<void>(const journal::LeafRow&)>& take,
                             const EventStore::Visitor& visit) const {
  for (std::size_t i = 0; i < block.leaves.size(); ++i) {
    if (const auto& fault = block.pieces[i / piece_leaves].fault) return *fault;
    TAUS_TRY(take(block.leaves[i]));
    TAUS_TRY(visit(block.leaves[i].leaf, Entry(block, i)));
  }
  if (block.ends_with) return *block.ends_with;
  return {};
}

Result<void> Replay::run(const std::function<Result<void>(const journal::LeafRow&)>& take, const EventStore::Visitor& visit) {
  Block opened;  // to be handed on
  Block found;   // whose keys are known
  Block fresh;   // whose keys are to be looked up
  Position next = 0;
  for (bool more = true; more || !opened.nothing() || !found.nothing() || !fresh.nothing();) {
    Block ahead;
    Result<void> handed;
    std::vector<Job> jobs;
    jobs.emplace_back([&] { handed = hand_on(opened, take, visit); });
    if (more) ahead.readings.resize(block_leaves / reading_leaves);
    for (std::size_t i = 0; i < ahead.readings.size(); ++i)
      jobs.emplace_back([&, i] { read(next + i * reading_leaves, ahead.readings[i]); });
    jobs.emplace_back([&] { find_keys(fresh); });
    for (std::size_t piece = 0; piece < found.pieces.size(); ++piece)
      jobs.emplace_back([&found, piece, this] { open(found, piece); });
    parallel_ ? parallel_(jobs) : one_after_the_other(jobs);
    TAUS_TRY(handed);
    const std::size_t leaves = leaves_of(ahead);
    next += leaves;
    more = more && leaves == block_leaves && !ahead.readings.back().ends_with;
    opened = std::exchange(found, std::exchange(fresh, std::move(ahead)));
  }
  return {};
}

}  // namespace taus
