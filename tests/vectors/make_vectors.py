#!/usr/bin/python3
"""Writes the golden vectors of this folder with the Python reader's code, so that they owe nothing to the C++ that they test.

    make_vectors.py DIR          (into DIR; the test `format_vectors` checks that the files here are what it writes)
"""
import base64
import hashlib
import json
import pathlib
import struct
import sys

import nacl.bindings
import nacl.signing

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
import format_reader as fr  # noqa: E402
import request_mark as rm  # noqa: E402

STORE = bytes(range(16))
SEED = bytes(range(32, 64))
SIGNER = nacl.signing.SigningKey(SEED)
LOG_KEY = bytes(SIGNER.verify_key)


def numbered(label, size):
    return fr.blake2b(max(1, min(size, 64)), label.encode()).ljust(size, b"\xa5")[:size]


def seal(leaf, index, slot, epoch, key, plaintext, fresh, padded=None, commitment=None, context_index=None):
    where = index if context_index is None else context_index
    nonce = hashlib.sha256(fresh + fr.context(leaf, where, slot, epoch, bytes(24)) + plaintext).digest()[:24]
    ctx = fr.context(leaf, where, slot, epoch, nonce)
    enc, com = fr.part_keys(key, ctx)
    com = commitment or com
    text = fr.pad(plaintext) if padded is None else padded
    stored = nacl.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(text, ctx + com, nonce, enc)
    return {"slot": slot, "epoch": epoch, "nonce": nonce, "com": com, "content": fr.blake2b(32, stored)}, stored


def leaf_of(parts, position=7, stream=12, version=3):
    return {"store": STORE, "incarnation": 0x01020304, "position": position, "stream": stream, "version": version, "parts": parts}


PUBLIC = {"slot": 255, "epoch": 0, "nonce": bytes(24), "com": bytes(32), "content": fr.blake2b(32, b"public")}
SEALED = {"slot": 5, "epoch": 2, "nonce": numbered("nonce", 24), "com": numbered("com", 32), "content": numbered("content", 32)}


def leaf_vectors():
    good = fr.encode_leaf(leaf_of([SEALED, PUBLIC]))
    one = fr.encode_leaf(leaf_of([PUBLIC], position=0, stream=0, version=1))
    most = fr.encode_leaf(leaf_of([SEALED] * 16, position=2**64 - 1, stream=2**30, version=2**63))

    def patched(at, data, base=good):
        return base[:at] + data + base[at + len(data):]

    ref = fr.LEAF_HEAD.size
    public = ref + fr.PART_REF.size
    cases = [("two parts", good, "ok"), ("one public part", one, "ok"), ("sixteen parts", most, "ok"),
             ("empty", b"", "malformed"), ("head only", good[:ref], "malformed"), ("last byte missing", good[:-1], "malformed"),
             ("one byte more", good + b"\0", "malformed"), ("format 0", patched(0, b"\0"), "malformed"),
             ("format 2", patched(0, b"\x02"), "malformed"), ("no parts", one[:ref - 1] + b"\0", "malformed"),
             ("seventeen parts", fr.encode_leaf(leaf_of([SEALED] * 17)), "malformed"),
             ("part count one too many", patched(ref - 1, b"\x03"), "malformed"),
             ("version 0", fr.encode_leaf(leaf_of([SEALED], version=0)), "malformed"),
             ("slot 16", patched(ref, b"\x10"), "malformed"), ("slot 254", patched(ref, b"\xfe"), "malformed"),
             ("sealed with epoch 0", patched(ref + 1, bytes(4)), "malformed"),
             ("public with an epoch", patched(public + 1, b"\1"), "malformed"),
             ("public with a nonce", patched(public + 5, b"\1"), "malformed"),
             ("public with a com", patched(public + 29, b"\1"), "malformed")]
    return [{"name": name, "leaf": data.hex(), "expect": expect, **({"hash": fr.leaf_hash(data).hex()} if expect == "ok" else {})}
            for name, data, expect in cases]


