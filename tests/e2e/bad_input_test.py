"""What a daemon is told that it must not accept: raw bytes through the real socket, each with its code, its sentence, and the store
as it was. What is wrong in a well-formed request: bad_command_test.py; starts that must be refused: bad_store_test.py.

usage: bad_input_test.py BUILD
"""
import contextlib
import os
import random
import select
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

import taus_client
from bad_input_case import BUILD, FORM, START, Case
from taus_client import ms

SEED = int(os.environ.get("TAUS_SEED", "20260322"))
BAD_TEXTS = {"not utf-8": b"Zaubermann\xff\xfe", "overlong": b"\xc0\xaf Zaubermann", "surrogate": b"Zaubermann\xed\xa0\x80",
             "beyond unicode": b"\xf4\x90\x80\x80 Zaubermann", "cut short": b"Zaubermann\xe2\x82", "NUL": b"Zauber\0mann"}
CONTROL = {"bell": "Zauber\x07mann", "escape": "Zauber\x1b[2Jmann", "delete": "Zauber\x7fmann", "c1": "Zauber\x85mann"}


def tagged(taus, tag, identity=77):
    """A request whose method has this number."""
    frame = bytearray(taus.frame("status", id=identity))
    discriminant = taus.requests.structs["Request"].discriminant
    struct.pack_into("<H", frame, 16 + 2 * discriminant, tag)
    return bytes(frame)


def table(*sizes, count=None):
    head = struct.pack("<I", (len(sizes) if count is None else count) - 1 & 0xffffffff) + struct.pack("<%dI" % len(sizes), *sizes)
    return head + bytes(-len(head) % 8)


def pointer_struct(offset, data, pointers):
    return struct.pack("<Q", (offset & 0x3fffffff) << 2 | data << 32 | pointers << 48)


