"""`tausctl dev seed`: the same seed gives the same year, and a year has the shape of the published figures.

usage: seed_test.py BUILD
"""
import json
import sys
import unittest

import taus_client

BUILD = sys.argv[1]


def year(profile, clients, seed, look=None):
    with taus_client.Daemon(BUILD, profile=profile) as daemon:
        daemon.set_clock(taus_client.ms("2025-01-01T07:00"))
        done = daemon.tausctl("--json", "dev", "seed", "--clients", str(clients), "--seed", str(seed))
        assert done.returncode == 0, done.stderr
        counts = json.loads(done.stdout)
        assert "2025-10: " in done.stderr, "no progress was told"
        if look:
            look(daemon, counts)
        return counts


class Seed(unittest.TestCase):
    def test_the_same_seed_is_the_same_year(self):
        first, second = year("vt", 12, 7), year("vt", 12, 7)
        for counts in (first, second):  # what dies with which turn of the clock is a matter of milliseconds
            self.assertGreater(counts.pop("shredded"), 0)
            self.assertGreater(counts.pop("position"), counts["commands"])
        self.assertEqual(first, second)

    def test_any_profile(self):
        counts, other = year("mt", 12, 7), year("mt", 12, 8)
        self.assertEqual(counts["profile"], "mt")
        self.assertNotEqual(counts["appointments"], other["appointments"])
        self.assertGreater(counts["shredded"], 0)

    def test_a_year_has_the_published_shape(self):
        counts = year("vt", 1900, 1, self.check_the_store)
        self.assertAlmostEqual(counts["clients"], 1900, delta=5)
        self.assertAlmostEqual(counts["sessions"] / counts["clients"], 1.62, delta=0.02)
        self.assertAlmostEqual(counts["sessions"] / counts["appointments"], 0.835, delta=0.02)
        self.assertAlmostEqual(counts["women"] / counts["clients"], 0.60, delta=0.005)
        self.assertEqual(counts["appointments"], counts["sessions"] + counts["noShows"] + counts["cancelled"] + self.ahead)

    def check_the_store(self, daemon, counts):
        with daemon.connect("operator") as operator:
            status = operator.do("status")
        kinds = status["subjects"]
        # On 31 December every name of the year is still there, of whoever was served.
        self.assertGreaterEqual(kinds["p1"] + kinds["p2"], counts["clients"])
        self.assertEqual(status["position"], counts["position"])
        self.ahead = counts["appointments"] - counts["sessions"] - counts["noShows"] - counts["cancelled"]
        self.assertLess(self.ahead, 10)  # slipped into January
        self.assertGreaterEqual(self.ahead, 0)

    def test_wrong_numbers_are_refused(self):
        with taus_client.Daemon(BUILD) as daemon:
            for words in (["--clients", "0"], ["--clients", "x"], ["--clients", "5", "--years", "0"], []):
                self.assertEqual(daemon.tausctl("dev", "seed", *words).returncode, 2, words)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
