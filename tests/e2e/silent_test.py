#!/usr/bin/python3
"""A replica whose disk stops answering: its file system is frozen while the daemon runs.

    silent_test.py BUILD      as root, with loop devices

Commands go on, a shred is pending and names the replica and its deadline, the operator takes it out, and it comes back when it thaws.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import canaries
import image_test
import taus_client

BUILD = None
START = taus_client.ms("2026-02-02T09:00")
DEADLINE = 5    # seconds, limits::replica_seconds_max
PATIENCE = 40   # seconds on a busy machine


class SilentTest(unittest.TestCase):
    def setUp(self):
        self.image = image_test.Image()
        self.addCleanup(self.image.close)
        self.place = self.image.mount()
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="taus-silent-"))
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        (self.base / "taus").mkdir()
        self.daemon = taus_client.Daemon(BUILD, directory=str(self.base / "taus"), arguments=["--replica", str(self.place)]).start()
        self.addCleanup(self.daemon.close)
        self.frozen = False
        self.addCleanup(self.freeze, False)  # before the daemon is ended: what waits for the disk cannot be
        self.daemon.set_clock(START)
        self.taus = self.daemon.connect(timeout=120.0)
        self.addCleanup(self.taus.close)
        self.marks, self.number = canaries.Marks(seed=9), 0

    def freeze(self, on):
        if on != self.frozen:
            done = subprocess.run(["fsfreeze", "--freeze" if on else "--unfreeze", str(self.place)], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, "this test needs root and fsfreeze (package util-linux): " + done.stderr)
            self.frozen = on

    def book(self):
        self.number += 1
        client = canaries.Client(self.marks, self.number)
        client.request(self.taus)
        return {"subject": client.subject}

    def state(self):
        return self.taus.do("status")["replicaStates"][0]["state"]

    def timed(self, what):
        begin = time.monotonic()
        result = what()
        return result, time.monotonic() - begin

    def test_nobody_waits_for_it_longer_than_was_said(self):
        clients = [self.book() for _ in range(4)]
        self.assertEqual(self.state(), "current")
        self.freeze(True)
        answer, took = self.timed(lambda: self.taus.do("consentWithdraw", {**clients[0], "method": "phone"}))
        self.assertTrue(answer["pending"])
        self.assertIn("did not answer within %d seconds" % DEADLINE, " ".join(answer["warnings"]))
        self.assertIn("keys evict", " ".join(answer["warnings"]))
        self.assertLess(took, PATIENCE)
        self.assertEqual(self.state(), "silent")
        for _ in range(5):  # nobody waits a second time
            _, took = self.timed(self.book)
            self.assertLess(took, DEADLINE)
        self.assertIn("did not answer", " ".join(self.taus.do("status")["warnings"]))
        self.assertEqual(self.taus.call("subjectState", clients[0])[1]["code"], "busy")

        evicted = self.daemon.tausctl("keys", "evict", "replica-1")
        self.assertEqual(evicted.returncode, 0, evicted.stderr)
        end = time.monotonic() + PATIENCE
        while self.taus.call("subjectState", clients[0])[1]["code"] != "shredded":
            self.assertLess(time.monotonic(), end, "evicted, and still the shred waits")
        refused = self.daemon.tausctl("keys", "admit", "replica-1")
        self.assertEqual(refused.returncode, 8, refused.stderr)
        self.freeze(False)
        end = time.monotonic() + PATIENCE
        while self.daemon.tausctl("keys", "admit", "replica-1").returncode != 0:
            self.assertLess(time.monotonic(), end, "it answers again, and is not admitted")
        self.assertEqual(self.state(), "current")
        self.assertFalse(self.taus.do("consentWithdraw", {**clients[1], "method": "phone"})["pending"])


if __name__ == "__main__":
    BUILD = sys.argv.pop(1)
    unittest.main()
