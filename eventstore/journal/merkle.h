// The RFC 6962 Merkle tree over leaf hashes, kept as its frontier: the roots of the perfect subtrees, largest first.
//
// Threads: a value. Appending is O(1) amortised, root() O(log n).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "eventstore/base/bytes.h"

namespace taus::journal {

class MerkleTree {
 public:
  // A tree of which only the frontier is known; nothing where the frontier cannot be one of `size` leaves.
  static std::optional<MerkleTree> resume(std::uint64_t size, std::vector<Hash32> frontier);
  void append(const Hash32& leaf_hash);
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] Hash32 root() const;  // of the empty tree: SHA-256 of nothing
  [[nodiscard]] const std::vector<Hash32>& frontier() const noexcept { return frontier_; }

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash32> frontier_;
};

Hash32 merkle_node(const Hash32& left, const Hash32& right);
// RFC 6962 2.1.1 over all leaf hashes of a tree; and its check.
std::vector<Hash32> inclusion_proof(std::span<const Hash32> leaf_hashes, std::uint64_t index);
bool verify_inclusion(const Hash32& leaf_hash, std::uint64_t index, std::uint64_t size, std::span<const Hash32> proof,
                      const Hash32& root);

}  // namespace taus::journal
