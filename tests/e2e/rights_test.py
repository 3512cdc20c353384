"""The rights desk through the real sockets and the shell: a request from its receipt to the shred, for both centres; the package read back.

usage: rights_test.py BUILD
"""
import csv
import hashlib
import html.parser
import json
import os
import sys
import tempfile
import unittest

import icalendar

import taus_client
from taus_client import ms

BUILD = sys.argv[1]
FORMS = {
    "vt": {"name": "Kari <b>Eksempel</b>", "email": "kari@example.no", "phone": "+4790000000", "municipalityCode": "3905", "ageYears": 34,
           "focusAreas": ["yrkesvalg, \"og\" mer"], "consent": {"notice": "VT-2022-09-15", "act": "checkbox", "language": "nb"}},
    "mt": {"name": "Kari <b>Eksempel</b>", "email": "kari@example.no", "phone": "+4790000000", "municipalityCode": "5530", "ageYears": 34,
           "focusAreas": ["yrkesvalg, \"og\" mer"], "gender": "female", "nationality": "NO", "motherTongue": "nb", "currentSituation": "søker jobb",
           "accommodationNeed": "rullestol", "consent": {"notice": "MT-undated", "act": "formSubmit", "language": "nb"}},
}
DUE = {"vt": "2026-04-04", "mt": "2026-04-05"}


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.words, self.tags = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.words.append(data)


class Desk:
    def __init__(self, profile):
        self.daemon = taus_client.Daemon(BUILD, profile=profile).start()
        self.taus = self.daemon.connect()
        self.daemon.set_clock(ms("2026-03-05T09:00"))
        self.staff = {role: self.add(role) for role in ("counsellor", "leader", "desk", "dpo", "hr")}
        booked = self.taus.do("bookingRequest", FORMS[profile])
        self.kari, self.link = booked["subject"], booked["link"]
        self.taus.do("subjectAssign", {"subject": self.kari, "counsellor": self.staff["counsellor"]})

    def add(self, role):
        return self.taus.do("staffAdd", {"name": role, "roles": [role], "confidentialitySigned": "2025-01-02"})["subject"]

    def close(self):
        self.taus.close()
        self.daemon.close()

    def ctl(self, *words, status=0):
        done = self.daemon.tausctl(*words, "--json")
        assert done.returncode == status, (words, done)
        return json.loads(done.stdout)


