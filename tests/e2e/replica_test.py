#!/usr/bin/python3
"""Replicas of the keys under a real daemon: a shred waits for every one of them and says so, the operator can evict one, one that comes
back is brought up, and what a replica holds opens with the present root key and with nothing else.

    replica_test.py BUILD
"""
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import canaries
import key_reader
import taus_client

BUILD = None
START = taus_client.ms("2026-02-02T09:00")
PATIENCE = 30  # seconds for what happens by itself within one or two


class ReplicaTest(unittest.TestCase):
    def setUp(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="taus-replicas-"))
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        self.places = [self.base / "one", self.base / "two"]
        for place in self.places:
            place.mkdir()
        self.daemon = taus_client.Daemon(BUILD, directory=str(self.base / "taus"), arguments=[
            word for place in self.places for word in ("--replica", str(place))])
        (self.base / "taus").mkdir()
        self.daemon.start()
        self.addCleanup(self.daemon.close)
        self.daemon.set_clock(START)
        self.taus = self.daemon.connect()
        self.addCleanup(self.taus.close)
        self.marks = canaries.Marks(seed=5)
        self.number = 0

    def book(self):
        self.number += 1
        client = canaries.Client(self.marks, self.number)
        client.request(self.taus)
        return {"subject": client.subject}

    def restart(self):
        self.taus.close()
        self.daemon.restart()
        self.taus = self.daemon.connect()
        self.addCleanup(self.taus.close)

    def states(self):
        return [one["state"] for one in self.taus.do("status")["replicaStates"]]

    def until(self, what):
        end = time.monotonic() + PATIENCE
        while not what():
            self.assertLess(time.monotonic(), end, "waited in vain; " + json.dumps(self.taus.do("status")["warnings"]))

    def kept_in(self, place):
        """(key ids reachable with the present root from what lies there, key ids it knows to be destroyed, their live count)."""
        root = key_reader.root_records((self.base / "taus/root/root.slots").read_bytes())
        table, kseq, written = key_reader.read_copy((place / "keys.copy").read_bytes())
        self.assertEqual(table, 2)
        rows = key_reader.present(written)
        self.assertEqual(struct.unpack("<Q", rows[b"Mq"])[0], kseq)
        store = bytes.fromhex(self.taus.do("status")["storeId"])
        found = key_reader.reachable(store, set(rows.items()), [key for _, key in root])
        ever = key_reader.reachable(store, {(key, value) for key, value in written if value}, [key for _, key in root])
        self.assertEqual(ever, found, "older rows of the replica open something that the present ones do not")
        return {key_reader.key_id(key) for *_, key in found}, set(key_reader.destroyed(set(rows.items())))

    def test_a_shred_waits_for_every_replica_and_says_so(self):
        clients = [self.book() for _ in range(6)]
        self.assertEqual(self.states(), ["current", "current"])
        receipt = self.taus.do("consentWithdraw", {**clients[0], "method": "phone"})
        self.assertFalse(receipt["pending"])
        first = self.taus.do("receiptShow", {"position": receipt["receipt"]})
        told = json.loads(first["receipt"]) if isinstance(first["receipt"], str) else first["receipt"]
        self.assertEqual(told["replicas"], ["replica-1", "replica-2"])
        self.assertEqual(told["generation"], told["previousGeneration"] + 1)

        away = self.base / "away"
        self.places[1].rename(away)  # its disk is gone
        waiting = self.taus.do("consentWithdraw", {**clients[1], "method": "phone"})
        self.assertTrue(waiting["pending"])
        self.assertIn('"replica-2"', " ".join(waiting["warnings"]))
        self.assertIn(waiting["receipt"], (None, -1))
        status = self.taus.do("status")
        self.assertEqual(status["pending"], 1)
        self.assertIn("1 shreds are pending", " ".join(status["warnings"]))
        generation = status["generation"]
        result = self.daemon.tausctl("consent", "withdraw", clients[2]["subject"], "--method", "phone")
        self.assertEqual(result.returncode, 8, result.stdout + result.stderr)
        self.assertEqual(self.taus.call("subjectState", clients[1])[1]["code"], "busy")
        self.book()  # work goes on

        turned = self.daemon.tausctl("keys", "rotate-root")
        self.assertEqual(turned.returncode, 8, turned.stdout + turned.stderr)
        away.rename(self.places[1])
        self.until(lambda: self.taus.do("status")["pending"] == 0)
        self.assertEqual(self.states(), ["current", "current"])
        self.assertEqual(self.taus.do("status")["generation"], generation + 1, "both requests in one run")
        self.assertEqual(self.taus.call("subjectState", clients[1])[1]["code"], "shredded")
        alive, dead = self.kept_in(self.places[1])
        self.assertEqual((alive, dead), self.kept_in(self.places[0]))
        self.assertGreater(len(alive), 8)
        self.assertGreater(len(dead), 8)
        self.assertEqual(alive & dead, set())

    def test_the_operator_evicts_and_admits(self):
        clients = [self.book() for _ in range(3)]
        shutil.rmtree(self.places[0])
        self.assertTrue(self.taus.do("consentWithdraw", {**clients[0], "method": "phone"})["pending"])
        self.restart()  # the request outlives it
        self.assertEqual(self.taus.do("status")["pending"], 1)
        wrong = self.daemon.tausctl("keys", "evict", "nobody")
        self.assertEqual(wrong.returncode, 3, wrong.stderr)
        evicted = self.daemon.tausctl("keys", "evict", "replica-1")
        self.assertEqual(evicted.returncode, 0, evicted.stderr)
        self.until(lambda: self.taus.do("status")["pending"] == 0)
        self.restart()
        self.assertEqual(self.states(), ["evicted", "current"])
        self.assertIn("was evicted", " ".join(self.taus.do("status")["warnings"]))
        self.assertEqual(self.daemon.tausctl("keys", "admit", "replica-1").returncode, 8)  # no directory: cannot be copied
        self.places[0].mkdir()
        self.assertEqual(self.daemon.tausctl("keys", "admit", "replica-1").returncode, 0)
        self.assertEqual(self.states(), ["current", "current"])
        self.assertEqual(self.kept_in(self.places[0]), self.kept_in(self.places[1]))
        with self.daemon.connect("auditor") as auditor:
            told = [json.dumps(part) for entry in auditor.do("auditReplay")["entries"] for part in entry["parts"]]
        self.assertEqual(sum("evicted" in part for part in told), 3, "set up, evicted, admitted: all in the journal")

    def test_one_place_is_not_two_replicas(self):
        (self.base / "link").symlink_to(self.places[0])
        for again in (self.places[0], self.base / "link"):
            words = [os.path.join(BUILD, "bin", "tausd"), "--dev", str(self.base / "other"), "--profile", "vt", "--replica", str(self.places[0]), "--replica", str(again)]
            done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("each needs a directory of its own", done.stderr)
        for own in ("other/data", "other/./root", "other/data/db"):
            done = subprocess.run(words[:-3] + [str(self.base / own)], capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("lies with the store or the root key", done.stderr)

    def test_a_changed_copy_is_refused_and_nothing_is_erased(self):
        client = self.book()
        self.daemon.terminate()
        path = self.places[0] / "keys.copy"
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 4
        path.write_bytes(data)
        self.daemon.start()
        self.taus = self.daemon.connect()
        self.addCleanup(self.taus.close)
        self.assertEqual(self.states(), ["damaged", "current"])
        self.assertEqual(path.read_bytes(), bytes(data))
        waiting = self.taus.do("consentWithdraw", {**client, "method": "phone"})
        self.assertTrue(waiting["pending"])
        self.assertIn("is damaged", " ".join(waiting["warnings"]))
        self.assertEqual(self.daemon.tausctl("keys", "admit", "replica-1").returncode, 0)
        self.until(lambda: self.taus.do("status")["pending"] == 0)
        with open(path, "r+b") as file:  # the power went while it was written
            file.truncate(os.path.getsize(path) - 7)
        self.restart()
        self.assertEqual(self.states(), ["current", "current"])
        self.kept_in(self.places[0])


if __name__ == "__main__":
    BUILD = sys.argv.pop(1)
    unittest.main()
