#!/usr/bin/python3
"""The adversary of docs/CRYPTO.md on a real store: every byte that was ever written to any file, of the store, its replica and its backup,
and the present root key.

    adversary_test.py BUILD TAUS_DUMP      with TAUS_LONG in the environment: many more clients

No destroyed key may follow from that, every live part must open; with the old roots the destroyed keys must come back, or the adversary is
no good. What was kept must make up every file that lies there, or something was written past it.
"""
import base64
import hashlib
import hmac
import os
import pathlib
import shutil
import struct
import sys
import tempfile
import unittest

import canaries
import format_reader
import kept_writes
import key_reader
import request_mark
import taus_client

BUILD = DUMP = None
CLIENTS = 24
CENTRE = 63 << 24  # the ordinal of the key node of stream 0
START = taus_client.ms("2026-02-02T09:00")


def guesses(client):
    name, address, phone = client.form()["name"], client.form()["email"], client.form()["phone"]
    return [text.encode() for text in (name, address, address.upper(), phone, phone.lstrip("+"), phone[3:], client.subject)][:6]


def digests(text, secrets):
    """Everything that an index of such texts might hold, under any key that there is."""
    for name in ("md5", "sha1", "sha256", "sha512"):
        yield hashlib.new(name, text).digest()
        for key in secrets:
            yield hmac.new(key, text, name).digest()
            yield hashlib.new(name, key + text).digest()
    for size in (8, 16, 20, 32, 64):
        yield hashlib.blake2b(text, digest_size=size).digest()
        for key in secrets:
            yield hashlib.blake2b(text, digest_size=size, key=key).digest()


def traces(client, secrets, hay):
    """How one could tell from these bytes that the client existed."""
    found = set()
    texts = guesses(client)
    if any(text in one for one in hay for text in texts):
        found.add("the text itself")
    forms = (lambda raw: raw[:8], lambda raw: raw.hex().encode()[:8], lambda raw: raw.hex().upper().encode()[:8], lambda raw: base64.b64encode(raw)[:8])
    needles = {}
    for text in texts:
        for digest in digests(text, secrets):
            for form in forms:
                needles[struct.unpack("<Q", form(digest))[0]] = digest
    for one in hay:
        for at in range(min(8, max(0, len(one) - 7))):
            count = (len(one) - at) // 8
            for hit in needles.keys() & set(struct.unpack_from("<%dQ" % count, one, at)):
                found.add("a digest: " + needles[hit].hex())
    return found


class Booked(canaries.Client):
    """Whose form has an id, as a portal gives it, so that it can be sent again."""

    def request(self, taus):
        done = taus.do("bookingRequest", self.form(), requestId="form-%d" % self.number)
        self.subject, self.last_of_form = done["subject"], done["position"]

    def asked(self, taus, **otherwise):
        """What the form's request is compared by, or that of a guess at it."""
        frame = taus.frame("bookingRequest", {**self.form(), **otherwise}, requestId="form-%d" % self.number)
        at_least = 8 * taus.requests.structs["Request"].by_name["atLeast"]["offset"]
        return request_mark.content_of(frame, at_least)


