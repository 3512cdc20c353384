"""taus-bench, run for a moment: every figure is there, in both forms, and wrong names are refused.

usage: bench_test.py TAUS_BENCH
"""
import json
import os
import subprocess
import sys
import unittest

BENCH = sys.argv[1]
# Names that scripts rely on.
PROMISED = {"append_64x16", "append_1x1", "seal", "open", "rebuild", "rebuild_shredded", "memory_per_client", "shred_one", "shred_bulk",
            "raw_fdatasync", "rocksdb_batch64"}
PEERS = {"postgres_pgcrypto_64", "redis_xadd_64x16"}


def run(*arguments):
    environment = dict(os.environ, TAUS_BENCH_SECONDS="0.1")
    return subprocess.run([BENCH, *arguments], capture_output=True, text=True, env=environment, timeout=240)


class Bench(unittest.TestCase):
    def test_json(self):
        names = run("--list").stdout.split()
        self.assertLessEqual(PROMISED, set(names))
        self.assertLessEqual(PROMISED | PEERS, set(run("--peers", "script", "--list").stdout.split()))
        done = run("--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        figures = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([figure["name"] for figure in figures], names)
        for figure in figures:
            self.assertEqual(list(figure), ["name", "value", "unit", "reference", "ratio"])
            self.assertGreater(figure["value"], 0, figure)
            self.assertEqual(figure["ratio"] is None, figure["reference"] is None, figure)

    def test_table(self):
        done = run("raw_fdatasync")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("cores", done.stdout)
        self.assertIn("RocksDB", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^raw_fdatasync +[0-9,.]+ +us")

    def test_bad_input(self):
        self.assertEqual(run("nothing_like_it").returncode, 2)
        self.assertEqual(run("--dir", "/nowhere", "seal").returncode, 2)

    def test_leaves_nothing_behind(self):
        self.assertFalse([name for name in os.listdir(os.path.dirname(os.path.dirname(BENCH))) if name.startswith("bench-")])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
