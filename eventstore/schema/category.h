// Data categories as plain C++: for everybody who decides about data without reading it.
//
// What:    names, labels and facts of each category, and sets of categories as 16-bit masks.
// Threads: constants and pure functions.
// Source:  eventstore/schema/privacy.capnp, by way of the plugin; category numbers are kept in every store.
#pragma once

#include <optional>
#include <string_view>

#include "eventstore/schema/tables.gen.h"

namespace taus {

using CategoryInfo = schema::tables::CategoryInfo;
using Mask = std::uint16_t;  // bit n = category n

constexpr Mask bit(Category category) { return static_cast<Mask>(1U << static_cast<unsigned>(category)); }
constexpr bool has(Mask mask, Category category) { return (mask & bit(category)) != 0; }
constexpr int number(Category category) { return static_cast<int>(category); }
constexpr const CategoryInfo& info(Category category) { return schema::tables::categories[static_cast<std::size_t>(category)]; }
constexpr std::string_view name(Category category) { return info(category).name; }
std::optional<Category> category_named(std::string_view name);

// A category number as stored; nothing where there is no such category.
constexpr std::optional<Category> category_of_number(int number) {
  if (number < 0 || number >= category_count) return std::nullopt;
  return static_cast<Category>(number);
}

// All categories, and those a client has (conclusion and cap rules speak of these).
inline constexpr Mask all_categories = static_cast<Mask>((1U << category_count) - 1U);
inline constexpr Mask client_categories = [] {
  unsigned mask = 0;
  for (int i = 0; i < category_count; ++i)
    if (schema::tables::categories[static_cast<std::size_t>(i)].client) mask |= 1U << i;
  return static_cast<Mask>(mask);
}();

// The event type with this union tag or name; nullptr where there is none (or a newer taus wrote it).
const schema::tables::EventInfo* event_info(std::uint16_t tag);
const schema::tables::EventInfo* event_named(std::string_view name);

}  // namespace taus
