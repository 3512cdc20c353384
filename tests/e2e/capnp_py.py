"""Cap'n Proto messages in plain Python, driven by the layout that schema_dump prints.

Written from the published encoding only, so that the tests can speak to the daemon without its own codec. Values are dicts: numbers
and times as integers, enumerants as names, Text as str, Data as bytes, lists as lists. A null pointer, a `nullable` or `time` field
at its default and an enumerant called `absent` are None. A struct with a union also carries "_which".
"""
import json
import struct

PRIMITIVES = {"int8": "<b", "int16": "<h", "int32": "<i", "int64": "<q", "uint8": "<B", "uint16": "<H", "uint32": "<I",
              "uint64": "<Q", "float32": "<f", "float64": "<d"}
LIST_CODE = {"void": 0, "bool": 1, "int8": 2, "uint8": 2, "int16": 3, "uint16": 3, "int32": 4, "uint32": 4, "float32": 4,
             "int64": 5, "uint64": 5, "float64": 5}
ELEMENT_BITS = (0, 1, 8, 16, 32, 64, 64)
WORD = struct.Struct("<Q")
MASK_30 = (1 << 30) - 1


class Malformed(Exception):
    """The bytes are not a message of this schema."""


class UnknownName(Exception):
    """A dict names a field or enumerant that the schema does not have."""


def signed(value, bits):
    return value - (1 << bits) if value >> (bits - 1) else value


class Builder:
    """One segment that grows; structs are placed where they are first needed."""

    def __init__(self):
        self.bytes = bytearray(8)  # the root pointer

    def allocate(self, size):
        at = len(self.bytes)
        self.bytes += bytes((size + 7) & ~7)
        return at

    def point_struct(self, at, target, data_words, pointers):
        offset = (target - at - 8) >> 3 if data_words + pointers else -1  # an empty struct must not look like null
        WORD.pack_into(self.bytes, at, ((offset & MASK_30) << 2) | (data_words << 32) | (pointers << 48))

    def point_list(self, at, target, code, count):
        offset = (target - at - 8) >> 3
        WORD.pack_into(self.bytes, at, 1 | ((offset & MASK_30) << 2) | (code << 32) | (count << 35))

    def blob(self, at, data, terminator):
        target = self.allocate(len(data) + terminator)
        self.bytes[target:target + len(data)] = data
        self.point_list(at, target, 2, len(data) + terminator)

    def frame(self):
        return struct.pack("<II", 0, len(self.bytes) >> 3) + bytes(self.bytes)


class Message:
    """The segments of one received message."""

    def __init__(self, segments):
        self.segments = segments

    @classmethod
    def of_frame(cls, frame):
        count = struct.unpack_from("<I", frame)[0] + 1
        sizes = struct.unpack_from("<%dI" % count, frame, 4)
        at = 4 + 4 * count
        at += at & 4
        segments = []
        for size in sizes:
            segments.append(frame[at:at + 8 * size])
            at += 8 * size
        if at != len(frame):
            raise Malformed("frame length does not match its segment table")
        return cls(segments)

    def resolve(self, segment, at):
        """-> (segment, position of the object, pointer word), or None for a null pointer."""
        word = WORD.unpack_from(self.segments[segment], at)[0]
        if word == 0:
            return None
        if word & 3 == 2:
            target_segment, target = word >> 32, ((word & 0xffffffff) >> 3) * 8
            if word & 4:
                landing, tag = struct.unpack_from("<QQ", self.segments[target_segment], target)
                return landing >> 32, ((landing & 0xffffffff) >> 3) * 8, tag
            segment, at = target_segment, target
            word = WORD.unpack_from(self.segments[segment], at)[0]
        if word & 3 > 1:
            raise Malformed("pointer of an unknown kind")
        return segment, at + 8 + 8 * signed((word >> 2) & MASK_30, 30), word

    def blob(self, segment, at):
        found = self.resolve(segment, at)
        if found is None:
            return None
        segment, start, word = found
        if word & 3 != 1 or (word >> 32) & 7 != 2:
            raise Malformed("a blob's pointer does not lead to a list of bytes")
        return bytes(self.segments[segment][start:start + (word >> 35)])


