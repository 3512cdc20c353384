"""Well-formed requests that must be refused: each with its code, its sentence, and the store as it was; and how tausctl tells it.

usage: bad_command_test.py BUILD
"""
import json
import os
import subprocess
import sys
import unittest

import taus_client
from bad_input_case import BUILD, FORM, START, Case
from taus_client import ms

LOG = {"order": "Bytte yrke", "attestNoSpecial": True}


class TheChecks(Case):
    """That the checks of these tests can fail."""

    def test_a_change_is_noticed(self):
        with self.assertRaises(AssertionError), self.unchanged():
            self.taus.do("messageAdd", {"subject": self.kari, "direction": "in", "channel": "sms", "body": "hei"})
        with self.assertRaises(AssertionError), self.unchanged(denials=1):
            self.taus.do("bookingBook", self.book())
        for message in ("there is no client zaubermann: check", "wrong"):
            with self.assertRaises(AssertionError):
                self.check_sentence({"code": "not_found", "message": message, "pointer": None}, "not_found")


class Form(Case):
    def test_fields_the_form_does_not_ask_for(self):
        with self.unchanged():
            for name, value in {"gender": "female", "nationality": "NO", "motherTongue": "nb", "accommodationNeed": "Geheimnis",
                                "currentSituation": "Geheimnis"}.items():
                error = self.refused("bookingRequest", dict(FORM, **{name: value}), "invalid_argument", "/" + name)
                self.assertIn(name, error["message"])
            for name, value in {"nationality": "NO", "motherTongue": "nb", "accommodationNeed": "Geheimnis"}.items():
                self.refused("subjectRecord", {"subject": self.kari, "collectedVia": "session", name: value}, "invalid_argument", "/" + name)

    def test_missing_fields(self):
        with self.unchanged():
            for name in FORM:
                error = self.refused("bookingRequest", {k: v for k, v in FORM.items() if k != name}, "invalid_argument", "/" + name)
                self.assertIn(name, error["message"])
                empty = {"ageYears": None, "focusAreas": [], "consent": None}.get(name, "")
                self.refused("bookingRequest", dict(FORM, **{name: empty}), "invalid_argument", "/" + name)
            for name in FORM["consent"]:
                consent = {k: v for k, v in FORM["consent"].items() if k != name}
                self.refused("bookingRequest", dict(FORM, consent=consent), "invalid_argument", "/consent/" + name)
            for name in ("subject", "counsellor", "start", "minutes", "channel"):
                code = "not_found" if name in ("subject", "counsellor") else "invalid_argument"
                self.refused("bookingBook", {k: v for k, v in self.book().items() if k != name}, code, "/" + name)
            self.refused("logWrite", {"subject": self.kari, "order": "Geheimnis"}, "invalid_argument", "/attestNoSpecial")
            self.refused("logWrite", {"subject": self.kari, "attestNoSpecial": True}, "invalid_argument", "/order")
            self.refused("subjectRecord", {"subject": self.kari, "ageYears": 35}, "invalid_argument", "/collectedVia")
            self.refused("subjectRecord", {"subject": self.kari, "collectedVia": "session"}, "invalid_argument")
            self.refused("staffAdd", {"name": "Zaubermann", "roles": ["desk"]}, "invalid_argument", "/confidentialitySigned")

    def test_values_that_cannot_be(self):
        wrong = {"email": ("zauber", "zauber@canary", "@canary.example", "zauber@canary.example, kari@example.no", "a b@canary.example"),
                 "phone": ("4799", "4799999999x", "+47-99-99", "4" * 16, "１２３４５"), "municipalityCode": ("390", "39055", "ab12"),
                 "ageYears": (-2, 121, 1 << 30, -(1 << 31)), "focusAreas": ([""], ["yrkesvalg", ""])}
        with self.unchanged():
            for name, values in wrong.items():
                for value in values:
                    with self.subTest(name, value=value):
                        error = self.refused("bookingRequest", dict(FORM, **{name: value}), "invalid_argument")
                        self.assertTrue(error["pointer"].startswith("/" + name), error)
            for name, value in {"notice": "VT-1999", "act": "formSubmit", "language": "xx"}.items():
                self.refused("bookingRequest", dict(FORM, consent=dict(FORM["consent"], **{name: value})), "invalid_argument", "/consent/" + name)
            staff = {"name": "Zaubermann", "roles": ["counsellor"], "confidentialitySigned": "2025-01-02"}
            for name, value in (("roles", []), ("roles", ["auditor"]), ("roles", ["developer"]), ("confidentialitySigned", "2025-02-30"),
                                ("confidentialitySigned", "2099-01-01"), ("confidentialitySigned", "Geheimnis"), ("name", "")):
                self.refused("staffAdd", dict(staff, **{name: value}), "invalid_argument", "/" + name)
            message = {"subject": self.kari, "direction": "in", "channel": "sms", "body": "Geheimnis"}
            self.refused("messageAdd", dict(message, direction="sideways"), "invalid_argument", "/direction")
            self.refused("messageAdd", dict(message, channel="video"), "invalid_argument", "/channel")


