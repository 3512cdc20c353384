@0xb9a3f2c1d4e57803;
# The socket API (docs/PROTOCOL.md). One Request and one Response message per call; a method is a member of both unions
# under the same name. Ids are opaque text. Times are Int64 milliseconds since 1970 UTC (RFC 3339 in JSON).

using Cxx = import "/capnp/c++.capnp";
using P = import "/eventstore/schema/privacy.capnp";
using E = import "/eventstore/schema/event.capnp";
$Cxx.namespace("taus::api");

struct Nothing @0x9f3407994cb09c3a {}

struct Error @0xf16e6dc7a2acb901 {
  code @0 :Text;       # one of the closed list, snake_case
  message @1 :Text;    # what was wrong and what to do; no personal data
  pointer @2 :Text;    # JSON pointer of the offending input
}

struct Ack @0xf6f0a6605e00a731 {
  # What every command answers; when a request id is retried it is recomputed, `warnings` and `notify` excepted.
  position @0 :Int64 = -1 $P.nullable;   # of the command's last event
  subject @1 :Text;
  version @2 :Int64 = -1 $P.nullable;    # of the subject's stream after the command
  number @3 :Int64 = -1 $P.nullable;     # appointment number, where one is meant
  link @4 :Text;                         # the client's capability link, on booking
  receipt @5 :Int64 = -1 $P.nullable;    # position of the receipt, where keys were shredded
  pending @6 :Bool;                      # accepted, erasure not yet complete
  warnings @7 :List(Text);
  fullyErasedBy @8 :Text;                # local date by which it is erased everywhere, escrow included; with `receipt`
  request @9 :Text;                      # of the rights desk, where one is meant
  due @10 :Text;                         # its deadline: local date, that day included
  notify @11 :List(Notice);              # who must be told of what this command did (art. 19); after an erasure nobody can ask again
}
struct Notice @0xf7a2c51e88d3604b { recipient @0 :Text; action @1 :E.NoticeAction; }

struct SubjectRef @0xc606ac843bb47587 { subject @0 :Text; }

struct Status @0x8d42fad6d4aafce6 {
  version @0 :Text; profile @1 :Text; storeId @2 :Text; incarnation @3 :Int64 = -1 $P.nullable;
  position @4 :Int64 = -1 $P.nullable;   # last durable position; absent: empty journal
  size @5 :UInt64; rootHash @6 :Text; lag @7 :UInt64;
  rootStore @8 :Text; tier @9 :Text; generation @10 :UInt64; replicas @11 :UInt32;
  subjects @12 :SubjectCounts; warnings @13 :List(Text); now @14 :Int64 = P.noTime $P.time;
  replicaStates @15 :List(ReplicaView); pending @16 :UInt64; escrowUntil @17 :Text;
}
struct ReplicaView @0xf9f135accb8587a3 { name @0 :Text; state @1 :Text; kseq @2 :UInt64; }
struct SubjectCounts @0x98a8b041499f6194 { p0 @0 :UInt64; p1 @1 :UInt64; p2 @2 :UInt64; shredded @3 :UInt64; staff @4 :UInt64; }

struct StaffAdd @0xd53cbdd60762d338 { name @0 :Text; roles @1 :List(E.Role); confidentialitySigned @2 :Text; }
struct StaffMember @0xd3583ddb22129b6b { id @0 :Text; name @1 :Text; roles @2 :List(E.Role); confidentialitySigned @3 :Text; revoked @4 :Bool; }
struct StaffList @0xcadc01bc32b6e998 { staff @0 :List(StaffMember); }

struct FormField @0xa356a881b0f163ae { name @0 :Text; required @1 :Bool; type @2 :Text; category @3 :P.Category; nb @4 :Text; nn @5 :Text; en @6 :Text; }
struct Form @0xf3bd2bda63a5254f { profile @0 :Text; fields @1 :List(FormField); notice @2 :Text; noticeText @3 :Text; noticeHash @4 :Text; act @5 :E.ConsentAct; languages @6 :List(Text); }

struct FormConsent @0xd3048933edb4bf63 { notice @0 :Text; act @1 :E.ConsentAct; language @2 :Text; }
struct BookingForm @0xf7eed7da6d23ec40 {
  # Every field any profile can ask for; which are required, allowed or refused is the profile's (form show).
  name @0 :Text; email @1 :Text; phone @2 :Text; municipalityCode @3 :Text; ageYears @4 :Int32 = -1 $P.nullable;
  focusAreas @5 :List(Text); consent @6 :FormConsent; gender @7 :E.Gender; nationality @8 :Text; motherTongue @9 :Text;
  accommodationNeed @10 :Text; currentSituation @11 :Text; wanted @12 :Text; channel @13 :E.Channel;
}
struct Book @0x92706b86ca4dcb84 { subject @0 :Text; counsellor @1 :Text; start @2 :Int64 = P.noTime $P.time; minutes @3 :Int32; channel @4 :E.Channel; place @5 :Text; kind @6 :E.AppointmentKind; expectedVersion @7 :Int64 = -1 $P.nullable;
  slot @8 :Text;                         # a published one, instead of counsellor, start, minutes, channel and place
}
struct Reschedule @0xa72b451755ac7a9f { subject @0 :Text; number @1 :Int64 = -1 $P.nullable; start @2 :Int64 = P.noTime $P.time; minutes @3 :Int32; by @4 :E.Party; reason @5 :Text; expectedVersion @6 :Int64 = -1 $P.nullable; }
struct Cancel @0xf286711c4661c321 { subject @0 :Text; number @1 :Int64 = -1 $P.nullable; by @2 :E.Party; reason @3 :Text; expectedVersion @4 :Int64 = -1 $P.nullable; }
struct Attendance @0x9557c0ab5998b8a0 { subject @0 :Text; number @1 :Int64 = -1 $P.nullable; expectedVersion @2 :Int64 = -1 $P.nullable; }
struct Correct @0x80e1552760b11c8e { subject @0 :Text; number @1 :Int64 = -1 $P.nullable; outcome @2 :E.Outcome; reason @3 :Text; expectedVersion @4 :Int64 = -1 $P.nullable; }

