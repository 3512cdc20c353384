@0xd1a0000000000011;
# expect: category c0 lacks a label
struct Words { nb @0 :Text; nn @1 :Text; en @2 :Text; }
struct About { words @0 :Words; dpv @1 :Text; portable @2 :Bool; special @3 :Bool; client @4 :Bool; }
annotation about(enumerant) :About;
annotation category(struct) :Category;
annotation helper(struct) :Void;
enum Category { c0 @0 $about(words = (nb = "n", en = "n"), dpv = "pd:Name"); }
struct Head $helper { at @0 :Int64; }
struct Name $category(c0) { name @0 :Text; }
struct Made { ident @0 :Name; }
struct Event { head @0 :Head; union { none @1 :Void; made @2 :Made; } }
