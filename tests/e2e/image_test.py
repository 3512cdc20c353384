#!/usr/bin/python3
"""A file system of its own under tausd: after shreds its raw image holds no text of any client, no key and no old root key.

    image_test.py BUILD      as root, with loop devices

The image is searched whole: files, freed blocks, the file system's journal.
"""
import base64
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import canaries
import kept_writes
import key_reader
import taus_client

BUILD = None
IMAGE_BYTES = 192 << 20
BLOCK = 4096
ROOT, ESCROW = slice(40, 72), slice(72, 104)  # in a root record (docs/format/keys.md)
STORE_ID = slice(8, 24)
KEY_FORMS = ("raw", "hex", "HEX", "base64 +0", "base64 +1", "base64 +2")
START = taus_client.ms("2026-02-02T09:00")


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise unittest.TestCase.failureException("this test needs root, mkfs.ext4 (package e2fsprogs), mount and a free loop device; "
                                                 "%s said: %s" % (" ".join(command), done.stderr.strip()))


class Image:
    """An ext4 file system in a file; mounted between mount() and unmount()."""

    def __init__(self, options="loop"):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="taus-image-"))
        self.file, self.point, self.options, self.mounted = self.folder / "image", self.folder / "mounted", options, False
        self.point.mkdir()
        with open(self.file, "wb") as file:
            file.truncate(IMAGE_BYTES)
        if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
            raise unittest.TestCase.failureException("this test needs root and mkfs.ext4 (package e2fsprogs) for a file system of its own")
        run("mkfs.ext4", "-q", "-F", str(self.file))

    def mount(self):
        run("mount", "-o", self.options, str(self.file), str(self.point))
        self.mounted = True
        return self.point

    def unmount(self):
        run("umount", str(self.point))
        self.mounted = False

    def close(self):
        if self.mounted:
            self.unmount()
        shutil.rmtree(self.folder, ignore_errors=True)

    def bytes(self):
        """All blocks that are not zero, one after the other."""
        zero, out = bytes(BLOCK), bytearray()
        with open(self.file, "rb") as file:
            while block := file.read(BLOCK):
                if block != zero:
                    out += block
        return bytes(out)


def roots_of(slots):
    """{root keys and escrow keys} of the two slots of a root file."""
    records = [slots[at:at + 104] for at in (0, BLOCK)]
    return {record[part] for record in records if record[:8] == b"TAUSRT1\0" for part in (ROOT, ESCROW)}


