@0xd1a0000000000005;
# expect: struct Made, field note has no category: give struct Note its $category
using P = import "/eventstore/schema/privacy.capnp";
struct Head $P.helper { at @0 :Int64; }
struct Name $P.category(ident) { name @0 :Text; }
struct Note { text @0 :Text; }
struct Made { ident @0 :Name; note @1 :Note; }
struct Event { head @0 :Head; union { none @1 :Void; made @2 :Made; } }