class Times(Case):
    def test_times_outside_reason(self):
        far = (ms("1899-12-31T00:00"), ms("2200-01-02T00:00"), (1 << 63) - 1, -(1 << 63) + 1, 0, ms("2029-06-01T10:00"))
        with self.unchanged():
            for start in far:
                self.refused("bookingBook", self.book(start=start), "invalid_argument", "/start")
            for minutes in (0, -60, 721, (1 << 31) - 1, -(1 << 31)):
                self.refused("bookingBook", self.book(minutes=minutes), "invalid_argument", "/minutes")
            self.refused("messageAdd", {"subject": self.kari, "direction": "in", "channel": "sms", "body": "x", "at": START + 86_400_000},
                         "invalid_argument", "/at")
            self.refused("bookingHeld", {"subject": self.kari, "number": 1}, "invalid_argument", "/number")
            for at in far[:4]:
                self.refused("devClockSet", {"at": at}, "invalid_argument", "/at")
            self.refused("devClockAdvance", {"days": -1}, "invalid_argument", "/days")
            self.refused("devClockAdvance", {"days": (1 << 31) - 1}, "invalid_argument", "/days")
            self.refused("devClockAdvance", {"milliseconds": (1 << 63) - 1}, "invalid_argument", "/days")
            for given in ({"from": "2026-02-30"}, {"from": "Geheimnis"}, {"to": "2026-13-01"}, {"from": "2026-03-09", "to": "2026-03-02"}):
                self.refused("calendarShow", given, "invalid_argument")
            self.refused("calendarShow", {"from": "2026-01-01", "to": "2028-01-01"}, "too_large", "/to")

    def test_the_hour_that_is_not_there_and_the_one_that_is_twice(self):
        book = ["booking", "book", self.kari, "--counsellor", self.ingrid, "--minutes", "30", "--channel", "phone", "--json"]
        with self.unchanged():
            for start in ("2026-03-29T02:30", "2026-03-29T02:00", "2026-03-29T02:59:59"):
                done = self.daemon.tausctl(*book, "--start", start)
                self.assertEqual((done.returncode, json.loads(done.stdout)["error"]["code"]), (2, "invalid_argument"), done)
            message = {"direction": "in", "channel": "email", "subject": "", "body": "x", "at": "2026-03-29T02:30"}
            done = self.daemon.tausctl("message", "add", self.kari, "-", "--json", stdin=json.dumps(message))
            self.assertEqual((done.returncode, json.loads(done.stdout)["error"]["pointer"]), (2, "/at"), done)
            self.assertEqual(self.daemon.tausctl("dev", "clock", "set", "2026-03-29T02:30").returncode, 2)
        for start, utc in (("2026-03-29T03:00", "2026-03-29T01:00Z"), ("2026-10-25T02:30", "2026-10-25T00:30Z"),
                           ("2026-10-25T02:30+01:00", "2026-10-25T01:30Z")):
            number = json.loads(self.daemon.tausctl(*book, "--start", start, check=True).stdout)["number"]
            appointments = {a["number"]: a for a in self.taus.do("subjectShow", {"subject": self.kari})["appointments"]}
            self.assertEqual(appointments[number]["start"], ms(utc))


