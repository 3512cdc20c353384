"""tausctl events follow: against scripted answers, and against a real tausd beside commands.

usage: follow_test.py BUILD
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

import taus_client
from stub_server import Stub

BUILD = sys.argv[1]
TAUSCTL = os.path.join(BUILD, "bin", "tausctl")
FORM = {"name": "Kanarina Kanari", "email": "kanaripost@example.no", "phone": "+4790000000", "municipalityCode": "3905", "ageYears": 34,
        "focusAreas": ["kanarifokus"], "consent": {"notice": "VT-2022-09-15", "act": "checkbox", "language": "nb"}}
SECONDS = 60


class Scripted(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.script = []
        self.stub = Stub(self.directory.name + "/run/frontend.sock", taus_client.layout_of(BUILD), lambda _: self.script.pop(0))
        self.addCleanup(self.stub.close)

    def follow(self, *arguments):
        return subprocess.run([TAUSCTL, "--dev", self.directory.name, "events", "follow", *arguments], capture_output=True, text=True,
                              timeout=SECONDS, check=False)

    def asked(self):
        return [(request["eventsFollow"]["from"], request["atLeast"]) for request in self.stub.seen]

    def test_asks_from_where_the_answer_ended(self):
        busy = (None, {"code": "busy", "message": "The queue is full."})
        event = {"position": 7, "subject": "s1", "version": 3, "type": "messageSent", "parts": [{"category": "corr", "state": "present"}]}
        self.script = [({"events": [], "next": 7, "position": 6}, None), busy, ({"events": [event], "next": 8, "position": 9}, None),
                       ({"events": [event], "next": 10, "position": 9}, None), None]
        done = self.follow()
        self.assertEqual(done.returncode, 8, "the daemon hung up")
        self.assertEqual(self.asked(), [(None, None), (7, None), (7, None), (8, None), (10, None)])
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(lines[0], {**event, "at": None, "actor": None, "actorKind": None, "role": None})
        self.assertEqual(len(lines), 2)

    def test_until_now(self):
        self.script = [({"events": [], "next": 300, "position": 400}, None), ({"events": [], "next": 401, "position": 500}, None)]
        self.assertEqual(self.follow("--from", "0", "--until-now").returncode, 0)
        self.assertEqual(self.asked(), [(0, None), (300, 400)])
        self.assertEqual(self.follow("--until-now").returncode, 2)

    def test_a_refusal(self):
        self.script = [(None, {"code": "not_found", "message": "The journal ends before.", "pointer": "/from"})]
        done = self.follow("--from", "9", "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["error"]["code"]), (3, "not_found"))


class Live(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = taus_client.Daemon(BUILD).start()
        cls.addClassCleanup(cls.daemon.close)
        cls.taus = cls.daemon.connect()
        cls.addClassCleanup(cls.taus.close)
        cls.leader, cls.hr = (cls.taus.do("staffAdd", {"name": "En " + role, "roles": [role], "confidentialitySigned": "2025-01-02"})["subject"]
                              for role in ("leader", "hr"))

    def size(self):
        return self.taus.do("status")["size"]

    def start(self, *arguments, position=None, daemon=None):
        daemon = daemon or self.daemon
        follower = subprocess.Popen([TAUSCTL, "--dev", daemon.directory, *arguments, "events", "follow", "--from",
                                     str(self.size() if position is None else position)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                    text=True)
        self.addCleanup(follower.communicate)
        self.addCleanup(follower.kill)
        return follower

    @staticmethod
    def told(follower, kind):
        """The next line of this type."""
        while True:
            event = json.loads(follower.stdout.readline())
            if event["type"] == kind:
                return event

    def all_events(self, **fields):
        """Everything there is, asked without tausctl."""
        events, start = [], 0
        while True:
            feed = self.taus.do("eventsFollow", {"from": start, "limit": 5}, **fields)
            events += feed["events"]
            start = feed["next"]
            if start > feed["position"]:
                return events

    def test_a_booking_is_told_to_two_followers_and_not_to_a_third(self):
        followers = [self.start("--as", self.leader), self.start("--as", self.leader, "--json"), self.start("--as", self.hr)]
        booked = self.taus.do("bookingRequest", FORM)
        lines = [self.told(follower, "bookingRequested") for follower in followers[:2]]
        self.assertEqual(lines[0], lines[1])
        self.assertEqual((lines[0]["subject"], lines[0]["actorKind"], lines[0]["position"]), (booked["subject"], "developer", booked["position"] - 2))
        self.assertIn({"category": "appt", "state": "present"}, [{**part, "state": "present"} for part in lines[0]["parts"]])
        again = self.taus.do("staffAdd", {"name": "En til", "roles": ["desk"], "confidentialitySigned": "2025-01-02"})["subject"]
        self.assertEqual(json.loads(followers[2].stdout.readline())["subject"], again, "personnel is told of the staff and of no client")

    def test_until_now_is_what_the_api_tells(self):
        self.taus.do("bookingRequest", FORM)
        self.all_events(as_=self.leader)  # what that journals stands in the history then
        wanted = [event["position"] for event in self.all_events(as_=self.leader)]
        done = self.daemon.tausctl("--as", self.leader, "events", "follow", "--from", "0", "--until-now")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([json.loads(line)["position"] for line in done.stdout.splitlines()], wanted)
        self.assertNotIn("kanari", done.stdout.lower())
        self.assertEqual(self.daemon.tausctl("events", "follow", "--from", str(self.size() + 1)).returncode, 3)

    def test_a_reader_that_goes(self):
        command = "set -o pipefail; %s --dev %s events follow --from 0 | head -1" % (TAUSCTL, self.daemon.directory)
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=SECONDS, check=False)
        self.assertEqual((done.returncode, done.stderr, json.loads(done.stdout)["position"]), (0, "", 0))
        idle = self.start()
        idle.stdout.close()
        self.assertEqual(idle.wait(SECONDS), 0, "also while nothing happens")

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            follower = self.start(position=0)
            self.told(follower, "profileActivated")
            follower.send_signal(number)
            self.assertEqual(follower.wait(SECONDS), 0)
            self.assertEqual(follower.stderr.read(), "")

    def test_a_daemon_that_dies(self):
        with taus_client.Daemon(BUILD) as other:
            follower = self.start(position=0, daemon=other)
            self.told(follower, "profileActivated")
            other.kill()
            self.assertEqual(follower.wait(SECONDS), 8)

    def test_by_link(self):
        booked, other = self.taus.do("bookingRequest", FORM), self.taus.do("bookingRequest", FORM)
        events = self.all_events(link=booked["link"])
        self.assertEqual({event["subject"] for event in events if event["actorKind"]}, {booked["subject"]})
        self.assertNotIn(other["subject"], [event["subject"] for event in events])
        self.taus.do("consentWithdraw", {"subject": booked["subject"], "method": "web"}, link=booked["link"])
        _, error = self.taus.call("eventsFollow", {"from": 0}, link=booked["link"])
        self.assertEqual(error["code"], "shredded")
        self.assertNotIn(booked["subject"], [event["subject"] for event in self.all_events()])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
