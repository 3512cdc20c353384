@0xd1a000000000000a;
# expect: struct Name, field any: a field of category ident must have a type of its own
using P = import "/eventstore/schema/privacy.capnp";
struct Head $P.helper { at @0 :Int64; }
struct Name $P.category(ident) { any @0 :AnyPointer; }
struct Made { ident @0 :Name; }
struct Event { head @0 :Head; union { none @1 :Void; made @2 :Made; } }