class StructType:
    """How one struct is laid out, turned into lists of small functions at first use."""

    def __init__(self, schema, name, layout):
        self.schema, self.name = schema, name
        self.data_words, self.pointers = layout["data"], layout["pointers"]
        self.discriminant = layout["discriminant"]
        self.fields = layout["fields"]
        self.by_name = {field["name"]: field for field in self.fields}
        self.setters = None
        self.getters = None

    # --- writing

    def encode(self, builder, pointer_at, value):
        at = builder.allocate(8 * (self.data_words + self.pointers))
        builder.point_struct(pointer_at, at, self.data_words, self.pointers)
        self.fill(builder, at, value)

    def fill(self, builder, at, value):
        if self.setters is None:
            self.setters = {field["name"]: (field["tag"], self.schema.setter(field)) for field in self.fields}
        pointers = at + 8 * self.data_words
        for name, item in value.items():
            if name == "_which":
                continue
            if name not in self.setters:
                raise UnknownName("%s has no field %s" % (self.name, name))
            tag, put = self.setters[name]
            if tag >= 0:
                struct.pack_into("<H", builder.bytes, at + 2 * self.discriminant, tag)
            if item is not None:
                put(builder, at, pointers, item)

    # --- reading

    def prepare(self):
        self.getters = [(field["name"], self.schema.getter(field)) for field in self.fields if field["tag"] < 0]
        self.variants = {field["tag"]: (field["name"], self.schema.getter(field)) for field in self.fields if field["tag"] >= 0}
        self.data_bytes = 8 * self.data_words

    def decode(self, message, segment, start, data_words, pointers):
        if self.getters is None:
            self.prepare()
        data = message.segments[segment][start:start + 8 * data_words]
        if data_words < self.data_words:
            data = bytes(data) + bytes(self.data_bytes - 8 * data_words)
        pointers_at = start + 8 * data_words
        where = (message, segment, pointers_at, pointers)
        value = {name: get(data, where) for name, get in self.getters}
        if self.variants:
            tag = struct.unpack_from("<H", data, 2 * self.discriminant)[0]
            if tag not in self.variants:
                raise Malformed("%s carries the unknown tag %d" % (self.name, tag))
            name, get = self.variants[tag]
            value["_which"] = name
            value[name] = get(data, where)
        return value

    def decode_pointer(self, message, segment, at):
        found = message.resolve(segment, at)
        if found is None:
            return {} if not self.fields else None
        segment, start, word = found
        if word & 3:
            raise Malformed("%s is not where its pointer leads" % self.name)
        return self.decode(message, segment, start, (word >> 32) & 0xffff, word >> 48)


