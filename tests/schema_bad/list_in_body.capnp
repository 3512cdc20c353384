@0xd1a0000000000004;
# expect: struct Made, field names has no category
using P = import "/eventstore/schema/privacy.capnp";
struct Head $P.helper { at @0 :Int64; }
struct Name $P.category(ident) { name @0 :Text; }
struct Made { names @0 :List(Name); }
struct Event { head @0 :Head; union { none @1 :Void; made @2 :Made; } }
