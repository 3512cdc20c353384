// One client: the file, the state, the timeline.
#include "tools/tausctl_print.h"

namespace taus::tools {
namespace {

std::string categories(const Times& times, capnp::List<api::CategoryView>::Reader list) {
  Table table({"DATA", "STATE", "DIES", "RULE", "DEFERRED BY"});
  for (auto view : list)
    table.add({word(view.getCategory()), word(view.getState()), times.time(view.getDue()), safe(view.getRule()),
               safe(view.getDeferred())});
  return table.empty() ? std::string() : "\n" + table.text();
}

std::string appointments(const Times& times, capnp::List<api::AppointmentView>::Reader list) {
  Table table({"NO", "WHEN", "COUNSELLOR", "CHANNEL", "PLACE", "OUTCOME"});
  for (auto view : list) {
    std::string outcome = word(view.getOutcome());
    if (view.getCancelledAt() != no_time_ms) outcome = "cancelled " + times.time(view.getCancelledAt());
    table.add({number_or_nothing(view.getNumber()), times.span(view.getStart(), view.getEnd()), safe(view.getCounsellor()),
               word(view.getChannel()), safe(view.getPlace()), outcome});
  }
  return table.empty() ? std::string() : "\n" + table.text();
}

std::string text_of(capnp::Text::Reader text) { return printable({text.cStr(), text.size()}, true); }

std::string logs(const Times& times, capnp::List<api::LogView>::Reader list) {
  std::string out;
  for (auto log : list) {
    Sheet sheet;
    sheet.add("order", text_of(log.getOrder()));
    sheet.add("focus", text_of(log.getFocus()));
    sheet.add("issues next", text_of(log.getIssuesNext()));
    sheet.add("tasks next", text_of(log.getTasksNext()));
    sheet.add("other", text_of(log.getOtherPrep()));
    sheet.add("replaces", number_or_nothing(log.getSupersedes()));
    out += "\nLog of " + times.time(log.getAt()) + ", position " + number_or_nothing(log.getPosition());
    if (log.hasAuthor()) out += ", by " + safe(log.getAuthor());
    out += "\n" + sheet.text();
  }
  return out;
}

std::string messages(const Times& times, capnp::List<api::MessageView>::Reader list) {
  std::string out;
  for (auto message : list) {
    Sheet sheet;
    sheet.add("subject", safe(message.getSubject()));
    sheet.add("text", text_of(message.getBody()));
    out += "\nMessage " + safe(message.getDirection()) + ", " + times.time(message.getAt()) + ", " + word(message.getChannel()) +
           "\n" + sheet.text();
  }
  return out;
}

std::string covers(const Times& times, capnp::List<api::CoverView>::Reader list) {
  Table table({"NO", "KEPT BY", "DATA", "FROM", "UNTIL"});
  for (auto view : list) {
    std::string data;
    for (const auto category : view.getCategories()) data += (data.empty() ? "" : ", ") + word(category);
    const std::string kind = view.getHold() ? "legal hold" : view.getWithdrawn() ? "restriction (withdrawn)" : "restriction";
    table.add({number_or_nothing(view.getNumber()), kind, data, times.time(view.getFrom()), times.time(view.getUntil())});
  }
  return table.empty() ? std::string() : "\n" + table.text();
}

std::string consent(const Times& times, api::ConsentView::Reader view) {
  if (!view.hasNotice()) return {};
  std::string out = safe(view.getNotice());
  if (view.getGivenAt() == no_time_ms && view.getAskedAt() != no_time_ms)
    return out + ", asked for " + times.time(view.getAskedAt()) + ", not given yet";
  out += ", " + word(view.getAct()) + ", " + safe(view.getLanguage());
  if (view.getGivenAt() != no_time_ms) out += ", given " + times.time(view.getGivenAt());
  if (view.getWithdrawnAt() != no_time_ms) out += ", withdrawn " + times.time(view.getWithdrawnAt());
  return out;
}

std::string disclosures(const Times& times, api::ConsentView::Reader view) {
  Table table({"NO", "TO", "DATA", "FOR", "AGREED", "TAKEN BACK"});
  for (auto one : view.getDisclosures()) {
    std::string data;
    for (const auto category : one.getCategories()) data += (data.empty() ? "" : ", ") + word(category);
    table.add({number_or_nothing(one.getNumber()), safe(one.getRecipient()), data, safe(one.getPurpose()),
               times.time(one.getGivenAt()), times.time(one.getWithdrawnAt())});
  }
  return table.empty() ? std::string() : "\n" + table.text();
}

std::string recipients(const Times& times, capnp::List<api::RecipientView>::Reader list) {
  Table table({"PASSED ON TO", "DATA", "SINCE", "TOLD OF", "STILL TO TELL"});
  for (auto one : list) {
    std::string told;
    for (auto notice : one.getNotified())
      told += (told.empty() ? "" : ", ") + word(notice.getAction()) + " " + times.time(notice.getAt());
    table.add({safe(one.getRecipient()), joined(one.getCategories()), times.time(one.getSince()), told, joined(one.getNotify())});
  }
  return table.empty() ? std::string() : "\n" + table.text();
}

std::string age(api::SubjectView::Reader view) {
  if (view.getAgeYears() < 0) return {};
  return std::to_string(view.getAgeYears()) + (view.hasAgeAsOf() ? " (on " + safe(view.getAgeAsOf()) + ")" : "");
}

}  // namespace

std::string people_of(const Times& times, api::SubjectView::Reader view) {
  Sheet sheet;
  sheet.add("subject", safe(view.getSubject()));
  sheet.add("phase", safe(view.getPhase()));
  sheet.add("counsellor", safe(view.getCounsellor()));
  sheet.add("version", number_or_nothing(view.getVersion()));
  sheet.add("name", safe(view.getName()));
  sheet.add("e-mail", safe(view.getEmail()));
  sheet.add("phone", safe(view.getPhone()));
  sheet.add("municipality", safe(view.getMunicipalityCode()));
  sheet.add("age", age(view));
  sheet.add("gender", word(view.getGender()));
  sheet.add("nationality", safe(view.getNationality()));
  sheet.add("country of origin", safe(view.getCountryOfOrigin()));
  sheet.add("mother tongue", safe(view.getMotherTongue()));
  sheet.add("education", safe(view.getEducationLevel()));
  sheet.add("labour status", joined(view.getLabourStatus()));
  sheet.add("accommodation", text_of(view.getAccommodationNeed()));
  sheet.add("focus areas", joined(view.getFocusAreas()));
  sheet.add("situation", text_of(view.getCurrentSituation()));
  sheet.add("consent", consent(times, view.getConsent()));
  return sheet.text() + appointments(times, view.getAppointments()) + logs(times, view.getLogs()) +
         messages(times, view.getMessages()) + covers(times, view.getCovers()) + disclosures(times, view.getConsent()) +
         recipients(times, view.getRecipients()) + categories(times, view.getCategories());
}

std::string people_of(const Times& times, api::SubjectStateView::Reader view) {
  Sheet sheet;
  sheet.add("subject", safe(view.getSubject()));
  sheet.add("phase", safe(view.getPhase()));
  sheet.add("case", view.getShredded() ? "gone: every key is destroyed" : view.getActive() ? "active" : "not active");
  sheet.add("counsellor", safe(view.getCounsellor()));
  sheet.add("concluded", times.time(view.getConcludedAt()));
  sheet.add("version", number_or_nothing(view.getVersion()));
  return sheet.text() + categories(times, view.getCategories());
}

std::string people_of(const Times& times, api::Timeline::Reader timeline) {
  Table table({"POSITION", "VERSION", "WHEN", "EVENT", "BY", "PARTS"});
  for (auto entry : timeline.getEntries()) {
    std::string parts;
    for (auto part : entry.getParts()) {
      if (part.getState() == schema::State::EMPTY) continue;
      parts += (parts.empty() ? "" : ", ") + word(part.getCategory());
      if (part.getState() != schema::State::PRESENT) parts += " (" + word(part.getState()) + ")";
    }
    std::string by = safe(entry.getActorKind());
    if (entry.hasActor()) by = word(entry.getRole()) + " " + safe(entry.getActor());
    table.add({number_or_nothing(entry.getPosition()), number_or_nothing(entry.getVersion()), times.time(entry.getAt()),
               safe(entry.getType()), by, parts});
  }
  return table.empty() ? "Nothing has happened yet.\n" : table.text();
}

}  // namespace taus::tools
