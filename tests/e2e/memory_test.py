#!/usr/bin/python3
"""One second after a shred was answered, the daemon's memory holds no text of the shredded clients; of a live one it does.

    memory_test.py BUILD               both profiles must be clean
    memory_test.py BUILD TAUSD         this planted daemon, which does not wipe what it frees, must be caught

Also looked at: environment, command line, everything its descriptors can be read as, its log, all files of the store.
"""
import os
import pathlib
import re
import sys
import tempfile
import threading
import unittest

import canaries
import taus_client

BUILD = TAUSD = None
FORMS = ("raw", "UTF-16", "hex")
START = taus_client.ms("2026-02-02T09:00")
PIECE = 16 << 20
LONG_BODY, LONG_BODIES, UNREAD = 15000, 40, 12  # 7 MB of answers: more than a socket holds, less than a connection may queue


class Ends:
    """Finds texts that lost their beginning, as a freed chunk does to the allocator's own pointers: by their last letters."""

    size = 12

    def __init__(self, texts):
        self.ends = {text[-self.size:]: text for text in texts if text.isalpha()}
        letter = "[%s]" % canaries.LETTERS
        self.runs = [("end", re.compile(("%s{%d,}" % (letter, self.size)).encode()), "latin-1"),
                     ("end, UTF-16", re.compile(("(?:%s\0){%d,}" % (letter, self.size)).encode()), "utf-16-le")]

    def find(self, data):
        found = set()
        for form, run, encoding in self.runs:
            for hit in run.finditer(data):
                text = hit.group().decode(encoding)
                for at in range(len(text) - self.size + 1):
                    if text[at:at + self.size] in self.ends:
                        found.add((self.ends[text[at:at + self.size]], form))
        return found


class Both:
    def __init__(self, *searches):
        self.searches = searches

    def find(self, data):
        return set().union(*(search.find(data) for search in self.searches))


def pieces(file, size):
    """The bytes of a span in overlapping pieces."""
    while size > 0:
        data = file.read(min(PIECE, size))
        if not data:
            return
        yield data
        size -= len(data)
        if size > 0:
            file.seek(-256, os.SEEK_CUR)
            size += 256


def in_memory(pid, search):
    """-> ({(text, form): name of the mapping}, bytes searched)"""
    found, total = {}, 0
    with open("/proc/%d/maps" % pid, encoding="ascii") as maps, open("/proc/%d/mem" % pid, "rb", 0) as memory:
        for line in maps:
            fields = line.split()
            start, end = (int(part, 16) for part in fields[0].split("-"))
            if "r" not in fields[1] or fields[-1].startswith(("[vvar", "[vsyscall")):
                continue
            try:
                memory.seek(start)
                for data in pieces(memory, end - start):
                    total += len(data)
                    for hit in search.find(data):
                        found[hit] = fields[-1] if len(fields) > 5 else "anonymous"
            except OSError as error:
                if fields[-1].startswith("/"):
                    continue  # a file that ends before its mapping does
                raise AssertionError("cannot read the memory of %d (%s): this test must run as root" % (pid, line.strip())) from error
    return found, total


def in_process_files(pid, search):
    found = {}
    base = pathlib.Path("/proc/%d" % pid)
    names = [base / name for name in ("environ", "cmdline", "comm", "status", "mountinfo")] + list((base / "fd").iterdir())
    for name in names:
        try:
            if (name.is_file() or name.parent == base) and name.stat().st_size < (256 << 20):
                found.update({hit: str(name) for hit in search.find(name.read_bytes())})
        except OSError:
            continue  # a socket, an event descriptor
    return found


def in_files(directory, search):
    found = {}
    for path in pathlib.Path(directory).rglob("*"):
        for hit in search.find(str(path).encode()):
            found[hit] = "name " + str(path)
        if path.is_file():
            found.update({hit: str(path) for hit in search.find(path.read_bytes())})
    return found


