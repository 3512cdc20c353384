#include <algorithm>

#include <capnp/dynamic.h>

#include "daemon/service/decision.h"
#include "daemon/service/queries.h"
#include "daemon/service/receipt.h"
#include "eventstore/journal/checkpoint.h"
#include "eventstore/schema/json.h"
#include "eventstore/schema/part.h"

namespace taus::service {

namespace {

constexpr std::uint64_t replay_entries_max = 10'000;
constexpr std::uint16_t who_audits = auditor | dpo | op;

Result<void> fill_replay_part(const Core& core, const journal::Leaf& leaf, std::size_t index, api::ReplayPart::Builder to) {
  const journal::PartRef& ref = leaf.parts[index];
  to.setSlot(ref.slot);
  to.setEpoch(ref.epoch);
  const Result<Bytes> raw = core.store->raw_part(leaf.position, index);
  if (!raw && raw.error().code == ErrorCode::busy) return raw.error();
  if (raw) to.setBytes(static_cast<std::uint32_t>(raw->size()));
  if (ref.slot == public_slot) {
    TAUS_TRY_ASSIGN(const OpenedPart opened, core.store->open_part(leaf, index));
    TAUS_TRY_ASSIGN(const schema::PartReader part, schema::PartReader::open(opened.plaintext, schema::public_part));
    to.setState(schema::State::PRESENT);
    TAUS_TRY_ASSIGN(const std::string json, public_json(part.event()));
    to.setContent(json);
    return {};
  }
  // An auditor learns whether the key lives, never what it opens.
  const Result<crypto::Key> key =
      core.store->vault().key_for_reading(leaf.stream == centre_stream ? centre_ordinal : leaf.stream, ref.slot, ref.epoch);
  to.setState(key                                       ? schema::State::WITHHELD
              : key.error().code == ErrorCode::shredded ? schema::State::SHREDDED
                                                        : schema::State::UNAVAILABLE);
  return {};
}

Result<void> fill_read(const Core& core, Position position, bool for_auditor, api::ReadEntry::Builder to) {
  TAUS_TRY_ASSIGN(const journal::Leaf leaf, core.store->leaf(position));
  to.setPosition(static_cast<std::int64_t>(position));
  for (std::size_t i = 0; i < leaf.parts.size(); ++i) {
    TAUS_TRY_ASSIGN(const OpenedPart opened, core.store->open_part(leaf, i));
    TAUS_TRY_ASSIGN(const schema::PartReader part, schema::PartReader::open(opened.plaintext, opened.category));
    const auto event = part.event();
    to.setAt(event.getHead().getAt());
    to.setRole(event.getHead().getRole());
    if (event.getHead().getActor() != 0) to.setActor(core.store->id_of(event.getHead().getActor()));
    to.setDenied(event.isAccessDenied());
    if (for_auditor) return {};
    if (event.isRecordConsulted()) {
      to.setCategories(event.getRecordConsulted().getAudit().getCategories());
      to.setPurpose(event.getRecordConsulted().getAudit().getPurpose());
    } else if (event.isAccessDenied()) {
      to.setCategories(event.getAccessDenied().getAudit().getCategories());
    }
  }
  return {};
}

}  // namespace

Result<void> may_audit(const Call& call) {
  return require(standing(call), who_audits, "auditors, the data protection officer and operators verify history");
}

Result<Position> position_of(const Core& core, std::int64_t given) {
  if (given < 0) return Error(ErrorCode::invalid_argument, "say which position is meant, as a number", "/position");
  if (static_cast<Position>(given) >= core.store->journal().next_position())
    return Error(ErrorCode::not_found, "the journal has no such position", "/position");
  return static_cast<Position>(given);
}

std::string checkpoint_note(const Core& core, const journal::MerkleTree& tree) {
  const journal::Journal& journal = core.store->journal();
  return journal::format_checkpoint(
      {.origin = journal::checkpoint_origin(journal.options().store_id, journal.options().incarnation),
       .size = tree.size(),
       .root = tree.root()},
      *core.options.log_key);
}

Result<void> receipt_show(Core& core, const Call&, api::ReceiptQuery::Reader in, api::Receipt::Builder out) {
  TAUS_TRY_ASSIGN(const Position position, position_of(core, in.getPosition()));
  TAUS_TRY_ASSIGN(const journal::Leaf leaf, core.store->leaf(position));
  if (leaf.parts.size() != 1 || leaf.parts[0].slot != public_slot)
    return Error(ErrorCode::not_found, "there is no receipt at this position", "/position");
  TAUS_TRY_ASSIGN(const OpenedPart opened, core.store->open_part(leaf, 0));
  TAUS_TRY_ASSIGN(const schema::PartReader part, schema::PartReader::open(opened.plaintext, schema::public_part));
  TAUS_TRY_ASSIGN(const std::string json, receipt_json(core, part.event()));
  out.setPosition(in.getPosition());
  out.setReceipt(json);
  out.setSignedText(signed_receipt(core, position, json));
  return {};
}

Result<void> audit_checkpoint(Core& core, const Call& call, api::Checkpoint::Builder out) {
  TAUS_TRY(may_audit(call));
  TAUS_TRY_ASSIGN(const journal::MerkleTree* tree, core.store->settled());
  out.setNote(checkpoint_note(core, *tree));
  out.setSize(tree->size());
  out.setRootHash(to_hex(tree->root()));
  return {};
}

Result<void> audit_replay(Core& core, const Call& call, api::ReplayQuery::Reader in, api::Replay::Builder out) {
  TAUS_TRY(may_audit(call));
  // What was acknowledged is told, also where the core has not been told yet that it is durable.
  if (core.store->durable_size() < core.store->journal().next_position())
    return Error(ErrorCode::busy, "not durable yet: ask again");
  const std::uint64_t size = core.store->durable_size();
  const std::uint64_t from = in.getFrom() < 0 ? 0 : static_cast<std::uint64_t>(in.getFrom());
  const std::uint64_t to = in.getTo() < 0 ? size : std::min(size, static_cast<std::uint64_t>(in.getTo()) + 1);
  out.setSize(size);
  if (from > to) return Error(ErrorCode::invalid_argument, "the first position lies after the last", "/from");
  if (to - from > replay_entries_max)
    return Error(ErrorCode::too_large, "one replay tells at most 10,000 entries: ask for a shorter range", "/to");
  auto entries = out.initEntries(static_cast<unsigned>(to - from));
  for (std::uint64_t position = from; position < to; ++position) {
    TAUS_TRY_ASSIGN(const journal::Leaf leaf, core.store->leaf(position));
    auto entry = entries[static_cast<unsigned>(position - from)];
    entry.setPosition(static_cast<std::int64_t>(position));
    entry.setStream(leaf.stream == centre_stream ? std::string("centre") : core.store->id_of(leaf.stream));
    entry.setVersion(static_cast<std::int64_t>(leaf.version));
    entry.setLeafHash(to_hex(journal::leaf_hash(journal::encode(leaf))));
    auto parts = entry.initParts(static_cast<unsigned>(leaf.parts.size()));
    for (std::size_t i = 0; i < leaf.parts.size(); ++i)
      TAUS_TRY(fill_replay_part(core, leaf, i, parts[static_cast<unsigned>(i)]));
  }
  return {};
}

namespace {

// Of a member of staff: what is left of what they read of clients who are gone, and of a client's own log who read that.
void fill_traces(const Core& core, const Subject& staff, bool full, api::ReadList::Builder out) {
  const auto lines = core.book.traces.of(staff.ordinal);
  auto list = out.initTraces(static_cast<unsigned>(lines.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    const ReadTrace& from = lines[i].first;
    list[i].setMonth(month_text(from.month));
    list[i].setRole(from.role);
    list[i].setDenied(from.denied);
    list[i].setTimes(lines[i].second);
    list[i].setKeptUntil(core.zone->local_date(end_of_trace(*core.zone, from.erased)));
    if (full) set_categories(from.categories, list[i]);
  }
}

Result<const Subject*> client_or_staff(const Core& core, std::string_view id) {
  const std::optional<Ordinal> ordinal = core.store->ordinal_of(id);
  const Subject* const known = ordinal ? core.projections.subject(*ordinal) : nullptr;
  if (known != nullptr && known->is_staff()) return known;
  return core.client(id);
}

}  // namespace

Result<void> audit_reads(Core& core, const Call& call, api::SubjectRef::Reader in, api::ReadList::Builder out) {
  TAUS_TRY_ASSIGN(const Subject* subject, client_or_staff(core, text_of(in.getSubject())));
  const policy::Access access = access_to(core, call, *subject, Category::audit);
  out.setSubject(in.getSubject());
  if (access == policy::Access::with_purpose)
    return Error(ErrorCode::withheld, "say why: the read log is shown for a stated purpose only (--purpose)", "/purpose");
  const bool full = policy::may_read(access);
  if (!full && access != policy::Access::counts && access != policy::Access::trace)
    return deny(core, call, *subject, bit(Category::audit), "auditReads");
  std::uint64_t traces = 0;
  for (const auto& [line, times] : core.book.traces.of(subject->ordinal)) traces += times;
  out.setCount(subject->reads.size() + traces);
  if (access != policy::Access::counts) {
    const std::vector<Position> positions = subject->reads;
    auto list = out.initReads(static_cast<unsigned>(positions.size()));
    for (unsigned i = 0; i < list.size(); ++i) TAUS_TRY(fill_read(core, positions[i], !full, list[i]));
    fill_traces(core, *subject, full, out);
  }
  return journal_read(core, call, *subject, bit(Category::audit));
}

}  // namespace taus::service
