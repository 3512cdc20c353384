"""A year of a centre by chance, played through the daemon; its statistics against statistics_oracle's.

usage: statistics_test.py BUILD --profile vt|mt [--histories N] [--seed S]

Clients come, are guided or stay away, move house, conclude, come back, withdraw; time passes in leaps; the daemon is killed and started in
between. Before and after each start, at times in between, and for the closed year, what is shown is what the rules say. New Year is passed
by a running daemon or by one that was down. With --forget the oracle leaves out a rule, and must then disagree.
"""
import argparse
import datetime
import hashlib
import json
import os
import random
import sys

import retention_oracle as rules
import statistics_oracle as oracle
import taus_client
from taus_client import ms_of

YEAR = 2026
FOCUS = ["yrkesvalg", "utdanning", "jobbytte", "=en formel", "total"]
TOWNS = {"vt": ["3905", "3907", "4003", "3901", "4036", "9999"], "mt": ["5530", "5520", "5524", "5528", "9999"]}


def local(text):
    return rules.from_wall(datetime.datetime.fromisoformat(text))


class Play:
    def __init__(self, build, profile, seed):
        self.rng = random.Random(seed)
        self.profile = profile
        self.world = oracle.World(profile, YEAR)
        self.daemon = taus_client.Daemon(build, profile=profile).start()
        self.taus = self.daemon.connect()
        self.now = local("%d-01-05T07:00" % YEAR)
        self.daemon.set_clock(ms_of(self.now))
        self.leader = self.staff("Leder", "leader")
        self.counsellors = [self.staff("Veileder %d" % i, "counsellor") for i in range(4)]
        self.number = 0

    def close(self):
        self.taus.close()
        self.daemon.close()

    def staff(self, name, role):
        return self.taus.do("staffAdd", {"name": name, "roles": [role], "confidentialitySigned": "2025-01-02"})["subject"]

    # --- what a day brings

    def fact(self, name):
        rng = self.rng
        if name == "municipalityCode":
            return rng.choices(TOWNS[self.profile], [8, 6, 4, 1, 1, 1][: len(TOWNS[self.profile])])[0]
        if name == "ageYears":
            return rng.choice([0, 17, 19, 20, 29, 30, 34, 41, 55, 59, 60, 88])
        if name == "gender":
            return rng.choices(["female", "male", "other", "unknown"], [60, 38, 1, 1])[0]
        if name in ("countryOfOrigin", "nationality"):
            return rng.choices(["NO", "SE", "PL", "UA", "ER", "GB"], [70, 5, 10, 8, 5, 2])[0]
        if name == "motherTongue":
            return rng.choices(["nb", "nob", "se", "sme", "pl", "ti", "fkv"], [40, 30, 5, 5, 12, 5, 3])[0]
        if name == "educationLevel":
            return rng.choices("0234679", [1, 20, 30, 25, 20, 10, 5])[0]
        return rng.sample(oracle.LABOUR, rng.choice([1, 1, 2]))

    def come(self):
        asked = ["municipalityCode", "ageYears"] + (["gender", "nationality", "motherTongue"] if self.profile == "mt" else [])
        facts = {name: self.fact(name) for name in asked}
        focus = self.rng.choices(FOCUS, [10, 8, 6, 1, 2], k=self.rng.choice([1, 1, 2]))
        self.number += 1
        form = {"name": "Klient %d" % self.number, "email": "k%d@example.no" % self.number, "phone": "+47%d" % (90000000 + self.number),
                "focusAreas": focus, **facts}
        notice = {"vt": ("VT-2022-09-15", "checkbox"), "mt": ("MT-undated", "formSubmit")}[self.profile]
        form["consent"] = {"notice": notice[0], "act": notice[1], "language": "nb"}
        if self.profile == "mt":
            form["currentSituation"] = "i arbeid"
        subject = self.taus.do("bookingRequest", form)["subject"]
        self.world.clients[subject] = oracle.Client(self.profile, self.now, facts, focus)
        self.book(subject)

    def book(self, subject):
        client = self.world.clients[subject]
        start = rules.wall(self.now).replace(minute=0, second=0, microsecond=0) + datetime.timedelta(days=self.rng.randrange(1, 9), minutes=15 * self.rng.randrange(40))
        start = rules.from_wall(start)
        channel = self.rng.choices(["inPerson", "video", "phone"], [65, 20, 15])[0]
        ack, error = self.taus.call("bookingBook", {"subject": subject, "counsellor": self.rng.choice(self.counsellors), "start": ms_of(start), "minutes": 45, "channel": channel})
        if error:
            assert error["code"] == "slot_taken", error
            return
        client.appointments[ack["number"]] = [start, start + datetime.timedelta(minutes=45), channel, None, None]
        client.live.add("appt")

    def outcomes(self, subject):
        client = self.world.clients[subject]
        for number, one in list(client.appointments.items()):
            if one[3] is not None or client.concluded is not None:
                continue
            chance = self.rng.random()
            if one[0] > self.now:
                if chance < 0.05:
                    self.taus.do("bookingCancel", {"subject": subject, "number": number, "by": "client"})
                    one[3], one[4] = "cancelled", self.now
                    self.world.die(self.now)
            elif one[1] <= self.now and chance < 0.95:
                outcome = "held" if chance < 0.8 else "noShow"
                self.taus.do("bookingHeld" if outcome == "held" else "bookingNoShow", {"subject": subject, "number": number})
                one[3] = outcome
                self.world.die(self.now)

    def tell(self, subject):
        """The counsellor writes down what the client told: new facts, or others than before."""
        names = [n for n in oracle.TABLES[self.profile] if n not in ("focusAreas", "channel")]
        told = {name: self.fact(name) for name in self.rng.sample(names, self.rng.choice([1, 2, 3]))}
        self.taus.do("subjectRecord", {"subject": subject, "collectedVia": "session", **told})
        moment = self.now + datetime.timedelta(milliseconds=1)  # the daemon's clock went on since it was set
        self.world.clients[subject].told.append((moment, told))

    def ask(self, subject, client):
        """A request to the rights desk, answered another day, perhaps too late."""
        waiting = [r for r in client.requests if r[2] is None]
        if waiting and self.rng.random() < 0.3:
            request = waiting[0]
            outcome = self.rng.choice([{"outcome": "fulfilled"}, {"outcome": "refused", "grounds": ["unfounded"], "text": "Nei."}])
            decision = self.taus.do("rightsDecide", {"request": request[3], **outcome})["position"]
            self.world.decide(client, request, self.now)
            if request[0] == "erase" and outcome["outcome"] == "fulfilled":
                self.erase(subject, client, decision)
        elif not waiting and self.rng.random() < 0.08 and (client.concluded is None or "demog" in client.live):
            kind = self.rng.choice(oracle.KINDS + ["erase"] * 4)
            request = self.taus.do("rightsOpen", {"subject": subject, "kind": kind})["request"]
            self.taus.do("rightsVerify", {"request": request, "method": "known"})
            client.requests.append([kind, self.now, None, request])
            client.live.add("rights")

    def erase(self, subject, client, decision):
        """One kind of data, as asked; the rest stays."""
        what = self.rng.choice(["appt", "appt", "appt", "intake", "email"])
        if what in client.live and client.live != {"rights"}:
            self.taus.do("shred", {"subject": subject, "categories": [what], "reason": "request", "decision": decision})
            self.world.erase(client, what, self.now)

    def inquire(self):
        """Somebody asks without booking; another day it is answered, which ends it."""
        if self.rng.random() < 0.2:
            subject = self.taus.do("inquiryReceive", {"text": "Har dere tid?", "email": "spor@example.no"})["subject"]
            client = self.world.clients[subject] = oracle.Client(self.profile, self.now, {}, [])
            client.inquiries.append([self.now, None])
            client.live = {"intake", "email"}
        for subject, client in self.world.clients.items():
            if client.inquiries and client.inquiries[0][1] is None and client.concluded is None and not client.gone and self.rng.random() < 0.3:
                self.taus.do("inquiryAnswer", {"subject": subject})
                client.inquiries[0][1] = self.now
                self.world.conclude(client, self.now, self.now)
                self.world.die(self.now)

    def group(self):
        if self.rng.random() < 0.15:
            heads = self.rng.randrange(30)
            number = self.taus.do("groupRecord", {"start": ms_of(self.now) - 3_600_000, "minutes": 60, "participants": heads})["number"]
            if self.rng.random() < 0.3:
                heads += 1
                self.taus.do("groupCorrect", {"number": number, "participants": heads})
            self.world.tally.totals["groupSessions"] += 1
            self.world.tally.totals["groupParticipants"] += heads

    def invite(self):
        for due in self.taus.do("surveyList")["due"]:
            if self.rng.random() < 0.7:
                self.taus.do("surveySent", {"subject": due["subject"]})
                self.world.clients[due["subject"]].invited.append(self.now)

    def day(self):
        for _ in range(self.rng.choice([0, 1, 2, 3])):
            self.come()
        for subject, client in list(self.world.clients.items()):
            if client.gone or client.inquiries or not client.told[0][1]:
                continue
            self.ask(subject, client)
            if client.concluded is not None:
                self.come_back(subject, client)
                continue
            self.outcomes(subject)
            if client.concluded is not None:  # what was told made it known that it was over long ago
                continue
            case = client.case(self.now)
            if client.held() and self.rng.random() < 0.5:
                self.tell(subject)
            if self.rng.random() < 0.25:
                self.book(subject)
            elif self.rng.random() < 0.2 and client.held() and not case.is_active():
                self.taus.do("subjectConclude", {"subject": subject})
                self.world.conclude(client, self.now, self.now)
                self.world.die(self.now)
            if self.rng.random() < 0.02 and all(r[2] for r in client.requests):
                self.taus.do("consentWithdraw", {"subject": subject})
                self.world.withdraw(client)
        if self.profile == "mt":
            self.inquire()
        self.group()
        self.invite()

    def come_back(self, subject, client):
        """Within the time that the old sessions do not conclude the case at once again."""
        recent = all(rules.days_later(a[1], 28) > self.now for a in client.held())
        if "demog" in client.live and client.guided == YEAR and recent and self.rng.random() < 0.1:
            self.taus.do("subjectReopen", {"subject": subject})
            self.world.reopen(client, self.now)
            self.book(subject)

    # --- time, and what is shown

    def clock(self, now):
        self.now = now
        self.daemon.set_clock(ms_of(now))
        self.world.clock(now)

    def restart(self, sleep_until=None):
        self.taus.close()
        if self.rng.random() < 0.5:
            self.daemon.terminate()
        else:
            self.daemon.kill()
        if sleep_until is not None:  # its clock stands later when it wakes up
            offset = ms_of(sleep_until) - ms_of(datetime.datetime.now(datetime.timezone.utc))
            with open(os.path.join(self.daemon.directory, "root", "clock"), "w", encoding="ascii") as file:
                file.write(str(offset))
            self.now = sleep_until
            self.world.clock(sleep_until)
        self.daemon.start()
        self.taus = self.daemon.connect()

    def shown(self, **who):
        return self.taus.do("statsShow", {"year": YEAR}, **(who or {"as_": self.leader}))

    def compare(self):
        reply = self.shown()
        want = self.world.closed or oracle.rounded(self.world.shown())
        assert reply["running"] == (self.world.closed is None)
        return oracle.difference(want, oracle.as_shown(reply["published"]))

    def play(self):
        for leap in range(40):
            self.day()
            later = rules.wall(self.now) + datetime.timedelta(days=self.rng.choice([1, 2, 3, 5, 8, 13]), minutes=self.rng.randrange(120))
            if later.year > YEAR or (later.month == 12 and later.day > 28):
                break
            self.clock(rules.from_wall(later.replace(second=0, microsecond=0)))
            if leap % 6 == 5:
                wrong = self.compare()
                if wrong:
                    return "at %s, %s" % (rules.show(self.now), wrong)
            if leap % 10 == 9:
                before = self.shown()
                self.restart()
                if self.shown() != before:
                    return "at %s a start changed what is shown" % rules.show(self.now)
        return self.new_year()

    def new_year(self):
        year_before = rules.from_wall(datetime.datetime(YEAR, 12, 29, 9))
        if self.now < year_before:
            self.clock(year_before)
            self.day()
        late = self.late_client()
        if self.rng.random() < 0.5:
            self.clock(rules.from_wall(datetime.datetime(YEAR + 1, 1, 1)))
        else:
            self.restart(sleep_until=rules.from_wall(datetime.datetime(YEAR + 1, 1, self.rng.randrange(2, 27), 9)))
        wrong = self.compare() or self.files() or self.names_are_gone() or self.too_late(late)
        return wrong and "after New Year, " + wrong

    # --- the closed year

    def late_client(self):
        """Somebody with an appointment on the last day whose outcome nobody tells in time."""
        self.come()
        subject = next(reversed(self.world.clients))
        client = self.world.clients[subject]
        client.appointments = {n: a for n, a in client.appointments.items() if not self.taus.do("bookingCancel", {"subject": subject, "number": n, "by": "centre"})}
        start = rules.from_wall(datetime.datetime(YEAR, 12, 31, 22))
        self.number += 1
        number = self.taus.do("bookingBook", {"subject": subject, "counsellor": self.counsellors[0], "start": ms_of(start), "minutes": 30, "channel": "phone"})["number"]
        for n in range(1, number):
            client.appointments[n] = [*self.cancelled(subject, n), "cancelled", self.now]
        client.appointments[number] = [start, start + datetime.timedelta(minutes=30), "phone", None, None]
        client.live.add("appt")
        return subject

    def cancelled(self, subject, number):
        for one in self.taus.do("subjectShow", {"subject": subject})["appointments"]:
            if one["number"] == number:
                return (datetime.datetime.fromtimestamp(one["start"] / 1000, datetime.timezone.utc), datetime.datetime.fromtimestamp(one["end"] / 1000, datetime.timezone.utc), one["channel"])
        raise AssertionError(number)

    def files(self):
        published = self.shown()
        year = published["published"]
        text = {form: self.taus.do("statsExport", {"year": YEAR, "format": form}, as_=self.leader)["text"] for form in ("csv", "json", "html")}
        if hashlib.sha256(text["json"].encode()).hexdigest() != published["sha256"]:
            return "the JSON file is not what was published"
        if json.loads(text["json"])["clients"] != year["clients"]:
            return "the JSON file counts other clients"
        rows = [line.split(";") for line in text["csv"].splitlines()]
        cells = {(row[1], row[2].lstrip("'")): row[3] for row in rows[1:]}
        for table in year["tables"]:
            for cell in table["cells"]:
                want = ":" if cell["hidden"] else str(cell["count"])
                if cells[table["name"], cell["code"]] != want:
                    return "the CSV file has another %s %s" % (table["name"], cell["code"])
        if "<svg" not in text["html"] or "=en formel" in text["csv"].replace("'=en formel", ""):
            return "the HTML file has no chart, or the CSV file a formula"
        keys = sum(self.keys_named(part) for part in self.replayed(published["position"]))
        told = {one["code"]: one["count"] for one in year["counts"]}
        if told["erasures"] != keys:
            return "%d erasures told, receipts name %d" % (told["erasures"], keys)
        return None

    def replayed(self, until):
        """The public parts of the journal before a position."""
        position = 0
        while position < until:
            entries = self.taus.do("auditReplay", {"from": position, "to": min(until, position + 500)})["entries"]
            position = entries[-1]["position"] + 1
            yield from (json.loads(part["content"]) for entry in entries for part in entry["parts"] if part["slot"] == 255)

    @staticmethod
    def keys_named(part):
        return sum(key["stream"] != 0 for key in part["keys"]) if "keys" in part and part["localDate"].startswith(str(YEAR)) else 0

    def names_are_gone(self):
        if self.profile != "vt":
            return None
        for subject, client in self.world.clients.items():
            view, error = self.taus.call("subjectState", {"subject": subject})
            live = set() if error else {one["category"] for one in view["categories"] if one["state"] == "present"}
            if client.guided == YEAR and client.concluded is not None and live & {"ident", "demog"}:
                return "a client of the closed year still has a name"
        return None

    def too_late(self, subject):
        before = self.shown()
        number = max(self.world.clients[subject].appointments)
        ack, error = self.taus.call("bookingHeld", {"subject": subject, "number": number})
        if error:
            return None if error["code"] in ("shredded", "version_conflict", "not_found") else "a late outcome was answered by %s" % error
        if not any(text.startswith("late for closed year: 1 ") for text in ack["warnings"]):
            return "a late outcome was not called late: %s" % ack["warnings"]
        self.restart()
        after = self.shown()
        if (after["late"], after["published"], after["sha256"]) != (1, before["published"], before["sha256"]):
            return "a late outcome is not counted as late, or changed the closed year"
        return None


