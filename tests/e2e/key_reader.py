"""The key tree, read from what lies on a disk. Written from docs/format/keys.md alone, for adversaries in tests.

    rows = {(key, value), ...} of the table `keys`, of any number of moments together
    reachable(store_id, rows, roots) -> {(subject, slot, epoch, key)}
"""
import hashlib
import struct

import nacl.bindings
import nacl.exceptions

SUBJECT_LEVEL = 5
WHOLE_RECORD, SLOT_BYTES = 120, 4096
DELTA_BYTES = 1 << 20


def blake2b(size, message, key):
    return hashlib.blake2b(message, digest_size=size, key=key).digest()


def version_of(key):
    return blake2b(8, b"taus/kver/1", key)


def key_id(key):
    return blake2b(32, b"taus/kid/1", key)


def root_records(slots):
    """[(generation, root key)] of a root file; what is empty or torn is left out."""
    out = []
    for place in range(2):
        record = slots[place * SLOT_BYTES:place * SLOT_BYTES + WHOLE_RECORD]
        if record[:8] == b"TAUSRT1\0" and blake2b(16, record[:-16], b"taus/root/1") == record[-16:]:
            out.append((struct.unpack_from("<Q", record, 24)[0], record[40:72]))
    return out


def delta_rows(data):
    """Rows that the delta file writes, of both its places."""
    out = set()
    for place in range(2):
        delta = data[place * DELTA_BYTES:(place + 1) * DELTA_BYTES]
        if delta[:8] != b"TAUSDL1\0":
            continue
        size = struct.unpack_from("<I", delta, 24)[0]
        body = delta[28:28 + size]
        if blake2b(32, delta[:28 + size], b"") != delta[28 + size:60 + size]:
            continue
        at = 4
        for _ in range(struct.unpack_from("<I", body)[0]):
            length = struct.unpack_from("<H", body, at)[0]
            key, written = body[at + 2:at + 2 + length], body[at + 2 + length]
            at += 3 + length
            if written:
                length = struct.unpack_from("<I", body, at)[0]
                out.add((key, body[at + 4:at + 4 + length]))
                at += 4 + length
    return out


def open_node(store_id, row_key, value, key):
    """The plaintext of a node row, or None where this key does not open it."""
    if value[0] != 1:
        return None
    level, index, version = row_key[1], struct.unpack_from(">Q", row_key, 2)[0], row_key[10:18]
    generation, nonce = value[1:9], value[9:33]
    context = b"taus/kn/1" + store_id + bytes([level]) + struct.pack("<Q", index) + version + generation
    try:
        return nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(value[33:], context, nonce, key)
    except nacl.exceptions.CryptoError:
        return None


def keys_from(plain, at, present):
    """[(number of the bit, key)] for the bits that are set."""
    bits = [bit for bit in range(64) if present >> bit & 1]
    return [(bit, plain[at + 32 * i:at + 32 * i + 32]) for i, bit in enumerate(bits)]


def reachable(store_id, rows, roots, nodes=None):
    """Everything that follows from these root keys and all rows ever written: {(subject, slot, epoch, key)}. The keys on the way go into
    the set `nodes`."""
    by_version = {}
    for key, value in rows:
        if key[:1] == b"N":
            by_version.setdefault(key[10:18], []).append((key, value))
    found, known, fresh = set(), set(roots), list(roots)
    while fresh:
        key = fresh.pop()
        for row_key, value in by_version.get(version_of(key), ()):
            plain = open_node(store_id, row_key, value, key)
            if plain is None:
                continue
            if row_key[1] < SUBJECT_LEVEL:
                children = [child for _, child in keys_from(plain, 8, struct.unpack_from("<Q", plain)[0])]
                fresh += [child for child in children if child not in known]
                known.update(children)
            else:
                subject = struct.unpack_from(">Q", row_key, 2)[0]
                epochs = struct.unpack_from("<16I", plain, 10)
                for slot, leaf in keys_from(plain, 74, struct.unpack_from("<H", plain, 8)[0]):
                    found.add((subject, slot, epochs[slot], leaf))
    if nodes is not None:
        nodes.update(known)
    return found


def anywhere(keys, data, form=bytes):
    """Those of the keys whose beginning, in this form, stands anywhere in the bytes: all alignments at once, however many keys there are."""
    needles = {struct.unpack("<Q", form(key)[:8])[0]: key for key in keys}
    return {needles[hit] for at in range(min(8, max(0, len(data) - 7)))
            for hit in needles.keys() & set(struct.unpack_from("<%dQ" % ((len(data) - at) // 8), data, at))}


def destroyed(rows):
    """{key id: (subject, slot, epoch)} of what the commit rows, and the chunks beside them, say was destroyed."""
    out = {}
    finished = {key[1:9] for key, _ in rows if key[:1] == b"C" and len(key) == 9}
    for key, value in rows:
        if key[:1] == b"C" and len(key) == 9:
            at = 10
        elif key[:1] == b"D" and len(key) == 17 and key[1:9] in finished:
            at = 1
        else:
            continue
        count = struct.unpack_from("<I", value, at)[0]
        at += 4
        for _ in range(count):
            out[value[at + 13:at + 45]] = struct.unpack_from("<QBI", value, at)
            at += 45
    return out


def read_copy(data):
    """docs/format/copies.md -> (table number, number of the last batch, [(key, value or None)] in order). ValueError: not whole."""
    if data[:8] != b"TAUSCP1\0" or len(data) < 29:
        raise ValueError("no copy")
    chain, at, written, kseq, base = blake2b(32, data[:29], b""), 29, [], None, 0
    while at < len(data):
        if at + 41 > len(data):
            break
        size, kind = struct.unpack_from("<QB", data, at)
        if at + 41 + size > len(data):
            break
        frame_and_body, check = data[at:at + 9 + size], data[at + 9 + size:at + 41 + size]
        chain = blake2b(32, chain + frame_and_body, b"")
        if check != chain:
            raise ValueError("changed at byte %d" % at)
        body = frame_and_body[9:]
        if kind == 1:
            written += _rows(body, 0)
        elif kind == 2:
            kseq, base = struct.unpack("<QQ", body)
            if base != len(written):
                raise ValueError("rows of the base are missing")
        else:
            first, last = struct.unpack_from("<QQ", body)
            if first != kseq + 1:
                raise ValueError("a batch is missing")
            kseq = last
            written += _rows(body, 16)
        at += 41 + size
    if kseq is None:
        raise ValueError("ends within its base")
    return data[8], kseq, written


def _rows(body, at):
    out = []
    count = struct.unpack_from("<I", body, at)[0]
    at += 4
    for _ in range(count):
        length = struct.unpack_from("<H", body, at)[0]
        key, here = body[at + 2:at + 2 + length], body[at + 2 + length]
        at += 3 + length
        value = None
        if here:
            length = struct.unpack_from("<I", body, at)[0]
            value = body[at + 4:at + 4 + length]
            at += 4 + length
        out.append((key, value))
    return out


def present(written):
    """What rows are there after all of these were written or erased: {key: value}."""
    out = {}
    for key, value in written:
        if value is None:
            out.pop(key, None)
        else:
            out[key] = value
    return out
