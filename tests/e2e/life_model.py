"""What a `vt` centre's daemon must answer, as plain dicts: the model of the restart test (kill_life.py).

Written from the rules (docs/PROFILES.md, docs/ARCHITECTURE.md) without a look at how the daemon does it. Due times are those of
retention_oracle.py. A client is what its living categories hold and nothing else: forgetting a category is emptying its fields.
`decide_…` says what a command does in the present state, nothing being changed; `Model.commit` does it.
"""
import copy
import json

import life_lost
import retention_oracle as rules
from life_values import Date, Deadline, Due, Pinned, When, day_text, days_later, deadline, difference, local_date, local_year, ms_of, start_of_day, utc

CATEGORIES = "ident email phone demog special intake case corr appt consent rights copy audit job staff centre".split()
CLIENT = rules.CLIENT["vt"]
GOVERNED = set(CLIENT) | {"consent", "rights", "audit"}
SERVED_RULES = {"case": "VT-R1", "corr": "VT-R2", "email": "VT-R3", "ident": "VT-R4", "demog": "VT-R5", "phone": "VT-R6", "intake": "VT-R6",
                "appt": "VT-R6"}
COLUMNS = {"assigned": 0, "other": 1, "leader": 2, "desk": 3, "dpo": 4, "client": 5}
COLLEAGUES = {"assigned", "other", "leader", "desk"}
DEVELOPER = "developer"


def in_order(categories):
    return [c for c in CATEGORIES if c in categories]


