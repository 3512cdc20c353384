// The centre's desk: rights requests.
#include "tools/tausctl_print.h"

namespace taus::tools {

std::string people_of(const Times& times, api::RightsList::Reader list) {
  Table table({"REQUEST", "RIGHT", "STATE", "RECEIVED", "DUE", "DAYS LEFT", "ALARM", "OUTCOME", "DECISION", "STILL TO TELL"});
  for (auto one : list.getRequests()) {
    const bool decided = one.getDecision() >= 0;
    table.add({safe(one.getRequest()), word(one.getKind()), safe(one.getState()), times.time(one.getReceivedAt()),
               safe(one.getDue()) + (one.getExtended() ? ", extended" : ""), decided ? "" : std::to_string(one.getDaysLeft()),
               decided && one.getLate() ? "was late" : safe(one.getAlarm()), word(one.getOutcome()),
               number_or_nothing(one.getDecision()), joined(one.getNotify())});
  }
  return table.empty() ? "No requests.\n" : table.text();
}

std::string people_of(const Times&, api::MatchList::Reader list) {
  Table table({"BOOKING OF", "MAY BE", "BY", "NAME"});
  for (auto one : list.getMatches())
    table.add({safe(one.getSubject()), safe(one.getExisting()), word(one.getBasis()), safe(one.getName())});
  const std::string left =
      list.getLeft() == 0 ? "" : std::to_string(list.getLeft()) + " more: they show once some of these are confirmed.\n";
  return (table.empty() ? "Nobody to match.\n" : table.text() + left) + purpose_words(list.getWantsPurpose());
}

std::string people_of(const Times& times, api::SlotList::Reader list) {
  Table table({"SLOT", "WHEN", "CHANNEL", "PLACE", "BOOKED"});
  for (auto one : list.getSlots())
    table.add({safe(one.getSlot()), times.span(one.getStart(), one.getEnd()), word(one.getChannel()), safe(one.getPlace()),
               one.getTaken() ? "yes" : ""});
  return table.empty() ? "Nothing is free from " + safe(list.getFrom()) + " to " + safe(list.getTo()) + ".\n" : table.text();
}

std::string people_of(const Times& times, api::InquiryList::Reader list) {
  Table table({"CLIENT", "NO", "RECEIVED", "BY", "NAME", "QUESTION", "ANSWERED"});
  for (auto one : list.getInquiries())
    table.add({safe(one.getSubject()), number_or_nothing(one.getNumber()), times.time(one.getReceivedAt()),
               word(one.getChannel()), safe(one.getName()), safe(one.getText()), times.time(one.getAnsweredAt())});
  const std::string left =
      list.getLeft() == 0 ? "" : std::to_string(list.getLeft()) + " more: they show once some of these are answered.\n";
  return (table.empty() ? "No inquiries.\n" : table.text() + left) + purpose_words(list.getWantsPurpose());
}

std::string people_of(const Times& times, api::GroupList::Reader list) {
  Table table({"NO", "WHEN", "CHANNEL", "TOPIC", "PARTICIPANTS"});
  for (auto one : list.getSessions())
    table.add({number_or_nothing(one.getNumber()), times.span(one.getStart(), one.getEnd()), word(one.getChannel()),
               safe(one.getTopic()), one.getCancelled() ? "not held" : std::to_string(one.getParticipants())});
  return table.empty() ? "No group sessions.\n" : table.text();
}

}  // namespace taus::tools
