#include "daemon/service/decision.h"

#include "daemon/service/schedule.h"
#include "eventstore/base/limits.h"
#include "eventstore/schema/part.h"

namespace taus::service {

namespace {

constexpr Mask whole_subject = 0xffff;
constexpr unsigned event_words = 128;  // of most events; a longer one takes a second segment

void fill_head(schema::Head::Builder head, const Call& call, const Subject* subject) {
  head.setAt(ms_of(call.now));
  head.setActorKind(call.actor.kind);
  head.setActor(call.actor.staff);
  head.setRole(acting_role(call, subject));
  if (call.request.hasRequestId()) head.setRequestId(call.request.getRequestId());
  head.setCommand(static_cast<std::uint16_t>(call.request.which()));
  if (call.request.hasPurpose()) head.setPurpose(call.request.getPurpose());
}

}  // namespace

schema::Event::Builder Decision::event(Ordinal stream, Mask only, const Subject* about) {
  events.push_back({.stream = stream, .only = only, .message = std::make_unique<capnp::MallocMessageBuilder>(event_words)});
  auto out = events.back().message->initRoot<schema::Event>();
  fill_head(out.initHead(), call_, about);
  return out;
}

void Decision::shred(Ordinal who, Mask categories, schema::ShredReason reason) {
  shreds.push_back({.subject = who, .categories = categories, .reason = reason});
}

void plan_shred(const Core& core, Decision& decision, const Subject& subject, Mask categories, schema::ShredReason reason) {
  const Mask live = subject.live;
  const bool whole = (live & ~categories) == 0;
  const Mask named = whole ? live : static_cast<Mask>(categories & live);
  if (named == 0 && !whole) return;
  // An order must leave an event to be acknowledged by, also where nobody has looked yet and the order dies with the rest.
  if (!whole || has(live, Category::audit) || reason == schema::ShredReason::REQUEST) {
    auto order = decision.event(subject.ordinal, all_categories, &subject).initShredRequested().initAudit();
    order.setReason(reason);
    set_categories(named, order);
  }
  decision.shred(subject.ordinal, whole ? whole_subject : named, reason);
  static_cast<void>(core);
}

Result<Appended> append_event(Core& core, Ordinal stream, schema::Event::Reader event, Mask only) {
  TAUS_TRY_ASSIGN(std::vector<schema::PartBytes> parts, schema::split(event, only));
  TAUS_CHECK(!parts.empty());
  std::vector<NewPart> sealed;
  std::vector<schema::PartReader> readers;
  sealed.reserve(parts.size());
  readers.reserve(parts.size());
  for (schema::PartBytes& part : parts) {
    // Before anything is staged: what could not be opened again at the next start must not be written.
    sealed.push_back({.category = part.category, .plaintext = std::move(part.bytes)});
    TAUS_TRY_ASSIGN(schema::PartReader reader, schema::PartReader::open_own(sealed.back().plaintext, part.category));
    readers.push_back(std::move(reader));
  }
  TAUS_TRY_ASSIGN(const Appended appended, core.store->append(stream, sealed));
  const Evidence before(core.projections.subject(stream));
  const projections::Place place{.position = appended.position, .version = appended.version};
  core.projections.event(stream, place);
  for (const schema::PartReader& part : readers) {
    if (part.category() >= 0) {
      core.projections.part(stream, static_cast<Category>(part.category()), place, part.event());
    } else if (part.event().isShredCompleted()) {
      core.projections.receipt(appended.position, part.event().getShredCompleted().getPublic());
      read_centre_event(core.book, *core.zone, 0, appended.position, part.event());
    }
  }
  if (stream == centre_stream && (event.isGroupSessionHeld() || event.isGroupSessionCorrected()))
    read_centre_event(core.book, *core.zone, 0, appended.position, event);
  if (!before.unmoved_by(event.which(), core.projections.subject(stream))) reschedule(core, stream);
  return appended;
}

Result<void> accept_shreds(Core& core, const Decision& decision) {
  for (const Decision::PlannedShred& one : decision.shreds) {
    const ByteArray<1> note{static_cast<std::uint8_t>(one.reason)};
    TAUS_TRY(core.store->accept_shred(one.subject, one.categories, note));
    core.shredding[one.subject] = static_cast<Mask>(core.shredding[one.subject] | one.categories);
    core.due.set(one.subject, std::nullopt);
  }
  return {};
}

Result<Carried> carry_out(Core& core, const Call& call, Decision& decision) {
  TAUS_CHECK(!decision.events.empty() && decision.events.size() <= limits::events_per_command_max);
  Carried out;
  TAUS_TRY(leave(core, decision));
  bool first = true;
  for (const Decision::Planned& planned : decision.events) {
    TAUS_TRY_ASSIGN(const Appended appended,
                    append_event(core, planned.stream, planned.message->getRoot<schema::Event>().asReader(), planned.only));
    if (first) out.first = appended.position;
    first = false;
    out.last = appended.position;
  }
  out.version = decision.subject == 0 ? 0 : core.store->version(decision.subject);
  TAUS_TRY(accept_shreds(core, decision));
  out.shreds = !decision.shreds.empty();
  if (call.request.getRequestId().size() > 0)
    core.store->remember(call.request_key, call.request_hash, static_cast<std::uint8_t>(decision.events.size()), call.now);
  return out;
}

}  // namespace taus::service