struct Find @0xe2315fa48e21d82e { email @0 :Text; phone @1 :Text; name @2 :Text; }
struct FindHit @0xc6eb8560ebc9819e { subject @0 :Text; name @1 :Text; email @2 :Text; phone @3 :Text; phase @4 :Text; }  # P0, P1, P2; null where the profile has no phases
struct FindResult @0xc188e097d3de87f0 { subjects @0 :List(FindHit); wantsPurpose @1 :Bool; }   # some are shown for a stated purpose only, and none is stated

struct CategoryView @0xedfde3759ea2b7d6 {
  category @0 :P.Category; state @1 :P.State; nb @2 :Text; nn @3 :Text; en @4 :Text;
  due @5 :Int64 = P.noTime $P.time; rule @6 :Text; deferred @7 :Text;
}
struct AppointmentView @0xce63faa1cc6c3701 {
  number @0 :Int64 = -1 $P.nullable; start @1 :Int64 = P.noTime $P.time; end @2 :Int64 = P.noTime $P.time; channel @3 :E.Channel;
  place @4 :Text; counsellor @5 :Text; kind @6 :E.AppointmentKind; outcome @7 :E.Outcome; cancelledAt @8 :Int64 = P.noTime $P.time;
}
struct LogView @0xa51cdc1b1c025e8c {
  position @0 :Int64 = -1 $P.nullable; at @1 :Int64 = P.noTime $P.time; author @2 :Text; order @3 :Text; focus @4 :Text; issuesNext @5 :Text;
  tasksNext @6 :Text; otherPrep @7 :Text; attestNoSpecial @8 :Bool; supersedes @9 :Int64 = -1 $P.nullable;
}
struct MessageView @0xb4e52ee5ea8b3f44 {
  position @0 :Int64 = -1 $P.nullable; direction @1 :Text; channel @2 :E.Channel; subject @3 :Text; body @4 :Text;
  at @5 :Int64 = P.noTime $P.time; author @6 :Text;
}
struct ConsentView @0xbb609c876bd19eac {
  notice @0 :Text; act @1 :E.ConsentAct; language @2 :Text; givenAt @3 :Int64 = P.noTime $P.time; withdrawnAt @4 :Int64 = P.noTime $P.time;
  askedAt @5 :Int64 = P.noTime $P.time;   # of a booking that staff entered, and that waits for the client's own act while `givenAt` is absent
  disclosures @6 :List(DisclosureView);
}
struct DisclosureView @0x9c497cea8be742e2 {
  number @0 :Int64 = -1 $P.nullable; recipient @1 :Text; categories @2 :List(P.Category); purpose @3 :Text; givenAt @4 :Int64 = P.noTime $P.time;
  withdrawnAt @5 :Int64 = P.noTime $P.time;
}
struct FieldLabel @0xb7a6c1d2e3f40a95 { category @0 :P.Category; field @1 :Text; nb @2 :Text; nn @3 :Text; en @4 :Text; }
struct CoverView @0xd5b1f0c3a7e94216 {
  # A legal hold (art. 17(3)) or a restriction (art. 18).
  number @0 :Int64 = -1 $P.nullable; hold @1 :Bool; withdrawn @2 :Bool;  # withdrawn: stands in for the erasure that a hold defers
  categories @3 :List(P.Category); from @4 :Int64 = P.noTime $P.time; until @5 :Int64 = P.noTime $P.time;
}
struct NoticeGiven @0xa90e63d4b7125fc8 { action @0 :E.NoticeAction; at @1 :Int64 = P.noTime $P.time; }
struct RecipientView @0xd36f0b82e95a4c17 {
  # Somebody outside the centre to whom data was passed on, by `consent disclosed`.
  recipient @0 :Text; categories @1 :List(P.Category); since @2 :Int64 = P.noTime $P.time;
  notify @3 :List(E.NoticeAction);       # of what they must still be told
  notified @4 :List(NoticeGiven);        # of what they were told
}
struct SubjectView @0xb9b32a7f8c46ca53 {
  # Everything held on one client that the caller may see. A field whose category is not present is null; why, its
  # category's state in `categories` says.
  subject @0 :Text; phase @1 :Text; counsellor @2 :Text; version @3 :Int64 = -1 $P.nullable;
  name @4 :Text; email @5 :Text; phone @6 :Text;
  municipalityCode @7 :Text; ageYears @8 :Int32 = -1 $P.nullable; ageAsOf @9 :Text; gender @10 :E.Gender; nationality @11 :Text;
  countryOfOrigin @12 :Text; motherTongue @13 :Text; educationLevel @14 :Text; labourStatus @15 :List(Text);
  accommodationNeed @16 :Text; focusAreas @17 :List(Text); currentSituation @18 :Text;
  consent @19 :ConsentView; appointments @20 :List(AppointmentView); logs @21 :List(LogView); messages @22 :List(MessageView);
  categories @23 :List(CategoryView); position @24 :Int64 = -1 $P.nullable;
  labels @25 :List(FieldLabel);          # what the fields of the categories shown are called
  covers @26 :List(CoverView);           # with `rights`: holds and restrictions, lifted ones too
  recipients @27 :List(RecipientView);   # with `rights`: to whom data was passed on
}
struct SubjectStateView @0xad828e28166fec00 {
  # No personal content: where the case stands and what dies when.
  subject @0 :Text; phase @1 :Text; active @2 :Bool; counsellor @3 :Text; version @4 :Int64 = -1 $P.nullable;
  concludedAt @5 :Int64 = P.noTime $P.time; categories @6 :List(CategoryView); position @7 :Int64 = -1 $P.nullable; shredded @8 :Bool;
}
struct TimelineQuery @0xe9ff66d746984432 { subject @0 :Text; at @1 :Int64 = P.noTime $P.time; position @2 :Int64 = -1 $P.nullable; }
struct PartView @0x962e94a9c460a274 { category @0 :P.Category; state @1 :P.State; content @2 :Text $P.json; }
struct TimelineEntry @0xa5153e5903df33be {
  position @0 :Int64 = -1 $P.nullable; version @1 :Int64 = -1 $P.nullable; type @2 :Text; at @3 :Int64 = P.noTime $P.time;
  actor @4 :Text; actorKind @5 :Text; role @6 :E.Role; parts @7 :List(PartView);   # type to role: of an event of which something may be read
}
struct Timeline @0xf51fe5440b332592 { subject @0 :Text; entries @1 :List(TimelineEntry); position @2 :Int64 = -1 $P.nullable; labels @3 :List(FieldLabel); }

