"""What the desk's lists must say, in the comparison of the restart test: published times, group sessions, inquiries, who came back."""
import life_desk as desk
import life_model as model
import life_rights as rights
from life_check import same


class DeskReads:
    """Part of World."""

    def slot_named(self, text):
        return desk.slot_named(self, text)

    def slots(self, days, who):
        """All that lie ahead in so many days, taken ones too."""
        first = self.clock()[0]
        result, error, when = self.ask("slotsList", {"from": model.day_text(first), "to": model.day_text(first, days - 1), "taken": True}, who)
        same(None, error, "slotsList")
        low, high = model.start_of_day(first), model.start_of_day(first, days)
        want = []
        for order, one in enumerate(self.staff):
            for slot in [] if one["revoked"] else one["slots"]:
                if low <= slot["start"] < high and slot["start"] > when.ms:
                    want.append((slot["start"], order, {**slot, "number": None, "slot": "%s.%d" % (one["id"], slot["number"]), "counsellor": one["id"],
                                                        "taken": desk.taken(self, one, slot["start"], slot["end"])}))
        want.sort(key=lambda w: w[:2])
        same([w[2] for w in want], [s for s in result["slots"] if s["start"] > when.ms], "slotsList")

    def group_sessions(self, who):
        result, error, _ = self.ask("groupList", {}, who)
        same(None, error, "groupList")
        same(self.groups.sessions, result["sessions"], "groupList")

    def inbox(self, who):
        """Every inquiry of whom one may see: those that wait first, in the order they came."""
        result, error, when = self.ask("inquiryList", {}, who)
        same(None, error, "inquiryList")
        want, seen = [], {}
        for client in [c for c in self.clients if not c.whole and c.inquiries]:
            may = client.readable(who, None) & {"ident", "intake"}
            for one in client.inquiries if may else []:
                entry = {"subject": client.id, "number": one["number"], "name": client.name if "ident" in may else None}
                if "intake" in may:
                    entry |= {"receivedAt": one["received"], "answeredAt": one["answered"], "channel": one["channel"], "text": one["text"]}
                want.append((one["answered"] is not None, one["event"]["position"], entry))
                seen[client] = {"intake"} & may | ({"ident"} if entry["name"] else set())
        same([w[2] for w in sorted(want, key=lambda w: w[:2])], result["inquiries"], "inquiryList")
        for client, categories in seen.items():
            self.consulted_by(client, categories, who, when, None)

    def rights_desk(self, who):
        """Every request of whom one may see: what must be answered first stands first, what is decided last."""
        result, error, when = self.ask("rightsList", {}, who)
        if who != model.DEVELOPER and not {"counsellor", "leader", "dpo"} & set(who["roles"]):
            return same("unauthorized", error and error["code"], "rightsList")
        same(None, error, "rightsList")
        want, seen = [], []
        today = model.rules.wall(model.utc(when.ms)).date()
        for client in [c for c in self.clients if not c.whole and c.requests and "rights" in c.readable(who, None)]:
            seen.append(client)
            for one in client.requests:
                due, decided = rights.due_date(one), bool(one["decided"])
                left = 0 if decided else (due - today).days
                entry = {"request": "%s.%d" % (client.id, one["number"]), "subject": client.id, "number": one["number"], "kind": one["kind"],
                         "state": "decided" if decided else "verified" if one["verified"] else "open", "receivedAt": one["received"],
                         "due": model.Deadline(one["received"], one["extended"]), "extended": one["extended"], "position": one["opened"]["position"],
                         "late": one["late"] if decided else left < 0, "daysLeft": left,
                         "alarm": None if decided else "late" if left < 0 else "urgent" if left <= 3 else "soon" if left <= 14 else None}
                if decided:
                    entry |= {"outcome": one["outcome"], "grounds": [] if one["outcome"] == "fulfilled" else rights.REASONS["grounds"],
                              "decidedAt": one["decided"], "decision": one["event"]["position"], "notify": [who for who, _ in client.told_of_request(one)]}
                want.append((decided, due, one["opened"]["position"], entry))
        same([w[3] for w in sorted(want, key=lambda w: w[:3])], result["requests"], "rightsList")
        for client in seen:
            self.consulted_by(client, ["rights"], who, when, None)

    def matches(self, who):
        """Of bookings that nothing came of, with whom of one's own clients they share a contact or a name."""
        result, error, when = self.ask("matchList", {}, who)
        if who != model.DEVELOPER and "counsellor" not in who["roles"]:
            return same("unauthorized", error and error["code"], "matchList")
        same(None, error, "matchList")
        known = [c for c in self.clients if not c.whole and "ident" in c.live & c.readable(who, None)]
        want, seen = [], set()
        order = ["email", "phone", "name"]
        for booking in filter(desk.fresh, known):
            found = [(order.index(desk.basis(booking, c)), n, c) for n, c in enumerate(known)
                     if "assigned" in c.relations(who) and desk.basis(booking, c) and desk.came_before(c, booking, when.ms)]
            for rank, _, client in sorted(found, key=lambda f: f[:2]):
                want.append({"subject": booking.id, "existing": client.id, "basis": order[rank], "name": client.name})
                seen |= {booking, client}
        same(want, result["matches"], "matchList")
        for client in [c for c in self.clients if c in seen]:
            self.consulted_by(client, ["ident"], who, when, None)
