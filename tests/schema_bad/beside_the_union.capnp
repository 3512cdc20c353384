@0xd1a000000000000d;
# expect: struct Event, field note: beside its union an Event has only a $helper struct called head
using P = import "/eventstore/schema/privacy.capnp";
struct Head $P.helper { at @0 :Int64; }
struct Name $P.category(ident) { name @0 :Text; }
struct Made { ident @0 :Name; }
struct Event { head @0 :Head; note @3 :Text; union { none @1 :Void; made @2 :Made; } }
