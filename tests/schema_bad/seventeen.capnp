@0xd1a0000000000010;
# expect: enum Category has 17 categories
struct Words { nb @0 :Text; nn @1 :Text; en @2 :Text; }
struct About { words @0 :Words; dpv @1 :Text; portable @2 :Bool; special @3 :Bool; client @4 :Bool; }
annotation about(enumerant) :About;
annotation category(struct) :Category;
annotation helper(struct) :Void;
enum Category {
  c0 @0 $about(words = (nb = "n", nn = "n", en = "n"), dpv = "pd:Name");
  c1 @1 $about(words = (nb = "n", nn = "n", en = "n"), dpv = "pd:Name");
  c2 @2 $about(words = (nb = "n", nn = "n", en = "n"), dpv = "pd:Name");
  c3 @3 $about(words = (nb = "n", nn = "n", en = "n"), dpv = "pd:Name");
  c4 @4 $about(words = (nb = "n", nn = "n", en = "n"), dpv = "pd:Name");
  c5 @5 $about(words = (nb = "n", nn = "n", en = "n"), dpv = "pd:Name");
  c6 @6 $about(words = (nb = "n", nn = "n", en = "n"), dpv = "pd:Name");
  c7 @7 $about(words = (nb = "n", nn = "n", en = "n"), dpv = "pd:Name");
  c8 @8 $about(words = (nb = "n", nn = "n", en = "n"), dpv = "pd:Name");
  c9 @9 $about(words = (nb = "n", nn = "n", en = "n"), dpv = "pd:Name");
  c10 @10 $about(words = (nb = "n", nn = "n", en = "n"), dpv = "pd:Name");
  c11 @11 $about(words = (nb = "n", nn = "n", en = "n"), dpv = "pd:Name");
  c12 @12 $about(words = (nb = "n", nn = "n", en = "n"), dpv = "pd:Name");
  c13 @13 $about(words = (nb = "n", nn = "n", en = "n"), dpv = "pd:Name");
  c14 @14 $about(words = (nb = "n", nn = "n", en = "n"), dpv = "pd:Name");
  c15 @15 $about(words = (nb = "n", nn = "n", en = "n"), dpv = "pd:Name");
  c16 @16 $about(words = (nb = "n", nn = "n", en = "n"), dpv = "pd:Name");
}
struct Head $helper { at @0 :Int64; }
struct Name $category(c0) { name @0 :Text; }
struct Made { ident @0 :Name; }
struct Event { head @0 :Head; union { none @1 :Void; made @2 :Made; } }
