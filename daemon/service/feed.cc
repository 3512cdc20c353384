#include <algorithm>
#include <map>

#include <capnp/schema.h>

#include "daemon/service/queries.h"
#include "daemon/service/sight.h"
#include "eventstore/base/limits.h"

namespace taus::service {

namespace {

constexpr std::uint16_t whoever = 0xffff;

struct Told {
  Position position = 0;
  Ordinal stream = 0;
  Version version = 0;
  std::string_view type{};
  std::int64_t at = no_time_ms;
  Ordinal actor = 0;
  std::string actor_kind{};
  schema::Role role = schema::Role::ABSENT;
  std::vector<std::pair<Category, schema::State>> parts{};
};

// Of what is no client's: who is told that it happened. No more than the lists show: whoever has no list is told nothing.
std::uint16_t readers_of(schema::Event::Which type, const Subject* staff) {
  using Event = schema::Event;
  switch (type) {
    case Event::STAFF_ADDED:
    case Event::STAFF_REVOKED: return staff_readers;
    case Event::SLOTS_PUBLISHED:
    case Event::SLOTS_WITHDRAWN: return staff == nullptr || staff->staff->revoked ? nobody : slot_readers;
    case Event::GROUP_SESSION_HELD:
    case Event::GROUP_SESSION_CORRECTED: return group_readers;
    case Event::PROFILE_ACTIVATED: return whoever;  // status says which
    default: return nobody;
  }
}

class Feed {
 public:
  Feed(const Core& core, const Call& call)
      : core_(core),
        call_(call),
        by_link_(call.actor.kind == schema::ActorKind::CLIENT),
        who_(by_link_ ? static_cast<std::uint16_t>(client) : standing(call)) {}

  // From `at` on, to a bound or to the end of what is durable; the position to go on from.
  Result<Position> look(Position at, std::size_t most) {
    const Position end = std::min<Position>(core_.store->durable_size(), at + limits::feed_positions_max);
    for (; at < end && told.size() < most; ++at) {
      TAUS_TRY_ASSIGN(const journal::Leaf leaf, core_.store->leaf(at));
      const Subject* const subject = leaf.stream == centre_stream ? nullptr : core_.projections.subject(leaf.stream);
      if (leaf.stream != centre_stream && subject == nullptr) continue;  // shredded as a whole: it is nobody's any more
      if (subject == nullptr || subject->is_staff() || has(subject->gone, Category::staff)) {
        TAUS_TRY(look_at_centre(leaf, subject));
        continue;
      }
      TAUS_TRY_ASSIGN(const bool goes_on, look_at_client(leaf, *subject));
      if (!goes_on) break;
    }
    return at;
  }

  std::vector<Told> told;
  std::map<Ordinal, Mask> seen;  // of whom, and which categories

 private:
  // Of the centre and of members of staff: no head, for no list tells who did it and when.
  Result<void> look_at_centre(const journal::Leaf& leaf, const Subject* staff) {
    if (staff != nullptr && !staff->is_staff()) return {};
    for (std::size_t i = 0; i < leaf.parts.size(); ++i) {
      const Result<OpenedPart> opened = core_.store->open_part(leaf, i);
      if (!opened && (opened.error().code == ErrorCode::busy || opened.error().code == ErrorCode::tampered))
        return opened.error();
      if (!opened) return {};
      // Tallies lie under keys of other numbers; nobody reads them. Nor is who read a member of staff's log told here.
      const Category own = staff == nullptr ? Category::centre : Category::staff;
      if (opened->category != schema::public_part && opened->category != number(own)) return {};
      TAUS_TRY_ASSIGN(const schema::PartReader part, schema::PartReader::open(opened->plaintext, opened->category));
      const bool is_public = part.category() == schema::public_part;
      const std::uint16_t readers = is_public ? whoever : readers_of(part.event().which(), staff);
      if (readers != whoever && (readers & who_) == 0) return {};
      if (i == 0)
        told.push_back({.position = leaf.position, .stream = leaf.stream, .version = leaf.version, .type = part.type().name});
      if (!is_public) told.back().parts.emplace_back(static_cast<Category>(part.category()), schema::State::PRESENT);
    }
    return {};
  }

