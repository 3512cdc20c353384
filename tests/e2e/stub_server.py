"""A server of scripted replies over the real protocol, so that client programs are tested without a daemon.

`answer(request) -> (result, None) | (None, error) | bytes | None`: request is the decoded Request, whose "_which" names the
method; bytes are sent as they are, None hangs up.
"""
import os
import socket
import threading

import capnp_py
import taus_client


class Stub:
    def __init__(self, path, layout, answer):
        self.path, self.answer = path, answer
        self.requests, self.responses = capnp_py.load(layout) if isinstance(layout, str) else layout
        self.seen = []  # every request, in order of arrival
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        buffer = bytearray()
        with peer:
            while True:
                size = taus_client.frame_size(buffer)
                if size is None or len(buffer) < size:
                    data = peer.recv(1 << 16)
                    if not data:
                        return
                    buffer += data
                    continue
                frame = bytes(buffer[:size])
                del buffer[:size]
                reply = self.reply_to(self.requests.decode("Request", frame))
                if reply is None:
                    return
                peer.sendall(reply)

    def reply_to(self, request):
        self.seen.append(request)
        answered = self.answer(request)
        if answered is None:
            return None  # hangs up
        if isinstance(answered, bytes):
            return answered
        result, error = answered
        reply = {"id": request["id"], "position": len(self.seen)}
        reply["error" if error else request["_which"]] = error or result
        return self.responses.encode("Response", reply)

    def close(self):
        # shutdown wakes the accepting thread; close alone leaves it sleeping.
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        os.unlink(self.path)
