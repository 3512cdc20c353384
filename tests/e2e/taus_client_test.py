"""The Python client against the stub server: calls, refusals, pipelining, raw bytes, a peer that dies, speed.

usage: taus_client_test.py LAYOUT.json
"""
import datetime
import sys
import tempfile
import time
import unittest

import capnp_py
import taus_client
from stub_server import Stub

LAYOUT = sys.argv[1]
CALLS_PER_SECOND = 2000  # what the kill loop needs


def answer(request):
    method = request["_which"]
    if method == "subjectState":
        return {"subject": request[method]["subject"], "phase": "p1", "version": 4, "active": True}, None
    if method == "bookingBook":
        return None, {"code": "slot_taken", "message": "The counsellor is taken then.", "pointer": "/start"}
    if method == "auditVerify":
        return None  # hangs up
    return {}, None


class Client(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.stub = Stub(self.directory.name + "/run/frontend.sock", capnp_py.load(LAYOUT), answer)
        self.taus = taus_client.Taus(self.stub.path, self.stub_layout(), as_="staff1")

    def stub_layout(self):
        return (self.stub.requests, self.stub.responses)

    def tearDown(self):
        self.taus.close()
        self.stub.close()
        self.directory.cleanup()

    def test_call(self):
        state = self.taus.do("subjectState", {"subject": "abc"}, purpose="asked", requestId="r1")
        self.assertEqual((state["subject"], state["phase"], state["version"], state["concludedAt"]), ("abc", "p1", 4, None))
        seen = self.stub.seen[-1]
        self.assertEqual((seen["as"], seen["purpose"], seen["requestId"], seen["atLeast"]), ("staff1", "asked", "r1", None))
        self.assertEqual(self.taus.position, 1)

    def test_refusal(self):
        result, error = self.taus.call("bookingBook", {"subject": "abc"})
        self.assertIsNone(result)
        self.assertEqual(error["code"], "slot_taken")
        with self.assertRaises(taus_client.TausError) as caught:
            self.taus.do("bookingBook", {})
        self.assertEqual(caught.exception.pointer, "/start")

    def test_pipeline(self):
        replies = self.taus.pipeline([("subjectState", {"subject": str(i)}) for i in range(500)])
        self.assertEqual([result["subject"] for result, _ in replies], [str(i) for i in range(500)])

    def test_raw_in_two_halves(self):
        frame = self.taus.frame("subjectState", {"subject": "half"})
        self.taus.send_raw(frame[:9])
        self.taus.send_raw(frame[9:])
        self.assertEqual(self.taus.receive()[1]["subject"], "half")

    def test_a_peer_that_dies(self):
        with self.assertRaises(taus_client.Closed):
            self.taus.call("auditVerify")
        self.taus.reconnect()
        self.assertEqual(self.taus.do("subjectState", {"subject": "x"})["subject"], "x")

    def test_times(self):
        self.assertEqual(taus_client.ms("2025-03-10T10:00"), taus_client.ms("2025-03-10T09:00:00Z"))
        self.assertEqual(taus_client.local(taus_client.ms("2025-07-01T12:00:00Z")), "2025-07-01T14:00:00+02:00")
        for first in (2_114_395_202_000, 2_148_350_402_000):  # the second one is beyond 2^31 seconds
            for at in range(first, first + 1000):
                text = datetime.datetime.fromtimestamp(at // 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
                self.assertEqual(taus_client.ms("%s.%03dZ" % (text, at % 1000)), at)

    def test_speed(self):
        # Best of three, encoding and decoding only: the machine may be busy with other tests.
        best = 0.0
        result = {"position": 7, "subject": "k7q2", "version": 3, "number": 1, "warnings": []}
        for _ in range(3):
            start = time.perf_counter()
            for _ in range(1000):
                self.taus.frame("bookingBook", {"subject": "k7q2", "counsellor": "c", "start": 1, "minutes": 60, "channel": "video"})
                frame = self.stub.responses.encode("Response", {"id": 1, "position": 7, "bookingBook": result})
                self.stub.responses.decode("Response", frame)
            best = max(best, 1000 / (time.perf_counter() - start))
        print("%d calls/s (request, and reply both ways)" % best)
        self.assertGreater(best, CALLS_PER_SECOND)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
