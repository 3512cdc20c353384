"""What comes before a booking, through the real sockets and the shell: published times, inquiries, group sessions.

usage: desk_test.py BUILD
"""
import json
import sys
import unittest

import taus_client
from taus_client import ms

BUILD = sys.argv[1]
FORM = {"name": "Kari Eksempel", "email": "kari@example.no", "phone": "+4790000000", "municipalityCode": "3905", "ageYears": 34, "focusAreas": ["yrkesvalg"],
        "consent": {"notice": "VT-2022-09-15", "act": "checkbox", "language": "nb"}}


class Case(unittest.TestCase):
    profile = "vt"

    def setUp(self):
        self.daemon = taus_client.Daemon(BUILD, profile=self.profile).start()
        self.addCleanup(self.daemon.close)
        self.taus = self.daemon.connect()
        self.addCleanup(self.taus.close)
        self.daemon.set_clock(ms("2026-03-02T08:00"))
        self.staff = {role: self.add(role) for role in ("counsellor", "leader", "desk", "dpo", "hr")}

    def add(self, role):
        return self.taus.do("staffAdd", {"name": role, "roles": [role], "confidentialitySigned": "2025-01-02"})["subject"]

    def refused(self, code, method, params, **fields):
        result, error = self.taus.call(method, params, **fields)
        self.assertIsNone(result, (method, params))
        self.assertEqual(error["code"], code, (method, params, error))
        self.assertGreaterEqual(len(error["message"].split()), 4)
        return error

    def ctl(self, *words, status=0, **more):
        done = self.daemon.tausctl(*words, **more)
        self.assertEqual(done.returncode, status, (words, done))
        return done.stdout