  // False: this event waits for an erasure under way, and everything after it waits with it.
  Result<bool> look_at_client(const journal::Leaf& leaf, const Subject& subject) {
    const schema::ActorKind kind = call_.actor.kind;
    if (kind != schema::ActorKind::STAFF && kind != schema::ActorKind::DEVELOPER && !by_link_) return true;
    if (by_link_ && call_.actor.client != leaf.stream) return true;
#ifdef TAUS_PLANT_FEED_UNCHECKED
    const Sight sight{.mine = all_categories, .complaints = true};
#else
    auto known = sights_.find(leaf.stream);
    if (known == sights_.end()) known = sights_.emplace(leaf.stream, sight_of(core_, call_, subject)).first;
    const Sight& sight = known->second;
#endif
    if (!sight.opens(subject)) return true;
    if (core_.shredding.contains(leaf.stream)) return core_.shreds_stuck;  // a copy of the keys is down: nobody waits for that
    Told one{.position = leaf.position, .stream = leaf.stream, .version = leaf.version};
    Mask readable_here = 0;
    for (std::size_t i = 0; i < leaf.parts.size(); ++i) {
      TAUS_TRY_ASSIGN(const PartSeen part, look_at(core_, subject, sight, leaf, i));
      if (part.category) one.parts.emplace_back(*part.category, part.state);
      if (!part.part) continue;
      if (readable_here == 0) take_head(*part.part, one);
      readable_here = static_cast<Mask>(readable_here | bit(*part.category));
    }
    if (readable_here == 0) return true;
    seen[leaf.stream] = static_cast<Mask>(seen[leaf.stream] | readable_here);
    told.push_back(std::move(one));
    return true;
  }

  static void take_head(const schema::PartReader& part, Told& to) {
    const auto head = part.event().getHead();
    to.type = part.type().name;
    to.at = head.getAt();
    to.actor = head.getActor();
    to.actor_kind = kind_name(head.getActorKind());
    to.role = head.getRole();
  }

  const Core& core_;
  const Call& call_;
  const bool by_link_;
  const std::uint16_t who_;
  std::map<Ordinal, Sight> sights_;
};

void fill_events(const Core& core, const std::vector<Told>& told, capnp::List<api::FeedEvent>::Builder out) {
  for (unsigned i = 0; i < out.size(); ++i) {
    const Told& from = told[i];
    auto to = out[i];
    to.setPosition(static_cast<std::int64_t>(from.position));
    if (from.stream != centre_stream) to.setSubject(core.store->id_of(from.stream));
    to.setVersion(static_cast<std::int64_t>(from.version));
    to.setType(capnp_text(std::string(from.type)));
    to.setAt(from.at);
    if (from.actor != 0) to.setActor(core.store->id_of(from.actor));
    if (!from.actor_kind.empty()) to.setActorKind(from.actor_kind);
    to.setRole(from.role);
    auto parts = to.initParts(static_cast<unsigned>(from.parts.size()));
    for (unsigned p = 0; p < parts.size(); ++p) {
      parts[p].setCategory(static_cast<schema::Category>(from.parts[p].first));
      parts[p].setState(from.parts[p].second);
    }
  }
}

}  // namespace

Result<void> events_follow(Core& core, const Call& call, api::EventsQuery::Reader in, api::EventFeed::Builder out) {
  const Position size = core.store->journal().next_position();
  const std::int64_t at_least = call.request.getAtLeast();
  if (at_least >= 0 && core.store->durable_size() <= static_cast<Position>(at_least))
    return Error(ErrorCode::busy, "not durable yet: ask again");
  if (in.getLimit() > limits::feed_events_max)
    return Error(ErrorCode::too_large, "one answer tells at most 256 events: ask again for the next ones", "/limit");
  if (in.getFrom() < -1)
    return Error(ErrorCode::invalid_argument, "a position is not negative; without one only what happens from now on is told",
                 "/from");
  if (in.getFrom() >= 0 && static_cast<Position>(in.getFrom()) > size)
    return Error(ErrorCode::not_found, "the journal ends before this position: begin anew, with 'from' 0 or without it", "/from");
  Feed feed(core, call);
  Position next = in.getFrom() < 0 ? size : static_cast<Position>(in.getFrom());
  TAUS_TRY_ASSIGN(next, feed.look(next, in.getLimit() == 0 ? limits::feed_events_max : in.getLimit()));
  fill_events(core, feed.told, out.initEvents(static_cast<unsigned>(feed.told.size())));
  out.setNext(static_cast<std::int64_t>(next));
  out.setPosition(static_cast<std::int64_t>(size) - 1);
  for (const auto& [subject, categories] : feed.seen)
    TAUS_TRY(journal_read_today(core, call, *core.projections.subject(subject), categories));
  return {};
}

}  // namespace taus::service
