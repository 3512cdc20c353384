@0xd1a0000000000002;
# expect: struct Made, field age has no category
using P = import "/eventstore/schema/privacy.capnp";
struct Head $P.helper { at @0 :Int64; }
struct Name $P.category(ident) { name @0 :Text; }
struct Made { ident @0 :Name; age @1 :Int16; }
struct Event { head @0 :Head; union { none @1 :Void; made @2 :Made; } }
