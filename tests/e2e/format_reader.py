#!/usr/bin/python3
"""Reads a store of taus. Written from docs/FORMAT.md alone, as a second implementation that the first is checked against.

    format_reader.py --dump taus-dump --store DIR/data --floor FILE --key HEX|FILE     checks everything, prints a summary as JSON
                     [--open POSITION INDEX KEYHEX]...                                 and opens these parts
"""
import argparse
import hashlib
import hmac
import json
import pathlib
import struct
import subprocess
import sys

import nacl.bindings
import nacl.exceptions
import nacl.signing

FORMAT = 1  # of leaves and contexts
STORE_FORMAT = 2
PAGED = ("leaf", "part")
PUBLIC = 255
LEAF_HEAD = struct.Struct("<B16sIQQQB")
PART_REF = struct.Struct("<BI24s32s32s")
FLOOR_HEAD = struct.Struct("<8s32sQ16sIQQQ32sB")
SLOT_BYTES = 4096
PAGE_BYTES = 16384


class Refused(Exception):
    """The store is corrupt or was tampered with."""


def need(condition, what):
    if not condition:
        raise Refused(what)


def blake2b(size, message, key=b""):
    return hashlib.blake2b(message, digest_size=size, key=key).digest()


def sha256(message):
    return hashlib.sha256(message).digest()


# Leaves


def decode_leaf(value):
    need(len(value) >= LEAF_HEAD.size, "leaf is too short")
    fmt, store, incarnation, position, stream, version, count = LEAF_HEAD.unpack_from(value)
    need(fmt == FORMAT, "leaf of another format")
    need(1 <= count <= 16, "leaf with an impossible number of parts")
    need(len(value) == LEAF_HEAD.size + count * PART_REF.size, "leaf of a wrong length")
    need(version >= 1, "leaf with version 0")
    parts = []
    for i in range(count):
        slot, epoch, nonce, com, content = PART_REF.unpack_from(value, LEAF_HEAD.size + i * PART_REF.size)
        if slot == PUBLIC:
            need(epoch == 0 and not any(nonce) and not any(com), "public part with an epoch, nonce or com")
        else:
            need(slot <= 15 and epoch >= 1, "sealed part with an impossible slot or epoch")
        parts.append({"slot": slot, "epoch": epoch, "nonce": nonce, "com": com, "content": content})
    return {"store": store, "incarnation": incarnation, "position": position, "stream": stream, "version": version, "parts": parts}


def encode_leaf(leaf):
    out = LEAF_HEAD.pack(FORMAT, leaf["store"], leaf["incarnation"], leaf["position"], leaf["stream"], leaf["version"], len(leaf["parts"]))
    for p in leaf["parts"]:
        out += PART_REF.pack(p["slot"], p["epoch"], p["nonce"], p["com"], p["content"])
    return out


def leaf_hash(value):
    return sha256(b"\x00" + value)


# Parts


def context(leaf, index, slot, epoch, nonce):
    return struct.pack("<B16sIQQBBBI24s", FORMAT, leaf["store"], leaf["incarnation"], leaf["stream"], leaf["version"],
                       len(leaf["parts"]), index, slot, epoch, nonce)


def part_keys(key, ctx):
    okm = blake2b(64, b"taus/evt/1" + blake2b(32, ctx), key)
    return okm[:32], okm[32:]


def padded_bytes(size):
    n = size + 1
    if n <= 256:
        return 256
    e = n.bit_length() - 1
    s = e.bit_length()
    unit = 1 << (e - s)
    return (n + unit - 1) // unit * unit


def pad(plaintext):
    return (plaintext + b"\x80").ljust(padded_bytes(len(plaintext)), b"\0")


def unpad(padded):
    text = padded.rstrip(b"\0")
    need(text.endswith(b"\x80"), "padding without its marker")
    need(padded_bytes(len(text) - 1) == len(padded), "padding of a wrong size")
    return text[:-1]


