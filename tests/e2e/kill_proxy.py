"""Lying daemons, to show that the restart test notices: a proxy between client and tausd that breaks one promise.

`early` acknowledges a message before the daemon has it, and hands it on a moment later: only a kill in between tells.
`twice` hands a message on a second time, under another request id.
Each is made anew with every start of the daemon and takes over what its forerunner knew.
"""
import os
import socket
import threading
import time

import taus_client


class Proxy(threading.Thread):
    """Honest: hands on one request at a time."""

    def __init__(self, daemon, before):
        super().__init__(daemon=True)
        if before:
            before.close()
        self.seen = before.seen if before else set()
        self.path = os.path.join(daemon.directory, "run", "liar.sock")
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.requests, self.responses = daemon.layout
        self.up = daemon.connect()
        self.peer = None
        self.start()

    def close(self):
        self.listener.close()
        self.up.close()

    def run(self):
        self.peer = self.listener.accept()[0]
        buffer = bytearray()
        try:
            while True:
                size = taus_client.frame_size(buffer)
                if size is None or len(buffer) < size:
                    data = self.peer.recv(1 << 16)
                    if not data:
                        break
                    buffer += data
                    continue
                frame = bytes(buffer[:size])
                del buffer[:size]
                self.hand_on(frame)
        except (OSError, AttributeError, taus_client.Closed):
            pass  # one of the two is gone: so is the other
        self.peer.close()

    def hand_on(self, frame):
        request = self.requests.decode("Request", frame)
        wanted = request["_which"] == "messageAdd" and not request["as"] and request["messageAdd"]["expectedVersion"] is None
        fresh = request["requestId"] not in self.seen
        self.seen.add(request["requestId"])
        if wanted and fresh:
            self.lie(request, frame)
        else:
            self.peer.sendall(self.truth(frame))

    def truth(self, frame):
        self.up.send_raw(frame)
        return self.up.receive_frame()


class Early(Proxy):
    def lie(self, request, frame):
        reply = self.up.do("auditReplay")
        subject = request["messageAdd"]["subject"]
        versions = [e["version"] for e in reply["entries"] if e["stream"] == subject]
        lives = any(p["state"] == "withheld" for e in reply["entries"] if e["stream"] == subject for p in e["parts"])
        if not lives or request["messageAdd"]["direction"] == "out":  # it could be refused
            self.peer.sendall(self.truth(frame))
            return
        ack = {"position": reply["size"], "subject": subject, "version": max(versions) + 1, "warnings": []}
        self.peer.sendall(self.responses.encode("Response", {"id": request["id"], "position": reply["size"], "messageAdd": ack}))
        time.sleep(0.005)  # at random: what a commit would take
        self.truth(frame)


class Twice(Proxy):
    def lie(self, request, frame):
        self.peer.sendall(self.truth(frame))
        if len(self.seen) % 10 == 0:
            again = {key: value for key, value in request.items() if key != "_which" and value is not None}
            self.truth(self.requests.encode("Request", {**again, "requestId": "again%d" % len(self.seen)}))


LIARS = {"early": Early, "twice": Twice}
