"""The scripted life of the restart test: from a seed, what happens next to some clients of a `vt` centre."""
import datetime

import life_model as model
import retention_oracle as rules
from life_desk_script import DeskScript
from life_op import Op
from life_rights_script import RightsScript

HOUR = 3_600_000
NAMES = "Kari Åse Øyvind Ærling Nils Marit Siri Olav Gro Tor".split()
TEXTS = ["Vil bytte yrke", "Søkje opptak i år", "Ønsker råd om fagbrev", "Snakke om jobb 🙂", "x" * 700]


class Script(DeskScript, RightsScript):
    def __init__(self, rng, world):
        self.rng, self.world = rng, world
        self.made = 0

    # --- time

    def begin(self):
        year, month = self.rng.choice([(2029, 10), (2030, 12), (2027, 2), (2031, 3), (2027, 10), (2028, 11), (2037, 12)])  # the last one sees 2^31 seconds
        return model.ms_of(rules.from_wall(datetime.datetime(year, month, self.rng.randrange(5, 25), self.rng.randrange(7, 16), self.rng.randrange(60))))

    def instants(self, now):
        out = {at for client in self.world.clients if not client.whole for at in client.instants(now)}
        day = rules.wall(model.utc(now)).replace(hour=0, minute=0, second=0, microsecond=0)
        out |= {model.ms_of(rules.from_wall(day + datetime.timedelta(days=1))), model.ms_of(rules.new_year_after(model.utc(now)))}
        return sorted(at for at in out if at > now)

    def next_clock(self, now):
        """Where the clock goes: onto what falls due next, over New Year, or just on. Nothing may fall due soon after."""
        instants, pick = self.instants(now), self.rng.random()
        ahead = [a["end"] for c in self.world.clients for a in c.appointments if a["outcome"] is None and a["end"] > now]
        if pick < 0.35 and ahead:
            to = min(ahead) + self.rng.choice([0, 60_000, HOUR])
        elif pick < 0.65:
            to = self.rng.choice(instants[:6]) + self.rng.choice([0, 0, 1000, 60_000])
        elif pick < 0.7:
            to = model.ms_of(rules.new_year_after(model.utc(now))) + self.rng.choice([0, 1, 5 * HOUR])
        else:
            to = now + int(self.rng.choice([1, 4, 20, 60, 24 * 9, 24 * 30]) * HOUR * self.rng.uniform(0.3, 1.2))
        return self.clear_of(to)

    def clear_of(self, to, margin=30_000):
        while True:
            soon = [at for at in self.instants(to) if at <= to + margin]
            if not soon:
                return to
            to = soon[-1]

    def too_near(self, now, margin=25_000):
        return [at for at in self.instants(now) if at <= now + margin]

    # --- commands

    def staff_add(self, role):
        self.made += 1
        return Op("staffAdd", {"name": "%s %s" % (role.capitalize(), self.made), "roles": [role], "confidentialitySigned": "2020-01-0%d" % self.rng.randrange(1, 9)})

    def booking(self):
        self.made += 1
        name = "%s Eksempel%03d" % (self.rng.choice(NAMES), self.made)
        return Op("bookingRequest", {"name": name, "email": "klient%d@example.no" % self.made, "phone": "+47%08d" % (90000000 + self.made), **self.known_again(),
                                     "municipalityCode": self.rng.choice(["3905", "4003"]), "ageYears": self.rng.randrange(16, 80),
                                     "focusAreas": self.rng.sample(TEXTS[:4], self.rng.randrange(1, 3)),
                                     "consent": {"notice": "VT-2022-09-15", "act": "checkbox", "language": "nb"}}, who=self.someone(0.2))

    def someone(self, other):
        staff = [s for s in self.world.staff if s["id"] and not s["revoked"]]
        return self.rng.choice(staff) if staff and self.rng.random() < other else model.DEVELOPER

    def actor(self, client):
        """Mostly who may: the client's counsellor or the developer, who is everybody."""
        pick = self.rng.random()
        if pick < 0.35:
            own = self.world.staff_of(client.assigned())
            return own if own and not own["revoked"] else model.DEVELOPER
        return self.someone(1) if pick < 0.45 else model.DEVELOPER

    def counsellor(self):
        return self.rng.choice([s["id"] for s in self.world.staff if s["id"] and "counsellor" in s["roles"]])

    def start_time(self, now):
        back = self.rng.random() < 0.15
        to = now + int(self.rng.choice([2, 24, 24 * 6, 24 * 20]) * HOUR * self.rng.uniform(0.3, 1)) * (-1 if back else 1)
        return to // 900_000 * 900_000 + (0 if back else 900_000)

    def words(self):
        return self.rng.choice(TEXTS) + " %d" % self.rng.randrange(1000)

    def command(self, now):
        client = self.client()
        if client is None:
            return self.booking()
        wanted = self.wanted(client, now)
        make = self.rng.choices([w[1] for w in wanted], [w[0] for w in wanted])[0]
        op = make(client, now)
        if self.rng.random() < 0.1 and op.client and op.method not in ("shred", "consentWithdraw", "staffRevoke", "inquiryReceive"):
            op.params["expectedVersion"] = len(client.events) - self.rng.choice([0, 0, 0, 3])
            op.params["expectedVersion"] = max(1, op.params["expectedVersion"])
        return op

    def client(self):
        some = self.world.clients
        living = [c for c in some if not c.whole]
        if len(living) < 3 or (len(living) < 7 and self.rng.random() < 0.12):
            return None
        return self.rng.choice(some) if self.rng.random() < 0.05 else self.rng.choice(living)

    def wanted(self, client, now):
        """(weight, maker): a life that goes forward, with some of what is not allowed."""
        waiting = [a for a in client.appointments if a["outcome"] is None]
        past = [a for a in waiting if a["start"] <= now]
        closed = client.phase() == "P2"
        served = client.phase() == "P1"
        out = [(3 if not waiting and not closed else 0.5, self.book), (2, self.message), (0.2, self.assign)]
        # Whoever withdraws asks the rights desk for nothing: what an open request or a hold keeps is tests/unit/service_rights_test.cc's.
        out += self.wanted_of_rights(client) if client.asks_the_desk else [(0.2, self.withdraw)]
        out += [(2 if served else 0.2, self.log), (1 if served else 0.2, self.record)]
        out += [(2 if served and not waiting else 0.3 if not waiting else 0.1, self.conclude)] + [(1 if closed else 0.05, self.reopen)]
        if waiting:
            out += [(0.7, self.cancel), (0.7, self.reschedule), (6 if past else 0.1, self.attended)]
        if len(waiting) < len(client.appointments):
            out.append((0.4, self.correct))
        if client.logs:
            out.append((0.5, self.amend))
        out.append((5 if client.waits() else 0.05, self.consent))
        return out + self.wanted_of_desk(client, now)

    def book(self, client, now):
        params = {"subject": client.id, "counsellor": self.counsellor(), "start": self.start_time(now), "minutes": self.rng.choice([30, 60, 90]),
                  "channel": self.rng.choice(["inPerson", "video", "phone"])}
        if self.rng.random() < 0.5:
            params["place"] = "Rom %d" % self.rng.randrange(9)
        return Op("bookingBook", params, client, self.actor(client))

    def number(self, client, wish):
        some = [a["number"] for a in client.appointments if wish(a)] or [a["number"] for a in client.appointments] or [1]
        return self.rng.choice(some) if self.rng.random() < 0.95 else 9

    def reschedule(self, client, now):
        return Op("bookingReschedule", {"subject": client.id, "number": self.number(client, lambda a: a["outcome"] is None),
                                        "start": self.start_time(now), "by": "client"}, client, self.actor(client))

    def cancel(self, client, now):
        return Op("bookingCancel", {"subject": client.id, "number": self.number(client, lambda a: a["outcome"] is None), "by": "centre",
                                    "reason": self.words()}, client, self.actor(client))

    def attended(self, client, now):
        method = "bookingHeld" if self.rng.random() < 0.75 else "bookingNoShow"
        return Op(method, {"subject": client.id, "number": self.number(client, lambda a: a["outcome"] is None)}, client, self.actor(client))

    def correct(self, client, now):
        return Op("bookingCorrect", {"subject": client.id, "number": self.number(client, lambda a: a["outcome"] is not None),
                                     "outcome": self.rng.choice(["held", "noShow", "cancelled"]), "reason": self.words()}, client, self.actor(client))

    def record(self, client, now):
        some = {"gender": "female", "countryOfOrigin": "NO", "educationLevel": "4", "labourStatus": ["work"], "ageYears": 41, "municipalityCode": "3907"}
        if self.rng.random() < 0.4:
            some = {"name": "Rettet Navn", "email": "rettet@example.no", "phone": "41 00 00 01", "focusAreas": ["rettet"], "gender": "male"}
        keys = self.rng.sample(sorted(some), 3)
        return Op("subjectRecord", {"subject": client.id, "collectedVia": "session", **{k: some[k] for k in keys}}, client, self.actor(client))

    def assign(self, client, now):
        return Op("subjectAssign", {"subject": client.id, "counsellor": self.counsellor(), "reason": "ferie"}, client, self.actor(client))

    def log(self, client, now):
        return Op("logWrite", self.log_params(client), client, self.actor(client))

    def amend(self, client, now):
        return Op("logAmend", {**self.log_params(client), "supersedes": self.rng.choice(client.logs)["position"]}, client, self.actor(client))

    def log_params(self, client):
        return {"subject": client.id, "order": self.words(), "focus": self.words(), "issuesNext": "", "tasksNext": self.words(), "otherPrep": "",
                "attestNoSpecial": True}

    def message(self, client, now):
        return Op("messageAdd", {"subject": client.id, "direction": self.rng.choice(["in", "out"]), "channel": self.rng.choice(["email", "sms"]),
                                 "title": self.words()[:40], "body": self.words()}, client, self.actor(client))

    def conclude(self, client, now):
        return Op("subjectConclude", {"subject": client.id}, client, self.actor(client))

    def reopen(self, client, now):
        return Op("subjectReopen", {"subject": client.id, "reason": self.words()}, client, self.actor(client))

    def consent(self, client, now):
        return Op("consentGive", {"subject": client.id, "notice": "VT-2022-09-15", "act": "checkbox", "language": "nb"}, client, self.actor(client))

    def withdraw(self, client, now):
        return Op("consentWithdraw", {"subject": client.id, "method": "phone"}, client, self.actor(client))
