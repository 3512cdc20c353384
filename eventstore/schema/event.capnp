@0xb9a3f2c1d4e57802;
# Everything that can happen, as sealed in the journal. The union tag is the event type. An event body holds only pointers
# to category structs; a part is this Event with only its own category's pointers set (docs/FORMAT.md, "Parts").
# Adding an event = one struct, one union line, its rule in daemon/service/, its handlers in projections/.

using Cxx = import "/capnp/c++.capnp";
using P = import "/eventstore/schema/privacy.capnp";
$Cxx.namespace("taus::schema");

enum ActorKind { system @0; staff @1; client @2; developer @3; operator @4; frontend @5; }
enum Channel { absent @0; inPerson @1; video @2; phone @3; email @4; sms @5; web @6; paper @7; }
enum Role { absent @0; counsellor @1; leader @2; desk @3; dpo @4; hr @5; auditor @6; operator @7; client @8; system @9; developer @10; }
enum Gender { absent @0; female @1; male @2; other @3; unknown @4; }
enum ConsentAct { absent @0; checkbox @1; formSubmit @2; oral @3; paper @4; }
enum Phase { absent @0; p0 @1; p1 @2; p2 @3; }
enum AppointmentKind { individual @0; preCall @1; group @2; }
enum Party { absent @0; client @1; centre @2; }
enum Conclusion { absent @0; explicit @1; automatic @2; }
enum ShredReason { absent @0; retention @1; withdrawal @2; request @3; maintenance @4; }
enum Collected { absent @0; booking @1; phone @2; session @3; email @4; desk @5; }
enum Outcome { absent @0; held @1; noShow @2; cancelled @3; }

struct Head $P.helper {
  at @0 :Int64 = P.noTime $P.time;          # when taus accepted it
  actorKind @1 :ActorKind;
  actor @2 :UInt64 $P.reference;             # the member of staff; 0 for client, system, developer
  role @3 :Role;                             # in which role
  requestId @4 :Text;                        # the caller's, empty for the system's own
  requestHash @5 :Data;                      # BLAKE2b-128 of the request's body: a retry must match
  purpose @6 :Text;
}

struct Anchor $P.helper {
  # What a category must know of the case after the case itself is gone (docs/decisions/0004).
  phase @0 :Phase;
  year @1 :Int16 = -1 $P.nullable;           # of the last guidance; absent: never served
  due @2 :Int64 = P.noTime $P.time;         # when this category dies
  rule @3 :Text;                             # by which rule
  counsellor @4 :UInt64 $P.reference;        # who keeps access
}

