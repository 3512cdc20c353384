@0xb9a3f2c1d4e57802;
# Everything that can happen, as sealed in the journal. The union tag is the event type. An event body holds only pointers
# to category structs; a part is this Event with only its own category's pointers set (docs/format/parts.md).
# Adding an event = one struct, one union line, its rule in daemon/service/, its handlers in projections/.

using Cxx = import "/capnp/c++.capnp";
using P = import "/eventstore/schema/privacy.capnp";
$Cxx.namespace("taus::schema");

enum ActorKind @0xec168d750745db03 { system @0; staff @1; client @2; developer @3; operator @4; frontend @5; }
enum Channel @0xec57bd15af5e86a6 { absent @0; inPerson @1; video @2; phone @3; email @4; sms @5; web @6; paper @7; }
enum Role @0xf06f0a133d42dcb5 { absent @0; counsellor @1; leader @2; desk @3; dpo @4; hr @5; auditor @6; operator @7; client @8; system @9; developer @10; }
enum Gender @0x851181c20ea6af2b { absent @0; female @1; male @2; other @3; unknown @4; }
enum ConsentAct @0x944df5bb6257a520 { absent @0; checkbox @1; formSubmit @2; oral @3; paper @4; }
enum Phase @0xaad35e6f5f87a261 { absent @0; p0 @1; p1 @2; p2 @3; }
enum AppointmentKind @0xd419bc994328731f { individual @0; preCall @1; group @2; }
enum Party @0xbf9ebb84c71b0ebc { absent @0; client @1; centre @2; }
enum Conclusion @0xf7952177eb7b358c { absent @0; explicit @1; automatic @2; }
enum ShredReason @0xd490b2d7efe7457c { absent @0; retention @1; withdrawal @2; request @3; maintenance @4; }
enum Collected @0xd1d24ec414fd78c7 { absent @0; booking @1; phone @2; session @3; email @4; desk @5; }
enum Outcome @0x9ac91eb467ade1a3 { absent @0; held @1; noShow @2; cancelled @3; }

enum RightsKind @0xe34b6e61bc95f80c { absent @0; access @1; portability @2; rectify @3; supplement @4; erase @5; restrict @6; object @7; complaint @8; }
enum RightsOutcome @0xd4916ece62468057 { absent @0; fulfilled @1; partly @2; refused @3; }
enum RightsGround @0xc111e3cee498c698 {
  # Why a request is refused or met in part only.
  absent @0; unfounded @1; excessive @2; identityNotVerified @3;   # art. 12(5), 12(6)
  legalClaim @4; archiveDuty @5; legalObligation @6;               # art. 17(3)
  rightsOfOthers @7; secrecy @8;                                   # art. 15(4); national law
  noSuchRight @9; alreadyCorrect @10; nothingHeld @11;
}
enum IdentityMethod @0xc5909ea9cb967561 { absent @0; link @1; known @2; documentSeen @3; callBack @4; electronicId @5; }
enum ExtensionGround @0xdf861ed55997fea3 { absent @0; complexity @1; number @2; }
enum NoticeAction @0x9c0a6f1b2d83e457 { absent @0; rectified @1; erased @2; restricted @3; }   # art. 19
enum MatchBasis @0xdf93750f70c2f90f { absent @0; email @1; phone @2; name @3; }

struct Head @0xf0d546a6fdfebf28 $P.helper {
  at @0 :Int64 = P.noTime $P.time;          # when taus accepted it
  actorKind @1 :ActorKind;
  actor @2 :UInt64 $P.reference;             # the member of staff; 0 for client, system, developer
  role @3 :Role;                             # in which role
  requestId @4 :Text;                        # the caller's, empty for the system's own
  retired5 @5 :Data;                         # never written: a hash of the whole request would outlive a part of it (docs/decisions/0010)
  purpose @6 :Text;
  command @7 :UInt16 = 0xffff $P.nullable;   # which command it came by: its number in the API; absent: the system's own
}

struct Anchor @0x9e143aaa772ba148 $P.helper {
  # What a category must know of the case after the case itself is gone (docs/decisions/0004).
  phase @0 :Phase;
  year @1 :Int16 = -1 $P.nullable;           # of the last guidance; absent: never served
  due @2 :Int64 = P.noTime $P.time;         # when this category dies
  rule @3 :Text;                             # by which rule
  counsellor @4 :UInt64 $P.reference;        # who keeps access
  kept @5 :Kept;                             # erasureScheduled alone has it, and of the rest then nothing
}
struct Kept @0xc4f1a7d36b90e825 $P.helper {
  # What the rules for what stays go by, of appointments and messages that go before the case is over (docs/decisions/0015).
  since @0 :Int64 = P.noTime $P.time;        # first collection
  lastStart @1 :Int64 = P.noTime $P.time;    # of the last session
  lastEnd @2 :Int64 = P.noTime $P.time;
  lastAppointment @3 :Int64 = P.noTime $P.time;  # end of the last one that was not cancelled
  openEnd @4 :Int64 = P.noTime $P.time;      # end of the last one without an outcome
  dropped @5 :Int64 = P.noTime $P.time;      # of the last one that was cancelled or missed
  lastActivity @6 :Int64 = P.noTime $P.time;
}

