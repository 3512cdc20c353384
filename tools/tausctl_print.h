// Replies as people read them.
//
// Threads: pure. Everything that came from a client is made safe for a terminal first.
#pragma once

#include <string>

#include <capnp/schema.h>

#include "daemon/protocol/api.capnp.h"
#include "tools/tausctl_text.h"

namespace taus::tools {

// The reply to `method` as text for people, ending with a line break. Not for replies that are errors.
std::string for_people(const Times& times, const std::string& method, api::Response::Reader response);

// Parts of it, one file each.
std::string people_of(const Times& times, api::SubjectView::Reader view);
std::string people_of(const Times& times, api::SubjectStateView::Reader view);
std::string people_of(const Times& times, api::Timeline::Reader timeline);
std::string people_of(const Times& times, api::Replay::Reader replay);
std::string people_of(const Times& times, api::Status::Reader status);
std::string people_of(const Times& times, api::KeysStatus::Reader keys);
std::string people_of(const Times& times, api::RootTurn::Reader turn);
std::string people_of(const Times& times, api::Form::Reader form);
std::string people_of(const Times& times, api::RightsList::Reader list);
std::string people_of(const Times& times, api::SlotList::Reader list);
std::string people_of(const Times& times, api::MatchList::Reader list);
std::string people_of(const Times& times, api::InquiryList::Reader list);
std::string people_of(const Times& times, api::GroupList::Reader list);

// Small words: enumerants as their names, "" for `absent`; lists joined with commas; a text made safe.
template <class Enum>
std::string word(Enum value) {
  const auto schema = capnp::Schema::from<Enum>();
  const auto number = static_cast<std::uint16_t>(value);
  if (number >= schema.getEnumerants().size()) return std::to_string(number);
  const std::string name = schema.getEnumerants()[number].getProto().getName().cStr();
  return name == "absent" ? std::string() : name;
}
inline std::string safe(capnp::Text::Reader text) { return printable({text.cStr(), text.size()}); }
template <class List>
std::string joined(const List& list) {
  std::string out;
  for (auto item : list) {
    if (!out.empty()) out += ", ";
    if constexpr (std::is_convertible_v<decltype(item), capnp::Text::Reader>) {
      out += safe(item);
    } else {
      out += word(item);
    }
  }
  return out;
}
// Beside a list in which some may be missing, of whose reader nobody knows why they look.
inline std::string purpose_words(bool wanted) {
  return wanted ? "Who is shown for a stated purpose only is not among these: say why with --purpose.\n" : std::string();
}
inline std::string number_or_nothing(std::int64_t value) { return value < 0 ? std::string() : std::to_string(value); }

}  // namespace taus::tools
