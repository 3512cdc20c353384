"""Cases worked out by hand, played through the daemon: clock changes, New Year, leap days, returning, withdrawal, holds.

The same as tests/unit/policy_retention_test.cc states of the rules, here of what the daemon does. The clock stands in 2024 to 2026 whatever
today is.

usage: known_cases_test.py BUILD
"""
import hashlib
import json
import sys
import unittest

import taus_client

BUILD = sys.argv[1]
FORM = {"name": "Kari Eksempel", "email": "kari@example.no", "phone": "+4790000000", "municipalityCode": "3905", "ageYears": 34,
        "focusAreas": ["yrkesvalg"], "consent": {"notice": "VT-2022-09-15", "act": "checkbox", "language": "nb"}}
MT_FORM = FORM | {"gender": "female", "nationality": "NO", "motherTongue": "nb", "currentSituation": "i arbeid",
                  "consent": {"notice": "MT-undated", "act": "formSubmit", "language": "nb"}}
at = taus_client.ms


def utc(milliseconds):
    return None if milliseconds is None else taus_client.datetime.datetime.fromtimestamp(milliseconds / 1000, taus_client.datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Cases(unittest.TestCase):
    PROFILE = "vt"

    def setUp(self):
        self.daemon = taus_client.Daemon(BUILD, profile=self.PROFILE).start()
        self.taus = self.daemon.connect()
        self.clock("2024-01-02T09:00")
        self.ingrid, self.lydia = (self.taus.do("staffAdd", {"name": name, "roles": [role], "confidentialitySigned": "2023-01-02"})["subject"]
                                   for name, role in (("Ingrid", "counsellor"), ("Lydia", "leader")))

    def tearDown(self):
        self.taus.close()
        self.daemon.close()

    def clock(self, time):
        self.daemon.set_clock(at(time))

    def client(self, **changes):
        return self.taus.do("bookingRequest", (FORM if self.PROFILE == "vt" else MT_FORM) | changes)["subject"]

    def book(self, client, start, minutes=60):
        return self.taus.do("bookingBook", {"subject": client, "counsellor": self.ingrid, "start": at(start), "minutes": minutes, "channel": "inPerson"})["number"]

    def served(self, start, end, minutes=60, **changes):
        """A client who booked the day before and came; the clock stands at the end."""
        client = self.client(**changes)
        self.book(client, start, minutes)
        self.clock(end)
        self.taus.do("bookingHeld", {"subject": client})
        return client

    def due(self, client):
        return {one["category"]: utc(one["due"]) for one in self.taus.do("subjectState", {"subject": client})["categories"] if one["due"] is not None}

    def live(self, client):
        """Categories whose key lives, whoever may see them."""
        return {one["category"] for one in self.taus.do("retentionPlan")["items"] if one["subject"] == client}

    def year(self, year):
        return self.taus.do("statsShow", {"year": year})

    def totals(self, year):
        published = self.year(year)["published"]
        return published["clients"], published["sessions"], published["bookings"]


class Vt(Cases):
    def test_t1_a_clock_change_between_the_session_and_the_end_of_the_address(self):
        self.clock("2025-03-09T12:00")
        client = self.served("2025-03-10T09:00", "2025-03-10T10:05")
        self.taus.do("subjectConclude", {"subject": client})
        due = self.due(client)
        self.assertEqual(due["email"], "2025-04-07T08:00:00Z")
        self.assertEqual((due["ident"], due["demog"]), ("2025-12-31T23:00:00Z",) * 2)
        self.assertFalse(self.live(client) & {"case", "corr", "phone", "intake", "appt"})
        self.clock("2025-04-07T09:59:30")
        self.assertIn("email", self.live(client))
        self.clock("2025-04-07T10:00:01")
        self.assertNotIn("email", self.live(client))
        self.clock("2026-01-01T00:00:01")
        self.assertFalse(self.live(client) & {"ident", "demog"})

    def test_t3_the_address_outlives_the_name(self):
        self.clock("2025-12-09T12:00")
        client = self.served("2025-12-10T14:00", "2025-12-10T15:00")
        due = self.due(client)
        self.assertEqual((due["ident"], due["demog"], due["email"]), ("2025-12-31T23:00:00Z", "2025-12-31T23:00:00Z", "2026-01-07T14:00:00Z"))
        self.clock("2026-01-01T00:00:01")
        self.assertEqual(self.live(client) & {"ident", "demog", "email"}, {"email"})
        self.assertEqual(self.year(2025)["published"]["closedOn"], "2026-01-01")
        self.clock("2026-01-07T15:00:01")
        self.assertNotIn("email", self.live(client))

    def test_t5_the_year_is_the_local_one_of_the_start(self):
        self.clock("2025-12-31T12:00")
        client = self.served("2026-01-01T00:30", "2026-01-01T01:31")
        self.assertEqual(self.due(client)["ident"], "2026-12-31T23:00:00Z")
        self.assertEqual(self.totals(2025), (0, 0, 0))
        self.clock("2027-01-01T00:00:01")
        self.assertEqual(self.totals(2026), (1, 1, 1))

    def test_a_closed_year_is_exported_as_it_was_hashed(self):
        self.clock("2025-12-09T12:00")
        for _ in range(7):
            self.served("2025-12-10T14:00", "2025-12-10T15:00") if not _ else self.client()
        self.clock("2026-01-01T00:00:01")
        shown = json.loads(self.daemon.tausctl("stats", "show", "--year", "2025", "--json", check=True).stdout)
        exported = self.daemon.tausctl("stats", "export", "--year", "2025", "--format", "json", check=True).stdout
        self.assertIn(hashlib.sha256(exported.encode()).hexdigest(), json.dumps(shown))

    def test_t8_who_comes_back_next_year_is_somebody_new(self):
        self.clock("2025-04-30T12:00")
        first = self.served("2025-05-01T10:00", "2025-05-01T11:00")
        self.clock("2026-01-01T00:00:01")
        self.clock("2026-02-01T09:00")
        second = self.served("2026-02-02T10:00", "2026-02-02T11:00")
        self.assertNotEqual(first, second)
        _, error = self.taus.call("subjectReopen", {"subject": first})
        self.assertIn(error["code"], ("shredded", "version_conflict"))
        found = self.taus.do("subjectFind", {"email": FORM["email"]})["subjects"]
        self.assertEqual([one["subject"] for one in found], [second])
        self.clock("2027-01-01T00:00:01")
        self.assertEqual((self.totals(2025), self.totals(2026)), ((1, 1, 1), (1, 1, 1)))

    def test_t9_who_never_came_is_in_no_statistics_of_clients(self):
        self.clock("2025-06-01T12:00")
        client = self.client()
        self.book(client, "2025-06-02T09:00")
        self.clock("2025-06-02T10:10")
        self.taus.do("bookingNoShow", {"subject": client})
        self.assertEqual(set(self.due(client)[c] for c in ("ident", "email", "phone", "demog", "intake", "appt")), {"2025-06-30T08:00:00Z"})
        self.clock("2025-06-30T09:59:30")
        self.assertIn("ident", self.live(client))
        self.clock("2025-06-30T10:00:01")
        self.assertLessEqual(self.live(client), {"audit"})
        self.clock("2026-01-01T00:00:01")
        self.assertEqual(self.totals(2025), (0, 0, 1))

    def test_t13_withdrawal_takes_the_answers_not_the_head(self):
        self.clock("2025-03-19T12:00")
        client = self.served("2025-03-20T10:00", "2025-03-20T11:00")
        others = [self.served("2025-03-%dT10:00" % day, "2025-03-%dT11:00" % day, name="Klient %d" % day) for day in range(21, 27)]
        self.clock("2025-04-01T12:00")
        self.book(client, "2025-04-10T09:00")
        self.taus.do("consentWithdraw", {"subject": client})
        self.assertEqual(self.live(client), set())
        calendar = self.taus.do("calendarShow", {"from": "2025-04-10", "to": "2025-04-10"})["entries"]
        self.assertEqual([one for one in calendar if one["outcome"] != "cancelled"], [])
        again = self.served("2025-09-01T10:00", "2025-09-01T11:00")  # the same person, whom nothing can tell
        self.clock("2026-01-01T00:00:01")
        self.assertEqual(self.totals(2025), (8, 8, 9))
        tables = {one["name"]: one for one in self.year(2025)["published"]["tables"]}
        ages = {cell["code"]: cell for cell in tables["ageYears"]["cells"]}
        self.assertTrue(ages["unknown"]["hidden"] and ages["30-39"]["hidden"])  # one unknown; seven of thirty-four
        self.assertNotIn(client, others + [again])

    def test_t15_a_hold_on_the_case_keeps_the_case_alone(self):
        self.clock("2025-03-09T12:00")
        client = self.served("2025-03-10T09:00", "2025-03-10T10:05")
        self.taus.do("logWrite", {"subject": client, "order": "klage", "attestNoSpecial": True})
        self.taus.do("messageAdd", {"subject": client, "direction": "in", "channel": "email", "body": "hei", "at": at("2025-03-10T10:05")})
        self.taus.do("holdPlace", {"subject": client, "ground": "legalClaim", "categories": ["case", "ident"], "reference": "2025/17"}, as_=self.lydia)
        self.taus.do("subjectConclude", {"subject": client}, as_=self.ingrid)
        self.assertEqual(self.live(client) & {"case", "corr", "phone", "ident"}, {"case", "ident"})
        self.clock("2026-02-01T09:00")
        self.assertEqual(self.live(client) & {"case", "ident", "demog"}, {"case", "ident"})
        self.taus.do("holdRelease", {"subject": client}, as_=self.lydia)
        self.assertNotIn("case", self.live(client))

    def test_who_moves_house_stays_where_the_first_session_was(self):
        self.clock("2025-03-01T12:00")
        clients = [self.served("2025-03-%02dT10:00" % (day + 2), "2025-03-%02dT11:00" % (day + 2), name="Klient %d" % day) for day in range(6)]
        for client in clients:
            self.taus.do("subjectRecord", {"subject": client, "collectedVia": "phone", "municipalityCode": "4003", "educationLevel": "6"})
        self.clock("2026-01-01T00:00:01")
        tables = {one["name"]: {cell["code"]: cell["count"] for cell in one["cells"]} for one in self.year(2025)["published"]["tables"]}
        self.assertEqual(tables["municipalityCode"], {"3905": 6, "unknown": 0})
        self.assertEqual((tables["educationLevel"]["6"], tables["educationLevel"]["unknown"]), (6, 0))

    def test_a_clock_set_back_closes_no_year_twice(self):
        self.clock("2025-06-01T12:00")
        self.clock("2026-01-02T09:00")
        closed = self.year(2025)
        self.clock("2025-07-01T12:00")
        client = self.served("2025-07-02T10:00", "2025-07-02T11:00")
        self.clock("2026-01-03T09:00")
        self.assertEqual(self.year(2025)["sha256"], closed["sha256"])
        self.assertEqual(self.totals(2025), (0, 0, 0))
        self.assertNotIn("ident", self.live(client))


    def refused(self, method, params, code, words=(), **fields):
        """Refused with this code and these words, and the store is as it was."""
        size = self.taus.do("status")["size"]
        _, error = self.taus.call(method, params, **fields)
        self.assertIsNotNone(error, (method, params))
        self.assertEqual(error["code"], code, error)
        for word in words:
            self.assertIn(word, error["message"])
        self.assertEqual(self.taus.do("status")["size"], size)

    def test_codes_that_are_none(self):
        self.clock("2025-03-01T12:00")
        for code, words in (("3801", ["3901", "Horten"]), ("0101", ["3101"]), ("1571", ["divided"]), ("1234", ["2024"]), ("390", ["four digits"]), ("", [])):
            self.refused("bookingRequest", FORM | {"municipalityCode": code}, "invalid_argument", words)
        client = self.client()
        self.taus.do("subjectAssign", {"subject": client, "counsellor": self.ingrid})
        for facts, words in (({"countryOfOrigin": "XX"}, ["country"]), ({"countryOfOrigin": "no"}, ["capital"]), ({"educationLevel": "12"}, ["profile"]),
                             ({"labourStatus": ["astronaut"]}, ["profile"]), ({"motherTongue": "nb"}, ["collect"]), ({"municipalityCode": "5421"}, ["5530"])):
            self.refused("subjectRecord", {"subject": client, "collectedVia": "session", **facts}, "invalid_argument", words)

    def test_years_that_cannot_be_shown_or_closed(self):
        self.clock("2025-03-01T12:00")
        for year, code in ((-1, "invalid_argument"), (1999, "not_found"), (2026, "not_found"), (2024, "ok")):
            _, error = self.taus.call("statsShow", {"year": year}, as_=self.lydia)
            self.assertEqual(error["code"] if error else "ok", code, year)
        self.refused("statsShow", {"year": 2025}, "unauthorized", ["leader"], as_=self.ingrid)
        self.refused("statsClose", {"year": 2025}, "invalid_argument", ["1 January"], as_=self.lydia)
        self.refused("statsClose", {"year": 2024}, "version_conflict", ["closed already"], as_=self.lydia)
        self.refused("statsClose", {"year": 2024}, "unauthorized", ["leader"], as_=self.ingrid)
        self.refused("statsExport", {"year": 2024, "format": "pdf"}, "invalid_argument", ["csv, json or html"])
        self.assertEqual(self.taus.do("statsExport", {"year": 2024, "format": "csv"}, as_=self.ingrid)["text"].splitlines()[1], "2024;totals;clients;0;Brukere")

    def test_an_outcome_for_a_closed_year(self):
        self.clock("2025-12-30T12:00")
        clients = [self.client(name="Klient %d" % n) for n in range(3)]
        for n, client in enumerate(clients):
            self.book(client, "2025-12-31T%d:00" % (10 + n))
        self.clock("2026-01-02T09:00")
        closed = self.year(2025)
        warnings = [self.taus.do(method, {"subject": client})["warnings"]
                    for method, client in (("bookingHeld", clients[0]), ("bookingNoShow", clients[1]))]
        warnings.append(self.taus.do("bookingCorrect", {"subject": clients[0], "number": 1, "outcome": "noShow", "reason": "feil"})["warnings"])
        for n, one in enumerate(warnings):
            self.assertTrue(any(text.startswith("late for closed year: %d " % (n + 1)) for text in one), one)
        self.daemon.restart()
        self.taus.reconnect()
        after = self.year(2025)
        self.assertEqual((after["published"], after["sha256"], after["late"]), (closed["published"], closed["sha256"], 3))
        self.assertIn("late for closed year  3", self.daemon.tausctl("stats", "show", "--year", "2025").stdout)


class Mt(Cases):
    PROFILE = "mt"

    def test_t10_a_year_after_a_leap_day_is_the_28th(self):
        # The cap alone decides only where the conclusion came late; no life of a client leads there, so the rules are asked.
        facts = {"now": "2024-03-01T00:00", "firstCollectedAt": "2024-02-28T12:00", "concludedAt": "2025-02-20T10:00",
                 "held": [{"start": "2024-02-29T13:00", "end": "2024-02-29T14:00"}]}
        answer = self.daemon.tausctl("policy", "explain", "--profile", "mt", "--facts", "-", stdin=json.dumps(facts), check=True)
        self.assertEqual(json.loads(answer.stdout)["due"]["ident"], {"at": "2025-02-28T13:00:00Z", "rule": "MT-R2", "deferred": None})

    def test_a_reopened_case_is_still_one_case(self):
        self.clock("2025-03-01T12:00")
        client = self.served("2025-03-03T10:00", "2025-03-03T11:00")
        self.taus.do("subjectConclude", {"subject": client})
        self.taus.do("subjectReopen", {"subject": client})
        self.book(client, "2025-03-10T10:00")
        self.clock("2025-03-10T11:00")
        self.taus.do("bookingHeld", {"subject": client})
        self.clock("2026-01-01T00:00:01")
        self.assertEqual(self.totals(2025), (1, 2, 2))
        self.assertEqual(self.year(2025)["published"]["unit"], "case")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
