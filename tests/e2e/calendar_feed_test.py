"""Calendar feeds of a real tausd, read back by an independent parser (python3-icalendar).

usage: calendar_feed_test.py BUILD
"""
import datetime
import json
import sys
import unittest

import icalendar

import taus_client

BUILD = sys.argv[1]
UTC = datetime.timezone.utc
FORM = {"phone": "+4790000000", "municipalityCode": "3905", "ageYears": 34, "focusAreas": ["yrkesvalg"],
        "consent": {"notice": "VT-2022-09-15", "act": "checkbox", "language": "nb"}}
RANGE = ("--from", "2026-03-01", "--to", "2026-11-30")
STARTS = ["2026-03-27T10:00:00+01:00", "2026-03-30T10:00:00+02:00",  # either side of the spring change, the same wall clock
          "2026-03-29T03:30:00+02:00",                                # just after the gap
          "2026-10-25T02:15:00+02:00", "2026-10-25T02:15:00+01:00",   # the hour that occurs twice
          "2026-10-26T10:00:00+01:00"]


def moment(text):
    return datetime.datetime.fromisoformat(text).astimezone(UTC)


def at(property_):
    return property_.dt.astimezone(UTC)


class Feed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = taus_client.Daemon(BUILD).start()
        cls.daemon.set_clock(taus_client.ms("2026-03-02T09:00"))
        cls.taus = cls.daemon.connect()
        with cls.daemon.connect("operator") as operator:
            cls.ingrid, cls.bo = (operator.do("staffAdd", {"name": name, "roles": ["counsellor"], "confidentialitySigned": "2025-01-02"})["subject"]
                                  for name in ("Ingrid; Rettleiar, \"a\"", "Bo"))
        cls.clients = [cls.taus.do("bookingRequest", FORM | {"name": "Kari Hemmelig %d" % n, "email": "kari%d@example.no" % n})["subject"]
                       for n in range(3)]
        for start in STARTS:
            cls.book(cls.clients[0], cls.ingrid, start, 30)
        cls.book(cls.clients[1], cls.bo, "2026-03-27T10:00:00+01:00", 60, place="Rom Hemmelig")
        cls.book(cls.clients[1], cls.bo, "2026-03-27T11:00:00+01:00", 60)
        number = cls.book(cls.clients[2], cls.bo, "2026-03-27T14:00:00+01:00", 60)
        cls.taus.do("bookingCancel", {"subject": cls.clients[2], "number": number, "by": "client"})

    @classmethod
    def tearDownClass(cls):
        cls.taus.close()
        cls.daemon.close()

    @classmethod
    def book(cls, client, counsellor, start, minutes, **more):
        return cls.taus.do("bookingBook", {"subject": client, "counsellor": counsellor, "start": taus_client.ms(start), "minutes": minutes,
                                           "channel": "inPerson", **more})["number"]

    def feed(self, verb, *arguments):
        done = self.daemon.tausctl("calendar", verb, *arguments, *RANGE, check=True)
        self.assertNotIn("Hemmelig", done.stdout)
        for client in self.clients:
            self.assertNotIn(client, done.stdout.replace("\n ", ""))
        return icalendar.Calendar.from_ical(done.stdout)

    def test_events_are_when_they_are(self):
        calendar = self.feed("ics", "--counsellor", self.ingrid)
        self.assertNotIn("METHOD", calendar)
        events = calendar.walk("VEVENT")
        self.assertEqual(sorted(at(event["DTSTART"]) for event in events), sorted(map(moment, STARTS)))
        for event in events:
            self.assertEqual(at(event["DTEND"]) - at(event["DTSTART"]), datetime.timedelta(minutes=30))
            self.assertEqual((str(event["SUMMARY"]), event["STATUS"], str(event["CONTACT"])),
                             ("Opptatt – veiledning", "CONFIRMED", "Ingrid; Rettleiar, \"a\""))
            self.assertIn("DTSTAMP", event)
            for private in ("LOCATION", "DESCRIPTION", "ATTENDEE", "ORGANIZER"):
                self.assertNotIn(private, event)
        local = [event for event in events if event["DTSTART"].params.get("TZID") == "Europe/Oslo"]
        self.assertEqual(len(local), len(STARTS) - 2)  # 02:15 occurs twice: both are told in UTC
        (zone,) = calendar.walk("VTIMEZONE")
        self.assertEqual(zone["TZID"], "Europe/Oslo")
        rules = zone.to_tz()
        for event in local:
            wall = event["DTSTART"].dt.replace(tzinfo=None)
            self.assertEqual(rules.localize(wall).astimezone(UTC), at(event["DTSTART"]))

    def test_the_cancelled_one_stays_and_says_so(self):
        events = [event for event in self.feed("ics", "--counsellor", self.bo).walk("VEVENT") if at(event["DTSTART"]).month == 3]
        self.assertEqual([(event["STATUS"], event["TRANSP"]) for event in sorted(events, key=lambda event: at(event["DTSTART"]))],
                         [("CONFIRMED", "OPAQUE"), ("CONFIRMED", "OPAQUE"), ("CANCELLED", "TRANSPARENT")])

    def test_names_last(self):
        def names(feed):
            return {(str(event["UID"]), at(event["DTSTART"])) for event in feed.walk("VEVENT")}
        before = names(self.feed("ics"))
        self.assertEqual(len({uid for uid, _ in before}), len(STARTS) + 3)
        self.daemon.restart()
        self.taus.reconnect()
        self.assertEqual(names(self.feed("ics")), before)
        moved = self.taus.do("bookingBook", {"subject": self.clients[2], "counsellor": self.bo, "start": taus_client.ms("2026-05-04T10:00"),
                                             "minutes": 60, "channel": "video"})["number"]
        uid = names(self.feed("ics")) - before
        self.taus.do("bookingReschedule", {"subject": self.clients[2], "number": moved, "start": taus_client.ms("2026-05-05T10:00"),
                                           "minutes": 60, "by": "client"})
        self.assertEqual({name for name, _ in names(self.feed("ics")) - before}, {name for name, _ in uid})
        self.taus.do("bookingCancel", {"subject": self.clients[2], "number": moved, "by": "client"})

    def test_busy_times_touching_are_one(self):
        calendar = self.feed("freebusy", "--counsellor", self.bo)
        (busy,) = calendar.walk("VFREEBUSY")
        self.assertEqual((at(busy["DTSTART"]), at(busy["DTEND"])), (moment("2026-03-01T00:00:00+01:00"), moment("2026-12-01T00:00:00+01:00")))
        periods = busy["FREEBUSY"] if isinstance(busy["FREEBUSY"], list) else [busy["FREEBUSY"]]
        self.assertEqual([(one.start.astimezone(UTC), one.end.astimezone(UTC)) for one in periods],
                         [(moment("2026-03-27T10:00:00+01:00"), moment("2026-03-27T12:00:00+01:00"))])
        both = self.feed("freebusy").walk("VFREEBUSY")
        self.assertEqual(len(both), 2)

    def test_a_feed_reads_nobody(self):
        before = self.taus.do("status")["position"]
        self.feed("ics")
        self.feed("freebusy")
        self.assertEqual(self.taus.do("status")["position"], before)

    def test_the_api_says_no_more(self):
        done = self.daemon.tausctl("calendar", "ics", "--json", *RANGE, check=True)
        for entry in json.loads(done.stdout)["entries"]:
            self.assertTrue(entry["busy"])
            for field in ("subject", "name", "place", "number", "channel"):
                self.assertIsNone(entry[field], field)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
