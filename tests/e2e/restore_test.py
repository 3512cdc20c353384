#!/usr/bin/python3
"""Backup, loss and return, by the shipped programs: events of any age with the newest keys, old keys with the present root, no root at all.

    restore_test.py BUILD TAUS_DUMP
"""
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

import canaries
import format_reader
import key_reader
import taus_client

BUILD = DUMP = None
START = taus_client.ms("2026-02-02T09:00")


class RestoreTest(unittest.TestCase):
    def setUp(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="taus-restore-"))
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        self.home, self.copy, self.backup = self.base / "taus", self.base / "replica", self.base / "backup"
        self.home.mkdir()
        self.copy.mkdir()
        self.daemon = taus_client.Daemon(BUILD, directory=str(self.home), arguments=["--replica", str(self.copy)])
        self.addCleanup(self.daemon.close)
        self.start()
        self.daemon.set_clock(START)
        self.marks, self.number = canaries.Marks(seed=7), 0

    def start(self):
        self.daemon.start()
        self.taus = self.daemon.connect()
        self.addCleanup(self.taus.close)

    def stop(self):
        self.taus.close()
        self.daemon.terminate()

    def book(self):
        self.number += 1
        client = canaries.Client(self.marks, self.number)
        client.request(self.taus)
        return {"subject": client.subject}

    def withdraw(self, client):
        return self.taus.do("consentWithdraw", {**client, "method": "phone"})

    def run_tausctl(self, *words, file_bytes=None):
        """`file_bytes`: no file may become longer, as on a disk that is full."""
        def confine():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
        return subprocess.run([os.path.join(BUILD, "bin", "tausctl"), *words], capture_output=True, text=True, timeout=120,
                              preexec_fn=None if file_bytes is None else confine)

    def make_backup(self):
        made = self.daemon.tausctl("backup", "create", str(self.backup), "--json")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(list(json.loads(made.stdout)), ["size", "generation", "kseq", "parts", "purged", "made"])
        self.assertIn("copying part", made.stderr)
        return made

    def lose_the_store(self):
        """The disk with the database is gone; root key and floor are where they were."""
        self.stop()
        (self.home / "data/db").rename(self.base / ("lost-%d" % self.number))

    def restore(self, *more):
        return self.run_tausctl("backup", "restore", str(self.backup), "--to", str(self.home / "data"), *more)

    def refused(self):
        """Starts, expects a refusal; the last words. The root file stays as it was."""
        root = (self.home / "root/root.slots").read_bytes() if (self.home / "root/root.slots").exists() else None
        with self.assertRaises(taus_client.Closed) as caught:
            self.daemon.start()
        if root is not None:
            self.assertEqual((self.home / "root/root.slots").read_bytes(), root, "a refusal erased something")
        return str(caught.exception)

    def restoration(self):
        with self.daemon.connect("auditor") as auditor:
            found = [part["content"] for entry in auditor.do("auditReplay")["entries"] for part in entry["parts"]
                     if part["content"] and "previousIncarnation" in json.dumps(part["content"])]
        return [json.loads(one) if isinstance(one, str) else one for one in found]

    def check_store(self):
        """By the independent reader and by taus-verify."""
        self.stop()
        tables = format_reader.read_rows(DUMP, self.home / "data")
        key = bytes.fromhex((self.home / "root/log.pub").read_text().strip())
        floor = format_reader.decode_floor((self.home / "root/floor").read_bytes(), key)
        format_reader.check_store(tables, floor)
        done = subprocess.run([os.path.join(BUILD, "bin", "taus-verify"), str(self.home / "data"), "--key", str(self.home / "root/log.pub"), "--json"],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.start()
        return json.loads(done.stdout)

    def test_an_old_backup_with_the_newest_keys(self):
        clients = [self.book() for _ in range(6)]
        self.withdraw(clients[0])
        self.make_backup()
        checked = self.run_tausctl("backup", "verify", str(self.backup), "--key", str(self.home / "root/log.pub"), "--json")
        self.assertEqual(checked.returncode, 0, checked.stderr)
        size = json.loads(checked.stdout)["size"]
        self.assertEqual(json.loads(checked.stdout)["checkpoint"], "signed")
        late = self.book()
        self.withdraw(clients[1])  # the backup still has this client's parts, and keys that open them under an older root
        before = self.taus.do("status")

        self.lose_the_store()
        old = self.restore()
        self.assertEqual(old.returncode, 0, old.stderr)
        said = self.refused()
        self.assertRegex(said, "restore the newest|newer keys|do not fit the root key")
        shutil.rmtree(self.home / "data/db")

        done = self.restore("--keys", str(self.copy), "--key", str(self.home / "root/log.pub"), "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["checkpoint"], "signed")
        early = subprocess.run([os.path.join(BUILD, "bin", "taus-verify"), str(self.home / "data"), "--key", str(self.home / "root/log.pub")],
                               capture_output=True, text=True, timeout=120)
        self.assertEqual(early.returncode, 0, early.stderr)  # before its first start the floor is still the old one
        self.start()
        status = self.taus.do("status")
        self.assertNotEqual(status["incarnation"], before["incarnation"])
        self.assertEqual(status["storeId"], before["storeId"])
        told = self.restoration()
        self.assertEqual(len(told), 1)
        self.assertEqual((told[0]["size"], told[0]["lost"]), (size, before["size"] - size))
        self.assertEqual(self.taus.call("subjectState", clients[1])[1]["code"], "shredded")
        self.assertEqual(self.taus.call("subjectState", clients[0])[1]["code"], "shredded")
        self.assertEqual(self.taus.call("subjectState", late)[1]["code"], "not_found")
        for client in clients[2:]:
            self.assertTrue(self.taus.do("subjectShow", client, purpose="prove it")["email"])
        self.withdraw(clients[2])
        fresh = self.book()
        self.assertNotIn(fresh["subject"], [late["subject"], *[client["subject"] for client in clients]])
        self.assertEqual(self.check_store()["restores"], 1)
        self.assertEqual([self.taus.do("status")[name] for name in ("incarnation", "storeId")], [status["incarnation"], status["storeId"]])
        self.assertEqual(len(self.restoration()), 1)
        receipts = [json.dumps(one) for one in self.public_entries() if "keyId" in json.dumps(one)]
        self.assertEqual(len([one for one in receipts if '"generation": 3' in one or '"generation":3' in one]) > 0, True,
                         "the shred after the backup has its receipt again")

    def public_entries(self):
        with self.daemon.connect("auditor") as auditor:
            return [json.loads(part["content"]) if isinstance(part["content"], str) else part["content"]
                    for entry in auditor.do("auditReplay")["entries"] for part in entry["parts"] if part["content"]]

    def test_last_nights_backup_alone_where_nothing_was_shredded_since(self):
        clients = [self.book() for _ in range(3)]
        self.withdraw(clients[0])
        self.make_backup()
        late = self.book()
        self.lose_the_store()
        shutil.rmtree(self.copy)  # and the replica with it
        self.copy.mkdir()
        self.assertEqual(self.restore().returncode, 0)
        self.start()
        self.assertTrue(self.taus.do("subjectShow", clients[1], purpose="prove it")["email"])
        fresh = self.book()
        self.assertNotEqual(fresh["subject"], late["subject"], "a number that meant somebody else")
        self.assertGreater(self.restoration()[0]["lost"], 0)
        self.check_store()

    def test_what_was_accepted_before_the_loss_is_shredded_before_anything_is_read(self):
        clients = [self.book() for _ in range(3)]
        self.make_backup()
        away = self.base / "away"
        self.copy.rename(away)
        self.assertTrue(self.withdraw(clients[0])["pending"])
        # The keys as they are on the disk now, with the accepted request, are what is brought back.
        self.stop()
        rows = format_reader.read_rows(DUMP, self.home / "data")["keys"]
        self.assertTrue([key for key, _ in rows if key[:1] == b"P"])
        newest = self.base / "newest"
        shutil.rmtree(away)
        self.copy.mkdir()
        self.start()  # the replica is copied anew, and the shred carried out
        self.stop()
        shutil.copytree(self.copy, newest)
        (self.home / "data/db").rename(self.base / "lost")
        self.assertEqual(self.restore("--keys", str(newest)).returncode, 0)
        self.start()
        self.assertEqual(self.taus.call("subjectState", clients[0])[1]["code"], "shredded")
        self.check_store()

    def test_a_backup_that_was_cut_or_changed_is_refused(self):
        self.book()
        self.make_backup()
        self.stop()
        (self.home / "data/db").rename(self.base / "lost")
        for name in ("manifest", "leaf.copy", "part.copy", "keys.copy", "dedupe.copy", "meta.copy"):
            path = self.backup / name
            good = path.read_bytes()
            for bad in (good[:-1], good[:len(good) // 2], good[:len(good) // 2] + bytes([good[len(good) // 2] ^ 1]) + good[len(good) // 2 + 1:]):
                path.write_bytes(bad)
                for words in (("verify", str(self.backup)), ("restore", str(self.backup), "--to", str(self.home / "data"))):
                    result = self.run_tausctl("backup", *words)
                    self.assertEqual(result.returncode, 9, (name, words, result.stdout, result.stderr))
                    self.assertIn("nothing was changed", result.stderr)
                self.assertFalse((self.home / "data/db").exists())
            path.write_bytes(good)
        key = ["--key", str(self.home / "root/log.pub")]
        checkpoint = (self.backup / "checkpoint").read_bytes()
        for bad in (None, b"", checkpoint[:-1], checkpoint[:60], checkpoint.replace(b"\n", b"\n1", 1)):
            (self.backup / "checkpoint").unlink()
            if bad is not None:
                (self.backup / "checkpoint").write_bytes(bad)
            for words in (("verify", str(self.backup)), ("verify", str(self.backup), *key), ("restore", str(self.backup), "--to", str(self.home / "data"))):
                result = self.run_tausctl("backup", *words)
                self.assertEqual(result.returncode, 9, (bad, words, result.stdout, result.stderr))
            (self.backup / "checkpoint").write_bytes(checkpoint)
        changed = checkpoint[:-30] + bytes([checkpoint[-30] ^ 1]) + checkpoint[-29:]  # who signed it, only the key tells
        (self.backup / "checkpoint").write_bytes(changed)
        unsigned = self.restore("--key", str(self.home / "root/log.pub"))
        self.assertEqual(unsigned.returncode, 9, unsigned.stderr)
        self.assertFalse((self.home / "data/db").exists(), "nothing is put there")
        self.assertEqual(self.run_tausctl("backup", "verify", str(self.backup), *key).returncode, 9)
        self.assertIn("was not checked", self.run_tausctl("backup", "verify", str(self.backup)).stdout)
        (self.backup / "checkpoint").write_bytes(checkpoint)
        (self.backup / "part.copy").rename(self.base / "part")
        lacking = self.run_tausctl("backup", "verify", str(self.backup))
        self.assertEqual(lacking.returncode, 9, lacking.stderr)
        self.assertIn("lacks its table part", lacking.stderr)
        (self.base / "part").rename(self.backup / "part.copy")
        self.assertEqual(self.run_tausctl("backup", "verify", str(self.backup), *key).returncode, 0)
        (self.backup / "manifest").unlink()
        self.assertEqual(self.run_tausctl("backup", "verify", str(self.backup)).returncode, 3)

    def test_who_signed_an_old_backup_is_checked_at_the_first_start(self):
        self.book()
        self.make_backup()
        self.book()  # the floor goes beyond the backup, and says nothing of it
        self.lose_the_store()
        good = (self.backup / "checkpoint").read_bytes()
        (self.backup / "checkpoint").write_bytes(good[:-30] + bytes([good[-30] ^ 1]) + good[-29:])
        done = self.restore("--keys", str(self.copy))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("checked at the first start", done.stdout)
        self.assertIn("not signed by this store's log key", self.refused())
        self.assertIn("not signed by this store's log key", self.refused(), "and again")
        shutil.rmtree(self.home / "data/db")
        self.assertEqual(self.restore("--unsigned", "--key", str(self.home / "root/log.pub")).returncode, 2)
        done = self.restore("--keys", str(self.copy), "--unsigned", "--json")
        self.assertEqual(json.loads(done.stdout)["checkpoint"], "not checked")
        self.start()
        self.check_store()

    def test_under_a_new_log_key_the_old_one_tells_who_signed(self):
        self.book()
        self.make_backup()
        self.lose_the_store()
        old = self.base / "old.pub"
        (self.home / "root/log.pub").rename(old)
        (self.home / "root/floor").unlink()
        (self.home / "root/log.key").write_text(os.urandom(32).hex() + "\n")
        self.assertEqual(json.loads(self.restore("--json").stdout)["checkpoint"], "at start")
        self.assertIn("--key", self.refused())
        shutil.rmtree(self.home / "data/db")
        self.assertEqual(self.restore("--key", str(old)).returncode, 0)
        self.start()
        self.check_store()

    def test_a_disk_that_takes_no_more(self):
        self.book()
        for size in (0, 150, 400, 1200):
            place = self.base / ("half-%d" % size)
            result = self.run_tausctl("--dev", str(self.home), "backup", "create", str(place), file_bytes=size)
            self.assertEqual(result.returncode, 1, (size, result.stderr))
            self.assertIn("annot write", result.stderr)
            self.assertEqual(self.run_tausctl("backup", "verify", str(place)).returncode, 3, "no manifest, no backup")
        self.make_backup()
        self.lose_the_store()
        for size in (0, 100, 1000, 2000):
            result = self.run_tausctl("backup", "restore", str(self.backup), "--to", str(self.home / "data"), file_bytes=size)
            self.assertEqual(result.returncode, 1, (size, result.stderr))
            self.assertFalse((self.home / "data/db").exists(), size)
        self.assertEqual(self.restore().returncode, 0)
        self.start()
        self.check_store()

    def test_a_place_that_is_taken_is_left_alone(self):
        self.book()
        made = self.make_backup()
        (self.home / "data/db").rename(self.base / "away")  # and tausd runs on
        result = self.restore()
        self.assertEqual(result.returncode, 8, result.stderr)
        self.assertIn("in use by tausd", result.stderr)
        self.assertFalse((self.home / "data/db").exists())
        (self.base / "away").rename(self.home / "data/db")
        again = self.daemon.tausctl("backup", "create", str(self.backup))
        self.assertEqual(again.returncode, 2, again.stderr)
        self.stop()
        result = self.restore()
        self.assertEqual(result.returncode, 2)
        self.assertIn("move the old store aside", result.stderr)
        for place, says in ((self.backup, "is the backup itself"), (self.backup / "manifest", "is no directory")):
            files = sorted(self.backup.iterdir())
            result = self.run_tausctl("backup", "restore", str(self.backup), "--to", str(place), "--json")
            self.assertEqual((result.returncode, json.loads(result.stdout)["error"]["code"]), (2, "invalid_argument"), result.stderr)
            self.assertIn(says, result.stderr)
            self.assertEqual(sorted(self.backup.iterdir()), files)
        other = self.run_tausctl("backup", "restore", str(self.backup), "--to", str(self.base / "other"), "--json")
        self.assertEqual((other.returncode, json.loads(other.stdout)["size"]), (0, json.loads(made.stdout)["size"]), other.stderr)
        self.start()

    def test_the_root_comes_back_from_paper_and_from_nothing_else(self):
        clients = [self.book() for _ in range(3)]
        paper = self.daemon.tausctl("keys", "escrow", "--days", "30")
        self.assertEqual(paper.returncode, 0, paper.stderr)
        (self.base / "paper").write_text(paper.stdout)
        self.assertIn("taus escrow paper 1", paper.stdout)
        receipt = self.withdraw(clients[0])
        self.assertEqual(receipt["fullyErasedBy"], "2026-03-04")
        self.make_backup()
        self.lose_the_store()
        kept = {name: (self.home / "root" / name).read_bytes() for name in ("log.key", "log.pub", "clock")}
        shutil.rmtree(self.home / "root")  # the whole machine
        (self.home / "root").mkdir()
        for name, content in kept.items():
            (self.home / "root" / name).write_bytes(content)
        self.assertEqual(self.restore().returncode, 0)
        self.assertIn("root key", self.refused())

        recover = [os.path.join(BUILD, "bin", "tausd"), "--dev", str(self.home), "--profile", "vt", "--recover-root"]
        wrong = (self.base / "paper").read_text().replace("key        ", "key        a", 1)
        (self.base / "mistyped").write_text(wrong)
        self.assertNotEqual(subprocess.run([*recover, str(self.base / "mistyped")], capture_output=True).returncode, 0)
        self.assertFalse(key_reader.root_records((self.home / "root/root.slots").read_bytes()) if (self.home / "root/root.slots").exists() else [])
        done = subprocess.run([*recover, str(self.base / "paper")], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        again = subprocess.run([*recover, str(self.base / "paper")], capture_output=True, text=True)
        self.assertNotEqual(again.returncode, 0, "a root store that is not empty")
        self.start()
        self.daemon.set_clock(START)
        self.assertTrue(self.taus.do("subjectShow", clients[1], purpose="prove it")["email"])
        self.assertEqual(self.taus.call("subjectState", clients[0])[1]["code"], "shredded")
        self.assertIsNone(self.restoration()[0]["lost"], "without a floor nobody knows")
        self.withdraw(clients[1])
        self.check_store()

        # And the next period's paper opens nothing of this one.
        (self.base / "old").write_text((self.base / "paper").read_text())
        self.daemon.tausctl("keys", "escrow", "--days", "30", check=True)
        self.stop()
        os.remove(self.home / "root/root.slots")
        refused = subprocess.run([*recover, str(self.base / "old")], capture_output=True, text=True)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("period", refused.stderr)

    def test_the_adversary_with_backup_replica_and_present_root(self):
        clients = [self.book() for _ in range(12)]
        self.make_backup()
        for client in clients[:6]:
            self.withdraw(client)
        store = bytes.fromhex(self.taus.do("status")["storeId"])
        roots = [key for _, key in key_reader.root_records((self.home / "root/root.slots").read_bytes())]
        old = {(key, value) for key, value in key_reader.read_copy((self.backup / "keys.copy").read_bytes())[2] if value}
        kept = {(key, value) for key, value in key_reader.read_copy((self.copy / "keys.copy").read_bytes())[2] if value}
        found = {key_reader.key_id(key) for *_, key in key_reader.reachable(store, old | kept, roots)}
        gone = set(key_reader.destroyed(old | kept))
        self.assertGreater(len(gone), 20)
        self.assertGreater(len(found), 20)
        self.assertEqual(found & gone, set())
        self.assertEqual(key_reader.reachable(store, old, roots), set(), "an old backup of the keys is worth nothing with the present root")


if __name__ == "__main__":
    BUILD, DUMP = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()
