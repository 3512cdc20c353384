@0xb9a3f2c1d4e57801;
# What a data category is, declared once. The plugin (eventstore/schema/plugin) turns these annotations into constexpr
# tables and refuses to build a schema in which an event carries a field without a category.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("taus::schema");

struct Words @0x9335408ef5e8f53b {
  # A label in the three languages of a centre's answers.
  nb @0 :Text;
  nn @1 :Text;
  en @2 :Text;
}

struct About @0xaecd1d80c7d4f508 {
  # What the law and the access package need to know of a category.
  words @0 :Words;
  dpv @1 :Text;          # term of https://w3id.org/dpv/pd# or dpv#
  portable @2 :Bool;     # art. 20: provided by the person
  special @3 :Bool;      # art. 9
  client @4 :Bool;       # one of a client's own categories (conclusion and cap rules speak of these)
}

annotation about @0x8fc68f0f51b1eb56 (enumerant) :About;
annotation category @0x9a727e4600f2cafc (struct) :Category;  # the type is the category: every field below it belongs to it
annotation helper @0xc1ceda681070cd4e (struct) :Void;        # has no category of its own: only for use inside category structs
annotation inTheClear @0xef7465ee837b835a (struct) :Void;    # a public part: no personal data, no free text, local date only
annotation label @0xb0db5b8adb89a7df (field) :Words;
annotation time @0xbe5cbbc80419823c (field) :Void;           # Int64 milliseconds since 1970 UTC, noTime = absent; RFC 3339 in JSON
annotation nullable @0xa715963e0c23df82 (field) :Void;       # a number whose default means absent; null in JSON
annotation reference @0xe7b7166ec6018b00 (field) :Void;      # UInt64 ordinal of a subject or member of staff, 0 = absent; opaque id in JSON
annotation json @0xacd865dfd4c158c6 (field) :Void;           # Text that is itself a JSON document; embedded as such in JSON

const noTime :Int64 = -9223372036854775808;

enum Category @0xd16e2d7ddad2e348 {
  # Order is the category number in node permutations' *values*; never renumber. 16 at most.
  ident @0 $about(words = (nb = "Navn", nn = "Namn", en = "Name"), dpv = "pd:Name", portable = true, client = true);
  email @1 $about(words = (nb = "E-postadresse", nn = "E-postadresse", en = "E-mail address"), dpv = "pd:EmailAddress", portable = true, client = true);
  phone @2 $about(words = (nb = "Telefonnummer", nn = "Telefonnummer", en = "Telephone number"), dpv = "pd:TelephoneNumber", portable = true, client = true);
  demog @3 $about(words = (nb = "Bakgrunnsopplysninger", nn = "Bakgrunnsopplysningar", en = "Background facts"), dpv = "pd:Demographic", portable = true, client = true);
  special @4 $about(words = (nb = "Behov for tilrettelegging", nn = "Behov for tilrettelegging", en = "Need for accommodation"), dpv = "pd:Disability", special = true, client = true);
  intake @5 $about(words = (nb = "Bestillingen din", nn = "Bestillinga di", en = "Your request"), dpv = "pd:Interest", portable = true, client = true);
  case @6 $about(words = (nb = "Veiledningslogg", nn = "Rettleiingslogg", en = "Guidance log"), dpv = "pd:ProfessionalEvaluation", client = true);
  corr @7 $about(words = (nb = "Korrespondanse", nn = "Korrespondanse", en = "Correspondence"), dpv = "pd:Communication", portable = true, client = true);
  appt @8 $about(words = (nb = "Timer", nn = "Timar", en = "Appointments"), dpv = "pd:ServiceConsumptionBehavior", portable = true, client = true);
  consent @9 $about(words = (nb = "Samtykke", nn = "Samtykke", en = "Consent"), dpv = "dpv:ConsentRecord", portable = true);
  rights @10 $about(words = (nb = "Rettighetskrav", nn = "Rettskrav", en = "Rights requests"), dpv = "dpv:RightExerciseRecord");
  copy @11 $about(words = (nb = "Kopi til deg", nn = "Kopi til deg", en = "Copy for you"), dpv = "dpv:PersonalData");
  audit @12 $about(words = (nb = "Innsynslogg", nn = "Innsynslogg", en = "Record of who looked"), dpv = "dpv:RecordManagement");
  job @13 $about(words = (nb = "Jobbsøknad", nn = "Jobbsøknad", en = "Job application"), dpv = "pd:ProfessionalHistory", portable = true);
  staff @14 $about(words = (nb = "Ansattopplysninger", nn = "Opplysningar om tilsette", en = "Staff record"), dpv = "pd:CurrentEmployment");
  centre @15 $about(words = (nb = "Senteret", nn = "Senteret", en = "The centre"), dpv = "dpv:NonPersonalData");
}

enum State @0x8858be5833b35f12 {
  # The four answers that a read of a part can give (distinct on the wire and in exit codes).
  present @0;
  shredded @1;
  withheld @2;
  unavailable @3;
  empty @4;      # present, and nothing was given: there is no such content
}