def part_vectors():
    out = []
    other = dict(SEALED)

    def add(name, expect, plaintext, change=lambda ref, stored, key: (ref, stored, key), reseal=True, **options):
        key, fresh = numbered("key", 32), numbered(name + " fresh", 64)
        leaf = leaf_of([None, other])
        ref, stored = seal(leaf, 0, 3, 9, key, plaintext, fresh, **options)
        ref, stored, key = change(dict(ref), stored, key)
        out.append({"name": name, "expect": expect, "key": key.hex(), "random": fresh.hex(), "plaintext": plaintext.hex(),
                    "store": STORE.hex(), "incarnation": 0x01020304, "stream": 12, "version": 3, "partCount": 2, "partIndex": 0,
                    "slot": ref["slot"], "epoch": ref["epoch"], "nonce": ref["nonce"].hex(), "com": ref["com"].hex(),
                    "contentHash": ref["content"].hex(), "stored": stored.hex()})

    def flip(data, at):
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]

    def rehashed(ref, stored):
        return {**ref, "content": fr.blake2b(32, stored)}, stored

    for size in (0, 1, 255, 256, 1000, 1024):
        add(f"{size} bytes", "ok", numbered(f"plaintext {size}", size))
    text = b"the same plaintext for all that is wrong"
    add("first byte of the ciphertext", "tampered", text, lambda r, s, k: (*rehashed(r, flip(s, 0)), k))
    add("last byte of the tag", "tampered", text, lambda r, s, k: (*rehashed(r, s[:-1] + bytes([s[-1] ^ 1])), k))
    add("content hash", "tampered", text, lambda r, s, k: ({**r, "content": flip(r["content"], 31)}, s, k))
    add("nonce", "tampered", text, lambda r, s, k: ({**r, "nonce": flip(r["nonce"], 0)}, s, k))
    add("commitment", "tampered", text, lambda r, s, k: ({**r, "com": flip(r["com"], 0)}, s, k))
    add("a commitment that the seal agrees with and the key does not", "tampered", text, commitment=numbered("other com", 32))
    add("another key", "tampered", text, lambda r, s, k: (r, s, numbered("other key", 32)))
    add("another slot", "tampered", text, lambda r, s, k: ({**r, "slot": 4}, s, k))
    add("another epoch", "tampered", text, lambda r, s, k: ({**r, "epoch": 10}, s, k))
    add("sealed for another index", "tampered", text, context_index=1)
    add("cut short", "tampered", text, lambda r, s, k: (*rehashed(r, s[:-1]), k))
    add("shorter than a tag", "tampered", text, lambda r, s, k: (*rehashed(r, s[:15]), k))
    add("empty", "tampered", text, lambda r, s, k: (*rehashed(r, b""), k))
    add("padding of zeros only", "tampered", b"", padded=bytes(256))
    add("padding without its marker", "tampered", text, padded=text.ljust(256, b"\1"))
    add("padding too long", "tampered", text, padded=(text + b"\x80").ljust(512, b"\0"))
    add("padding too short", "tampered", text, padded=text + b"\x80")
    return out


def merkle_vectors():
    out, hashes = [], []
    for n in range(0, 18):
        out.append({"size": n, "root": fr.merkle_root(hashes).hex(), "frontier": [node.hex() for node in fr.frontier(hashes)]})
        hashes.append(fr.leaf_hash(struct.pack("<Q", n)))
    return out


def floor_slot(sequence, size=5, signer=SIGNER, root=None, count=None, magic=b"TAUSFL1\n"):
    hashes = [fr.leaf_hash(struct.pack("<Q", n)) for n in range(size)]
    nodes = fr.frontier(hashes)
    body = fr.FLOOR_HEAD.pack(magic, bytes(signer.verify_key), sequence, STORE, 0x01020304, 11, 13, size,
                              fr.merkle_root(hashes) if root is None else root, len(nodes) if count is None else count)
    body += b"".join(nodes)
    return (body + signer.sign(body).signature).ljust(fr.SLOT_BYTES, b"\0")


def floor_vectors():
    blank = bytes(fr.SLOT_BYTES)
    stranger = nacl.signing.SigningKey(bytes(32))
    torn = floor_slot(4)[:512] + floor_slot(2, 3)[512:]
    cases = [("blank", blank + blank, "none"), ("first write", blank + floor_slot(1), 1), ("two writes", floor_slot(2) + floor_slot(1), 2),
             ("three writes", floor_slot(2) + floor_slot(3, 6), 3), ("the newer one torn", torn[:200] + bytes(3896) + floor_slot(3), 3),
             ("an empty tree", blank + floor_slot(1, 0), 1), ("a big tree", blank + floor_slot(1, 255), 1),
             ("both damaged", torn[:200] + bytes(3896) + floor_slot(3)[:-1] + b"\1", "corrupt"),
             ("one blank, one damaged", blank + floor_slot(1)[:100] + bytes(3996), "corrupt"),
             ("signature of one bit less", blank + floor_slot(1)[:300] + bytes([floor_slot(1)[300] ^ 1]) + floor_slot(1)[301:], "corrupt"),
             ("something after the signature", blank + floor_slot(1)[:-1] + b"\1", "corrupt"),
             ("in the other slot", floor_slot(1) + blank, "corrupt"), ("sequence 0", floor_slot(0) + blank, "corrupt"),
             ("a root that is not the frontier's", blank + floor_slot(1, root=bytes(32)), "corrupt"),
             ("a frontier that is not the size's", blank + floor_slot(1, count=1), "corrupt"),
             ("another magic", blank + floor_slot(1, magic=b"TAUSFL2\n"), "corrupt"),
             ("another key", blank + floor_slot(1, signer=stranger), "tampered"),
             ("another key, older than ours", floor_slot(2) + floor_slot(1, signer=stranger), 2),
             ("too short", blank, "corrupt"), ("too long", blank + blank + b"\0", "corrupt"), ("no bytes", b"", "corrupt")]
    def content(data):  # slots without their trailing zeros, where the length is right
        half = fr.SLOT_BYTES
        return {"slots": [data[:half].rstrip(b"\0").hex(), data[half:].rstrip(b"\0").hex()]} if len(data) == 2 * half else {"bytes": len(data)}

    return [{"name": name, "key": LOG_KEY.hex(), "seed": SEED.hex(), **content(data),
             **({"expect": "ok", "sequence": expect} if isinstance(expect, int) else {"expect": expect})} for name, data, expect in cases]


