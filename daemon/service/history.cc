#include "daemon/service/history.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "daemon/protocol/message.h"
#include "daemon/service/decision.h"
#include "daemon/service/queries.h"
#include "eventstore/base/check.h"
#include "eventstore/base/limits.h"
#include "eventstore/crypto/hash.h"
#include "eventstore/journal/checkpoint.h"

namespace taus::service {
namespace {

struct Verified {
  std::uint64_t size = 0;
  Hash32 root{};
  std::uint64_t parts = 0;
  std::uint64_t missing = 0;
};

Error stopping() { return {ErrorCode::shutting_down, "the daemon stops: ask again after the restart"}; }

// Whether the stored parts are what their leaf names; what was purged is counted.
Result<void> verify_parts(const journal::Journal& journal, const journal::Leaf& leaf, Verified& to) {
  for (std::size_t i = 0; i < leaf.parts.size(); ++i) {
    const Result<Bytes> raw = journal.read_part(leaf.position, static_cast<std::uint8_t>(i));
    if (!raw && raw.error().code != ErrorCode::unavailable) return raw.error();
    if (raw && crypto::blake2b_256({*raw}) != leaf.parts[i].content_hash)
      return Error(ErrorCode::tampered, "a part's bytes are not those its leaf names: history was changed; restore a backup");
    if (!raw) ++to.missing;
    ++to.parts;
  }
  return {};
}

Result<Verified> verify(const EventStore& store, std::uint64_t size, const Hash32& root, const Stopped& stopped) {
  const journal::Journal& journal = store.journal();
  journal::MerkleTree tree;
  Verified out;
  TAUS_TRY(journal.scan(0, size, [&](const journal::Leaf& leaf) -> Result<bool> {
    if (stopped()) return stopping();
    tree.append(journal::leaf_hash(journal::encode(leaf)));
    TAUS_TRY(verify_parts(journal, leaf, out));
    return true;
  }));
  if (tree.root() != root)
    return Error(ErrorCode::tampered, "the leaves on disk are not those this daemon wrote: history was changed");
  if (stopped()) return stopping();
  TAUS_TRY(store.check_files());
  out.size = tree.size();
  out.root = tree.root();
  return out;
}

}  // namespace

Result<HistoryQuestion::Read> audit_verify(const Core& core, const Call& call) {
  TAUS_TRY(may_audit(call));
  TAUS_TRY_ASSIGN(const journal::MerkleTree* known, core.store->settled());
  return HistoryQuestion::Read([store = core.store.get(), size = known->size(),
                                root = known->root()](const Stopped& stopped) -> Result<HistoryQuestion::Fill> {
    TAUS_TRY_ASSIGN(const Verified found, verify(*store, size, root, stopped));
    return HistoryQuestion::Fill([found](api::Response::Builder to) {
      auto out = to.initAuditVerify();
      out.setOk(true);
      out.setSize(found.size);
      out.setRootHash(to_hex(found.root));
      out.setParts(found.parts);
      out.setMissing(found.missing);
    });
  });
}

Result<HistoryQuestion::Read> audit_prove(const Core& core, const Call& call, api::ProveQuery::Reader in) {
  TAUS_TRY(may_audit(call));
  TAUS_TRY_ASSIGN(const Position position, position_of(core, in.getPosition()));
  TAUS_TRY_ASSIGN(const journal::MerkleTree* tree, core.store->settled());
  TAUS_TRY_ASSIGN(const journal::Leaf leaf, core.store->leaf(position));
  const auto fill = [position, size = tree->size(), leaf = to_hex(journal::encode(leaf)), root = to_hex(tree->root()),
                     note = checkpoint_note(core, *tree)](api::Response::Builder to, const std::vector<Hash32>& proof) {
    auto out = to.initAuditProve();
    out.setPosition(static_cast<std::int64_t>(position));
    out.setSize(size);
    out.setLeaf(leaf);
    auto hashes = out.initHashes(static_cast<unsigned>(proof.size()));
    for (unsigned i = 0; i < hashes.size(); ++i) hashes.set(i, to_hex(proof[i]));
    out.setRootHash(root);
    out.setCheckpoint(note);
  };
  return HistoryQuestion::Read(
      [store = core.store.get(), position, size = tree->size(), fill](const Stopped& stopped) -> Result<HistoryQuestion::Fill> {
        if (stopped()) return stopping();
        TAUS_TRY_ASSIGN(const std::vector<Hash32> proof, store->journal().prove(position, size));
        return HistoryQuestion::Fill([fill, proof](api::Response::Builder to) { fill(to, proof); });
      });
}

Result<void> HistoryReader::ask(HistoryQuestion question) {
  if (waiting_.size() >= limits::history_questions_max)
    return Error(ErrorCode::busy, "many wait for a reading of the whole history already: ask again later");
  waiting_.push_back(std::move(question));
  return {};
}

std::optional<HistoryJob> HistoryReader::next() {
  if (!under_way_.empty() || waiting_.empty()) return std::nullopt;
  const bool shared = waiting_.front().shared;
  const auto end = shared ? std::stable_partition(waiting_.begin(), waiting_.end(), [](const auto& one) { return one.shared; })
                          : waiting_.begin() + 1;
  under_way_.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  outcome_ = std::make_shared<std::optional<Result<HistoryQuestion::Fill>>>();
  return HistoryJob(
      [outcome = outcome_, read = under_way_.back().read](const Stopped& stopped) { outcome->emplace(read(stopped)); });
}

Result<std::vector<LateReply>> HistoryReader::done() {
  TAUS_CHECK(outcome_ && outcome_->has_value());
  const Result<HistoryQuestion::Fill> outcome = std::move(**std::exchange(outcome_, nullptr));
  std::vector<LateReply> out;
  for (const HistoryQuestion& one : std::exchange(under_way_, {})) {
    if (!outcome) {
      out.push_back({.ticket = one.ticket, .reply = protocol::error_frame(one.id, outcome.error())});
      continue;
    }
    capnp::MallocMessageBuilder message;
    auto root = message.initRoot<api::Response>();
    (*outcome)(root);
    root.setId(one.id);
    root.setPosition(one.position);
    out.push_back({.ticket = one.ticket, .reply = protocol::encode(message)});
  }
  if (!outcome && outcome.error().code == ErrorCode::io) return outcome.error();
  return out;
}

}  // namespace taus::service