# --- category structs -------------------------------------------------------------------------------------------------
struct PersonName $P.category(ident) { name @0 :Text $P.label(nb = "Navn", nn = "Namn", en = "Name"); }
struct EmailAddress $P.category(email) { email @0 :Text $P.label(nb = "E-postadresse", nn = "E-postadresse", en = "E-mail address"); }
struct PhoneNumber $P.category(phone) { phone @0 :Text $P.label(nb = "Telefonnummer", nn = "Telefonnummer", en = "Telephone number"); }
struct Demographics $P.category(demog) {
  municipalityCode @0 :Text $P.label(nb = "Bostedskommune", nn = "Bustadkommune", en = "Municipality of residence");
  ageYears @1 :Int16 = -1 $P.nullable $P.label(nb = "Alder", nn = "Alder", en = "Age");
  ageAsOf @2 :Text $P.label(nb = "Alder oppgitt dato", nn = "Alder oppgitt dato", en = "Age given on");   # local date
  gender @3 :Gender $P.label(nb = "Kjønn", nn = "Kjønn", en = "Gender");
  nationality @4 :Text $P.label(nb = "Nasjonalitet", nn = "Nasjonalitet", en = "Nationality");            # ISO 3166-1 alpha-2
  countryOfOrigin @5 :Text $P.label(nb = "Opprinnelsesland", nn = "Opphavsland", en = "Country of origin");
  motherTongue @6 :Text $P.label(nb = "Morsmål", nn = "Morsmål", en = "Mother tongue");                   # ISO 639
  educationLevel @7 :Text $P.label(nb = "Høyest fullførte utdanning", nn = "Høgast fullførte utdanning", en = "Highest completed education"); # NUS2000 digit
  labourStatus @8 :List(Text) $P.label(nb = "Arbeidslivstilknytning", nn = "Arbeidslivstilknyting", en = "Labour status");
  collectedVia @9 :Collected $P.label(nb = "Samlet inn ved", nn = "Samla inn ved", en = "Collected via");
}
struct FirstSeen $P.category(demog) { year @0 :Int16 = -1 $P.nullable; }
struct Accommodation $P.category(special) { accommodationNeed @0 :Text $P.label(nb = "Behov for tilrettelegging", nn = "Behov for tilrettelegging", en = "Need for accommodation"); }
struct Intake $P.category(intake) {
  focusAreas @0 :List(Text) $P.label(nb = "Ønskede fokusområder", nn = "Ønskte fokusområde", en = "Focus areas wanted");
  currentSituation @1 :Text $P.label(nb = "Din situasjon i dag", nn = "Situasjonen din i dag", en = "Your situation today");
}
struct InquiryText $P.category(intake) { text @0 :Text $P.label(nb = "Spørsmål", nn = "Spørsmål", en = "Question"); channel @1 :Channel; }
struct WantedTimes $P.category(appt) { wanted @0 :Text $P.label(nb = "Ønsket tid", nn = "Ønskt tid", en = "Time wanted"); channel @1 :Channel; }
struct ConsentEvidence $P.category(consent) {
  notice @0 :Text $P.label(nb = "Personvernerklæring", nn = "Personvernfråsegn", en = "Privacy notice");
  noticeHash @1 :Data;
  act @2 :ConsentAct $P.label(nb = "Handling", nn = "Handling", en = "Act");
  language @3 :Text $P.label(nb = "Språk", nn = "Språk", en = "Language");
  purposes @4 :List(Text) $P.label(nb = "Formål", nn = "Føremål", en = "Purposes");
  indicatedAt @5 :Int64 = P.noTime $P.time $P.label(nb = "Gitt", nn = "Gitt", en = "Given");
}
struct ConsentEnd $P.category(consent) { method @0 :Channel; indicatedAt @1 :Int64 = P.noTime $P.time $P.label(nb = "Trukket", nn = "Trekt", en = "Withdrawn"); }
struct Assignment $P.category(appt) { counsellor @0 :UInt64 $P.reference $P.label(nb = "Veileder", nn = "Rettleiar", en = "Counsellor"); reason @1 :Text; }
struct Appointment $P.category(appt) {
  number @0 :UInt32 $P.label(nb = "Nummer", nn = "Nummer", en = "Number");      # in this stream, from 1
  start @1 :Int64 = P.noTime $P.time $P.label(nb = "Start", nn = "Start", en = "Start");
  end @2 :Int64 = P.noTime $P.time $P.label(nb = "Slutt", nn = "Slutt", en = "End");
  channel @3 :Channel $P.label(nb = "Kanal", nn = "Kanal", en = "Channel");
  place @4 :Text $P.label(nb = "Sted", nn = "Stad", en = "Place");
  counsellor @5 :UInt64 $P.reference $P.label(nb = "Veileder", nn = "Rettleiar", en = "Counsellor");
  kind @6 :AppointmentKind;
}
struct Rescheduling $P.category(appt) { number @0 :UInt32; start @1 :Int64 = P.noTime $P.time; end @2 :Int64 = .P.noTime $P.time; by @3 :Party; reason @4 :Text; }
struct Cancellation $P.category(appt) { number @0 :UInt32; by @1 :Party; reason @2 :Text; at @3 :Int64 = P.noTime $P.time; }
struct HeldSession $P.category(appt) {
  number @0 :UInt32; start @1 :Int64 = P.noTime $P.time; end @2 :Int64 = .P.noTime $P.time;
  channel @3 :Channel; sequence @4 :UInt32;   # how-manieth held session of the case
}
struct NoShow $P.category(appt) { number @0 :UInt32; }
struct OutcomeCorrection $P.category(appt) { number @0 :UInt32; outcome @1 :Outcome; reason @2 :Text; }
struct SessionLog $P.category(case) {
  order @0 :Text $P.label(nb = "Din bestilling", nn = "Bestillinga di", en = "Your request");
  focus @1 :Text $P.label(nb = "Fokusområder i veiledningen", nn = "Fokusområde i rettleiinga", en = "Focus of the guidance");
  issuesNext @2 :Text $P.label(nb = "Problemstillinger til neste samtale", nn = "Problemstillingar til neste samtale", en = "Issues for the next talk");
  tasksNext @3 :Text $P.label(nb = "Dine oppgaver til neste time", nn = "Oppgåvene dine til neste time", en = "Your tasks for next time");
  otherPrep @4 :Text $P.label(nb = "Annet til forberedelse", nn = "Anna til førebuing", en = "Other preparation");
  attestNoSpecial @5 :Bool $P.label(nb = "Ingen sensitive opplysninger", nn = "Ingen sensitive opplysningar", en = "No sensitive data, attested");
  supersedes @6 :Int64 = -1 $P.nullable;      # position of the amended log
}
struct Message $P.category(corr) {
  channel @0 :Channel $P.label(nb = "Kanal", nn = "Kanal", en = "Channel");
  subject @1 :Text $P.label(nb = "Emne", nn = "Emne", en = "Subject line");
  body @2 :Text $P.label(nb = "Tekst", nn = "Tekst", en = "Text");
  at @3 :Int64 = P.noTime $P.time $P.label(nb = "Tidspunkt", nn = "Tidspunkt", en = "Time");
  author @4 :UInt64 $P.reference;             # member of staff who sent it; 0 for the client's own
}
struct CaseEnd $P.category(case) { concludedAt @0 :Int64 = P.noTime $P.time; how @1 :Conclusion; }
struct CaseReopening $P.category(case) { reason @0 :Text; }
struct IdentAnchor $P.category(ident) { anchor @0 :Anchor; }
struct EmailAnchor $P.category(email) { anchor @0 :Anchor; invited @1 :Bool; }
struct PhoneAnchor $P.category(phone) { anchor @0 :Anchor; }
struct DemogAnchor $P.category(demog) { anchor @0 :Anchor; }
struct SpecialAnchor $P.category(special) { anchor @0 :Anchor; }
struct IntakeAnchor $P.category(intake) { anchor @0 :Anchor; }
struct CorrAnchor $P.category(corr) { anchor @0 :Anchor; }
struct ApptAnchor $P.category(appt) { anchor @0 :Anchor; }
struct ConsentAnchor $P.category(consent) { anchor @0 :Anchor; }
struct RightsAnchor $P.category(rights) { anchor @0 :Anchor; }
struct AuditAnchor $P.category(audit) { anchor @0 :Anchor; }
struct Consultation $P.category(audit) {
  categories @0 :List(P.Category) $P.label(nb = "Opplysninger", nn = "Opplysningar", en = "Data");
  purpose @1 :Text $P.label(nb = "Formål", nn = "Føremål", en = "Purpose");
}
struct Denial $P.category(audit) { categories @0 :List(P.Category); method @1 :Text; }
struct ShredOrder $P.category(audit) { categories @0 :List(P.Category); reason @1 :ShredReason; }
struct StaffProfile $P.category(staff) {
  name @0 :Text $P.label(nb = "Navn", nn = "Namn", en = "Name");
  roles @1 :List(Role) $P.label(nb = "Roller", nn = "Roller", en = "Roles");
  confidentialitySigned @2 :Text $P.label(nb = "Taushetserklæring signert", nn = "Teieplikt signert", en = "Confidentiality signed"); # local date
}
struct StaffEnd $P.category(staff) { revoked @0 :Bool; }
struct ProfileSettings $P.category(centre) { profile @0 :Text; version @1 :Text; noticeId @2 :Text; settingsHash @3 :Data; }

