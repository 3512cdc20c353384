#include "eventstore/schema/category.h"

namespace taus {

std::optional<Category> category_named(std::string_view name) {
  for (int i = 0; i < category_count; ++i)
    if (schema::tables::categories[static_cast<std::size_t>(i)].name == name) return static_cast<Category>(i);
  return std::nullopt;
}

const schema::tables::EventInfo* event_info(std::uint16_t tag) {
  if (tag == 0 || tag >= schema::tables::events.size()) return nullptr;
  return &schema::tables::events[tag];
}

const schema::tables::EventInfo* event_named(std::string_view name) {
  for (const auto& event : schema::tables::events)
    if (event.tag != 0 && event.name == name) return &event;
  return nullptr;
}

}  // namespace taus