class MemoryTest(unittest.TestCase):
    clients = 80

    def life(self, profile):
        daemon = taus_client.Daemon(BUILD, profile=profile).start()
        self.addCleanup(daemon.close)
        daemon.set_clock(START)
        taus = daemon.connect()
        self.addCleanup(taus.close)
        marks = canaries.Marks(seed=1000)
        counsellor = canaries.add_counsellor(taus)
        clients = [canaries.Client(marks, number, profile) for number in range(self.clients)]
        canaries.live_through(taus, daemon, clients, counsellor, START + 3600000)
        taus.do("calendarShow", {"counsellor": counsellor, "from": "2026-02-02", "to": "2026-02-04"}, as_=counsellor)
        return daemon, taus, counsellor, clients

    def searched(self, daemon, gone, live):
        """-> (hits of `gone`, hits of `live`), one second after now."""
        threading.Event().wait(1.0)  # the promise
        pid = daemon.process.pid
        search = Both(canaries.Search(gone, FORMS), Ends(gone))
        found, size = in_memory(pid, search)
        self.assertGreater(size, 10 << 20)
        found.update(in_process_files(pid, search))
        control, _ = in_memory(pid, canaries.Search(live, ("raw",)))
        found.update(in_files(daemon.directory, canaries.Search(list(gone) + list(live))))
        return found, control

    def tell(self, found, clients):
        fields = {text: (client.number, field) for client in clients for field, text in client.texts.items()}
        lines = ["client %d, %s, as %s, in %s" % (*fields[text], form, where) for (text, form), where in sorted(found.items(), key=str)]
        return "%d texts of shredded clients left:\n%s" % (len(found), "\n".join(lines[:40]))

    def withdraw(self, taus, clients):
        """-> their texts, once all shreds are answered."""
        results = taus.pipeline([("consentWithdraw", {"subject": c.subject, "method": "phone"}) for c in clients])
        self.assertEqual([error for _, error in results if error], [])
        self.assertTrue(all(ack["receipt"] is not None for ack, _ in results))
        return [text for client in clients for text in client.texts.values()]

    def test_withdrawn(self):
        for profile in ("vt", "mt"):
            with self.subTest(profile=profile):
                daemon, taus, counsellor, clients = self.life(profile)
                texts, live = self.withdraw(taus, clients[:-1]), clients[-1]
                self.assertGreaterEqual(len(texts), 1000)
                found, control = self.searched(daemon, texts, live.texts.values())
                self.assertEqual({}, found, self.tell(found, clients))
                held = {text for text, _ in control}
                self.assertGreaterEqual(held, {live.texts[f] for f in ("name", "email", "phone")}, "the search is blind")
                self.assertIn(live.texts["body"], str(taus.do("subjectShow", {"subject": live.subject}, as_=counsellor)))

    def test_concluded(self):
        """Some categories die, name and e-mail stay."""
        self.clients = 30
        daemon, taus, counsellor, clients = self.life("vt")
        for client in clients:
            self.assertIsNotNone(taus.do("subjectConclude", {"subject": client.subject}, as_=counsellor)["receipt"])
        stay = [client.texts[field] for client in clients for field in ("name", "email")]
        gone = [text for client in clients for text in client.texts.values() if text not in stay]
        found, control = self.searched(daemon, gone, stay)
        self.assertEqual({}, found, self.tell(found, clients))
        self.assertEqual({text for text, _ in control}, set(stay))

    def test_why_a_calendar_was_read(self):
        """The purpose of a look is kept with the read log of whom it showed, and in memory for the day, no longer than that log."""
        self.clients = 2
        daemon, taus, counsellor, clients = self.life("vt")
        marks = canaries.Marks(seed=7)
        why, live = marks.word(), canaries.Client(marks, 99)
        live.request(taus)
        taus.do("calendarShow", {"counsellor": counsellor, "from": "2026-02-02", "to": "2026-02-04"}, as_=counsellor, purpose="om " + why)
        held, _ = in_memory(daemon.process.pid, canaries.Search([why], ("raw",)))
        self.assertTrue(held, "the search is blind")
        found, control = self.searched(daemon, [*self.withdraw(taus, clients), why], live.texts.values())
        self.assertEqual({}, found)
        self.assertTrue(control, "the search is blind")

    def test_who_does_not_read_keeps_nothing(self):
        """Answers that wait for a slow reader hold what is shredded; they are not kept for it."""
        self.clients = 4
        daemon, taus, counsellor, clients = self.life("vt")
        victim = clients[0]
        body = (victim.texts["body"] + " ") * (LONG_BODY // (len(victim.texts["body"]) + 1))
        for _ in range(LONG_BODIES):
            taus.do("messageAdd", {"subject": victim.subject, "direction": "in", "channel": "email", "body": body}, as_=counsellor)
        slow = daemon.connect()
        self.addCleanup(slow.close)
        for _ in range(UNREAD):
            slow.send("subjectShow", {"subject": victim.subject}, as_=counsellor)
        taus.do("status")
        waiting, _ = in_memory(daemon.process.pid, canaries.Search([victim.texts["body"]], ("raw",)))
        self.assertTrue(waiting, "no answer waits: the test shows nothing")
        texts = self.withdraw(taus, [victim])
        found, control = self.searched(daemon, texts, clients[-1].texts.values())
        self.assertEqual({}, found, self.tell(found, clients))
        self.assertTrue(control, "the search is blind")
        self.assertTrue(taus.do("status"), "nobody else is cut off")


class PlantedTest(MemoryTest):
    def test_withdrawn(self):
        self.clients = 30
        daemon, taus, _, clients = self.life("vt")
        found, _ = self.searched(daemon, self.withdraw(taus, clients[:-1]), clients[-1].texts.values())
        self.assertTrue(found, "a daemon that does not wipe what it frees was not caught")

    test_concluded = test_who_does_not_read_keeps_nothing = test_why_a_calendar_was_read = None


def load_tests(loader, _, __):
    return loader.loadTestsFromTestCase(PlantedTest if TAUSD else MemoryTest)


if __name__ == "__main__":
    BUILD, TAUSD = sys.argv.pop(1), None
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        TAUSD = sys.argv.pop(1)
        with tempfile.TemporaryDirectory() as folder:  # a build directory with this daemon in it
            os.mkdir(folder + "/bin")
            os.symlink(TAUSD, folder + "/bin/tausd")
            os.symlink(os.path.abspath(BUILD) + "/generated", folder + "/generated")
            BUILD = folder
            unittest.main()
    unittest.main()
