"""Random histories of many clients played through the daemon, by its clock; every ten days or so what lives, when it dies and by which rule
is asked (`retentionPlan`) and compared with the independent oracle (retention_oracle.py), which is only told what was done.

usage: retention_played_test.py BUILD PROFILE [--clients N] [--seed N] [--forget holds|answers]
--forget plants a mistake in what the oracle is told: the comparison must notice it.
"""
import argparse
import os
import random
import sys
from datetime import datetime, timedelta

import retention_oracle as rules
import taus_client
from taus_client import ms_of

SLACK = timedelta(seconds=45)  # the daemon's clock runs on while commands are carried out; due times follow it by so much
LONG = bool(os.environ.get("TAUS_LONG"))
FORMS = {
    "vt": {"municipalityCode": "3905", "ageYears": 31, "focusAreas": ["utdanning"],
           "consent": {"notice": "VT-2022-09-15", "act": "checkbox", "language": "nn"}},
    "mt": {"municipalityCode": "5530", "ageYears": 44, "gender": "other", "nationality": "NO", "motherTongue": "nb", "focusAreas": ["jobb"],
           "currentSituation": "leter", "consent": {"notice": "MT-undated", "act": "formSubmit", "language": "nb"}}}


class Client:
    """What is done to one client and when, and what the oracle is told of it."""

    def __init__(self, number, profile, rng):
        self.number, self.profile, self.rng = number, profile, rng
        self.case = rules.Case(None)
        self.gone, self.collected, self.over = set(), set(), False
        self.id = self.counsellor = None
        self.covers = {}  # number in the daemon -> the oracle's [categories, from, until]
        self.steps = self.plan()

    def plan(self):
        """[(time, what, …)] in order. What the daemon would refuse by then is left out when its time comes."""
        rng = self.rng
        begin = rules.from_wall(datetime(2025, 1, 10) + timedelta(minutes=rng.randrange(330 * 24 * 60)))
        asks = self.profile == "mt" and rng.random() < 0.4  # the other centre takes no inquiries
        steps, at = [(begin, "inquire" if asks else "register")], begin
        if asks and rng.random() < 0.4:
            steps.append((begin + timedelta(hours=rng.randrange(1, 1000)), "inquire"))
        for _ in range(rng.choice([0, 0, 0, 1] if asks else [0, 1, 1, 1, 2, 2, 3])):
            asked = at + timedelta(hours=rng.randrange(1, 120))
            start = rules.from_wall((rules.wall(asked) + timedelta(days=rng.randrange(1, 30))).replace(minute=0, second=0, hour=rng.randrange(8, 16)))
            end = start + timedelta(minutes=rng.choice([30, 60, 90]))
            told = end + timedelta(minutes=rng.choice([5, 60, 60 * 24 * 3, 60 * 24 * 13]))
            what = rng.choice(["held"] * 5 + ["noShow", "cancel", "nothing"])
            if what == "cancel":
                told = rng.choice([asked + (start - asked) / 2, told])
            steps.append((asked, "book", start, end, told, what))
            at = max(told, end)
        for _ in range(rng.choice([0, 0, 1, 2])):
            steps.append((begin + timedelta(minutes=rng.randrange(60, 70 * 24 * 60)), "message"))
        if rng.random() < 0.4:
            steps.append((at + timedelta(hours=rng.randrange(2, 400)), "conclude"))
        if rng.random() < 0.12:
            steps.append((begin + timedelta(hours=rng.randrange(2, 3000)), "withdraw"))
        names = rules.CLIENT[self.profile]
        if rng.random() < 0.25:
            first = begin + timedelta(hours=rng.randrange(2, 3000))
            steps.append((first, "hold", rng.sample(names, rng.randrange(1, 4)), first + timedelta(days=rng.randrange(1, 200))))
        if rng.random() < 0.15:
            first = begin + timedelta(hours=rng.randrange(900, 4000))
            steps.append((first, "restrict", rng.sample(names, rng.randrange(1, 4)), first + timedelta(days=rng.randrange(1, 100))))
        return sorted(steps, key=lambda step: step[0])

    def settle(self, now):
        """What the clock alone has done by `now`."""
        if self.id is None or not self.collected - self.gone:
            return
        case = self.case
        case.now = now
        if case.concluded is None and not case.withdrawn and not case.is_active() and case.conclusion() <= now:
            case.concluded = case.conclusion()
        self.over = case.concluded is not None or bool(case.withdrawn)
        if case.concluded is not None and not case.withdrawn:
            self.collected.add("audit")  # of the order to shred, which is itself an entry of the read log
        if case.is_active() and not case.withdrawn:
            return
        for category, (at, _) in rules.due_times(self.profile, case).items():
            if category in self.collected and at <= now and self.deferral(category) is None:
                self.gone.add(category)
        if self.gone and not case.withdrawn:
            self.collected.add("audit")

    def deferral(self, category):
        """The rules', and: what tells of a restriction that lasts is not shredded before it."""
        told = rules.deferral(self.case, category)
        restricted = any(rules.in_force(cover, self.case.now) for cover in self.case.restrictions)
        overdue = rules.due_times(self.profile, self.case)[category][0] <= self.case.now
        return "restriction" if told is None and category == "rights" and restricted and overdue and not self.case.withdrawn else told

    def expected(self):
        """{category: (due or None, rule, deferral)} of what lives."""
        active = self.case.is_active() and not self.case.withdrawn
        return {c: (None if active else at, rule, self.deferral(c))
                for c, (at, rule) in rules.due_times(self.profile, self.case).items() if c in self.collected - self.gone}


