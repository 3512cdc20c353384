#include "eventstore/schema/view.h"

namespace taus::schema {

Result<void> EventView::add(PartReader part) {
  const auto at = slot(part.category());
  if (&part.type() != type_ || parts_[at])
    return Error(ErrorCode::malformed, "the part does not belong to this event; restore the store from a replica or backup");
  parts_[at].emplace(std::move(part));
  return {};
}

std::optional<Head::Reader> EventView::head() const {
  for (int category = 0; category < category_count; ++category)
    if (const PartReader* part = this->part(category); part != nullptr && part->event().hasHead()) return part->event().getHead();
  return std::nullopt;
}

}  // namespace taus::schema