class AdversaryTest(unittest.TestCase):
    def setUp(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="taus-ever-"))
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        self.directory, self.replica, self.backups = (self.base / name for name in ("taus", "replica", "backups"))
        for directory in (self.directory, self.replica, self.backups):
            directory.mkdir()
        self.kept = kept_writes.Kept(BUILD, self.base / "written")
        self.daemon = taus_client.Daemon(BUILD, directory=str(self.directory), arguments=["--replica", str(self.replica)],
                                         environment=self.kept.environment).start()
        self.addCleanup(self.daemon.close)
        self.daemon.set_clock(START)
        self.taus = self.daemon.connect()
        self.addCleanup(self.taus.close)
        self.counsellor = canaries.add_counsellor(self.taus)

    def backup(self, name):
        made = self.daemon.tausctl("backup", "create", str(self.backups / name))
        self.assertEqual(made.returncode, 0, made.stderr)

    def live(self):
        """Booking to message; then a third withdraws, a third is concluded. What was written is read when nobody writes."""
        marks = canaries.Marks(seed=3)
        clients = [Booked(marks, number) for number in range(CLIENTS)]
        for at in range(0, CLIENTS, 8):
            canaries.live_through(self.taus, self.daemon, clients[at:at + 8], self.counsellor, START + 3600000)
        self.backup("before")
        self.clients = clients
        read = lambda client: self.taus.do("auditReads", {"subject": client.subject})["reads"][0]["at"]
        self.read_at = {client.number: struct.pack("<Q", read(client) ^ 1 << 63) for client in (clients[1], clients[-1])}
        for client in clients[:CLIENTS * 2 // 3]:
            ref = {"subject": client.subject}
            if client.number % 2:
                self.taus.do("consentWithdraw", {**ref, "method": "phone"})
            else:
                self.taus.do("subjectConclude", ref, as_=self.counsellor)
            if client.number == CLIENTS // 3:
                self.taus.close()
                self.daemon.restart()
                self.taus = self.daemon.connect()
                self.addCleanup(self.taus.close)
        self.traced = self.taus.do("auditReads", {"subject": self.counsellor})["traces"]
        client = Booked(marks, CLIENTS)  # one more, beside what is gone
        client.request(self.taus)
        self.backup("after")
        self.taus.close()
        self.assertEqual(self.daemon.terminate(), 0)  # while it runs a write may be done and not yet kept
        self.kept.read()
        with tempfile.TemporaryDirectory() as copy:
            shutil.copytree(self.directory / "data", copy + "/data")
            self.tables = format_reader.read_rows(DUMP, pathlib.Path(copy + "/data"))
        self.store_id = dict(self.tables["meta"])[b"store"][:16]
        self.present = key_reader.root_records((self.directory / "root" / "root.slots").read_bytes())
        self.sources = self.kept.key_rows(DUMP)
        self.rows = set().union(*self.sources.values())

    def opened(self, keys):
        """-> (sealed parts of the journal that these keys open, those they do not): {(stream, slot, epoch)} each."""
        by_place = {}
        for subject, slot, epoch, key in keys:
            by_place.setdefault((subject, slot, epoch), []).append(key)
        parts = {struct.unpack(">QB", key): value for key, value in self.tables["part"]}
        good, bad = set(), set()
        for _, value in self.tables["leaf"]:
            leaf = format_reader.decode_leaf(value)
            for index, ref in enumerate(leaf["parts"]):
                place = leaf["stream"] or CENTRE, ref["slot"], ref["epoch"]
                stored = parts.get((leaf["position"], index))
                if ref["slot"] == format_reader.PUBLIC or stored is None:
                    continue
                (good if any(self.opens(leaf, index, stored, key) for key in by_place.get(place, ())) else bad).add(place)
        return good, bad

    def opens(self, leaf, index, stored, key):
        try:
            format_reader.open_part(leaf, index, stored, key)
            return True
        except format_reader.Refused:
            return False

    def test_a_true_guess_is_not_confirmed(self):
        """Who knows a shredded client's name, address and number, every byte ever written and every key that there is."""
        self.live()
        keys = key_reader.reachable(self.store_id, self.rows, [root for _, root in self.present])
        secrets = {key for *_, key in keys} | {root for _, root in self.present}
        hay = self.kept.everything() + [key + value for key, value in self.rows] + self.plaintexts(keys)
        hay += [self.daemon.last_words(1 << 30).encode()]
        gone, live = self.clients[1], self.clients[-1]  # withdrew; was never shredded
        self.assertEqual(traces(gone, secrets, hay), set(), "somebody's guess is confirmed")
        self.assertIn("the text itself", traces(live, secrets, hay), "the search is blind")
        # A trace is left of who read it, and when is not in it.
        texts = self.plaintexts(keys)
        self.assertFalse([one for one in texts if self.read_at[gone.number] in one], "when the shredded client's record was read")
        self.assertTrue([one for one in texts if self.read_at[live.number] in one], "the search is blind")
        self.assertTrue(self.traced, "no trace is left")
        # An index that would make looking up quick, and be a trace for ever: found by the same search, whatever it is made of.
        address, secret = guesses(gone)[1], sorted(secrets)[3]
        for planted in (hashlib.sha256(address).digest(), hmac.new(secret, address, "sha256").digest()[:16],
                        hashlib.blake2b(address, key=secret, digest_size=16).hexdigest().encode(), base64.b64encode(hashlib.md5(address).digest())):
            self.assertTrue(traces(gone, secrets, [*hay[:5], b"row " + planted + b" end"]), "a blind index would not be noticed")

    def test_a_guess_at_what_was_asked_is_not_confirmed(self):
        """Who knows all of a booking but the telephone number, which was shredded when guidance was concluded; the name lives on."""
        self.live()
        keys = {}
        for subject, slot, epoch, key in key_reader.reachable(self.store_id, self.rows, [root for _, root in self.present]):
            keys.setdefault((subject, slot, epoch), set()).add(key)
        hay = self.kept.everything() + self.plaintexts([(*place, key) for place, some in keys.items() for key in some])
        concluded, withdrew, live = self.clients[2], self.clients[1], self.clients[-1]
        for client, whole in ((concluded, False), (withdrew, False), (live, True)):
            right, wrong = client.asked(self.taus), client.asked(self.taus, phone=canaries.PHONE_STEM + "0000000")
            self.assertEqual(self.confirmed(client, right, keys, hay), {"its mark"} if whole else set(), client.number)
            self.assertEqual(self.confirmed(client, wrong, keys, hay), set(), "whatever one guesses is right")
        self.assertTrue(0 < len(self.known(concluded, keys)) < sum(len(leaf["parts"]) for leaf in self.events(concluded)))
        # What a row or a part must not hold, found by the same search.
        row, right = self.row_of(concluded), concluded.asked(self.taus)
        row.mark = request_mark.mark_of(row.id, right, self.known(concluded, keys))
        self.assertEqual(self.confirmed(concluded, right, keys, hay, row), {"its mark"}, "a mark under the living keys alone")
        self.assertEqual(self.confirmed(concluded, right, keys, [b"head " + right + b" end"]), {"its hash"}, "a hash in a living part")

    def confirmed(self, client, content, keys, hay, row=None):
        """What says that this is what the client's form asked."""
        row = row or self.row_of(client)
        found = {"its hash"} if any(content in one for one in hay) else set()
        return found | ({"its mark"} if request_mark.mark_of(row.id, content, self.known(client, keys)) == row.mark else set())

    def row_of(self, client):
        rows = [row for key, value in self.tables["dedupe"] for row in request_mark.requests_of(key, value)]
        return next(row for row in rows if row.first + row.events - 1 == client.last_of_form)

    def events(self, client):
        """The leaves of what the form wrote."""
        row = self.row_of(client)
        return [format_reader.decode_leaf(value) for _, value in self.tables["leaf"][row.first:row.first + row.events]]

    def known(self, client, keys):
        """Those keys of the parts that the form wrote that somebody has, in their order."""
        places = [(leaf["stream"] or CENTRE, part["slot"], part["epoch"]) for leaf in self.events(client) for part in leaf["parts"]]
        return [key for place in places for key in keys.get(place, ())]

    def plaintexts(self, keys):
        by_place = {}
        for subject, slot, epoch, key in keys:
            by_place.setdefault((subject, slot, epoch), []).append(key)
        parts = {struct.unpack(">QB", key): value for key, value in self.tables["part"]}
        out = []
        for _, value in self.tables["leaf"]:
            leaf = format_reader.decode_leaf(value)
            for index, ref in enumerate(leaf["parts"]):
                stored = parts.get((leaf["position"], index))
                for key in by_place.get((leaf["stream"] or CENTRE, ref["slot"], ref["epoch"]), ()):
                    if stored is not None and self.opens(leaf, index, stored, key):
                        out.append(bytes(format_reader.open_part(leaf, index, stored, key)))
        return out

    def test_what_follows_from_everything_ever_written(self):
        self.live()
        self.complete()
        self.assertEqual(len(self.present), 1, "one root, and nothing in the other slot")
        roots = self.kept.roots()
        gone = key_reader.destroyed(self.rows)
        self.assertGreaterEqual(len(gone), CLIENTS * 3)
        self.assertEqual(len(roots), 1 + CLIENTS * 2 // 3, "every root was seen once")

        now = key_reader.reachable(self.store_id, self.rows, [root for _, root in self.present])
        self.assertEqual([place for *place, key in now if key_reader.key_id(key) in gone], [], "destroyed keys follow from the present root")
        opens, closed = self.opened(now)
        dead = set(gone.values())
        self.assertEqual(opens & dead, set())
        self.assertEqual(closed - dead, set(), "live parts that do not open")
        self.assertGreater(len(opens), CLIENTS)
        self.assertGreater(len(closed), CLIENTS)

        # The control: with a copy of the old roots everything comes back, from each place that keeps rows.
        nodes = set()
        then = key_reader.reachable(self.store_id, self.rows, list(roots.values()), nodes)
        back = {key_reader.key_id(key) for *_, key in then} & set(gone)
        self.assertEqual(len(back), len(gone), "the adversary does not find what the old roots open")
        self.assertEqual(self.opened(then)[1], set())
        for source in ("log", "copy"):
            alone = key_reader.reachable(self.store_id, self.sources[source], list(roots.values()))
            self.assertEqual(len({key_reader.key_id(key) for *_, key in alone} & set(gone)), len(gone), "from the %s alone" % source)
        self.assertGreater(len(nodes), len(roots) * 5)
        self.in_the_clear({key for *_, key in then} | nodes)
        print("%d bytes written to %d files; %d keys destroyed, 0 found; %d live places open; with the old roots %d of %d" % (
            self.kept.bytes, len(self.kept.files), len(gone), len(opens), len(back), len(gone)))

    def complete(self):
        """Nothing was written past the one who keeps it; one write that is lost would be noticed."""
        places = [self.directory, self.replica, self.backups]
        self.assertEqual(self.kept.differs(*places), [])
        self.assertEqual(self.sources["table"] - self.sources["log"], set(), "tables hold rows that no write-ahead log had")
        for source, rows in self.sources.items():
            self.assertGreater(len(rows), 3, source)
        for name in ("MANIFEST", "OPTIONS", "floor", "root.slots", "keys.copy"):
            self.assertTrue(self.kept.named(lambda path, name=name: os.path.basename(path).startswith(name)), name)
        lost = []
        self.kept.read(leave_out=lambda path, number: path.endswith("keys.copy") and not lost and not lost.append(number))
        self.assertNotEqual(self.kept.differs(*places), [], "a write that was not kept is not noticed")
        self.kept.read()

    def in_the_clear(self, keys):
        """No key was ever written as it is, but for the roots to their own file."""
        def found(hay):
            return set().union(*(key_reader.anywhere(keys, one) for one in hay))

        self.assertEqual(found(self.kept.everything(but=("root.slots",))), set(), "a key was written in the clear")
        self.assertEqual(len(found(self.kept.everything())), len(self.kept.roots()), "the search is blind")


if __name__ == "__main__":
    BUILD, DUMP = sys.argv.pop(1), sys.argv.pop(1)
    if os.environ.get("TAUS_LONG"):
        CLIENTS = 160
    unittest.main()
