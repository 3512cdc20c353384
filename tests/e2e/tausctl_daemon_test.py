"""tausctl against a real tausd: from booking to the receipt, as someone would type it.

usage: tausctl_daemon_test.py BUILD
"""
import json
import sys
import unittest

import taus_client

BUILD = sys.argv[1]
FORM = {"name": "Kari Eksempel", "email": "kari@example.no", "phone": "+4790000000", "municipalityCode": "3905", "ageYears": 34,
        "focusAreas": ["yrkesvalg"], "consent": {"notice": "VT-2022-09-15", "act": "checkbox", "language": "nb"}}
LOG = {"order": "Bytte yrke", "focus": "", "issuesNext": "", "tasksNext": "", "otherPrep": "", "attestNoSpecial": True}


class Typed(unittest.TestCase):
    def setUp(self):
        self.daemon = taus_client.Daemon(BUILD).start()

    def tearDown(self):
        self.daemon.close()

    def json(self, *arguments, document=None, status=0):
        done = self.daemon.tausctl(*arguments, "--json", stdin=None if document is None else json.dumps(document))
        self.assertEqual(done.returncode, status, (arguments, done.stderr))
        return json.loads(done.stdout)

    def test_a_life(self):
        self.json("dev", "clock", "set", "2030-03-04T09:00")
        booked = self.json("booking", "request", "-", document=FORM)
        subject = booked["subject"]
        self.assertTrue(booked["link"])
        ingrid = self.json("staff", "add", "Ingrid", "--role", "counsellor", "--confidentiality-signed", "2025-01-02")["subject"]
        bo = self.json("staff", "add", "Bo", "--role", "counsellor", "--confidentiality-signed", "2025-01-02")["subject"]
        self.json("subject", "assign", subject, "--counsellor", ingrid)
        book = ["booking", "book", "--counsellor", ingrid, "--start", "2030-03-04T10:00", "--minutes", "60", "--channel", "video"]
        self.assertEqual(self.json(*book, subject)["number"], 1)
        self.assertEqual(self.json(*book, subject, status=5)["error"]["code"], "slot_taken")
        self.json("dev", "clock", "advance", "3h")
        self.json("booking", "held", subject, "--as", ingrid)
        self.json("log", "write", subject, "-", "--as", ingrid, document=LOG)
        seen = self.json("subject", "show", subject, "--as", ingrid)
        self.assertEqual((seen["email"], seen["logs"][0]["order"], seen["appointments"][0]["outcome"]),
                         ("kari@example.no", "Bytte yrke", "held"))
        self.assertEqual(self.json("subject", "show", subject, "--as", bo)["logs"], [])
        self.assertIn("Kari Eksempel", self.daemon.tausctl("subject", "find", "--email", "kari@example.no", "--as", ingrid).stdout)
        self.check_the_receipt(self.json("consent", "withdraw", subject, "--method", "phone")["receipt"])
        self.assertEqual(self.json("subject", "show", subject, status=6)["error"]["code"], "shredded")
        self.daemon.restart()
        self.assertEqual(self.json("subject", "state", subject, status=6)["error"]["code"], "shredded")
        self.assertEqual(self.daemon.tausctl("audit", "verify").returncode, 0)

    def test_what_is_absent_is_null(self):
        self.json("dev", "clock", "set", "2030-03-04T09:00")
        subject = self.json("booking", "request", "-", document=FORM)["subject"]
        self.assertIsNone(self.json("subject", "show", subject)["counsellor"])
        self.assertIsNone(self.json("subject", "state", subject)["counsellor"])
        ingrid = self.json("staff", "add", "Ingrid", "--role", "counsellor", "--confidentiality-signed", "2025-01-02")["subject"]
        self.json("booking", "book", subject, "--counsellor", ingrid, "--start", "2030-03-04T10:00", "--minutes", "60", "--channel", "video")
        self.json("dev", "clock", "advance", "3h")
        self.json("booking", "held", subject)
        message = {"direction": "in", "channel": "email", "subject": "", "body": "Takk", "at": "2030-03-04T11:30"}
        self.json("message", "add", subject, "-", document=message)
        self.json("log", "write", subject, "-", document=LOG)
        seen = self.json("subject", "show", subject)
        self.assertEqual((seen["counsellor"], seen["logs"][0]["author"], seen["messages"][0]["author"]), (ingrid, None, None))
        self.assertIsNone(self.json("stats", "show", "--year", "2030")["published"]["closedOn"])

    def test_a_slot_of_an_erasure_under_way(self):
        """A withdrawal and a booking of the time that it frees, sent together: the booking waits for the erasure."""
        taus = taus_client.Taus(self.daemon.socket_path("frontend"), self.daemon.layout)
        self.daemon.set_clock(taus_client.ms("2030-03-04T09:00"))
        ingrid = taus.do("staffAdd", {"name": "Ingrid", "roles": ["counsellor"], "confidentialitySigned": "2025-01-02"})["subject"]
        kari, per = (taus.do("bookingRequest", FORM)["subject"] for _ in range(2))
        slot = {"counsellor": ingrid, "start": taus_client.ms("2030-03-05T10:00"), "minutes": 60, "channel": "video"}
        taus.do("bookingBook", {"subject": kari, **slot})
        self.assertEqual(taus.call("bookingBook", {"subject": per, **slot})[1]["code"], "slot_taken")
        replies = taus.pipeline([("consentWithdraw", {"subject": kari, "method": "phone"}), ("bookingBook", {"subject": per, **slot})])
        self.assertEqual([error for _, error in replies], [None, None])
        taus.close()

    def check_the_receipt(self, position):
        receipt = self.json("receipt", "show", str(position))
        key = self.daemon.directory + "/root/log.pub"
        good = self.json("receipt", "verify", "-", "--key", key, document=receipt)
        self.assertTrue(good["ok"] and good["text"].startswith("taus-receipt/1\n"))
        self.assertIn("copy", good["cannotProve"])
        receipt["signedText"] = receipt["signedText"].replace('"generation":', '"generation":1')
        self.assertEqual(self.json("receipt", "verify", "-", "--key", key, document=receipt, status=9)["error"]["code"], "tampered")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
