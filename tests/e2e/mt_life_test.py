"""Profile mt through the daemon: form, consent act, who sees what, and when all of it dies.

usage: mt_life_test.py BUILD
"""
import sys
import unittest

import taus_client

BUILD = sys.argv[1]
FORM = {"name": "Sivan Eksempel", "email": "sivan@example.no", "phone": "+4790000001", "municipalityCode": "5530", "ageYears": 29,
        "gender": "female", "nationality": "ER", "motherTongue": "ti", "accommodationNeed": "Trappefri adkomst", "focusAreas": ["utdanning"],
        "currentSituation": "På jakt etter jobb", "consent": {"notice": "MT-undated", "act": "formSubmit", "language": "nb"}}
CLIENT = ["ident", "email", "phone", "demog", "special", "intake", "case", "corr", "appt"]
LOG = {"order": "Jobb", "focus": "CV", "issuesNext": "", "tasksNext": "", "otherPrep": "", "attestNoSpecial": True}
at = taus_client.ms


class Mt(unittest.TestCase):
    def setUp(self):
        self.daemon = taus_client.Daemon(BUILD, profile="mt").start()
        self.clock("2026-02-02T09:00")
        self.taus = self.daemon.connect()
        with self.daemon.connect("operator") as operator:
            self.ingrid, self.jonas, self.desk, self.leader = (
                operator.do("staffAdd", {"name": name, "roles": [role], "confidentialitySigned": "2025-01-02"})["subject"]
                for name, role in (("Ingrid", "counsellor"), ("Jonas", "counsellor"), ("Dina", "desk"), ("Lydia", "leader")))

    def tearDown(self):
        self.taus.close()
        self.daemon.close()

    def clock(self, time):
        self.daemon.set_clock(at(time))

    def refused(self, method, params, code, pointer=None, **fields):
        _, error = self.taus.call(method, params, **fields)
        self.assertIsNotNone(error, (method, params))
        self.assertEqual(error["code"], code, error)
        if pointer is not None:
            self.assertEqual(error["pointer"], pointer)
        return error

    def client(self, **changes):
        return self.taus.do("bookingRequest", FORM | changes)["subject"]

    def book(self, client, start, minutes=60):
        return self.taus.do("bookingBook", {"subject": client, "counsellor": self.ingrid, "start": at(start), "minutes": minutes,
                                            "channel": "inPerson"})["number"]

    def served(self, start="2026-02-09T10:00", end="2026-02-09T11:05"):
        """A client whose one session with Ingrid was held; the clock stands just after it."""
        client = self.client()
        self.taus.do("subjectAssign", {"subject": client, "counsellor": self.ingrid})
        self.book(client, start)
        self.clock(end)
        self.taus.do("bookingHeld", {"subject": client}, as_=self.ingrid)
        return client

    def show(self, client, who, purpose=None):
        return self.taus.do("subjectShow", {"subject": client}, as_=who, **({"purpose": purpose} if purpose else {}))

    def states(self, client, who, purpose=None):
        view, error = self.taus.call("subjectShow", {"subject": client}, as_=who, **({"purpose": purpose} if purpose else {}))
        return error["code"] if error else {one["category"]: one["state"] for one in view["categories"]}

    def gone(self, client):
        """Nothing of the client is left; who looked is known for a year more (R-AUDIT)."""
        with self.daemon.connect("operator") as operator:
            plan = operator.do("retentionPlan", {"at": at("2028-12-01T12:00")})["items"]
        self.assertEqual({item["category"] for item in plan if item["subject"] == client}, {"audit"})
        self.assertEqual(self.taus.do("subjectFind", {"email": FORM["email"]})["subjects"], [])
        view, error = self.taus.call("subjectShow", {"subject": client}, as_=self.ingrid)
        for name in set(FORM) - {"consent"}:
            self.assertTrue(error or view[name] in (None, [], "absent"), name)

    def due(self, client):
        state = self.taus.do("subjectState", {"subject": client})
        return {one["category"]: (taus_client.local(one["due"]) if one["due"] is not None else None, one["rule"], one["deferred"])
                for one in state["categories"]}

    # --- form and consent

    def test_the_form_asks_for_eleven_things(self):
        form = self.taus.do("formShow")
        asked = {field["name"]: field["required"] for field in form["fields"]}
        self.assertEqual(set(asked), set(FORM) - {"consent"})
        self.assertEqual([name for name, required in asked.items() if not required], ["accommodationNeed"])
        self.assertEqual((form["notice"], form["act"]), ("MT-undated", "formSubmit"))
        for name, required in asked.items():
            without = {key: value for key, value in FORM.items() if key != name}
            if required:
                self.refused("bookingRequest", without, "invalid_argument", "/" + name)
            else:
                self.taus.do("bookingRequest", without)

    def test_consent_is_the_sending_of_the_form(self):
        for act in ("checkbox", "oral", "paper"):
            self.refused("bookingRequest", FORM | {"consent": FORM["consent"] | {"act": act}}, "invalid_argument", "/consent/act")
        self.refused("bookingRequest", FORM | {"consent": FORM["consent"] | {"notice": "VT-2022-09-15"}}, "invalid_argument", "/consent/notice")
        consent = self.show(self.served(), self.ingrid)["consent"]
        self.assertEqual((consent["act"], consent["notice"], consent["language"]), ("formSubmit", "MT-undated", "nb"))

    def test_what_was_sent_is_what_the_counsellor_reads(self):
        view = self.show(self.served(), self.ingrid)
        for name in set(FORM) - {"consent"}:
            self.assertEqual(view[name], FORM[name], name)
        self.assertIsNone(view["phase"])

    def test_codes_are_looked_up(self):
        for name, value, word in (("municipalityCode", "5421", "5530"), ("municipalityCode", "1234", "municipality"), ("nationality", "XX", "country"),
                                  ("municipalityCode", "1507", "divided"), ("motherTongue", "xx", "language"), ("nationality", "YU", "country"),
                                  ("focusAreas", ["jobb", " \u00a0"], "empty"), ("currentSituation", " \n", "blanks")):
            self.assertIn(word, self.refused("bookingRequest", FORM | {name: value}, "invalid_argument", "/" + name)["message"])
        client = self.client(municipalityCode="9999")
        self.refused("subjectRecord", {"subject": client, "collectedVia": "session", "municipalityCode": "5416"}, "invalid_argument", "/municipalityCode")
        self.taus.do("subjectRecord", {"subject": client, "collectedVia": "session", "municipalityCode": "5520", "motherTongue": "sme"})
        self.client(motherTongue="fkv")

    # --- who sees what

    def test_the_desk_knows_of_a_need_while_it_can_help(self):
        client = self.client()
        self.taus.do("subjectAssign", {"subject": client, "counsellor": self.ingrid})
        self.assertEqual(self.states(client, self.desk)["special"], "withheld")  # nothing is booked to prepare for
        self.book(client, "2026-02-09T10:00")
        self.assertEqual(self.show(client, self.desk)["accommodationNeed"], FORM["accommodationNeed"])
        self.clock("2026-02-09T11:00")
        self.assertIsNone(self.show(client, self.desk)["accommodationNeed"])
        self.assertEqual(self.states(client, self.desk)["special"], "withheld")
        self.assertEqual(self.show(client, self.ingrid)["accommodationNeed"], FORM["accommodationNeed"])
        self.taus.do("bookingHeld", {"subject": client}, as_=self.ingrid)
        number = self.book(client, "2026-02-16T10:00")
        self.assertEqual(self.show(client, self.desk)["accommodationNeed"], FORM["accommodationNeed"])
        self.taus.do("bookingCancel", {"subject": client, "number": number, "by": "client"})
        self.assertIsNone(self.show(client, self.desk)["accommodationNeed"])
        for who in (self.jonas, self.leader):
            self.assertEqual(self.states(client, who, "dekker for Ingrid")["special"], "withheld")

    def test_colleagues_say_why(self):
        client = self.served()
        self.taus.do("messageAdd", {"subject": client, "direction": "out", "channel": "email", "title": "Hei", "body": "Takk"}, as_=self.ingrid)
        self.taus.do("logWrite", {"subject": client, **LOG}, as_=self.ingrid)
        self.assertEqual(self.states(client, self.jonas), "withheld")
        allowed = {"ident", "email", "phone", "appt", "demog", "intake", "corr"}
        for who in (self.jonas, self.leader):
            states = self.states(client, who, "Ingrid er syk")
            self.assertEqual({name for name in CLIENT if states[name] == "present"}, allowed)
            self.assertEqual(states["case"], "withheld")
        self.assertEqual({name for name in CLIENT if self.states(client, self.desk)[name] == "present"}, {"ident", "email", "phone", "appt"})
        found = self.taus.do("subjectFind", {"email": FORM["email"]}, as_=self.jonas)
        self.assertEqual((found["subjects"], found["wantsPurpose"]), ([], True))
        found = self.taus.do("subjectFind", {"email": FORM["email"]}, as_=self.jonas, purpose="Ingrid er syk")
        self.assertEqual((len(found["subjects"]), found["wantsPurpose"]), (1, False))
        self.assertTrue(self.taus.do("subjectFind", {"email": "nobody@example.no"}, as_=self.jonas)["wantsPurpose"], "says nothing of any client")
        for method, who, wanted in (("subjectFind", self.desk, False), ("surveyList", self.desk, False), ("surveyList", self.jonas, True), ("inquiryList", self.jonas, True),
                                    ("matchList", self.jonas, True)):
            params = {"email": FORM["email"]} if method == "subjectFind" else {}
            self.assertEqual(self.taus.do(method, params, as_=who)["wantsPurpose"], wanted, (method, who))
        with self.daemon.connect("auditor") as auditor:
            reads = auditor.do("auditReads", {"subject": client})["reads"]
        self.assertTrue(any(read["denied"] for read in reads))

    # --- how long

    def test_routine_after_the_conclusion(self):
        client = self.served()
        self.clock("2026-02-10T12:00")
        self.taus.do("subjectConclude", {"subject": client}, as_=self.ingrid)
        due = self.due(client)
        for category in CLIENT:
            if due[category][1]:
                expected = "2026-03-09T11:00:00+01:00" if category == "special" else "2026-03-10T12:00:00+01:00"
                self.assertEqual(due[category][0], expected, category)
        self.assertEqual((due["ident"][1], due["special"][1]), ("MT-R1", "MT-R3"))
        self.clock("2026-03-09T11:00")
        self.assertEqual(self.states(client, self.ingrid)["special"], "shredded")
        self.assertEqual(self.show(client, self.ingrid)["name"], FORM["name"])
        self.clock("2026-03-10T11:59:59")
        self.assertEqual(self.show(client, self.ingrid)["name"], FORM["name"])
        self.clock("2026-03-10T12:01")
        self.gone(client)

    def test_concluded_by_itself(self):
        client = self.served()
        self.clock("2026-03-09T12:00")  # 28 days after the session
        state = self.taus.do("subjectState", {"subject": client}, as_=self.ingrid)
        self.assertEqual(taus_client.local(state["concludedAt"]), "2026-03-09T11:00:00+01:00")
        self.clock("2026-04-06T11:01")  # and 28 more
        self.gone(client)

    def test_a_year_at_most(self):
        # A case that was never over: the appointments nobody came to keep it open, the last sign of life was a year ago.
        client = self.served()
        before = self.due(client)["ident"]
        self.assertEqual(before[0], "2026-04-06T11:00:00+02:00")
        self.clock("2026-02-20T10:00")
        for start in ("2026-03-02T10:00", "2027-02-08T10:00"):
            self.book(client, start)
        self.taus.do("bookingCancel", {"subject": client, "number": 2, "by": "centre"})
        self.assertEqual(self.due(client)["ident"][2], "active")  # a booked appointment defers even the cap
        self.taus.do("bookingCancel", {"subject": client, "number": 3, "by": "client"})
        at_, rule, deferred = self.due(client)["ident"]
        self.assertIsNone(deferred)
        self.assertIn(rule, ("MT-R1", "MT-R2"))
        self.assertLessEqual(at_, "2027-02-20T10:00:00+01:00")

    def test_never_served(self):
        client = self.client()
        self.assertEqual(self.due(client)["ident"][0], "2026-03-30T09:00:00+02:00")  # 28 days of silence, 28 of routine
        self.clock("2026-03-30T09:01")
        self.gone(client)

    def test_withdrawal_takes_all_at_once(self):
        client = self.served()
        kept = self.client(name="Live Demosen", email="live@example.no")
        receipt = self.taus.do("consentWithdraw", {"subject": client, "method": "phone"}, as_=self.ingrid)["receipt"]
        self.assertIsNotNone(receipt)
        self.refused("subjectShow", {"subject": client}, "shredded", as_=self.ingrid)
        self.assertEqual(self.taus.do("subjectFind", {"email": FORM["email"]})["subjects"], [])
        self.daemon.restart()
        self.taus.reconnect()
        self.refused("subjectShow", {"subject": client}, "shredded", as_=self.ingrid)
        self.assertEqual(self.taus.do("subjectFind", {"email": "live@example.no"})["subjects"][0]["subject"], kept)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
