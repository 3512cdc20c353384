"""A full queue and a full disk: `busy` and `io`, never a false acknowledgement, and everything acknowledged is there afterwards, once.

usage: full_test.py BUILD
"""
import contextlib
import os
import resource
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

import taus_client

BUILD = sys.argv[1]
LATCHED = 74
FORM = {"name": "Kari Eksempel", "email": "kari@example.no", "phone": "+4790000000", "municipalityCode": "3905", "ageYears": 34,
        "focusAreas": ["yrkesvalg"], "consent": {"notice": "VT-2022-09-15", "act": "checkbox", "language": "nb"}}
DISK_BYTES = 96 << 20


def message(subject, body):
    return {"subject": subject, "direction": "in", "channel": "email", "body": body}


class FullQueue(unittest.TestCase):
    connections, each, audits = 30, 256, 200  # more than the queue and what the core takes out of it at once can hold

    def test_flood(self):
        with taus_client.Daemon(BUILD) as daemon, contextlib.ExitStack() as stack:
            first = stack.enter_context(daemon.connect())
            subject = first.do("bookingRequest", FORM)["subject"]
            first.pipeline([("messageAdd", message(subject, "x"))] * 250)
            before = first.do("status")["size"]
            others = [stack.enter_context(daemon.connect()) for _ in range(self.connections)]
            frames = [b"".join(c.frame("messageAdd", message(subject, "hei"), requestId="%d-%d" % (number, i)) for i in range(self.each))
                      for number, c in enumerate(others)]
            for c in others:
                c.do("formShow")
                c.last_id -= 1
            auditors = [stack.enter_context(daemon.connect()) for _ in range(self.audits)]
            for c in auditors:  # what keeps the core busy meanwhile: of one connection it takes one at a time
                c.send_raw(c.frame("auditReplay"))
            replies = self.exchange(others, frames)
            audits = [c.receive() for c in auditors]
            self.assertTrue(all(error is None or error["code"] == "busy" for _, _, error in audits))
            refused = [error for _, _, error in replies if error is not None]
            acked = [result for _, result, error in replies if error is None]
            self.assertEqual(len(replies), self.connections * self.each)
            self.assertEqual({error["code"] for error in refused}, {"busy"})
            self.assertTrue(all(len(error["message"].split()) > 3 for error in refused))
            self.assertGreater(len(acked), 0)
            self.assertEqual(len({result["position"] for result in acked}), len(acked))
            # What was refused did not happen, what was acknowledged did; asked again, each happens once.
            self.assertEqual(first.do("status")["size"], before + len(acked))
            again = first.pipeline([("messageAdd", message(subject, "hei"), {"requestId": "0-%d" % i}) for i in range(self.each)])
            known = {number: result["position"] for c, number, result in self.of_first if result is not None}
            for i, (result, error) in enumerate(again):
                self.assertIsNone(error)
                if i + 1 in known:
                    self.assertEqual(result["position"], known[i + 1])
            self.assertEqual(first.do("status")["size"], before + len(acked) + self.each - len(known))

    def exchange(self, connections, frames):
        """Sends all and reads all at once; -> (connection, result, error) of every reply."""
        selector = selectors.DefaultSelector()
        out, left = {}, {}
        for c, frame in zip(connections, frames):
            c.socket.setblocking(False)
            out[c], left[c] = memoryview(frame), self.each
            selector.register(c.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, c)
        replies = []
        while left:
            for key, events in selector.select(60):
                c = key.data
                if events & selectors.EVENT_WRITE:
                    with contextlib.suppress(BlockingIOError):
                        out[c] = out[c][c.socket.send(out[c]):]
                    if not out[c]:
                        selector.modify(c.socket, selectors.EVENT_READ, c)
                if events & selectors.EVENT_READ:
                    c.buffer += c.receive_some()
                    while (size := taus_client.frame_size(c.buffer)) is not None and len(c.buffer) >= size:
                        number, result, error = c.receive()
                        replies.append((c, number, result, error))
                        left[c] -= 1
                    if not left[c]:
                        selector.unregister(c.socket)
                        del left[c]
        self.of_first = [(c, number, result) for c, number, result, _ in replies if c is connections[0]]
        return [(number, result, error) for _, number, result, error in replies]


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.base = tempfile.mkdtemp(prefix="taus-full-")
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)

    def fill(self, daemon, make_room, fill_up, when_refused=lambda: None):
        """Commands until one is not acknowledged; then room, a restart, and every answer held against what was said."""
        with daemon.connect() as taus:
            subject = taus.do("bookingRequest", FORM)["subject"]
            taus.do("messageAdd", message(subject, "hei"))
            fill_up()
            acked, refused, number = {}, {}, 0
            with contextlib.suppress(taus_client.Closed):
                while not refused and number < 40_000:
                    batch = ["r%d" % (number + i) for i in range(64)]
                    number += len(batch)
                    calls = [("messageAdd", message(subject, "hei " * 3000), {"requestId": one}) for one in batch]
                    for one in batch:
                        refused[one] = None  # until it is answered
                    for one, (result, error) in zip(batch, self.answers(taus, calls)):
                        if error is None:
                            acked[one] = result["position"]
                            del refused[one]
                        else:
                            refused[one] = error
                            when_refused()
        self.assertTrue(refused, "the disk did not fill up")
        codes = {error["code"] for error in refused.values() if error}
        self.assertTrue(codes <= {"io", "unavailable"}, codes)
        self.assertTrue(all(len(error["message"].split()) > 3 for error in refused.values() if error))
        self.assertEqual(daemon.process.wait(30), LATCHED)
        self.assertIn("a write failed", daemon.last_words())
        self.assertNotIn("hei hei", daemon.last_words())
        daemon.reap()
        make_room()
        daemon.start()
        with daemon.connect() as taus:
            self.assertTrue(taus.do("auditVerify")["ok"])
            again = lambda names: taus.pipeline([("messageAdd", message(subject, "hei " * 3000), {"requestId": one}) for one in names])
            some = list(acked)[:50] + list(acked)[-200:]
            self.assertEqual([result["position"] for result, _ in again(some)], [acked[one] for one in some])
            self.assertEqual([error for _, error in again(list(refused))], [None] * len(refused))
            shown = taus.do("status")
            self.assertEqual(shown["size"] - self.first_events, len(acked) + len(refused))
        self.assertEqual(daemon.terminate(), 0)

    first_events = 1 + 3 + 1  # the profile, the booking, the first message

    @staticmethod
    def answers(taus, calls):
        """As many as come before the connection ends."""
        frames = [taus.frame(method, params, **fields) for method, params, fields in calls]
        taus.send_raw(b"".join(frames))
        for _ in frames:
            try:
                _, result, error = taus.receive()
            except taus_client.Closed:
                return
            yield result, error

    def test_no_file_may_grow(self):
        """A limit on the size of files stands for the disk: works without any right."""
        self.fill(*self.limited())

    def test_told_to_stop_after_a_failed_write_it_still_ends_as_failed(self):
        daemon, make_room, fill_up = self.limited()
        self.fill(daemon, make_room, fill_up, lambda: daemon.process.send_signal(signal.SIGTERM))
        self.assertNotIn("everything accepted is durable", daemon.last_words().split("a write failed")[1].split("starting")[0])

    def limited(self):
        def limited():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit[0], resource.RLIM_INFINITY))
        limit = [3 << 20]
        daemon = Limited(BUILD, directory=self.base, before_exec=limited)
        self.addCleanup(daemon.close)
        daemon.start()

        def make_room():
            limit[0] = resource.RLIM_INFINITY
        return daemon, make_room, lambda: None

    def test_full_disk(self):
        """A small disk of its own, filled by something else."""
        mounted = os.path.join(self.base, "disk")
        os.makedirs(mounted)
        image = os.path.join(self.base, "image")
        with open(image, "wb") as file:
            file.truncate(DISK_BYTES)
        subprocess.run(["/sbin/mkfs.ext4", "-q", "-m", "0", image], check=True)
        if subprocess.run(["mount", "-o", "loop", image, mounted], capture_output=True, check=False).returncode != 0:
            self.test_no_file_may_grow()  # nobody may mount here: the same by other means
            return
        self.addCleanup(subprocess.run, ["umount", mounted], check=True)
        directory = os.path.join(mounted, "store")
        os.makedirs(directory, mode=0o700)
        daemon = taus_client.Daemon(BUILD, directory=directory)
        self.addCleanup(daemon.close)
        daemon.start()
        ballast = os.path.join(mounted, "ballast")

        def fill_up():
            with open(ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
                while file.write(bytes(1 << 16)):
                    pass
        self.fill(daemon, lambda: os.remove(ballast), fill_up)


class Limited(taus_client.Daemon):
    """A daemon that is started with something done first."""

    def __init__(self, *arguments, before_exec, **options):
        super().__init__(*arguments, **options)
        self.before_exec = before_exec

    def start(self, timeout=60.0):
        real = subprocess.Popen
        try:
            subprocess.Popen = lambda *a, **k: real(*a, preexec_fn=self.before_exec, **k)
            return super().start(timeout)
        finally:
            subprocess.Popen = real


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
