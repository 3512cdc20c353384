"""The socket API from Python, and a tausd to speak to, for tests.

    with Daemon(build, profile="vt") as daemon:
        taus = daemon.connect("frontend")
        reply = taus.do("bookingRequest", {"name": "Kari Eksempel", ...}, requestId="r1")

Times are integers (milliseconds since 1970 UTC); `ms()` and `local()` make them. Nothing here shares code with the daemon.
"""
import datetime
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import zoneinfo

import capnp_py

OSLO = zoneinfo.ZoneInfo("Europe/Oslo")
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
ROLES = ("frontend", "auditor", "operator")


class TausError(Exception):
    """A refusal by the daemon: `code` of the closed list, `message`, JSON `pointer`."""

    def __init__(self, error):
        super().__init__("%(code)s: %(message)s %(pointer)s" % {k: error.get(k) or "" for k in ("code", "message", "pointer")})
        self.code, self.message, self.pointer = error.get("code"), error.get("message"), error.get("pointer")


class Closed(Exception):
    """The daemon closed the connection, or died."""


def ms_of(moment):
    """An aware datetime -> milliseconds, exactly: a product of its float timestamp is a millisecond short in every fourth case from 2038 on."""
    return (moment - EPOCH) // datetime.timedelta(milliseconds=1)


def ms(text):
    """RFC 3339 -> milliseconds; without an offset Europe/Oslo, the first of an overlap."""
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return ms_of(moment if moment.tzinfo else moment.replace(tzinfo=OSLO))


def local(milliseconds):
    """Milliseconds -> RFC 3339 with the offset of Europe/Oslo."""
    return datetime.datetime.fromtimestamp(milliseconds / 1000, OSLO).isoformat(timespec="seconds")


def layout_of(build):
    return os.path.join(build, "generated", "api_layout.json")