class Walls(Case):
    """Who learns of a client what, where something of it is erased, restricted or told wrongly."""

    def setUp(self):
        super().setUp()
        self.assigned, self.other = self.staff["counsellor"], self.add("counsellor")
        self.kari = self.taus.do("bookingRequest", FORM)["subject"]
        self.taus.do("subjectAssign", {"subject": self.kari, "counsellor": self.assigned})
        self.book(self.assigned, "2026-03-02T09:00")

    def book(self, counsellor, start, **more):
        return self.taus.do("bookingBook", {"subject": self.kari, "counsellor": counsellor, "start": ms(start), "minutes": 60, "channel": "inPerson"}, **more)["number"]

    def held(self):
        self.daemon.set_clock(ms("2026-03-02T10:30"))
        self.taus.do("bookingHeld", {"subject": self.kari, "number": 1}, as_=self.assigned)

    def erase(self, category):
        asked = self.taus.do("rightsOpen", {"subject": self.kari, "kind": "erase", "categories": [category]}, as_=self.staff["desk"])["position"]
        self.taus.do("rightsVerify", {"request": str(asked), "method": "known"}, as_=self.staff["desk"])
        granted = self.taus.do("rightsDecide", {"request": str(asked), "outcome": "fulfilled", "categories": [category]}, as_=self.staff["leader"])
        self.taus.do("shred", {"subject": self.kari, "reason": "request", "decision": granted["position"], "categories": [category]})

    def test_a_case_whose_appointments_were_erased_does_not_begin_anew(self):
        self.held()
        self.taus.do("messageAdd", {"subject": self.kari, "direction": "out", "channel": "email", "body": "til deg"}, as_=self.assigned)
        self.erase("appt")
        again = {"subject": self.kari, "counsellor": self.other, "start": ms("2026-03-09T09:00"), "minutes": 60, "channel": "inPerson"}
        self.refused("unauthorized", "bookingBook", again, as_=self.other)
        self.refused("unauthorized", "subjectAssign", {"subject": self.kari, "counsellor": self.other}, as_=self.other)
        self.taus.do("subjectAssign", {"subject": self.kari, "counsellor": self.assigned}, as_=self.staff["leader"])
        self.taus.do("bookingBook", again, as_=self.other)
        for round in range(2):
            self.assertEqual(self.taus.do("subjectState", {"subject": self.kari}, as_=self.assigned)["phase"], "P1")
            self.assertEqual(self.taus.do("subjectShow", {"subject": self.kari}, as_=self.assigned)["messages"][0]["body"], "til deg")
            for colleague in (self.other, self.staff["desk"]):
                shown, error = self.taus.call("subjectShow", {"subject": self.kari}, as_=colleague)
                self.assertTrue(error or not (shown["messages"] or shown["focusAreas"] or shown["municipalityCode"]), shown)
            if not round:
                self.daemon.restart()
                self.taus.reconnect()

    def test_nobody_stayed_away_from_what_lies_ahead(self):
        ahead = self.book(self.assigned, "2028-03-02T09:00")
        self.held()
        self.taus.do("bookingCancel", {"subject": self.kari, "number": ahead, "by": "client"}, as_=self.assigned)
        before = self.taus.do("subjectState", {"subject": self.kari})["categories"]
        for outcome in ("noShow", "held"):
            self.refused("invalid_argument", "bookingCorrect", {"subject": self.kari, "number": ahead, "outcome": outcome}, as_=self.assigned)
        after = self.taus.do("subjectState", {"subject": self.kari})["categories"]
        self.assertEqual([(one["category"], one["due"]) for one in after if one["category"] != "audit"], [(one["category"], one["due"]) for one in before if one["category"] != "audit"])

    def test_a_purpose_says_something(self):
        for nothing in (" ", "\u00a0", "\t", " \u200b "):
            self.refused("invalid_argument", "auditReads", {"subject": self.kari}, as_=self.staff["dpo"], purpose=nothing)
        self.taus.do("auditReads", {"subject": self.kari}, as_=self.staff["dpo"], purpose="tilsyn")

    def test_a_calendar_that_shows_an_appointment_without_a_name_is_a_reading(self):
        self.taus.do("restrictPlace", {"subject": self.kari, "ground": "accuracyContested", "categories": ["ident"]}, as_=self.staff["leader"])
        shown = self.taus.do("calendarShow", {"from": "2026-03-02", "to": "2026-03-02"}, as_=self.staff["desk"])["entries"][0]
        self.assertEqual((shown["subject"], shown["name"]), (self.kari, None))
        self.taus.do("calendarShow", {"from": "2026-03-02", "to": "2026-03-02"}, as_=self.staff["desk"])
        reads = [one for one in self.taus.do("auditReads", {"subject": self.kari}, as_=self.staff["dpo"], purpose="tilsyn")["reads"] if one["actor"] == self.staff["desk"]]
        self.assertEqual([one["categories"] for one in reads], [["appt"]])


