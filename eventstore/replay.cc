#include "eventstore/replay.h"

#include <algorithm>
#include <utility>

namespace taus {
namespace {

using storage::Table;

constexpr std::size_t block_leaves = 2048;
constexpr std::size_t piece_leaves = 256;  // of a block, opened by one job

Error not_there() {
  return {ErrorCode::unavailable, "the part's bytes are not in the store: they were purged or lost; run taus-verify"};
}

}  // namespace

Ordinal node_of(Ordinal stream) { return stream == centre_stream ? centre_ordinal : stream; }

Result<OpenedPart> open_stored(const StoreId& store_id, const journal::Leaf& leaf, std::size_t index, const crypto::Key& key,
                               int category, ByteView stored) {
  const journal::PartRef& ref = leaf.parts[index];
  if (ref.slot == public_slot) {
    TAUS_TRY_ASSIGN(Bytes plaintext, journal::open_public_part(ref, stored));
    return OpenedPart{.category = -1, .plaintext = std::move(plaintext)};
  }
  const journal::PartContext context{.store_id = store_id,
                                     .incarnation = leaf.incarnation,
                                     .stream = leaf.stream,
                                     .version = leaf.version,
                                     .part_count = static_cast<std::uint8_t>(leaf.parts.size()),
                                     .part_index = static_cast<std::uint8_t>(index),
                                     .slot = ref.slot,
                                     .epoch = ref.epoch};
  TAUS_TRY_ASSIGN(Bytes plaintext, journal::open_part(key, context, ref, stored));
  return OpenedPart{.category = category, .plaintext = std::move(plaintext)};
}

Replay::Replay(const storage::KvReader& store, const vault::KeyVault& vault, const StoreId& store_id, const Parallel& parallel)
    : store_(store), vault_(vault), store_id_(store_id), parallel_(parallel) {}

void Replay::read(Position from, Block& block) const {
  block.leaves.reserve(block_leaves);
  if (Result<void> done = journal::Journal::read_leaves(store_, from, block_leaves, block.leaves); !done)
    block.ends_with = done.error();
}

Result<void> Replay::find_keys(Block& block) const {
  block.first.reserve(block.leaves.size());
  for (const journal::LeafRow& row : block.leaves) {
    block.first.push_back(block.parts.size());
    const Ordinal node = node_of(row.leaf.stream);
    for (const journal::PartRef& ref : row.leaf.parts) {
      Part& part = block.parts.emplace_back();
      if (ref.slot == public_slot) continue;
      Result<crypto::Key> key = vault_.key_for_reading(node, ref.slot, ref.epoch);
      if (!key) {
        part.why_not = key.error();
        part.settled = true;
        continue;
      }
      TAUS_TRY_ASSIGN(const std::optional<int> category, vault_.category_of(node, ref.slot));
      if (!category) return Error(ErrorCode::corrupt, "a live key without a category: run taus-verify");
      part.key = std::move(*key);
      part.category = *category;
    }
  }
  block.pieces.resize((block.leaves.size() + piece_leaves - 1) / piece_leaves);
  return {};
}

// Opens what can be opened of one piece in a single walk over its rows.
void Replay::open(Block& block, std::size_t number) const {
  Piece& piece = block.pieces[number];
  const std::size_t begin = number * piece_leaves;
  const std::size_t end = std::min(begin + piece_leaves, block.leaves.size());
  std::size_t leaf = begin;
  std::size_t index = 0;
  const auto part = [&]() -> Part& { return block.parts[block.first[leaf] + index]; };
  const auto settle = [&](Result<OpenedPart> outcome) {
    Part& one = part();
    one.settled = true;
    if (!outcome) {
      one.why_not = outcome.error();
      return;
    }
    one.begin = piece.plaintext.size();
    one.size = outcome->plaintext.size();
    piece.plaintext.insert(piece.plaintext.end(), outcome->plaintext.begin(), outcome->plaintext.end());
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
    for (; skip() && std::pair{block.leaves[leaf].leaf.position, index} < at; step()) settle(not_there());
    if (leaf == end) return false;
    if (std::pair{block.leaves[leaf].leaf.position, index} != at) return true;
    settle(open_stored(store_id_, block.leaves[leaf].leaf, index, part().key, part().category, stored));
    return skip();
  };
  if (Result<void> done = store_.scan(Table::part, from, to, visit); !done) piece.fault = done.error();
  for (; skip(); step()) settle(not_there());
}

Result<void> Replay::hand_on(Block& block, const std::function<Result<void>(const journal::LeafRow&)>& take,
                             const EventStore::Visitor& visit) const {
  for (std::size_t i = 0; i < block.leaves.size(); ++i) {
    const Piece& piece = block.pieces[i / piece_leaves];
    if (piece.fault) return *piece.fault;
    TAUS_TRY(take(block.leaves[i]));
    TAUS_TRY(visit(block.leaves[i].leaf, vault_, [&](std::size_t index) -> Result<OpenedPart> {
      const Part& part = block.parts[block.first[i] + index];
      if (part.why_not) return *part.why_not;
      const ByteView plaintext = ByteView(piece.plaintext).subspan(part.begin, part.size);
      return OpenedPart{.category = part.category, .plaintext = Bytes(plaintext.begin(), plaintext.end())};
    }));
  }
  if (block.ends_with) return *block.ends_with;
  return {};
}

Result<void> Replay::run(const std::function<Result<void>(const journal::LeafRow&)>& take, const EventStore::Visitor& visit) {
  Block opened;  // to be handed on
  Block found;   // whose keys are known
  Position next = 0;
  for (bool more = true; more || !found.leaves.empty() || found.ends_with;) {
    Block ahead;
    Result<void> handed;
    std::vector<Job> jobs;
    jobs.emplace_back([&] { handed = hand_on(opened, take, visit); });
    for (std::size_t piece = 0; piece < found.pieces.size(); ++piece)
      jobs.emplace_back([&found, piece, this] { open(found, piece); });
    if (more) jobs.emplace_back([&] { read(next, ahead); });
    parallel_ ? parallel_(jobs) : one_after_the_other(jobs);
    TAUS_TRY(handed);
    next += ahead.leaves.size();
    more = ahead.leaves.size() == block_leaves && !ahead.ends_with;
    TAUS_TRY(find_keys(ahead));
    opened = std::exchange(found, std::move(ahead));
  }
  return hand_on(opened, take, visit);
}

}  // namespace taus
