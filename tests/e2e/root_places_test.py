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
BLOCK, DEVICE_BYTES = 4096, 8 << 20
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

    def device(self, place):
        """-> a device whose bytes lie in a file there, all zeros."""
        file = place / "device.image"
        file.write_bytes(bytes(DEVICE_BYTES))
        os.sync()
        done = subprocess.run(("losetup", "--find", "--show", str(file)), capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, PACKAGES + done.stderr)
        device = done.stdout.strip()
        self.addCleanup(run, "losetup", "--detach", device)
        os.chmod(device, 0o600)
        return device

    def start(self, place, device=None):
        """-> (exit code or None where it serves, what it said, its status)"""
        root = place / "root"
        root.mkdir(mode=0o700, exist_ok=True)
        (self.base / "taus.toml").write_text(
            'profile = "vt"\ndata_dir = "%s/data"\nroot_dir = "%s"\nrun_dir = "%s/run"\n%s[[principal]]\nname = "op"\nuid = %d\nsocket = "operator"\n'
            % (self.base, root, self.base, 'root_device = "%s"\n' % device if device else "", os.getuid()))
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

    def refused(self, place, *words, device=None):
        code, said, _ = self.start(place, device)
        self.assertNotIn(code, (None, 0), said)
        for word in words:
            self.assertIn(word, said)

    def taken(self, place, device=None):
        code, said, status = self.start(place, device)
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

    def test_a_device_of_its_own(self):
        place = self.mounted("ext4")
        device = self.device(place)
        link = self.base / "by-partlabel"
        link.symlink_to(device)
        store = self.taken(place, device=link)
        self.assertFalse((place / "root" / "root.slots").exists())
        self.assertTrue((place / "device.image").read_bytes()[:2 * BLOCK].strip(b"\0"), "the root is not on the device")
        self.assertEqual(self.taken(place, device=device), store)

    def test_a_device_that_holds_something(self):
        place = self.mounted("ext4")
        device = self.device(place)
        run("mkfs.ext4", "-q", "-F", device)
        before = (place / "device.image").read_bytes()
        self.refused(place, "something else than roots", "write zeros", device=device)
        point = self.base / "inner"
        point.mkdir()
        run("mount", device, str(point))
        self.refused(place, "in use", "unmount", device=device)
        run("umount", str(point))
        self.assertEqual(len(before), (place / "device.image").stat().st_size)
        self.refused(place, "no block device", device="/dev/null")
        os.chmod(device, 0o666)
        self.refused(place, "everybody may read", "0600", device=device)

    def test_a_device_behind_which_writes_go_elsewhere(self):
        place = self.mounted("ext4")
        self.refused(place, "behind the loop device", "btrfs", device=self.device(self.mounted("btrfs")))


if __name__ == "__main__":
    unittest.main(verbosity=1)
