"""capnp_py against the `capnp` command line: random requests and replies, both directions, one and many segments.

usage: capnp_py_test.py REPOSITORY LAYOUT.json
"""
import random
import subprocess
import sys
import unittest

import capnp_py

REPOSITORY, LAYOUT = sys.argv[1], sys.argv[2]
API = REPOSITORY + "/daemon/protocol/api.capnp"
WIDTH = {"int8": 8, "int16": 16, "int32": 32, "int64": 64, "uint8": 8, "uint16": 16, "uint32": 32, "uint64": 64}


def capnp(verb, root, data, *options):
    command = ["capnp", verb, "-I" + REPOSITORY, "-I/usr/include", *options, API, root]
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def encode(root, texts, *options):
    """What has an escape goes alone: after one, `capnp encode` 0.9 loses count of the brackets, and of where the message ends."""
    out, batch = b"", []
    for text in [*texts, None]:
        alone = text is None or b"\\" in text
        if batch and alone:
            out, batch = out + capnp("encode", root, b"\n".join(batch), *options), []
        if text is not None and alone:
            out += capnp("encode", root, text, *options)
        elif text is not None:
            batch.append(text)
    return out


class Maker:
    """Random values of a schema, as our dicts and as the text that `capnp encode` reads."""

    def __init__(self, schema, seed):
        self.schema, self.random = schema, random.Random(seed)

    def struct(self, name, depth=0):
        kind = self.schema.structs[name]
        value, parts = {}, []
        chosen = self.random.choice([f["name"] for f in kind.fields if f["tag"] >= 0] or [None])
        for field in kind.fields:
            if field["tag"] >= 0 and field["name"] != chosen:
                continue
            item, text = self.value(field["type"], depth)
            if field["tag"] < 0 and self.random.random() < 0.2:
                item = self.default_of(field)
            else:
                parts.append("%s = %s" % (field["name"], text))
            value[field["name"]] = item
        if chosen:
            value["_which"] = chosen
        return value, "(%s)" % ", ".join(parts)

    def default_of(self, field):
        kind = field["type"]
        if field.get("time") or field.get("nullable"):
            return None
        if isinstance(kind, dict) and "enum" in kind:
            name = self.schema.enums[kind["enum"]][field["default"]]
            return None if name == "absent" else name
        if isinstance(kind, dict):
            return [] if "list" in kind else None
        return {"text": None, "data": None, "void": None, "bool": bool(field["default"])}.get(kind, field["default"])

    def value(self, kind, depth, listed=False):
        if isinstance(kind, dict) and "struct" in kind:
            return self.struct(kind["struct"], depth + 1)
        if isinstance(kind, dict) and "list" in kind:
            pairs = [self.value(kind["list"], depth + 1, True) for _ in range(self.random.choice((0, 1, 3)))]
            return [item for item, _ in pairs], "[%s]" % ", ".join(text for _, text in pairs)
        if isinstance(kind, dict):
            name = self.random.choice([n for n in self.schema.enums[kind["enum"]] if not listed or n != "absent"])  # no list holds what is absent
            return None if name == "absent" else name, name
        if kind == "text":
            text = "".join(self.random.choice("aZ09 æøåÆØÅ€\U0001f9ed") for _ in range(self.random.choice((0, 1, 7, 8, 40))))
            return text, '"%s"' % text
        if kind == "data":
            item = self.random.randbytes(self.random.choice((0, 1, 8, 33)))
            return item, '0x"%s"' % item.hex() if item else '""'
        if kind == "bool":
            item = self.random.random() < 0.5
            return item, str(item).lower()
        if kind == "void":
            return None, "void"
        bits = WIDTH[kind]
        item = self.random.getrandbits(bits - 1) if bits > 1 else 0
        return item, str(item)


class AgainstCapnp(unittest.TestCase):
    def round(self, schema, root, seed, options=()):
        maker = Maker(schema, seed)
        pairs = [maker.struct(root) for _ in range(120)]
        stream = encode(root, [text.encode() for _, text in pairs], *options)
        for value, _ in pairs:
            frame, stream = split(stream)
            self.assertEqual(schema.decode(root, frame), value)
        self.assertEqual(stream, b"")
        # Ours, understood by capnp, written again by capnp, understood by us.
        ours = b"".join(schema.encode(root, value) for value, _ in pairs)
        again = encode(root, capnp("decode", root, ours, "--short").splitlines())
        for value, _ in pairs:
            frame, again = split(again)
            self.assertEqual(schema.decode(root, frame), value)

    def test_requests(self):
        self.round(REQUESTS, "Request", 1)

    def test_responses(self):
        self.round(RESPONSES, "Response", 2)

    def test_many_segments(self):
        self.round(RESPONSES, "Response", 3, ("--segment-size=1",))
        self.round(REQUESTS, "Request", 4, ("--segment-size=3",))

    def test_a_wrong_codec_is_caught(self):
        # The comparison must be able to fail: a field moved by one place is another message.
        broken = capnp_py.load(LAYOUT)[0]
        fields = broken.structs["Book"].fields
        fields[0]["offset"], fields[1]["offset"] = fields[1]["offset"], fields[0]["offset"]
        text = b'(bookingBook = (subject = "a", counsellor = "b"))'
        value = broken.decode("Request", capnp("encode", "Request", text))
        self.assertEqual(value["bookingBook"]["subject"], "b")

    def test_refusals(self):
        with self.assertRaises(capnp_py.UnknownName):
            REQUESTS.encode("Request", {"bookingBook": {"nothing": 1}})
        frame = REQUESTS.encode("Request", {"bookingBook": {"subject": "a"}})
        with self.assertRaises(capnp_py.Malformed):
            REQUESTS.decode("Request", frame[:-8])


def split(stream):
    segments = int.from_bytes(stream[:4], "little") + 1
    size = 4 + 4 * segments
    total = size + (size & 4) + 8 * sum(int.from_bytes(stream[4 + 4 * i:8 + 4 * i], "little") for i in range(segments))
    return stream[:total], stream[total:]


if __name__ == "__main__":
    REQUESTS, RESPONSES = capnp_py.load(LAYOUT)
    unittest.main(argv=sys.argv[:1], verbosity=1)