# The feed (docs/PROTOCOL.md "Following what happens"): that something happened, never what was said.
struct EventsQuery @0xc5220b750c0975fa {
  from @0 :Int64 = -1 $P.nullable;       # the first position to look at: an answer's `next`, or 0; absent: only what happens from now on
  limit @1 :UInt32;                      # events in the answer; 0: as many as one answer holds
}
struct FeedPart @0xe4a6471d0fca095d { category @0 :P.Category; state @1 :P.State; }
struct FeedEvent @0xd2a9e757512d4456 {
  # `at`, `actor`, `actorKind` and `role` of clients' events only. `parts` as a timeline shows them; of a public event none.
  position @0 :Int64 = -1 $P.nullable; subject @1 :Text; version @2 :Int64 = -1 $P.nullable;   # no subject: the centre itself
  type @3 :Text; at @4 :Int64 = P.noTime $P.time; actor @5 :Text; actorKind @6 :Text; role @7 :E.Role; parts @8 :List(FeedPart);
}
struct EventFeed @0x9e83d17b3fc58068 {
  events @0 :List(FeedEvent);
  next @1 :Int64 = -1 $P.nullable;       # what to ask from the next time
  position @2 :Int64 = -1 $P.nullable;   # the last one there was when it was asked; `next` beyond it: all was told
}