class Slots(Case):
    def test_a_week_of_times(self):
        counsellor = self.staff["counsellor"]
        self.ctl("slots", "publish", "--counsellor", counsellor, "--start", "2026-03-23T09:00", "--minutes", "60", "--channel", "video", "--count", "3",
                 "--until", "2026-04-06")
        free = self.taus.do("slotsList", {"from": "2026-03-23", "to": "2026-04-06"})["slots"]
        self.assertEqual([one["start"] for one in free], [ms("%sT%02d:00" % (day, hour)) for day in ("2026-03-23", "2026-03-30", "2026-04-06") for hour in (9, 10, 11)])
        self.ctl("slots", "publish", "--counsellor", counsellor, "--start", "2026-03-30T10:30", "--minutes", "60", "--channel", "phone", status=5)
        self.ctl("slots", "publish", "--counsellor", counsellor, "--start", "2026-03-29T02:30", "--minutes", "60", "--channel", "phone", status=2)  # is skipped
        booked = self.taus.do("bookingRequest", FORM)
        slot = free[4]
        ack = self.taus.do("bookingBook", {"subject": booked["subject"], "slot": slot["slot"]}, link=booked["link"])
        self.assertEqual(ack["number"], 1)
        shown = self.taus.do("subjectShow", {"subject": booked["subject"]}, link=booked["link"])["appointments"][0]
        self.assertEqual([shown[k] for k in ("start", "end", "channel", "counsellor")], [slot[k] for k in ("start", "end", "channel", "counsellor")])
        self.refused("slot_taken", "bookingBook", {"subject": booked["subject"], "slot": slot["slot"]})
        self.assertEqual(len(self.taus.do("slotsList", {"from": "2026-03-23", "to": "2026-04-06"}, link=booked["link"])["slots"]), 8)
        both = self.taus.do("slotsList", {"from": "2026-03-23", "to": "2026-04-06", "taken": True}, as_=self.staff["desk"])["slots"]
        self.assertEqual([one["slot"] for one in both if one["taken"]], [slot["slot"]])
        self.assertIn("2026", self.ctl("slots", "list", "--from", "2026-03-23", "--to", "2026-03-24"))
        self.ctl("booking", "book", booked["subject"], "--slot", free[0]["slot"], "--start", "2026-03-23T09:00", status=2)  # one or the other
        self.ctl("booking", "book", booked["subject"], "--slot", free[0]["slot"])
        self.ctl("booking", "cancel", booked["subject"], "--appointment", "2", "--by", "client")
        self.ctl("slots", "withdraw", free[0]["slot"])
        self.ctl("slots", "withdraw", free[0]["slot"], status=3)
        before = self.taus.do("slotsList", {"from": "2026-03-23", "to": "2026-04-06", "taken": True})
        self.daemon.restart()
        self.taus.reconnect()
        self.daemon.set_clock(ms("2026-03-02T08:00"))
        self.assertEqual(self.taus.do("slotsList", {"from": "2026-03-23", "to": "2026-04-06", "taken": True}), before)

    def test_who_may_and_bad_input(self):
        publish = {"counsellor": self.staff["counsellor"], "start": ms("2026-03-23T09:00"), "minutes": 60, "channel": "video"}
        for role in ("dpo", "hr"):
            self.refused("unauthorized", "slotsPublish", publish, as_=self.staff[role])
            self.refused("unauthorized", "slotsList", {}, as_=self.staff[role])
        for change in ({"until": "23.03.2026"}, {"minutes": 721}, {"counsellor": self.staff["leader"]}, {"start": ms("2026-03-01T09:00")}, {"channel": None}):
            self.refused("invalid_argument", "slotsPublish", {k: v for k, v in {**publish, **change}.items() if v is not None})
        for change in ({"from": "x"}, {"to": "x"}, {"from": "2026-03-02", "to": "2026-03-01"}):
            self.refused("invalid_argument", "slotsList", change)
        self.refused("too_large", "slotsList", {"from": "2026-01-01", "to": "2028-01-01"})
        self.refused("not_found", "slotsWithdraw", {"slot": "x"})


