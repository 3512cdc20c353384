"""What a request is compared by (docs/FORMAT.md "Request ids"), written from that page and the published encoding of Cap'n Proto.

    content_of(frame, at_least) -> the hash of what a request asks; `frame` as sent, `at_least` the byte of that field in its data section
    mark_of(id, content, keys) -> what is beside its id, given the keys of the parts in order
    requests_of(key, value)    -> the requests of one row of the table `dedupe`
"""
import hashlib
import struct


REQUEST = struct.Struct("<16sIB16s")


class Request:
    def __init__(self, name, day, id, offset, events, mark):
        self.id, self.first, self.events, self.day, self.mark = id, name + offset, events, day, mark


def requests_of(key, value):
    if len(key) != 8 or len(value) < 4 or (len(value) - 4) % REQUEST.size:
        raise ValueError("a row of request ids that ends within a request")
    name, (day,) = struct.unpack(">Q", key)[0], struct.unpack_from("<I", value)
    return [Request(name, day, *fields) for fields in REQUEST.iter_unpack(value[4:])]


def mark_of(id, content, keys):
    mark = content
    for key in keys:
        mark = hashlib.blake2b(b"taus/req/1" + id + mark, digest_size=16, key=key).digest()
    return mark


def content_of(frame, at_least):
    data, rest = Canonical(frame).root()
    for field in (0, at_least):
        data[field:field + 8] = bytes(len(data[field:field + 8]))
    data = bytes(data).rstrip(b"\0")
    return hashlib.sha256(bytes([len(data)]) + data + rest).digest()[:16]


def point(kind, offset, rest):
    return kind | (offset & 0x3fffffff) << 2 | rest << 32


class Canonical:
    """https://capnproto.org/encoding.html#canonicalization of a message of one segment."""

    def __init__(self, frame):
        segments, words = struct.unpack_from("<II", frame)
        if segments != 0 or len(frame) != 8 + 8 * words:
            raise ValueError("not a message of one segment")
        self.words = struct.unpack_from("<%dQ" % words, frame, 8)
        self.out = []

    def root(self):
        """-> (the root's data section, everything behind it)."""
        self.out = [0]
        source = self.struct_at(0)
        data, pointers = self.sizes([source])
        self.room(data + pointers)
        self.fill(1, source, data, pointers)
        packed = struct.pack("<%dQ" % len(self.out), *self.out)
        return bytearray(packed[8:8 + 8 * data]), packed[8 + 8 * data:]

    def struct_at(self, at):
        """-> (where it lies, words of data, pointers)."""
        word = self.words[at]
        if word & 3 != 0:
            raise ValueError("not a struct")
        return self.target(at), word >> 32 & 0xffff, word >> 48

    def target(self, at):
        offset = self.words[at] >> 2 & 0x3fffffff
        return at + 1 + (offset - (1 << 30) if offset >> 29 else offset)

    def sizes(self, structs):
        """What is left of data and pointers where the zero words at the ends are cut off, of all of them alike."""
        data = max((i + 1 for at, n, _ in structs for i in range(n) if self.words[at + i]), default=0)
        pointers = max((i + 1 for at, d, n in structs for i in range(n) if self.words[at + d + i]), default=0)
        return data, pointers

    def room(self, words):
        self.out += [0] * words
        return len(self.out) - words

    def fill(self, to, source, data, pointers):
        """A struct whose room lies at `to`; what it points to goes to the end, in order."""
        at, had, _ = source
        self.out[to:to + data] = self.words[at:at + data]
        for i in range(pointers):
            self.follow(to + data + i, at + had + i)

    def follow(self, to, at):
        word = self.words[at]
        if word == 0:
            return
        if word & 3 == 0:
            source = self.struct_at(at)
            data, pointers = self.sizes([source])
            place = self.room(data + pointers)
            self.out[to] = point(0, place - to - 1 if data + pointers else -1, data | pointers << 16)
            self.fill(place, source, data, pointers)
            return
        place, start, code, count = len(self.out), self.target(at), word >> 32 & 7, word >> 35
        if code == 7:
            self.composite(to, start)
            return
        bits = (0, 1, 8, 16, 32, 64, 64)[code] * count
        self.out[to] = point(1, place - to - 1, code | count << 3)
        self.room((bits + 63) // 64)
        if code == 6:
            for i in range(count):
                self.follow(place + i, start + i)
        else:
            self.out[place:] = self.words[start:start + (bits + 63) // 64]

    def composite(self, to, tag):
        count, data, pointers = self.words[tag] >> 2 & 0x3fffffff, self.words[tag] >> 32 & 0xffff, self.words[tag] >> 48
        sources = [(tag + 1 + i * (data + pointers), data, pointers) for i in range(count)]
        data, pointers = self.sizes(sources)
        place = self.room(1 + count * (data + pointers))
        self.out[to] = point(1, place - to - 1, 7 | count * (data + pointers) << 3)
        self.out[place] = point(0, count, data | pointers << 16)
        for i, source in enumerate(sources):
            self.fill(place + 1 + i * (data + pointers), source, data, pointers)
