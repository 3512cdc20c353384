"""What happens at the desk beside the appointments, from the restart test's seed: part of its Script."""
import life_desk as desk
import life_model as model
from life_op import Op

QUARTER = 900_000
HOUR = 4 * QUARTER


class DeskScript:
    """Wants the rest of Script: rng, world, someone(), actor(), words(), counsellor()."""

    def of_nobody(self, now):
        """What is about no client: published times and group sessions."""
        pick, offers = self.rng.random(), [s for s in self.world.staff if s["slots"]]
        if pick < 0.45 and offers:
            one = self.rng.choice(offers)
            slot = "%s.%d" % (one["id"], self.rng.choice(one["slots"])["number"] if self.rng.random() < 0.9 else one["slots_made"] + 1)
            op = Op("slotsWithdraw", {"slot": slot}, None, self.someone(0.5))
        elif pick < 0.65:
            op = self.publish(now)
        elif pick < 0.85:
            return self.group(now)
        else:
            return self.inquiry()
        if self.rng.random() < 0.1:
            staff = self.world.staff_of(op.params.get("counsellor") or op.params["slot"].rsplit(".", 1)[0])
            op.params["expectedVersion"] = max(1, staff["version"] - self.rng.choice([0, 0, 1]))
        return op

    def publish(self, now):
        start = (now + int(self.rng.choice([3, 24, 24 * 8]) * HOUR * self.rng.uniform(0.1, 1))) // QUARTER * QUARTER + QUARTER
        if self.rng.random() < 0.05:
            start -= 24 * 9 * HOUR
        params = {"counsellor": self.counsellor(), "start": start, "minutes": self.rng.choice([30, 45, 60]),
                  "channel": self.rng.choice(["inPerson", "video", "phone"])}
        if self.rng.random() < 0.4:
            params["count"] = self.rng.randrange(1, 5)
        if self.rng.random() < 0.3:
            params["until"] = model.day_text(max(start, now), self.rng.choice([0, 7, 13, 21]))
        if self.rng.random() < 0.5:
            params["place"] = "Rom %d" % self.rng.randrange(9)
        return Op("slotsPublish", params, None, self.someone(0.5))

    def group(self, now):
        sessions = self.world.groups.sessions
        if sessions and self.rng.random() < 0.4:
            params = {"number": self.rng.choice(sessions)["number"] if self.rng.random() < 0.9 else len(sessions) + 1}
            params |= {"cancelled": True} if self.rng.random() < 0.3 else {"participants": self.rng.randrange(30)}
            return Op("groupCorrect", params, None, self.someone(0.5))
        start = now // QUARTER * QUARTER - self.rng.choice([1, 30, 24 * 40]) * HOUR
        if self.rng.random() < 0.05:
            start = now + 2 * HOUR
        return Op("groupRecord", {"start": start, "minutes": self.rng.choice([45, 120]), "channel": "inPerson", "topic": self.words()[:60],
                                  "participants": self.rng.randrange(40)}, None, self.someone(0.5))

    def inquiry(self):
        """Of somebody who is not known, or gives the contact of somebody who is."""
        self.made += 1
        contact = {"email": "spor%d@example.no" % self.made, "phone": "+47%08d" % (91000000 + self.made), "name": "Per Eksempel%03d" % self.made}
        contact = {k: v for k, v in {**contact, **self.known_again()}.items() if k == "email" or self.rng.random() < 0.5}
        return Op("inquiryReceive", {"text": self.words(), "channel": self.rng.choice(["web", "email"]), **contact}, None, self.someone(0.3))

    # --- clients

    def known_again(self):
        """A contact or the name of somebody who is known: who books now may have come back."""
        known = [c for c in self.world.clients if "ident" in c.live]
        if not known or self.rng.random() < 0.4:
            return {}
        field = self.rng.choice(["email", "email", "phone", "name"])
        value = getattr(self.rng.choice(known), field)
        return {field: value.upper() if field != "phone" and self.rng.random() < 0.5 else value} if value else {}

    def wanted_of_desk(self, client, now):
        """(weight, maker) as wanted() gives them."""
        agreed = [d for d in client.consent.get("disclosures", []) if not d["withdrawnAt"]]
        out = [(0.3, self.disclose), (0.5 if agreed else 0.03, self.disclosed), (0.2 if agreed else 0.02, self.undisclose)]
        if client.passed_on:
            out.append((2 if client.notices_due() else 0.2, self.notified))
        out.append((0.7 if any(s["slots"] for s in self.world.staff) else 0, self.book_slot))
        out.append((12 if desk.fresh(client) and self.earlier(client, now) else 0.05, self.match))
        takes = self.world.takes_inquiries
        out += [(0.3 if takes else 0.03, self.asks), (2 if desk.waiting(client) else 0.03, self.answer)]
        return out

    def asks(self, client, now):
        return Op("inquiryReceive", {"subject": client.id, "text": self.words()}, client, self.actor(client))

    def answer(self, client, now):
        some = [i["number"] for i in client.inquiries] or [1]
        params = {"subject": client.id, "number": self.rng.choice(some) if self.rng.random() < 0.95 else 17}
        if self.rng.random() < 0.5:
            params["channel"] = "phone"
        return Op("inquiryAnswer", params, client, self.actor(client))

    def book_slot(self, client, now):
        one = self.rng.choice([s for s in self.world.staff if s["slots"]])
        number = self.rng.choice(one["slots"])["number"] if self.rng.random() < 0.95 else 999
        return Op("bookingBook", {"subject": client.id, "slot": "%s.%d" % (one["id"], number)}, client, self.actor(client))

    def agreed_number(self, client):
        some = [d["number"] for d in client.consent.get("disclosures", [])]
        return self.rng.choice(some) if some and self.rng.random() < 0.95 else len(some) + 1

    def disclose(self, client, now):
        return Op("consentDisclose", {"subject": client.id, "recipient": "NAV %d" % self.rng.randrange(9), "purpose": self.words()[:80],
                                      "categories": self.rng.sample(["ident", "email", "appt", "case"], self.rng.randrange(1, 4))}, client, self.actor(client))

    def undisclose(self, client, now):
        return Op("consentUndisclose", {"subject": client.id, "number": self.agreed_number(client)}, client, self.actor(client))

    def disclosed(self, client, now):
        params = {"subject": client.id, "number": self.agreed_number(client)}
        if self.rng.random() < 0.3:
            params["categories"] = [self.rng.choice(["ident", "email", "appt"])]
        return Op("consentDisclosed", params, client, self.actor(client))

    def notified(self, client, now):
        params = {"subject": client.id, "action": "erased" if self.rng.random() < 0.9 else "restricted"}
        if self.rng.random() < 0.3:
            params["recipients"] = [self.rng.choice(client.passed_on)["recipient"] if self.rng.random() < 0.9 else "NAV 99"]
        return Op("rightsNotified", params, client, self.actor(client))

    def earlier(self, client, now):
        return [c for c in self.world.clients if desk.basis(client, c) and desk.came_before(c, client, now)]

    def match(self, client, now):
        some = self.earlier(client, now)
        living = [c for c in self.world.clients if not c.whole]
        earlier = self.rng.choice(some if some and self.rng.random() < 0.95 else living)
        op = Op("matchConfirm", {"subject": client.id, "existing": earlier.id}, client, self.actor(earlier))
        op.other = earlier
        return op
