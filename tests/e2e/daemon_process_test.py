"""tausd as a process: what it asks of the kernel, what it tells the service manager, reload, stop, and what it refuses to start.

usage: daemon_process_test.py BUILD
"""
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

import taus_client

BUILD = sys.argv[1]
SOMEBODY = 54321  # a uid without an account
TAUSD = os.path.join(BUILD, "bin", "tausd")
TAUSCTL = os.path.join(BUILD, "bin", "tausctl")


class Manager:
    """A service manager's notification socket."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(60)

    def hears(self):
        return self.socket.recv(4096).decode()


class Process(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.directory = self.temporary.name
        self.addCleanup(self.temporary.cleanup)

    def configured(self, text_for, closed=()):
        """A daemon with a configuration file, without the descriptors `closed`; -> process, notification socket, path of the file."""
        base = pathlib.Path(self.directory)
        for name in ("data", "root", "run"):
            (base / name).mkdir(mode=0o700, exist_ok=True)
        config = base / "taus.toml"
        config.write_text(text_for(os.getuid()))
        manager = Manager(self.directory)
        self.addCleanup(manager.socket.close)
        errors = open(base / "stderr.txt", "ab")  # noqa: SIM115
        self.addCleanup(errors.close)
        process = subprocess.Popen([TAUSD, "--config", str(config)], stderr=errors, env=dict(os.environ, NOTIFY_SOCKET=manager.path),
                                   preexec_fn=lambda: [os.close(number) for number in closed])
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process, manager, config

    def settings(self, uid, name="desk"):
        return (f'profile = "mt"\ndata_dir = "{self.directory}/data"\nroot_dir = "{self.directory}/root"\nrun_dir = "{self.directory}/run"\n'
                f'[[principal]]\nname = "{name}"\nuid = {uid}\nsocket = "operator"\n')

    def log(self):
        return pathlib.Path(self.directory, "stderr.txt").read_text()

    def test_memory_stays_private(self):
        """As somebody else than root, whose /proc entries would be root's anyway: those of an undumpable process become root's."""
        program = shutil.copy(TAUSD, self.directory)
        store = os.path.join(self.directory, "store")
        os.mkdir(store)
        somebody = {}
        if os.getuid() == 0:
            somebody = {"user": SOMEBODY, "group": SOMEBODY, "extra_groups": []}
            os.chmod(self.directory, 0o755)
            os.chown(store, SOMEBODY, SOMEBODY)
        process = subprocess.Popen([program, "--dev", store, "--profile", "mt"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **somebody)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline().decode(), f"ready {store}\n")
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        self.assertIn("NoNewPrivs:\t1", status)
        self.assertRegex(pathlib.Path(f"/proc/{process.pid}/limits").read_text(), r"Max core file size +0 +0")
        self.assertEqual(os.stat(f"/proc/{process.pid}/maps").st_uid, 0)
        for name in os.listdir(store + "/root"):
            self.assertEqual(os.stat(f"{store}/root/{name}").st_mode & 0o077, 0, name)
        process.terminate()
        self.assertEqual(process.wait(60), 0)

    def test_nothing_is_written_to_what_stands_in_for_a_closed_descriptor(self):
        for missing in ((2,), (0, 1, 2), (0, 2)):
            process, manager, _ = self.configured(self.settings, closed=missing)
            while "READY=1" not in manager.hears():
                pass
            self.assertEqual([os.readlink("/proc/%d/fd/%d" % (process.pid, number)) for number in missing], ["/dev/null"] * len(missing))
            for _ in range(40):  # each is a line of the log, and the floor has room for few
                process.send_signal(signal.SIGHUP)
                while "RELOADING=1" not in manager.hears():
                    pass
            process.terminate()
            self.assertEqual(process.wait(30), 0)
            os.unlink(manager.path)
        self.assertEqual(os.path.getsize(self.directory + "/root/floor"), 8192)
        shown = subprocess.run([TAUSCTL, "--socket", "/nowhere", "status"], preexec_fn=lambda: os.close(2), stdout=subprocess.PIPE, check=False, timeout=60)
        self.assertEqual(shown.returncode, 8)

    def test_too_little_to_start_with_is_said(self):
        for limit, most, words in ((resource.RLIMIT_NOFILE, 40, "no more than 40 open files"), (resource.RLIMIT_AS, 150 << 20, "raise the limits")):
            started = subprocess.run([TAUSD, "--dev", self.directory + "/small", "--profile", "mt"], capture_output=True, text=True, timeout=60,
                                     preexec_fn=lambda limit=limit, most=most: resource.setrlimit(limit, (most, most)))
            self.assertEqual(started.returncode, 1, started.stderr)
            self.assertIn(words, started.stderr)

    def test_a_second_daemon_is_refused(self):
        with taus_client.Daemon(BUILD, profile="mt") as daemon:
            second = subprocess.run([TAUSD, "--dev", daemon.directory, "--profile", "mt"], capture_output=True, text=True, timeout=60)
            self.assertEqual(second.returncode, 8)
            self.assertIn("another tausd is running on this directory", second.stderr)
            self.assertTrue(os.path.exists(daemon.socket_path("frontend")))  # the first one's, untouched

    def test_ready_reload_stop(self):
        process, manager, config = self.configured(self.settings)
        self.assertEqual(manager.hears(), "READY=1")
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(self.directory + "/run/operator.sock")
            peer.settimeout(60)

            config.write_text("profile = 7\n")
            process.send_signal(signal.SIGHUP)
            self.assertTrue(manager.hears().startswith("RELOADING=1\nMONOTONIC_USEC="))
            self.assertEqual(manager.hears(), "READY=1")
            self.assertIn("the old one stays", self.log())

            config.write_text(self.settings(os.getuid() + 1, "somebody else"))
            process.send_signal(signal.SIGHUP)
            manager.hears(), manager.hears()
            self.assertEqual(peer.recv(1), b"")  # no principal any more
        process.send_signal(signal.SIGTERM)
        self.assertEqual(manager.hears(), "STOPPING=1")
        self.assertEqual(process.wait(60), 0)
        self.assertFalse(os.path.exists(self.directory + "/run/operator.sock"))

    def test_lines_and_configurations_refused(self):
        for line in ([], ["--dev"], ["--dev", self.directory], ["--unknown"]):
            self.assertEqual(subprocess.run([TAUSD, *line], capture_output=True, timeout=60).returncode, 2, line)
        config = pathlib.Path(self.directory, "taus.toml")
        config.write_text('profil = "vt"\nrun_dir = 3\n')
        checked = subprocess.run([TAUSD, "--check-config", "--config", str(config)], capture_output=True, text=True, timeout=60)
        self.assertEqual(checked.returncode, 2)
        self.assertIn("taus.toml:1: unknown key", checked.stderr)
        self.assertIn("taus.toml:2: run_dir", checked.stderr)
        config.write_text('log_key = "%s/gone"\n' % self.directory + self.settings(os.getuid()))
        before = sorted(os.walk(self.directory))
        checked = subprocess.run([TAUSD, "--check-config", "--config", str(config)], capture_output=True, text=True, timeout=60)
        self.assertEqual(checked.returncode, 2)
        self.assertIn("/gone: cannot open it: No such file or directory; the log key", checked.stderr)
        self.assertEqual(sorted(os.walk(self.directory)), before)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
