@0xd1a000000000000e;
# expect: struct Event, field made: Made touches no category
using P = import "/eventstore/schema/privacy.capnp";
struct Head $P.helper { at @0 :Int64; }
struct Name $P.category(ident) { name @0 :Text; }
struct Made {}
struct Event { head @0 :Head; union { none @1 :Void; made @2 :Made; } }