class Client:
    made = 0

    def __init__(self):
        self.id = self.link = self.receipt = None
        self.whole = False          # everything was shredded
        self.events = []            # of its stream, by version: dicts
        self.live, self.gone, self.seen = set(), set(), {}
        self.reads_erased = 0       # how often
        self.anchors = {}
        self.name = self.email = self.phone = self.counsellor = None
        self.demog, self.consent = {}, {}
        self.focus, self.logs, self.messages, self.appointments, self.inquiries = [], [], [], [], []
        Client.made += 1
        self.asks_the_desk = Client.made % 2 == 0
        self.reads_due = Due(self.reads_by_themselves)
        self.passed_on, self.notices = [], []  # to whom data went, and what they were told of since
        self.requests = []          # to the rights desk: what life_rights.py makes of them
        self.covers = []            # holds and restrictions
        self.concluded = None       # when; a hold can keep `case`, which says it
        self.reopened = None        # when the case that is open began anew
        self.kept, self.lost = set(), life_lost.Lost()  # what the rules go by of appointments and messages erased on request; in which categories

    def told(self):
        """For the sentence of a failure."""
        return "client %s, %s, live %s, gone %s, anchors %s, seen %s, last events %s" % (
            self.id, self.phase(), in_order(self.live), in_order(self.gone), self.anchors, self.seen,
            [(e["type"], e["at"], {p["category"]: p["content"] for p in e["parts"]}) for e in self.events if e["type"] != "recordConsulted"][-4:])

    # --- where the case stands

    def waits(self):
        """For the client's own consent."""
        return bool(self.consent.get("askedAt")) and not self.consent["givenAt"]

    def anchor(self):
        return next((self.anchors[c] for c in CATEGORIES if c in self.anchors), None)

    def only_evidence(self):
        """All that the client gave was erased; the record of requests and reads is left of a case that is over."""
        return bool(self.live) and self.live <= {"rights", "audit", "copy"} and bool(self.gone & set(CLIENT))

    def phase(self):
        if self.only_evidence():
            return "P2"
        known = self.anchor()
        if known:
            return known["phase"]
        served = any(a["outcome"] == "held" for a in self.appointments)
        return "P1" if served or "appt" in self.gone else "P0"

    def assigned(self):
        known = self.anchor()
        return self.counsellor or (known["counsellor"] if known else None)

    def collected(self):
        if self.reopened:
            return self.reopened.ms
        if self.anchor() and "case" in self.seen:
            return self.seen["case"].ms
        return min([when.ms for when in self.seen.values()] + ([self.lost.since] if self.lost.since else []))

    def covered(self, hold):
        """By open holds (`rights` always among it), or by open restrictions."""
        open_ones = [c for c in self.covers if c["hold"] == hold and not c["until"]]
        return {c for one in open_ones for c in one["categories"]} | ({"rights"} if hold and open_ones else set())

    def deferral(self, c):
        return "hold" if c in self.covered(True) else "restriction" if c in self.covered(False) else None

    def facts(self, now):
        case = rules.Case(utc(now))
        for one in self.covers:
            (case.holds if one["hold"] else case.restrictions).append((one["categories"], utc(one["from"].low), one["until"] and utc(one["until"].ms)))
        case.collected = utc(self.collected())
        case.reopened = self.reopened and utc(self.reopened.ms)
        for a in self.appointments:
            start, end = utc(a["start"]), utc(a["end"])
            if a["outcome"] == "held":
                case.sessions.append((start, end))
            case.bookings.append((start, end, a["outcome"], utc(a["cancelledAt"].ms) if a["cancelledAt"] else None))
        case.sessions += self.lost.sessions
        case.bookings += self.lost.bookings
        case.unanswered = list(self.lost.unanswered)
        received = self.lost.messages + [m["at"].ms for m in self.messages if m["direction"] == "in"] + [i["received"].ms for i in self.inquiries]
        case.message = utc(max(received)) if received else None
        decided = [r["decided"].ms for r in self.requests if r["decided"]]
        case.decided = utc(max(decided)) if decided else None
        return case

    def active(self, now):
        return self.phase() != "P2" and self.facts(now).is_active()

    def conclusion(self, now):
        """When the case is over by itself; None while it is active or concluded already."""
        if self.phase() == "P2" or self.active(now):
            return None
        return ms_of(self.facts(now).conclusion())

    def dues(self, now):
        """category -> (ms or None, rule, deferred) for what lives; the copy that answers a request has no time of its own."""
        out = {}
        if self.phase() != "P2":
            out = {c: due for c, due in self.open_dues(self.facts(now)).items() if c in self.live}
        else:
            for c in self.live - {"copy"}:
                if c == "rights":
                    out[c] = (self.rights_due(), "R-EVID", self.deferral(c))
                elif c in self.anchors:
                    out[c] = (self.anchors[c]["due"].ms(), self.anchors[c]["rule"], self.deferral(c))
                elif c == "audit":
                    out[c] = self.audit_due()
                else:  # came to a closed case: kept as for somebody never served
                    out[c] = (days_later(self.seen[c].ms, 28), "VT-R9", self.deferral(c))
        at, rule, deferred = out.get("rights", (None, None, None))
        if at is not None and at <= now and deferred is None and self.covered(False):
            out["rights"] = (at, rule, "restriction")  # what tells of a restriction lasts as long
        return out

    def asks(self):
        return any(not r["decided"] for r in self.requests)

    def last_client(self):
        """What a conclusion promised last of the client categories; consent goes with it, and remembers it."""
        consent = self.anchors.get("consent")
        known = [self.anchors[c]["due"].ms() for c in (["consent"] if consent else CLIENT) if c in self.anchors]
        return max((at for at in known if at is not None), default=None)

    def audit_alone(self):
        """Whether reads came when all they could be evidence of was erased or had been due a year (a hold keeps it): they go by themselves."""
        if self.phase() != "P2" or "audit" not in self.live or "audit" in self.anchors:
            return False
        last = self.last_client()
        return last is None or ms_of(rules.year_later(utc(last))) <= self.seen["audit"].ms

    def audit_due(self):
        if self.audit_alone():
            return self.reads_due.ms(), "R-AUDIT", self.deferral("audit")
        return ms_of(rules.year_later(utc(self.last_client()))), "R-AUDIT", self.deferral("audit")

    def reads_by_themselves(self):
        return ms_of(rules.year_later(utc(self.seen["audit"].ms)))

    def due_object(self, c, at):
        """What the daemon's answer is compared with: pins what only the daemon knows exactly."""
        if c == "audit" and at is not None and self.audit_alone():
            return self.reads_due
        return None if at is None else Due(lambda: at)

    def rights_due(self, came=None):
        """Of a concluded case: with the last client category, four weeks after the last decision, and not while a request is open. Of what
        nothing of this is known, when it came."""
        if self.asks():
            return None
        own = self.anchors["rights"]["due"].ms() if "rights" in self.anchors else None
        decided = [days_later(r["decided"].ms, 28) for r in self.requests]
        return max([at for at in [self.last_client(), own, *decided] if at is not None], default=self.seen.get("rights", came).ms)

    def promised_by(self, compute):
        """What `compute` says of the client as things stand now; when it is depends on times that may become known later."""
        then = copy.copy(self)
        then.anchors, then.requests = dict(self.anchors), [dict(r) for r in self.requests]
        then.seen = dict(self.seen)
        return Due(lambda: compute(then))

    def rights_due_promised(self, came=None):
        return self.promised_by(lambda then: then.rights_due(came))

    def audit_due_promised(self):
        return self.reads_due if self.audit_alone() else self.promised_by(lambda then: then.audit_due()[0])

    def open_dues(self, case):
        out = {}
        known = self.anchor()
        served_before = known is not None and known["year"] is not None and not case.sessions  # a hold may leave even one never served to reopen
        for c, (at, rule) in rules.due_times("vt", case).items():
            at = None if case.is_active() or (c == "rights" and self.asks()) else ms_of(at)
            if served_before:
                rule = SERVED_RULES.get(c, rule)
                if c in ("ident", "demog"):  # the year of the last session is all that counts, and only the promise knows it
                    at = at and c in self.anchors and self.anchors[c]["due"].ms() or None
            if at is not None and c in self.anchors and (self.anchors[c]["due"].ms() or 0) > at:
                at, rule = self.anchors[c]["due"].ms(), self.anchors[c]["rule"]  # promised before the case was reopened
            if c == "rights" and known and c in self.live and at is not None:
                at, rule = max(at, self.rights_due()), "R-EVID"
            out[c] = (at, rule, rules.deferral(case, c))
        return out

    def learn_due(self, c, got):
        """What came to a closed case may be seen by nobody; its due time in the plan is what tells when it came."""
        if c in self.anchors:
            self.anchors[c]["due"].agrees(got)
        if c == "audit" and self.audit_alone():
            self.reads_due.agrees(got)
        when = self.seen[c]
        if self.phase() == "P2" and c not in self.anchors and days_later(when.low, 28) <= got <= days_later(when.high, 28):
            when.low = when.high = when.low + got - days_later(when.low, 28)

    def overdue(self, now):
        return {c for c, (at, _, deferred) in self.dues(now).items() if at is not None and at <= now and not deferred}

    def instants(self, now):
        """When something may happen to this client by itself."""
        out = [at for at, _, _ in self.dues(now).values() if at is not None]
        if self.phase() != "P2":
            out.append(ms_of(self.facts(now).conclusion()))
            out += [days_later(a["end"], 14) for a in self.appointments if a["outcome"] is None]
            out += [a["end"] for a in self.appointments]
        return out

    # --- who sees what

    def relations(self, who):
        if who == DEVELOPER:
            return set(COLUMNS)
        out = {role for role in who["roles"] if role in COLUMNS}
        if "counsellor" in who["roles"]:
            out.add("assigned" if who["id"] == self.assigned() else "other")
        return out

    def readable(self, who, purpose):
        phase = self.phase()
        out = set()
        for relation in self.relations(who):
            column = COLUMNS[relation]
            out |= {c for c, row in {**rules.VT_ACCESS[phase], **rules.ALWAYS}.items() if row[column] == "R"}
        out -= self.covered(False)  # restricted: kept, not used
        return out if purpose else out - {"audit"}  # the read log: to the officer, for a stated purpose

    def told_of(self, who, purpose):
        """What this reader learns no more of than that there is something."""
        return {"consent"} & self.live - self.readable(who, purpose) - self.covered(False) if "desk" in self.relations(who) else set()

    def told_gone(self, who):
        return self.gone - self.live if {"assigned", "client"} & self.relations(who) else set()

    def categories(self, who, purpose, now):
        may, told, dues = self.readable(who, purpose), self.told_gone(who), self.dues(now)
        out = {}
        for c in in_order(GOVERNED | self.live | self.gone):
            yes_or_no = c == "consent" and c not in may | self.covered(False) and "desk" in self.relations(who)  # no, too, is an answer
            state = "shredded" if c in told else "withheld" if c not in may and not yes_or_no else "present" if c in self.live else "shredded" if c in self.gone else "empty"
            at, rule, deferred = dues.get(c, (None, None, None))
            out[c] = {"state": state, "due": at, "rule": rule, "deferred": deferred} if state != "withheld" and not yes_or_no else \
                {"state": state, "due": None, "rule": None, "deferred": None}
        return out

    # --- whoever was given data (art. 19)

    def notices_due(self):
        """(recipient, what of) who must still be told: what a granted erasure took was passed on before it was granted."""
        out = []
        for request in self.requests:
            out += [due for due in self.told_of_request(request) if due not in out]
        for cover in self.covers:
            if not cover["hold"] and not cover["until"]:
                out += [due for due in self.still_to_tell("restricted", cover["categories"], cover["event"], cover["from"]) if due not in out]
        return out

    def told_of_request(self, request):
        if request["outcome"] not in ("fulfilled", "partly") or request["kind"] not in ("erase", "rectify"):
            return []
        action = "erased" if request["kind"] == "erase" else "rectified"
        return self.still_to_tell(action, request["granted"], request["event"], request["decided"])

    def still_to_tell(self, action, categories, event, when):
        """Who was given some of it before, and was not told since."""
        out = []
        for one in self.passed_on:
            told = any(n["action"] == action and n["event"]["position"] > event["position"] and one["recipient"] in n["recipients"] for n in self.notices)
            if set(one["categories"]) & categories and one["at"].ms <= when.ms and not told and (one["recipient"], action) not in out:
                out.append((one["recipient"], action))
        return out

    def recipients(self):
        due, out = self.notices_due(), []
        for name in dict.fromkeys(one["recipient"] for one in self.passed_on):
            mine = [one for one in self.passed_on if one["recipient"] == name]
            out.append({"recipient": name, "categories": in_order({c for one in mine for c in one["categories"]}), "since": mine[0]["at"],
                        "notify": [action for who, action in due if who == name],
                        "notified": [{"action": n["action"], "at": n["at"]} for n in self.notices if name in n["recipients"]]})
        return out

    def all_recipients(self, action, categories=frozenset(CATEGORIES)):
        given = [one["recipient"] for one in self.passed_on if set(one["categories"]) & categories]
        return [{"recipient": name, "action": action} for name in dict.fromkeys(given)]

    # --- change

    def add(self, kind, parts, when, who, purpose=None):
        """An event of this stream; parts: category -> content (None: sealed empty). Its place is filled in by the journal."""
        actor = {"actor": None, "actorKind": "system", "role": "system"}
        if who == DEVELOPER:
            actor.update(actorKind="developer", role="developer")
        elif who is not None:
            role = "counsellor" if who["id"] == self.assigned() and "counsellor" in who["roles"] else who["roles"][0]
            actor = {"actor": who["id"], "actorKind": "staff", "role": role}
        event = {"type": kind, "at": when, **actor, "purpose": purpose,
                 "parts": [{"category": c, "content": parts[c], "shredded": False} for c in in_order(parts)]}
        self.events.append(event)
        for c in parts:
            self.live.add(c)
            self.seen.setdefault(c, when)
        return event

    def forget(self, categories):
        for event in self.events:
            for part in event["parts"]:
                part["shredded"] |= part["category"] in categories
        self.gone |= categories & self.live
        self.reads_erased += "audit" in categories
        self.live -= categories
        Client.made -= 1
        empty = Client()
        fields = {"ident": ["name"], "email": ["email"], "phone": ["phone"], "demog": ["demog"], "intake": ["focus", "inquiries"], "case": ["logs", "concluded"],
                  "corr": ["messages"], "appt": ["appointments", "counsellor"], "consent": ["consent", "link"], "rights": ["requests", "passed_on", "notices", "covers"], "audit": ["reads_due"]}
        for c in categories:
            self.seen.pop(c, None)
            self.anchors.pop(c, None)
            for field in fields.get(c, []):
                setattr(self, field, Due(self.reads_by_themselves) if field == "reads_due" else getattr(empty, field))
        if not self.anchors:
            self.reopened = None
        self.kept = self.kept - categories
        if not self.kept:
            self.lost = life_lost.Lost()
        if not self.live:
            self.whole = True

    def conclude(self, when, at, how, who):
        """GuidanceConcluded with its anchors. -> what is due with it."""
        live = (self.live | {"case", "audit"}) - {"copy"}
        now = when.ms
        before = copy.copy(self)
        before.appointments, before.messages, before.anchors = list(self.appointments), list(self.messages), dict(self.anchors)
        before.inquiries = list(self.inquiries)
        before.seen, before.live = dict(self.seen), live
        before.requests = [dict(r) for r in self.requests]

        def due_of(c):
            def compute():
                case = before.facts(now)
                case.concluded = utc(at.ms if isinstance(at, When) else at)
                case.bookings = [b for b in case.bookings if b[2] is not None]  # nothing is active any more
                return before.open_dues(case)[c][0]
            return Due(compute)

        case = before.facts(now)
        year = local_year(ms_of(case.last_session()[0])) if case.sessions else self.anchor()["year"] if self.anchor() else None
        case.concluded = utc(now)
        names = before.open_dues(case)
        for c in live:
            if c != "case":
                self.anchors[c] = {"phase": "P2", "year": year, "due": due_of(c), "rule": names[c][1], "counsellor": self.assigned()}
        parts = {c: self.anchor_part(c) for c in live if c != "case"}
        self.concluded, self.reopened, self.kept, self.lost = at, None, set(), life_lost.Lost()
        self.anchors["case"] = {"phase": "P2", "year": year, "due": due_of("case"), "rule": names["case"][1], "counsellor": self.assigned()}
        parts["case"] = {"concludedAt": at, "how": how, **self.anchor_part("case")}
        self.add("guidanceConcluded", parts, when, who)
        return self.overdue(now)

    def goes_with_conclusion(self, when, how, who):
        """What conclude() would say, without doing it."""
        then = copy.copy(self)
        then.anchors, then.live, then.seen, then.gone, then.events = dict(self.anchors), set(self.live), dict(self.seen), set(self.gone), []
        return then.conclude(when, when, how, who)

    def anchor_part(self, c):
        a = self.anchors[c]
        return {"anchor": {"phase": a["phase"].lower(), "year": a["year"], "due": a["due"], "rule": a["rule"], "counsellor": a["counsellor"]}}

    def shred(self, categories, reason, when, who):
        """-> events added (0 or 1); everything named is gone afterwards."""
        whole = self.live <= categories
        named = self.live & categories
        logged = not whole or "audit" in self.live or reason == "request"
        if logged:
            self.add("shredRequested", {"audit": {"categories": in_order(named), "reason": reason}}, when, who)
        if reason != "withdrawal" and life_lost.keeps(self, named, when):
            self.kept, self.lost = life_lost.stays(self, named), life_lost.lost_with(self, named, when)
            self.add("erasureScheduled", {c: {"kept": True} for c in self.kept}, when, who)
        self.keys_shredded = len(self.live if whole else named)
        self.forget(set(CATEGORIES) if whole else named)
        return int(logged)