struct Record @0xed21e341b2f827fa {
  focusAreas @15 :List(Text); currentSituation @16 :Text; subject @0 :Text; collectedVia @1 :E.Collected; municipalityCode @2 :Text; ageYears @3 :Int32 = -1 $P.nullable; gender @4 :E.Gender;
  nationality @5 :Text; countryOfOrigin @6 :Text; motherTongue @7 :Text; educationLevel @8 :Text; labourStatus @9 :List(Text);
  accommodationNeed @10 :Text; expectedVersion @11 :Int64 = -1 $P.nullable; name @12 :Text; email @13 :Text; phone @14 :Text;
}
struct Assign @0xa02e2fc1705034d9 { subject @0 :Text; counsellor @1 :Text; reason @2 :Text; expectedVersion @3 :Int64 = -1 $P.nullable; }
struct Conclude @0xf5d9313c405e331c { subject @0 :Text; expectedVersion @1 :Int64 = -1 $P.nullable; }
struct Reopen @0x9b09fb84348f37e0 { subject @0 :Text; reason @1 :Text; expectedVersion @2 :Int64 = -1 $P.nullable; }
struct LogWrite @0xe9fe4a121d6d92d8 {
  subject @0 :Text; order @1 :Text; focus @2 :Text; issuesNext @3 :Text; tasksNext @4 :Text; otherPrep @5 :Text; attestNoSpecial @6 :Bool;
  supersedes @7 :Int64 = -1 $P.nullable; expectedVersion @8 :Int64 = -1 $P.nullable;
}
struct MessageAdd @0xcd20a8a66023b710 {
  subject @0 :Text; direction @1 :Text; channel @2 :E.Channel; title @3 :Text; body @4 :Text; at @5 :Int64 = P.noTime $P.time;
  expectedVersion @6 :Int64 = -1 $P.nullable;
}
struct Withdraw @0xd48cb65d557feae1 { subject @0 :Text; method @1 :E.Channel; link @2 :Text; noWait @3 :Bool; }
struct CalendarQuery @0xb28f40905f624996 {
  counsellor @0 :Text; from @1 :Text; to @2 :Text;   # local dates, both inclusive; absent: this week
  busyOnly @3 :Bool;                                 # no client data for anybody: what a feed may carry
}
struct CalendarEntry @0xfec98f6990ceed37 {
  start @0 :Int64 = P.noTime $P.time; end @1 :Int64 = P.noTime $P.time; counsellor @2 :Text; counsellorName @3 :Text; busy @4 :Bool;
  subject @5 :Text; name @6 :Text; channel @7 :E.Channel; place @8 :Text; outcome @9 :E.Outcome; number @10 :Int64 = -1 $P.nullable;
  uid @11 :Text;                         # the appointment's opaque, lasting name; says nothing of whose it is
}
struct Calendar @0x9ac6b0edaa739e2e { from @0 :Text; to @1 :Text; entries @2 :List(CalendarEntry); position @3 :Int64 = -1 $P.nullable; }
struct PlanQuery @0xd6b677c51d7734fd { at @0 :Int64 = P.noTime $P.time; }
struct PlanItem @0xc4c1c5c44dae284f { subject @0 :Text; category @1 :P.Category; due @2 :Int64 = P.noTime $P.time; rule @3 :Text; deferred @4 :Text; }
struct Plan @0xedbea759072ebc69 { at @0 :Int64 = P.noTime $P.time; items @1 :List(PlanItem); }
struct RetentionRun @0xa84bf899374ac699 { concluded @0 :UInt64; shredded @1 :UInt64; subjects @2 :UInt64; late @3 :UInt64; receipt @4 :Int64 = -1 $P.nullable; pending @5 :Bool; waitsFor @6 :Text; }
struct Shred @0xb69e3b1a6bfe6bee { subject @0 :Text; categories @1 :List(P.Category); reason @2 :E.ShredReason; decision @3 :Int64 = -1 $P.nullable; noWait @4 :Bool; }
struct ReceiptQuery @0x8f9502a3c99f359c { position @0 :Int64 = -1 $P.nullable; }
struct Receipt @0xb2ae75e5f0038a2e { position @0 :Int64 = -1 $P.nullable; receipt @1 :Text $P.json; signedText @2 :Text; }
struct AuditVerify @0xf8f75d21ca8f1cad { ok @0 :Bool; size @1 :UInt64; rootHash @2 :Text; parts @3 :UInt64; missing @4 :UInt64; }
struct Checkpoint @0xf6044600e645905b { note @0 :Text; size @1 :UInt64; rootHash @2 :Text; }
struct ProveQuery @0xcc6496fbc96b729b { position @0 :Int64 = -1 $P.nullable; }
struct Proof @0xb73fbe5576c81dad { position @0 :Int64 = -1 $P.nullable; size @1 :UInt64; leaf @2 :Text; hashes @3 :List(Text); rootHash @4 :Text; checkpoint @5 :Text; }
struct ReplayQuery @0xeb30c197554e203c { from @0 :Int64 = -1 $P.nullable; to @1 :Int64 = -1 $P.nullable; }
struct ReplayEntry @0x99cd570396b92387 { position @0 :Int64 = -1 $P.nullable; stream @1 :Text; version @2 :Int64 = -1 $P.nullable; parts @3 :List(ReplayPart); leafHash @4 :Text; }
struct ReplayPart @0xeb013cf779e215f8 { slot @0 :UInt32; epoch @1 :UInt32; state @2 :P.State; bytes @3 :UInt32; content @4 :Text $P.json; }
struct Replay @0x9f3836a70670703d { entries @0 :List(ReplayEntry); size @1 :UInt64; }
struct ReadEntry @0x8a591a777830b3ef { at @0 :Int64 = P.noTime $P.time; role @1 :E.Role; actor @2 :Text; categories @3 :List(P.Category); purpose @4 :Text; position @5 :Int64 = -1 $P.nullable; denied @6 :Bool; }
struct ReadTrace @0xee90b4d17c362a58 {
  # What a member of staff read of clients whose own read log is destroyed, without the client (docs/decisions/0011).
  month @0 :Text; role @1 :E.Role; categories @2 :List(P.Category); denied @3 :Bool; times @4 :UInt32; keptUntil @5 :Text;   # YYYY-MM; local date
}
struct ReadList @0x963ec152d03d85b1 { subject @0 :Text; count @1 :UInt64; reads @2 :List(ReadEntry); traces @3 :List(ReadTrace); }
struct KeysStatus @0x8a8c2f4a5772acc0 { generation @0 :UInt64; tier @1 :Text; rootStore @2 :Text; kseq @3 :UInt64; subjects @4 :UInt64; pending @5 :UInt64; replicas @6 :UInt32;
  replicaStates @7 :List(ReplicaView); waitsFor @8 :Text; escrowUntil @9 :Text; escrowGeneration @10 :UInt64;
}
struct ReplicaRef @0xc9ec50da74baa938 { name @0 :Text; }
struct EscrowOrder @0x930220a4f2ace1b7 { days @0 :Int32; end @1 :Bool; }
struct RootTurn @0xd8ee3fa85ffa2fcd {
  # The answer to a new root. `paper` is for the safe, and is nowhere else.
  generation @0 :UInt64; receipt @1 :Int64 = -1 $P.nullable; endsOn @2 :Text; paper @3 :Text; pending @4 :Bool; waitsFor @5 :Text;
}
struct BackupQuery @0xf1042de6363735bb { session @0 :UInt64; table @1 :Text; after @2 :Data; }   # session 0: begin
struct BackupChunk @0xb08279e1b7721c47 {
  session @0 :UInt64; rows @1 :Data; done @2 :Bool; last @3 :Data;
  current @4 :Bool;                      # the root is still the one that these keys belong to
  storeId @5 :Text; incarnation @6 :UInt32; size @7 :UInt64; checkpoint @8 :Text; generation @9 :UInt64; kseq @10 :UInt64; profile @11 :Text;
  parts @12 :UInt64;
}
struct PurgeDone @0xcde17c3a8e639059 { erased @0 :UInt64; due @1 :Int64 = P.noTime $P.time; }
struct ClockSet @0x9e2997118ab1b194 { at @0 :Int64 = P.noTime $P.time; }
struct ClockAdvance @0x917f6ecee3fbc400 { milliseconds @0 :Int64; days @1 :Int32; }   # days are local calendar days
struct ClockState @0xef9ec0243258ff41 { now @0 :Int64 = P.noTime $P.time; concluded @1 :UInt64; shredded @2 :UInt64; }
struct Explanation @0xa851d2c03a1b0924 { answers @0 :List(Text); }