class Conflicts(Case):
    def test_expected_versions(self):
        version = self.taus.do("subjectShow", {"subject": self.kari})["version"]
        self.taus.do("subjectAssign", {"subject": self.kari, "counsellor": self.ingrid, "expectedVersion": version})
        commands = [("bookingBook", self.book()), ("subjectAssign", {"subject": self.kari, "counsellor": self.ingrid}),
                    ("bookingCancel", {"subject": self.kari, "number": 1}), ("logWrite", {"subject": self.kari, **LOG}),
                    ("bookingReschedule", {"subject": self.kari, "number": 1, "start": ms("2026-03-12T10:00"), "minutes": 30}),
                    ("messageAdd", {"subject": self.kari, "direction": "in", "channel": "sms", "body": "x"}),
                    ("subjectRecord", {"subject": self.kari, "collectedVia": "phone", "ageYears": 35}), ("subjectConclude", {"subject": self.kari})]
        with self.unchanged():
            for method, params in commands:
                for expected in (0, 1, version, version + 1000, (1 << 63) - 1, -2):
                    self.refused(method, dict(params, expectedVersion=expected), "version_conflict", "/expectedVersion")

    def test_double_booking_and_wrong_states(self):
        with self.unchanged():
            self.refused("bookingBook", self.book(start=ms("2026-03-03T10:30")), "slot_taken", "/start")
            self.refused("subjectReopen", {"subject": self.kari}, "version_conflict", "/subject")
            self.refused("subjectConclude", {"subject": self.kari}, "version_conflict", "/subject")
            self.refused("bookingCorrect", {"subject": self.kari, "number": 1, "outcome": "held"}, "version_conflict", "/number")
            self.refused("bookingCancel", {"subject": self.kari, "number": 99}, "not_found", "/number")
            self.refused("bookingBook", self.book(counsellor=self.hanna), "invalid_argument", "/counsellor")
            self.refused("logAmend", {"subject": self.kari, "supersedes": 0, **LOG}, "not_found", "/supersedes")

    def test_request_ids(self):
        sms = {"subject": self.kari, "direction": "in", "channel": "sms", "body": "hei"}
        first = self.taus.do("messageAdd", sms, requestId="once")
        with self.unchanged():
            self.assertEqual(self.taus.do("messageAdd", sms, requestId="once"), first)
            self.refused("messageAdd", dict(sms, body="Geheimnis"), "version_conflict", requestId="once")
            self.refused("bookingCancel", {"subject": self.kari, "number": 1}, "version_conflict", requestId="once")
            self.refused("messageAdd", sms, "version_conflict", requestId="once", purpose="another")
            self.refused("messageAdd", sms, "version_conflict", requestId="once", as_=self.ingrid)
        self.daemon.restart()
        self.taus.reconnect()
        with self.unchanged():
            self.assertEqual(self.taus.do("messageAdd", sms, requestId="once"), first)
            self.refused("messageAdd", dict(sms, body="Geheimnis"), "version_conflict", requestId="once")
            self.refused("subjectShow", {"subject": self.kari}, "unavailable", "/atLeast", atLeast=1 << 40)