def checkpoint_vectors():
    origin = "taus/" + STORE.hex() + "/01020304"
    root = fr.merkle_root([fr.leaf_hash(struct.pack("<Q", n)) for n in range(5)])

    def signature(body, name=origin, signer=SIGNER):
        key_id = fr.sha256(name.encode() + b"\n\x01" + bytes(signer.verify_key))[:4]
        return f"\u2014 {name} {base64.b64encode(key_id + signer.sign(body.encode()).signature).decode()}\n"

    def note(size="5", hash_text=base64.b64encode(root).decode(), extra="", name=origin):
        body = f"{name}\n{size}\n{hash_text}\n{extra}"
        return body + "\n" + signature(body, name)

    good = note()
    stranger = nacl.signing.SigningKey(bytes(32))
    body = good[:good.index("\n\n") + 1]
    other = "taus/" + bytes(16).hex() + "/01020304"
    cases = [("good", good, "ok"), ("with a witness", good + signature(body, "witness.example", stranger), "ok"),
             ("size 0", note("0", base64.b64encode(fr.sha256(b"")).decode()), "ok"),
             ("size changed", good.replace("\n5\n", "\n6\n"), "tampered"), ("of another store", note(name=other), "tampered"),
             ("signed by a stranger", body + "\n" + signature(body, origin, stranger), "tampered"),
             ("no signature", body + "\n", "tampered"), ("empty", "", "malformed"), ("no blank line", body, "malformed"),
             ("leading zero", note("05"), "malformed"), ("negative", note("-5"), "malformed"), ("size too big", note(str(2**64)), "malformed"),
             ("short root", note(hash_text=base64.b64encode(root[:31]).decode()), "malformed"), ("root without padding", note(hash_text=base64.b64encode(root).decode().rstrip("=")), "malformed"),
             ("a line more", note(extra="extension\n"), "malformed"), ("no line feed at the end", good[:-1], "malformed"),
             ("signature without its dash", good.replace("\u2014", "-"), "malformed")]
    return [{"name": name, "origin": origin, "key": LOG_KEY.hex(), "seed": SEED.hex(), "note": text.encode().hex(), "size": 5 if name != "size 0" else 0,
             "expect": expect} for name, text, expect in cases]


def page_row(key, value="", size=None):
    """One row of a page. A value is words of hex, `xx*n` for a byte n times: pages are long."""
    return f"{len(key):02x} {key.hex()} {struct.pack('<I', len(fr.words(value)) if size is None else size).hex()} {value}".strip()


