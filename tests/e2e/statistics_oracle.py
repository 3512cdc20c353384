"""An independent second opinion on a year's statistics, written from docs/STATISTICS.md and the centres' profiles.

A World is told what happens to clients, and when the clock moves; it works out what is counted, what is folded into the tally and what is
forgotten there, and how the tables are shown. Nothing here shares code with the daemon; when data dies is retention_oracle's word.
"""
import datetime

import retention_oracle as rules

EU_EEA = set("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL PL PT RO SE SI SK".split())
AGES = ["0-19", "20-29", "30-39", "40-49", "50-59", "60+"]
COUNTRIES = ["norway", "euEea", "other"]
LABOUR = "work employed selfEmployed education workAndEducation jobSeeking unemployed onLeave benefits neither other".split()
# name -> (kind, cells of a closed list)
TABLES = {
    "vt": {"gender": ["female", "male", "other"], "ageYears": AGES, "municipalityCode": "coded", "countryOfOrigin": COUNTRIES,
           "educationLevel": list("012345678"), "labourStatus": LABOUR, "focusAreas": "open", "channel": ["inPerson", "video", "phone"]},
    "mt": {"gender": ["female", "male", "other"], "ageYears": AGES, "municipalityCode": "coded", "nationality": COUNTRIES,
           "motherTongue": "open", "focusAreas": "open", "channel": ["inPerson", "video", "phone"]},
}
KINDS = "access portability rectify supplement erase restrict object complaint".split()
DAYS = ["0-7", "8-14", "15-30", "31-90", "91+"]
COUNTED = ("surveyInvitations", "rightsLate", "groupSessions", "groupParticipants")  # beside clients, sessions and bookings
INQUIRIES = ("inquiries", "inquiriesAnswered")
K = 5


def counted(profile):
    return COUNTED + (INQUIRIES if profile == "mt" else ())


def year_of(t):
    return rules.wall(t).year


