@0xd1a000000000000f;
# expect: struct Made, field second: Name is already in field first
using P = import "/eventstore/schema/privacy.capnp";
struct Head $P.helper { at @0 :Int64; }
struct Name $P.category(ident) { name @0 :Text; }
struct Made { first @0 :Name; second @1 :Name; }
struct Event { head @0 :Head; union { none @1 :Void; made @2 :Made; } }
