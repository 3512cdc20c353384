#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "eventstore/journal/entry.h"
#include "eventstore/journal/merkle.h"
#include "tests/unit/journal_vectors.h"

namespace taus::journal {
namespace {

std::vector<Hash32> leaves(std::uint64_t n) {
  std::vector<Hash32> out;
  for (std::uint64_t i = 0; i < n; ++i) {
    Bytes leaf;
    Writer(leaf).u64(i);
    out.push_back(leaf_hash(leaf));
  }
  return out;
}

MerkleTree tree_of(std::span<const Hash32> hashes) {
  MerkleTree tree;
  for (const auto& hash : hashes) tree.append(hash);
  return tree;
}

TEST(Merkle, Vectors) {
  for (const auto& v : test::vectors("merkle")) {
    const MerkleTree tree = tree_of(leaves(v.at("size")));
    EXPECT_EQ(to_hex(tree.root()), v.at("root"));
    ASSERT_EQ(tree.frontier().size(), v.at("frontier").size());
    for (std::size_t i = 0; i < tree.frontier().size(); ++i) EXPECT_EQ(to_hex(tree.frontier()[i]), v.at("frontier")[i]);
  }
}

TEST(Merkle, TheEmptyTreeIsTheHashOfNothing) {
  EXPECT_EQ(to_hex(MerkleTree().root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Merkle, EveryInclusionProofOfSmallTreesHoldsAndNoOtherDoes) {
  for (std::uint64_t n = 1; n <= 33; ++n) {
    const auto hashes = leaves(n);
    const Hash32 root = tree_of(hashes).root();
    for (std::uint64_t i = 0; i < n; ++i) {
      auto proof = inclusion_proof(hashes, i);
      EXPECT_TRUE(verify_inclusion(hashes[i], i, n, proof, root)) << i << " of " << n;
      for (std::uint64_t other = 0; other < n; ++other) {
        if (other == i) continue;
        EXPECT_FALSE(verify_inclusion(hashes[i], other, n, proof, root));
        EXPECT_FALSE(verify_inclusion(hashes[other], i, n, proof, root));
      }
      EXPECT_FALSE(verify_inclusion(hashes[i], i, i, proof, root));  // index out of the tree
      proof.push_back(root);
      EXPECT_FALSE(verify_inclusion(hashes[i], i, n, proof, root));
      proof.pop_back();
      if (!proof.empty()) {
        proof.pop_back();
        EXPECT_FALSE(verify_inclusion(hashes[i], i, n, proof, root));
      }
    }
  }
}

RC_GTEST_PROP(MerkleProperty, NoBitOfProofLeafOrRootMayChange, ()) {
  const auto n = *rc::gen::inRange<std::uint64_t>(2, 300);
  const auto i = *rc::gen::inRange<std::uint64_t>(0, n);
  const auto hashes = leaves(n);
  Hash32 root = tree_of(hashes).root();
  Hash32 leaf = hashes[i];
  auto proof = inclusion_proof(hashes, i);
  RC_ASSERT(verify_inclusion(leaf, i, n, proof, root));
  const auto which = *rc::gen::inRange<std::size_t>(0, proof.size() + 2);
  Hash32& victim = which == 0 ? leaf : which == 1 ? root : proof[which - 2];
  victim[*rc::gen::inRange<std::size_t>(0, 32)] ^= static_cast<std::uint8_t>(1 << *rc::gen::inRange(0, 8));
  RC_ASSERT(!verify_inclusion(leaf, i, n, proof, root));
}

RC_GTEST_PROP(MerkleProperty, ATreeGoesOnFromItsFrontier, ()) {
  const auto n = *rc::gen::inRange<std::uint64_t>(0, 200);
  const auto more = *rc::gen::inRange<std::uint64_t>(0, 100);
  const auto hashes = leaves(n + more);
  const MerkleTree first = tree_of(std::span(hashes).first(n));
  auto resumed = MerkleTree::resume(n, first.frontier());
  RC_ASSERT(resumed.has_value());
  for (std::uint64_t i = n; i < n + more; ++i) resumed->append(hashes[i]);
  RC_ASSERT(resumed->root() == tree_of(hashes).root());
  RC_ASSERT(!MerkleTree::resume(n ^ 1, first.frontier()).has_value());
}

}  // namespace
}  // namespace taus::journal
