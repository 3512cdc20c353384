@0xd1a000000000000b;
# expect: struct Event, field made: an event must be a struct of pointers to category structs
using P = import "/eventstore/schema/privacy.capnp";
struct Head $P.helper { at @0 :Int64; }
struct Name $P.category(ident) { name @0 :Text; }
struct Event { head @0 :Head; union { none @1 :Void; made @2 :Text; } }