# Public: no personal data, no free text, local date only. Slot 255, in the clear.
struct ShredReceipt $P.inTheClear {
  generation @0 :UInt64;      # key-store generation whose root replaced the old one
  chunk @1 :UInt32;           # large shreds are told in several receipts
  chunks @2 :UInt32;
  keys @3 :List(ShreddedKey);
  tier @4 :Text;              # none, L or P
  localDate @5 :Text;
  fullyErasedBy @6 :Text;     # local date
  keepers @7 :List(Text);     # which root keepers erased
}
struct ShreddedKey $P.helper { stream @0 :UInt64; slot @1 :UInt8; epoch @2 :UInt32; keyId @3 :Data; }

# --- event bodies -----------------------------------------------------------------------------------------------------
struct InquiryReceived { intake @0 :InquiryText; ident @1 :PersonName; email @2 :EmailAddress; phone @3 :PhoneNumber; }
struct BookingRequested {
  ident @0 :PersonName; email @1 :EmailAddress; phone @2 :PhoneNumber; demog @3 :Demographics; intake @4 :Intake;
  special @5 :Accommodation; appt @6 :WantedTimes;
}
struct ConsentGiven { consent @0 :ConsentEvidence; }
struct ConsentWithdrawn { consent @0 :ConsentEnd; }
struct ClientRegistered { demog @0 :FirstSeen; }
struct CounsellorAssigned { appt @0 :Assignment; }
struct DemographicsRecorded { demog @0 :Demographics; }
struct AccommodationNeedRecorded { special @0 :Accommodation; }
struct AppointmentBooked { appt @0 :Appointment; }
struct AppointmentRescheduled { appt @0 :Rescheduling; }
struct AppointmentCancelled { appt @0 :Cancellation; }
struct SessionHeld { appt @0 :HeldSession; }
struct NoShowRecorded { appt @0 :NoShow; }
struct SessionOutcomeCorrected { appt @0 :OutcomeCorrection; }
struct SessionLogWritten { case @0 :SessionLog; }
struct SessionLogAmended { case @0 :SessionLog; }
struct MessageSent { corr @0 :Message; }
struct MessageReceived { corr @0 :Message; }
struct GuidanceConcluded {
  case @0 :CaseEnd; ident @1 :IdentAnchor; email @2 :EmailAnchor; phone @3 :PhoneAnchor; demog @4 :DemogAnchor;
  special @5 :SpecialAnchor; intake @6 :IntakeAnchor; corr @7 :CorrAnchor; appt @8 :ApptAnchor;
  consent @9 :ConsentAnchor; rights @10 :RightsAnchor; audit @11 :AuditAnchor;
}
struct GuidanceReopened { case @0 :CaseReopening; }
struct RecordConsulted { audit @0 :Consultation; }
struct AccessDenied { audit @0 :Denial; }
struct ErasureScheduled { consent @0 :ConsentAnchor; rights @1 :RightsAnchor; audit @2 :AuditAnchor; }
struct StaffAdded { staff @0 :StaffProfile; }
struct StaffRevoked { staff @0 :StaffEnd; }
struct ProfileActivated { centre @0 :ProfileSettings; }
struct ShredRequested { audit @0 :ShredOrder; }
struct ShredCompleted { public @0 :ShredReceipt; }