def open_part(leaf, index, stored, key):
    ref = leaf["parts"][index]
    need(blake2b(32, stored) == ref["content"], "content hash")
    if ref["slot"] == PUBLIC:
        return stored
    ctx = context(leaf, index, ref["slot"], ref["epoch"], ref["nonce"])
    enc, com = part_keys(key, ctx)
    need(hmac.compare_digest(com, ref["com"]), "com")
    try:
        padded = nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(stored, ctx + com, ref["nonce"], enc)
    except nacl.exceptions.CryptoError:
        raise Refused("tag") from None
    return unpad(padded)


# Merkle tree


def merkle_root(hashes):
    if not hashes:
        return sha256(b"")
    if len(hashes) == 1:
        return hashes[0]
    k = 1 << ((len(hashes) - 1).bit_length() - 1)
    return sha256(b"\x01" + merkle_root(hashes[:k]) + merkle_root(hashes[k:]))


def frontier(hashes):
    out, at = [], 0
    for bit in reversed(range(len(hashes).bit_length())):
        if len(hashes) >> bit & 1:
            out.append(merkle_root(hashes[at:at + (1 << bit)]))
            at += 1 << bit
    return out


def root_of_frontier(nodes):
    if not nodes:
        return sha256(b"")
    out = nodes[-1]
    for node in reversed(nodes[:-1]):
        out = sha256(b"\x01" + node + out)
    return out


# Floor


def decode_slot(slot, place, log_key):
    """The record, "blank" or "damaged"."""
    if not any(slot):
        return "blank"
    magic, key, sequence, store, incarnation, kseq, generation, size, root, count = FLOOR_HEAD.unpack_from(slot)
    end = FLOOR_HEAD.size + 32 * count
    if magic != b"TAUSFL1\n" or key != log_key or end + 64 > SLOT_BYTES:
        return "damaged"
    nodes = [slot[FLOOR_HEAD.size + 32 * i:FLOOR_HEAD.size + 32 * (i + 1)] for i in range(count)]
    try:
        nacl.signing.VerifyKey(log_key).verify(slot[:end], slot[end:end + 64])
    except nacl.exceptions.BadSignatureError:
        return "damaged"
    if any(slot[end + 64:]) or sequence == 0 or sequence % 2 != place or count != bin(size).count("1"):
        return "damaged"
    if root_of_frontier(nodes) != root:
        return "damaged"
    return {"sequence": sequence, "store": store, "incarnation": incarnation, "kseq": kseq, "generation": generation,
            "size": size, "root": root, "frontier": nodes}


def decode_floor(data, log_key):
    need(len(data) == 2 * SLOT_BYTES, "floor file of a wrong length")
    slots = [decode_slot(data[i * SLOT_BYTES:(i + 1) * SLOT_BYTES], i, log_key) for i in range(2)]
    good = [s for s in slots if isinstance(s, dict)]
    if good:
        return max(good, key=lambda s: s["sequence"])
    need(slots == ["blank", "blank"], "no slot of the floor is good")
    return None


# The store