class ImageTest(unittest.TestCase):
    def setUp(self):
        self.image = Image()
        self.addCleanup(self.image.close)

    def serve(self):
        self.directory = self.image.mount() / "taus"
        self.directory.mkdir()
        self.written = kept_writes.Kept(BUILD, self.image.folder / "written")  # to know every key that there ever was
        self.daemon = taus_client.Daemon(BUILD, directory=str(self.directory), environment=self.written.environment).start()
        self.addCleanup(self.daemon.kill)
        self.daemon.set_clock(START)
        self.connect()
        self.counsellor = canaries.add_counsellor(self.taus)

    def connect(self):
        self.taus = self.daemon.connect()
        self.addCleanup(self.taus.close)

    def slots(self):
        return (self.directory / "root" / "root.slots").read_bytes()

    def shred(self, what):
        """Carries it out; keeps what the root file held before and after."""
        self.kept |= roots_of(self.slots())
        ack = what()
        self.assertIsNotNone(ack["receipt"], "nothing was shredded")
        self.assertFalse(ack["pending"])
        self.kept |= roots_of(self.slots())

    def story(self):
        """50 clients: 18 withdraw, 12 are concluded, 20 stay."""
        self.kept = set()
        marks = canaries.Marks(seed=50)
        self.clients = [canaries.Client(marks, number) for number in range(50)]
        self.plain = marks.word()
        canaries.live_through(self.taus, self.daemon, self.clients, self.counsellor, START + 3600000)
        for number, client in enumerate(self.clients[:30]):
            if number == 15:
                self.daemon.restart()  # kill -9
                self.connect()
            ref = {"subject": client.subject}
            if number % 5 < 3:
                self.shred(lambda ref=ref: self.taus.do("consentWithdraw", {**ref, "method": "phone"}))
            else:
                self.shred(lambda ref=ref: self.taus.do("subjectConclude", ref, as_=self.counsellor))
        self.shown = str(self.taus.do("subjectShow", {"subject": self.clients[49].subject}, as_=self.counsellor))

    def test_nothing_of_clients_and_old_roots(self):
        self.serve()
        self.assertEqual(self.taus.do("keysStatus")["tier"], "L")
        self.story()
        self.assertIn(self.clients[49].texts["body"], self.shown, "the live ones must be whole")
        (self.image.point / "plain.txt").write_text("control " + self.plain)
        gone = self.image.point / "deleted.txt"
        gone.write_text("control " + base64.b64encode(self.plain.encode()).decode() * 5)
        os.sync()
        gone.unlink()
        present = roots_of(self.slots())
        self.store_id = next(record[STORE_ID] for record in (self.slots(), self.slots()[BLOCK:]) if record[:8] == b"TAUSRT1\0")
        old = self.kept - present
        self.assertEqual(len(present), 2)
        self.assertEqual(len(old), 60, "30 shreds leave 30 old roots, each with its escrow key")
        self.assertEqual(self.daemon.terminate(), 0)
        self.image.unmount()

        data = self.image.bytes()
        self.assertEqual({form for _, form in canaries.Search([self.plain]).find(data)}, {"raw", "base64 +0"}, "controls: a file, a deleted file")
        texts = [text for client in self.clients for text in client.texts.values()]
        self.assertGreaterEqual(len(texts), 700)
        self.assertEqual(canaries.Search(texts).find(data), set())
        root = sorted(present, key=data.find)
        self.assertEqual({form for _, form in canaries.Search(root, KEY_FORMS).find(data)}, {"raw"}, "control: the present root")
        found = canaries.Search(old, KEY_FORMS).find(data)
        self.assertEqual(len(found), 0, "old roots found as " + str({form for _, form in found}))
        self.no_key(data, present)
        self.planted(old)

    def no_key(self, data, present):
        """None of the keys that anything was ever sealed under, nor of those on the way to them."""
        nodes, rows = set(), set().union(*self.written.read().key_rows(None).values())
        leaves = key_reader.reachable(self.store_id, rows, list(self.written.roots().values()), nodes)
        keys = {key for *_, key in leaves} | nodes
        self.assertGreaterEqual(len(leaves), len(self.clients) * 6)
        for name in KEY_FORMS:
            found = key_reader.anywhere(keys, data, canaries.FORMS[name])
            self.assertEqual(found, present & nodes if name == "raw" else set(), "keys found as " + name)
        planted = sorted(keys - present)[0]
        for name in KEY_FORMS:
            self.assertEqual(key_reader.anywhere(keys, b"note " + canaries.FORMS[name](planted), canaries.FORMS[name]), {planted}, "the search is blind")

    def planted(self, old):
        """A root store that renames, and one that logs its key: the search must see both."""
        first, second = sorted(old)[:2]
        root = self.image.mount() / "taus" / "root"
        (root / "root.slots.new").write_bytes(bytes(40) + first)
        os.sync()
        (root / "root.slots.new").rename(root / "other")
        (root / "other").unlink()
        (root / "note.txt").write_text("key " + second.hex())
        self.image.unmount()
        found = canaries.Search(old, KEY_FORMS).find(self.image.bytes())
        self.assertEqual(found, {(first, "raw"), (second, "hex")})

    def test_journalled_data_claims_nothing(self):
        self.image.options = "loop,data=journal"
        self.serve()
        status = self.taus.do("status")
        self.assertEqual(status["tier"], "none")
        self.assertTrue(any("root store" in warning for warning in status["warnings"]), status["warnings"])


if __name__ == "__main__":
    BUILD = sys.argv.pop(1)
    unittest.main()