struct HoldPlace @0xc31bcb8512cfeed9 { subject @0 :Text; ground @1 :E.HoldGround; reference @2 :Text; reviewDate @3 :Text; categories @4 :List(P.Category); expectedVersion @5 :Int64 = -1 $P.nullable; }
struct HoldRelease @0xa95a84c045716566 { subject @0 :Text; number @1 :Int64 = -1 $P.nullable; expectedVersion @2 :Int64 = -1 $P.nullable; }
struct Restrict @0x8e5f722639c0d78c { subject @0 :Text; ground @1 :E.RestrictionGround; categories @2 :List(P.Category); informedAt @3 :Int64 = P.noTime $P.time; expectedVersion @4 :Int64 = -1 $P.nullable; }
struct RestrictLift @0x83e4af26dcf03372 { subject @0 :Text; number @1 :Int64 = -1 $P.nullable; informedAt @2 :Int64 = P.noTime $P.time; expectedVersion @3 :Int64 = -1 $P.nullable; }

struct StatsQuery @0x97a6b5c4d3e2f11b { year @0 :Int32 = -1 $P.nullable; }
struct StatsExport @0xa4b5c6d7e8f9021c { year @0 :Int32 = -1 $P.nullable; format @1 :Text; }   # csv, json or html
struct Stats @0xbd1e2f3a4b5c6d1d {
  published @0 :E.PublishedYear; running @1 :Bool;   # running: not closed, rounded
  sha256 @2 :Text; position @3 :Int64 = -1 $P.nullable;   # of the closing
  late @4 :UInt64;             # outcomes told after it was closed, and not counted
  names @5 :List(CodeName);    # of the codes in the tables, in bokmål
}
struct CodeName @0xdf3a4b5c6d7e8f1f { table @0 :Text; code @1 :Text; name @2 :Text; }
# Whom to invite to the survey now, of those whose address the caller may read.
struct SurveyDue @0x8a4b5c6d7e8f9a20 { subject @0 :Text; email @1 :Text; since @2 :Int64 = P.noTime $P.time; }
struct SurveyList @0x9b5c6d7e8f9aab21 { due @0 :List(SurveyDue); wantsPurpose @1 :Bool; }
struct StatsFile @0xce2f3a4b5c6d7e1e { text @0 :Text; mediaType @1 :Text; }

