#include "eventstore/journal/merkle.h"

#include <bit>

#include "eventstore/base/check.h"
#include "eventstore/crypto/hash.h"

namespace taus::journal {
namespace {

constexpr std::uint8_t node_prefix = 1;

// Root of a range of leaf hashes, RFC 6962 2.1.
Hash32 range_root(std::span<const Hash32> leaves) {
  MerkleTree tree;
  for (const Hash32& leaf : leaves) tree.append(leaf);
  return tree.root();
}

}  // namespace

Hash32 merkle_node(const Hash32& left, const Hash32& right) { return crypto::sha256({{&node_prefix, 1}, left, right}); }

std::optional<MerkleTree> MerkleTree::resume(std::uint64_t size, std::vector<Hash32> frontier) {
  if (static_cast<std::size_t>(std::popcount(size)) != frontier.size()) return std::nullopt;
  MerkleTree tree;
  tree.size_ = size;
  tree.frontier_ = std::move(frontier);
  return tree;
}

void MerkleTree::append(const Hash32& leaf_hash) {
  // Every trailing one bit of the size is a perfect subtree that the new leaf completes.
  Hash32 node = leaf_hash;
  for (std::uint64_t n = size_; (n & 1) != 0; n >>= 1) {
    node = merkle_node(frontier_.back(), node);
    frontier_.pop_back();
  }
  frontier_.push_back(node);
  ++size_;
}

Hash32 MerkleTree::root() const {
  if (frontier_.empty()) return crypto::sha256({});
  Hash32 node = frontier_.back();
  for (std::size_t i = frontier_.size() - 1; i > 0; --i) node = merkle_node(frontier_[i - 1], node);
  return node;
}

std::vector<Hash32> inclusion_proof(std::span<const Hash32> leaf_hashes, std::uint64_t index) {
  TAUS_CHECK(index < leaf_hashes.size());
  if (leaf_hashes.size() == 1) return {};
  const std::size_t split = std::bit_floor(leaf_hashes.size() - 1);
  const auto left = leaf_hashes.first(split);
  const auto right = leaf_hashes.subspan(split);
  std::vector<Hash32> proof = index < split ? inclusion_proof(left, index) : inclusion_proof(right, index - split);
  proof.push_back(range_root(index < split ? right : left));
  return proof;
}

bool verify_inclusion(const Hash32& leaf_hash, std::uint64_t index, std::uint64_t size, std::span<const Hash32> proof,
                      const Hash32& root) {
  if (index >= size) return false;
  std::uint64_t node = index;
  std::uint64_t last = size - 1;
  Hash32 hash = leaf_hash;
  for (const Hash32& sibling : proof) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      hash = merkle_node(sibling, hash);
      while ((node & 1) == 0 && node != 0) {  // a right edge without sibling on these levels
        node >>= 1;
        last >>= 1;
      }
    } else {
      hash = merkle_node(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

}  // namespace taus::journal
