// What a client reads instead of the names that the journal uses: events, values out of fixed lists, and fields whose schema has no label.
//
// Threads: pure.
#pragma once

#include <string>
#include <string_view>

namespace taus::tools {

struct Words {
  const char *nb, *nn, *en;
  [[nodiscard]] std::string in(std::string_view language) const { return language == "nn" ? nn : language == "en" ? en : nb; }
};

// What happened. nullptr: no event that is about a client.
const Words* event_words(std::string_view event);
// A field that has no label; nullptr: as it is.
// Of the staff, or you: who of them it was is not told.
const Words* role_words(std::string_view role);
const Words* field_words(std::string_view field);
// A value of a field whose values are a fixed list; nullptr: free text, or another field.
const Words* value_words(std::string_view event, std::string_view field, std::string_view value);
// Why something is kept beyond its time ("active", "hold", "restriction"); nullptr: it is not.
const Words* deferral_words(std::string_view deferral);
// When something that is held without a date goes ("copy", and the others that an open request keeps); nullptr: that cannot be said.
const Words* undated_words(std::string_view category);
// Names and numbers that say nothing to a reader; the files for machines have them.
bool machine_only(std::string_view event, std::string_view field);

}  // namespace taus::tools