class Consent(Case):
    def test_what_staff_enter_waits_for_the_client(self):
        """VT-08: nobody ticks for the client. The link is where she does."""
        for form in (FORM, {k: v for k, v in FORM.items() if k != "consent"}):
            told = json.loads(self.ctl("--as", self.staff["desk"], "--json", "booking", "request", "-", stdin=json.dumps(form)))
            self.assertEqual(len(told["warnings"]), 1)
            client, link = {"subject": told["subject"]}, told["link"]
            book = {**client, "counsellor": self.staff["counsellor"], "start": ms("2026-03-04T10:00"), "minutes": 60, "channel": "video"}
            self.assertIn("consent", self.refused("version_conflict", "bookingBook", book, as_=self.staff["desk"])["message"])
            self.refused("version_conflict", "bookingBook", book)  # nor does the developer's word change it
            self.assertIn("not given yet", self.ctl("subject", "show", told["subject"]))
            tick = {**client, "notice": "VT-2022-09-15", "act": "checkbox", "language": "nb"}
            self.refused("unauthorized", "consentGive", tick, as_=self.staff["desk"])
            self.refused("invalid_argument", "consentGive", {**tick, "act": "oral"}, link=link)
            self.refused("invalid_argument", "consentGive", {**tick, "notice": None}, link=link)
            self.taus.do("consentGive", tick, link=link)
            self.refused("version_conflict", "consentGive", tick, link=link)
            self.taus.do("bookingBook", book, link=link)
            consent = self.taus.do("subjectShow", client)["consent"]
            self.assertEqual(consent["act"], "checkbox")
            self.assertTrue(ms("2026-03-02T08:00") <= consent["askedAt"] <= consent["givenAt"], consent)
            entries = self.taus.do("subjectTimeline", client)["entries"]
            self.assertEqual([(one["type"], one["actorKind"]) for one in entries if one["type"] in ("consentAsked", "consentGiven")],
                             [("consentAsked", "staff"), ("consentGiven", "client")])
            self.taus.do("consentWithdraw", client)

    def test_disclosure(self):
        told = self.taus.do("bookingRequest", FORM)
        client = told["subject"]
        self.ctl("subject", "assign", client, "--counsellor", self.staff["counsellor"])
        self.ctl("consent", "disclosed", client, status=3)
        self.ctl("consent", "disclose", client, "--recipient", "NAV <b>Tønsberg</b>", "--category", "appt", "--category", "ident", "--for", "arbeidsplan")
        self.ctl("--as", self.staff["counsellor"], "consent", "disclosed", client)
        self.assertIn("NAV", self.ctl("subject", "show", client))
        opened = self.taus.do("rightsOpen", {"subject": client, "kind": "access"}, link=told["link"])
        parts = self.taus.do("rightsPackage", {"request": opened["request"]}, link=told["link"])["parts"]
        shown = {one["type"]: json.loads(one["content"]) if isinstance(one["content"], str) else one["content"] for one in parts}
        self.assertEqual(shown["dataDisclosed"]["recipient"], "NAV <b>Tønsberg</b>")  # art. 15(1)(c)
        self.assertEqual(shown["disclosureConsentGiven"]["purpose"], "arbeidsplan")
        self.ctl("consent", "undisclose", client)
        self.ctl("consent", "disclosed", client, status=3)
        self.recipients(client, told["link"])

    def test_what_a_withdrawal_leaves_of_the_read_log(self):
        client, dpo = self.taus.do("bookingRequest", FORM)["subject"], self.staff["dpo"]
        reads = lambda who, **more: self.taus.do("auditReads", {"subject": self.staff[who]}, as_=dpo, purpose="kontroll", **more)
        for who, times in (("counsellor", 2), ("desk", 1)):
            for _ in range(times):
                self.taus.do("subjectShow", {"subject": client}, as_=self.staff[who])
        self.assertEqual(reads("counsellor")["traces"], [])
        self.daemon.set_clock(ms("2026-04-01T00:00"))
        self.taus.do("consentWithdraw", {"subject": client})
        wanted = {"month": "2026-03", "role": "counsellor", "denied": False, "times": 2, "keptUntil": "2027-04-01",
                  "categories": ["ident", "email", "phone", "demog", "intake", "appt"]}
        self.assertEqual(reads("counsellor")["traces"], [wanted])  # no client, no day
        self.assertEqual([(one["role"], one["times"]) for one in reads("desk")["traces"]], [("desk", 1)])
        self.refused("withheld", "auditReads", {"subject": self.staff["counsellor"]}, as_=self.staff["counsellor"])
        counted = self.taus.do("auditReads", {"subject": self.staff["desk"]}, as_=self.staff["leader"])
        self.assertEqual((counted["traces"], counted["reads"]), ([], []))
        self.daemon.restart()
        self.taus.reconnect()
        self.daemon.set_clock(ms("2027-03-31T23:59:00"))
        self.assertEqual(reads("counsellor")["traces"], [wanted])
        self.assertIn("2026-03", self.ctl("--as", dpo, "--purpose", "kontroll", "audit", "reads", self.staff["counsellor"]))
        self.daemon.set_clock(ms("2027-04-01T00:00"))
        self.assertEqual((reads("counsellor")["traces"], reads("desk")["traces"]), ([], []))

    def recipients(self, client, link):
        """Art. 19: whoever was given it is told what became of it; the client learns who was told; the last list comes with the erasure."""
        nav, leader = "NAV <b>Tønsberg</b>", self.staff["leader"]
        self.ctl("--as", leader, "rights", "notified", client, "--action", "restricted", status=5)  # nothing is
        restricted = json.loads(self.ctl("--as", leader, "--json", "restrict", "place", client, "--ground", "accuracyContested", "--category", "ident"))
        self.assertEqual(restricted["notify"], [{"recipient": nav, "action": "restricted"}])
        self.assertIn("restricted", self.ctl("--as", leader, "subject", "show", client))
        self.ctl("--as", leader, "rights", "notified", client, "--action", "restricted", "--recipient", "NAV", status=3)
        self.ctl("--as", leader, "rights", "notified", client, "--action", "restricted", "--recipient", nav)
        corrected = json.loads(self.ctl("--json", "rights", "open", client, "--kind", "rectify"))["request"]
        self.ctl("rights", "verify-identity", corrected, "--method", "known")
        self.assertIn("NAV", self.ctl("--as", leader, "rights", "decide", corrected, "--outcome", "fulfilled"))
        self.daemon.restart()
        self.taus.reconnect()
        self.daemon.set_clock(ms("2026-03-02T09:00"))
        listed = self.taus.do("rightsList", {"subject": client}, as_=leader)["requests"]
        self.assertEqual([one["notify"] for one in listed if one["request"] == corrected], [[nav]])
        shown = self.taus.do("subjectShow", {"subject": client}, as_=leader)["recipients"]
        self.assertEqual([(one["recipient"], one["notify"], [given["action"] for given in one["notified"]]) for one in shown], [(nav, ["rectified"], ["restricted"])])
        opened = self.taus.do("rightsOpen", {"subject": client, "kind": "access"}, link=link)["request"]
        parts = self.taus.do("rightsPackage", {"request": opened}, link=link)["parts"]
        given = [one["content"] for one in parts if one["type"] == "recipientsNotified"]
        self.assertEqual([(one["recipients"], one["action"]) for one in (json.loads(text) if isinstance(text, str) else text for text in given)],
                         [([nav], "restricted")])
        for request in (one["request"] for one in listed + [{"request": opened}] if one.get("state") != "decided"):
            self.taus.do("rightsDecide", {"request": request, "outcome": "fulfilled"})
        withdrawn = json.loads(self.ctl("--json", "consent", "withdraw", client))
        self.assertEqual(withdrawn["notify"], [{"recipient": nav, "action": "erased"}])
        self.assertIsNotNone(withdrawn["receipt"])


