#include "eventstore/vault/bulk_run.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "eventstore/crypto/hash.h"

namespace taus::vault {
namespace {

using storage::Table;
using storage::WriteBatch;

constexpr int family_level = subject_level - 1;
constexpr std::size_t checks_per_step = 400;

std::uint64_t name_of(NodeId id) { return std::uint64_t{id.level} << 32 | id.index; }

Error not_what_was_written() {
  return {ErrorCode::corrupt, "a key row of a large shred does not read back as it was written; restart taus"};
}

NodeId child_of(NodeId id, int place) {
  return {static_cast<std::uint8_t>(id.level + 1), id.index << 6 | static_cast<unsigned>(place)};
}

}  // namespace

BulkRun::BulkRun(KeyTree& tree, Random& random, std::uint64_t generation, Ordinal first_new, std::vector<PendingShred> requests,
                 const KeyVault::Options& options)
    : tree_(tree),
      random_(random),
      generation_(generation),
      first_new_(first_new),
      requests_(std::move(requests)),
      options_(options) {
  // Growing later would be a step of its own, and a long one.
  renewed_.reserve(requests_.size());
  removed_.reserve(requests_.size());
  dying_.reserve(requests_.size());
}

Result<void> BulkRun::prepare(WriteBatch& batch) {
  TAUS_CHECK(!prepared_);
  tree_.trim();
  while (next_ < requests_.size() && chunk_.told.victims.size() < options_.chunk_keys &&
         chunk_.told.requests.size() < std::max<std::size_t>(1, options_.chunk_keys / 2))
    TAUS_TRY(family(batch));
  if (next_ == requests_.size()) {
    TAUS_TRY(close_left(batch, ~std::uint64_t{0}));
    prepared_ = true;
  }
  const auto number = static_cast<std::uint32_t>(chunks_.size());
  chunk_.told.generation = generation_;
  chunk_.told.chunk = number;
  batch.put(Table::keys, chunk_row_key(generation_, number), encode_chunk(chunk_.told));
  batch.put(Table::keys, work_row_key(generation_, number), encode(chunk_.work));
  chunks_.push_back(std::exchange(chunk_, {}));
  return {};
}

// The subjects of one node of the level above theirs.
Result<void> BulkRun::family(WriteBatch& batch) {
  const std::uint64_t index = requests_[next_].subject >> 6;
  TAUS_TRY(close_left(batch, index));
  const NodeId id{family_level, index};
  TAUS_TRY_ASSIGN(const Node* live, tree_.at(id));
  bool changed = false;
  while (next_ < requests_.size() && requests_[next_].subject >> 6 == index) {
    const Ordinal ordinal = requests_[next_].subject;
    std::uint16_t categories = 0;
    bool whole = false;
    for (; next_ < requests_.size() && requests_[next_].subject == ordinal; ++next_) {
      categories = static_cast<std::uint16_t>(categories | requests_[next_].categories);
      whole = whole || requests_[next_].categories == 0xffff;
      chunk_.told.requests.push_back(requests_[next_]);
    }
    if (live == nullptr || !live->has(NodeId::subject(ordinal).place())) continue;
    TAUS_TRY_ASSIGN(const bool one, subject(batch, ordinal, categories, whole));
    changed = changed || one;
  }
  if (changed) TAUS_TRY(close(batch, id));
  return {};
}

Result<bool> BulkRun::subject(WriteBatch& batch, Ordinal ordinal, std::uint16_t categories, bool whole) {
  const NodeId id = NodeId::subject(ordinal);
  TAUS_TRY_ASSIGN(const auto live, tree_.peek(id));
  TAUS_CHECK(live.has_value());
  Node next = live->clone();
  unsigned dying = 0;
  for (int category = 0; category < slot_count; ++category) {
    const Slot slot = live->slot_of(category);
    if (((categories >> category) & 1) == 0 || !live->has(slot)) continue;
    if (options_.faults.leave_out_a_key && !std::exchange(left_out_, true)) continue;
    chunk_.told.victims.push_back({ordinal, slot, live->epochs[slot], key_id(live->child(slot))});
    next.remove(slot);
    dying |= 1U << slot;
  }
  if (whole && next.present == 0) {
    chunk_.work.superseded.push_back(node_row_key(id, live->key));
    removed_.insert(name_of(id));
    return true;
  }
  if (dying == 0) return false;
  dying_.emplace(ordinal, static_cast<std::uint16_t>(dying));
  renew(batch, id, *live, std::move(next));
  return true;
}

// Closes the nodes below the top that no further request belongs under.
Result<void> BulkRun::close_left(WriteBatch& batch, std::uint64_t family) {
  for (int level = family_level - 1; level > 0; --level) {
    auto& open = open_.at(static_cast<std::size_t>(level));
    if (!open || open->index == family >> (6 * (family_level - level))) continue;
    const NodeId id = *open;
    open.reset();
    TAUS_TRY(close(batch, id));
  }
  return {};
}

// All changed children of the node are known: it follows.
Result<void> BulkRun::close(WriteBatch& batch, NodeId id) {
  TAUS_TRY_ASSIGN(const Node* live, tree_.at(id));
  TAUS_CHECK(live != nullptr);
  open_.at(id.level - 1U) = id.parent();
  Node next = after(id, *live);
  // Where subjects may yet be added the node stays, if need be without children.
  const bool complete = (id.index + 1) << (6 * (subject_level - id.level)) <= first_new_;
  if (next.present == 0 && complete) {
    chunk_.work.superseded.push_back(node_row_key(id, live->key));
    removed_.insert(name_of(id));
    return {};
  }
  renew(batch, id, *live, std::move(next));
  return {};
}

void BulkRun::renew(WriteBatch& batch, NodeId id, const Node& live, Node next) {
  next.key = crypto::Key::generate(random_);
  chunk_.work.superseded.push_back(node_row_key(id, live.key));
  chunk_.work.written.push_back(node_row_key(id, next.key));
  written_.push_back({id, write(batch, id, next)});
  renewed_.emplace(name_of(id), std::move(next.key));
}

Hash32 BulkRun::write(WriteBatch& batch, NodeId id, const Node& node) {
  const Bytes row = seal_node(tree_.store_id(), id, generation_, node, random_);
  batch.put(Table::keys, node_row_key(id, node.key), row);
  return crypto::blake2b_256({row});
}

// What becomes of a live node in the new tree, but for its key.
Node BulkRun::after(NodeId id, const Node& live) const {
  Node next = live.clone();
  if (id.level == subject_level) {
    const auto dying = dying_.find(id.index);
    for (int slot = 0; dying != dying_.end() && slot < slot_count; ++slot)
      if (((dying->second >> slot) & 1) != 0 && next.has(slot)) next.remove(slot);
    return next;
  }
  for (std::uint64_t left = live.present; left != 0; left &= left - 1) {
    const int place = std::countr_zero(left);
    const std::uint64_t child = name_of(child_of(id, place));
    if (const auto found = renewed_.find(child); found != renewed_.end())
      next.set(place, found->second.clone());
    else if (removed_.contains(child))
      next.remove(place);
  }
  return next;
}

Result<void> BulkRun::follow(WriteBatch& batch, NodeId id, const Node& live) {
  const auto renewed = renewed_.find(name_of(id));
  if (options_.faults.adds_not_followed || renewed == renewed_.end()) {
    TAUS_CHECK(!removed_.contains(name_of(id)));
    return {};
  }
  Node next = after(id, live);
  next.key = renewed->second.clone();
  write(batch, id, next);
  followed_.insert(name_of(id));
  return {};
}

bool BulkRun::destroys(Ordinal subject, int category) const {
  const auto by_subject = [](const PendingShred& one, Ordinal wanted) { return one.subject < wanted; };
  for (auto one = std::lower_bound(requests_.begin(), requests_.end(), subject, by_subject);
       one != requests_.end() && one->subject == subject; ++one)
    if (((one->categories >> category) & 1) != 0) return true;
  return false;
}

Result<void> BulkRun::check(const storage::KvReader& store) {
  tree_.trim();
  for (std::size_t left = checks_per_step; left > 0 && !checked(); --left) TAUS_TRY(check_one(store, written_[checked_++]));
  return {};
}

// The row is the one that was written (or a later one of the same node, which got a key since), it opens, and nothing that is destroyed
// can be reached through it.
Result<void> BulkRun::check_one(const storage::KvReader& store, const Written& one) {
  const NodeId id = one.id;
  const crypto::Key& key = renewed_.at(name_of(id));
  TAUS_TRY_ASSIGN(const auto row, store.get(Table::keys, node_row_key(id, key)));
  if (!row || (!followed_.contains(name_of(id)) && crypto::blake2b_256({*row}) != one.hash)) return not_what_was_written();
  TAUS_TRY_ASSIGN(const Node node, open_node(tree_.store_id(), id, key, *row));
  if (id.level == subject_level) {
    if ((node.present & dying_.at(id.index)) != 0) return not_what_was_written();
    return {};
  }
  for (std::uint64_t left = node.present; left != 0; left &= left - 1) {
    const int place = std::countr_zero(left);
    const std::uint64_t child = name_of(child_of(id, place));
    const auto renewed = renewed_.find(child);
    const bool good = renewed == renewed_.end() ? !removed_.contains(child) : node.child(place) == renewed->second;
    if (!good) return not_what_was_written();
  }
  return {};
}

void BulkRun::forget_some(std::size_t entries) {
  const auto take = [entries](auto& from) {
    for (std::size_t left = entries; left > 0 && !from.empty(); --left) from.erase(from.begin());
  };
  take(renewed_);
  take(removed_);
  take(dying_);
  take(followed_);
  requests_.resize(requests_.size() - std::min(entries, requests_.size()));
}

Result<ShredPlan> BulkRun::top() {
  TAUS_CHECK(prepared_);
  ShredPlan plan;
  TAUS_TRY_ASSIGN(const Node* live, tree_.at({}));
  Node next = after({}, *live);
  next.key = crypto::Key::generate(random_);
  plan.superseded.push_back(node_row_key({}, live->key));
  plan.nodes.emplace(NodeId{}, std::move(next));
  return plan;
}

}  // namespace taus::vault
