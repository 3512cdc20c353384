#!/usr/bin/python3
"""The ciphertext of what was shredded leaves every file of the store within the configured time; proofs, live data and restarts stay.

    purge_test.py BUILD TAUS_DUMP
"""
import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

import canaries
import format_reader
import taus_client

BUILD = DUMP = None
START = taus_client.ms("2026-02-02T09:00")
PATIENCE = 60


class PurgeTest(unittest.TestCase):
    def setUp(self):
        self.daemon = taus_client.Daemon(BUILD).start()
        self.addCleanup(self.daemon.close)
        self.daemon.set_clock(START)
        self.data = pathlib.Path(self.daemon.directory) / "data"
        self.taus = self.daemon.connect()
        self.marks = canaries.Marks(seed=9)

    def parts(self):
        """{(position, index): ciphertext} of a store at rest."""
        self.taus.close()
        self.daemon.terminate()
        tables = format_reader.read_rows(DUMP, self.data)
        self.daemon.start()
        self.taus = self.daemon.connect()
        streams = {struct_position(key): format_reader.decode_leaf(value)["stream"] for key, value in tables["leaf"]}
        out = {}
        for key, value in tables["part"]:
            out.setdefault(streams[struct_position(key)], []).append(value)
        return out

    def holders(self, needles):
        """Names of files below data/ that hold any of these."""
        found = set()
        for path in self.data.rglob("*"):
            try:
                content = path.read_bytes() if path.is_file() else b""
            except FileNotFoundError:
                continue  # removed meanwhile
            found |= {path.name for needle in needles if needle in content}
        return found

    def until(self, what, why):
        end = time.monotonic() + PATIENCE
        while not what():
            self.assertLess(time.monotonic(), end, why)
            self.taus.do("status")

    def test_within_the_days_nothing_is_left_in_any_file(self):
        clients = []
        for number in range(8):
            client = canaries.Client(self.marks, number)
            client.request(self.taus)
            clients.append(client.subject)
        before = self.parts()
        streams = sorted(stream for stream in before if stream)
        self.assertEqual(len(streams), 8)
        dead = [part[:64] for stream in streams[:4] for part in before[stream]]
        alive = [part[:64] for stream in streams[4:] for part in before[stream]]
        for subject in clients[:4]:
            self.taus.do("consentWithdraw", {"subject": subject, "method": "phone"})
        self.assertTrue(self.holders(dead), "the search is blind")

        self.daemon.advance_clock(days=3)
        self.taus.do("status")
        self.assertTrue(self.holders(dead), "three and a half days are the plan for seven")
        self.daemon.advance_clock(days=1)
        self.until(lambda: not self.holders(dead), "ciphertext of shredded parts is still in a file")
        self.assertTrue(self.holders(alive))
        self.check_history(missing=len(dead))
        self.taus.close()
        self.daemon.restart()
        self.taus = self.daemon.connect()
        self.assertEqual(self.holders(dead), set())
        self.assertTrue(self.taus.do("subjectShow", {"subject": clients[5]}, purpose="prove it")["email"])

    def test_the_operator_can_begin_at_once_and_a_crash_only_delays_it(self):
        clients = []
        for number in range(4):
            client = canaries.Client(self.marks, number)
            client.request(self.taus)
            clients.append(client.subject)
        before = self.parts()
        self.taus.do("consentWithdraw", {"subject": clients[0], "method": "phone"})
        dead = [part[:64] for part in before[min(stream for stream in before if stream)]]
        self.taus.close()
        done = self.daemon.tausctl("retention", "purge")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.daemon.restart()  # kill -9 in whatever it was doing
        self.taus = self.daemon.connect()
        self.until(lambda: not self.holders(dead), "a restart forgot the purge")
        self.taus.do("consentWithdraw", {"subject": clients[1], "method": "phone"})
        self.check_history(missing=len(dead))

    def check_history(self, missing):
        with self.daemon.connect("auditor") as auditor:
            audit = auditor.do("auditVerify")
            self.assertTrue(audit["ok"])
            self.assertGreaterEqual(audit["missing"], missing)  # and the withdrawals' own parts
            for position in range(0, audit["size"], 5):
                self.assertEqual(auditor.do("auditProve", {"position": position})["rootHash"], audit["rootHash"])
        done = subprocess.run([os.path.join(BUILD, "bin", "taus-verify"), str(self.data), "--key", self.daemon.directory + "/root/log.pub", "--json"],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["partsPurged"], audit["missing"])


def struct_position(key):
    return int.from_bytes(key[:8], "big")


if __name__ == "__main__":
    BUILD, DUMP = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()
