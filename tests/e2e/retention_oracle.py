#!/usr/bin/python3
"""An independent second opinion on `policy explain`.

Written from the centres' rules as people state them (docs/PROFILES.md, "Rules"), one function per rule and without a look
at the daemon's code: no expressions, no profile files. It makes random cases, asks the program under test for each, and
compares phase, due time, rule, deferral and readers.

    retention_oracle.py --profile vt --cases 10000 --seed 1 COMMAND ...

runs `COMMAND ... --profile vt --facts -` with one case a line. --expect-mismatch turns the verdict round: for a program with
a planted mistake.
"""
import argparse
import json
import random
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")
UTC = timezone.utc
CLIENT = {
    "vt": ["ident", "email", "phone", "demog", "intake", "case", "corr", "appt"],
    "mt": ["ident", "email", "phone", "demog", "special", "intake", "case", "corr", "appt"],
}
BESIDES = ["consent", "rights", "audit"]


# --- civil time -----------------------------------------------------------------------------------------------------------
def wall(t):
    return t.astimezone(OSLO).replace(tzinfo=None)


def from_wall(naive):
    """The instant of a local time: the first of two, the change itself where there is none."""
    early = naive.replace(tzinfo=OSLO, fold=0).astimezone(UTC)
    if wall(early) == naive:
        return early
    # Clocks change on whole seconds: halve the way to the first second with the later offset.
    low, high = int(early.timestamp()) - 6 * 3600, int(early.timestamp()) + 1

    def offset(second):
        return datetime.fromtimestamp(second, OSLO).utcoffset()

    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if offset(middle) == offset(high) else (middle, high)
    return datetime.fromtimestamp(high, UTC)


def is_gap(naive):
    return wall(naive.replace(tzinfo=OSLO, fold=0).astimezone(UTC)) != naive


def days_later(t, days):
    return from_wall(wall(t) + timedelta(days=days))


def year_later(t):
    local = wall(t)
    if (local.month, local.day) == (2, 29):
        local = local.replace(day=28)
    return from_wall(local.replace(year=local.year + 1))


def new_year_after(t):
    return from_wall(datetime(wall(t).year + 1, 1, 1))