class ConsentOfMt(Case):
    profile = "mt"

    def test_the_form_is_consent_whoever_sends_it(self):
        form = FORM | {"gender": "female", "nationality": "NO", "motherTongue": "nb", "currentSituation": "i arbeid",
                       "consent": {"notice": "MT-undated", "act": "formSubmit", "language": "nb"}}
        told = self.taus.do("bookingRequest", form, as_=self.staff["desk"])
        self.assertEqual(told["warnings"], [])
        self.refused("invalid_argument", "bookingRequest", {k: v for k, v in form.items() if k != "consent"}, as_=self.staff["desk"])
        self.taus.do("bookingBook", {"subject": told["subject"], "counsellor": self.staff["counsellor"], "start": ms("2026-03-04T10:00"), "minutes": 60,
                                     "channel": "video"})


class Inquiries(Case):
    profile = "mt"

    def test_from_question_to_answer(self):
        self.ctl("inquiry", "receive", "-", stdin=json.dumps({"text": "Har dere <b>ledig</b> tid?", "email": "per@example.no", "name": "Per Spør"}))
        listed = self.taus.do("inquiryList", {}, as_=self.staff["counsellor"], purpose="svare")["inquiries"]
        self.assertEqual([(one["text"], one["name"], one["answeredAt"]) for one in listed], [("Har dere <b>ledig</b> tid?", "Per Spør", None)])
        subject = listed[0]["subject"]
        desk = self.taus.do("inquiryList", {}, as_=self.staff["desk"])["inquiries"]
        self.assertEqual([(one["name"], one["text"]) for one in desk], [("Per Spør", None)])  # who asks, and not what
        self.refused("unauthorized", "inquiryList", {}, as_=self.staff["dpo"])
        self.refused("unauthorized", "inquiryAnswer", {"subject": subject}, as_=self.staff["hr"])
        self.assertIn("ledig", self.ctl("inquiry", "list", "--purpose", "svare"))
        self.ctl("inquiry", "answer", subject, "--channel", "email")
        self.ctl("inquiry", "answer", subject, status=3)
        self.daemon.restart()
        self.taus.reconnect()
        self.daemon.set_clock(ms("2026-03-30T07:59:00"))
        self.assertEqual(len(self.taus.do("inquiryList", {}, purpose="svare")["inquiries"]), 1)
        self.daemon.set_clock(ms("2026-03-30T08:30:00"))
        self.assertEqual(self.taus.do("inquiryList", {}, purpose="svare")["inquiries"], [])
        counts = {one["code"]: one["count"] for one in self.taus.do("statsShow", {"year": 2026})["published"]["counts"]}
        self.assertEqual((counts["inquiries"], counts["inquiriesAnswered"]), (0, 0))  # one, rounded to five

    def test_bad_input(self):
        ask = {"text": "Hei", "email": "per@example.no"}
        for change in ({"text": ""}, {"email": ""}, {"email": "per"}, {"phone": "12"}, {"text": "\u0001"}):
            self.refused("invalid_argument", "inquiryReceive", {**ask, **change})
        self.refused("too_large", "inquiryReceive", {**ask, "text": "x" * (16 << 10 | 1)})
        self.refused("not_found", "inquiryReceive", {**ask, "subject": "x"})
        self.refused("unauthorized", "inquiryReceive", ask, as_=self.staff["hr"])
        subject = self.taus.do("inquiryReceive", ask)["subject"]
        self.refused("invalid_argument", "inquiryReceive", {**ask, "subject": subject})
        self.assertEqual(self.taus.do("inquiryReceive", {"text": "Hallo?", "subject": subject})["number"], 2)
        self.refused("invalid_argument", "inquiryAnswer", {"subject": subject})  # which?
        self.refused("invalid_argument", "inquiryAnswer", {"subject": subject, "number": 1, "at": ms("2026-03-01T08:00")})
        self.refused("invalid_argument", "inquiryAnswer", {"subject": subject, "number": 1, "at": ms("2026-03-03T08:00")})


