#!/usr/bin/python3
"""More than ten thousand keys destroyed in one run, and an adversary with every byte that was ever written of the store, its replica, its
backups and its escrow.

    adversary_bulk_test.py BUILD TAUS_DUMP      with TAUS_LONG in the environment: ten times as many

None of them may follow from the present root key, or from the escrow without its paper; every live one must. With an old root key, or with
the paper, all of them must come back, or the adversary is no good.
"""
import base64
import hashlib
import os
import pathlib
import shutil
import struct
import sys
import tempfile
import unittest

import nacl.bindings
import nacl.exceptions

import canaries
import format_reader
import kept_writes
import key_reader
import taus_client

BUILD = DUMP = None
CLIENTS, AT_ONCE, STAY = 1700, 100, 40
KEYS_MIN = 10_000
START = taus_client.ms("2026-02-02T09:00")


def next_escrow(key):
    return hashlib.blake2b(b"taus/esc/1", digest_size=32, key=key).digest()


def open_escrow(store_id, row_key, value, escrow):
    """The root key in an escrow row, by the escrow key of its generation; None where it does not open."""
    sealed_under = hashlib.blake2b(b"taus/escb/1", digest_size=32, key=escrow).digest()
    head, nonce, sealed = value[:29], value[29:53], value[53:]
    try:
        return nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, b"taus/escrow/1" + store_id + head, nonce, sealed_under)
    except nacl.exceptions.CryptoError:
        return None


class AdversaryBulkTest(unittest.TestCase):
    def setUp(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="taus-bulk-"))
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        self.home, self.copy = self.base / "taus", self.base / "replica"
        self.home.mkdir()
        self.copy.mkdir()
        self.kept = kept_writes.Kept(BUILD, self.base / "written")
        self.daemon = taus_client.Daemon(BUILD, directory=str(self.home), arguments=["--replica", str(self.copy)],
                                         environment=self.kept.environment).start()
        self.addCleanup(self.daemon.close)
        self.daemon.set_clock(START)
        self.taus = self.daemon.connect()
        self.addCleanup(self.taus.close)
        self.marks, self.number = canaries.Marks(seed=11), 0

    def look(self):
        """All that was ever written, and what lies there now."""
        self.taus.close()
        self.assertEqual(self.daemon.terminate(), 0)  # while it runs a write may be done and not yet kept
        self.kept.read()
        self.assertEqual(self.kept.differs(self.home, self.copy, *self.base.glob("backup-*")), [], "written past the one who keeps it")
        self.tables = format_reader.read_rows(DUMP, self.home / "data")
        self.slots = (self.home / "root/root.slots").read_bytes()
        self.daemon.start()
        self.taus = self.daemon.connect()
        self.addCleanup(self.taus.close)
        sources = self.kept.key_rows(DUMP)
        self.assertTrue(all(sources.values()))
        self.rows = set().union(*sources.values())
        self.present = key_reader.root_records(self.slots)
        self.roots = self.kept.roots()

    def backup(self, name):
        made = self.daemon.tausctl("backup", "create", str(self.base / ("backup-" + name)))
        self.assertEqual(made.returncode, 0, made.stderr)

    def book(self, count):
        clients = [canaries.Client(self.marks, self.number + i) for i in range(count)]
        self.number += count
        for at in range(0, count, AT_ONCE):
            replies = self.taus.pipeline([("bookingRequest", client.form()) for client in clients[at:at + AT_ONCE]])
            for client, (result, error) in zip(clients[at:at + AT_ONCE], replies):
                self.assertIsNone(error)
                client.subject = result["subject"]
        return clients

    def test_what_follows_from_everything(self):
        paper = self.daemon.tausctl("keys", "escrow", "--days", "60")
        self.assertEqual(paper.returncode, 0, paper.stderr)
        words = dict(line.split(None, 1) for line in paper.stdout.splitlines() if line.startswith(("generation", "key ")))
        letters = words["key"].replace(" ", "").upper()
        paper_key = base64.b32decode(letters + "=" * (-len(letters) % 8))[:32]
        gone_soon = self.book(CLIENTS)
        self.backup("before")
        self.daemon.advance_clock(days=14)
        stay = self.book(STAY)
        before = self.taus.do("status")["generation"]
        self.daemon.advance_clock(days=15)
        self.backup("after")
        self.look()
        self.assertEqual(self.taus.call("subjectState", {"subject": gone_soon[0].subject})[1]["code"], "shredded")
        self.assertLessEqual(self.taus.do("status")["generation"], before + 4, "one run, and what is the centre's own")
        store_id = dict(self.tables["meta"])[b"store"][:16]
        self.assertEqual(len(self.present), 1, "one root, and nothing in the other slot")
        gone = key_reader.destroyed(set(self.tables["keys"]))
        self.assertGreaterEqual(len(gone), KEYS_MIN)

        now = key_reader.reachable(store_id, self.rows, [root for _, root in self.present])
        self.assertEqual([place for *place, key in now if key_reader.key_id(key) in gone], [], "destroyed keys follow from the present root")
        live = key_reader.reachable(store_id, set(self.tables["keys"]), [root for _, root in self.present])
        self.assertEqual(now, live, "what was ever written opens neither more nor less than what is there")
        self.assertGreaterEqual(len({subject for subject, *_ in now}), len(stay))
        for client in (stay[0], stay[-1]):
            self.assertTrue(self.taus.do("subjectShow", {"subject": client.subject}, purpose="prove it")["email"])

        then = {key_reader.key_id(key) for *_, key in key_reader.reachable(store_id, self.rows, list(self.roots.values()))}
        self.assertEqual(len(then & set(gone)), len(gone), "the adversary does not find what the old roots open")

        self.escrow(store_id, gone, paper_key, int(words["generation"]))
        print("%d bytes written; %d keys destroyed, 0 found; %d live ones, all found; all of them with an old root or the paper; %d rows" % (
            self.kept.bytes, len(gone), len(now), len(self.rows)))

    def escrow(self, store_id, gone, paper_key, first):
        blobs = {struct.unpack(">Q", key[1:])[0]: (key, value) for key, value in self.rows if key[:1] == b"E"}
        self.assertGreaterEqual(len(blobs), 2)
        generation = self.present[0][0]
        at = next(at for at in (0, key_reader.SLOT_BYTES) if self.slots[at:at + 8] == b"TAUSRT1\0")
        ours, opened = self.slots[at + 72:at + 104], {}
        for number in range(generation, generation + 8):  # what the host has leads forward only
            opened.update({of: root for of, blob in blobs.items() if (root := open_escrow(store_id, *blob, ours))})
            ours = next_escrow(ours)
        self.assertEqual(set(opened), {generation}, "the host opens escrow of an earlier generation")

        key, roots = paper_key, []
        for number in range(first, generation + 1):
            if number in blobs:
                roots.append(open_escrow(store_id, *blobs[number], key))
            key = next_escrow(key)
        self.assertNotIn(None, roots, "the paper does not open its period")
        back = {key_reader.key_id(key) for *_, key in key_reader.reachable(store_id, self.rows, roots)}
        self.assertEqual(len(back & set(gone)), len(gone), "the paper and old copies bring back what was destroyed in its period")


if __name__ == "__main__":
    BUILD, DUMP = sys.argv.pop(1), sys.argv.pop(1)
    if os.environ.get("TAUS_LONG"):
        CLIENTS, KEYS_MIN = 17_000, 100_000
    unittest.main()
