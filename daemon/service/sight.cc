#include "daemon/service/sight.h"

#include <capnp/dynamic.h>

#include "daemon/service/queries.h"
#include "daemon/service/rights_desk.h"

namespace taus::service {

namespace {

schema::State state_for(ErrorCode code) {
  return code == ErrorCode::shredded ? schema::State::SHREDDED : schema::State::UNAVAILABLE;
}

bool is_own_message(const schema::PartReader& part, Ordinal author) {
  return author != 0 && part.event().isMessageSent() && part.event().getMessageSent().getCorr().getAuthor() == author;
}

// Whether anything was given in the part's category.
bool holds_content(const schema::PartReader& part) {
  const capnp::DynamicStruct::Reader event = part.event();
  KJ_IF_MAYBE (which, event.which()) {
    const auto body = event.get(*which).as<capnp::DynamicStruct>();
    for (const auto& pointer : part.type().pointers)
      if (pointer.category == part.category())
        return body.has(body.getSchema().getFieldByName(kj::StringPtr(std::string(pointer.field).c_str())));
  }
  return false;
}

}  // namespace

Sight sight_of(const Core& core, const Call& call, const Subject& subject) {
  const bool own =
      !has(subject.restricted(), Category::corr) && access_to(core, call, subject, Category::corr) == policy::Access::own_only;
  return {.mine = readable(core, call, subject),
          .shredded = told_shredded(call, subject),
          .author = own ? call.actor.staff : 0,
          .complaints = policy::may_read(access_to(core, call, subject, Category::rights, true))};
}

Result<PartSeen> look_at(const Core& core, const Subject& subject, const Sight& sight, const journal::Leaf& leaf,
                         std::size_t index) {
  PartSeen out;
  TAUS_TRY_ASSIGN(const std::optional<int> found, core.store->vault().category_of(subject.ordinal, leaf.parts[index].slot));
  if (!found) {
    out.state = schema::State::SHREDDED;
    return out;
  }
  out.category = static_cast<Category>(*found);
  if (has(sight.shredded, *out.category)) {
    out.state = schema::State::SHREDDED;
    return out;
  }
  const bool mine = has(sight.mine, *out.category);
  if (!mine && (sight.author == 0 || *out.category != Category::corr)) return out;
  const Result<OpenedPart> opened = core.store->open_part(leaf, index);
  if (!opened) {
    if (opened.error().code == ErrorCode::busy || opened.error().code == ErrorCode::tampered) return opened.error();
    if (mine) out.state = state_for(opened.error().code);
    return out;
  }
  TAUS_TRY_ASSIGN(schema::PartReader part, schema::PartReader::open(opened->plaintext, opened->category));
  if ((!mine && !is_own_message(part, sight.author)) || (!sight.complaints && about_complaint(part.event()))) return out;
  out.state = holds_content(part) ? schema::State::PRESENT : schema::State::EMPTY;
  out.part = std::move(part);
  return out;
}

}  // namespace taus::service
