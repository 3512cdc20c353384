@0xd1a0000000000007;
# expect: struct Piece, field mail: Mail is of category email inside category ident
using P = import "/eventstore/schema/privacy.capnp";
struct Head $P.helper { at @0 :Int64; }
struct Name $P.category(ident) { name @0 :Text; pieces @1 :List(Piece); }
struct Piece $P.helper { mail @0 :Mail; }
struct Mail $P.category(email) { mail @0 :Text; }
struct Made { ident @0 :Name; }
struct Event { head @0 :Head; union { none @1 :Void; made @2 :Made; } }