class Groups(Case):
    def test_heads(self):
        self.ctl("group", "record", "--start", "2026-03-02T07:00", "--minutes", "45", "--participants", "12", "--topic", "Jobbsøking")
        self.ctl("group", "correct", "1", "--participants", "11")
        self.assertIn("11", self.ctl("group", "list"))
        self.refused("unauthorized", "groupRecord", {"start": ms("2026-03-02T07:00"), "minutes": 45, "participants": 3}, as_=self.staff["hr"])
        self.refused("unauthorized", "groupList", {}, as_=self.staff["dpo"])
        self.refused("invalid_argument", "groupRecord", {"start": ms("2026-03-02T07:00"), "minutes": 45, "participants": 1001})
        self.refused("not_found", "groupCorrect", {"number": 2, "participants": 3})
        first = self.taus.do("groupRecord", {"start": ms("2026-03-02T07:30"), "minutes": 45, "participants": 3}, requestId="g")
        self.daemon.restart()
        self.taus.reconnect()
        self.daemon.set_clock(ms("2026-03-02T08:00"))
        self.assertEqual(self.taus.do("groupRecord", {"start": ms("2026-03-02T07:30"), "minutes": 45, "participants": 3}, requestId="g"), first)
        self.assertEqual([one["participants"] for one in self.taus.do("groupList", {"year": 2026})["sessions"]], [11, 3])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