def deadline(profile, received):
    """The last local day in time: a month, in vt at most thirty days."""
    day = rules.wall(received).date()
    following = (day.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
    last = ((following + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1)).day
    month = following.replace(day=min(day.day, last))
    return min(month, day + datetime.timedelta(days=30)) if profile == "vt" else month


def band(days):
    return DAYS[0 if days <= 7 else 1 if days <= 14 else 2 if days <= 30 else 3 if days <= 90 else 4]


def country(code):
    return "norway" if code == "NO" else "euEea" if code in EU_EEA else "other"


def cells_of(name, value):
    """The cells in which an answer is counted."""
    if value in (None, "", "unknown", "absent"):
        return set()
    if name == "ageYears":
        return {AGES[min(max(value // 10 - 1, 0), 5)]}
    if name in ("countryOfOrigin", "nationality"):
        return {country(value)}
    if name == "labourStatus":
        return set(value) - {"unknown"}
    if name == "motherTongue":
        return {{"nob": "nb", "sme": "se", "pol": "pl", "tir": "ti"}.get(value, value)}
    if (name, value) in (("municipalityCode", "9999"), ("educationLevel", "9")):
        return set()
    return {value}


class Counts:
    """Exact numbers of a year: what the tally holds, or what lives."""

    def __init__(self):
        self.totals = {"clients": 0, "sessions": 0, "bookings": 0, "noShow": 0, "cancelled": 0, "surveyInvitations": 0, "rightsDecided": 0, "rightsLate": 0, "groupSessions": 0, "groupParticipants": 0, "inquiries": 0, "inquiriesAnswered": 0}
        self.tables = {}  # name -> {"people", "answered", cell: n}

    def table(self, name):
        return self.tables.setdefault(name, {"people": 0, "answered": 0, "cells": {}})

    def answer(self, name, cells, person=True):
        table = self.table(name)
        table["people"] += int(person)
        table["answered"] += int(bool(cells))
        for cell in cells:
            table["cells"][cell] = table["cells"].get(cell, 0) + 1

    def add(self, other, facts=True):
        for name, n in other.totals.items():
            self.totals[name] += n
        for name, table in other.tables.items() if facts else ():
            mine = self.table(name)
            mine["people"] += table["people"]
            mine["answered"] += table["answered"]
            for cell, n in table["cells"].items():
                mine["cells"][cell] = mine["cells"].get(cell, 0) + n

    def fold(self, group, staying):
        """Takes in what is about to die: totals always, facts only where the table has taken in K people, these included; focus areas by
        name only where K wrote them, and `staying` {word: clients}."""
        together = Counts()
        for one in group:
            together.add(one)
        self.add(together, facts=False)
        for name, table in together.tables.items():
            mine = self.table(name)
            mine["people"] += table["people"]
            if mine["people"] >= K:
                only = Counts()
                only.tables[name] = dict(table, people=0)
                if name == "focusAreas":
                    only.tables[name]["cells"] = self.named(table["cells"], staying, group)
                self.add(only)

    def named(self, cells, staying, group):
        """By name where enough wrote them; of each other client one under "other", however many words she has there."""
        known = self.table("focusAreas")["cells"]
        out = {word: n for word, n in cells.items() if word != "other" and (word in known or n + staying.get(word, 0) >= K)}
        others = sum(any(word not in out for word in one.tables.get("focusAreas", {"cells": {}})["cells"]) for one in group)
        return dict(out, other=others) if others else out


class Client:
    def __init__(self, profile, now, facts, focus):
        self.profile, self.focus = profile, focus
        self.collected, self.reopened = now, None
        self.told = [(now, dict(facts))]
        self.appointments = {}  # number -> [start, end, channel, outcome, cancelled at]
        self.invited = []
        self.inquiries = []  # [received, answered]
        self.requests = []  # [kind, received, decided, what it is called]
        self.live = {"appt", "demog", "intake", "email"}
        self.due = None  # after a conclusion: category -> when
        self.concluded = None
        self.guided = None  # the year of the last guidance, once concluded
        self.first_of_year = {}  # year -> end of its first session, once concluded
        self.gone = False
        self.form_gone = False
        self.sessions_gone = {}  # year -> sessions whose appointments are gone
        self.lost = []  # appointments erased on request while the case was open: the rules still go by them
        self.lost_years = set()  # in which sessions were among them

    def held(self, year=None):
        return [a for a in self.appointments.values() if a[3] == "held" and (year is None or year_of(a[0]) == year)]

    def case(self, now):
        case = rules.Case(now)
        case.collected, case.concluded, case.reopened = self.collected, self.concluded, self.reopened
        known = [*self.appointments.values(), *self.lost]
        case.sessions = [(a[0], a[1]) for a in known if a[3] == "held"]
        case.bookings = [(a[0], a[1], a[3], a[4]) for a in known]
        case.message = max((i[0] for i in self.inquiries), default=None)
        case.decided = max((r[2] for r in self.requests if r[2]), default=None)
        return case

    def rights_due(self):
        """With the last of the client's categories, four weeks after the last decision, and not while a request is open."""
        if any(r[2] is None for r in self.requests):
            return None
        return max([self.due["consent"], *[rules.days_later(r[2], 28) for r in self.requests], *([self.due["rights"]] if self.due["rights"] else [])])

    def facts(self, year):
        """What was known when the first session of the year ended; what was not known then, as first told later."""
        until = self.first_of_year.get(year) or min(a[1] for a in self.all_held(year))
        out, later = {}, {}
        for at, told in self.told:
            for name, value in told.items():
                if at <= until:
                    out[name] = value
                else:
                    later.setdefault(name, value)
        return later | out

    def lose(self, now):
        """Its appointments are erased on request: what is ahead is called off with them."""
        for a in self.appointments.values():
            self.lost.append(a if a[3] is not None or a[1] <= now else [*a[:3], "cancelled", now])
        self.lost_years |= {year_of(a[0]) for a in self.held()}

    def all_held(self, year=None):
        return self.held(year) + [a for a in self.lost if a[3] == "held" and (year is None or year_of(a[0]) == year)]

    def words(self):
        return {"other" if word in ("total", "withheld") else word for word in self.focus}

    def counted(self, year, categories, by_case):
        """What these of the client's categories bring to the year."""
        out = Counts()
        goes_on = year in self.lost_years
        returns = goes_on or self.sessions_gone.get(year, 0) > 0
        categories = categories & self.live
        if "appt" in categories:
            mine = [a for a in self.appointments.values() if year_of(a[0]) == year]
            held = [a for a in mine if a[3] == "held"]
            out.totals.update(bookings=len(mine), sessions=len(held), noShow=sum(a[3] == "noShow" for a in mine),
                              cancelled=sum(a[3] == "cancelled" for a in mine))
            for i, a in enumerate(held):
                out.answer("channel", {a[2]}, person=i == 0)
            if held and (by_case and not goes_on or not returns):
                out.totals["clients"] = 1
            if held and by_case and not goes_on:
                out.answer("sessionsPerClient", {"3+" if len(held) > 2 else str(len(held))})
        if "email" in categories:
            out.totals["surveyInvitations"] = sum(year_of(t) == year for t in self.invited)
        if "intake" in categories:
            out.totals["inquiries"] = sum(year_of(i[0]) == year for i in self.inquiries)
            out.totals["inquiriesAnswered"] = sum(i[1] is not None and year_of(i[1]) == year for i in self.inquiries)
        if "rights" in categories:
            mine = [r for r in self.requests if r[2] and year_of(r[2]) == year]
            out.totals["rightsDecided"] = len(mine)
            for i, (kind, received, decided, _) in enumerate(mine):
                out.answer("rightsRequests", {kind}, person=i == 0)
                out.answer("rightsDays", {band((rules.wall(decided).date() - rules.wall(received).date()).days)}, person=i == 0)
        if not (returns or self.held(year)):
            return out
        if "intake" in categories and not (returns and self.form_gone):
            out.answer("focusAreas", self.words())
        if "demog" in categories and not by_case and not goes_on:  # as long as the name, which says how many sessions there were
            all_held = len(self.held(year)) + self.sessions_gone.get(year, 0)
            out.answer("sessionsPerClient", {"3+" if all_held > 2 else str(all_held)})
        if "demog" in categories:
            facts = self.facts(year)
            for name in TABLES[self.profile]:
                if name not in ("focusAreas", "channel"):
                    out.answer(name, cells_of(name, facts.get(name)))
        return out


class World:
    def __init__(self, profile, year):
        self.profile, self.year = profile, year
        self.by_case = profile == "mt"
        self.clients = {}
        self.tally = Counts()
        self.closed = None

    # --- what happens

    def conclude(self, client, now, at):
        client.concluded = at
        case = client.case(now)
        due = {c: t for c, (t, _) in rules.due_times(self.profile, case).items()}
        if any(r[2] is None for r in client.requests):
            due["rights"] = None
        if client.due is not None:  # a reopened case keeps what it was promised
            due = {c: t and max(t, client.due.get(c) or t) for c, t in due.items()}
        client.due = due
        if client.all_held():
            client.guided = year_of(max(client.all_held(), key=lambda a: a[0])[0])
            client.first_of_year.setdefault(client.guided, min(a[1] for a in client.all_held(client.guided)))
        client.lost = []

    def reopen(self, client, now):
        client.concluded, client.collected, client.reopened = None, now, now

    def withdraw(self, client):
        if self.closed is None:
            self.tally.add(client.counted(self.year, client.live, self.by_case), facts=False)
        client.gone, client.live, client.appointments = True, set(), {}

    def erase(self, client, what, now):
        """Granted, of one category: in no table, and the time of the rest is as it was."""
        if self.closed is None:
            self.tally.add(client.counted(self.year, {what}, self.by_case), facts=False)
        if what == "appt" and client.concluded is None:
            client.lose(now)
        self.forget(client, {what})
        self.die(now)

    def die(self, now):
        """Everything due by now goes, as one group. New Year was before, if it was."""
        group = []
        for client in self.clients.values():
            if client.gone:
                continue
            if client.concluded is None:
                case = client.case(now)
                if case.is_active():
                    continue
                if case.conclusion() > now:
                    continue
                self.conclude(client, now, case.conclusion())
            dies = {c for c in client.live - {"rights"} if client.due[c] <= now}
            if "rights" in client.live and client.rights_due() and client.rights_due() <= now:
                dies.add("rights")
            if not dies:
                continue
            group.append(client.counted(self.year, dies, self.by_case))
            self.forget(client, dies)
        if self.closed is None:
            staying = {}
            for client in self.clients.values():
                for word in set(client.focus) if "intake" in client.live else ():
                    staying[word] = staying.get(word, 0) + 1
            self.tally.fold(group, staying)

    def forget(self, client, dies):
        client.live -= dies
        if "appt" in dies:
            for a in client.held():
                client.sessions_gone[year_of(a[0])] = client.sessions_gone.get(year_of(a[0]), 0) + 1
            client.appointments = {}
        if "email" in dies:
            client.invited = []
        if "intake" in dies:
            client.inquiries, client.form_gone = [], True
        if "rights" in dies:
            client.requests = []

    def decide(self, client, request, now):
        request[2] = now
        if rules.wall(now).date() > deadline(self.profile, request[1]):
            self.tally.totals["rightsLate"] += 1
        self.die(now)

    def clock(self, now):
        if self.closed is None and year_of(now) > self.year:
            self.closed = self.shown()
        self.die(now)

    # --- what is shown

    def total(self):
        out = Counts()
        out.add(self.tally)
        for client in self.clients.values():
            out.add(client.counted(self.year, client.live, self.by_case))
        return out

    def shown(self):
        """{table: (total, withheld, {code: count or None})}, and "totals"."""
        exact = self.total()
        out = {"totals": {name: exact.totals[name] for name in ("clients", "sessions", "bookings", *counted(self.profile))}}
        each = suppress(exact.totals["clients"], self.listed(exact, "sessionsPerClient", ["1", "2", "3+"], exact.totals["clients"]))
        out["sessionsPerClient"] = (each[0], True, {}) if None in each[2].values() else each
        for name, kind in TABLES[self.profile].items():
            total = exact.totals["sessions" if name == "channel" else "clients"]
            if isinstance(kind, list):
                cells = self.listed(exact, name, kind, total)
            else:
                known = exact.table(name)
                cells = {c: n for c, n in known["cells"].items() if kind == "coded" or n >= K and c != "other"}
                if kind == "open":
                    cells["other"] = sum(n for c, n in known["cells"].items() if n < K or c == "other")
                if name == "focusAreas":
                    cells["other"] = self.others(known["cells"])
                cells["unknown"] = total - known["answered"]
            out[name] = suppress(total, cells)
        absent = {"noShow": exact.totals["noShow"], "cancelled": exact.totals["cancelled"]}
        missing = exact.totals["bookings"] - exact.totals["sessions"]
        out["notHeld"] = suppress(missing, dict(absent, unknown=missing - sum(absent.values())))
        for name, cells in (("rightsRequests", KINDS), ("rightsDays", DAYS)):
            total = exact.totals["rightsDecided"]
            out[name] = suppress(total, self.listed(exact, name, cells, total))
        return out

    def others(self, cells):
        """Clients with a word that too few wrote, or that goes under "other" by itself."""
        rare = {word for word, n in cells.items() if n < K or word == "other"}
        out = sum(n for word, n in self.tally.table("focusAreas")["cells"].items() if word in rare)
        for client in self.clients.values():
            mine = client.counted(self.year, client.live, self.by_case).tables.get("focusAreas")
            out += mine is not None and any(word in rare for word in mine["cells"])
        return out

    @staticmethod
    def listed(exact, name, cells, total):
        known = exact.table(name)
        return dict({c: known["cells"].get(c, 0) for c in cells}, unknown=total - known["answered"])


def suppress(total, cells):
    small = [c for c, n in cells.items() if 0 < n < K]
    large = [n for n in cells.values() if n >= K]
    if small and not large:
        return total, True, {}
    named = [n for c, n in cells.items() if n >= K and c != "unknown"]
    if small and not named:  # who is unknown here is so in other tables too, and may be shown there
        return total, True, {}
    covers = {min(large), min(named)} if small else set()
    return total, False, {c: None if c in small or n in covers else n for c, n in cells.items()}


def rounded(shown, to=5):
    def near(n):
        return None if n is None else (n + to // 2) // to * to

    out = {"totals": {name: near(n) for name, n in shown["totals"].items()}}
    for name, table in shown.items():
        if name != "totals":
            out[name] = (near(table[0]), table[1], {c: near(n) for c, n in table[2].items()})
    return out


def as_shown(published):
    """A reply's published year in the same form."""
    out = {"totals": {name: published[name] for name in ("clients", "sessions", "bookings")}}
    out["totals"].update((one["code"], one["count"]) for one in published["counts"] if one["code"] in COUNTED + INQUIRIES)
    for table in published["tables"]:
        cells = {cell["code"]: None if cell["hidden"] else cell["count"] for cell in table["cells"]}
        out[table["name"]] = (table["total"], table["withheld"], cells)
    return out


def difference(expected, got):
    """None, or the first table that differs."""
    for name in sorted(set(expected) | set(got)):
        if expected.get(name) != got.get(name):
            return "%s:\n  the rules say %s\n  taus says     %s" % (name, expected.get(name), got.get(name))
    return None
