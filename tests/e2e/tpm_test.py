"""tausd with its root key in a TPM: a swtpm of the test's own.

    tpm_test.py BUILD
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


class TpmTest(unittest.TestCase):
    def setUp(self):
        if shutil.which("swtpm") is None:
            self.fail("this test needs a TPM in software; install the packages swtpm and swtpm-tools")
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.base = pathlib.Path(temporary.name)
        for name in ("tpm", "data", "root", "run"):
            (self.base / name).mkdir(mode=0o700)
        self.tpm = self.base / "tpm" / "socket"
        self.start_tpm()
        self.write("sesam")

    def start_tpm(self):
        server = "type=unixio,path=%s" % self.tpm
        tpm = subprocess.Popen(["swtpm", "socket", "--tpm2", "--tpmstate", "dir=%s" % self.tpm.parent, "--server", server,
                                "--ctrl", server + ".ctrl", "--flags", "not-need-init,startup-clear"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(tpm.wait)
        self.addCleanup(tpm.kill)

    def write(self, password, credential=False):
        """The configuration; the password in a file that it names, or where systemd puts the unit's credentials."""
        place = self.base / "credentials" / "taus.tpm-password" if credential else self.base / "password"
        place.parent.mkdir(mode=0o700, exist_ok=True)
        place.write_text(password + "\n")
        named = "" if credential else 'password = "%s"\n' % place
        proxy = pathlib.Path(__file__).resolve().parent.parent / "support" / "tpm_proxy.py"
        (self.base / "taus.toml").write_text(
            'profile = "vt"\ndata_dir = "%s/data"\nroot_dir = "%s/root"\nrun_dir = "%s/run"\nroot_store = "tpm2-nv"\n'
            '[tpm]\ntcti = "cmd:%s -B %s %s"\n%s'
            '[[principal]]\nname = "op"\nuid = %d\nsocket = "operator"\n'
            % (self.base, self.base, self.base, sys.executable, proxy, self.tpm, named, os.getuid()))

    def start(self):
        """-> the daemon, and a connection once it listens; None once it has ended."""
        daemon = subprocess.Popen([os.path.join(BUILD, "bin", "tausd"), "--config", str(self.base / "taus.toml")],
                                  stderr=subprocess.PIPE, text=True, env=dict(os.environ, CREDENTIALS_DIRECTORY=str(self.base / "credentials")))
        self.addCleanup(daemon.stderr.close)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        while daemon.poll() is None:
            try:
                taus = taus_client.Taus(str(self.base / "run" / "operator.sock"), taus_client.layout_of(BUILD))
                self.addCleanup(taus.close)
                return daemon, taus
            except taus_client.Closed:
                threading.Event().wait(0.05)
        return daemon, None

    def end(self, daemon):
        daemon.terminate()
        self.assertEqual(daemon.wait(60), 0)

    def test_a_store_on_a_tpm(self):
        daemon, taus = self.start()
        self.assertIsNotNone(taus, daemon.poll())
        status = taus.do("status")
        self.assertEqual((status["rootStore"], status["tier"]), ("tpm2-nv", "L"))
        self.assertTrue([w for w in status["warnings"] if "TPM" in w], status["warnings"])
        self.assertFalse((self.base / "root" / "root.slots").exists())
        store = status["storeId"]
        self.end(daemon)

        daemon, taus = self.start()
        self.assertEqual(taus.do("status")["storeId"], store)
        self.end(daemon)

        self.write("another")
        daemon, taus = self.start()
        self.assertIsNone(taus)
        self.assertIn("password does not fit", daemon.stderr.read())

        self.write("sesam")
        daemon, taus = self.start()
        self.assertEqual(taus.do("status")["storeId"], store, "nothing was erased by the refusal")
        self.end(daemon)

    def test_the_password_is_a_credential_of_the_unit(self):
        self.write("sesam", credential=True)
        daemon, taus = self.start()
        self.assertEqual(taus.do("status")["rootStore"], "tpm2-nv")
        self.end(daemon)
        (self.base / "credentials" / "taus.tpm-password").unlink()
        daemon, taus = self.start()
        self.assertIsNone(taus)
        self.assertIn("credential taus.tpm-password", daemon.stderr.read())


if __name__ == "__main__":
    unittest.main()