class Schema:
    def __init__(self, document):
        self.enums = document["enums"]
        self.numbers = {name: {text: i for i, text in enumerate(names)} for name, names in self.enums.items()}
        self.structs = {name: StructType(self, name, layout) for name, layout in document["structs"].items()}

    def encode(self, name, value):
        """One framed message."""
        builder = Builder()
        self.structs[name].encode(builder, 0, value)
        return builder.frame()

    def decode(self, name, frame):
        try:
            message = Message.of_frame(frame)
            return self.structs[name].decode_pointer(message, 0, 0)
        except (struct.error, IndexError) as error:
            raise Malformed("message ends too early") from error

    def enum_number(self, name, text):
        if text not in self.numbers[name]:
            raise UnknownName("%s has no value %r" % (name, text))
        return self.numbers[name][text]

    def enum_name(self, name, number):
        names = self.enums[name]
        text = names[number] if number < len(names) else number
        return None if text == "absent" else text

    # --- one function per field and direction

    def setter(self, field):
        kind = field["type"]
        if field.get("group") or kind == "unsupported":
            raise UnknownName("groups and untyped pointers are not part of the API")
        at = field["offset"]
        if kind == "void":
            return lambda builder, data, pointers, item: None
        if kind == "bool":
            def put_bool(builder, data, pointers, item):
                if bool(item) != bool(field["default"]):
                    builder.bytes[data + at // 8] |= 1 << (at % 8)
            return put_bool
        if isinstance(kind, str) and kind in PRIMITIVES:
            return self.number_setter(kind, at, field["default"] or 0)
        if isinstance(kind, dict) and "enum" in kind:
            def put_enum(builder, data, pointers, item):
                number = item if isinstance(item, int) else self.enum_number(kind["enum"], item)
                struct.pack_into("<H", builder.bytes, data + 2 * at, number ^ (field["default"] or 0))
            return put_enum
        write = self.pointer_writer(kind)
        return lambda builder, data, pointers, item: write(builder, pointers + 8 * at, item)

    @staticmethod
    def number_setter(kind, index, default):
        code = struct.Struct(PRIMITIVES[kind])
        size = code.size
        if not default:
            return lambda builder, data, pointers, item: code.pack_into(builder.bytes, data + size * index, item)
        mask = int.from_bytes(code.pack(default), "little")

        def put(builder, data, pointers, item):
            raw = int.from_bytes(code.pack(item), "little") ^ mask
            start = data + size * index
            builder.bytes[start:start + size] = raw.to_bytes(size, "little")
        return put

    def pointer_writer(self, kind):
        if kind == "text":
            return lambda builder, at, item: builder.blob(at, item if isinstance(item, bytes) else item.encode(), 1)
        if kind == "data":
            return lambda builder, at, item: builder.blob(at, item, 0)
        if "struct" in kind:
            inner = self.structs[kind["struct"]]
            return lambda builder, at, item: inner.encode(builder, at, item)
        return self.list_writer(kind["list"])

    def list_writer(self, element):
        if isinstance(element, str) and element in LIST_CODE:
            return lambda builder, at, items: self.write_numbers(builder, at, element, items)
        if isinstance(element, dict) and "enum" in element:
            name = element["enum"]
            return lambda builder, at, items: self.write_numbers(
                builder, at, "uint16", [i if isinstance(i, int) else self.enum_number(name, i) for i in items])
        if isinstance(element, dict) and "struct" in element:
            return lambda builder, at, items: self.write_structs(builder, at, self.structs[element["struct"]], items)
        write = self.pointer_writer(element)

        def put(builder, at, items):
            start = builder.allocate(8 * len(items))
            builder.point_list(at, start, 6, len(items))
            for index, item in enumerate(items):
                write(builder, start + 8 * index, item)
        return put

    @staticmethod
    def write_numbers(builder, at, kind, items):
        code = LIST_CODE[kind]
        start = builder.allocate((len(items) * ELEMENT_BITS[code] + 7) // 8)
        builder.point_list(at, start, code, len(items))
        for index, item in enumerate(items):
            if kind == "bool":
                builder.bytes[start + index // 8] |= bool(item) << (index % 8)
            elif kind != "void":
                struct.pack_into(PRIMITIVES[kind], builder.bytes, start + index * ELEMENT_BITS[code] // 8, item)

    @staticmethod
    def write_structs(builder, at, inner, items):
        words = inner.data_words + inner.pointers
        start = builder.allocate(8 + 8 * words * len(items))
        builder.point_list(at, start, 7, words * len(items))
        WORD.pack_into(builder.bytes, start, (len(items) << 2) | (inner.data_words << 32) | (inner.pointers << 48))
        for index, item in enumerate(items):
            inner.fill(builder, start + 8 + 8 * words * index, item)

    def getter(self, field):
        kind = field["type"]
        at = field["offset"]
        default = field["default"]
        if kind == "void":
            return lambda data, where: None
        if kind == "bool":
            return lambda data, where: bool((data[at // 8] >> (at % 8)) & 1) != bool(default)
        if isinstance(kind, str) and kind in PRIMITIVES:
            return self.number_getter(field)
        if isinstance(kind, dict) and "enum" in kind:
            name = kind["enum"]
            unpack = struct.Struct("<H").unpack_from
            return lambda data, where: self.enum_name(name, unpack(data, 2 * at)[0] ^ (default or 0))
        read = self.pointer_reader(kind)

        def get(data, where):
            message, segment, pointers, count = where
            return read(message, segment, pointers + 8 * at) if at < count else self.null_of(kind)
        return get

    @staticmethod
    def null_of(kind):
        return [] if isinstance(kind, dict) and "list" in kind else None

    @staticmethod
    def number_getter(field):
        code = struct.Struct(PRIMITIVES[field["type"]])
        start = code.size * field["offset"]
        default = field["default"] or 0
        absent = default if field.get("time") or field.get("nullable") else None
        unpack = code.unpack_from
        if not default:
            return lambda data, where: unpack(data, start)[0]
        mask = int.from_bytes(code.pack(default), "little")

        def get(data, where):
            raw = int.from_bytes(data[start:start + code.size], "little") ^ mask
            value = code.unpack(raw.to_bytes(code.size, "little"))[0]
            return None if value == absent else value
        return get

    def pointer_reader(self, kind):
        if kind == "text":
            return self.read_text
        if kind == "data":
            return lambda message, segment, at: message.blob(segment, at)
        if "struct" in kind:
            return self.structs[kind["struct"]].decode_pointer
        return lambda message, segment, at: self.read_list(kind["list"], message, segment, at)

    @staticmethod
    def read_text(message, segment, at):
        data = message.blob(segment, at)
        if data is None:
            return None
        if data[-1:] != b"\0":
            raise Malformed("a text does not end with NUL")
        return data[:-1].decode()

    def read_list(self, element, message, segment, at):
        found = message.resolve(segment, at)
        if found is None:
            return []
        segment, start, word = found
        code, count = (word >> 32) & 7, word >> 35
        if word & 3 != 1:
            raise Malformed("a list is not where its pointer leads")
        if code == 7:
            tag = WORD.unpack_from(message.segments[segment], start)[0]
            data_words, pointers, items = (tag >> 32) & 0xffff, tag >> 48, (tag >> 2) & MASK_30
            step = 8 * (data_words + pointers)
            inner = self.structs[element["struct"]]
            return [inner.decode(message, segment, start + 8 + step * i, data_words, pointers) for i in range(items)]
        if code == 6:
            read = self.pointer_reader(element)
            return [read(message, segment, start + 8 * i) for i in range(count)]
        return self.read_numbers(element, message.segments[segment], start, count)

    def read_numbers(self, element, data, start, count):
        if element == "bool":
            return [bool((data[start + i // 8] >> (i % 8)) & 1) for i in range(count)]
        if isinstance(element, dict):
            return [self.enum_name(element["enum"], n) for n in struct.unpack_from("<%dH" % count, data, start)]
        if element == "void":
            return [None] * count
        return list(struct.unpack_from("<%d%s" % (count, PRIMITIVES[element][1]), data, start))


def load(path):
    """-> (schema of requests, schema of responses)"""
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    return Schema(document["request"]), Schema(document["response"])