# The rights desk. `request` is what rightsOpen answered, or the position of that event.
struct RightsOpen @0xefb0bb68a6280ad1 {
  subject @0 :Text; kind @1 :E.RightsKind; channel @2 :E.Channel; receivedAt @3 :Int64 = P.noTime $P.time; scope @4 :Text;
  categories @5 :List(P.Category); replyTo @6 :Text; expectedVersion @7 :Int64 = -1 $P.nullable;
}
struct RightsVerify @0x84384c7cbad41fda { request @0 :Text; method @1 :E.IdentityMethod; at @2 :Int64 = P.noTime $P.time; expectedVersion @3 :Int64 = -1 $P.nullable; }
struct RightsExtend @0xa8d971993ed44328 {
  request @0 :Text; ground @1 :E.ExtensionGround; reason @2 :Text; notifiedAt @3 :Int64 = P.noTime $P.time; until @4 :Text;
  expectedVersion @5 :Int64 = -1 $P.nullable;
}
struct RightsDecide @0xc284da809f6cfa63 {
  request @0 :Text; outcome @1 :E.RightsOutcome; grounds @2 :List(E.RightsGround); text @3 :Text; categories @4 :List(P.Category);
  deliveredAt @5 :Int64 = P.noTime $P.time; format @6 :Text; manifest @7 :Text; paper @8 :Text; expectedVersion @9 :Int64 = -1 $P.nullable;
}
struct RightsNotify @0x8b61f9d20c7e43a5 {
  subject @0 :Text; action @1 :E.NoticeAction;
  recipients @2 :List(Text);             # as they were named when the client agreed; none: all who must still be told of this
  at @3 :Int64 = P.noTime $P.time; expectedVersion @4 :Int64 = -1 $P.nullable;
}
struct RightsQuery @0xf58199d4f2ead570 { subject @0 :Text; open @1 :Bool; }
struct RightsView @0x9ec1b326bc9d4f64 {
  request @0 :Text; subject @1 :Text; number @2 :Int64 = -1 $P.nullable; kind @3 :E.RightsKind; state @4 :Text;   # open, verified, decided
  receivedAt @5 :Int64 = P.noTime $P.time; due @6 :Text; extended @7 :Bool; daysLeft @8 :Int32; alarm @9 :Text;   # soon, urgent, late
  outcome @10 :E.RightsOutcome; grounds @11 :List(E.RightsGround); decidedAt @12 :Int64 = P.noTime $P.time; late @13 :Bool;
  decision @14 :Int64 = -1 $P.nullable;   # its position
  position @15 :Int64 = -1 $P.nullable;   # of the request
  notify @16 :List(Text);                 # recipients who must still be told of what it led to (art. 19)
}
struct RightsList @0x9f8b0d8b323e0d0d { requests @0 :List(RightsView); }
struct RightsRef @0xac874085355875f7 { request @0 :Text; language @1 :Text; }
struct Withheld @0x9e6e47896864ca9a { category @0 :P.Category; reason @1 :Text; }
struct PackagePart @0x862438efffa279eb {
  category @0 :P.Category; position @1 :Int64 = -1 $P.nullable; at @2 :Int64 = P.noTime $P.time; type @3 :Text; role @4 :E.Role; content @5 :Text $P.json;
}
struct Package @0x99e9a94d9cd27a7a {
  # The answer to a request for access or portability: what was held when it was received, by those who may see it.
  request @0 :Text; subject @1 :Text; kind @2 :E.RightsKind; receivedAt @3 :Int64 = P.noTime $P.time; madeAt @4 :Int64 = P.noTime $P.time;
  parts @5 :List(PackagePart); categories @6 :List(CategoryView); withheld @7 :List(Withheld); labels @8 :List(FieldLabel);
  profile @9 :Text; centre @10 :Text; controller @11 :Text; processors @12 :List(Text); complaintTo @13 :Text; notice @14 :Text;
  contact @15 :Text; officer @16 :Text; noticeDate @17 :Text;   # absent: the centre's notice names none
}

struct InquiryReceive @0x8bc1b5311ae12a01 { text @0 :Text; channel @1 :E.Channel; name @2 :Text; email @3 :Text; phone @4 :Text; subject @5 :Text; }
struct InquiryAnswer @0xcfc23f1b3268de97 { subject @0 :Text; number @1 :Int64 = -1 $P.nullable; channel @2 :E.Channel; at @3 :Int64 = P.noTime $P.time; expectedVersion @4 :Int64 = -1 $P.nullable; }
struct InquiryView @0xd486031f53214efb {
  subject @0 :Text; number @1 :Int64 = -1 $P.nullable; receivedAt @2 :Int64 = P.noTime $P.time; channel @3 :E.Channel; text @4 :Text;
  answeredAt @5 :Int64 = P.noTime $P.time; name @6 :Text;
}
struct InquiryList @0xc4cd507c54e9356b { inquiries @0 :List(InquiryView); left @1 :UInt32; wantsPurpose @2 :Bool; }   # left: how many more wait their turn

struct GroupRecord @0xbbf2b92a99941651 { start @0 :Int64 = P.noTime $P.time; minutes @1 :Int32; channel @2 :E.Channel; topic @3 :Text; participants @4 :Int32 = -1 $P.nullable; }
struct GroupCorrect @0xad3ec22fac49eb22 { number @0 :Int64 = -1 $P.nullable; participants @1 :Int32 = -1 $P.nullable; cancelled @2 :Bool; }
struct GroupView @0x996fe115345ee579 {
  number @0 :Int64 = -1 $P.nullable; start @1 :Int64 = P.noTime $P.time; end @2 :Int64 = P.noTime $P.time; channel @3 :E.Channel; topic @4 :Text;
  participants @5 :Int64 = -1 $P.nullable; cancelled @6 :Bool;
}
struct GroupQuery @0xe7732c8512c1ed51 { year @0 :Int32 = -1 $P.nullable; }
struct GroupList @0xb4df74191e70fa2e { sessions @0 :List(GroupView); }