class Gone(Case):
    def calls(self, subject):
        return [("subjectShow", {"subject": subject}), ("subjectTimeline", {"subject": subject}), ("auditReads", {"subject": subject}),
                ("bookingBook", self.book(subject=subject)), ("bookingCancel", {"subject": subject}), ("bookingHeld", {"subject": subject}),
                ("bookingNoShow", {"subject": subject}), ("bookingCorrect", {"subject": subject, "outcome": "held"}),
                ("bookingReschedule", {"subject": subject, "start": START, "minutes": 30}), ("subjectRecord", {"subject": subject, "ageYears": 3}),
                ("subjectAssign", {"subject": subject, "counsellor": self.ingrid}), ("subjectConclude", {"subject": subject}),
                ("subjectReopen", {"subject": subject}), ("logWrite", {"subject": subject, **LOG}), ("logAmend", {"subject": subject, **LOG}),
                ("messageAdd", {"subject": subject, "direction": "in", "channel": "sms", "body": "x"}),
                ("consentWithdraw", {"subject": subject}), ("subjectState", {"subject": subject})]

    def test_a_shredded_client(self):
        with self.unchanged():
            for method, params in self.calls(self.gone):
                self.refused(method, params, "shredded", "/subject")
            self.refused("consentWithdraw", {}, "shredded", link=self.gone_link)
            receipt = self.taus.do("shred", {"subject": self.gone, "reason": "withdrawal"})["receipt"]
            self.assertIn("signedText", self.taus.do("receiptShow", {"position": receipt}))
        self.daemon.restart()
        self.taus.reconnect()
        with self.unchanged():
            for method, params in self.calls(self.gone):
                self.refused(method, params, "shredded", "/subject")

    def test_ids_of_nobody(self):
        other = self.kari[:-1] + ("a" if self.kari[-1] != "a" else "b")
        with self.unchanged():
            for subject in ("", "x", "a" * 26, other, self.kari.upper(), self.kari + "a", "../../etc/passwd", self.ingrid, "Zaubermann"):
                for method, params in self.calls(subject):
                    if (subject, method) != (self.ingrid, "auditReads"):  # of staff there is one: what is left of reads whose client is gone
                        self.refused(method, params, "not_found", "/subject")
            self.refused("subjectAssign", {"subject": self.kari, "counsellor": self.kari}, "not_found", "/counsellor")
            self.refused("staffRevoke", {"subject": self.kari}, "not_found", "/subject")
            self.refused("subjectShow", {"subject": self.kari}, "unauthorized", "/as", as_=self.kari)
            self.refused("subjectShow", {"subject": self.kari}, "unauthorized", "/as", as_="Zaubermann")
            for link in ("x", self.kari, "A" * 100):
                _, error = self.taus.call("subjectShow", {"subject": self.kari}, link=link)
                self.assertIn(error["code"], ("unauthorized", "not_found"))
            for method in ("receiptShow", "auditProve"):
                self.refused(method, {}, "invalid_argument", "/position")
                self.refused(method, {"position": 1 << 40}, "not_found", "/position")
            self.refused("receiptShow", {"position": 0}, "not_found", "/position")
            self.refused("auditReplay", {"from": 1 << 40}, "invalid_argument", "/from")
            self.refused("eventsFollow", {"from": 1 << 40}, "not_found", "/from")
            self.refused("eventsFollow", {"from": -2}, "invalid_argument", "/from")
            self.refused("eventsFollow", {"limit": 257}, "too_large", "/limit")
            self.refused("subjectFind", {}, "invalid_argument")
            for name in ("K", "Å", "A\u030a", "李", "😀", "😀😀", "\u200b\u200d", "\u0301\u0301", "  ", "K.", "- '"):  # fewer than two letters
                self.refused("subjectFind", {"name": name}, "invalid_argument", "/name")
            self.refused("subjectFind", {"email": "zauber@canary.example", "name": "Zaubermann"}, "invalid_argument")
            for given in ({"reason": "retention"}, {"reason": "request"}, {"reason": "request", "decision": 1 << 40},
                          {"reason": "request", "decision": 1, "categories": ["staff"]}, {"reason": "withdrawal", "categories": ["email"]}, {}):
                self.refused("shred", {"subject": self.kari, **given}, "invalid_argument")