def forget(rule):
    """Breaks the oracle in one place, to show that the comparison notices."""
    if rule == "cover":
        def without_cover(total, cells):
            return total, False, {c: None if 0 < n < oracle.K else n for c, n in cells.items()}
        oracle.suppress = without_cover
    elif rule == "fold":
        oracle.Counts.fold = lambda self, group, staying: [self.add(one) for one in group]
    elif rule == "words":
        oracle.Counts.named = lambda self, cells, staying, group: cells
    elif rule == "erased":
        oracle.Client.lose = lambda self, now: None
    elif rule == "moved":
        oracle.Client.facts = lambda self, year: {name: value for _, told in self.told for name, value in told.items()}
    elif rule == "returns":
        def as_new(self, client, now, reopen=oracle.World.reopen):
            client.sessions_gone, client.form_gone = {}, False
            reopen(self, client, now)
        oracle.World.reopen = as_new


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--profile", choices=["vt", "mt"], required=True)
    parser.add_argument("--histories", type=int, default=40 if os.environ.get("TAUS_LONG") else 2)
    parser.add_argument("--seed", type=int, default=20261)
    parser.add_argument("--forget", choices=["cover", "erased", "fold", "moved", "returns", "words"])
    args = parser.parse_args()
    if args.forget:
        forget(args.forget)
    for seed in range(args.seed, args.seed + (20 if args.forget else args.histories)):
        play = Play(args.build, args.profile, seed)
        try:
            wrong = play.play()
        except taus_client.TausError as refusal:  # taus and a broken oracle need not agree on what can still be done
            if not args.forget:
                raise
            wrong = str(refusal)
        finally:
            play.close()
        if wrong:
            print("profile %s, seed %d: %s" % (args.profile, seed, wrong))
            return 0 if args.forget else 1
        exact = (play.world.closed or {}).get("totals")
        print("profile %s, seed %d: %s, as the rules say" % (args.profile, seed, exact))
    return 1 if args.forget else 0


if __name__ == "__main__":
    sys.exit(main())