def run_due(client, new_when):
    """What happens to a client by itself; its events are added. -> how many keys each shred took."""
    shreds = []
    while not client.whole:
        when = new_when()
        now = when.ms
        concluded = client.conclusion(now)
        if concluded is not None and concluded <= now:
            due = client.conclude(when, concluded, "automatic", None)
        else:
            due = client.overdue(now)
            if not due:
                break
        if due:
            client.shred(due, "retention", when, None)
            shreds.append(client.keys_shredded)
    return shreds


def show(client, who, purpose):
    """subjectShow's answer (without version and position) and the categories that it showed."""
    may = client.readable(who, purpose) & client.live
    own = None if who == DEVELOPER else who["id"]
    messages = [m for m in client.messages if "corr" in may or (own and m["author"] == own and client.phase() != "P2")]  # `corr` is never restricted here
    seen = set(may) & {"ident", "email", "phone", "demog", "intake", "consent", "appt", "case", "corr", "rights"} | ({"corr"} if messages else set())
    if not seen and not client.told_of(who, purpose):
        return None, seen
    view = {"subject": client.id, "phase": client.phase() if seen else None, "counsellor": client.assigned() if seen else None, "messages": messages,
            "name": client.name if "ident" in may else None, "email": client.email if "email" in may else None,
            "phone": client.phone if "phone" in may else None, "focusAreas": client.focus if "intake" in may else None,
            "consent": client.consent if "consent" in may else None, "appointments": client.appointments if "appt" in may else None,
            "logs": client.logs if "case" in may else None, "recipients": client.recipients() if "rights" in may else None,
            "covers": [{**{k: c[k] for k in ("number", "hold", "from", "until")}, "categories": in_order(c["categories"])} for c in client.covers] if "rights" in may else None, **(client.demog if "demog" in may else {})}
    return view, seen


