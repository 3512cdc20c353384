"""What the tests of bad input share: a daemon with a client, a counsellor and somebody who is gone, and what a refusal must be."""
import contextlib
import json
import sys
import unittest

import taus_client
from taus_client import ms

BUILD = sys.argv[1]
CANARIES = ("Zaubermann", "zauber@canary.example", "4799999999", "Geheimnis")  # what is sent and must never come back in a refusal
FORM = {"name": "Kari Eksempel", "email": "kari@example.no", "phone": "+4790000000", "municipalityCode": "3905", "ageYears": 34,
        "focusAreas": ["yrkesvalg"], "consent": {"notice": "VT-2022-09-15", "act": "checkbox", "language": "nb"}}
START = ms("2026-03-02T09:00")


def without(document, *keys):
    """A deep copy without what each answer has of its own."""
    if isinstance(document, dict):
        return {k: without(v, *keys) for k, v in document.items() if k not in keys}
    if isinstance(document, list):
        return [without(item, *keys) for item in document]
    return document


class Case(unittest.TestCase):
    """One daemon a class, with a counsellor, a client with an appointment, and a client whose data was shredded."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = taus_client.Daemon(BUILD).start()
        cls.addClassCleanup(cls.daemon.close)
        cls.daemon.set_clock(START)
        cls.taus = cls.daemon.connect()
        cls.addClassCleanup(cls.taus.close)
        signed = "2025-01-02"
        cls.ingrid = cls.taus.do("staffAdd", {"name": "Ingrid", "roles": ["counsellor"], "confidentialitySigned": signed})["subject"]
        cls.hanna = cls.taus.do("staffAdd", {"name": "Hanna", "roles": ["hr"], "confidentialitySigned": signed})["subject"]
        kari = cls.taus.do("bookingRequest", FORM)
        cls.kari, cls.kari_position = kari["subject"], kari["position"]
        cls.taus.do("bookingBook", cls.book(start=ms("2026-03-03T10:00")))
        gone = cls.taus.do("bookingRequest", dict(FORM, name="Borte Vekk", email="borte@example.no"))
        cls.gone, cls.gone_link = gone["subject"], gone["link"]
        cls.taus.do("consentWithdraw", {"subject": cls.gone, "method": "phone"})
        cls.taus.do("subjectShow", {"subject": cls.kari})  # the first read makes the read log a category that is held

    @classmethod
    def book(cls, **changes):
        return {"subject": cls.kari, "counsellor": cls.ingrid, "start": ms("2026-03-10T10:00"), "minutes": 60, "channel": "video", **changes}

    def history(self):
        status = self.taus.do("status")
        return status["size"], status["rootHash"], status["generation"], status["subjects"]

    def reads(self):
        calls = [("subjectShow", {"subject": self.kari}), ("subjectTimeline", {"subject": self.kari, "position": self.kari_position}),
                 ("subjectState", {"subject": self.gone}), ("staffList", {}), ("retentionPlan", {}),
                 ("calendarShow", {"from": "2026-03-02", "to": "2026-12-31"})]
        answers = [list(self.taus.call(method, params)) for method, params in calls]
        return without(answers, "position", "version", "at")

    @contextlib.contextmanager
    def unchanged(self, denials=0):
        """The store as it was: history byte for byte (but for `denials` journalled refusals), and every read."""
        reads = self.reads()
        before = self.history()
        yield
        after = self.history()
        self.assertEqual(after[0], before[0] + denials)
        if denials == 0:
            self.assertEqual(after, before)
        self.assertEqual(self.reads(), reads)

    def check_sentence(self, error, code=None, pointer=None, about=None):
        if code is not None:
            self.assertEqual(error["code"], code, (about, error))
        self.assertGreaterEqual(len(error["message"].split()), 4, (about, error))
        for canary in CANARIES:
            self.assertNotIn(canary.lower(), json.dumps(error).lower(), about)
        if pointer is not None:
            self.assertEqual(error["pointer"] or "", pointer, (about, error))

    def refused(self, method, params, code, pointer=None, taus=None, **fields):
        result, error = (taus or self.taus).call(method, params, **fields)
        self.assertIsNotNone(error, (method, params, "was accepted", result))
        self.check_sentence(error, code, pointer, (method, params, fields))
        return error
