#include <capnp/dynamic.h>

#include "daemon/service/queries.h"
#include "daemon/service/sight.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/json.h"
#include "eventstore/schema/part.h"

namespace taus::service {

Result<std::string> content_json(const Core& core, const schema::PartReader& part) {
  schema::JsonHooks hooks;
  hooks.write_reference = [&](std::uint64_t ordinal) { return core.store->id_of(ordinal); };
  const capnp::DynamicStruct::Reader event = part.event();
  KJ_IF_MAYBE (which, event.which()) {
    const auto body = event.get(*which).as<capnp::DynamicStruct>();
    for (const auto& pointer : part.type().pointers)
      if (pointer.category == part.category()) {
        const auto field = body.getSchema().getFieldByName(kj::StringPtr(std::string(pointer.field).c_str()));
        if (!body.has(field)) return std::string();
        return schema::write_json(body.get(field).as<capnp::DynamicStruct>(), hooks);
      }
  }
  return std::string();
}

std::string kind_name(schema::ActorKind kind) {
  for (const auto one : capnp::Schema::from<schema::ActorKind>().getEnumerants())
    if (one.getOrdinal() == static_cast<std::uint16_t>(kind)) return one.getProto().getName().cStr();
  return {};
}

namespace {

void fill_head(const Core& core, const schema::PartReader& part, api::TimelineEntry::Builder to) {
  const auto head = part.event().getHead();
  to.setType(capnp_text(std::string(part.type().name)));
  to.setAt(head.getAt());
  to.setActorKind(kind_name(head.getActorKind()));
  to.setRole(head.getRole());
  if (head.getActor() != 0) to.setActor(core.store->id_of(head.getActor()));
}

// True where at least one part could be read.
Result<bool> fill_entry(const Core& core, const Subject& subject, const Sight& sight, Position position,
                        api::TimelineEntry::Builder to, Mask& seen) {
  TAUS_TRY_ASSIGN(const journal::Leaf leaf, core.store->leaf(position));
  to.setPosition(static_cast<std::int64_t>(position));
  to.setVersion(static_cast<std::int64_t>(leaf.version));
  auto parts = to.initParts(static_cast<unsigned>(leaf.parts.size()));
  bool any = false;
  for (std::size_t i = 0; i < leaf.parts.size(); ++i) {
    auto out = parts[static_cast<unsigned>(i)];
    TAUS_TRY_ASSIGN(const PartSeen one, look_at(core, subject, sight, leaf, i));
    if (one.category) out.setCategory(static_cast<schema::Category>(*one.category));
    out.setState(one.state);
    if (!one.part) continue;
    TAUS_TRY_ASSIGN(const std::string json, content_json(core, *one.part));
    if (!json.empty()) out.setContent(json);
    if (!any) fill_head(core, *one.part, to);
    any = true;
    seen = static_cast<Mask>(seen | bit(*one.category));
  }
  return any;
}

// Events up to a time: the newest readable head not after it. Events whose time cannot be read count with their neighbours.
std::size_t entries_until(const api::Timeline::Builder& timeline, std::int64_t at, std::size_t count) {
  std::size_t keep = count;
  while (keep > 0) {
    const std::int64_t when = timeline.asReader().getEntries()[static_cast<unsigned>(keep - 1)].getAt();
    if (when != no_time_ms && when <= at) break;
    --keep;
  }
  return keep;
}

}  // namespace

Result<void> subject_timeline(Core& core, const Call& call, api::TimelineQuery::Reader in, api::Timeline::Builder out) {
  TAUS_TRY_ASSIGN(const Subject* subject, core.client(text_of(in.getSubject())));
  const Sight sight = sight_of(core, call, *subject);
  std::vector<Position> positions;
  for (const Position one : subject->positions)
    if (in.getPosition() < 0 || one <= static_cast<Position>(in.getPosition())) positions.push_back(one);
  if (positions.size() > limits::timeline_entries_max)
    positions.erase(positions.begin(), positions.end() - limits::timeline_entries_max);
  auto entries = out.initEntries(static_cast<unsigned>(positions.size()));
  Mask seen = 0;
  for (unsigned i = 0; i < positions.size(); ++i) TAUS_TRY(fill_entry(core, *subject, sight, positions[i], entries[i], seen));
  if (positions.empty() && (sight.mine & subject->live) != 0) {  // before the first event there was nothing to see
    out.setSubject(in.getSubject());
    out.setPosition(static_cast<std::int64_t>(core.store->journal().next_position()) - 1);
    return {};
  }
  if (seen == 0) return deny(core, call, *subject, subject->live, "subjectTimeline");
  out.setSubject(in.getSubject());
  if (in.getAt() != no_time_ms) {
    const std::size_t keep = entries_until(out, in.getAt(), positions.size());
    auto orphan = out.disownEntries();
    auto shorter = out.initEntries(static_cast<unsigned>(keep));
    for (unsigned i = 0; i < keep; ++i) shorter.setWithCaveats(i, orphan.getReader()[i]);
  }
  const auto labels = labels_of(seen);
  fill_labels(labels, out.initLabels(static_cast<unsigned>(labels.size())));
  TAUS_TRY(journal_read(core, call, *subject, seen));
  out.setPosition(static_cast<std::int64_t>(core.store->journal().next_position()) - 1);
  return {};
}

}  // namespace taus::service