class Frames(Case):
    def ends(self, data, code, warm=False, half_close=False):
        """Bytes that end their connection: one error with id 0 and `code` (None: no reply at all), then closed."""
        with self.daemon.connect() as taus:
            if warm:
                taus.do("formShow")
            taus.send_raw(data)
            if half_close:
                taus.socket.shutdown(socket.SHUT_WR)
            if code is not None:
                number, _, error = taus.receive()
                self.assertEqual(number, 0, error)
                self.check_sentence(error, code, about=data[:40])
            self.assertTrue(taus.closed_within(10), data[:40])

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.slow = threading.Thread(target=cls.send_slowly)
        cls.slow.start()
        cls.addClassCleanup(cls.slow.join)

    @classmethod
    def send_slowly(cls):
        """A byte a second, until the daemon has had enough."""
        with cls.daemon.connect() as taus:
            frame = taus.frame("status")
            began = time.monotonic()
            for byte in frame:
                taus.socket.sendall(bytes([byte]))
                if select.select([taus.socket], [], [], 1.0)[0]:
                    break
            cls.slow_reply = taus.receive()
            cls.slow_closed = taus.closed_within(5)
            cls.slow_seconds = time.monotonic() - began

    def test_slow_frame(self):
        self.slow.join()
        number, _, error = self.slow_reply
        self.assertEqual(number, 0)
        self.check_sentence(error, "malformed")
        self.assertTrue(self.slow_closed)
        self.assertTrue(4.5 < self.slow_seconds < 10, self.slow_seconds)

    def test_segment_tables(self):
        cases = [("0xffffffff segments", b"\xff" * 64, "malformed"), ("no segment", table(count=0) + bytes(60), "malformed"),
                 ("17 segments", table(*[1] * 17) + bytes(17 * 8), "malformed"), ("513", table(1, count=513), "malformed"),
                 ("empty first", table(0), "malformed"), ("empty first of two", table(0, 4), "malformed"),
                 ("one of 2^32-1 words", table(0xffffffff), "too_large"),
                 ("sixteen of 2^32-1 words", table(*[0xffffffff] * 16), "too_large"),
                 ("a sum that wraps 32 bits", table(0x20000001, 0xe0000000), "too_large"),
                 ("a sum that wraps in bytes", table(1, 0x20000000), "too_large")]
        for about, data, code in cases:
            for warm in (False, True):
                with self.subTest(about, warm=warm), self.unchanged():
                    self.ends(data, code, warm)

    def test_oversize_first_allowed_later(self):
        with self.daemon.connect() as taus:
            body = taus.frame("messageAdd", {"subject": self.gone, "direction": "in", "channel": "email", "body": "x" * 5000})
        self.assertGreater(len(body), 4096)
        with self.unchanged():
            self.ends(body, "too_large")
            with self.daemon.connect() as taus:
                taus.do("formShow")
                taus.send_raw(body)  # the same bytes, now that a valid request was seen
                self.assertEqual(taus.receive()[2]["code"], "shredded")
            self.ends(table(512) + bytes(4096), "too_large")
            self.ends(table((1 << 20) // 8) + bytes(64), "too_large", warm=True)
            self.ends(table((1 << 20) // 8 - 1)[:8] + bytes((1 << 20) - 8), "invalid_argument", warm=True, half_close=True)

    def test_short_frames(self):
        with self.daemon.connect() as taus:
            whole = taus.frame("status")
        with self.unchanged():
            for size in range(len(whole)):
                self.ends(whole[:size], "malformed" if size else None, half_close=True)
            self.ends(whole[:20], "malformed", warm=True, half_close=True)

    def ends_or_answers(self, data):
        """Whatever this is, it is refused or answered, and nobody else notices."""
        with self.daemon.connect() as taus:
            taus.send_raw(data)
            taus.socket.shutdown(socket.SHUT_WR)
            received = b""
            while chunk := taus.socket.recv(1 << 16):
                received += chunk
        return received

    def test_pointers_that_lead_nowhere(self):
        request = self.taus.requests.structs["Request"]
        words = 1 + request.data_words + request.pointers
        frame = bytearray(self.taus.frame("subjectShow", {"subject": self.kari}))
        show = request.by_name["subjectShow"]["offset"]
        at = 8 + 8 + 8 * request.data_words + 8 * show  # of the pointer to the method's parameters
        malformed = {
            "root outside": pointer_struct(1 << 20, request.data_words, request.pointers),
            "root before the segment": pointer_struct(-2, request.data_words, request.pointers),
            "root larger than the segment": pointer_struct(0, 0xffff, 0xffff),
            "root is a list": struct.pack("<Q", 1 | 6 << 32 | 4 << 35),
            "root is far, in a segment that is not there": struct.pack("<Q", 2 | 9 << 32),
            "root is a capability": struct.pack("<Q", 3),
        }
        with self.unchanged():
            for about, root in malformed.items():
                with self.subTest(about):
                    self.ends(table(words) + root + bytes(8 * (words - 1)), "malformed")
            for about, pointer in {"list instead of struct": struct.pack("<Q", 1 | 2 << 32 | 64 << 35),
                                   "outside": pointer_struct(5000, 0, 1), "far to nowhere": struct.pack("<Q", 2 | 7 << 32),
                                   "itself, over and over": pointer_struct(-1, 0, 1)}.items():
                with self.subTest(about):
                    broken = bytearray(frame)
                    broken[at:at + 8] = pointer
                    self.ends(bytes(broken), "malformed")
            no_end = bytearray(frame)
            no_end[-8:] = b"\xff" * 8  # a text without its NUL
            self.ends(bytes(no_end), "malformed")

    def test_random_damage(self):
        rng = random.Random(SEED)
        bases = [self.taus.frame("status"), self.taus.frame("bookingRequest", dict(FORM, consent=None)),
                 self.taus.frame("subjectTimeline", {"subject": self.gone}), self.taus.frame("auditProve", {"position": 1 << 40})]
        # The envelope's numbers stay: a damaged method could be another valid one.
        tag = 16 + 2 * self.taus.requests.structs["Request"].discriminant
        with self.unchanged():
            for number in range(400):
                data = bytearray(rng.choice(bases))
                for _ in range(rng.choice((1, 1, 2, 8))):
                    where = rng.randrange(len(data))
                    if where not in (tag, tag + 1):
                        data[where] = rng.choice((0, 1, 0xff, 0x80, rng.randrange(256)))
                self.ends_or_answers(bytes(data))
            for _ in range(100):
                self.ends_or_answers(rng.randbytes(rng.randrange(1, 200)))
        self.assertTrue(self.daemon.running(), "seed %d" % SEED)

    def test_unknown_methods(self):
        known = max(f["tag"] for f in self.taus.requests.structs["Request"].fields)
        with self.unchanged(), self.daemon.connect() as taus:
            for tag in (0, known + 1, 0xfffe, 0xffff):
                taus.send_raw(tagged(taus, tag))
                number, _, error = taus.receive()
                self.assertEqual(number, 77)
                self.check_sentence(error, "invalid_argument", about=tag)
            taus.do("formShow")  # the connection goes on

    def test_unknown_enumerants(self):
        with self.unchanged():
            self.refused("bookingBook", self.book(channel=99), "invalid_argument", "/channel")
            self.refused("staffAdd", {"name": "Zaubermann", "roles": ["counsellor", 4711], "confidentialitySigned": "2025-01-02"},
                         "invalid_argument", "/roles/1")
            self.refused("bookingRequest", dict(FORM, gender=77), "invalid_argument", "/gender")

    def test_too_many_items_and_too_long(self):
        with self.unchanged():
            self.refused("bookingRequest", dict(FORM, focusAreas=["yrkesvalg"] * 65), "too_large", "/focusAreas")
            self.refused("bookingRequest", dict(FORM, name="Zaubermann" * 21), "too_large", "/name")
            self.refused("bookingRequest", dict(FORM, email="zauber@canary.example" + "e" * 254), "too_large", "/email")
            self.refused("messageAdd", {"subject": self.kari, "direction": "in", "channel": "sms", "body": "Geheimnis" * 8000}, "too_large", "/body")
            self.refused("bookingHeld", {"subject": self.kari}, "too_large", "/requestId", requestId="i" * 65)
            self.refused("subjectShow", {"subject": self.kari}, "too_large", "/purpose", purpose="p" * 501)


class Peers(Case):
    SCRIPT = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(10)
s.connect(sys.argv[1])
try:
    s.sendall(bytes.fromhex(sys.argv[2]))
    print(repr(s.recv(4096)))
except (BrokenPipeError, ConnectionResetError):
    print(repr(b""))
"""

    def as_other(self, path, data):
        command = [sys.executable, "-c", self.SCRIPT, path, data.hex()]
        return subprocess.run(["setpriv", "--reuid", "12345", "--clear-groups", *command], capture_output=True, text=True, timeout=60, check=False)

    def test_another_user(self):
        frame = self.taus.frame("status")
        with self.unchanged():
            if os.getuid() == 0:
                for folder in (self.daemon.directory, os.path.join(self.daemon.directory, "run")):
                    os.chmod(folder, 0o755)
                for role in taus_client.ROLES:
                    os.chmod(self.daemon.socket_path(role), 0o666)
                    for data in (frame, b"\xff" * 64):  # malformed bytes would be answered: they are not even looked at
                        done = self.as_other(self.daemon.socket_path(role), data)
                        self.assertEqual(done.stdout.strip(), "b''", done.stderr)
                self.assertIn("unknown peers refused", self.daemon.last_words(20000))
                self.assertNotIn("malformed", self.daemon.last_words(20000))

    def test_configured_principals(self):
        """A daemon by a file whose principals are somebody else: we are the unknown peer."""
        base = os.path.join(self.daemon.directory, "configured")
        for folder in ("data", "root", "run"):
            os.makedirs(os.path.join(base, folder), mode=0o700)
        config = os.path.join(base, "taus.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write('profile = "vt"\ndata_dir = "%s/data"\nroot_dir = "%s/root"\nrun_dir = "%s/run"\n' % (base, base, base))
            file.write('[[principal]]\nname = "other"\nuid = 12345\nsocket = "frontend"\nspeaks_for_staff = true\n')
            file.write('[[principal]]\nname = "me"\nuid = %d\nsocket = "auditor"\n' % os.getuid())
        process = subprocess.Popen([os.path.join(BUILD, "bin", "tausd"), "--config", config], stderr=subprocess.PIPE, text=True)
        try:
            said = ""
            while "serving" not in said and "cannot start" not in said:
                said = process.stderr.readline()
                if not said:
                    break
            if "cannot be erased for good" in said:  # this disk cannot hold a root key: said, and nothing served
                self.assertEqual(process.wait(60), 2)
                return
            self.assertIn("serving", said)
            with taus_client.Taus(os.path.join(base, "run", "frontend.sock"), self.daemon.layout) as stranger:
                with contextlib.suppress(taus_client.Closed):
                    stranger.send_raw(b"\xff" * 64)
                with self.assertRaises(taus_client.Closed):
                    stranger.receive()
            with taus_client.Taus(os.path.join(base, "run", "auditor.sock"), self.daemon.layout) as auditor:
                self.assertTrue(auditor.do("auditVerify")["ok"])
                self.refused("bookingRequest", FORM, "unauthorized", taus=auditor)
                self.refused("devClockSet", {"at": START}, "unauthorized", taus=auditor)
        finally:
            process.terminate()
            process.communicate(timeout=60)


class Texts(Case):
    def positions(self):
        """(method, parameters with the bad text at one place, its JSON pointer), for every text that the schema has."""
        structs = self.taus.requests.structs
        for method in structs["Request"].fields:
            if method["tag"] < 0 or method["name"] == "none":
                continue
            yield from ((method["name"], build, pointer) for build, pointer in self.texts_of(structs[method["type"]["struct"]]))

    def texts_of(self, struct_type):
        for field in struct_type.fields:
            name, kind = field["name"], field["type"]
            if kind == "text":
                yield (lambda bad, name=name: {name: bad}), "/" + name
            elif kind == {"list": "text"}:
                yield (lambda bad, name=name: {name: ["fine", bad]}), "/%s/1" % name
            elif isinstance(kind, dict) and "struct" in kind:
                for build, pointer in self.texts_of(self.taus.requests.structs[kind["struct"]]):
                    yield (lambda bad, name=name, build=build: {name: build(bad)}), "/%s%s" % (name, pointer)

    def test_every_text_of_the_schema(self):
        positions = list(self.positions())
        self.assertGreater(len(positions), 60)
        with self.unchanged():
            for about, bad in BAD_TEXTS.items():
                replies = self.taus.pipeline([(method, build(bad)) for method, build, _ in positions])
                for (method, _, pointer), (_, error) in zip(positions, replies):
                    self.assertIsNotNone(error, (about, method, pointer))
                    self.check_sentence(error, "invalid_argument", pointer, (about, method))

    def test_the_envelope(self):
        with self.unchanged():
            for about, bad in BAD_TEXTS.items():
                for field in ("as", "purpose", "requestId", "link"):
                    with self.subTest(about, field=field):
                        self.refused("subjectShow", {"subject": self.kari}, "invalid_argument", "/" + field, **{field: bad})
            for about, bad in CONTROL.items():
                for field in ("purpose", "requestId"):
                    with self.subTest(about, field=field):
                        self.refused("subjectShow", {"subject": self.kari}, "invalid_argument", "/" + field, **{field: bad})

    def test_control_characters_in_what_is_kept(self):
        log = {"subject": self.kari, "order": "fine", "attestNoSpecial": True}
        message = {"subject": self.kari, "direction": "out", "channel": "email", "title": "fine", "body": "fine"}
        kept = [("bookingRequest", FORM, "name"), ("bookingRequest", FORM, "email"), ("bookingRequest", FORM, "phone"),
                ("bookingRequest", FORM, "municipalityCode"), ("bookingRequest", FORM, "wanted"), ("bookingBook", self.book(), "place"),
                ("bookingReschedule", {"subject": self.kari, "start": ms("2026-03-11T10:00"), "minutes": 30}, "reason"),
                ("bookingCancel", {"subject": self.kari}, "reason"), ("subjectAssign", {"subject": self.kari, "counsellor": self.ingrid}, "reason"),
                *(("logWrite", log, heading) for heading in ("order", "focus", "issuesNext", "tasksNext", "otherPrep")),
                ("messageAdd", message, "title"), ("messageAdd", message, "body"),
                ("staffAdd", {"name": "fine", "roles": ["desk"], "confidentialitySigned": "2025-01-02"}, "name"),
                ("staffAdd", {"name": "fine", "roles": ["desk"], "confidentialitySigned": "2025-01-02"}, "confidentialitySigned"),
                ("subjectRecord", {"subject": self.kari, "collectedVia": "session"}, "countryOfOrigin")]
        with self.unchanged():
            for about, bad in CONTROL.items():
                for method, params, field in kept:
                    with self.subTest(about, method=method, field=field):
                        self.refused(method, dict(params, **{field: bad}), "invalid_argument", "/" + field)
                self.refused("bookingRequest", dict(FORM, focusAreas=[bad]), "invalid_argument", "/focusAreas")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