struct SlotsPublish @0x8e5a3c9b99e0a96b {
  counsellor @0 :Text; start @1 :Int64 = P.noTime $P.time; minutes @2 :Int32; channel @3 :E.Channel; place @4 :Text;
  until @5 :Text;                        # each week at the same local time, to this local date; absent: once
  count @6 :Int32 = -1 $P.nullable;      # back to back from `start`; absent: one
  expectedVersion @7 :Int64 = -1 $P.nullable;
}
struct SlotQuery @0xdd76ccfb9dd005ad { counsellor @0 :Text; from @1 :Text; to @2 :Text; taken @3 :Bool; }
struct SlotRef @0x922e759245d5cdca { slot @0 :Text; expectedVersion @1 :Int64 = -1 $P.nullable; }
struct SlotView @0xa48da6049b7c575a {
  slot @0 :Text; counsellor @1 :Text; start @2 :Int64 = P.noTime $P.time; end @3 :Int64 = P.noTime $P.time; channel @4 :E.Channel; place @5 :Text;
  taken @6 :Bool;
}
struct SlotList @0xf762e13625fec327 { from @0 :Text; to @1 :Text; slots @2 :List(SlotView); }

struct MatchView @0xee06fc87221f1507 { subject @0 :Text; existing @1 :Text; basis @2 :E.MatchBasis; name @3 :Text; }
struct MatchList @0x8d494a24076d6295 { matches @0 :List(MatchView); left @1 :UInt32; wantsPurpose @2 :Bool; }   # left: how many more wait their turn
struct MatchConfirm @0x91e53a90f815e965 { subject @0 :Text; existing @1 :Text; expectedVersion @2 :Int64 = -1 $P.nullable; }

struct ConsentGive @0xd73d46d7b738e146 { subject @0 :Text; notice @1 :Text; act @2 :E.ConsentAct; language @3 :Text; expectedVersion @4 :Int64 = -1 $P.nullable; }
struct DisclosureAllow @0xf671e43df0e63cb2 {
  subject @0 :Text; recipient @1 :Text; categories @2 :List(P.Category); purpose @3 :Text; channel @4 :E.Channel; expectedVersion @5 :Int64 = -1 $P.nullable;
}
struct DisclosureEnd @0xa3aa91e195a43246 { subject @0 :Text; number @1 :Int64 = -1 $P.nullable; channel @2 :E.Channel; expectedVersion @3 :Int64 = -1 $P.nullable; }
struct DisclosureMade @0xd50c65147dff3d78 {
  subject @0 :Text; number @1 :Int64 = -1 $P.nullable; categories @2 :List(P.Category); at @3 :Int64 = P.noTime $P.time; expectedVersion @4 :Int64 = -1 $P.nullable;
}

struct Request @0x893625309d8162e4 {
  id @0 :UInt64;              # the caller's, unique among requests in flight; echoed
  as @1 :Text;                # acting member of staff (opaque id); absent: the built-in developer with --dev, else refused
  purpose @2 :Text;           # why, where the profile asks
  requestId @3 :Text;         # idempotency key of a command; repeated: the command happens once
  atLeast @4 :Int64 = -1 $P.nullable;   # answer not before this position is applied
  link @5 :Text;              # the client's capability link, instead of `as`
  union {
    none @6 :Nothing;
    status @7 :Nothing;
    staffAdd @8 :StaffAdd;
    staffList @9 :Nothing;
    staffRevoke @10 :SubjectRef;
    formShow @11 :Nothing;
    bookingRequest @12 :BookingForm;
    bookingBook @13 :Book;
    bookingReschedule @14 :Reschedule;
    bookingCancel @15 :Cancel;
    bookingHeld @16 :Attendance;
    bookingNoShow @17 :Attendance;
    bookingCorrect @18 :Correct;
    subjectFind @19 :Find;
    subjectShow @20 :SubjectRef;
    subjectTimeline @21 :TimelineQuery;
    subjectState @22 :SubjectRef;
    subjectRecord @23 :Record;
    subjectAssign @24 :Assign;
    subjectConclude @25 :Conclude;
    subjectReopen @26 :Reopen;
    logWrite @27 :LogWrite;
    logAmend @28 :LogWrite;
    messageAdd @29 :MessageAdd;
    consentWithdraw @30 :Withdraw;
    calendarShow @31 :CalendarQuery;
    retentionPlan @32 :PlanQuery;
    retentionRun @33 :Nothing;
    shred @34 :Shred;
    receiptShow @35 :ReceiptQuery;
    auditVerify @36 :Nothing;
    auditCheckpoint @37 :Nothing;
    auditProve @38 :ProveQuery;
    auditReplay @39 :ReplayQuery;
    auditReads @40 :SubjectRef;
    keysStatus @41 :Nothing;
    devClockSet @42 :ClockSet;
    devClockAdvance @43 :ClockAdvance;
    holdPlace @44 :HoldPlace;
    holdRelease @45 :HoldRelease;
    restrictPlace @46 :Restrict;
    restrictLift @47 :RestrictLift;
    statsShow @48 :StatsQuery;
    statsClose @49 :StatsQuery;
    statsExport @50 :StatsExport;
    surveyList @51 :Nothing;
    surveySent @52 :SubjectRef;
    keysEvict @53 :ReplicaRef;
    keysAdmit @54 :ReplicaRef;
    keysRotateRoot @55 :Nothing;
    keysEscrow @56 :EscrowOrder;
    backupRead @57 :BackupQuery;
    retentionPurge @58 :Nothing;
    rightsOpen @59 :RightsOpen;
    rightsVerify @60 :RightsVerify;
    rightsExtend @61 :RightsExtend;
    rightsDecide @62 :RightsDecide;
    rightsList @63 :RightsQuery;
    rightsPackage @64 :RightsRef;
    inquiryReceive @65 :InquiryReceive;
    inquiryAnswer @66 :InquiryAnswer;
    inquiryList @67 :Nothing;
    groupRecord @68 :GroupRecord;
    groupCorrect @69 :GroupCorrect;
    groupList @70 :GroupQuery;
    slotsPublish @71 :SlotsPublish;
    slotsList @72 :SlotQuery;
    slotsWithdraw @73 :SlotRef;
    matchList @74 :Nothing;
    matchConfirm @75 :MatchConfirm;
    consentGive @76 :ConsentGive;
    consentDisclose @77 :DisclosureAllow;
    consentUndisclose @78 :DisclosureEnd;
    consentDisclosed @79 :DisclosureMade;
    rightsNotified @80 :RightsNotify;
    eventsFollow @81 :EventsQuery;
  }
}

