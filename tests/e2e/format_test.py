#!/usr/bin/python3
"""The Python reader and taus-verify over stores that the C++ journal wrote: both must agree, and both must refuse the same damage.

    format_test.py WRITER DUMP VERIFY
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import format_reader as reader
import request_mark

HERE = pathlib.Path(__file__).resolve().parent
WRITER, DUMP, VERIFY = sys.argv[1:4]


class Store:
    def __init__(self, folder, fault=""):
        self.dir = pathlib.Path(folder)
        subprocess.run([WRITER, folder] + ([fault] if fault else []), check=True)
        self.parts = json.loads((self.dir / "parts.json").read_text())

    def reader(self, *more):
        return subprocess.run([sys.executable, "-B", HERE / "format_reader.py", "--dump", DUMP, "--store", self.dir / "data",
                               "--floor", self.dir / "root/floor", "--key", self.dir / "log.pub", *more], capture_output=True, text=True)

    def verify(self, *more, key="log.pub"):
        return subprocess.run([VERIFY, self.dir / "data", "--key", self.dir / key, *more], capture_output=True, text=True)


class Format(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def store(self, fault=""):
        return Store(self.folder.name + "/s" + fault, fault)

    def test_both_see_the_same_store(self):
        store = self.store()
        present = [p for p in store.parts if not p["purged"]]
        opens = [word for p in present for word in ("--open", str(p["position"]), str(p["index"]), p["key"])]
        read = store.reader(*opens)
        self.assertEqual(read.returncode, 0, read.stderr)
        python = json.loads(read.stdout)
        self.assertEqual(python["opened"], [p["plaintext"] for p in present])
        verified = store.verify("--json", "--checkpoint", store.dir / "checkpoint")
        self.assertEqual(verified.returncode, 0, verified.stderr)
        cpp = json.loads(verified.stdout)
        self.assertEqual((cpp["ok"], cpp["size"], cpp["root"], cpp["streams"], cpp["store"], cpp["profile"]),
                         (True, 300, python["root"], python["streams"], python["store"], python["profile"]))
        self.assertEqual((cpp["partsIntact"], cpp["partsPurged"]), (len(present), len(store.parts) - len(present)))
        self.assertEqual((cpp["floorSize"], cpp["checkpointSize"]), (300, 152))
        self.assertTrue(store.verify().stdout.startswith("ok: 300 entries in 7 streams"))

    def test_verifying_changes_nothing(self):
        store = self.store()

        def files():
            return {p: p.read_bytes() for p in store.dir.rglob("*") if p.is_file()}
        before = files()
        self.assertEqual(store.verify().returncode, 0)
        self.assertEqual(files(), before)

    def test_a_wrong_key_opens_nothing(self):
        store = self.store()
        sealed = next(p for p in store.parts if p["key"] != "0" * 64 and not p["purged"])
        place = ("--open", str(sealed["position"]), str(sealed["index"]))
        self.assertEqual(store.reader(*place, sealed["key"]).returncode, 0)
        wrong = store.reader(*place, "11" * 32)
        self.assertEqual((wrong.returncode, wrong.stderr), (9, "refused: com\n"))

    def test_both_refuse_the_same_damage(self):
        for fault in ("tail", "gap", "leaf", "part", "orphan", "format"):
            with self.subTest(fault):
                store = self.store(fault)
                self.assertEqual(store.reader().returncode, 9)
                verified = store.verify("--json")
                self.assertEqual(verified.returncode, 9, verified.stderr)
                answer = json.loads(verified.stdout)
                self.assertFalse(answer["ok"])
                self.assertIn(answer["error"]["code"], ("corrupt", "tampered"))

    def test_both_refuse_a_changed_floor(self):
        store = self.store()
        floor = store.dir / "root/floor"
        good = floor.read_bytes()
        for name, data in (("blank", bytes(8192)), ("short", good[:8191]), ("damaged", good[:100] + bytes(100) + good[200:4196] + bytes(3996))):
            with self.subTest(name):
                floor.write_bytes(data.ljust(8192, b"\0") if name != "short" else data)
                self.assertEqual(store.reader().returncode, 9)
                self.assertEqual(store.verify().returncode, 9)

    def test_a_checkpoint_that_does_not_fit_is_refused(self):
        store = self.store()
        note = (store.dir / "checkpoint").read_text()
        (store.dir / "other").write_text(note.replace("\n152\n", "\n153\n"))
        self.assertEqual(store.verify("--checkpoint", store.dir / "other").returncode, 9)
        (store.dir / "other").write_text("no note")
        self.assertEqual(store.verify("--checkpoint", store.dir / "other").returncode, 9)
        self.assertEqual(store.verify("--checkpoint", store.dir / "nothing").returncode, 3)

    def test_exit_codes_of_misuse(self):
        store = self.store()
        self.assertEqual(subprocess.run([VERIFY], capture_output=True).returncode, 2)
        said = subprocess.run([VERIFY, "--json"], capture_output=True, text=True)
        self.assertEqual((said.returncode, json.loads(said.stdout)["error"]["code"]), (2, "invalid_argument"))
        self.assertIn(json.loads(said.stdout)["error"]["message"], said.stderr)
        self.assertEqual(subprocess.run([VERIFY, "--help"], capture_output=True).returncode, 0)
        self.assertEqual(store.verify("--nonsense").returncode, 2)
        self.assertEqual(store.verify(key="nothing").returncode, 3)
        self.assertEqual(store.verify("--floor", store.dir / "nothing").returncode, 3)
        (store.dir / "bad").write_text("abc")
        self.assertEqual(store.verify(key="bad").returncode, 2)
        (store.dir / "stranger").write_text("22" * 32)
        self.assertEqual(store.verify(key="stranger").returncode, 9)
        missing = subprocess.run([VERIFY, store.dir / "log.pub", "--key", store.dir / "log.pub", "--floor", store.dir / "root/floor"], capture_output=True)
        self.assertEqual(missing.returncode, 3)

    def test_the_vectors_are_what_their_program_writes(self):
        vectors = HERE.parent / "vectors"
        subprocess.run([sys.executable, "-B", vectors / "make_vectors.py", self.folder.name], check=True)
        made = list(pathlib.Path(self.folder.name).glob("*.json"))
        self.assertEqual(len(made), 7)
        for file in made:
            self.assertEqual(file.read_text(), (vectors / file.name).read_text(), file.name)

    def test_the_reader_reads_the_vectors_of_pages(self):
        vectors = [v for v in json.loads((HERE.parent / "vectors/page.json").read_text()) if "page" in v]
        self.assertGreater(len(vectors), 15)
        for v in vectors:
            with self.subTest(v["name"]):
                if v["expect"] == "ok":
                    rows = [(bytes.fromhex(row["key"]), reader.words(row["value"])) for row in v["rows"]]
                    self.assertEqual(reader.unpack_page(rows[0][0], reader.words(v["page"])), rows)
                else:
                    with self.assertRaisesRegex(reader.Refused, "ends within a row"):
                        reader.unpack_page(b"", reader.words(v["page"]))

    def test_the_reader_reads_the_vectors_of_request_ids(self):
        for v in json.loads((HERE.parent / "vectors/requests.json").read_text()):
            with self.subTest(v["name"]):
                row = bytes.fromhex(v["key"]), bytes.fromhex(v["row"])
                if v["expect"] == "ok":
                    seen = [(r.id.hex(), r.first, r.events, r.day, r.mark.hex()) for r in request_mark.requests_of(*row)]
                    self.assertEqual(seen, [(r["id"], v["position"] + r["offset"], len(r["parts"]), v["day"], r["mark"]) for r in v["requests"]])
                else:
                    with self.assertRaises(ValueError):
                        request_mark.requests_of(*row)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
