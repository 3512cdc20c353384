#include "tools/tausctl_print.h"

#include <array>
#include <map>

#include <capnp/dynamic.h>

#include "tools/tausctl_follow.h"

namespace taus::tools {
namespace {

struct Sentence {
  const char* method;
  const char* text;
};
constexpr std::array<Sentence, 39> done = {{
    {"staffAdd", "Added to the staff."},
    {"staffRevoke", "Access ended."},
    {"bookingRequest", "Request taken, consent recorded."},
    {"bookingBook", "Booked."},
    {"bookingReschedule", "Moved."},
    {"bookingCancel", "Cancelled."},
    {"bookingHeld", "Recorded as held."},
    {"bookingNoShow", "Recorded as not come."},
    {"bookingCorrect", "Outcome corrected."},
    {"subjectRecord", "Recorded."},
    {"subjectAssign", "Counsellor assigned."},
    {"subjectConclude", "Guidance concluded."},
    {"subjectReopen", "Case reopened."},
    {"logWrite", "Log written."},
    {"logAmend", "Log amended."},
    {"messageAdd", "Message filed."},
    {"consentWithdraw", "Consent withdrawn."},
    {"shred", "Keys destroyed."},
    {"rightsOpen", "Request received."},
    {"rightsVerify", "Identity verified."},
    {"rightsExtend", "Deadline extended."},
    {"rightsDecide", "Decided."},
    {"rightsNotified", "Recorded as told."},
    {"holdPlace", "Erasure held."},
    {"holdRelease", "Hold released."},
    {"restrictPlace", "Processing restricted."},
    {"restrictLift", "Restriction lifted."},
    {"surveySent", "Invitation recorded."},
    {"inquiryReceive", "Question filed."},
    {"inquiryAnswer", "Recorded as answered."},
    {"groupRecord", "Group session recorded."},
    {"groupCorrect", "Group session corrected."},
    {"slotsPublish", "Times published."},
    {"slotsWithdraw", "No longer offered."},
    {"matchConfirm", "Recorded as the same person."},
    {"consentGive", "Consent recorded."},
    {"consentDisclose", "Consent to passing on recorded."},
    {"consentUndisclose", "Consent to passing on withdrawn."},
    {"consentDisclosed", "Recorded as passed on."},
}};

std::string sentence(const std::string& method) {
  for (const Sentence& known : done)
    if (method == known.method) return known.text;
  return "Done.";
}

std::string people_of(const std::string& method, api::Ack::Reader ack) {
  std::string first =
      ack.getPending() ? "Accepted; the erasure is not complete yet. Ask again for its receipt." : sentence(method);
  Sheet sheet;
  sheet.add(method.starts_with("staff") || method.starts_with("slots") ? "staff" : "subject", safe(ack.getSubject()));
  sheet.add(method.starts_with("booking") ? "appointment" : "number", number_or_nothing(ack.getNumber()));
  sheet.add("request", safe(ack.getRequest()));
  sheet.add("answer due", safe(ack.getDue()));
  sheet.add("link", safe(ack.getLink()));
  sheet.add("position", number_or_nothing(ack.getPosition()));
  sheet.add("version", number_or_nothing(ack.getVersion()));
  sheet.add("receipt", number_or_nothing(ack.getReceipt()));
  if (ack.hasFullyErasedBy()) sheet.add("erased here now, everywhere by", safe(ack.getFullyErasedBy()));
  for (auto one : ack.getNotify()) sheet.add("must be told (art. 19)", safe(one.getRecipient()) + ": " + word(one.getAction()));
  for (auto warning : ack.getWarnings()) sheet.add("warning", safe(warning));
  return first + "\n" + sheet.text();
}

std::string people_of(api::StaffList::Reader list) {
  Table table({"STAFF", "NAME", "ROLES", "CONFIDENTIALITY SIGNED", "ACCESS"});
  for (auto member : list.getStaff())
    table.add({safe(member.getId()), safe(member.getName()), joined(member.getRoles()), safe(member.getConfidentialitySigned()),
               member.getRevoked() ? "ended" : "yes"});
  return table.empty() ? "There are no members of staff yet; `staff add` adds one.\n" : table.text();
}

std::string people_of(api::FindResult::Reader found) {
  Table table({"SUBJECT", "NAME", "E-MAIL", "PHONE", "PHASE"});
  for (auto hit : found.getSubjects())
    table.add({safe(hit.getSubject()), safe(hit.getName()), safe(hit.getEmail()), safe(hit.getPhone()), safe(hit.getPhase())});
  return (table.empty() ? "Nobody found.\n" : table.text()) + purpose_words(found.getWantsPurpose());
}

std::string people_of(const Times& times, api::Calendar::Reader calendar) {
  Table table({"WHEN", "COUNSELLOR", "CLIENT", "NO", "CHANNEL", "PLACE", "OUTCOME"});
  for (auto entry : calendar.getEntries()) {
    const std::string who = entry.hasCounsellorName() ? safe(entry.getCounsellorName()) : safe(entry.getCounsellor());
    const std::string client = entry.getBusy() ? "busy" : entry.hasName() ? safe(entry.getName()) : safe(entry.getSubject());
    table.add({times.span(entry.getStart(), entry.getEnd()), who, client, number_or_nothing(entry.getNumber()),
               word(entry.getChannel()), safe(entry.getPlace()), word(entry.getOutcome())});
  }
  if (table.empty()) return "Nothing booked from " + safe(calendar.getFrom()) + " to " + safe(calendar.getTo()) + ".\n";
  return table.text();
}

std::string people_of(const Times& times, api::Plan::Reader plan) {
  Table table({"DIES", "SUBJECT", "CATEGORY", "RULE", "DEFERRED BY"});
  for (auto item : plan.getItems()) {
    const std::string due = times.time(item.getDue());
    table.add({due.empty() ? "not set" : due, safe(item.getSubject()), word(item.getCategory()), safe(item.getRule()),
               safe(item.getDeferred())});
  }
  return table.empty() ? "Nothing is planned to die.\n" : table.text();
}

std::string people_of(const Times& times, api::ReadList::Reader reads) {
  Table table({"WHEN", "ROLE", "WHO", "DATA", "PURPOSE", "ANSWER", "POSITION"});
  for (auto entry : reads.getReads())
    table.add({times.time(entry.getAt()), word(entry.getRole()), safe(entry.getActor()), joined(entry.getCategories()),
               safe(entry.getPurpose()), entry.getDenied() ? "denied" : "given", number_or_nothing(entry.getPosition())});
  Table traces({"MONTH", "ROLE", "DATA", "ANSWER", "TIMES", "KEPT UNTIL"});
  for (auto one : reads.getTraces())
    traces.add({safe(one.getMonth()), word(one.getRole()), joined(one.getCategories()), one.getDenied() ? "denied" : "given",
                std::to_string(one.getTimes()), safe(one.getKeptUntil())});
  if (!traces.empty()) return "Of clients who are gone:\n" + traces.text() + (table.empty() ? "" : "\n" + table.text());
  if (!table.empty()) return table.text();
  if (reads.getCount() > 0) return std::to_string(reads.getCount()) + " reads; by whom and why you may not see.\n";
  return "Nobody has looked.\n";
}

std::string people_of(api::RetentionRun::Reader run) {
  if (run.getConcluded() == 0 && run.getShredded() == 0 && !run.getPending()) return "Nothing was due.\n";
  Sheet sheet;
  sheet.add("concluded", std::to_string(run.getConcluded()));
  sheet.add("keys destroyed", std::to_string(run.getShredded()));
  sheet.add("clients", std::to_string(run.getSubjects()));
  sheet.add("late", std::to_string(run.getLate()));
  sheet.add("receipt", number_or_nothing(run.getReceipt()));
  if (run.hasWaitsFor()) sheet.add("pending", safe(run.getWaitsFor()));
  return sheet.text();
}

std::string people_of(api::Proof::Reader proof) {
  std::string hashes;
  for (auto hash : proof.getHashes()) hashes += (hashes.empty() ? "" : "\n") + safe(hash);
  Sheet sheet;
  sheet.add("position", number_or_nothing(proof.getPosition()));
  sheet.add("size", std::to_string(proof.getSize()));
  sheet.add("leaf", safe(proof.getLeaf()));
  sheet.add("hashes", hashes);
  sheet.add("root hash", safe(proof.getRootHash()));
  return sheet.text() + "\n" + printable({proof.getCheckpoint().cStr(), proof.getCheckpoint().size()}, true);
}

std::string people_of(api::AuditVerify::Reader verified) {
  Sheet sheet;
  sheet.add("size", std::to_string(verified.getSize()));
  sheet.add("root hash", safe(verified.getRootHash()));
  sheet.add("parts", std::to_string(verified.getParts()));
  sheet.add("purged", std::to_string(verified.getMissing()));
  return (verified.getOk() ? "The history is whole.\n" : "THE HISTORY HAS BEEN CHANGED OR DAMAGED.\n") + sheet.text();
}

std::string people_of(const Times& times, api::ClockState::Reader clock) {
  Sheet sheet;
  sheet.add("now", times.time(clock.getNow()));
  if (clock.getConcluded() > 0) sheet.add("concluded", std::to_string(clock.getConcluded()));
  if (clock.getShredded() > 0) sheet.add("keys destroyed", std::to_string(clock.getShredded()));
  return sheet.text();
}

std::string lines(capnp::Text::Reader text) {
  std::string out = printable({text.cStr(), text.size()}, true);
  if (out.empty() || out.back() != '\n') out += '\n';
  return out;
}

// For a file: of a closed year just the bytes whose hash was published.
std::string exported(capnp::Text::Reader text) { return printable({text.cStr(), text.size()}, true); }

std::string people_of(api::Stats::Reader stats) {
  const auto year = stats.getPublished();
  std::map<std::pair<std::string, std::string>, std::string> names;
  for (auto one : stats.getNames()) names[{one.getTable().cStr(), one.getCode().cStr()}] = safe(one.getName());
  Sheet sheet;
  sheet.add("year", std::to_string(year.getYear()) +
                        (stats.getRunning() ? ", running, rounded" : ", closed " + safe(year.getClosedOn())));
  sheet.add(safe(year.getUnit()) == "case" ? "cases" : "clients", std::to_string(year.getClients()));
  sheet.add("sessions", std::to_string(year.getSessions()));
  sheet.add("bookings", std::to_string(year.getBookings()));
  for (auto one : year.getCounts()) sheet.add(safe(one.getCode()), std::to_string(one.getCount()));
  if (!stats.getRunning()) sheet.add("late for closed year", std::to_string(stats.getLate()));
  sheet.add("sha256", safe(stats.getSha256()));
  Table table({"TABLE", "CELL", "COUNT", "NAME"});
  bool hidden = false;
  for (auto one : year.getTables()) {
    const std::string name = one.getName().cStr();
    table.add(
        {safe(one.getName()), one.getWithheld() ? "withheld: too small" : "", std::to_string(one.getTotal()), names[{name, ""}]});
    for (auto cell : one.getCells()) {
      hidden = hidden || cell.getHidden();
      table.add({"", safe(cell.getCode()), cell.getHidden() ? ":" : std::to_string(cell.getCount()),
                 names[{name, cell.getCode().cStr()}]});
    }
  }
  return sheet.text() + "\n" + table.text() + (hidden ? ":  not shown: too few, or one of the others would tell it\n" : "");
}

std::string people_of(const Times& times, api::SurveyList::Reader list) {
  Table table({"CLIENT", "E-MAIL", "DUE SINCE"});
  for (auto one : list.getDue()) table.add({safe(one.getSubject()), safe(one.getEmail()), times.time(one.getSince())});
  return (table.empty() ? "Nobody to invite now.\n" : table.text()) + purpose_words(list.getWantsPurpose());
}

bool is_ack(const std::string& method) {
  const auto field = capnp::Schema::from<api::Response>().getFieldByName(method.c_str());
  return field.getType().isStruct() && field.getType().asStruct() == capnp::Schema::from<api::Ack>();
}

}  // namespace

std::string for_people(const Times& times, const std::string& method, api::Response::Reader response) {
  if (is_ack(method)) {
    const auto ack = capnp::DynamicStruct::Reader(response).get(method.c_str()).as<capnp::DynamicStruct>().as<api::Ack>();
    return people_of(method, ack);
  }
  switch (response.which()) {
    case api::Response::STATUS: return people_of(times, response.getStatus());
    case api::Response::STAFF_LIST: return people_of(response.getStaffList());
    case api::Response::FORM_SHOW: return people_of(times, response.getFormShow());
    case api::Response::SUBJECT_FIND: return people_of(response.getSubjectFind());
    case api::Response::SUBJECT_SHOW: return people_of(times, response.getSubjectShow());
    case api::Response::SUBJECT_TIMELINE: return people_of(times, response.getSubjectTimeline());
    case api::Response::SUBJECT_STATE: return people_of(times, response.getSubjectState());
    case api::Response::CALENDAR_SHOW: return people_of(times, response.getCalendarShow());
    case api::Response::RETENTION_PLAN: return people_of(times, response.getRetentionPlan());
    case api::Response::RETENTION_RUN: return people_of(response.getRetentionRun());
    case api::Response::RECEIPT_SHOW: return lines(response.getReceiptShow().getSignedText());
    case api::Response::AUDIT_VERIFY: return people_of(response.getAuditVerify());
    case api::Response::AUDIT_CHECKPOINT: return lines(response.getAuditCheckpoint().getNote());
    case api::Response::AUDIT_PROVE: return people_of(response.getAuditProve());
    case api::Response::AUDIT_REPLAY: return people_of(times, response.getAuditReplay());
    case api::Response::AUDIT_READS: return people_of(times, response.getAuditReads());
    case api::Response::EVENTS_FOLLOW: return feed_lines(response.getEventsFollow());
    case api::Response::KEYS_STATUS: return people_of(times, response.getKeysStatus());
    case api::Response::KEYS_EVICT: return people_of(times, response.getKeysEvict());
    case api::Response::KEYS_ADMIT: return people_of(times, response.getKeysAdmit());
    case api::Response::KEYS_ROTATE_ROOT: return people_of(times, response.getKeysRotateRoot());
    case api::Response::KEYS_ESCROW: return people_of(times, response.getKeysEscrow());
    case api::Response::DEV_CLOCK_SET: return people_of(times, response.getDevClockSet());
    case api::Response::DEV_CLOCK_ADVANCE: return people_of(times, response.getDevClockAdvance());
    case api::Response::RIGHTS_LIST: return people_of(times, response.getRightsList());
    case api::Response::SLOTS_LIST: return people_of(times, response.getSlotsList());
    case api::Response::INQUIRY_LIST: return people_of(times, response.getInquiryList());
    case api::Response::GROUP_LIST: return people_of(times, response.getGroupList());
    case api::Response::MATCH_LIST: return people_of(times, response.getMatchList());
    case api::Response::SURVEY_LIST: return people_of(times, response.getSurveyList());
    case api::Response::STATS_SHOW: return people_of(response.getStatsShow());
    case api::Response::STATS_CLOSE: return people_of(response.getStatsClose());
    case api::Response::STATS_EXPORT: return exported(response.getStatsExport().getText());
    default: return "Done.\n";
  }
}

}  // namespace taus::tools