struct Event {
  head @0 :Head;
  union {
    none @1 :Void;
    inquiryReceived @2 :InquiryReceived;
    bookingRequested @3 :BookingRequested;
    consentGiven @4 :ConsentGiven;
    consentWithdrawn @5 :ConsentWithdrawn;
    clientRegistered @6 :ClientRegistered;
    counsellorAssigned @7 :CounsellorAssigned;
    demographicsRecorded @8 :DemographicsRecorded;
    accommodationNeedRecorded @9 :AccommodationNeedRecorded;
    appointmentBooked @10 :AppointmentBooked;
    appointmentRescheduled @11 :AppointmentRescheduled;
    appointmentCancelled @12 :AppointmentCancelled;
    sessionHeld @13 :SessionHeld;
    noShowRecorded @14 :NoShowRecorded;
    sessionOutcomeCorrected @15 :SessionOutcomeCorrected;
    sessionLogWritten @16 :SessionLogWritten;
    sessionLogAmended @17 :SessionLogAmended;
    messageSent @18 :MessageSent;
    messageReceived @19 :MessageReceived;
    guidanceConcluded @20 :GuidanceConcluded;
    guidanceReopened @21 :GuidanceReopened;
    recordConsulted @22 :RecordConsulted;
    accessDenied @23 :AccessDenied;
    erasureScheduled @24 :ErasureScheduled;
    staffAdded @25 :StaffAdded;
    staffRevoked @26 :StaffRevoked;
    profileActivated @27 :ProfileActivated;
    shredRequested @28 :ShredRequested;
    shredCompleted @29 :ShredCompleted;
  }
}