class Rights(unittest.TestCase):
    profile = "vt"

    def setUp(self):
        self.desk = Desk(self.profile)
        self.addCleanup(self.desk.close)
        self.taus = self.desk.taus
        self.salts = set()
        self.folder = tempfile.TemporaryDirectory(prefix="taus-package-")
        self.addCleanup(self.folder.cleanup)

    def refused(self, code, method, params, **fields):
        result, error = self.taus.call(method, params, **fields)
        self.assertIsNone(result, (method, params))
        self.assertEqual(error["code"], code, (method, params, error))
        self.assertGreaterEqual(len(error["message"].split()), 4)

    def book(self):
        """Two appointments: one moved, one cancelled."""
        subject = {"subject": self.desk.kari}
        as_ = self.desk.staff["counsellor"]
        for start, place in (("2026-04-10T10:00", "Rom 2, andre"), ("2026-04-17T10:00", None)):
            self.taus.do("bookingBook", {**subject, "counsellor": as_, "start": ms(start), "minutes": 60, "channel": "inPerson", "place": place}, as_=as_)
        self.taus.do("bookingReschedule", {**subject, "number": 1, "start": ms("2026-04-10T13:00"), "minutes": 45, "by": "client"}, as_=as_)
        self.taus.do("bookingCancel", {**subject, "number": 2, "by": "centre"}, as_=as_)

    def test_from_the_shell(self):
        self.book()
        opened = self.desk.ctl("rights", "open", self.desk.kari, "--kind", "access", "--channel", "email", "--reply-to", "kari@example.no",
                               "--received", "2026-03-05T08:30")
        request = opened["request"]
        self.assertEqual((request, opened["due"]), (self.desk.kari + ".1", DUE[self.profile]))
        listed = self.desk.ctl("rights", "list", "--open")["requests"]
        self.assertEqual([(one["request"], one["state"], one["kind"]) for one in listed], [(request, "open", "access")])
        out = os.path.join(self.folder.name, "innsyn")
        self.desk.ctl("rights", "package", request, "--out", out, status=5)
        self.assertFalse(os.path.exists(out))
        self.desk.ctl("rights", "verify-identity", str(opened["position"]), "--method", "callBack")
        manifest = self.desk.ctl("rights", "package", request, "--out", out, "--lang", "en")["manifest"]
        self.read_package(out, manifest)
        self.desk.ctl("rights", "package", request, "--out", out, status=5)
        extended = self.desk.ctl("rights", "extend", request, "--ground", "complexity", "--reason", "mange arkiv", "--notified-at", "2026-03-05T08:45")
        self.assertEqual(extended["due"], "2026-06-05")
        self.assertEqual(len(extended["warnings"]), 1 if self.profile == "vt" else 0)
        erase = self.desk.ctl("rights", "open", self.desk.kari, "--kind", "erase")
        self.desk.ctl("shred", self.desk.kari, "--reason", "request", "--decision", str(erase["position"]), status=2)
        self.desk.ctl("rights", "verify-identity", erase["request"], "--method", "known")
        decided = self.desk.ctl("rights", "decide", erase["request"], "--outcome", "fulfilled")
        self.desk.ctl("shred", self.desk.kari, "--reason", "request", "--decision", str(decided["position"] - 1), status=2)
        shredded = self.desk.ctl("shred", self.desk.kari, "--reason", "request", "--decision", str(decided["position"]))
        self.assertIsNotNone(shredded["receipt"])
        again = os.path.join(self.folder.name, "igjen")
        self.read_package(again, self.desk.ctl("rights", "package", request, "--out", again, "--lang", "nn")["manifest"])
        answered = self.desk.ctl("rights", "decide", request, "--outcome", "fulfilled", "--manifest", manifest, "--paper", "perm 3, Ingrid, 5. mars")
        self.assertIsNotNone(answered["receipt"])  # the copy is gone
        self.desk.ctl("rights", "package", request, "--out", again + "2", status=5)
        self.desk.ctl("shred", self.desk.kari, "--reason", "request", "--decision", str(decided["position"]))
        self.assertEqual(self.desk.daemon.tausctl("subject", "show", self.desk.kari).returncode, 6)
        self.desk.ctl("rights", "list", "--subject", self.desk.kari, status=6)
        self.assertTrue(self.desk.ctl("audit", "verify")["ok"])

    def read_package(self, out, manifest):
        """Every file is what the manifest says, and the client's data is in it, in each form."""
        with open(os.path.join(out, "manifest.json"), "rb") as file:
            text = file.read()
        self.assertEqual(hashlib.sha256(text).hexdigest(), manifest)
        named, salt = json.loads(text)["files"], bytes.fromhex(json.loads(text)["salt"])
        self.assertTrue(len(salt) == 32 and salt not in self.salts, "its journalled hash would confirm a guess at what was in it")
        self.salts.add(salt)
        self.assertEqual({one["name"] for one in named} | {"manifest.json"}, set(os.listdir(out)))
        self.assertEqual(os.stat(out).st_mode & 0o777, 0o700)
        for one in named:
            path = os.path.join(out, one["name"])
            with open(path, "rb") as file:
                content = file.read()
            self.assertEqual((hashlib.sha256(content).hexdigest(), len(content)), (one["sha256"], one["bytes"]))
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        with open(os.path.join(out, "data.json"), encoding="utf-8") as file:
            data = json.load(file)
        form = FORMS[self.profile]
        self.assertEqual(data["data"]["ident"][0]["content"]["name"], form["name"])
        self.assertEqual(data["data"]["demog"][0]["content"]["municipalityCode"], form["municipalityCode"])
        self.assertEqual("special" in data["data"], self.profile == "mt")
        self.assertEqual(data["withheld"], [])
        self.assertIn("Datatilsynet", data["complaintTo"])
        told = {"vt": ("Karrieresenterets leder Lydia Lorentzen", None, "2022-09-15"), "mt": (None, None, None)}[self.profile]
        self.assertEqual((data["contact"], data["officer"], data["noticeDate"]), told)
        with open(os.path.join(out, "intake.csv"), encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertIn(form["focusAreas"][0], [row["value"] for row in rows])
        with open(os.path.join(out, "index.html"), encoding="utf-8") as file:
            page = Page(file.read())
        self.assertIn(form["name"], "".join(page.words))
        self.assertEqual(sum("".join(page.words).count(words) for words in ("oppgitt i personvern", "given in the privacy notice")), told.count(None) + (not data["processors"]))
        self.assertNotIn("b", page.tags)  # what she wrote is shown, not obeyed
        self.assertIn("yrkesvalg", "".join(page.words))
        for technical in ("checkbox", "formSubmit", "bookingRequested"):
            self.assertNotIn(technical, "".join(page.words))
        with open(os.path.join(out, "index.pdf"), "rb") as file:
            self.assertTrue(file.read().startswith(b"%PDF-"))
        with open(os.path.join(out, "appointments.ics"), "rb") as file:
            entries = icalendar.Calendar.from_ical(file.read()).walk("VEVENT")
        self.assertEqual([(str(one["status"]), one.decoded("dtstart").isoformat(), str(one.get("location", ""))) for one in entries],
                         [("CONFIRMED", "2026-04-10T13:00:00+02:00", "Rom 2, andre"), ("CANCELLED", "2026-04-17T10:00:00+02:00", "")])
        with open(os.path.join(out, "consent.jsonld"), encoding="utf-8") as file:
            record = json.load(file)["@graph"][0]
        self.assertEqual((record["dpv:hasNotice"], record["dpv:hasIndicationMethod"]), (form["consent"]["notice"], form["consent"]["act"]))
        with open(os.path.join(out, "processing.jsonld"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["dpv:hasDataController"], data["controller"])

    def test_who_may(self):
        desk, staff = self.desk, self.desk.staff
        kari = {"subject": desk.kari}
        self.refused("unauthorized", "rightsOpen", {**kari, "kind": "access"}, as_=staff["hr"])
        opened = self.taus.do("rightsOpen", {**kari, "kind": "access"}, as_=staff["desk"])
        request = {"request": opened["request"]}
        verify = {**request, "method": "known"}
        self.refused("unauthorized", "rightsVerify", verify, as_=staff["hr"])
        self.refused("unauthorized", "rightsVerify", verify, link=desk.link)
        self.taus.do("rightsVerify", verify, as_=staff["desk"])
        extend = {**request, "ground": "number", "reason": "x", "notifiedAt": ms("2026-03-05T09:00")}
        decide = {**request, "outcome": "fulfilled"}
        for role, method, params in (("counsellor", "rightsExtend", extend), ("desk", "rightsExtend", extend), ("hr", "rightsExtend", extend),
                                     ("desk", "rightsDecide", decide), ("hr", "rightsDecide", decide), ("desk", "rightsPackage", request),
                                     ("hr", "rightsPackage", request), ("desk", "rightsList", {}), ("hr", "rightsList", {})):
            self.refused("unauthorized", method, params, as_=staff[role])
        self.refused("withheld", "rightsList", kari, as_=staff["desk"])
        self.refused("unauthorized", "rightsDecide", decide, link=desk.link)
        for role in ("counsellor", "leader", "dpo"):
            listed = self.taus.do("rightsList", kari, as_=staff[role], purpose="kontroll")["requests"]
            self.assertEqual([one["request"] for one in listed], [opened["request"]], role)
        self.assertEqual(len(self.taus.do("rightsList", {}, link=desk.link)["requests"]), 1)
        # The officer gets what the officer may see; what is not handed out is named.
        package = self.taus.do("rightsPackage", request, as_=staff["dpo"])
        given = {part["category"] for part in package["parts"]}
        self.assertEqual(given & {"ident", "email", "phone", "demog", "intake", "appt"}, set())
        self.assertLessEqual({"ident", "email", "phone", "demog", "intake"}, {one["category"] for one in package["withheld"]})
        self.assertIn("consent", given)
        whole = self.taus.do("rightsPackage", request, link=desk.link)
        self.assertEqual(whole["withheld"], [])
        self.assertLessEqual({"ident", "email", "phone", "demog", "intake", "consent"}, {part["category"] for part in whole["parts"]})
        self.assertNotIn(staff["counsellor"], json.dumps([part for part in whole["parts"] if part["category"] != "appt"]))
        reads = self.taus.do("auditReads", kari, as_=staff["dpo"], purpose="kontroll")["reads"]
        self.assertIn("intake", [c for read in reads if read["role"] == "client" for c in read["categories"]])

    def test_bad_input(self):
        kari = {"subject": self.desk.kari}
        size = self.taus.do("status")["size"]
        for params in ({}, {"kind": "absent"}, {"kind": "access", "categories": ["staff"]}, {"kind": "access", "categories": ["centre"]},
                       {"kind": "access", "receivedAt": ms("2026-03-06T09:00")}, {"kind": "access", "scope": "\u0001"},
                       {"kind": "access", "receivedAt": 9_000_000_000_000}):
            self.refused("invalid_argument", "rightsOpen", {**kari, **params})
        self.refused("too_large", "rightsOpen", {**kari, "kind": "access", "scope": "x" * (16 << 10 | 1)})
        self.refused("too_large", "rightsOpen", {**kari, "kind": "access", "replyTo": "x" * 201})
        self.refused("not_found", "rightsOpen", {"subject": "x", "kind": "access"})
        self.refused("version_conflict", "rightsOpen", {**kari, "kind": "access", "expectedVersion": 99})
        for request in ("x", self.desk.kari, self.desk.kari + ".0", self.desk.kari + ".", "0", "1", str(1 << 62), self.desk.kari + ".-1"):
            self.refused("not_found", "rightsVerify", {"request": request, "method": "known"})
        self.assertEqual(self.taus.do("status")["size"], size)
        request = {"request": self.taus.do("rightsOpen", {**kari, "kind": "rectify"})["request"]}
        for params in ({}, {"ground": "number"}, {"ground": "number", "reason": "x"},
                       {"ground": "number", "reason": "x", "notifiedAt": ms("2026-03-05T08:00")},
                       {"ground": "number", "reason": "x", "notifiedAt": ms("2026-03-06T09:00")}):
            self.refused("invalid_argument", "rightsExtend", {**request, **params})
        self.refused("invalid_argument", "rightsVerify", {**request, "method": "link"})
        self.refused("invalid_argument", "rightsPackage", request)
        self.refused("invalid_argument", "rightsDecide", {**request, "outcome": "refused", "grounds": ["noSuchRight"]})
        self.refused("version_conflict", "rightsDecide", {**request, "outcome": "fulfilled"})
        self.refused("invalid_argument", "rightsPackage", {"request": ""})
        for words in (("open", self.desk.kari, "--kind", "all"), ("decide", request["request"], "--outcome", "maybe"), ("open", self.desk.kari)):
            self.assertEqual(self.desk.daemon.tausctl("rights", *words).returncode, 2)

    def test_a_restart_changes_nothing(self):
        kari = {"subject": self.desk.kari}
        access = {"request": self.taus.do("rightsOpen", {**kari, "kind": "access"})["request"]}
        self.taus.do("rightsVerify", {**access, "method": "known"})
        late = {"request": self.taus.do("rightsOpen", {**kari, "kind": "object", "receivedAt": ms("2026-01-15T09:00")})["request"]}
        told = self.taus.do("rightsDecide", {**late, "outcome": "refused", "grounds": ["noSuchRight"], "text": "Samtykke er grunnlaget."})
        self.assertIn("late", " ".join(told["warnings"]))

        def answers():
            package = self.taus.do("rightsPackage", access)
            package.pop("madeAt")
            return self.taus.do("rightsList", {}), package, self.taus.do("statsShow", {"year": 2026})["published"]
        self.taus.do("rightsPackage", access)  # the first read makes the read log a category that is held
        before = answers()
        self.desk.daemon.restart()
        self.taus.reconnect()
        self.desk.daemon.set_clock(ms("2026-03-05T09:00"))
        self.assertEqual(answers(), before)


class RightsMt(Rights):
    profile = "mt"


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