def read_rows(dump, store):
    """All rows, by column family: {name: [(key, value)]} in key order."""
    tables = {name: [] for name in ("leaf", "part", "keys", "dedupe", "meta")}
    output = subprocess.run([dump, str(store / "db")], check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in output.splitlines():
        table, key, value = line.split(" ")
        key, value = bytes.fromhex(key), bytes.fromhex(value)
        rows = unpack_page(key, value) if table in PAGED else [(key, value)]
        need(not rows or not tables[table] or tables[table][-1][0] < rows[0][0], "pages that overlap")
        tables[table] += rows
    return tables


def words(text):
    """Bytes as the golden vectors write them: words of hex, `xx*n` for a byte n times."""
    return b"".join(bytes.fromhex(word.partition("*")[0]) * int(word.partition("*")[2] or 1) for word in text.split())


def unpack_page(name, page):
    """The rows of one page, in order."""
    rows, at = [], 0
    while at < len(page):
        key = page[at + 1:at + 1 + page[at]]
        at += 1 + page[at]
        need(at + 4 <= len(page), "a page that ends within a row")
        size, = struct.unpack_from("<I", page, at)
        value = page[at + 4:at + 4 + size]
        at += 4 + size
        need(at <= len(page), "a page that ends within a row")
        need(key > rows[-1][0] if rows else key >= name, "rows of a page out of order")
        rows.append((key, value))
    return rows


def check_store(tables, floor):
    meta = dict(tables["meta"])
    need(b"store" in meta and len(meta[b"store"]) >= 21, "no row about the store")
    store, incarnation, fmt = struct.unpack_from("<16sIB", meta[b"store"])
    need(fmt == STORE_FORMAT, "store of another format")
    eras = [struct.unpack_from("<QI", meta[b"eras"], at) for at in range(0, len(meta[b"eras"]), 12)] if b"eras" in meta else [(0, incarnation)]
    need(eras[0][0] == 0 and eras == sorted(eras, key=lambda era: era[0]) and eras[-1][1] == incarnation, "eras that make no sense")
    leaves, hashes, versions = [], [], {}
    for number, (key, value) in enumerate(tables["leaf"]):
        need(key == struct.pack(">Q", number), f"position {number} is missing")
        leaf = decode_leaf(value)
        need(leaf["position"] == number, f"position {number} says another")
        era = [era for era in eras if era[0] <= number][-1]
        need((leaf["store"], leaf["incarnation"]) == (store, era[1]), f"position {number} is of another store")
        if number == era[0] > 0:
            need(leaf["stream"] == 0 and [part["slot"] for part in leaf["parts"]] == [PUBLIC], f"position {number} tells of no restore")
        versions[leaf["stream"]] = versions.get(leaf["stream"], 0) + 1
        need(leaf["version"] == versions[leaf["stream"]], f"position {number} has a wrong version")
        leaves.append(leaf)
        hashes.append(leaf_hash(value))
    if floor is None:
        need(not leaves, "entries without a floor")
    else:
        need((floor["store"], floor["incarnation"]) == (store, incarnation), "floor of another store")
        need(len(leaves) >= floor["size"], "fewer entries than the floor has")
        below = hashes[:floor["size"]]
        need(frontier(below) == floor["frontier"] and merkle_root(below) == floor["root"], "entries that the floor does not know")
    parts = {}
    for key, value in tables["part"]:
        need(len(key) == 9, "part row of a wrong key")
        position, index = struct.unpack(">QB", key)
        need(position < len(leaves) and index < len(leaves[position]["parts"]), "part without its leaf")
        need(blake2b(32, value) == leaves[position]["parts"][index]["content"], f"part {position}/{index} does not fit its leaf")
        parts[position, index] = value
    return {"store": store, "incarnation": incarnation, "profile": meta[b"store"][21:].decode(), "leaves": leaves, "hashes": hashes,
            "streams": len(versions), "parts": parts}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dump", required=True)
    parser.add_argument("--store", required=True, type=pathlib.Path)
    parser.add_argument("--floor", required=True, type=pathlib.Path)
    parser.add_argument("--key", required=True)
    parser.add_argument("--open", action="append", nargs=3, default=[], metavar=("POSITION", "INDEX", "KEYHEX"))
    args = parser.parse_args()
    key_text = pathlib.Path(args.key).read_text().strip() if "/" in args.key else args.key
    try:
        floor = decode_floor(args.floor.read_bytes(), bytes.fromhex(key_text))
        state = check_store(read_rows(args.dump, args.store), floor)
        opened = []
        for position, index, key in args.open:
            place = int(position), int(index)
            need(place in state["parts"], "no such part")
            opened.append(open_part(state["leaves"][place[0]], place[1], state["parts"][place], bytes.fromhex(key)).hex())
    except Refused as why:
        print(f"refused: {why}", file=sys.stderr)
        return 9
    print(json.dumps({"store": state["store"].hex(), "profile": state["profile"], "size": len(state["leaves"]),
                      "root": merkle_root(state["hashes"]).hex(), "streams": state["streams"], "parts": len(state["parts"]),
                      "opened": opened}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