struct Response @0xb3f3c1cf41107f60 {
  id @0 :UInt64;
  position @1 :Int64 = -1 $P.nullable;   # last position applied when this was answered
  union {
    none @2 :Nothing;
    status @3 :Status;
    staffAdd @4 :Ack;
    staffList @5 :StaffList;
    staffRevoke @6 :Ack;
    formShow @7 :Form;
    bookingRequest @8 :Ack;
    bookingBook @9 :Ack;
    bookingReschedule @10 :Ack;
    bookingCancel @11 :Ack;
    bookingHeld @12 :Ack;
    bookingNoShow @13 :Ack;
    bookingCorrect @14 :Ack;
    subjectFind @15 :FindResult;
    subjectShow @16 :SubjectView;
    subjectTimeline @17 :Timeline;
    subjectState @18 :SubjectStateView;
    subjectRecord @19 :Ack;
    subjectAssign @20 :Ack;
    subjectConclude @21 :Ack;
    subjectReopen @22 :Ack;
    logWrite @23 :Ack;
    logAmend @24 :Ack;
    messageAdd @25 :Ack;
    consentWithdraw @26 :Ack;
    calendarShow @27 :Calendar;
    retentionPlan @28 :Plan;
    retentionRun @29 :RetentionRun;
    shred @30 :Ack;
    receiptShow @31 :Receipt;
    auditVerify @32 :AuditVerify;
    auditCheckpoint @33 :Checkpoint;
    auditProve @34 :Proof;
    auditReplay @35 :Replay;
    auditReads @36 :ReadList;
    keysStatus @37 :KeysStatus;
    devClockSet @38 :ClockState;
    devClockAdvance @39 :ClockState;
    error @40 :Error;
    holdPlace @41 :Ack;
    holdRelease @42 :Ack;
    restrictPlace @43 :Ack;
    restrictLift @44 :Ack;
    statsShow @45 :Stats;
    statsClose @46 :Stats;
    statsExport @47 :StatsFile;
    surveyList @48 :SurveyList;
    surveySent @49 :Ack;
    keysEvict @50 :KeysStatus;
    keysAdmit @51 :KeysStatus;
    keysRotateRoot @52 :RootTurn;
    keysEscrow @53 :RootTurn;
    backupRead @54 :BackupChunk;
    retentionPurge @55 :PurgeDone;
    rightsOpen @56 :Ack;
    rightsVerify @57 :Ack;
    rightsExtend @58 :Ack;
    rightsDecide @59 :Ack;
    rightsList @60 :RightsList;
    rightsPackage @61 :Package;
    inquiryReceive @62 :Ack;
    inquiryAnswer @63 :Ack;
    inquiryList @64 :InquiryList;
    groupRecord @65 :Ack;
    groupCorrect @66 :Ack;
    groupList @67 :GroupList;
    slotsPublish @68 :Ack;
    slotsList @69 :SlotList;
    slotsWithdraw @70 :Ack;
    matchList @71 :MatchList;
    matchConfirm @72 :Ack;
    consentGive @73 :Ack;
    consentDisclose @74 :Ack;
    consentUndisclose @75 :Ack;
    consentDisclosed @76 :Ack;
    rightsNotified @77 :Ack;
    eventsFollow @78 :EventFeed;
  }
}
