"""Starts that must be refused: store, root, floor and key that do not belong together, or are damaged, or are in use. Each with its
exit code and one sentence, and no file changed; put right, everything is served as before.

usage: bad_store_test.py BUILD
"""
import contextlib
import hashlib
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

import taus_client

BUILD = sys.argv[1]
FORM = {"name": "Kari Eksempel", "email": "kari@example.no", "phone": "+4790000000", "municipalityCode": "3905", "ageYears": 34,
        "focusAreas": ["yrkesvalg"], "consent": {"notice": "VT-2022-09-15", "act": "checkbox", "language": "nb"}}
INVALID, UNAVAILABLE, TAMPERED = 2, 8, 9


def files(directory):
    """Every file below `directory` by its hash; not what the lock and standard error are for."""
    out = {}
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            if name not in ("stderr.txt",) and not name.endswith(".sock"):
                with open(path, "rb") as file:
                    out[os.path.relpath(path, directory)] = hashlib.sha256(file.read()).hexdigest()
    return out


def crc32c_table():
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82f63b78 if n & 1 else 0)
        yield n


CRC = list(crc32c_table())


def masked_crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc = CRC[(crc ^ byte) & 0xff] ^ crc >> 8
    crc ^= 0xffffffff
    return ((crc >> 15 | crc << 17) + 0xa282ead8) & 0xffffffff


def set_format(path, number):
    """Writes another format into the store row, in RocksDB's log, checksum and all."""
    with open(path, "rb") as file:
        log = bytearray(file.read())
    row = log.index(b"\x05store\x17") + 7  # length of the key, key, length of the value
    at = 0
    while True:  # records: masked CRC-32C, length, type; this early none is split over blocks
        crc, length, kind = struct.unpack_from("<IHB", log, at)
        if at + 7 <= row < at + 7 + length:
            break
        at += 7 + length
    if masked_crc32c(bytes([kind]) + log[at + 7:at + 7 + length]) != crc:
        raise AssertionError("this is not how RocksDB writes its log")
    log[row + 20] = number
    struct.pack_into("<I", log, at, masked_crc32c(bytes([kind]) + log[at + 7:at + 7 + length]))
    with open(path, "wb") as file:
        file.write(log)


def flip(path, at, mask=1):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ mask]))


