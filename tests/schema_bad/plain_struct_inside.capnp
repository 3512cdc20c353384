@0xd1a0000000000008;
# expect: struct Name, field note: Note inside category ident is neither $helper nor of the same category
using P = import "/eventstore/schema/privacy.capnp";
struct Head $P.helper { at @0 :Int64; }
struct Name $P.category(ident) { name @0 :Text; note @1 :Note; }
struct Note { text @0 :Text; }
struct Made { ident @0 :Name; }
struct Event { head @0 :Head; union { none @1 :Void; made @2 :Made; } }