class Taus:
    """One connection. `layout` is the file that schema_dump wrote (layout_of(build)) or what capnp_py.load() gave."""

    def __init__(self, path, layout, timeout=30.0, **defaults):
        self.path, self.timeout = path, timeout
        self.requests, self.responses = capnp_py.load(layout) if isinstance(layout, str) else layout
        self.defaults = {name.rstrip("_"): value for name, value in defaults.items()}  # as_="…" for the field `as`
        self.last_id = 0
        self.position = None  # the last one a reply carried
        self.socket = None
        self.reconnect()

    def reconnect(self):
        self.close()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(self.timeout)
        try:
            self.socket.connect(self.path)
        except OSError as error:
            self.close()
            raise Closed("cannot connect to %s: %s" % (self.path, error)) from error
        self.buffer = bytearray()

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # --- calls

    def call(self, method, params=None, **fields):
        """-> (result, None) or (None, {"code", "message", "pointer"}). `fields`: as_, purpose, requestId, atLeast, link."""
        wanted = self.send(method, params, **fields)
        number, result, error = self.receive()
        if number != wanted:
            raise capnp_py.Malformed("reply %d to request %d" % (number, wanted))
        return result, error

    def do(self, method, params=None, **fields):
        """-> result; a refusal is a TausError."""
        result, error = self.call(method, params, **fields)
        if error is not None:
            raise TausError(error)
        return result

    def pipeline(self, calls):
        """calls: (method, params) or (method, params, fields), all sent before the first reply is read.
        -> [(result, error)] in the order of the calls."""
        frames, numbers = [], []
        for method, params, *rest in calls:
            frames.append(self.frame(method, params, **(rest[0] if rest else {})))
            numbers.append(self.last_id)
        self.send_raw(b"".join(frames))
        replies = {}
        for _ in numbers:
            number, result, error = self.receive()
            replies[number] = (result, error)
        return [replies[number] for number in numbers]

    def send(self, method, params=None, **fields):
        """Sends without waiting; -> the request's number, which its reply will carry."""
        self.send_raw(self.frame(method, params, **fields))
        return self.last_id

    def receive(self):
        """-> (number, result, error) of the next reply."""
        reply = self.responses.decode("Response", self.receive_frame())
        if reply["position"] is not None:
            self.position = reply["position"]
        which = reply["_which"]
        if which == "error":
            return reply["id"], None, reply["error"]
        return reply["id"], reply[which], None

    def frame(self, method, params=None, **fields):
        """The bytes of one request, numbered like the next call."""
        self.last_id += 1
        request = dict(self.defaults)
        request.update((name.rstrip("_"), value) for name, value in fields.items())
        request.setdefault("id", self.last_id)
        request[method] = {} if params is None else params
        return self.requests.encode("Request", request)

    # --- raw bytes

    def send_raw(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Closed("connection closed while sending") from error

    def receive_frame(self):
        while True:
            size = frame_size(self.buffer)
            if size is not None and len(self.buffer) >= size:
                frame = bytes(self.buffer[:size])
                del self.buffer[:size]
                return frame
            self.buffer += self.receive_some()

    def receive_some(self):
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError as error:
            raise Closed("connection reset") from error
        if not data:
            raise Closed("connection closed")
        return data

    def closed_within(self, seconds):
        """True when the daemon has closed this connection (unread replies are dropped)."""
        deadline = datetime.datetime.now() + datetime.timedelta(seconds=seconds)
        while True:
            left = (deadline - datetime.datetime.now()).total_seconds()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                return False
            try:
                if not self.socket.recv(1 << 16):
                    return True
            except ConnectionResetError:
                return True


def frame_size(buffer):
    """Bytes of the frame that starts `buffer`; None: its table is not complete."""
    if len(buffer) < 4:
        return None
    segments = struct.unpack_from("<I", buffer)[0] + 1
    if segments > 512:
        raise capnp_py.Malformed("%d segments" % segments)
    table = (4 + 4 * segments + 7) & ~7
    if len(buffer) < table:
        return None
    return table + 8 * sum(struct.unpack_from("<%dI" % segments, buffer, 4))


class Daemon:
    """A tausd --dev of a build directory. Without `directory` it makes one and removes it at the end."""

    def __init__(self, build, profile="vt", directory=None, arguments=(), environment=None):
        self.build, self.profile, self.arguments = build, profile, list(arguments)
        self.environment = dict(os.environ, **(environment or {}))
        self.owns_directory = directory is None
        self.directory = directory or tempfile.mkdtemp(prefix="taus-")
        self.layout = capnp_py.load(layout_of(build))
        self.process = None
        self.errors = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.close()

    def start(self, timeout=60.0):
        """Starts it and waits for its `ready` line."""
        command = [os.path.join(self.build, "bin", "tausd"), "--dev", self.directory, "--profile", self.profile, *self.arguments]
        self.errors = open(os.path.join(self.directory, "stderr.txt"), "ab")  # noqa: SIM115
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.errors, stdin=subprocess.DEVNULL,
                                        env=self.environment)
        ready = select.select([self.process.stdout], [], [], timeout)[0]
        line = self.process.stdout.readline().decode() if ready else ""
        if not line.startswith("ready "):
            self.kill()
            raise Closed("tausd did not start (%r); its last words: %s" % (line, self.last_words()))
        return self

    def last_words(self, size=2000):
        with open(os.path.join(self.directory, "stderr.txt"), "rb") as file:
            return file.read()[-size:].decode(errors="replace")

    def socket_path(self, role):
        return os.path.join(self.directory, "run", role + ".sock")

    def connect(self, role="frontend", **options):
        return Taus(self.socket_path(role), self.layout, **options)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            self.reap()

    def terminate(self, timeout=60.0):
        """SIGTERM and a clean end; -> exit status."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout)
        return self.reap()

    def reap(self):
        status = self.process.wait()
        self.process.stdout.close()
        self.errors.close()
        self.process = None
        return status

    def restart(self, clean=False):
        if self.process is not None:
            self.terminate() if clean else self.kill()
        return self.start()

    def set_clock(self, milliseconds):
        with self.connect("operator") as taus:
            return taus.do("devClockSet", {"at": milliseconds})

    def advance_clock(self, days=0, milliseconds=0):
        """`days` are local calendar days."""
        with self.connect("operator", timeout=600.0) as taus:  # answers when all that falls due is done
            return taus.do("devClockAdvance", {"days": days, "milliseconds": milliseconds})

    def tausctl(self, *arguments, stdin=None, check=False):
        """Runs the build's tausctl against this daemon; -> CompletedProcess with text output."""
        command = [os.path.join(self.build, "bin", "tausctl"), "--dev", self.directory, *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=check, env=self.environment, timeout=120)

    def close(self):
        self.kill()
        if self.owns_directory:
            shutil.rmtree(self.directory, ignore_errors=True)
