@0xd1a0000000000001;
# expect: built
using P = import "/eventstore/schema/privacy.capnp";
struct Head $P.helper { at @0 :Int64; }
struct Name $P.category(ident) { name @0 :Text; }
struct Mail $P.category(email) { mail @0 :Text; parts @1 :List(Piece); }
struct Piece $P.helper { text @0 :Text; }
struct Receipt $P.inTheClear { number @0 :UInt64; }
struct Made { ident @0 :Name; email @1 :Mail; public @2 :Receipt; }
struct Event { head @0 :Head; union { none @1 :Void; made @2 :Made; } }