class Tausctl(Case):
    """How a shell is told: one document on standard output, the sentence on standard error, the exit code of the code."""

    def told(self, status, code, *arguments, stdin=None, directory=None):
        done = self.daemon.tausctl(*arguments, "--json", stdin=stdin) if directory is None else subprocess.run(
            [os.path.join(BUILD, "bin", "tausctl"), "--dev", directory, *arguments, "--json"], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, status, (arguments, done))
        document = json.loads(done.stdout)  # one, and nothing else
        self.assertEqual(list(document), ["error"])
        self.check_sentence(document["error"], code, about=arguments)
        self.assertIn(document["error"]["message"], done.stderr)
        plain = self.daemon.tausctl(*arguments, stdin=stdin) if directory is None else None
        if plain:
            self.assertEqual((plain.returncode, plain.stdout), (status, ""))
        return document["error"]

    def test_exit_codes(self):
        form = json.dumps(FORM)
        with self.unchanged(denials=2):
            for text, pointer in (('{"shoeSize": 42, ' + form[1:], "/shoeSize"), (form.replace("34", '"34"'), "/ageYears"), (form[:-1], ""),
                                  (form.replace("34", "34.5"), "/ageYears"), (form.replace("34", "1e99"), "/ageYears"), ("[]", ""), ("", ""),
                                  (form.replace('"Kari Eksempel"', "7"), "/name"), (form.replace('["yrkesvalg"]', '"yrkesvalg"'), "/focusAreas"),
                                  (form[:-1] + ', "name": "Zaubermann"}', "/name"), (form.replace("Kari Eksempel", "Kari\\u0000"), "/name"),
                                  (form.replace("checkbox", "Checkbox"), "/consent/act"),
                                  ('{"gender": "female", ' + form[1:], "/gender")):
                error = self.told(2, None, "booking", "request", "-", stdin=text)
                if pointer:
                    self.assertEqual(error["pointer"], pointer, text)
            self.told(2, "invalid_argument", "call", "subjectShow", '{"subject": 7}')
            self.told(2, "invalid_argument", "call", "noSuchMethod")
            self.assertIn("shoeSize", self.told(2, None, "booking", "request", "-", stdin='{"shoeSize": 42, ' + form[1:])["message"])
            self.told(3, "not_found", "subject", "show", "a" * 26)
            self.told(4, "withheld", "subject", "show", self.kari, "--as", self.hanna)
            self.told(4, "unauthorized", "subject", "show", self.kari, "--as", self.kari)
            self.told(5, "slot_taken", "booking", "book", self.kari, "--counsellor", self.ingrid, "--start", "2026-03-03T10:00", "--minutes", "60",
                      "--channel", "video")
            self.told(5, "version_conflict", "subject", "reopen", self.kari)
            self.told(6, "shredded", "subject", "show", self.gone)
            self.told(8, "unavailable", "status", directory="/nonexistent")
            self.told(8, "unavailable", "subject", "state", self.kari, "--at-least", "99999999")
            for words in (("staff", "add", "X", "--role", "desk", "--confidentiality-signed", "2023-02-29"),
                          ("hold", "place", self.kari, "--ground", "legalClaim", "--category", "case", "--review", "2023-02-29"),
                          ("slots", "publish", "--counsellor", self.ingrid, "--start", "2026-03-03T08:00", "--minutes", "30", "--channel", "video",
                           "--until", "2026-04-31"),
                          ("calendar", "show", "--from", "2026-02-29"), ("slots", "list", "--to", "2026-02-29")):
                self.assertIn("there is no such day in the calendar", self.told(2, "invalid_argument", *words)["message"])
        receipt = self.taus.do("shred", {"subject": self.gone, "reason": "withdrawal"})["receipt"]
        signed = self.taus.do("receiptShow", {"position": receipt})["signedText"]
        key = os.path.join(self.daemon.directory, "root", "log.pub")
        self.told(9, "tampered", "receipt", "verify", "-", "--key", key, stdin=signed.replace('"tier":"', '"tier":"x'))
        shown = json.loads(self.daemon.tausctl("receipt", "show", str(receipt), "--json").stdout)
        self.assertEqual(self.daemon.tausctl("receipt", "verify", "-", "--key", key, stdin=json.dumps(shown, indent=1)).returncode, 0)
        for name, value in (("position", receipt + 1), ("receipt", {**shown["receipt"], "keys": []})):  # beside what is signed
            error = self.told(9, "tampered", "receipt", "verify", "-", "--key", key, stdin=json.dumps({**shown, name: value}))
            self.assertEqual(error["pointer"], "/" + name)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
