#!/usr/bin/env python3
"""The unit and its companions, judged by systemd's own tools without a running systemd: nothing unknown or misspelt, exposure 0.5
or better also with every drop-in, the settings the design rests on, accounts and directories as they would be made."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
UNIT = (HERE / "tausd.service").read_text()
DROP_INS = sorted((HERE / "tausd.service.d").glob("*.conf.example"))
EXPOSURE_MAX = 0.5
EXPOSURE_WITH_A_DEVICE_MAX = 0.8  # neither TPM nor partition can be reached with PrivateDevices=yes

# What the promises rest on: a unit without one of these is wrong however good its score.
REQUIRED = {
    "LimitCORE": "0", "MemorySwapMax": "0", "LimitMEMLOCK": "64M", "RuntimeDirectory": "taus", "RuntimeDirectoryMode": "0711",
    "StateDirectory": "taus taus-root", "StateDirectoryMode": "0700", "UMask": "0077", "PrivateNetwork": "yes",
    "RestrictAddressFamilies": "AF_UNIX", "CapabilityBoundingSet": "", "User": "taus", "Type": "notify",
    "SupplementaryGroups": "taus-frontend taus-auditor taus-operator",
}


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C", "SYSTEMD_COLORS": "0"})


def settings(text):
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))


class Unit:
    """A copy of the unit with its program replaced by one that exists, and drop-ins beside it."""

    def __init__(self, text, drop_ins=()):
        self.dir = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.dir.name) / "tausd.service"
        self.path.write_text(text.replace("/usr/sbin/tausd", "/bin/true"))
        for drop_in in drop_ins:
            target = self.path.with_name("tausd.service.d") / drop_in.name.removesuffix(".example")
            target.parent.mkdir(exist_ok=True)
            shutil.copy(drop_in, target)

    def complaints(self):
        """What `verify` says; empty when all is well (it ends with 0 even where it ignores a line)."""
        result = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(self.path))
        lines = [line for line in result.stderr.splitlines() if "tausd" in line or result.returncode]
        return lines if lines or not result.returncode else [f"exit code {result.returncode}"]

    def exposure(self):
        result = run("systemd-analyze", "security", "--offline=true", "--no-pager", str(self.path))
        found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", result.stdout)
        assert found, result.stdout + result.stderr
        return float(found[1])


class UnitTest(unittest.TestCase):
    def test_nothing_unknown(self):
        self.assertEqual(Unit(UNIT).complaints(), [])

    def test_a_misspelt_line_is_noticed(self):
        self.assertNotEqual(Unit(UNIT.replace("NoNewPrivileges=", "NoNewPrivilege=")).complaints(), [])

    def test_exposure(self):
        self.assertLessEqual(Unit(UNIT).exposure(), EXPOSURE_MAX)

    def test_a_weaker_unit_is_noticed(self):
        weaker = UNIT.replace("PrivateNetwork=yes\n", "").replace("ProtectSystem=strict\n", "")
        self.assertGreater(Unit(weaker).exposure(), EXPOSURE_MAX)

    def test_required_settings(self):
        present = settings(UNIT)
        self.assertEqual({key: present.get(key) for key in REQUIRED}, REQUIRED)
        self.assertNotIn("PrivateUsers", present, "it turns every caller's uid into nobody's")

    def test_every_setting_has_a_reason_above(self):
        self.assertGreaterEqual(UNIT.count("\n# "), 25)

    def test_a_misspelt_drop_in_is_noticed(self):
        with tempfile.TemporaryDirectory() as directory:
            drop_in = pathlib.Path(directory) / "x.conf.example"
            drop_in.write_text("[Service]\nDeviceAllowed=/dev/tpmrm0 rw\n")
            self.assertNotEqual(Unit(UNIT, [drop_in]).complaints(), [])

    def test_drop_ins(self):
        self.assertTrue(DROP_INS)
        for drop_in in DROP_INS:
            unit = Unit(UNIT, [drop_in])
            self.assertEqual(unit.complaints(), [], drop_in.name)
            self.assertLessEqual(unit.exposure(), EXPOSURE_WITH_A_DEVICE_MAX if drop_in.name.startswith(("tpm", "partition")) else EXPOSURE_MAX, drop_in.name)


class CompanionsTest(unittest.TestCase):
    def test_accounts_and_directories(self):
        with tempfile.TemporaryDirectory() as root:
            (pathlib.Path(root) / "etc").mkdir()
            made = run("systemd-sysusers", f"--root={root}", str(HERE / "taus.sysusers"))
            self.assertEqual(made.returncode, 0, made.stderr)
            groups = (pathlib.Path(root) / "etc/group").read_text()
            for group in ["taus"] + REQUIRED["SupplementaryGroups"].split():
                self.assertRegex(groups, rf"(?m)^{group}:")
            self.assertRegex((pathlib.Path(root) / "etc/passwd").read_text(), r"(?m)^taus:.*:/usr/sbin/nologin$")
            made = run("systemd-tmpfiles", f"--root={root}", "--create", str(HERE / "taus.tmpfiles"))
            self.assertEqual((made.returncode, made.stderr), (0, ""))
            self.assertEqual((pathlib.Path(root) / "etc/taus/taus.toml.d").stat().st_mode & 0o7777, 0o750)

    def test_example_configuration(self):
        """The shipped taus.toml, by the daemon's own check, and that the check refuses a key it does not know."""
        if len(sys.argv) < 2:
            return
        tausd = sys.argv[1]
        with tempfile.TemporaryDirectory() as directory:
            config = pathlib.Path(directory) / "taus.toml"
            shutil.copy(HERE / "taus.toml", config)
            checked = run(tausd, "--config", str(config), "--check-config")
            self.assertEqual(checked.returncode, 0, checked.stderr)
            config.write_text("profil = 'vt'\n" + config.read_text())
            checked = run(tausd, "--config", str(config), "--check-config")
            self.assertEqual(checked.returncode, 2, checked.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], warnings="ignore")
