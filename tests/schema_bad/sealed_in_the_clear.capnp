@0xd1a0000000000009;
# expect: struct Receipt, field name: Name is of category ident inside the clear
using P = import "/eventstore/schema/privacy.capnp";
struct Head $P.helper { at @0 :Int64; }
struct Name $P.category(ident) { name @0 :Text; }
struct Receipt $P.inTheClear { name @0 :Name; }
struct Made { public @0 :Receipt; }
struct Event { head @0 :Head; union { none @1 :Void; made @2 :Made; } }
