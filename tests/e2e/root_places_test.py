"""Where the root key may lie: real file systems, made and mounted by the test, and what tausd says of each.

    root_places_test.py BUILD
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

import taus_client

BUILD = sys.argv.pop(1)
IMAGE_BYTES = 400 << 20  # sparse; xfs takes no less than 300 MB
MAKE = {"ext4": ("mkfs.ext4", "-q", "-F"), "xfs": ("mkfs.xfs", "-q", "-f", "-m", "reflink=1"), "btrfs": ("mkfs.btrfs", "-q", "-f")}
PACKAGES = "this test needs root, a free loop device and the packages e2fsprogs, xfsprogs and btrfs-progs; "


def run(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        raise unittest.TestCase.failureException(PACKAGES + str(missing)) from missing
    if done.returncode != 0:
        raise unittest.TestCase.failureException(PACKAGES + "%s said: %s" % (" ".join(command), done.stderr.strip()))


class RootPlaces(unittest.TestCase):
    def setUp(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="taus-places-"))
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        for name in ("data", "run"):
            (self.base / name).mkdir(mode=0o700)

    def mounted(self, kind, options="loop"):
        """-> a folder on a file system of this kind."""
        image, point = self.base / (kind + ".image"), self.base / kind
        with open(image, "wb") as file:
            file.truncate(IMAGE_BYTES)
        run(*MAKE[kind], str(image))
        point.mkdir()
        run("mount", "-o", options, str(image), str(point))
        self.addCleanup(run, "umount", str(point))
        return point

    def overlaid(self):
        layers = [self.base / name for name in ("lower", "upper", "work", "overlay")]
        for layer in layers:
            layer.mkdir()
        lower, upper, work, point = layers
        below = self.mounted("ext4")  # an overlay cannot lie on an overlay
        for name in ("upper", "work"):
            (below / name).mkdir()
        run("mount", "-t", "overlay", "overlay", "-o", "lowerdir=%s,upperdir=%s,workdir=%s" % (lower, below / "upper", below / "work"), str(point))
        self.addCleanup(run, "umount", str(point))
        return point

    def start(self, place):
        """-> (exit code or None where it serves, what it said, its status)"""
        root = place / "root"
        root.mkdir(mode=0o700, exist_ok=True)
        (self.base / "taus.toml").write_text(
            'profile = "vt"\ndata_dir = "%s/data"\nroot_dir = "%s"\nrun_dir = "%s/run"\n[[principal]]\nname = "op"\nuid = %d\nsocket = "operator"\n'
            % (self.base, root, self.base, os.getuid()))
        daemon = subprocess.Popen([os.path.join(BUILD, "bin", "tausd"), "--config", str(self.base / "taus.toml")], stderr=subprocess.PIPE, text=True)
        self.addCleanup(daemon.stderr.close)
        status = None
        while daemon.poll() is None and status is None:
            try:
                with taus_client.Taus(str(self.base / "run" / "operator.sock"), taus_client.layout_of(BUILD)) as taus:
                    status = taus.do("status")
            except taus_client.Closed:
                threading.Event().wait(0.05)
        if status is None:
            return daemon.wait(), daemon.stderr.read(), None
        daemon.terminate()
        self.assertEqual(daemon.wait(60), 0)
        return None, daemon.stderr.read(), status

    def refused(self, place, *words):
        code, said, _ = self.start(place)
        self.assertNotIn(code, (None, 0), said)
        for word in words:
            self.assertIn(word, said)

    def taken(self, place):
        code, said, status = self.start(place)
        self.assertIsNone(code, said)
        self.assertEqual((status["rootStore"], status["tier"]), ("rawslot", "L"))
        return status["storeId"]

    def test_where_blocks_are_overwritten_in_place(self):
        self.taken(self.mounted("ext4"))

    def test_a_file_system_that_journals_data_keeps_old_roots(self):
        self.refused(self.mounted("ext4", "loop,data=journal"), "data=journal", "mount it with data=ordered")

    def test_a_file_system_that_writes_elsewhere(self):
        self.refused(self.mounted("btrfs"), "btrfs", "put the root store")

    def test_an_overlay(self):
        self.refused(self.overlaid(), "overlay", "put the root store")

    def test_blocks_that_another_file_shares(self):
        place = self.mounted("xfs")
        store = self.taken(place)
        slots, copy = place / "root" / "root.slots", place / "copy"
        before = slots.read_bytes()
        run("cp", "--reflink=always", str(slots), str(copy))
        self.refused(place, "shared", "never by copying")
        self.assertEqual((slots.read_bytes(), copy.read_bytes()), (before, before), "nothing is erased by mistake")
        copy.unlink()
        os.sync()
        self.assertEqual(self.taken(place), store)


if __name__ == "__main__":
    unittest.main(verbosity=1)