def self_written(client, part, who):
    """A message of one's own, which colleagues keep in sight while the case is open."""
    return who != DEVELOPER and client.phase() != "P2" and not part["shredded"] and (part["content"] or {}).get("author") == who["id"] and \
        {"other", "leader", "desk"} & client.relations(who)


def timeline(client, who, purpose):
    """The entries, and the categories that they showed."""
    may, told = client.readable(who, purpose), client.told_gone(who)
    seen, out = set(), []
    for version, event in enumerate(client.events, 1):
        parts, any_seen = [], False
        for part in event["parts"]:
            c, content = part["category"], None
            if c in told:
                state = "shredded"
            elif c not in may and not (c == "corr" and self_written(client, part, who)):
                state = "withheld"
            elif part["shredded"]:
                state = "shredded"
            else:
                state, content, any_seen = "empty" if part["content"] is None else "present", part["content"], True
                seen.add(c)
            parts.append({"category": c, "state": state, "content": content})
        entry = {"position": event["position"], "version": version}
        if any_seen:  # the time first: contents may follow from it
            entry.update({key: event[key] for key in ("at", "type", "actor", "actorKind", "role")})
        out.append({**entry, "parts": parts})
    return out, seen


def timeline_difference(client, want, got):
    for entry in got:
        for part in entry["parts"]:
            part["content"] = json.loads(part["content"]) if isinstance(part["content"], str) and part["content"] else part["content"] or None
            for name in ("surveyAt", "counted", "sessions", "earlier") if part["content"] else ():  # of statistics, which have an oracle of their own
                part["content"].pop(name, None)
            if part["content"] and (part["content"].get("anchor") or {}).get("kept"):  # what the due times show
                part["content"] = {"kept": True}
    return difference(want, got, "timeline of " + str(client.id))
