#include "tools/tausctl_surface.h"

namespace taus::tools {
namespace {

const Argument subject{"SUBJECT", "subject", true, "the client's id"};
const Argument appointment{"--appointment", "number", false, "number of the appointment; without it the only one it can mean"};
const Argument counsellor{"--counsellor", "counsellor", true, "id of the member of staff"};
const Argument reason{"--reason", "reason", false, "why"};
const Argument no_wait{"--no-wait", "noWait", false, "do not wait for the erasure (exit code 8 while it is pending)"};

const std::vector<Argument> calendar_range{
    {"--counsellor", "counsellor", false, "id of the member of staff; without it everybody"},
    {"--from", "from", false, "first day; without it this week's Monday"},
    {"--to", "to", false, "last day"}};

const Noun noun_table[] = {
    {"status", "what the daemon is and how it is"},
    {"staff", "the registry of members of staff"},
    {"form", "the booking form"},
    {"booking", "requests for guidance and appointments"},
    {"subject", "clients: find, read, record, assign, conclude"},
    {"log", "the five-heading guidance log"},
    {"message", "correspondence"},
    {"consent", "a client's consent"},
    {"slots", "times that counsellors offer"},
    {"match", "clients who came before in the same year"},
    {"inquiry", "questions that come without a booking"},
    {"group", "group sessions, heads counted"},
    {"calendar", "appointments by counsellor"},
    {"survey", "whom to invite to the survey"},
    {"stats", "a year in numbers"},
    {"retention", "what dies when and why"},
    {"policy", "what a profile's rules say for given facts (no daemon)"},
    {"rights", "the rights desk"},
    {"shred", "destroy a client's keys for good"},
    {"receipt", "proofs of shredding"},
    {"audit", "history, as auditors check it"},
    {"events", "what happens, as it happens"},
    {"hold", "legal holds (art. 17(3))"},
    {"restrict", "restriction of processing (art. 18)"},
    {"keys", "the vault"},
    {"backup", "copies of the store, and the way back"},
    {"call", "any method of the API"},
    {"dev", "only with tausd --dev"},
};

// One verb reads as one entry: what is typed, what it calls, what it says, an example, its arguments.
// clang-format off
std::vector<Verb> people() {
  return {
      {"status", "", "status", "version, profile, position, root hash, vault and warnings", "tausctl status", {}},
      {"staff", "add", "staffAdd", "add a member of staff",
       "tausctl staff add 'Ingrid Rettleiar' --role counsellor --confidentiality-signed 2025-01-02",
       {{"NAME", "name", true, "full name"},
        {"--role", "roles", true, "counsellor, leader, desk, dpo or hr; may be repeated"},
        {"--confidentiality-signed", "confidentialitySigned", true, "date of the signed declaration of confidentiality"}}},
      {"staff", "list", "staffList", "all members of staff", "tausctl staff list", {}},
      {"staff", "revoke", "staffRevoke", "end a member's access", "tausctl staff revoke k7q2…", {{"STAFF", "subject", true, "id of the member of staff"}}},
      {"form", "show", "formShow", "the profile's booking form: fields, notice, consent act", "tausctl form show --json", {}},
      {"subject", "find", "subjectFind", "find clients; every hit is journalled as a read", "tausctl subject find --email kari@example.no",
       {{"--email", "email", false, "e-mail address"}, {"--phone", "phone", false, "telephone number"}, {"--name", "name", false, "name"}}},
      {"subject", "show", "subjectShow", "everything held that you may see; journalled as a read", "tausctl subject show k7q2… --purpose 'prepare session'", {subject}},
      {"subject", "timeline", "subjectTimeline", "one client's events; journalled as a read", "tausctl subject timeline k7q2… --at 2025-03-10T12:00",
       {subject, {"--at", "at", false, "as things stood then"}, {"--position", "position", false, "as things stood at this position"}}},
      {"subject", "state", "subjectState", "where the case stands and what dies when; no personal content", "tausctl subject state k7q2…", {subject}},
      {"subject", "record", "subjectRecord", "record or rectify what is known of a client, with how it was collected (JSON)",
       "echo '{\"collectedVia\": \"session\", \"gender\": \"female\"}' | tausctl subject record k7q2… -", {subject}, Special::document},
      {"subject", "assign", "subjectAssign", "assign a counsellor", "tausctl subject assign k7q2… --counsellor m3x8…", {subject, counsellor, reason}},
      {"subject", "conclude", "subjectConclude", "conclude the guidance", "tausctl subject conclude k7q2…", {subject}},
      {"subject", "reopen", "subjectReopen", "reopen a concluded case; the leader may, where its counsellor has left", "tausctl subject reopen k7q2… --reason 'came back'", {subject, reason}},
      {"log", "write", "logWrite", "write the log of a session (JSON, five headings and the attestation)",
       "tausctl log write k7q2… log.json", {subject}, Special::document},
      {"log", "amend", "logAmend", "replace a log by a corrected one (JSON)", "tausctl log amend k7q2… log.json --supersedes 41",
       {subject, {"--supersedes", "supersedes", true, "position of the log that this one replaces"}}, Special::document},
      {"message", "add", "messageAdd", "file a message sent or received (JSON)", "tausctl message add k7q2… message.json", {subject}, Special::message},
      {"consent", "withdraw", "consentWithdraw", "withdraw consent: shreds at once what no hold protects, and waits",
       "tausctl consent withdraw k7q2… --method phone", {subject, {"--method", "method", false, "how the client told us"}, no_wait}},
      {"consent", "give", "consentGive", "the client's own consent to a booking that staff entered; by the client's link",
       "tausctl consent give k7q2… --notice VT-2022-09-15 --act checkbox --language nb",
       {subject, {"--notice", "notice", true, "the notice in force ('form show')"}, {"--act", "act", true, "how: as 'form show' says"},
        {"--language", "language", true, "in which the notice was read"}}},
      {"consent", "disclose", "consentDisclose", "the client agrees that somebody outside the centre is told",
       "tausctl consent disclose k7q2… --recipient 'NAV Tønsberg' --category appt --for 'arbeidsplan'",
       {subject, {"--recipient", "recipient", true, "who is told"}, {"--category", "categories", true, "of what; may be repeated"},
        {"--for", "purpose", true, "the purpose agreed to"}, {"--channel", "channel", false, "how the client told us"}}},
      {"consent", "disclosed", "consentDisclosed", "it was passed on; refused without a live consent",
       "tausctl consent disclosed k7q2… --number 1",
       {subject, {"--number", "number", false, "of the consent, where there are several"},
        {"--category", "categories", false, "of what; without it all that was agreed to; may be repeated"}, {"--at", "at", false, "when; without it now"}}},
      {"consent", "undisclose", "consentUndisclose", "the client takes that agreement back", "tausctl consent undisclose k7q2… --number 1",
       {subject, {"--number", "number", false, "of the consent, where there are several"}, {"--channel", "channel", false, "how the client told us"}}},
      {"calendar", "show", "calendarShow", "appointments; what you may not see shows as busy", "tausctl calendar show --from 2025-03-10 --to 2025-03-14",
       calendar_range},
      {"calendar", "ics", "calendarShow", "an iCalendar feed of when counsellors are taken; carries nothing of clients",
       "tausctl calendar ics --counsellor m3x8… --from 2025-03-01 --to 2025-06-30", calendar_range, Special::ics},
      {"calendar", "freebusy", "calendarShow", "the same as free/busy times", "tausctl calendar freebusy --counsellor m3x8…", calendar_range,
       Special::freebusy},
  };
}

std::vector<Verb> bookings() {
  return {
      {"booking", "request", "bookingRequest", "a filled-in form with consent (JSON)", "tausctl booking request form.json", {}, Special::document},
      {"booking", "book", "bookingBook", "book an appointment; double booking is refused",
       "tausctl booking book k7q2… --counsellor m3x8… --start 2025-03-10T10:00 --minutes 60 --channel inPerson",
       {subject, {"--counsellor", "counsellor", false, "id of the member of staff", "--slot"},
        {"--start", "start", false, "RFC 3339; without offset local time", "--slot"}, {"--minutes", "minutes", false, "length", "--slot"},
        {"--channel", "channel", false, "inPerson, video or phone", "--slot"}, {"--place", "place", false, "where"},
        {"--slot", "slot", false, "a published time, instead of counsellor, start, minutes and channel"},
        {"--kind", "kind", false, "individual, preCall or group"}}},
      {"booking", "reschedule", "bookingReschedule", "move an appointment",
       "tausctl booking reschedule k7q2… --start 2025-03-11T10:00 --minutes 60",
       {subject, appointment, {"--start", "start", true, "the new start"}, {"--minutes", "minutes", true, "length"},
        {"--by", "by", false, "client or centre"}, reason}},
      {"booking", "cancel", "bookingCancel", "cancel an appointment", "tausctl booking cancel k7q2… --appointment 2 --by client",
       {subject, appointment, {"--by", "by", false, "client or centre"}, reason}},
      {"booking", "held", "bookingHeld", "the session was held", "tausctl booking held k7q2…", {subject, appointment}},
      {"booking", "no-show", "bookingNoShow", "the client did not come", "tausctl booking no-show k7q2…", {subject, appointment}},
      {"booking", "correct", "bookingCorrect", "correct a recorded outcome", "tausctl booking correct k7q2… --appointment 1 --outcome noShow",
       {subject, appointment, {"--outcome", "outcome", true, "held, noShow or cancelled"}, reason}},
  };
}

// What comes before a booking, and what is no client's.
std::vector<Verb> desk() {
  const Argument slot{"SLOT", "slot", true, "as 'slots list' shows it"};
  return {
      {"slots", "publish", "slotsPublish", "offer times of a counsellor; overlapping ones are refused",
       "tausctl slots publish --counsellor m3x8… --start 2025-03-10T09:00 --minutes 60 --channel inPerson --count 3 --until 2025-04-28",
       {counsellor, {"--start", "start", true, "the first time; without offset local time"}, {"--minutes", "minutes", true, "length"},
        {"--channel", "channel", true, "inPerson, video or phone"}, {"--place", "place", false, "where"},
        {"--count", "count", false, "back to back"}, {"--until", "until", false, "each week at the same local time, to this date"}}},
      {"slots", "list", "slotsList", "times that are free", "tausctl slots list --from 2025-03-10 --to 2025-03-14",
       {{"--counsellor", "counsellor", false, "id of the member of staff; without it everybody"}, {"--from", "from", false, "first day; without it today"},
        {"--to", "to", false, "last day; without it four weeks"}, {"--taken", "taken", false, "also those that are booked (staff)"}}},
      {"slots", "withdraw", "slotsWithdraw", "a time is offered no more", "tausctl slots withdraw m3x8….4", {slot}},
      {"match", "list", "matchList", "bookings that may be by somebody you guided before", "tausctl match list", {}},
      {"match", "confirm", "matchConfirm", "it is the same client: the booking joins the record that there is, and its own is shredded",
       "tausctl match confirm k7q2… --existing p4w9…", {subject, {"--existing", "existing", true, "the client's earlier id"}}},
      {"inquiry", "receive", "inquiryReceive", "a question that came without a booking (JSON: text, channel, name, email, phone)",
       "echo '{\"text\": \"Kan eg få hjelp?\", \"email\": \"kari@example.no\"}' | tausctl inquiry receive -", {}, Special::document},
      {"inquiry", "answer", "inquiryAnswer", "it was answered; who only asked is concluded by that", "tausctl inquiry answer k7q2… --channel email",
       {subject, {"--number", "number", false, "which, where there are several"}, {"--channel", "channel", false, "how it was answered"},
        {"--at", "at", false, "when; without it now"}}},
      {"inquiry", "list", "inquiryList", "the inbox: what waits for an answer first", "tausctl inquiry list", {}},
      {"group", "record", "groupRecord", "a group session was held; nobody is named", "tausctl group record --start 2025-03-10T09:00 --minutes 90 --participants 12",
       {{"--start", "start", true, "RFC 3339; without offset local time"}, {"--minutes", "minutes", true, "length"},
        {"--participants", "participants", true, "how many took part"}, {"--channel", "channel", false, "inPerson, video or phone"},
        {"--topic", "topic", false, "what it was about"}}},
      {"group", "correct", "groupCorrect", "correct the number of heads, or take it out", "tausctl group correct 3 --participants 11",
       {{"NUMBER", "number", true, "of the group session"}, {"--participants", "participants", false, "how many took part"},
        {"--not-held", "cancelled", false, "it was not held"}}},
      {"group", "list", "groupList", "group sessions", "tausctl group list --year 2025", {{"--year", "year", false, "of one year"}}},
  };
}

// Legal holds and restrictions.
std::vector<Verb> covers() {
  const Argument category{"--category", "categories", true, "what it covers; may be repeated"};
  const Argument number{"--number", "number", false, "which, where there are several"};
  return {
      {"hold", "place", "holdPlace", "a legal hold: nothing it covers is shredded", "tausctl hold place k7q2… --ground legalClaim --category case --reference 2025/17",
       {subject, {"--ground", "ground", true, "legalClaim or archiveDuty"}, category, {"--reference", "reference", false, "case number"},
        {"--review", "reviewDate", false, "date on which it is looked at again"}}},
      {"hold", "release", "holdRelease", "end a hold; what is overdue is shredded at once", "tausctl hold release k7q2…", {subject, number}},
      {"restrict", "place", "restrictPlace", "restrict processing: kept, not shown", "tausctl restrict place k7q2… --ground accuracyContested --category demog",
       {subject, {"--ground", "ground", true, "accuracyContested, unlawful, neededForClaim, objection or unnecessary"}, category,
        {"--informed-at", "informedAt", false, "when the client was told"}}},
      {"restrict", "lift", "restrictLift", "lift a restriction; the client is told first", "tausctl restrict lift k7q2… --informed-at 2025-03-10T09:00",
       {subject, number, {"--informed-at", "informedAt", true, "when the client was told (art. 18(3))"}}},
  };
}

// The rights desk.
std::vector<Verb> rights() {
  const Argument request{"REQUEST", "request", true, "what 'rights open' answered, or its position"};
  return {
      {"rights", "open", "rightsOpen", "a client makes use of a right: the clock starts; access takes a copy of what is held",
       "tausctl rights open k7q2… --kind access --channel email --reply-to kari@example.no",
       {subject, {"--kind", "kind", true, "access, portability, rectify, supplement, erase, restrict, object or complaint"},
        {"--channel", "channel", false, "how it came: email, sms, phone, inPerson, web or paper"},
        {"--received", "receivedAt", false, "when it came; without it now"}, {"--scope", "scope", false, "what is asked, in words"},
        {"--category", "categories", false, "only these; may be repeated"}, {"--reply-to", "replyTo", false, "where the answer goes"}}},
      {"rights", "verify-identity", "rightsVerify", "it is known who is asking; no document is kept", "tausctl rights verify-identity k7q2….1 --method callBack",
       {request, {"--method", "method", true, "known, documentSeen, callBack or electronicId"}, {"--at", "at", false, "when; without it now"}}},
      {"rights", "extend", "rightsExtend", "extend the deadline once, before it; the client is told first",
       "tausctl rights extend k7q2….1 --ground complexity --reason 'tre arkiv' --notified-at 2025-03-10T09:00",
       {request, {"--ground", "ground", true, "complexity or number"}, {"--reason", "reason", true, "as the client was told"},
        {"--notified-at", "notifiedAt", true, "when the client was told"}, {"--until", "until", false, "local date; without it as far as the law lets"}}},
      {"rights", "decide", "rightsDecide", "the answer; its position is what 'shred --decision' asks for",
       "tausctl rights decide k7q2….1 --outcome refused --ground legalClaim --text 'Kravet er …'",
       {request, {"--outcome", "outcome", true, "fulfilled, partly or refused"}, {"--ground", "grounds", false, "of what is refused; may be repeated"},
        {"--text", "text", false, "the reasons, as the client is told"}, {"--category", "categories", false, "what an erasure is granted for"},
        {"--delivered-at", "deliveredAt", false, "when the answer went; without it now"}, {"--format", "format", false, "in which form"},
        {"--manifest", "manifest", false, "SHA-256 of the package's manifest"}, {"--paper", "paper", false, "paper records searched: by whom, when"}}},
      {"rights", "notified", "rightsNotified", "whoever was given data was told what became of it (art. 19)",
       "tausctl rights notified k7q2… --action erased --recipient 'NAV Tønsberg'",
       {subject, {"--action", "action", true, "rectified, erased or restricted"},
        {"--recipient", "recipients", false, "as named in the consent; without it all who must still be told; may be repeated"},
        {"--at", "at", false, "when; without it now"}}},
      {"rights", "list", "rightsList", "requests with their deadlines, the next one first", "tausctl rights list --open",
       {{"--subject", "subject", false, "of one client"}, {"--open", "open", false, "only what is not decided"}}},
      {"rights", "package", "rightsPackage", "the access package as files: HTML (PDF too, where weasyprint is), JSON, CSV, JSON-LD, its appointments as iCalendar, a manifest with hashes",
       "tausctl rights package k7q2….1 --out innsyn", {request, {"--out", "", true, "a new directory"}, {"--lang", "language", false, "nb, nn or en"}}, Special::package},
  };
}

std::vector<Verb> operations() {
  return {
      {"survey", "list", "surveyList", "whom to invite to the survey now", "tausctl survey list", {}},
      {"survey", "sent", "surveySent", "the invitation was sent; none is due again", "tausctl survey sent k7q2…", {subject}},
      {"stats", "show", "statsShow", "a year's statistics; the running year for its leader, rounded", "tausctl stats show --year 2025",
       {{"--year", "year", true, "calendar year"}}},
      {"stats", "close", "statsClose", "close a year that is over; by itself this happens at New Year", "tausctl stats close --year 2025",
       {{"--year", "year", true, "calendar year"}}},
      {"stats", "export", "statsExport", "a year's statistics as a file", "tausctl stats export --year 2025 --format html",
       {{"--year", "year", true, "calendar year"}, {"--format", "format", true, "csv, json or html"}}},
      {"retention", "plan", "retentionPlan", "what dies when and why", "tausctl retention plan --at 2026-01-01T00:00",
       {{"--at", "at", false, "what will be due by then"}}},
      {"retention", "run", "retentionRun", "do what is due", "tausctl retention run", {}},
      {"retention", "purge", "retentionPurge", "begin now to remove the ciphertext of what was shredded", "tausctl retention purge", {}},
      {"shred", "", "shred", "destroy keys for good and wait for the receipt", "tausctl shred k7q2… --reason request --decision 812",
       {subject, {"--category", "categories", false, "only these; without it all"}, {"--reason", "reason", true, "withdrawal or request"},
        {"--decision", "decision", false, "position of the decision that grants the request"}, no_wait}},
      {"receipt", "show", "receiptShow", "the receipt at a position", "tausctl receipt show 813",
       {{"POSITION", "position", true, "position of the receipt"}}},
      {"receipt", "verify", "", "check a receipt: its signature, and that it fits together (no daemon)", "tausctl receipt verify receipt.txt --key log.pub",
       {{"FILE", "", true, "the signed text, or the JSON of `receipt show`; - is standard input"},
        {"--key", "", true, "the log's public key, or a file that holds it"}}, Special::receipt},
      {"audit", "verify", "auditVerify", "rehash the whole history", "tausctl audit verify", {}},
      {"audit", "checkpoint", "auditCheckpoint", "a signed size and root hash", "tausctl audit checkpoint", {}},
      {"audit", "prove", "auditProve", "inclusion proof of one entry", "tausctl audit prove 41", {{"POSITION", "position", true, "position of the entry"}}},
      {"audit", "replay", "auditReplay", "the history, without what you may not read", "tausctl audit replay --from 0 --to 100",
       {{"--from", "from", false, "first position"}, {"--to", "to", false, "last position"}}},
      {"audit", "reads", "auditReads", "who looked at a client's data; of a member of staff, what is left of reads whose client is gone", "tausctl audit reads k7q2…",
       {{"SUBJECT", "subject", true, "the client's id, or the member of staff's"}}},
      {"events", "follow", "eventsFollow", "a live feed of what happens, one JSON object a line; of what you may see, and journalled as a read once a day",
       "tausctl events follow --from 0 --until-now",
       {{"--from", "from", false, "the first position; without it only what happens from now on"},
        {"--until-now", "", false, "end when all was told that had happened by now; with --from", nullptr, true}}, Special::follow},
      {"keys", "status", "keysStatus", "generation, tier, copies of the keys, escrow and work pending", "tausctl keys status", {}},
      {"keys", "evict", "keysEvict", "take a replica out of the set that shreds wait for", "tausctl keys evict second-disk",
       {{"NAME", "name", true, "of the replica, as configured"}}},
      {"keys", "admit", "keysAdmit", "put a replica back in, copied anew", "tausctl keys admit second-disk",
       {{"NAME", "name", true, "of the replica, as configured"}}},
      {"keys", "rotate-root", "keysRotateRoot", "a new root key for the same keys; carries out pending shreds too", "tausctl keys rotate-root", {}},
      {"keys", "escrow", "keysEscrow", "begin an escrow period: prints the paper for the safe, and nothing else holds it", "tausctl keys escrow --days 30",
       {{"--days", "days", false, "until this paper is destroyed and the next one begun"}, {"--end", "end", false, "instead: no paper any more; the last one was destroyed"}}},
      {"backup", "create", "", "copy the store while it runs; never the root key", "tausctl backup create /mnt/backup/monday",
       {{"DIR", "", true, "a new directory"}}, Special::backup},
      {"backup", "verify", "", "read a whole backup and check every hash (no daemon)", "tausctl backup verify /mnt/backup/monday --key log.pub",
       {{"DIR", "", true, "the backup"}, {"--key", "", false, "the log's public key, or a file that holds it: checks the signed checkpoint too"}}, Special::backup},
      {"backup", "restore", "", "put a store together from a backup and the newest keys (no daemon)",
       "tausctl backup restore /mnt/backup/monday --to /var/lib/taus --keys /mnt/second/taus --key log.pub",
       {{"DIR", "", true, "the backup"}, {"--to", "", true, "the data directory"}, {"--keys", "", false, "a replica's directory: its keys instead of the backup's"},
        {"--key", "", false, "the log's public key, or a file that holds it: who made the backup is checked now; else the first start does, with its log key"},
        {"--unsigned", "", false, "nobody checks who made the backup: for when nobody has the log key of then any more", nullptr, true}}, Special::backup},
      {"policy", "explain", "", "what the rules say for given facts (no daemon)", "tausctl policy explain --profile vt --facts facts.json",
       {{"--profile", "", true, "vt, mt or a profile file"}, {"--facts", "", true, "JSON documents, one a line; - is standard input"}}, Special::explain},
      {"rights", "deadline", "", "by when a request must be answered (no daemon)", "tausctl rights deadline --profile vt --received 2025-01-31",
       {{"--profile", "", true, "vt, mt or a profile file"}, {"--received", "", true, "local date of receipt"}}, Special::deadline},
      {"call", "", "", "any method of the API by its schema name", "tausctl call subjectState '{\"subject\": \"k7q2…\"}'",
       {{"METHOD", "", true, "as in api.capnp: subjectState"}, {"JSON", "", false, "the parameters; - is standard input"}}, Special::call},
  };
}
// clang-format on

// Third level: `dev clock set`. The noun is written with a blank.
std::vector<Verb> development() {
  return {
      {"dev clock",
       "set",
       "devClockSet",
       "set the daemon's clock",
       "tausctl --dev DIR dev clock set 2025-12-31T23:59:59",
       {{"TIME", "at", true, "RFC 3339; without offset local time"}}},
      {"dev clock",
       "advance",
       "devClockAdvance",
       "move the daemon's clock",
       "tausctl --dev DIR dev clock advance 28d",
       {{"SPAN", "", true, "28d (local days), 36h, 90m, 30s"}},
       Special::duration},
      {"dev",
       "seed",
       "",
       "play a synthetic year to the daemon, day by day; moves its clock",
       "tausctl --dev DIR dev seed --clients 200 --seed 1",
       {{"--clients", "", true, "how many are served a year"},
        {"--years", "", false, "how many years, one if not given"},
        {"--seed", "", false, "a number; the same gives the same year"}},
       Special::seed},
  };
}

std::vector<Verb> every_verb() {
  std::vector<Verb> all;
  for (const auto& part : {people(), bookings(), desk(), covers(), rights(), operations(), development()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

std::span<const Noun> nouns() { return noun_table; }
std::span<const Verb> verbs() {
  static const std::vector<Verb> table = every_verb();
  return table;
}

}  // namespace taus::tools
