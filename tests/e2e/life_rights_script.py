"""What is asked of the rights desk and what it does, from the restart test's seed: part of its Script."""
import life_rights as rights
from life_op import Op

SHREDDABLE = ["email", "phone", "demog", "intake", "corr", "case", "appt", "ident"]
# What is hidden must not be what times follow from: nobody could see when it came.
RESTRICTABLE = ["ident", "email", "phone", "demog", "consent"]


class RightsScript:
    """Wants the rest of Script: rng, world, actor(), words()."""

    def wanted_of_rights(self, client):
        """(weight, maker) as wanted() gives them."""
        holds = [c for c in client.covers if c["hold"] and not c["until"]]
        limits = [c for c in client.covers if not c["hold"] and not c["until"]]
        waits = any(not r["decided"] for r in client.requests)
        return [(1.3, self.shred), (0.3 if waits else 0.02, self.extend), (0.3, self.hold), (0.3, self.restrict),
                (0.7 if holds else 0.02, self.release), (0.7 if limits else 0.02, self.lift)]

    def shred(self, client, now):
        """What a decision grants, or the next step on the way to one; sometimes by what is no decision at all."""
        decided = [r["event"]["position"] for r in client.requests if r["decided"]]
        if (not decided or any(not r["decided"] for r in client.requests)) and self.rng.random() < 0.9:
            return self.desk(client)
        position = self.rng.choice(decided) if decided and self.rng.random() < 0.9 else self.rng.randrange(len(self.world.journal))
        params = {"subject": client.id, "reason": "request", "decision": position}
        if self.rng.random() < 0.75:
            params["categories"] = self.rng.sample(SHREDDABLE, self.rng.choice([1, 1, 1, 2, 3]))
        return Op("shred", params, client)

    def desk(self, client):
        waiting = [r for r in client.requests if not r["decided"]]
        if not waiting or self.rng.random() < 0.1:
            kind = self.rng.choices(["erase", "access", "rectify"], [6, 2, 1])[0]
            named = {"categories": rights.COPIED} if kind == "access" else {}
            return Op("rightsOpen", {"subject": client.id, "kind": kind, **named}, client, self.actor(client))
        request = waiting[0]
        name = "%s.%d" % (client.id, request["number"])
        pick = self.rng.random()
        if not request["verified"] and pick < 0.8:
            return Op("rightsVerify", {"request": name, "method": "known"}, client, self.actor(client))
        params = {"request": name, "outcome": "fulfilled"}
        if pick > 0.85:
            params.update(rights.REASONS, outcome="refused")
        elif pick > 0.7 and request["kind"] == "erase":
            params.update(rights.REASONS, outcome="partly", categories=self.rng.sample(SHREDDABLE, 4))
        return Op("rightsDecide", params, client, self.actor(client))

    def extend(self, client, now):
        some = [r for r in client.requests if not r["decided"]] or client.requests
        # One that there is not, and that no other command of this burst makes: it would come after `now`, or before.
        request = self.rng.choice(some) if some else {"number": 99, "received": None}
        told = request["received"].low if request["received"] else now - 60_000  # `now` may be ahead of the daemon
        if request["received"] and request["received"].high != told:
            return self.desk(client)  # nobody knows yet when it came, and the client is not told before that
        return Op("rightsExtend", {"request": "%s.%d" % (client.id, request["number"]), "ground": "complexity", "reason": self.words()[:80], "notifiedAt": told},
                  client, self.actor(client))

    def hold(self, client, now):
        names = self.rng.sample([*SHREDDABLE, "consent", "audit"], self.rng.choice([1, 2, 2, 5, 9]))
        return Op("holdPlace", {"subject": client.id, "ground": "legalClaim", "reference": self.words()[:80], "categories": names}, client, self.actor(client))

    def restrict(self, client, now):
        names = self.rng.sample(RESTRICTABLE, self.rng.choice([1, 1, 2, 4]))
        return Op("restrictPlace", {"subject": client.id, "ground": "accuracyContested", "categories": names}, client, self.actor(client))

    def open_cover(self, client, hold):
        some = [c for c in client.covers if c["hold"] == hold and not c["until"]]
        return self.rng.choice(some) if some and self.rng.random() < 0.95 else {"number": 7, "from": None}

    def release(self, client, now):
        return Op("holdRelease", {"subject": client.id, "number": self.open_cover(client, True)["number"]}, client, self.actor(client))

    def lift(self, client, now):
        # Nobody is told of its end before it began, so when that was must be known to the millisecond.
        some = [c for c in client.covers if not c["hold"] and not c["until"] and c["from"].low == c["from"].high]
        number, told = 99, 1_000_000_000_000
        if some and self.rng.random() < 0.95:
            cover = self.rng.choice(some)
            number, told = cover["number"], cover["from"].low
        return Op("restrictLift", {"subject": client.id, "number": number, "informedAt": told}, client, self.actor(client))