class Stores(unittest.TestCase):
    """A store as it was first (`early`), later (`late`), after a shred (`shredded`), and another centre's (`other`)."""

    @classmethod
    def setUpClass(cls):
        cls.base = tempfile.mkdtemp(prefix="taus-stores-")
        cls.addClassCleanup(shutil.rmtree, cls.base, ignore_errors=True)
        with cls.stopped("other") as taus:
            taus.do("bookingRequest", FORM)
        with cls.stopped("store") as taus:
            cls.kari = taus.do("bookingRequest", FORM)["subject"]
            cls.ola = taus.do("bookingRequest", dict(FORM, name="Ola", email="ola@example.no"))["subject"]
        cls.keep("early")
        with cls.stopped("store") as taus:
            taus.do("messageAdd", {"subject": cls.kari, "direction": "in", "channel": "sms", "body": "hei"})
            taus.do("messageAdd", {"subject": cls.kari, "direction": "in", "channel": "sms", "body": "hei igjen"})
        cls.keep("late")
        with cls.stopped("store") as taus:
            taus.do("consentWithdraw", {"subject": cls.ola})
        cls.keep("shredded")

    @classmethod
    @contextlib.contextmanager
    def stopped(cls, name):
        daemon = taus_client.Daemon(BUILD, directory=os.path.join(cls.base, name))
        os.makedirs(daemon.directory, exist_ok=True)
        daemon.start()
        try:
            with daemon.connect() as taus:
                yield taus
        finally:
            daemon.terminate()

    @classmethod
    def keep(cls, name):
        shutil.copytree(os.path.join(cls.base, "store"), os.path.join(cls.base, name), ignore=lambda d, names: [n for n in names if n == "run"])

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="case-", dir=self.base)

    def lay_out(self, name):
        """A fresh copy of one of the stores to spoil."""
        shutil.rmtree(self.directory)
        shutil.copytree(os.path.join(self.base, name), self.directory, ignore=lambda d, names: [n for n in names if n == "run"])

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def replace(self, name, source):
        """data/… or root/… of another store in place of our own."""
        target = self.path(*name.split("/"))
        shutil.rmtree(target) if os.path.isdir(target) else os.remove(target)
        origin = os.path.join(self.base, source, *name.split("/"))
        shutil.copytree(origin, target) if os.path.isdir(origin) else shutil.copy2(origin, target)

    def start(self, profile="vt"):
        command = [os.path.join(BUILD, "bin", "tausd"), "--dev", self.directory, "--profile", profile]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def refused(self, status, words, profile="vt"):
        """It does not start, twice; and no file was touched."""
        before = files(self.directory)
        for _ in range(2):
            done = self.start(profile)
            self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
            lines = [line for line in done.stderr.splitlines() if " error " in line]
            self.assertEqual(len(lines), 1, done.stderr)
            self.assertIn(words, lines[0])
            self.assertNotIn("Kari", done.stderr)
        self.assertEqual(files(self.directory), before)

    def serves(self, subject):
        daemon = taus_client.Daemon(BUILD, directory=self.directory)
        daemon.start()
        try:
            with daemon.connect() as taus:
                self.assertTrue(taus.do("auditVerify")["ok"])
                self.warnings = " ".join(taus.do("status")["warnings"])
                self.assertEqual(taus.do("subjectShow", {"subject": subject})["name"], "Kari Eksempel")
                return taus.do("subjectShow", {"subject": subject})
        finally:
            daemon.terminate()

    # --- the root

    def test_root_missing(self):
        self.lay_out("late")
        os.rename(self.path("root", "root.slots"), self.path("kept"))
        self.refused(UNAVAILABLE, "root key of this store is missing")
        os.rename(self.path("kept"), self.path("root", "root.slots"))
        self.serves(self.kari)

    def test_root_zeroed_or_random(self):
        for content, words in ((bytes(8192), "root store is empty"), (os.urandom(8192), "no slot of the root store is readable")):
            self.lay_out("late")
            with open(self.path("root", "root.slots"), "r+b") as file:
                file.write(content)
            if content[0] or content[1]:
                self.refused_by_the_vault(UNAVAILABLE, words)
            else:
                self.refused(UNAVAILABLE, words)
            self.replace("root/root.slots", "late")
            self.serves(self.kari)

    def refused_by_the_vault(self, status, words):
        """Only the engine's rows can tell: it is opened, which rewrites its own files, and the root directory stays as it is."""
        root = files(self.path("root"))
        done = self.start()
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        self.assertIn(words, done.stderr)
        self.assertEqual(files(self.path("root")), root)

    def test_root_of_another_store(self):
        self.lay_out("late")
        self.replace("root/root.slots", "other")
        self.refused(UNAVAILABLE, "belongs to another store")
        self.replace("root", "other")
        self.refused(UNAVAILABLE, "belongs to another store")
        self.replace("root", "late")
        self.serves(self.kari)

    def test_data_of_another_store(self):
        self.lay_out("late")
        self.replace("data", "other")
        self.refused(UNAVAILABLE, "belongs to another store")

    def test_root_that_others_may_read(self):
        self.lay_out("late")
        os.chmod(self.path("root", "root.slots"), 0o644)
        self.refused(INVALID, "others may read the root store")
        os.chmod(self.path("root", "root.slots"), 0o600)
        os.link(self.path("root", "root.slots"), self.path("second"))
        self.refused(INVALID, "has a second name")

    # --- the floor and the log key

    def test_floor_missing_short_or_damaged(self):
        floor = ("root", "floor")
        self.lay_out("late")
        os.remove(self.path(*floor))
        self.refused(TAMPERED, "the floor of this store is missing")
        for spoil, words in ((lambda: os.truncate(self.path(*floor), 8191), "8191 bytes"), (lambda: os.truncate(self.path(*floor), 0), "0 bytes"),
                             (lambda: [flip(self.path(*floor), slot + 100) for slot in (0, 4096)], "no slot of the floor file"),
                             (lambda: [flip(self.path(*floor), slot + 200, 0x80) for slot in (0, 4096)], "no slot of the floor file")):
            self.replace_floor()
            spoil()
            self.refused(TAMPERED, words)
        self.replace_floor()
        self.serves(self.kari)

    def replace_floor(self):
        shutil.copy2(os.path.join(self.base, "late", "root", "floor"), self.path("root", "floor"))

    def test_floor_blank(self):
        self.lay_out("late")
        with open(self.path("root", "floor"), "r+b") as file:
            file.write(bytes(8192))
        self.refused_by_the_vault(TAMPERED, "blank or new")

    def test_one_slot_of_the_floor_damaged_is_a_crash(self):
        """A bit anywhere in one slot: the other one decides, and nothing that was acknowledged is gone."""
        for at in (0, 7, 50, 90, 130, 4096, 4196, 4296):
            self.lay_out("late")
            flip(self.path("root", "floor"), at)
            self.assertEqual(len(self.serves(self.kari)["messages"]), 2)
            self.assertIn("places of the floor was damaged", self.warnings)
            self.serves(self.kari)
        self.lay_out("late")
        self.serves(self.kari)
        self.assertNotIn("floor", self.warnings)

    def test_a_damaged_byte_that_nobody_asks_for(self):
        """In a filter, an index or a row that was replaced: no start needs it, and whoever verifies is told."""
        self.lay_out("shredded")
        daemon = taus_client.Daemon(BUILD, directory=self.directory)
        daemon.start()
        self.addCleanup(daemon.terminate)
        database = self.path("data", "db")
        table = min((os.path.join(database, name) for name in os.listdir(database) if name.endswith(".sst")), key=os.path.getsize)
        verify = [os.path.join(BUILD, "bin", "taus-verify"), self.path("data"), "--key", self.path("root", "log.pub")]
        with daemon.connect() as taus:
            for at in range(3, os.path.getsize(table), 97):
                flip(table, at, 0x10)
                self.assertEqual((taus.call("auditVerify")[1] or {}).get("code"), "corrupt", at)
                self.assertEqual(subprocess.run(verify, capture_output=True, check=False).returncode, TAMPERED, at)
                flip(table, at, 0x10)
                self.assertTrue(taus.do("auditVerify")["ok"])
        self.assertEqual(subprocess.run(verify, capture_output=True, check=False).returncode, 0)

    def test_floor_of_another(self):
        self.lay_out("late")
        self.replace("root/floor", "other")
        self.refused(TAMPERED, "signed with another log key")
        self.lay_out("late")
        self.replace("root/log.key", "other")
        self.refused(TAMPERED, "signed with another log key")
        os.remove(self.path("root", "log.key"))
        self.refused(UNAVAILABLE, "the log key signs the floor")
        with open(self.path("root", "log.key"), "w", encoding="ascii") as file:
            file.write("not a key\n")
        self.refused(INVALID, "the log key must be 32 bytes")

    # --- an older copy, or none

    def test_older_data_beside_the_newer_root(self):
        self.lay_out("late")
        self.replace("data", "early")
        self.refused(TAMPERED, "floor is ahead of the journal")
        self.replace("data", "late")
        self.assertEqual(len(self.serves(self.kari)["messages"]), 2)

    def test_data_from_before_a_shred(self):
        for older in ("early", "late"):
            self.lay_out("shredded")
            self.replace("data", older)
            self.refused(TAMPERED, "floor is ahead of the journal")
        self.replace("data", "shredded")
        self.serves(self.kari)

    def test_data_gone(self):
        self.lay_out("late")
        shutil.rmtree(self.path("data", "db"))
        self.refused(TAMPERED, "promises a store where there is none")
        os.remove(self.path("root", "floor"))
        root = files(self.path("root"))["root.slots"]
        self.assertEqual(self.start().returncode, TAMPERED)  # a root key is no place for a new store
        self.assertEqual(files(self.path("root"))["root.slots"], root)

    # --- profile, format, neighbours

    def test_another_profile(self):
        self.lay_out("late")
        self.refused(INVALID, "belongs to profile 'vt', not 'mt'", profile="mt")
        self.refused(INVALID, "no profile", profile="xx")
        self.serves(self.kari)

    def test_another_format(self):
        os.makedirs(self.path("data"), exist_ok=True)
        daemon = taus_client.Daemon(BUILD, directory=self.directory)
        daemon.start()
        daemon.kill()  # an orderly end empties the log
        logs = [pathlib.Path(self.path("data", "db", n)) for n in sorted(os.listdir(self.path("data", "db"))) if n.endswith(".log")]
        with_row = [path for path in logs if b"\x05store\x17" in path.read_bytes()]
        self.assertEqual(len(with_row), 1)
        set_format(with_row[0], 3)
        self.refused(INVALID, "newer taus (format 3)")
        set_format(with_row[0], 1)
        self.refused(INVALID, "earlier taus (format 1)")
        set_format(with_row[0], 2)
        self.assertEqual(daemon.start().terminate(), 0)

    def test_two_daemons(self):
        self.lay_out("late")
        daemon = taus_client.Daemon(BUILD, directory=self.directory)
        daemon.start()
        try:
            with daemon.connect() as taus:
                before = files(self.path("root")), taus.do("status")
                done = self.start()
                self.assertEqual((done.returncode, done.stdout), (UNAVAILABLE, ""))
                self.assertIn("another tausd is running", done.stderr)
                after = files(self.path("root")), taus.do("status")
                self.assertEqual((before[0], before[1]["rootHash"]), (after[0], after[1]["rootHash"]))
                taus.do("subjectShow", {"subject": self.kari})
        finally:
            daemon.terminate()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