# --- category structs -------------------------------------------------------------------------------------------------
struct PersonName @0xf44ffcd5c9799947 $P.category(ident) { name @0 :Text $P.label(nb = "Navn", nn = "Namn", en = "Name"); }
struct EmailAddress @0xb25eaa2f4f65f3a4 $P.category(email) { email @0 :Text $P.label(nb = "E-postadresse", nn = "E-postadresse", en = "E-mail address"); }
struct PhoneNumber @0x82d60d1079652058 $P.category(phone) { phone @0 :Text $P.label(nb = "Telefonnummer", nn = "Telefonnummer", en = "Telephone number"); }
struct Demographics @0x857d0b2351dbc5c6 $P.category(demog) {
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
struct FirstSeen @0xc84ff56c6ede110b $P.category(demog) { year @0 :Int16 = -1 $P.nullable; }
struct Accommodation @0xae7c766586194d2b $P.category(special) { accommodationNeed @0 :Text $P.label(nb = "Behov for tilrettelegging", nn = "Behov for tilrettelegging", en = "Need for accommodation"); }
struct Intake @0xce13337bc4a08441 $P.category(intake) {
  focusAreas @0 :List(Text) $P.label(nb = "Ønskede fokusområder", nn = "Ønskte fokusområde", en = "Focus areas wanted");
  currentSituation @1 :Text $P.label(nb = "Din situasjon i dag", nn = "Situasjonen din i dag", en = "Your situation today");
}
struct InquiryText @0x87700374a678aa19 $P.category(intake) {
  text @0 :Text $P.label(nb = "Spørsmål", nn = "Spørsmål", en = "Question");
  channel @1 :Channel;
  number @2 :UInt32;                         # in this stream, from 1
}
struct InquiryAnswer @0xe79abfca6580a321 $P.category(intake) {
  number @0 :UInt32;
  at @1 :Int64 = P.noTime $P.time $P.label(nb = "Besvart", nn = "Svart på", en = "Answered");
  channel @2 :Channel;
}
struct WantedTimes @0xe7d4ce8f6a1e5834 $P.category(appt) { wanted @0 :Text $P.label(nb = "Ønsket tid", nn = "Ønskt tid", en = "Time wanted"); channel @1 :Channel; }
struct ConsentEvidence @0xe4136fa23e6f08da $P.category(consent) {
  notice @0 :Text $P.label(nb = "Personvernerklæring", nn = "Personvernfråsegn", en = "Privacy notice");
  noticeHash @1 :Data;
  act @2 :ConsentAct $P.label(nb = "Handling", nn = "Handling", en = "Act");
  language @3 :Text $P.label(nb = "Språk", nn = "Språk", en = "Language");
  purposes @4 :List(Text) $P.label(nb = "Formål", nn = "Føremål", en = "Purposes");
  indicatedAt @5 :Int64 = P.noTime $P.time $P.label(nb = "Gitt", nn = "Gitt", en = "Given");
}
# A booking that the centre's staff entered waits for the client's own act.
struct ConsentWish @0x85fce54a990337d6 $P.category(consent) {
  notice @0 :Text $P.label(nb = "Personvernerklæring", nn = "Personvernfråsegn", en = "Privacy notice");
  askedAt @1 :Int64 = P.noTime $P.time $P.label(nb = "Samtykke spurt om", nn = "Samtykke spurt om", en = "Consent asked for");
}
# The client lets somebody outside the centre be told; and what was told (art. 15(1)(c), 19). Numbers count in this stream, from 1.
struct DisclosureConsent @0xa3f812c71debe3d3 $P.category(consent) {
  number @0 :UInt32 $P.label(nb = "Nummer", nn = "Nummer", en = "Number");
  recipient @1 :Text $P.label(nb = "Mottaker", nn = "Mottakar", en = "Recipient");
  categories @2 :List(P.Category) $P.label(nb = "Opplysninger", nn = "Opplysningar", en = "Data");
  purpose @3 :Text $P.label(nb = "Formål", nn = "Føremål", en = "Purpose");
  channel @4 :Channel;
  indicatedAt @5 :Int64 = P.noTime $P.time $P.label(nb = "Gitt", nn = "Gitt", en = "Given");
}
struct DisclosureConsentEnd @0xc51aaa9745df2e7c $P.category(consent) { number @0 :UInt32; channel @1 :Channel; indicatedAt @2 :Int64 = P.noTime $P.time $P.label(nb = "Trukket", nn = "Trekt", en = "Withdrawn"); }
struct Disclosure @0x8d3c7f2da9f95e6a $P.category(rights) {
  consent @0 :UInt32 $P.label(nb = "Samtykke nummer", nn = "Samtykke nummer", en = "Consent number");
  recipient @1 :Text $P.label(nb = "Gitt videre til", nn = "Gitt vidare til", en = "Passed on to");
  categories @2 :List(P.Category) $P.label(nb = "Opplysninger", nn = "Opplysningar", en = "Data");
  at @3 :Int64 = P.noTime $P.time $P.label(nb = "Gitt videre", nn = "Gitt vidare", en = "Passed on");
}
# They were told what became of it (art. 19). `disclosures`: the consents under which it had been passed on to them.
struct RecipientNotice @0xb84d1e7093a5c26f $P.category(rights) {
  recipients @0 :List(Text) $P.label(nb = "Varslet", nn = "Varsla", en = "Told");
  action @1 :NoticeAction $P.label(nb = "Opplysningene er", nn = "Opplysningane er", en = "The data were");
  at @2 :Int64 = P.noTime $P.time $P.label(nb = "Varslet når", nn = "Varsla når", en = "Told on");
  disclosures @3 :List(UInt32) $P.label(nb = "Samtykke nummer", nn = "Samtykke nummer", en = "Consent number");
}
struct ConsentEnd @0xa6eeafb0cd9b6819 $P.category(consent) { method @0 :Channel; indicatedAt @1 :Int64 = P.noTime $P.time $P.label(nb = "Trukket", nn = "Trekt", en = "Withdrawn"); }
struct Assignment @0x919881afa1f7e173 $P.category(appt) { counsellor @0 :UInt64 $P.reference $P.label(nb = "Veileder", nn = "Rettleiar", en = "Counsellor"); reason @1 :Text; }
struct Appointment @0xc561f11f96804ebf $P.category(appt) {
  number @0 :UInt32 $P.label(nb = "Nummer", nn = "Nummer", en = "Number");      # in this stream, from 1
  start @1 :Int64 = P.noTime $P.time $P.label(nb = "Start", nn = "Start", en = "Start");
  end @2 :Int64 = P.noTime $P.time $P.label(nb = "Slutt", nn = "Slutt", en = "End");
  channel @3 :Channel $P.label(nb = "Kanal", nn = "Kanal", en = "Channel");
  place @4 :Text $P.label(nb = "Sted", nn = "Stad", en = "Place");
  counsellor @5 :UInt64 $P.reference $P.label(nb = "Veileder", nn = "Rettleiar", en = "Counsellor");
  kind @6 :AppointmentKind;
}
struct Rescheduling @0xfb37ef8aa0969e94 $P.category(appt) { number @0 :UInt32; start @1 :Int64 = P.noTime $P.time; end @2 :Int64 = .P.noTime $P.time; by @3 :Party; reason @4 :Text; }
struct Cancellation @0xdf7149dbccaa8877 $P.category(appt) { number @0 :UInt32; by @1 :Party; reason @2 :Text; at @3 :Int64 = P.noTime $P.time; }
struct HeldSession @0xf7798dc714f2fb3f $P.category(appt) {
  number @0 :UInt32; start @1 :Int64 = P.noTime $P.time; end @2 :Int64 = .P.noTime $P.time;
  channel @3 :Channel; sequence @4 :UInt32;   # how-manieth held session of the case
}
struct NoShow @0xd52a02092233181d $P.category(appt) { number @0 :UInt32; }
struct OutcomeCorrection @0x8349fc641a39b6a2 $P.category(appt) { number @0 :UInt32; outcome @1 :Outcome; reason @2 :Text; }
struct SessionLog @0x8a0184cc2f66058a $P.category(case) {
  order @0 :Text $P.label(nb = "Din bestilling", nn = "Bestillinga di", en = "Your request");
  focus @1 :Text $P.label(nb = "Fokusområder i veiledningen", nn = "Fokusområde i rettleiinga", en = "Focus of the guidance");
  issuesNext @2 :Text $P.label(nb = "Problemstillinger til neste samtale", nn = "Problemstillingar til neste samtale", en = "Issues for the next talk");
  tasksNext @3 :Text $P.label(nb = "Dine oppgaver til neste time", nn = "Oppgåvene dine til neste time", en = "Your tasks for next time");
  otherPrep @4 :Text $P.label(nb = "Annet til forberedelse", nn = "Anna til førebuing", en = "Other preparation");
  attestNoSpecial @5 :Bool $P.label(nb = "Ingen sensitive opplysninger", nn = "Ingen sensitive opplysningar", en = "No sensitive data, attested");
  supersedes @6 :Int64 = -1 $P.nullable;      # position of the amended log
}
struct Message @0xb2e6fc92b7f9198a $P.category(corr) {
  channel @0 :Channel $P.label(nb = "Kanal", nn = "Kanal", en = "Channel");
  subject @1 :Text $P.label(nb = "Emne", nn = "Emne", en = "Subject line");
  body @2 :Text $P.label(nb = "Tekst", nn = "Tekst", en = "Text");
  at @3 :Int64 = P.noTime $P.time $P.label(nb = "Tidspunkt", nn = "Tidspunkt", en = "Time");
  author @4 :UInt64 $P.reference;             # member of staff who sent it; 0 for the client's own
}
struct CaseEnd @0xd1a38886a9f50edd $P.category(case) { concludedAt @0 :Int64 = P.noTime $P.time; how @1 :Conclusion; anchor @2 :Anchor; }
struct CaseReopening @0x81f64816b457b3d5 $P.category(case) { reason @0 :Text; }
struct CaseAnchor @0xb6e2d90c4f7a1835 $P.category(case) { anchor @0 :Anchor; }
struct IdentAnchor @0xbcff43b29da13e73 $P.category(ident) {
  anchor @0 :Anchor;
  # Sessions of the anchor's year (of lastStart's, where facts are kept), for the table that counts clients by them.
  sessions @1 :Int32 = -1 $P.nullable;     # all; absent: not to be counted
  earlier @2 :Int32 = -1 $P.nullable;      # those among them whose appointments are gone
}
struct EmailAnchor @0xd605cca27ac00913 $P.category(email) {
  anchor @0 :Anchor; invited @1 :Bool;
  surveyAt @2 :Int64 = P.noTime $P.time;   # when the survey invitation goes out, once the sessions it follows are gone
}
struct SurveyInvitation @0xb6d1e0f9a8c7522d $P.category(email) { sentAt @0 :Int64 = P.noTime $P.time $P.label(nb = "Invitert til brukerundersøkelse", nn = "Invitert til brukarundersøking", en = "Invited to the survey"); }
struct PhoneAnchor @0xd4f409e6140ee444 $P.category(phone) { anchor @0 :Anchor; }
struct DemogAnchor @0xde222edd87441b6b $P.category(demog) {
  anchor @0 :Anchor;
  counted @1 :Int32 = -1 $P.nullable;      # how many changed facts were in force at the first session of the anchor's year
}
struct SpecialAnchor @0xd2985352b54cf1ea $P.category(special) { anchor @0 :Anchor; }
struct IntakeAnchor @0xbae1e065f4c5459c $P.category(intake) { anchor @0 :Anchor; }
struct CorrAnchor @0xb4caeac3eee82cdc $P.category(corr) { anchor @0 :Anchor; }
struct ApptAnchor @0x99fa9e6f363b733a $P.category(appt) { anchor @0 :Anchor; }
struct ConsentAnchor @0xf297049c90623090 $P.category(consent) { anchor @0 :Anchor; }
struct RightsAnchor @0x9274686374756ab0 $P.category(rights) { anchor @0 :Anchor; }
struct AuditAnchor @0xaf42be59759d63e4 $P.category(audit) { anchor @0 :Anchor; }
struct Consultation @0xe1325f2c4aa8b986 $P.category(audit) {
  categories @0 :List(P.Category) $P.label(nb = "Opplysninger", nn = "Opplysningar", en = "Data");
  purpose @1 :Text $P.label(nb = "Formål", nn = "Føremål", en = "Purpose");
}
struct Denial @0xad0350b13e624eab $P.category(audit) { categories @0 :List(P.Category); method @1 :Text; }
struct ShredOrder @0x83ce2e7844838697 $P.category(audit) { categories @0 :List(P.Category); reason @1 :ShredReason; }
struct StaffProfile @0xbc47803de12b1b20 $P.category(staff) {
  name @0 :Text $P.label(nb = "Navn", nn = "Namn", en = "Name");
  roles @1 :List(Role) $P.label(nb = "Roller", nn = "Roller", en = "Roles");
  confidentialitySigned @2 :Text $P.label(nb = "Taushetserklæring signert", nn = "Teieplikt signert", en = "Confidentiality signed"); # local date
}
struct StaffEnd @0xcfed231ff0b488fd $P.category(staff) { revoked @0 :Bool; }
struct ProfileSettings @0xb8d762fd7c1d27a6 $P.category(centre) { profile @0 :Text; version @1 :Text; noticeId @2 :Text; settingsHash @3 :Data; }

enum HoldGround @0xc1b9bcd38e85d40f { absent @0; legalClaim @1; archiveDuty @2; }
enum RestrictionGround @0x83606e721aa5cecd { absent @0; accuracyContested @1; unlawful @2; neededForClaim @3; objection @4; unnecessary @5; withdrawn @6; }
struct Hold @0xfead845a73598ee7 $P.category(rights) {
  number @0 :UInt32; ground @1 :HoldGround; reference @2 :Text; reviewDate @3 :Text; categories @4 :List(P.Category);
}
struct HoldEnd @0xcb273ce68421bd64 $P.category(rights) { number @0 :UInt32; }
struct Restriction @0xab75c018ced60d2c $P.category(rights) { number @0 :UInt32; ground @1 :RestrictionGround; categories @2 :List(P.Category); informedAt @3 :Int64 = P.noTime $P.time; }
struct RestrictionEnd @0xc3c7e9cfe7ae70c6 $P.category(rights) { number @0 :UInt32; informedAt @1 :Int64 = P.noTime $P.time; }

# The rights desk (art. 12 to 21). Each says of which kind the request is: complaints have readers of their own.
struct RightsRequest @0xd57b34ef4323a52f $P.category(rights) {
  number @0 :UInt32 $P.label(nb = "Nummer", nn = "Nummer", en = "Number");   # in this stream, from 1
  kind @1 :RightsKind $P.label(nb = "Krav", nn = "Krav", en = "Right");
  channel @2 :Channel;
  receivedAt @3 :Int64 = P.noTime $P.time $P.label(nb = "Mottatt", nn = "Motteke", en = "Received");
  scope @4 :Text $P.label(nb = "Hva kravet gjelder", nn = "Kva kravet gjeld", en = "What is asked");
  categories @5 :List(P.Category);           # none: everything
  replyTo @6 :Text $P.label(nb = "Svar til", nn = "Svar til", en = "Reply to");
  due @7 :Text $P.label(nb = "Svarfrist", nn = "Svarfrist", en = "Answer due");   # local date, that day included
}
struct RightsIdentity @0x9a2226bd27e87fda $P.category(rights) {
  number @0 :UInt32; kind @1 :RightsKind;
  method @2 :IdentityMethod $P.label(nb = "Identitet bekreftet ved", nn = "Identitet stadfesta ved", en = "Identity verified by");
  at @3 :Int64 = P.noTime $P.time;
}
struct RightsExtension @0xeced4e48c4e0d064 $P.category(rights) {
  number @0 :UInt32; kind @1 :RightsKind;
  ground @2 :ExtensionGround;
  reason @3 :Text $P.label(nb = "Hvorfor svaret tar lengre tid", nn = "Kvifor svaret tek lengre tid", en = "Why the answer takes longer");
  due @4 :Text $P.label(nb = "Ny svarfrist", nn = "Ny svarfrist", en = "New deadline");   # local date
  notifiedAt @5 :Int64 = P.noTime $P.time $P.label(nb = "Varslet", nn = "Varsla", en = "Told");
}
struct RightsDecision @0xcc4ff40733539ca1 $P.category(rights) {
  number @0 :UInt32; kind @1 :RightsKind;
  outcome @2 :RightsOutcome $P.label(nb = "Avgjørelse", nn = "Avgjerd", en = "Decision");
  grounds @3 :List(RightsGround) $P.label(nb = "Grunnlag", nn = "Grunnlag", en = "Grounds");
  text @4 :Text $P.label(nb = "Begrunnelse", nn = "Grunngiving", en = "Reasons");
  categories @5 :List(P.Category);           # what an erasure is granted for; none: everything
  deliveredAt @6 :Int64 = P.noTime $P.time $P.label(nb = "Levert", nn = "Levert", en = "Delivered");
  format @7 :Text;
  manifest @8 :Text;                         # SHA-256 of the package's manifest
  paper @9 :Text $P.label(nb = "Papirarkiv gjennomgått", nn = "Papirarkiv gjennomgått", en = "Paper records searched");
  late @10 :Bool;
  complaintTo @11 :Text $P.label(nb = "Klage", nn = "Klage", en = "Complaint");
  receivedAt @12 :Int64 = P.noTime $P.time;
}
# What was held when access was asked for, part by part as it was opened, in pieces: the answer is not emptied by what is shredded meanwhile.
struct SnapshotPart @0xe8ef9d6bbd6a6f69 $P.helper { category @0 :P.Category; position @1 :UInt64; part @2 :Data; }
struct Snapshot @0xe7c5cfd4985c6bb7 $P.category(copy) { number @0 :UInt32; piece @1 :UInt32; pieces @2 :UInt32; parts @3 :List(SnapshotPart); }
struct ReturningMatch @0x9906e2ec22cac85c $P.category(ident) { basis @0 :MatchBasis; confirmedBy @1 :UInt64 $P.reference; byClient @2 :Bool; }

# What a counsellor offers, in the counsellor's own stream.
struct OfferedSlot @0xfca8c55bb29a745a $P.helper {
  number @0 :UInt32; start @1 :Int64 = P.noTime $P.time; end @2 :Int64 = P.noTime $P.time; channel @3 :Channel; place @4 :Text;
}
struct Offer @0x9b30a8920c1c6c0b $P.category(staff) { slots @0 :List(OfferedSlot); }
struct OfferEnd @0xc1cd2d4b6a177802 $P.category(staff) { numbers @0 :List(UInt32); }

# A group session, with its heads counted and nobody named.
struct GroupSession @0x93659ce04cf7f974 $P.category(centre) {
  number @0 :UInt32; start @1 :Int64 = P.noTime $P.time; end @2 :Int64 = P.noTime $P.time; channel @3 :Channel; topic @4 :Text; participants @5 :UInt32;
}
struct GroupCorrection @0xdf06e044bc00f5af $P.category(centre) { number @0 :UInt32; participants @1 :UInt32; cancelled @2 :Bool; }

# Public: no personal data, no free text, local date only. Slot 255, in the clear.
struct ShredReceipt @0xf2d4f6c5d2f27639 $P.inTheClear {
  generation @0 :UInt64;      # key-store generation whose root replaced the old one
  chunk @1 :UInt32;           # large shreds are told in several receipts
  chunks @2 :UInt32;
  keys @3 :List(ShreddedKey);
  tier @4 :Text;              # none, L or P
  localDate @5 :Text;
  fullyErasedBy @6 :Text;     # local date by which the last paper that could bring the keys back is destroyed; absent: not known
  keepers @7 :List(Text);     # which root keepers erased
  previousGeneration @8 :UInt64;
  topVersion @9 :Data;        # of the new tree's topmost node (docs/format/keys.md)
  replicas @10 :List(Text);   # copies of the keys that held the new tree before the root moved
  software @11 :Text;         # version of the daemon that erased
}
struct ShreddedKey @0xee529c7d819c3924 $P.helper { stream @0 :UInt64; slot @1 :UInt8; epoch @2 :UInt32; keyId @3 :Data; }

# Public too: which copies of the keys a shred waits for, the escrow of the root key, restores from a backup.
struct ReplicaSet @0xbae9ad4d25b4b16b $P.inTheClear { current @0 :List(Text); evicted @1 :List(Text); localDate @2 :Text; }
struct EscrowTurn @0x9795feaca7dd4b01 $P.inTheClear { generation @0 :UInt64; endsOn @1 :Text; localDate @2 :Text; }   # endsOn absent: no paper any more
struct Restoration @0xa16051384a1b5b5b $P.inTheClear {
  previousIncarnation @0 :UInt32; incarnation @1 :UInt32;
  size @2 :UInt64;                       # entries that the backup held
  lost @3 :Int64 = -1 $P.nullable;       # acknowledged entries that it did not hold; absent: not known
  generation @4 :UInt64; localDate @5 :Text;
}

# Statistics (docs/STATISTICS.md). A year as published: hidden cells have no count.
struct PublishedCell @0xd5a1c0f3b7e24a11 $P.helper { code @0 :Text; count @1 :Int64 = -1 $P.nullable; hidden @2 :Bool; }
struct PublishedTable @0xc1b2d7e05f3a4912 $P.helper { name @0 :Text; total @1 :UInt64; withheld @2 :Bool; cells @3 :List(PublishedCell); }
struct PublishedYear @0xe3f4a9b1c2d05613 $P.helper {
  year @0 :Int16; profile @1 :Text; unit @2 :Text; k @3 :UInt32; closedOn @4 :Text;   # local date; empty: the year runs
  clients @5 :UInt64; sessions @6 :UInt64; bookings @7 :UInt64; tables @8 :List(PublishedTable);
  counts @9 :List(PublishedCell);   # what is no client's: survey invitations, erasures
}
struct YearClosing @0xb7c8d9eaf1023414 $P.inTheClear { published @0 :PublishedYear; sha256 @1 :Text; }   # of the published year as JSON
# The years that are still open, exactly; sealed under a key that the next fold destroys (docs/decisions/0008).
struct TallyCell @0xa9b8c7d6e5f40315 $P.helper { code @0 :Text; count @1 :UInt64; }
struct TallyBreakdown @0x9fa8b7c6d5e40216 $P.helper {
  name @0 :Text; answered @1 :UInt64; cells @2 :List(TallyCell);
  people @3 :UInt64;   # clients folded, those without a known answer too
}
struct YearTally @0xf0e1d2c3b4a59617 $P.helper {
  year @0 :Int16; clients @1 :UInt64; sessions @2 :UInt64; bookings @3 :UInt64; noShows @4 :UInt64; cancellations @5 :UInt64;
  breakdowns @6 :List(TallyBreakdown);
  counts @7 :List(TallyCell);   # of a closed year: outcomes told too late
}
# What is left of read logs that went before their time, of all clients together (docs/decisions/0011). Months count from January of year 0.
struct ReadTrace @0xc47b03e6a58d92f1 $P.helper {
  staff @0 :UInt64 $P.reference; role @1 :Role; categories @2 :UInt16; month @3 :Int32; erased @4 :Int32; denied @5 :Bool; times @6 :UInt32;
}
struct Tallies @0x8d9eafb0c1d2e318 $P.category(centre) { years @0 :List(YearTally); reads @1 :List(ReadTrace); }

# --- event bodies -----------------------------------------------------------------------------------------------------
struct InquiryReceived @0xf7b6ec0053a99159 { intake @0 :InquiryText; ident @1 :PersonName; email @2 :EmailAddress; phone @3 :PhoneNumber; }
struct BookingRequested @0xe07a7172c70f903f {
  ident @0 :PersonName; email @1 :EmailAddress; phone @2 :PhoneNumber; demog @3 :Demographics; intake @4 :Intake;
  special @5 :Accommodation; appt @6 :WantedTimes;
}
struct ConsentGiven @0xb5e24352e2603e4f { consent @0 :ConsentEvidence; }
struct ConsentWithdrawn @0xf553982f05a72e0a { consent @0 :ConsentEnd; }
struct ClientRegistered @0x9ea236e6f030988e { demog @0 :FirstSeen; }
struct CounsellorAssigned @0xd3db9e56fc16476c { appt @0 :Assignment; }
struct DemographicsRecorded @0xf8b3e41af1819f37 { demog @0 :Demographics; }
struct AccommodationNeedRecorded @0xb089117237a427f5 { special @0 :Accommodation; }
struct AppointmentBooked @0xb7c92b383f66c4da { appt @0 :Appointment; }
struct AppointmentRescheduled @0x92059322e3413df1 { appt @0 :Rescheduling; }
struct AppointmentCancelled @0x9a796bd50eeb33a9 { appt @0 :Cancellation; }
struct SessionHeld @0xb8a03169c6b2d515 { appt @0 :HeldSession; }
struct NoShowRecorded @0x868df036de52409d { appt @0 :NoShow; }
struct SessionOutcomeCorrected @0xe74ee52a58215587 { appt @0 :OutcomeCorrection; }
struct SessionLogWritten @0x84d8bcb5e6d5f8f4 { case @0 :SessionLog; }
struct SessionLogAmended @0x8586331a5e4b87fc { case @0 :SessionLog; }
struct MessageSent @0x8062f2dbec87a2d5 { corr @0 :Message; }
struct MessageReceived @0xa27c56b489b0e77e { corr @0 :Message; }
struct GuidanceConcluded @0xc068b451c7aac942 {
  case @0 :CaseEnd; ident @1 :IdentAnchor; email @2 :EmailAnchor; phone @3 :PhoneAnchor; demog @4 :DemogAnchor;
  special @5 :SpecialAnchor; intake @6 :IntakeAnchor; corr @7 :CorrAnchor; appt @8 :ApptAnchor;
  consent @9 :ConsentAnchor; rights @10 :RightsAnchor; audit @11 :AuditAnchor;
}
struct GuidanceReopened @0xb33b2f543f9ea3a4 {
  # With anchors like the conclusion's (phase p1, no due), so that every category knows by itself that the case goes on.
  case @0 :CaseReopening; ident @1 :IdentAnchor; email @2 :EmailAnchor; phone @3 :PhoneAnchor; demog @4 :DemogAnchor;
  special @5 :SpecialAnchor; intake @6 :IntakeAnchor; corr @7 :CorrAnchor; appt @8 :ApptAnchor;
  consent @9 :ConsentAnchor; rights @10 :RightsAnchor; audit @11 :AuditAnchor;
}
struct RecordConsulted @0xb104a2e8cba30997 { audit @0 :Consultation; }
struct AccessDenied @0x99504a329c4094f6 { audit @0 :Denial; }
struct ErasureScheduled @0xbcaaf20a0acf4175 {
  consent @0 :ConsentAnchor; rights @1 :RightsAnchor; audit @2 :AuditAnchor; ident @3 :IdentAnchor; email @4 :EmailAnchor;
  phone @5 :PhoneAnchor; demog @6 :DemogAnchor; special @7 :SpecialAnchor; intake @8 :IntakeAnchor; case @9 :CaseAnchor;
  corr @10 :CorrAnchor; appt @11 :ApptAnchor;
}
struct StaffAdded @0xfe1a1084d510b01e { staff @0 :StaffProfile; }
struct StaffRevoked @0x912a13da65981565 { staff @0 :StaffEnd; }
struct ProfileActivated @0xa54a7e8d811c9928 { centre @0 :ProfileSettings; }
struct ShredRequested @0xff78182716acbe5a { audit @0 :ShredOrder; }
struct ShredCompleted @0x9687089ee8c59033 { public @0 :ShredReceipt; }

struct LegalHoldPlaced @0xc89c8abe97a914d7 { rights @0 :Hold; }
struct LegalHoldReleased @0x87de0f542fa9f04c { rights @0 :HoldEnd; }
struct RestrictionImposed @0xcc782cdc44ec83b8 { rights @0 :Restriction; }
struct RestrictionLifted @0xb3ca45a13ff82982 { rights @0 :RestrictionEnd; }
struct StatisticsYearClosed @0xdc1b2a3f4e5d6c19 { public @0 :YearClosing; }
struct TallyFolded @0xcb0a192837465a1a { centre @0 :Tallies; }
struct SurveyInvitationSent @0xa7c6b5d4e3f2111b { email @0 :SurveyInvitation; }

struct ReplicaSetChanged @0x979fa961c97075d9 { public @0 :ReplicaSet; }
struct EscrowTurned @0xe93330bacfdda32b { public @0 :EscrowTurn; }
struct StoreRestored @0x93c2d29bb1d6c3f8 { public @0 :Restoration; }

struct DetailsRectified @0x940be8260c405a6c { ident @0 :PersonName; email @1 :EmailAddress; phone @2 :PhoneNumber; intake @3 :Intake; }
struct InquiryAnswered @0x8560be6367f533dc { intake @0 :InquiryAnswer; }
struct ReturningClientMatched @0x9727ff8199f2eab1 { ident @0 :ReturningMatch; }
struct RightsRequestReceived @0x9178ef972d610113 { rights @0 :RightsRequest; }
struct RightsIdentityVerified @0xf33f74c095eb2ed2 { rights @0 :RightsIdentity; }
struct RightsDeadlineExtended @0xfd31346372372f3e { rights @0 :RightsExtension; }
struct RightsRequestDecided @0xdfea8f3f8d55b8ef { rights @0 :RightsDecision; }
struct SnapshotTaken @0x8c7a0eb2611db011 { copy @0 :Snapshot; }
struct SlotsPublished @0x978d141463dcd05a { staff @0 :Offer; }
struct SlotsWithdrawn @0xcd71e72ae522a29c { staff @0 :OfferEnd; }
struct GroupSessionHeld @0xb624568ca6c411c3 { centre @0 :GroupSession; }
struct GroupSessionCorrected @0x8a43f0850d2fdf6b { centre @0 :GroupCorrection; }
struct ConsentAsked @0xc203b424c63f9deb { consent @0 :ConsentWish; }
struct DisclosureConsentGiven @0xc0eb52a2db846c46 { consent @0 :DisclosureConsent; }
struct DisclosureConsentWithdrawn @0x952cfa7e9f6111ad { consent @0 :DisclosureConsentEnd; }
struct DataDisclosed @0xdc3cd356c5596be0 { rights @0 :Disclosure; }
struct RecipientsNotified @0xe19b5c40d7f2836a { rights @0 :RecipientNotice; }

struct Event @0xd492b7d21d401621 {
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
    legalHoldPlaced @30 :LegalHoldPlaced;
    legalHoldReleased @31 :LegalHoldReleased;
    restrictionImposed @32 :RestrictionImposed;
    restrictionLifted @33 :RestrictionLifted;
    statisticsYearClosed @34 :StatisticsYearClosed;
    tallyFolded @35 :TallyFolded;
    surveyInvitationSent @36 :SurveyInvitationSent;
    replicaSetChanged @37 :ReplicaSetChanged;
    escrowTurned @38 :EscrowTurned;
    storeRestored @39 :StoreRestored;
    inquiryAnswered @40 :InquiryAnswered;
    returningClientMatched @41 :ReturningClientMatched;
    rightsRequestReceived @42 :RightsRequestReceived;
    rightsIdentityVerified @43 :RightsIdentityVerified;
    rightsDeadlineExtended @44 :RightsDeadlineExtended;
    rightsRequestDecided @45 :RightsRequestDecided;
    snapshotTaken @46 :SnapshotTaken;
    slotsPublished @47 :SlotsPublished;
    slotsWithdrawn @48 :SlotsWithdrawn;
    groupSessionHeld @49 :GroupSessionHeld;
    groupSessionCorrected @50 :GroupSessionCorrected;
    consentAsked @51 :ConsentAsked;
    disclosureConsentGiven @52 :DisclosureConsentGiven;
    disclosureConsentWithdrawn @53 :DisclosureConsentWithdrawn;
    dataDisclosed @54 :DataDisclosed;
    recipientsNotified @55 :RecipientsNotified;
    detailsRectified @56 :DetailsRectified;
  }
}