def page_vectors():
    k = [struct.pack(">Q", n) for n in range(8)]
    short, most = "0102 03", fr.PAGE_BYTES
    full = f"a5*{most - 13}"  # with its key and the two lengths exactly so many bytes
    three = " ".join([page_row(k[1], "aa"), page_row(k[2]), page_row(k[3] + b"\1", short)])
    reads = [("one row", page_row(k[0], short), [(k[0], short)]), ("three rows, keys and values of any length", three,
             [(k[1], "aa"), (k[2], ""), (k[3] + b"\1", short)]),
             ("the longest key", page_row(b"\7" * 255, "aa"), [(b"\7" * 255, "aa")]),
             ("a row alone may be longer than a page", page_row(k[0], f"5a*{3 * most}"), [(k[0], f"5a*{3 * most}")])]
    out = [{"name": name, "page": page, "expect": "ok", "rows": [{"key": key.hex(), "value": value} for key, value in rows]}
           for name, page, rows in reads]
    cuts = [("a key length and nothing", "08"), ("within the key", "08 000000"), ("before the value's length", "08 " + k[4].hex()),
            ("within the value's length", "08 " + k[4].hex() + " 030000"), ("within the value", page_row(k[4], "0102", 3)),
            ("a value longer than memory", page_row(k[4], "0102", 2**32 - 1)), ("big-endian lengths", "08 " + k[4].hex() + " 00000002 0102")]
    out += [{"name": f"cut {name}", "page": page, "expect": "corrupt"} for name, page in cuts]
    out += [{"name": f"a row, then cut {name}", "page": page_row(k[3], short) + " " + page, "expect": "corrupt"} for name, page in cuts]

    def write(name, had, changes, pages):
        """`had`, `pages`: name of the page and its rows; `changes`: a value, or None for an erasure."""
        def listed(some):
            return [{"key": key.hex(), "page": " ".join(page_row(*row) for row in rows)} for key, rows in some]
        end = had[-1][1][-1][0] if had else None
        out.append({"name": name, "had": listed(had), **({"last": end.hex()} if end else {}),
                    "changes": [{"key": key.hex(), **({} if value is None else {"value": value})} for key, value in changes],
                    "pages": listed(pages)})

    rows = [(k[n], f"{n:02x}{n:02x}") for n in range(8)]
    write("rows of one commit share a page", [], rows[:3], [(k[0], rows[:3])])
    write("the next commit begins a page of its own", [(k[0], rows[:3])], rows[3:5], [(k[0], rows[:3]), (k[3], rows[3:5])])
    write("a page is full with 16,384 bytes", [], [(k[0], full), (k[1], ""), (k[2], "07")], [(k[0], [(k[0], full), (k[1], "")]), (k[2], [(k[2], "07")])])
    write("what would make it longer goes behind it", [], [(k[0], "07"), (k[1], full), rows[2]], [(k[0], [(k[0], "07")]), (k[1], [(k[1], full)]), (k[2], rows[2:3])])
    write("an erasure leaves the others and the page's key", [(k[0], rows[:3]), (k[3], rows[3:5])], [(k[0], None), (k[4], None)],
          [(k[0], rows[1:3]), (k[3], rows[3:4])])
    write("the last row takes the page with it", [(k[0], rows[:2]), (k[2], rows[2:4])], [(k[0], None), (k[1], None)], [(k[2], rows[2:4])])
    write("what is not there is erased without a trace", [(k[2], rows[2:4])], [(k[0], None), (k[5], None)], [(k[2], rows[2:4])])
    return out


def request_vectors():
    """A store whose every random byte is 42, so that all its keys are known: K_req, and that of every part."""
    key, day = b"\x2a" * 32, 20781
    asked = [("desk", "r-1", numbered("asked", 16), [4]), ("desk", "r-2", numbered("asked", 16), [1, 2]), ("portal", "r-1", bytes(16), [0])]
    written, row, offset = [], struct.pack("<I", day), 0
    for principal, name, content, parts in asked:
        id = fr.blake2b(16, principal.encode() + b"\0" + name.encode(), key)
        mark = rm.mark_of(id, content, [key] * sum(parts) or [key])
        row += id + struct.pack("<IB", offset, len(parts)) + mark
        written.append({"principal": principal, "request": name, "content": content.hex(), "parts": parts, "id": id.hex(), "offset": offset,
                        "mark": mark.hex()})
        offset += len(parts)
    whole = {"name": "three requests of one commit", "expect": "ok", "day": day, "position": 0, "key": bytes(8).hex(), "row": row.hex(), "requests": written}
    later = {**whole, "name": "of a later commit", "position": 0x0102030405, "key": "0000000102030405"}
    cut = [("the day cut short", 8, row[:3]), ("nothing", 8, b""), ("a request cut in its id", 8, row[:19]), ("a request cut in its mark", 8, row[:-1]),
           ("a byte behind", 8, row + b"\0"), ("a key of seven bytes", 7, row), ("a key of nine bytes", 9, row)]
    return [whole, later] + [{"name": name, "expect": "corrupt", "key": bytes(size).hex(), "row": data.hex()} for name, size, data in cut]


def main():
    folder = pathlib.Path(sys.argv[1])
    for name, vectors in (("leaf", leaf_vectors()), ("part", part_vectors()), ("merkle", merkle_vectors()), ("floor", floor_vectors()),
                          ("checkpoint", checkpoint_vectors()), ("page", page_vectors()), ("requests", request_vectors())):
        (folder / f"{name}.json").write_text(json.dumps(vectors, indent=1) + "\n")


if __name__ == "__main__":
    main()