def show(t):
    if t is None:
        return None
    text = t.strftime("%Y-%m-%dT%H:%M:%S")
    return text + (".%03dZ" % (t.microsecond // 1000) if t.microsecond else "Z")


# --- the rules ------------------------------------------------------------------------------------------------------------
class Case:
    """A case in Python's own times; the JSON is made from it."""

    def __init__(self, now):
        self.now = now
        self.sessions = []  # (start, end)
        self.bookings = []  # (start, end, outcome, cancelled at)
        self.concluded = self.message = self.collected = self.withdrawn = self.decided = None
        self.inquiries = []  # [received, answered]
        self.unanswered = []  # ends of appointments that were erased without an outcome: nobody waits for it any more
        self.only_asked = False  # came by an inquiry; no consent, and no booking since
        self.reopened = None  # the case that is open was concluded before, and began anew then
        self.holds = []  # (categories, from, until)
        self.restrictions = []

    def last_session(self):
        return max(self.sessions, key=lambda s: (s[1], s[0])) if self.sessions else None

    def gone_by(self, booking):
        start, end, outcome, cancelled = booking
        return min(cancelled, end) if outcome == "cancelled" else end

    def waiting(self):
        return [b for b in self.bookings if b[2] is None]

    def is_active(self):
        return any(days_later(b[1], 14) > self.now for b in self.waiting())

    def sign_of_life(self):
        signs = [self.collected]
        if self.sessions:
            signs.append(self.last_session()[1])
        if self.message:
            signs.append(self.message)
        signs += [received for received, _ in self.inquiries]
        signs += self.unanswered
        for b in self.bookings:
            if b[2] != "held" and self.gone_by(b) <= self.now:
                signs.append(self.gone_by(b))
        return max(signs)

    def conclusion(self):
        if self.concluded:
            return self.concluded
        if self.only_asked and not self.bookings and all(answered for _, answered in self.inquiries):
            return max(answered for _, answered in self.inquiries)  # MT-R4: the relationship is the question
        if not self.sessions:
            return days_later(self.sign_of_life(), 28)
        latest = max(days_later(t, 28) for t in [self.last_session()[1], self.reopened] if t)
        latest = max([latest, *[days_later(end, 14) for end in self.unanswered]])
        for b in self.bookings:
            if b[2] in ("cancelled", "noShow"):
                latest = max(latest, days_later(self.gone_by(b), 7))
            elif b[2] is None:
                latest = max(latest, days_later(b[1], 14))
        return latest


def vt_client(case, category):
    over = case.conclusion()
    if not case.sessions:
        return over, "VT-R9"
    start, end = case.last_session()
    if category == "email":
        return max(days_later(end, 28), over), "VT-R3"
    if category in ("ident", "demog"):
        return new_year_after(start), {"ident": "VT-R4", "demog": "VT-R5"}[category]
    return over, {"case": "VT-R1", "corr": "VT-R2"}.get(category, "VT-R6")


def mt_client(case, category):
    routine = days_later(case.conclusion(), 28)
    cap = year_later(case.sign_of_life())
    due, rule = (cap, "MT-R2") if cap < routine else (routine, "MT-R1")
    if category == "special":
        ends = [s[1] for s in case.sessions] + [b[1] for b in case.bookings if b[2] != "cancelled"]
        if ends and days_later(max(ends), 28) < due:
            due, rule = days_later(max(ends), 28), "MT-R3"
    return due, rule


def due_times(profile, case):
    if case.withdrawn:
        rule = {"vt": "VT-R7", "mt": "MT-R8"}[profile]
        return {c: (case.withdrawn, rule) for c in CLIENT[profile] + BESIDES}
    client = {"vt": vt_client, "mt": mt_client}[profile]
    times = {c: client(case, c) for c in CLIENT[profile]}
    last = max(t for t, _ in times.values())
    times["consent"] = (last, "R-EVID")
    times["rights"] = (max(last, days_later(case.decided, 28)) if case.decided else last, "R-EVID")
    times["audit"] = (year_later(last), "R-AUDIT")
    return times


def in_force(cover, now):
    return cover[1] <= now and (cover[2] is None or now < cover[2])


def covered(covers, category, now):
    return any(category in cover[0] and in_force(cover, now) for cover in covers)


def deferral(case, category):
    held = covered(case.holds, category, case.now)
    if category == "rights":
        held = any(in_force(hold, case.now) for hold in case.holds)
    if held:
        return "hold"
    if case.withdrawn:
        return None
    if covered(case.restrictions, category, case.now):
        return "restriction"
    return "active" if case.is_active() else None


def phase(profile, case):
    if profile == "mt":
        return None
    if not case.is_active() and case.conclusion() <= case.now:
        return "P2"
    return "P1" if case.sessions else "P0"


# Who may read, row by row as the matrices print them: CA CO L D DPO CL (HR, auditor and operator: nothing here).
READERS = ["assignedCounsellor", "otherCounsellor", "leader", "desk", "dpo", "client"]
ALL, OWN, NONE = "RRRR-R", "R----R", "------"
VT_ACCESS = {
    "P0": dict(ident=ALL, email=ALL, phone=ALL, appt=ALL, demog=ALL, intake=ALL, case=NONE, corr="R-----"),
    "P1": dict(ident=ALL, email=ALL, phone=ALL, appt=ALL, demog=OWN, intake=OWN, case="R-----", corr="R-----"),
    "P2": dict(ident=OWN, email=OWN, phone=NONE, appt=NONE, demog=OWN, intake=NONE, case=NONE, corr=NONE),
}
MT_ACCESS = dict(ident=ALL, email=ALL, phone=ALL, appt=ALL, demog="RRR--R", intake="RRR--R", corr="RRR---", case="R-----")
ALWAYS = dict(consent="R-R-RR", rights="R-R-RR", audit="----R-")


def readers(profile, case, category):
    if category in ALWAYS:
        row = ALWAYS[category]
    elif category == "special":
        ahead = any(b[2] != "cancelled" and b[1] > case.now for b in case.bookings)
        row = "R--R-R" if ahead else "R----R"
    else:
        row = (VT_ACCESS[phase("vt", case)] if profile == "vt" else MT_ACCESS)[category]
    return [who for who, may in zip(READERS, row) if may == "R"]


def expected(profile, case):
    active = case.is_active() and not case.withdrawn
    due = {}
    for category, (at, rule) in due_times(profile, case).items():
        due[category] = {"at": None if active else show(at), "rule": rule, "deferred": deferral(case, category)}
    return {"phase": phase(profile, case), "due": due, "access": {c: readers(profile, case, c) for c in due}}


# --- random cases -----------------------------------------------------------------------------------------------------------
def hot_time(rng):
    """A local wall-clock time near something that hurts, or anywhere."""
    year = rng.choice([2023, 2024, 2025, 2026, 2027, 2028, 2032, 2040, 2063])
    kind = rng.randrange(6)
    if kind == 0:  # clock changes, and four weeks, two weeks, one week before them
        month = rng.choice([3, 10])
        day = max(d for d in range(25, 32) if datetime(year, month, d).weekday() == 6)
        moment = datetime(year, month, day, rng.choice([0, 1, 2, 3]), rng.randrange(60))
        return moment - timedelta(days=rng.choice([0, 0, 7, 14, 28, 56, 365]))
    if kind == 1:  # New Year
        return datetime(year, 1, 1) + timedelta(minutes=rng.randrange(-90, 91))
    if kind == 2:  # leap days
        return datetime(2024 + 4 * rng.randrange(3), 2, 29, rng.randrange(24), rng.randrange(60))
    return datetime(year, 1, 1) + timedelta(minutes=rng.randrange(365 * 24 * 60))


def around(rng, middle, days_before, days_after):
    t = middle + timedelta(seconds=rng.randrange(-days_before * 86400, days_after * 86400 + 1))
    return t.replace(microsecond=rng.choice([0, 0, 0, 123000]))


def random_case(rng, profile):
    middle = from_wall(hot_time(rng))
    now = around(rng, middle, 5, rng.choice([1, 30, 400]))
    case = Case(now)
    case.collected = around(rng, middle, rng.choice([1, 60, 400]), 0)
    for i in range(rng.choice([0, 0, 1, 1, 1, 2, 3])):
        start = middle if i == 0 else around(rng, middle, 90, 3)
        end = start + timedelta(minutes=rng.choice([30, 45, 60, 90]))
        case.sessions.append((start, end))
        if rng.random() < 0.7:
            case.bookings.append((start, end, "held", None))
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
        outcome = rng.choice([None, "noShow", "noShow", "cancelled", "cancelled", "cancelled"])
        start = from_wall(wall(around(rng, middle, 60, 20)).replace(second=0, microsecond=0))
        if outcome is None and rng.random() < 0.5:  # on the edge of being active
            start = from_wall(wall(now) - timedelta(days=14, minutes=rng.randrange(-3, 64)))
        end = start + timedelta(minutes=60)
        cancelled = around(rng, end, 10, 10) if outcome == "cancelled" else None
        case.bookings.append((start, end, outcome, cancelled))
    rng.shuffle(case.bookings)
    if rng.random() < 0.4:
        case.concluded = around(rng, middle, 0, rng.choice([1, 40, 500]))
    if rng.random() < 0.4:
        case.message = around(rng, middle, 30, 60)
    if rng.random() < 0.15:
        case.withdrawn = around(rng, middle, 10, 60)
    if rng.random() < 0.3:
        case.decided = around(rng, middle, 10, 500)
    for covers in (case.holds, case.restrictions):
        for _ in range(rng.choice([0, 0, 0, 1, 2])):
            names = rng.sample(CLIENT[profile] + BESIDES, rng.randrange(0, 5))
            start = rng.choice([now, around(rng, now, 30, 10)])
            until = rng.choice([None, start + timedelta(days=rng.randrange(0, 40)), max(now, start)])
            covers.append((names, start, until))
    return case


def written(rng, t):
    """The same instant in one of the ways that people write it."""
    if t is None:
        return None
    local = wall(t)
    style = rng.randrange(3)
    if style == 0 and from_wall(local) == t and not is_gap(local):
        return local.isoformat(timespec="milliseconds" if t.microsecond else "seconds")
    if style == 1:
        return t.astimezone(OSLO).isoformat(timespec="milliseconds")
    return show(t)


def as_facts(rng, case):
    facts = {"now": written(rng, case.now), "firstCollectedAt": written(rng, case.collected)}
    facts["held"] = [{"start": written(rng, s), "end": written(rng, e)} for s, e in case.sessions]
    facts["scheduled"] = []
    for start, end, outcome, cancelled in case.bookings:
        booking = {"start": written(rng, start), "end": written(rng, end), "outcome": outcome, "cancelledAt": written(rng, cancelled)}
        facts["scheduled"].append({k: v for k, v in booking.items() if v is not None or rng.random() < 0.5})
    facts["concludedAt"] = written(rng, case.concluded)
    facts["lastMessageAt"] = written(rng, case.message)
    facts["withdrawnAt"] = written(rng, case.withdrawn)
    facts["rightsDecidedAt"] = written(rng, case.decided)
    for key, covers in (("holds", case.holds), ("restrictions", case.restrictions)):
        facts[key] = [{"categories": c, "from": written(rng, f), "until": written(rng, u)} for c, f, u in covers]
    keys = [k for k in facts if facts[k] not in (None, []) or rng.random() < 0.5]
    rng.shuffle(keys)
    return {k: facts[k] for k in keys}


def first_difference(want, got):
    if want == got:
        return None
    for key in ("phase", "due", "access"):
        if want.get(key) != got.get(key):
            if not isinstance(want.get(key), dict) or not isinstance(got.get(key), dict):
                return "%s: rules say %s, program says %s" % (key, want.get(key), got.get(key))
            for name in sorted(set(want[key]) | set(got[key])):
                if want[key].get(name) != got[key].get(name):
                    return "%s of %s: rules say %s, program says %s" % (key, name, want[key].get(name), got[key].get(name))
    return "keys: rules say %s, program says %s" % (sorted(want), sorted(got))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--profile", choices=["vt", "mt"], required=True)
    parser.add_argument("--cases", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--expect-mismatch", action="store_true")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    cases = [random_case(rng, args.profile) for _ in range(args.cases)]
    lines = [json.dumps(as_facts(rng, case)) for case in cases]
    command = [c for c in args.command if c != "--"] + ["--profile", args.profile, "--facts", "-"]
    run = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True)
    if run.returncode != 0:
        print("the program ended with %d: %s" % (run.returncode, run.stderr.strip()))
        return 2
    answers = run.stdout.splitlines()
    if len(answers) != len(cases):
        print("%d cases, %d answers" % (len(cases), len(answers)))
        return 2
    differences = 0
    for number, (case, line, answer) in enumerate(zip(cases, lines, answers)):
        difference = first_difference(expected(args.profile, case), json.loads(answer))
        if difference:
            differences += 1
            if differences <= 3:
                print("case %d of seed %d: %s\n  facts: %s" % (number, args.seed, difference, line))
    print("%d cases for %s, seed %d: %d differ" % (len(cases), args.profile, args.seed, differences))
    return int(bool(differences) != args.expect_mismatch)


if __name__ == "__main__":
    sys.exit(main())