class Centre:
    def __init__(self, build, profile, clients, seed, forget):
        self.profile, self.forget = profile, forget
        rng = random.Random(seed)
        self.clients = [Client(n, profile, random.Random(rng.randrange(1 << 60))) for n in range(clients)]
        self.daemon = taus_client.Daemon(build, profile=profile).start()
        self.queue = sorted(((*step[:1], client.number, step) for client in self.clients for step in client.steps), key=lambda entry: entry[:2])
        self.compared = self.done = 0
        self.kinds = set()

    def connect(self):
        self.taus = self.daemon.connect()
        self.operator = self.daemon.connect("operator")

    def close(self):
        self.daemon.close()

    def set_clock(self, at):
        try:
            self.operator.do("devClockSet", {"at": ms_of(at)})
        except taus_client.TausError:  # it has run past that moment by itself
            pass

    def play(self):
        self.connect()
        self.set_clock(self.queue[0][0] - timedelta(hours=2))
        add = {"confidentialitySigned": "2025-01-02"}
        self.leader = self.operator.do("staffAdd", {"name": "Leiar", "roles": ["leader"], **add})["subject"]
        for client in self.clients:
            client.counsellor = self.operator.do("staffAdd", {"name": "Rettleiar %d" % client.number, "roles": ["counsellor"], **add})["subject"]
        probe, end = self.queue[0][0], self.queue[-1][0] + timedelta(days=500)
        while probe < end:
            probe += timedelta(days=10, minutes=37)
            while self.queue and self.queue[0][0] <= probe:
                at, number, step = self.queue.pop(0)
                self.set_clock(at)
                client = self.clients[number]
                client.settle(at)
                getattr(self, step[1])(client, at, *step[2:])
            self.set_clock(probe)
            self.compare(probe)
        assert self.done > 3 * len(self.clients) and self.compared > 20 * len(self.clients), (self.done, self.compared)

    def later(self, client, at, what, *rest):
        self.queue.append((at, client.number, (at, what, *rest)))
        self.queue.sort(key=lambda entry: entry[:2])

    def do(self, method, client, params=None, who=None):
        self.done += 1
        self.kinds.add(method)
        return self.taus.do(method, {"subject": client.id, **(params or {})}, as_=who or client.counsellor)

    # --- what is done

    def register(self, client, at):
        name = "Klient %d" % client.number
        form = {"name": name, "email": "klient%d@example.no" % client.number, "phone": "+4791%06d" % client.number, **FORMS[self.profile]}
        if self.profile == "mt" and client.rng.random() < 0.5:
            form["accommodationNeed"] = "tolk"
            client.collected.add("special")
        client.id = self.taus.do("bookingRequest", form)["subject"]
        self.taus.do("subjectAssign", {"subject": client.id, "counsellor": client.counsellor})
        client.case.collected = at
        client.collected |= {"ident", "email", "phone", "demog", "intake", "appt", "consent"}

    def inquire(self, client, at):
        """MT-R4: by somebody new, who may ask once more; mostly answered, sooner or later."""
        if client.id is None:
            contact = {"name": "Klient %d" % client.number, "email": "klient%d@example.no" % client.number}
            client.id = self.taus.do("inquiryReceive", {"text": "Har dere ledig time?", **contact})["subject"]
            if client.rng.random() < 0.5:
                self.taus.do("subjectAssign", {"subject": client.id, "counsellor": client.counsellor})
                client.collected.add("appt")
            client.case.collected, client.case.only_asked = at, True
            client.collected |= {"ident", "email", "phone", "intake"}
            number = 1
        elif self.open_to(client):
            number = self.do("inquiryReceive", client, {"text": "Og i morgen?"})["number"]
        else:
            return
        client.case.inquiries.append([at, None])
        if client.rng.random() < 0.8:
            self.later(client, at + timedelta(minutes=client.rng.randrange(5, 35 * 24 * 60)), "answer", number)

    def answer(self, client, at, number):
        if "intake" in client.gone or client.case.withdrawn:
            return
        self.do("inquiryAnswer", client, {"number": number, "channel": "email"})
        if client.over:
            return  # it was over already: nothing begins anew
        if self.forget != "answers":
            client.case.inquiries[number - 1][1] = at
        client.settle(at)
        if client.over:
            client.collected.add("case")

    def open_to(self, client):
        return not client.over and "ident" not in client.gone

    def book(self, client, at, start, end, told, what):
        if not self.open_to(client):
            return
        number = self.do("bookingBook", client, {"counsellor": client.counsellor, "start": ms_of(start), "channel": "inPerson",
                                                 "minutes": int((end - start).total_seconds() // 60)})["number"]
        client.case.bookings.append((start, end, None, None))
        if what != "nothing":
            self.later(client, told, what, number, start, end)

    def outcome(self, client, start, end, outcome, when=None):
        client.case.bookings.remove((start, end, None, None))
        client.case.bookings.append((start, end, outcome, when))

    def held(self, client, at, number, start, end):
        if not self.open_to(client):
            return
        self.do("bookingHeld", client, {"number": number})
        self.outcome(client, start, end, "held")
        client.case.sessions.append((start, end))
        client.settle(at)
        if self.open_to(client):
            self.do("logWrite", client, {"order": "jobb", "attestNoSpecial": True})
            client.collected.add("case")

    def noShow(self, client, at, number, start, end):
        if self.open_to(client):
            self.do("bookingNoShow", client, {"number": number})
            self.outcome(client, start, end, "noShow")

    def cancel(self, client, at, number, start, end):
        if self.open_to(client):
            self.do("bookingCancel", client, {"number": number, "by": "client"})
            self.outcome(client, start, end, "cancelled", at)

    def message(self, client, at):
        if self.open_to(client):
            self.do("messageAdd", client, {"direction": "in", "channel": "email", "title": "Hei", "body": "takk"})
            client.case.message = at
            client.collected.add("corr")

    def conclude(self, client, at):
        if not self.open_to(client) or "appt" not in client.collected:  # who only asked may have no counsellor to do it
            return
        if client.case.is_active():
            _, error = self.taus.call("subjectConclude", {"subject": client.id}, as_=client.counsellor)
            assert error and error["code"] == "version_conflict", error
            return
        self.do("subjectConclude", client)
        client.case.concluded = at
        client.collected.add("case")

    def withdraw(self, client, at):
        if client.case.withdrawn or not client.collected - client.gone - {"audit"}:
            return
        self.do("consentWithdraw", client, {"method": "phone"}, self.leader)
        client.case.withdrawn = at
        client.collected.discard("audit")  # goes too; what a hold lets be read of is not this test's

    def cover(self, client, at, kind, categories, until):
        if client.case.withdrawn or not client.collected - client.gone - {"audit"} or kind == "restrict" and not client.over:
            return
        ground = "legalClaim" if kind == "hold" else "accuracyContested"
        number = self.do(kind + "Place", client, {"ground": ground, "categories": categories}, self.leader)["number"]
        entry = [categories, at, None]
        if not (self.forget == "holds" and kind == "hold"):
            (client.case.holds if kind == "hold" else client.case.restrictions).append(entry)
        client.collected.add("rights")
        self.later(client, until, "lift", kind, number, entry)

    def hold(self, client, at, categories, until):
        self.cover(client, at, "hold", categories, until)

    def restrict(self, client, at, categories, until):
        self.cover(client, at, "restrict", categories, until)

    def lift(self, client, at, kind, number, entry):
        if "rights" in client.gone:
            return
        self.do("holdRelease" if kind == "hold" else "restrictLift", client,
                {"number": number, **({} if kind == "hold" else {"informedAt": ms_of(at)})}, self.leader)
        entry[2] = at

    # --- what must be so

    def compare(self, now):
        plan = {}
        for item in self.operator.do("retentionPlan", {})["items"]:
            plan.setdefault(item["subject"], {})[item["category"]] = item
        for client in self.clients:
            client.settle(now)
            if client.id is None:
                continue
            self.compared += 1
            got, want = plan.get(client.id, {}), client.expected()
            about = "client %d at %s: " % (client.number, now)
            for category in client.collected:
                if category == "case" and category not in got and category not in want:
                    continue
                assert (category in got) == (category in want), about + "%s: plan %s, rules %s" % (category, got.get(category), want.get(category))
            for category, (at, rule, deferral) in want.items():
                item = got[category]
                told = about + "%s: plan %s, rules say %s %s %s" % (category, item, at and ms_of(at), rule, deferral)
                assert (item["rule"], item["deferred"]) == (rule, deferral), told
                assert (item["due"] is None) == (at is None), told
                assert at is None or 0 <= item["due"] - ms_of(at) <= SLACK.total_seconds() * 1000, told


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("profile", choices=["vt", "mt"])
    parser.add_argument("--clients", type=int, default=1000 if LONG else 50)
    parser.add_argument("--seed", type=int, default=None if LONG else 20261122)
    parser.add_argument("--forget", choices=["holds", "answers"])
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    print("profile %s, %d clients, seed %d" % (options.profile, options.clients, seed), flush=True)
    centre = Centre(options.build, options.profile, options.clients, seed, options.forget)
    try:
        centre.play()
    except AssertionError as different:
        if options.forget:
            print("noticed:", different)
            return 0
        raise
    finally:
        centre.close()
    print("%d commands, %d comparisons" % (centre.done, centre.compared))
    return 1 if options.forget else 0


if __name__ == "__main__":
    sys.exit(main())
